//! `kill -9` at random moments of a staging of 256 MiB, then the same again: what Azurite had answered
//! for is not sent again.
//!
//! Azurite's own log is read, not the client's.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use super::super::chance::{self, Chance};
use super::super::measure::time;
use super::super::product::{Server, quietly};
use super::super::row::{Goal, Row};
use super::super::scratch::{MIB, Scratch, sha256};
use super::azurite::Azurite;
use super::python;
use crate::failure::{Doing as _, Failure};

const SIZE_BYTES: u64 = 256 * MIB;
const KILLS: u32 = 5;

/// Runs started until one is still at it when its kill comes.
const MOST_ATTEMPTS: u32 = 10;

/// What became of a run that was killed and of the one after it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Resumed {
    /// Blocks that Azurite held when the second run asked.
    held: usize,
    /// Blocks that the second run sent.
    sent: usize,
    /// Blocks that it sent although they were held.
    again: usize,
}

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("staging-resume")?;
    let file = scratch.random_file("image.bin", SIZE_BYTES)?;
    let digest = sha256(&file)?;
    let azurite = Azurite::start()?;
    let undisturbed = time(|| quietly(azurite.connection.stage(&file, &digest)))?;
    let blocks = resumed(&azurite.answered()).sent;
    drop(azurite);

    let (kills, mut chance) = (chance::kills(KILLS)?, Chance::new()?);
    let (mut right, mut again) = (0, 0);
    for kill in 1..=kills {
        let state = scratch.path("state.json");
        for attempt in 1..=MOST_ATTEMPTS {
            let azurite = Azurite::start()?;
            // What is there is of the run before.
            let _ = fs::remove_file(&state);
            let stage = || azurite.connection.stage(&file, &digest).arg(&state);
            let after = chance.part_of(undisturbed)?;
            let mut killed = Server::silent(stage())?;
            thread::sleep(after);
            if killed.ended()?.is_some() {
                if attempt == MOST_ATTEMPTS {
                    return Err(Failure::new("staging was always quicker than its kill"));
                }
                continue;
            }
            drop(killed);
            let printed = stage().output()?;
            let printed: serde_json::Value =
                serde_json::from_str(&printed).doing("read what stage-file prints")?;
            let blob = printed["blob"].as_str().unwrap_or_default();
            let stored = python::stored(&azurite.connection, blob)?;
            let resumed = resumed(&azurite.answered());
            eprintln!("kill {kill} after {after:.2?}: {resumed:?}");
            let is_whole = stored == format!("{SIZE_BYTES} {digest}");
            let is_missing = resumed.held + resumed.sent - resumed.again == blocks;
            if is_whole && is_missing {
                right += 1;
            }
            again += resumed.again;
            break;
        }
    }
    Ok(vec![
        row(
            format!("files right after {kills} kills, only missing blocks sent"),
            f64::from(right),
            f64::from(kills),
            Goal::AtLeast(1.0),
            "files",
        ),
        row(
            format!("blocks sent again after {kills} kills"),
            f64::from(u32::try_from(again).doing("count blocks")?),
            1.0,
            Goal::AtMost(0.0),
            "blocks",
        ),
    ])
}

fn row(case: String, ours: f64, peer: f64, goal: Goal, unit: &'static str) -> Row {
    Row {
        bench: "staging-resume",
        case,
        ours,
        peer,
        ratio: ours / peer,
        goal,
        unit,
    }
}

/// Counts the blocks in what Azurite answered. The second run begins with its question for the list of
/// blocks; one that was killed before it sent a byte has a second run without that question.
fn resumed(answered: &[String]) -> Resumed {
    let mut resumed = Resumed::default();
    let (mut held, mut sent) = (BTreeSet::new(), BTreeSet::new());
    let mut asked = false;
    for line in answered {
        if line.contains("\"GET ") && line.contains("comp=blocklist") {
            asked = true;
            resumed.held = held.len();
        }
        let is_block = line.contains("comp=block") && !line.contains("comp=blocklist");
        let is_stored = is_block && line.contains("\"PUT ") && line.contains(" 201 ");
        let id = line.split_once("blockid=").map(|(_, rest)| rest);
        let id = id.and_then(|rest| rest.split(['&', ' ']).next());
        let Some(id) = id.filter(|_| is_stored) else {
            continue;
        };
        if asked {
            // What the killed run had under way may be stored after the list was answered, and then
            // comes a second time: it was not held.
            resumed.again += usize::from(held.contains(id) && sent.insert(id));
            sent.insert(id);
        } else {
            held.insert(id);
        }
    }
    resumed.sent = if asked { sent.len() } else { held.len() };
    resumed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: &str, status: u16) -> String {
        format!("127.0.0.1 - - [x] \"PUT /a/b?blockid={id}%3D&comp=block HTTP/1.1\" {status} -")
    }

    #[test]
    fn a_block_that_was_held_and_came_again_is_counted() {
        let question =
            "127.0.0.1 - - [x] \"GET /a/b?comp=blocklist&blocklisttype=all HTTP/1.1\" 200 -";
        let mut lines = vec![put("a", 201), put("b", 201), put("c", 500)];
        assert_eq!(resumed(&lines).sent, 2);
        lines.extend([question.to_owned(), put("c", 201), put("b", 201)]);
        let counted = Resumed {
            held: 2,
            sent: 2,
            again: 1,
        };
        assert_eq!(resumed(&lines), counted);
    }
}
