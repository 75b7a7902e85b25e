//! Files that change or cannot be read, wishes of a person, chunks that arrive damaged.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest};
use firmdrop_core::{Code, Diagnose as _, ExpectedFile, MIB, Sha256};
use firmdrop_image::{MemorySource, Source};
use firmdrop_simulator::fault::{Effect, Rule};

use super::pelion_world::{Journal, World, bytes, is_verified, request, three_chunks, with_source};

/// Tells other bytes of the last MiB once it is switched.
struct Changing {
    before: MemorySource,
    after: MemorySource,
    changed: AtomicBool,
    changes_at: u64,
}

impl Source for Changing {
    fn len(&self) -> u64 {
        self.before.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.changes_at {
            self.changed.store(true, Ordering::Relaxed);
        }
        if self.changed.load(Ordering::Relaxed) {
            self.after.read_at(offset, buffer)
        } else {
            self.before.read_at(offset, buffer)
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_never_finished() {
    for changes_at in [0, 6 * MIB, 11 * MIB] {
        let (world, request) = (World::start().await, three_chunks());
        let before = MemorySource::new(bytes(11 * MIB + 17, 7));
        let after = MemorySource::new(bytes(11 * MIB + 17, 1234));
        let changed = AtomicBool::new(false);
        let request = with_source(
            &request,
            Changing {
                before,
                after,
                changed,
                changes_at,
            },
        );
        let error = world.deliver(&request).await.unwrap_err();
        assert_eq!(
            error.diagnose().code,
            Code::FileChanged,
            "{changes_at}: {error:?}"
        );
        assert!(world.server.images().is_empty());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_so_and_finishes_nothing() {
    struct Broken(MemorySource, io::ErrorKind);
    impl Source for Broken {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if offset >= 6 * MIB {
                Err(self.1.into())
            } else {
                self.0.read_at(offset, buffer)
            }
        }
    }
    let cases = [
        (io::ErrorKind::PermissionDenied, Code::ReadFailed),
        (io::ErrorKind::InvalidData, Code::FileChanged),
    ];
    for (kind, code) in cases {
        let (world, request) = (World::start().await, three_chunks());
        let source = Broken(MemorySource::new(bytes(11 * MIB + 17, 7)), kind);
        let error = world
            .deliver(&with_source(&request, source))
            .await
            .unwrap_err();
        assert_eq!(error.diagnose().code, code);
        assert!(world.server.images().is_empty());
    }
}

#[tokio::test]
async fn what_the_service_would_refuse_is_refused_before_anything_is_sent() {
    let world = World::start().await;
    let long = UploadRequest {
        name: "n".repeat(129),
        ..three_chunks()
    };
    assert_eq!(
        world.deliver(&long).await.unwrap_err().diagnose().code,
        Code::NameTooLong
    );
    let longest = UploadRequest {
        name: "ü".repeat(128),
        ..request(bytes(10, 1))
    };
    assert!(is_verified(&world.deliver(&longest).await));
    let empty = request(Vec::new());
    assert_eq!(
        world.deliver(&empty).await.unwrap_err().diagnose().code,
        Code::EmptyFile
    );
    let shorter = UploadRequest {
        expected: ExpectedFile {
            size_bytes: 11,
            sha256: Sha256::of(b""),
        },
        ..request(bytes(10, 1))
    };
    assert_eq!(
        world.deliver(&shorter).await.unwrap_err().diagnose().code,
        Code::FileChanged
    );
}

#[tokio::test]
async fn a_person_stops_it_and_goes_on_later() {
    let (mut world, request) = (World::start().await, three_chunks());
    // The second chunk takes long enough to be stopped within.
    let slow = Effect::Bandwidth {
        bytes_per_second: 16 * MIB,
    };
    world.server.dial().add(Rule::always(slow));
    *world.events.stop_at.lock().unwrap() = Some((5 * MIB + 1, world.cancel.clone()));
    let journal = Journal::default();
    let error = world.upload(&request, &journal).await.unwrap_err();
    assert!(matches!(error, UploadError::Stopped { .. }));
    let state_now = error.diagnose().state_now;
    assert!(state_now.contains("confirmed 1 chunk "), "{state_now}");
    world.server.dial().clear();
    *world.events.stop_at.lock().unwrap() = None;
    world.cancel = tokio_util::sync::CancellationToken::new();
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn stopped_inside_a_chunk_it_sends_only_that_chunk_again() {
    let (mut world, request) = (World::start().await, three_chunks());
    let slow = Effect::Bandwidth {
        bytes_per_second: 16 * MIB,
    };
    world.server.dial().add(Rule::always(slow));
    *world.events.stop_at.lock().unwrap() = Some((7 * MIB, world.cancel.clone()));
    let journal = Journal::default();
    let stopped = world.upload(&request, &journal).await;
    assert!(
        matches!(stopped, Err(UploadError::Stopped { .. })),
        "{stopped:?}"
    );
    let last = journal.lines().pop().unwrap();
    assert!(["sending 2", "handing over"].contains(&&*last), "{last}");
    *world.events.stop_at.lock().unwrap() = None;
    world.cancel = tokio_util::sync::CancellationToken::new();
    world.server.dial().clear();
    let resumed = Journal::resumed(journal.state());
    assert!(is_verified(&world.upload(&request, &resumed).await));
    world.holds_exactly(&request);
    let job = world.only_job();
    assert!(job.received_bytes - job.stored_bytes() <= 5 * MIB);
}

/// Its bytes at 6 MiB are wrong in the second and every further even reading, up to the last one
/// that is damaged: the readings are hash, body, hash again, body again, and so on.
struct Flipping {
    right: MemorySource,
    readings: AtomicU32,
    damaged_until: u32,
}

impl Source for Flipping {
    fn len(&self) -> u64 {
        self.right.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.right.read_at(offset, buffer)?;
        if offset == 6 * MIB {
            let reading = self.readings.fetch_add(1, Ordering::Relaxed) + 1;
            if reading.is_multiple_of(2) && reading <= self.damaged_until {
                buffer[0] ^= 1;
            }
        }
        Ok(read)
    }
}

fn flipping(damaged_until: u32) -> UploadRequest {
    let source = Flipping {
        right: MemorySource::new(bytes(11 * MIB + 17, 7)),
        readings: AtomicU32::new(0),
        damaged_until,
    };
    with_source(&three_chunks(), source)
}

#[tokio::test]
async fn a_chunk_that_arrives_damaged_is_sent_again() {
    let (world, request, journal) = (World::start().await, flipping(6), Journal::default());
    let outcome = world.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
    let job = world.only_job();
    assert_eq!(job.received_bytes - job.stored_bytes(), 3 * 5 * MIB);
    assert_eq!(journal.sent_again(), 1);
}

#[tokio::test]
async fn a_chunk_that_keeps_arriving_damaged_is_given_up() {
    let world = World::start().await;
    let error = world.deliver(&flipping(u32::MAX)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ChunkDamaged, "{error:?}");
    assert!(diagnosis.state_now.contains("confirmed 1 chunk "));
    assert_eq!(world.only_job().chunks.len(), 1);
}
