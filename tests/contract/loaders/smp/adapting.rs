//! Readers that are other than the usual one, or other than they say: the load fits itself to them.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Code, Diagnose, NoteKind};
use firmdrop_loader::LoadError;
use firmdrop_simulator::reader::{
    Bootloader, BufferInfo, Counters, Faults, HashKind, Quirk, QuirkAction, QuirkAnswer, Recovery,
    Request, Settings, Versions, demo_image_with,
};
use tokio::time::Instant;

use super::loaded::{assert_loaded, assert_verified};
use super::world::{Way, World, new_image};
use crate::record::{Record, Stop};

async fn world(settings: Settings) -> World {
    let mut world = World::with(Way::Pipe, settings).await;
    // Those of real readers: here they cost nothing.
    world.timing = firmdrop_loader::SmpTiming::default();
    world
}

async fn with_faults(faults: Faults) -> World {
    let world = world(Settings::default()).await;
    world.reader.set_faults(faults);
    world
}

/// Loads a new image; how long it took, and what arrived.
async fn loaded(settings: Settings, code_bytes: u32) -> (Duration, Counters) {
    let world = world(settings).await;
    let image = new_image(code_bytes);
    let began = Instant::now();
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
    (began.elapsed(), world.reader.counters())
}

pub(crate) async fn a_reader_that_speaks_one_version_only_is_loaded() {
    for versions in [Versions::One, Versions::Two] {
        let settings = Settings {
            versions,
            ..Settings::default()
        };
        let (took, _) = loaded(settings, 20_000).await;
        assert!(took < Duration::from_secs(15), "{versions:?}: {took:?}");
    }
}

pub(crate) async fn a_reader_that_takes_less_than_it_says_is_loaded_soon() {
    for (receives, says) in [(186, 384), (260, 2475), (1000, 4096), (384, 384)] {
        let settings = Settings {
            receives_bytes: Some(receives),
            buffer_bytes: 8192,
            states: BufferInfo::Otherwise(says, 4),
            ..Settings::default()
        };
        let (took, counters) = loaded(settings, 3000).await;
        assert!(
            took < Duration::from_secs(6),
            "{receives} of {says}: {took:?}"
        );
        let again = counters.upload_bytes - 3072;
        assert!(again < 8000, "{receives} of {says}: {again} bytes again");
    }
}

pub(crate) async fn a_reader_with_buffers_of_less_than_128_bytes_is_loaded() {
    for bytes in [64, 80, 96, 127] {
        let settings = Settings {
            buffer_bytes: bytes,
            ..Settings::default()
        };
        let (took, counters) = loaded(settings, 3000).await;
        assert!(took < Duration::from_secs(6), "{bytes}: {took:?}");
        let again = counters.upload_bytes - 3072;
        assert!(again < 200, "{bytes}: {again} bytes again");
    }
}

pub(crate) async fn a_reader_whose_buffers_have_no_room_for_an_image_is_loaded_as_one_that_says_nothing()
 {
    let load = async |states| {
        let settings = Settings {
            states,
            ..Settings::default()
        };
        let (_, counters) = loaded(settings, 3000).await;
        counters.of(Request::Upload)
    };
    let silent = load(BufferInfo::Nothing).await;
    for (size, count) in [(0, 0), (1, 1), (63, 4)] {
        let pieces = load(BufferInfo::Otherwise(size, count)).await;
        assert_eq!(pieces, silent, "{size} bytes, {count}");
    }
}

pub(crate) async fn a_reader_that_takes_less_than_it_says_is_loaded_over_every_way(way: Way) {
    let settings = Settings {
        buffer_bytes: 300,
        states: BufferInfo::Otherwise(1400, 4),
        ..Settings::default()
    };
    let world = World::with(way, settings).await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_loaded(&world, &image);
}

pub(crate) async fn a_reader_that_says_nothing_about_its_buffers_is_loaded_whatever_they_are() {
    for buffer_bytes in [128, 160, 200, 256, 300, 384, 512] {
        let settings = Settings {
            buffer_bytes,
            buffers: 1,
            states: BufferInfo::Nothing,
            ..Settings::default()
        };
        let (took, _) = loaded(settings, 3000).await;
        assert!(took < Duration::from_secs(4), "{buffer_bytes}: {took:?}");
    }
}

