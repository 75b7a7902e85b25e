//! Whether an image may go to a DFU device, and what a load will do. Pure.

use firmdrop_core::{Fit, Phase, ProofMethod, SaveBefore};
use firmdrop_image::{Format, Inspection, Integrity};

use super::ids;
use super::options::{DfuOptions, Erase};
use super::quirks;
use super::words::{BOOTLOADER, phase};
use crate::{LoadError, LoadPlan, Options, Target};

/// Seconds that erasing one sector usually takes: 128 KiB of an STM32F4 take 1 to 2 s (DS8626, table 40).
const SECONDS_A_SECTOR: u64 = 1;

/// Why the image can go to no such device.
fn loadable(image: &Inspection) -> Result<(), String> {
    match image.format {
        format if format.is_plain_bytes() => {}
        Format::Dfu
        | Format::DfuSe
        | Format::IntelHex
        | Format::SRecord
        | Format::Elf
        | Format::Mcuboot => {}
        _ => {
            return Err(format!(
                "DFU devices take DFU, DfuSe, Intel HEX, S-record, ELF, MCUboot and raw files. The file is something else: {}.",
                image.format.title()
            ));
        }
    }
    if image.integrity() == Integrity::Damaged {
        return Err("The file is damaged: one of its own checks fails.".into());
    }
    Ok(())
}

/// Whether the file says itself where its bytes belong.
pub(super) fn has_addresses(image: &Inspection) -> bool {
    matches!(
        image.format,
        Format::DfuSe | Format::IntelHex | Format::SRecord | Format::Elf
    )
}

/// Whether the image may go there.
pub(super) fn fit(image: &Inspection, target: Option<&Target>, options: &Options) -> Fit {
    if let Err(why) = loadable(image) {
        return Fit::does_not_fit(why);
    }
    let options = match DfuOptions::read(options) {
        Ok(options) => options,
        Err(error) => return Fit::does_not_fit(why(&error)),
    };
    let Some(target) = target else {
        return Fit::cannot_tell("The reader was not identified yet.");
    };
    if options.saves && target.shows_memory == Some(false) {
        return Fit::does_not_fit(
            "The reader does not let itself be read, so what it holds cannot be saved: leave out save=yes.",
        );
    }
    let in_bootloader = target.mode.as_deref() == Some(BOOTLOADER);
    let wanted = ids::of_file(image);
    let Some(found) = target.usb else {
        return Fit::cannot_tell("The reader did not say its USB ids.");
    };
    if let Some(why) = quirks::other_protocol(found) {
        return Fit::does_not_fit(why);
    }
    match wanted.compare(found) {
        ids::Compared::Other if in_bootloader => {
            return Fit::does_not_fit(format!(
                "The file is for {wanted}; the reader is {}.",
                ids::shown(found)
            ));
        }
        ids::Compared::Other => {
            return Fit::cannot_tell(format!(
                "The file is for {wanted}; the reader is {} now, and may have these ids in its bootloader. They are compared there before anything is written.",
                ids::shown(found)
            ));
        }
        ids::Compared::NotSaid if !in_bootloader => {
            return Fit::cannot_tell(
                "The file does not say which device it is for, and the reader shows its memory only in its bootloader.",
            );
        }
        ids::Compared::Same | ids::Compared::NotSaid => {}
    }
    if let Err(why) = placed(image, target, options) {
        return Fit::does_not_fit(why);
    }
    match wanted.compare(found) {
        ids::Compared::Same => Fit::fits(match wanted.releases(found) {
            Some(releases) => format!("{wanted}, as the reader; {releases}"),
            None => format!("{wanted}, as the reader"),
        }),
        _ if has_addresses(image) && !target.memory.is_empty() => {
            Fit::fits("every byte lies in memory of the reader that can be written")
        }
        _ => Fit::cannot_tell("The file does not say which device it is for."),
    }
}

