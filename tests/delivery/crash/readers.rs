//! Loads of further kinds of readers: the process ends at every line of the journal, or anywhere, and the reader
//! may lose its power or its link besides.

use firmdrop_core::Code;
use firmdrop_engine::{Chain, JobId, JobState};
use firmdrop_simulator::reader::{Bootloader, Recovery, Settings};
use tokio::runtime::{Builder, Runtime};

use super::death::{Death, run_until, run_until_so};
use super::engine_world::{World, assert_verified, plan, reader_1, settled};

/// Bytes of code that are loaded; some fifty requests.
const CODE_BYTES: u32 = 16 * 1024;
/// What one piece and its repetition may cost.
const PIECE_BYTES: u64 = 1200;
/// Random kills, unless `FIRMDROP_RANDOM_KILLS` says how many.
const RANDOM_KILLS: u64 = 24;

/// So many of the kinds, the usual ones, are loaded with a death at each line in `loads` too.
const KINDS_ELSEWHERE: usize = 2;

/// Readers of each kind.
fn kinds() -> Vec<(&'static str, Settings)> {
    let recovery = |recovery| Settings {
        recovery: Some(recovery),
        buffers: 1,
        ..Settings::default()
    };
    vec![
        ("an application", Settings::default()),
        ("recovery", recovery(Recovery::default())),
        (
            "an application over a bootloader that overwrites",
            Settings {
                bootloader: Bootloader::Overwrites,
                ..Settings::default()
            },
        ),
        (
            "recovery with states",
            recovery(Recovery {
                states: true,
                parameters: true,
                ..Recovery::default()
            }),
        ),
    ]
}

fn bench() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Whether a load ended because its reader is not there.
fn is_away(state: &JobState) -> bool {
    matches!(state, JobState::Failed { diagnosis, .. } if diagnosis.code == Code::LinkNotFound)
}

/// Goes on in another process, until the reader runs the image and has confirmed it; what was sent beyond it.
async fn goes_on(what: &str, world: &World, id: Option<JobId>) -> u64 {
    let image = world.reader_image_of(CODE_BYTES);
    let engine = world.engine();
    let Some(id) = id else {
        assert!(engine.jobs(10).unwrap().is_empty(), "{what}: half a job");
        return 0;
    };
    let mut job = engine.job(&id).unwrap().summary;
    let mut away = 0;
    // A reader that just lost its power may not be back yet: whoever pressed Resume presses it again.
    while !job.state.is_ended() || is_away(&job.state) {
        let resumed = engine.resume(&id).await;
        resumed.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        job = settled(&engine, &id).await;
        away += usize::from(is_away(&job.state));
    }
    assert_verified(&job.state);
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256, "{what}");
    assert!(world.reader.is_confirmed(), "{what}");
    assert!(world.reader.runs_its_application(), "{what}");
    let entries = engine.journal().ledger(Chain::Demo).unwrap().len();
    // One for the proof, and one for each time that nothing was there.
    assert_eq!(entries, 1 + away, "{what}");
    let sent = world.reader.counters().upload_bytes;
    sent.saturating_sub(image.expected.size_bytes)
}

/// Dies at each line in turn until a run gets through.
fn dies_everywhere(name: &str, settings: &Settings, death: fn(usize) -> Death) {
    let bench = bench();
    let mut line = 0;
    loop {
        let world = bench.block_on(World::start_with_reader(settings.clone()));
        let planned = bench.block_on(async {
            let image = world.reader_image_of(CODE_BYTES);
            plan(&world.engine(), &image, &reader_1()).await
        });
        let (id, died) = run_until(death(line), &world, &planned);
        if !died {
            assert!(
                line > 6,
                "{name}: only {line} lines: the test lost its subject"
            );
            return;
        }
        let what = format!("{name}, {:?}", death(line));
        let again = bench.block_on(goes_on(&what, &world, id));
        // Recovery knows no interrupted upload and gets the image from its start.
        if settings.recovery.is_none() {
            assert!(
                again <= PIECE_BYTES,
                "{what}: {again} bytes were sent again"
            );
        }
        line += 1;
    }
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    for (name, settings) in kinds().into_iter().skip(KINDS_ELSEWHERE) {
        dies_everywhere(name, &settings, Death::AfterLine);
    }
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    for (name, settings) in kinds().into_iter().skip(KINDS_ELSEWHERE) {
        dies_everywhere(name, &settings, Death::BeforeLine);
    }
}

/// Numbers that look like chance. Steele's `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[test]
fn killed_anywhere_with_the_power_or_the_link_of_the_reader_lost_too_the_next_ends_verified() {
    let kills = std::env::var("FIRMDROP_RANDOM_KILLS").ok();
    let kills = kills.and_then(|text| text.parse().ok());
    let bench = bench();
    let (mut dice, kinds) = (Dice(8), kinds());
    let mut died_in_time = 0;
    for kill in 0..kills.unwrap_or(RANDOM_KILLS) {
        let (name, settings) = &kinds[usize::try_from(dice.below(4)).unwrap()];
        let world = bench.block_on(World::start_with_reader(settings.clone()));
        let planned = bench.block_on(async {
            let image = world.reader_image_of(CODE_BYTES);
            plan(&world.engine(), &image, &reader_1()).await
        });
        let before: u32 = world.reader.counters().requests.values().sum();
        let after = before + u32::try_from(dice.below(70)).unwrap();
        let so = || world.reader.counters().requests.values().sum::<u32>() >= after;
        let (id, died) = run_until_so(&world, &planned, so);
        died_in_time += u32::from(died);
        let also = dice.below(3);
        let what = format!("kill {kill}, {name}, after {after} requests, also {also}");
        let again = bench.block_on(async {
            match also {
                1 => world.reader.restart(),
                2 => world.reader.cut(),
                _ => {}
            }
            goes_on(&what, &world, id).await
        });
        if settings.recovery.is_none() && also != 1 {
            assert!(
                again <= PIECE_BYTES,
                "{what}: {again} bytes were sent again"
            );
        }
    }
    assert!(died_in_time > 10);
}