pub(crate) async fn a_reader_that_writes_in_blocks_gets_whole_ones() {
    let (_, usual) = loaded(Settings::default(), 100_000).await;
    for write_block in [4, 8, 16, 32, 64, 128] {
        let settings = Settings {
            write_block,
            ..Settings::default()
        };
        let (_, counters) = loaded(settings, 100_000).await;
        let (ours, best) = (counters.of(Request::Upload), usual.of(Request::Upload));
        // Whole blocks leave a part of each packet unused.
        let unused = 345.0
            / f64::from(
                345 / u32::try_from(write_block).unwrap() * u32::try_from(write_block).unwrap(),
            );
        assert!(
            f64::from(ours) <= f64::from(best) * unused * 1.05 + 10.0,
            "{write_block}: {ours} requests, {best} without blocks"
        );
    }
}

pub(crate) async fn a_reader_that_stores_nothing_is_said_to_answer_and_soon() {
    let world = with_faults(Faults {
        takes_nothing: true,
        ..Faults::default()
    })
    .await;
    let began = Instant::now();
    let error = world.load(&new_image(3000)).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5));
    let LoadError::Refused { why, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(why.contains("wants byte 0 again"), "{why}");
}

pub(crate) async fn an_image_with_a_longer_hash_is_known_by_it() {
    for kind in [HashKind::Sha384, HashKind::Sha512] {
        for recovery in [None, Some(Recovery::default())] {
            let world = world(Settings {
                recovery,
                ..Settings::default()
            })
            .await;
            let image = demo_image_with(kind, (2, 0, 0), 5000);
            assert_verified(&world.load(&image).await.unwrap());
            assert_loaded(&world, &image);
        }
    }
}

pub(crate) async fn an_image_that_marks_itself_is_not_said_to_be_unmarked() {
    // Whether the list says so, or the refusal of another mark.
    for refuses_marks in [None, Some(6)] {
        let world = with_faults(Faults {
            uploads_mark_themselves: true,
            refuses_marks,
            ..Faults::default()
        })
        .await;
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
        assert_eq!(world.reader.counters().restarts, 1);
    }
}

pub(crate) async fn a_reader_that_decrypts_what_it_got_is_waited_for() {
    for recovery in [None, Some(Recovery::default())] {
        let world = world(Settings {
            recovery,
            ..Settings::default()
        })
        .await;
        world.reader.set_faults(Faults {
            busy_after_upload: Duration::from_secs(40),
            ..Faults::default()
        });
        let image = new_image(3000);
        assert_verified(&world.load(&image).await.unwrap());
        assert_loaded(&world, &image);
        assert_eq!(world.reader.counters().upload_bytes, image.len() as u64);
    }
}

pub(crate) async fn a_reader_that_is_too_busy_to_restart_is_asked_again() {
    let world = with_faults(Faults {
        refuses_restarts: 2,
        ..Faults::default()
    })
    .await;
    let image = new_image(3000);
    assert_verified(&world.load(&image).await.unwrap());
    assert_eq!(world.reader.counters().restarts, 1);
}

pub(crate) async fn what_a_reader_only_believes_to_hold_is_sent_again() {
    let world = world(Settings::default()).await;
    let image = new_image(20_000);
    let stop = Record::stopping(Stop::AtByte(10_000));
    world.load_into(&image, &stop).await.unwrap_err();
    world.reader.set_faults(Faults {
        forgets_what_it_stored: true,
        ..Faults::default()
    });
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert_loaded(&world, &image);
    assert!(record.has_note(NoteKind::Retry));
}

pub(crate) async fn a_link_that_is_away_for_seconds_is_waited_for() {
    for away in [1, 4, 8] {
        let world = world(Settings {
            flash_per_byte: Duration::from_micros(100),
            exact: false,
            ..Settings::default()
        })
        .await;
        let image = new_image(60_000);
        let reader = world.reader.clone();
        let hand = tokio::spawn(async move {
            while reader.memory(1).len() < 20_000 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            reader.pull_the_plug();
            tokio::time::sleep(Duration::from_secs(away)).await;
            reader.plug_in();
        });
        assert_verified(&world.load(&image).await.unwrap());
        hand.await.unwrap();
        assert_loaded(&world, &image);
        let again = world.reader.counters().upload_bytes - image.len() as u64;
        assert!(again < 4000, "{away}: {again}");
    }
}

