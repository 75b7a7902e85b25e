//! `kill -9` at random moments of the staging and of the import of an update, then `job resume`: every
//! update is imported once with the bytes of its file, nothing that the storage held is sent again, and
//! nothing is left there.
//!
//! The services run in a process of their own, and their records are asked, not the client.

mod run;
mod world;

use std::time::Duration;

use super::chance::{self, Chance};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::failure::Failure;
use run::{Part, Watched};
use world::World;

const SIZE_BYTES: u64 = 128 * MIB;

/// Kills during the staging, and during the import.
const KILLS: [(Part, u32); 2] = [(Part::Staging, 20), (Part::Import, 10)];

/// Imports started until one is in the right part when its kill comes.
const MOST_ATTEMPTS: u32 = 10;

/// What came of all imports.
#[derive(Debug, Default)]
struct Sum {
    imports: u32,
    right: u32,
    sent_again: u64,
}

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("import-kill")?;
    let file = scratch.random_file("image.bin", SIZE_BYTES)?;
    let mut world = World::open(&scratch, file)?;
    let undisturbed = Watched::to_its_end(world.import()?)?;
    world.check()?;

    let mut chance = Chance::new()?;
    let mut rows = Vec::new();
    let mut sum = Sum::default();
    for (part, usual) in KILLS {
        let lasts = undisturbed.lasts(part)?;
        let kills = chance::kills(usual)?;
        let mut counted = 0;
        for _ in 0..kills.saturating_mul(MOST_ATTEMPTS) {
            if counted < kills && one(&mut world, part, chance.part_of(lasts)?, &mut sum)? {
                counted += 1;
            }
        }
        rows.push(row(
            format!("kills during the {}", part.name()),
            f64::from(counted),
            f64::from(kills),
            Goal::AtLeast(1.0),
            "kills",
        ));
    }
    let left = world.left()?;
    for name in &left {
        eprintln!("left in the storage: {name}");
    }
    rows.push(row(
        "updates right, imported once".to_owned(),
        f64::from(sum.right),
        f64::from(sum.imports),
        Goal::AtLeast(1.0),
        "updates",
    ));
    let none =
        |case: &str, found: f64, unit| row(case.to_owned(), found, 1.0, Goal::AtMost(0.0), unit);
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let (again, left) = (sum.sent_again as f64, left.len() as f64);
    rows.push(none(
        "blocks sent again that the storage held",
        again,
        "blocks",
    ));
    rows.push(none("blobs left in the storage", left, "blobs"));
    Ok(rows)
}

/// Kills one import, resumes it and looks what came of it. True when the kill came in this part.
fn one(world: &mut World, part: Part, after: Duration, sum: &mut Sum) -> Result<bool, Failure> {
    let killed = Watched::killed(world.import()?, part, after)?;
    let resumed = killed.job.as_ref().map(|job| world.resume(job));
    let checked = match resumed {
        None => Err(Failure::new("no job was begun")),
        Some(Err(failure)) => Err(failure),
        Some(Ok(())) => world.check(),
    };
    sum.imports += 1;
    match checked {
        Ok(again) => {
            sum.right += 1;
            sum.sent_again += again;
            eprintln!(
                "{} killed in {} after {after:.2?}: {again} blocks again",
                world.version(),
                killed.last
            );
        }
        Err(failure) => eprintln!(
            "{} killed in {} after {after:.2?}: {failure}",
            world.version(),
            killed.last
        ),
    }
    Ok(part.holds(&killed.last))
}

fn row(case: String, ours: f64, peer: f64, goal: Goal, unit: &'static str) -> Row {
    Row {
        bench: "import-kill",
        case,
        ours,
        peer,
        ratio: ours / peer,
        goal,
        unit,
    }
}
