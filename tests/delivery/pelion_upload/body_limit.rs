//! Something on the way that takes no large requests.

use firmdrop_cloud::pelion::upload::{Chunking, UploadRequest};
use firmdrop_core::{Code, Diagnose as _, MIB, NoteKind, Remedy};
use firmdrop_simulator::fault::{Effect, Rule};

use super::CHUNKS;
use super::pelion_world::{Journal, World, bytes, is_verified, request};

/// A world in which no request may be longer.
async fn world_with_limit(most_bytes: u64) -> World {
    let world = World::start().await;
    let limit = Rule::always(Effect::BodyLimit { most_bytes });
    world.server.dial().add(limit.on("POST", CHUNKS));
    world
}

fn with_chunks(length_bytes: u64, chunk_bytes: u64) -> UploadRequest {
    UploadRequest {
        chunking: Chunking::Fixed { chunk_bytes },
        ..request(bytes(length_bytes, 31))
    }
}

fn refused(world: &World) -> usize {
    let record = world.server.record();
    let refused = record.requests.iter().filter(|one| one.status == Some(413));
    refused.count()
}

fn lengths(world: &World) -> Vec<u64> {
    let chunks = world.only_job().chunks;
    chunks.iter().map(|chunk| chunk.length / MIB).collect()
}

#[tokio::test]
async fn a_chunk_that_is_refused_as_too_large_is_halved_and_the_upload_goes_on() {
    let world = world_with_limit(9 * MIB).await;
    let request = with_chunks(23 * MIB, 20 * MIB);
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(lengths(&world), [5, 5, 5, 5, 3, 0]);
    assert_eq!(refused(&world), 2, "20 and 10 MiB, each once");
    let notes = world.events.notes.lock().unwrap();
    let stated = notes
        .iter()
        .find(|note| note.kind == NoteKind::Warning && note.text.contains("10 MiB"));
    assert!(stated.is_some(), "{notes:?}");
}

#[tokio::test]
async fn a_length_that_was_refused_is_never_tried_again() {
    let world = world_with_limit(11 * MIB).await;
    let request = UploadRequest {
        chunking: Chunking::default(),
        ..request(bytes(100 * MIB, 32))
    };
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(refused(&world), 2, "the first length and its half");
    assert!(lengths(&world).iter().all(|length| *length <= 7));
}

#[tokio::test]
async fn when_the_smallest_chunk_is_refused_it_says_so_and_what_is_kept() {
    let world = world_with_limit(4 * MIB).await;
    let journal = Journal::default();
    let error = world
        .upload(&with_chunks(12 * MIB, 12 * MIB), &journal)
        .await
        .unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::BodyTooLarge);
    assert!(diagnosis.what_happened.contains("5 MiB"), "{diagnosis:?}");
    assert!(diagnosis.why.contains("no smaller"), "{diagnosis:?}");
    assert!(diagnosis.state_now.contains("empty"), "{diagnosis:?}");
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    assert_eq!(refused(&world), 3, "12, 6 and 5 MiB, each once");
    world.server.dial().clear();
    let later = Journal::resumed(journal.state());
    let request = with_chunks(12 * MIB, 5 * MIB);
    assert!(is_verified(&world.upload(&request, &later).await));
}