/// Whether the parts of the image lie in the memory that the reader lists.
fn placed(image: &Inspection, target: &Target, options: DfuOptions) -> Result<(), String> {
    if target.memory.is_empty() {
        let parts = image
            .segments
            .iter()
            .filter(|one| one.length_bytes > 0)
            .count();
        return if image.format == Format::DfuSe || (has_addresses(image) && parts > 1) {
            Err("The reader takes one run of bytes without addresses, and the file has several places.".into())
        } else {
            Ok(())
        };
    }
    if !has_addresses(image) {
        return Ok(());
    }
    for segment in image.segments.iter().filter(|one| one.length_bytes > 0) {
        let Some(begin) = segment.address else {
            continue;
        };
        let end = begin.saturating_add(segment.length_bytes);
        let mut address = begin;
        while address < end {
            let holds = |area: &&crate::MemoryArea| {
                area.writable
                    && (area.address..area.address.saturating_add(area.length_bytes))
                        .contains(&address)
            };
            let area = target.memory.iter().find(holds).ok_or_else(|| {
                format!("The image has bytes for address {address:#010x}, where the reader has no memory that can be written.")
            })?;
            if !options.option_bytes && area.name.to_ascii_lowercase().contains("option") {
                return Err(format!(
                    "The image has bytes for {} at {begin:#010x}. They are written only with the option option_bytes=write.",
                    area.name
                ));
            }
            address = area.address.saturating_add(area.length_bytes);
        }
    }
    Ok(())
}

fn why(error: &LoadError) -> String {
    use firmdrop_core::Diagnose as _;
    error.diagnose().why
}

/// Refuses an image that does not fit.
pub(super) fn check(
    image: &Inspection,
    target: Option<&Target>,
    options: &Options,
) -> Result<(), LoadError> {
    DfuOptions::read(options)?;
    match fit(image, target, options) {
        Fit::DoesNotFit { why } => Err(LoadError::DoesNotFit { why }),
        Fit::Fits { .. } | Fit::CannotTell { .. } => Ok(()),
    }
}

/// What a load will do.
pub(super) fn plan(
    image: &Inspection,
    target: Option<&Target>,
    own: &Options,
) -> Result<LoadPlan, LoadError> {
    check(image, target, own)?;
    let options = DfuOptions::read(own)?;
    let reads = options.reads_back && target.and_then(|one| one.shows_memory) != Some(false);
    Ok(LoadPlan {
        phases: phases(image, target, options, reads),
        risks: risks(image, target, options),
        impact: "The image the reader has is replaced, and the reader restarts.".into(),
        verified_when: if reads {
            "Every byte of the image is read back from the reader and compared; a reader that does not let its memory be read ends in Sent.".into()
        } else {
            "Never: nothing is read back. Without an error it ends in Sent.".into()
        },
        verified_by: reads.then_some(ProofMethod::ReadBack),
        if_stopped: "Before the first sector is erased, nothing is lost. After that the old image is gone, the reader waits in its bootloader, and a resume compares what it holds and continues there.".into(),
        save_before: if target.and_then(|one| one.shows_memory) == Some(false) {
            SaveBefore::not_offered(
                "What the reader holds cannot be saved first: it does not let itself be read.",
            )
        } else {
            SaveBefore::Offered {
                option: "save".into(),
                value: "yes".into(),
                chosen: options.saves,
            }
        },
    })
}

fn risks(image: &Inspection, target: Option<&Target>, options: DfuOptions) -> Vec<String> {
    let mut risks = vec![if options.saves {
        "The image that the reader has is overwritten. What is erased is saved in a file before; if it cannot be read, nothing is written.".to_owned()
    } else {
        "The image that the reader has is overwritten, without a way back.".to_owned()
    }];
    let memory = target.map_or(&[][..], |target| &target.memory);
    if options.erase == Erase::All {
        risks.push(
            "The whole memory is erased, with settings and keys that lie beside the image.".into(),
        );
    } else if !memory.is_empty() {
        risks.push("Sectors are erased as a whole: what else lies in those that the image touches is lost.".into());
    }
    if !has_addresses(image) {
        let first = memory.iter().find(|area| area.writable && area.erasable);
        match (options.address, first) {
            (Some(address), _) => risks.push(format!("The file is written to {address:#010x}, as asked for, if the reader writes by addresses.")),
            (None, Some(area)) => risks.push(format!(
                "The file does not say where it belongs: it is written to {:#010x}, where the memory begins that the reader lets be written.",
                area.address
            )),
            (None, None) => {}
        }
    }
    risks
}