pub(crate) async fn a_reader_that_falls_silent_is_given_up_after_the_time_that_is_promised() {
    for (after, promised) in [(1, 75), (6000, 60)] {
        let world = with_faults(Faults {
            dies_after_bytes: Some(after),
            ..Faults::default()
        })
        .await;
        let began = Instant::now();
        let error = world.load(&new_image(12_000)).await.unwrap_err();
        let took = began.elapsed().as_secs();
        assert_eq!(error.diagnose().code, Code::LinkTimeout, "{error:?}");
        assert!(error.can_resume());
        assert!(
            (promised..promised + 15).contains(&took),
            "{after}: {took} s"
        );
    }
}

pub(crate) async fn a_bootloader_that_overwrites_is_loaded_and_verified() {
    let settings = Settings {
        bootloader: Bootloader::Overwrites,
        ..Settings::default()
    };
    let (_, counters) = loaded(settings, 3000).await;
    assert_eq!(counters.restarts, 1);
}

pub(crate) async fn an_image_that_is_too_large_for_recovery_is_said_to_be() {
    for (slot_info, says) in [(true, "its slot 2,000"), (false, "too large for its slot")] {
        let world = world(Settings {
            slot_bytes: 2000,
            recovery: Some(Recovery {
                slot_info,
                ..Recovery::default()
            }),
            ..Settings::default()
        })
        .await;
        let error = world.load(&new_image(3000)).await.unwrap_err();
        let why = error.diagnose().why;
        assert!(why.contains(says), "{why}");
    }
}

pub(crate) async fn a_refused_piece_is_told_with_its_code() {
    for recovery in [None, Some(Recovery::default())] {
        for code in [-22, -5, 1, 9] {
            let world = world(Settings {
                recovery,
                ..Settings::default()
            })
            .await;
            world.reader.set_faults(Faults {
                refuses_uploads: Some(code),
                ..Faults::default()
            });
            let error = world.load(&new_image(3000)).await.unwrap_err();
            let LoadError::Refused { why, .. } = &error else {
                panic!("{code}: {error:?}");
            };
            assert!(why.contains(&format!("code {code}")), "{why}");
        }
    }
}

pub(crate) async fn a_reader_that_erases_sector_by_sector_gets_no_byte_twice() {
    for milliseconds in [85, 400, 2000] {
        let settings = Settings {
            erase_sector: Duration::from_millis(milliseconds),
            exact: false,
            ..Settings::default()
        };
        let (_, counters) = loaded(settings, 60_000).await;
        let again = counters.upload_bytes - 60_072;
        assert!(again < 2000, "{milliseconds}: {again} bytes again");
    }
}

pub(crate) async fn a_load_that_stood_still_for_a_minute_asks_once_more() {
    let world = world(Settings::default()).await;
    let silent = std::sync::atomic::AtomicBool::new(false);
    let quirk = Quirk::new(move |asked| {
        let there = asked.piece.is_some_and(|(at, _)| at > 5000);
        if there && !silent.swap(true, std::sync::atomic::Ordering::Relaxed) {
            QuirkAction::OfDoing(QuirkAnswer::Silence)
        } else {
            QuirkAction::Nothing
        }
    });
    world.reader.set_faults(Faults {
        quirk: Some(quirk),
        ..Faults::default()
    });
    let reader = world.reader.clone();
    let stopped = tokio::spawn(async move {
        while reader.counters().upload_bytes < 5000 {
            tokio::task::yield_now().await;
        }
        // Nothing runs meanwhile: what is stopped by SIGSTOP sees no time pass.
        tokio::time::advance(Duration::from_secs(65)).await;
    });
    let image = new_image(12_000);
    assert_verified(&world.load(&image).await.unwrap());
    stopped.await.unwrap();
}
