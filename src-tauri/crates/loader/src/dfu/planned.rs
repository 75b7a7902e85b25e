//! Whether the device that is there is the one that the load was planned for. Reads only.

use super::found::FoundDevice;
use super::left::{self, After};
use super::load::Load;
use super::words::{APPLICATION, phase};
use crate::planned::Changes;
use crate::{LoadError, MemoryArea, Target};

/// Refuses a device that says something else than when the load was planned.
///
/// An application and its bootloader have no serial number in common, and a new application may have another one than
/// the one before: once an earlier run restarted or wrote the device, only a form that it has kept is compared.
pub(super) fn check(load: &Load<'_>, seen: &FoundDevice) -> Result<(), LoadError> {
    let Some(then) = &load.context.planned else {
        return Ok(());
    };
    let now = seen.target();
    let is_first = !load.context.began.iter().any(|key| key == phase::CHECK);
    let mut changes = Changes::default();
    if then.mode != now.mode {
        if is_first {
            changes.compare("mode", then.mode.as_ref(), now.mode.as_ref());
        }
    } else if load.resumes && then.mode.as_deref() == Some(APPLICATION) {
        let ids = |target: &Target| target.usb.map(|ids| (ids.vendor, ids.product));
        if ids(then) == ids(&now) {
            changes.compare("serial number", then.serial.as_ref(), now.serial.as_ref());
        }
    } else {
        compare(&mut changes, then, &now);
    }
    changes.refuse(left::state(load.nothing(), After::NotAsked))
}

fn compare(changes: &mut Changes, then: &Target, now: &Target) {
    let ids = |target: &Target| target.usb.map(super::ids::shown);
    changes.compare("USB id", ids(then).as_ref(), ids(now).as_ref());
    changes.compare("release", then.version.as_ref(), now.version.as_ref());
    changes.compare_identity(then, now);
    let memory = |target: &Target| Some(shown(&target.memory)).filter(|text| !text.is_empty());
    changes.compare("memory", memory(then).as_ref(), memory(now).as_ref());
    if then.shows_memory != now.shows_memory {
        changes.add("Whether its memory can be read is not what it said then.".into());
    }
}

/// Where its memory lies, for a sentence.
fn shown(areas: &[MemoryArea]) -> String {
    let area = |area: &MemoryArea| {
        format!(
            "{} at 0x{:08X}, {} bytes in sectors of {}",
            area.name, area.address, area.length_bytes, area.sector_bytes
        )
    };
    areas.iter().map(area).collect::<Vec<_>>().join("; ")
}