fn phases(
    image: &Inspection,
    target: Option<&Target>,
    options: DfuOptions,
    reads: bool,
) -> Vec<Phase> {
    let row = |key: &str, title: &str, undo: &str| Phase {
        key: key.into(),
        title: title.into(),
        bytes: 0,
        usual_seconds: Some(1),
        stall_seconds: 15,
        can_stop: true,
        undo: undo.into(),
    };
    let gone = "Cannot be undone: the old image has to be sent again";
    let in_bootloader = target.is_some_and(|one| one.mode.as_deref() == Some(BOOTLOADER));
    let by_address = in_bootloader.then(|| target.is_some_and(|one| !one.memory.is_empty()));
    let mut phases = vec![row(phase::CHECK, "Check the reader", "Nothing to undo")];
    if !in_bootloader {
        phases.push(Phase {
            usual_seconds: Some(3),
            stall_seconds: 30,
            ..row(
                phase::DETACH,
                "Restart in the bootloader",
                "Undo: unplug the reader and plug it in again",
            )
        });
    }
    if options.saves {
        phases.push(Phase {
            usual_seconds: None,
            stall_seconds: 60,
            ..row(
                phase::SAVE,
                "Save what the reader holds",
                "Undo: delete the file",
            )
        });
    }
    if by_address != Some(false) {
        let sectors = target.map_or(1, |target| sectors(image, target));
        phases.push(Phase {
            usual_seconds: u32::try_from(sectors * SECONDS_A_SECTOR).ok(),
            stall_seconds: 60,
            can_stop: false,
            ..row(phase::ERASE, "Erase", gone)
        });
    }
    phases.push(Phase {
        bytes: payload_bytes(image),
        usual_seconds: None,
        stall_seconds: 60,
        can_stop: false,
        ..row(phase::WRITE, "Write", gone)
    });
    if by_address != Some(true) {
        phases.push(Phase {
            stall_seconds: 60,
            can_stop: false,
            ..row(phase::MANIFEST, "Let the reader store it", gone)
        });
    }
    if reads {
        phases.push(row(phase::READ_BACK, "Read back and compare", gone));
    }
    if options.leaves {
        phases.push(Phase {
            usual_seconds: Some(3),
            stall_seconds: 30,
            ..row(phase::LEAVE, "Start the new image", gone)
        });
    }
    phases
}

/// Sectors that the parts of an image touch, at least one.
fn sectors(image: &Inspection, target: &Target) -> u64 {
    let touched = |length: u64, area: &crate::MemoryArea| length.div_ceil(area.sector_bytes.max(1));
    let each = image.segments.iter().map(|segment| {
        let holds = |area: &&crate::MemoryArea| {
            segment.address.is_none_or(|address| {
                (area.address..area.address.saturating_add(area.length_bytes)).contains(&address)
            })
        };
        let area = target.memory.iter().find(holds);
        area.map_or(0, |area| touched(segment.length_bytes, area))
    });
    each.fold(0, u64::saturating_add).clamp(1, 600)
}

/// Bytes that go to the reader, as far as the inspection says.
fn payload_bytes(image: &Inspection) -> u64 {
    match image.format {
        format if format.is_plain_bytes() => image.size_bytes,
        Format::Mcuboot => image.size_bytes,
        _ => image
            .segments
            .iter()
            .map(|segment| segment.length_bytes)
            .fold(0, u64::saturating_add),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
