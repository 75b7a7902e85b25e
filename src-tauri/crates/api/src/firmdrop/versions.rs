//! What a delivery does to the versions that a reader runs: whether one grows older, or is written again.

use std::cmp::Ordering;

use firmdrop_engine::{Confirmation, ConfirmationAbout};
use firmdrop_image::Inspection;
use firmdrop_loader::{SentImage, Slot, Target};

/// One image that is replaced.
struct Replaced {
    /// Its number on a reader with several.
    number: Option<u32>,
    runs: String,
    brings: String,
}

/// What has to be confirmed of the versions, at most one confirmation of a kind. `sent` are the images of the file that
/// go to the reader, as far as its protocol tells them apart.
pub(super) fn of_versions(
    reader: &str,
    target: &Target,
    file: &Inspection,
    sent: &[SentImage],
) -> Vec<Confirmation> {
    let replaced = replaced(target, file, sent);
    let compared = |one: &Replaced| Some(numbers(&one.brings)?.cmp(&numbers(&one.runs)?));
    let those = |which: Ordering| -> Vec<&Replaced> {
        let those = replaced.iter();
        those.filter(|one| compared(one) == Some(which)).collect()
    };
    let (older, same) = (those(Ordering::Less), those(Ordering::Equal));
    let mut confirmations = Vec::new();
    if !older.is_empty() {
        let title = match older[..] {
            [
                Replaced {
                    number: None,
                    runs,
                    brings,
                },
            ] => {
                format!("Downgrade {reader} from {runs} to {brings}")
            }
            _ => format!("Downgrade {reader}: {}", in_words(&older)),
        };
        confirmations.push(Confirmation {
            about: ConfirmationAbout::Downgrade,
            title,
            consequence: "Older firmware may not read the settings of newer firmware, and its bootloader may refuse it.".to_owned(),
        });
    }
    if !same.is_empty() {
        let title = match same[..] {
            [
                Replaced {
                    number: None,
                    brings,
                    ..
                },
            ] => {
                format!("Write version {brings} to {reader} again")
            }
            _ => format!(
                "Write the same version to {reader} again: {}",
                in_words(&same)
            ),
        };
        confirmations.push(Confirmation {
            about: ConfirmationAbout::SameVersion,
            title,
            consequence: "The reader runs this version. It restarts and is away for a while."
                .to_owned(),
        });
    }
    confirmations
}

fn in_words(images: &[&Replaced]) -> String {
    let rows: Vec<String> = images
        .iter()
        .map(|one| {
            let from_to = format!("from {} to {}", one.runs, one.brings);
            match one.number {
                Some(number) => format!("image {number} {from_to}"),
                None => from_to,
            }
        })
        .collect();
    rows.join(", ")
}

/// Which versions take the place of which. Images that go to a certain one of the reader's are compared with what it
/// lists of that one.
fn replaced(target: &Target, file: &Inspection, sent: &[SentImage]) -> Vec<Replaced> {
    if sent.iter().any(|one| one.number.is_some()) && !target.slots.is_empty() {
        let of_one = |one: &SentImage| {
            let image = match one.part {
                Some(number) => &file.parts.get(number)?.inspection,
                None => file,
            };
            let brings = image.identity.version.clone()?;
            let slot = in_use(&target.slots, one.number?)?;
            let is_ours = slot.hash.is_some() && slot.hash == image.image_hash;
            let runs = slot.version.clone().filter(|_| !is_ours)?;
            Some(Replaced {
                number: one.number,
                runs,
                brings,
            })
        };
        return sent.iter().filter_map(of_one).collect();
    }
    let versions = file.parts.iter();
    let others: Vec<String> = versions
        .filter_map(|part| part.inspection.identity.version.clone())
        .collect();
    let inside = match &others[..] {
        [only] if !target.slots.is_empty() => Some(only.clone()),
        _ => None,
    };
    let brings = file.identity.version.clone().or(inside);
    let pair = target.version.clone().zip(brings);
    let one = pair.map(|(runs, brings)| Replaced {
        number: None,
        runs,
        brings,
    });
    one.into_iter().collect()
}

/// The slot of an image that runs, or that is started. An application may call only its own image active.
fn in_use(slots: &[Slot], image: u32) -> Option<&Slot> {
    let of = || slots.iter().filter(|slot| slot.image == image);
    let first = || of().find(|slot| slot.slot == 0 && slot.confirmed);
    of().find(|slot| slot.active).or_else(first)
}

/// Whether two texts are one version, however they are written.
pub(super) fn is_same_version(one: &str, other: &str) -> bool {
    one == other || numbers(one).is_some_and(|one| numbers(other) == Some(one))
}

/// The numbers of a version. `2.4.1.318` and `2.4.1+318` are one version, `2.4` and `2.4.0` too. `None` for a
/// text that does not begin with a number.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    let version = version.trim().trim_start_matches(['v', 'V']);
    for part in version.split(['.', '+']) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(number) => numbers.push(number),
            Err(_) => break,
        }
        if digits.len() < part.len() {
            break;
        }
    }
    if numbers.is_empty() {
        return None;
    }
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
