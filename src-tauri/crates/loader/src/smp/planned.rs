//! Whether the reader that answers is the one that the load was planned for. Reads only.
//!
//! Before an earlier run of the load reached the reader, it lists the same images in the same slots. Later a restart may
//! have swapped them, and a load may have replaced some: then it lists none that are neither known nor the load's own.

use super::{
    buffers::Buffers,
    earlier::EarlierRun,
    load::Load,
    mode::Mode,
    phase, probe,
    session::Session,
    state::{Images, in_words, same_version},
};
use crate::planned::Changes;
use crate::{LoadError, Slot, Target};

/// Refuses a reader that says something else than when these loads, which are of one file, were planned.
pub(super) async fn check(
    loads: &[Load<'_>],
    session: &mut Session,
    images: &Images,
    mode: Mode,
) -> Result<(), LoadError> {
    let Some((load, then)) = loads
        .first()
        .and_then(|load| Some((load, load.context.planned.as_ref()?)))
    else {
        return Ok(());
    };
    let mut changes = Changes::default();
    let providers = &load.context.providers;
    let serial = providers.serial_number(&load.context.address).await;
    let runs_ours = images
        .slots
        .iter()
        .any(|slot| slot.active && is_ours(loads, slot));
    let same_program = mode.name() == then.mode.as_deref();
    // A bootloader, and a new application, may have another serial number than the application of before.
    if load.earlier == EarlierRun::None || same_program && !runs_ours {
        changes.compare("serial number", then.serial.as_ref(), serial.as_ref());
    }
    let is_first = !load.context.began.iter().any(|key| key == phase::CONNECT);
    // A reader in recovery that lost its power since it was planned may have started its application. Its
    // serial number or its list says then whether it is the same. The other way round, what was planned for an application
    // is not written through recovery.
    let is_known = !then.slots.is_empty() || then.serial.is_some() && then.serial == serial;
    let may_have_started =
        load.earlier == EarlierRun::Restarted || is_known && mode != Mode::Recovery;
    if !may_have_started
        && let Some((then, now)) = then.mode.as_deref().zip(mode.name())
        && then != now
    {
        changes.add(format!(
            "Its {now} answers, where its {then} answered when the load was planned."
        ));
    }
    if is_first {
        compare_slots(&mut changes, &then.slots, &images.slots, same_program);
    } else {
        compare_contents(&mut changes, loads, &then.slots, &images.slots);
    }
    if is_first && same_program {
        let asking = compare_program(session, load, then);
        let changed = load.unless_stopped(load.as_found(), asking).await?;
        for one in changed {
            changes.add(one);
        }
    }
    changes.refuse(load.as_found())
}

/// What its bootloader does and how much it takes, where it said that when the load was planned.
async fn compare_program(
    session: &mut Session,
    load: &Load<'_>,
    then: &Target,
) -> Result<Vec<String>, super::failure::Failure> {
    let mut changed = Vec::new();
    if then.reverts.is_some() || then.refuses_older {
        let now = probe::bootloader(session, &load.timing).await?;
        if now != (then.reverts, then.refuses_older) {
            changed.push("What it says of its bootloader is not what it said then.".into());
        }
    }
    if let Some(then) = then.buffers {
        let now = Buffers::of(session, &[load.timing.answer]).await?.stated();
        if let Some(now) = now.filter(|now| *now != then) {
            changed.push(format!(
                "It takes {} requests of {} bytes, and took {} of {}.",
                now.1, now.0, then.1, then.0
            ));
        }
    }
    Ok(changed)
}

/// The same images in the same slots, and the same one running: that is compared within one program only, because a
/// bootloader runs none of them. A reader that listed nothing when it was planned tells nothing by its list.
fn compare_slots(changes: &mut Changes, then: &[Slot], now: &[Slot], same_program: bool) {
    let same_place = |one: &Slot, other: &Slot| (one.image, one.slot) == (other.image, other.slot);
    if then.is_empty() {
        return;
    }
    for row in then {
        let Some(found) = now.iter().find(|slot| same_place(slot, row)) else {
            let what = in_words(row);
            changes.add(format!(
                "It does not list {what}, which was in {}.",
                place(row)
            ));
            continue;
        };
        if found.hash != row.hash || found.version != row.version {
            let (now, then) = (in_words(found), in_words(row));
            changes.add(format!(
                "It lists {now} in {}, where {then} was.",
                place(row)
            ));
        } else if same_program && found.active != row.active {
            let verb = if found.active {
                "runs"
            } else {
                "no longer runs"
            };
            changes.add(format!("It {verb} {} in {}.", in_words(row), place(row)));
        }
    }
    for row in now {
        if !then.iter().any(|slot| same_place(slot, row)) {
            let what = in_words(row);
            changes.add(format!(
                "It lists {what} in {}, where nothing was.",
                place(row)
            ));
        }
    }
}

/// No image that is neither one of those of before nor the load's own.
fn compare_contents(changes: &mut Changes, loads: &[Load<'_>], then: &[Slot], now: &[Slot]) {
    if then.is_empty() {
        return;
    }
    for row in now {
        let known = |slot: &Slot| slot.image == row.image && is_same(slot, row);
        if !then.iter().any(known) && !is_ours(loads, row) {
            let what = in_words(row);
            changes.add(format!(
                "It lists {what} in {}, which is neither of this load nor was there before.",
                place(row)
            ));
        }
    }
}

/// Whether two rows may be of the same image: by hash, or where one has none by version.
fn is_same(one: &Slot, other: &Slot) -> bool {
    match (one.hash, other.hash) {
        (Some(one), Some(other)) => one == other,
        _ => one.version == other.version,
    }
}

/// Whether a row is an image that is being loaded.
fn is_ours(loads: &[Load<'_>], row: &Slot) -> bool {
    loads.iter().any(|load| {
        if let Some(hash) = row.hash {
            return [load.hash, load.hash_of_file()].contains(&hash);
        }
        let ours = load.context.inspection.identity.version.as_deref();
        let both = ours.zip(row.version.as_deref());
        both.is_none_or(|(ours, theirs)| same_version(ours, theirs))
    })
}

fn place(slot: &Slot) -> String {
    match slot.image {
        0 => format!("slot {}", slot.slot),
        image => format!("slot {} of image {image}", slot.slot),
    }
}
