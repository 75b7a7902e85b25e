//! Whether an image may go onto a drive, and what a load will do. Pure.

use firmdrop_core::{Fit, Phase, ProofMethod, SaveBefore};
use firmdrop_image::{Format, Inspection, Integrity};

use super::family::{self, Families};
use super::info::{Kind, kind};
use crate::{LoadError, LoadPlan, Options, Target, options};

/// What users call it.
pub(super) const NAME: &str = "Bootloader drive (UF2, DAPLink)";

/// Keys of the phases.
pub(super) mod phase {
    pub(crate) const CHECK: &str = "check_drive";
    pub(crate) const COPY: &str = "copy";
    pub(crate) const WAIT: &str = "wait";
    pub(crate) const READ_BACK: &str = "read_back";
}

/// The name of the copy: eight characters and three, which every FAT has.
pub(super) fn file_name(format: Format) -> &'static str {
    match format {
        Format::Uf2 => "FIRMDROP.UF2",
        Format::IntelHex => "FIRMDROP.HEX",
        _ => "FIRMDROP.BIN",
    }
}

/// Why the image can go onto no drive, or not onto one of this kind.
fn loadable(image: &Inspection, kind: Option<Kind>) -> Result<(), String> {
    let why = match (image.format, kind) {
        (Format::Uf2, Some(Kind::Uf2) | None) | (Format::IntelHex, Some(Kind::Daplink) | None) => {
            None
        }
        (format, Some(Kind::Daplink) | None) if format.is_plain_bytes() => None,
        (_, Some(Kind::Uf2)) => Some("UF2 drives take UF2 files."),
        (_, Some(Kind::Daplink)) => Some("DAPLink drives take Intel HEX and raw files."),
        (_, Some(Kind::Maintenance)) => Some(
            "The probe is in its maintenance mode and takes a file as firmware of its own: plug it in again without pressing its button.",
        ),
        (_, None) => Some("Drives of bootloaders take UF2, Intel HEX and raw files."),
    };
    if let Some(why) = why {
        return Err(format!(
            "{why} The file is something else: {}.",
            image.format.title()
        ));
    }
    if image.integrity() == Integrity::Damaged {
        return Err("The file is damaged: one of its own checks fails.".into());
    }
    Ok(())
}

/// Whether the image may go there.
pub(super) fn fit(image: &Inspection, target: Option<&Target>, options: &Options) -> Fit {
    if let Err(why) = loadable(image, target.map(kind)) {
        return Fit::does_not_fit(why);
    }
    if options::known(options, NAME, &[]).is_err() {
        return Fit::does_not_fit(format!("{NAME} has no options."));
    }
    let Some(target) = target else {
        return Fit::cannot_tell("The drive was not identified yet.");
    };
    let board = target.product.as_deref().unwrap_or("unnamed board");
    match (kind(target), image.format) {
        (Kind::Daplink | Kind::Maintenance, _) => Fit::cannot_tell(format!(
            "Neither the file nor the DAPLink drive ({board}) says which processor it is for."
        )),
        (Kind::Uf2, _) => {
            let names = image.identity.target.as_deref();
            let file = names.unwrap_or("no family");
            match family::compare(names, target.product.as_deref()) {
                Families::Same => Fit::fits(format!("{file}, as {board}")),
                Families::Other => {
                    Fit::does_not_fit(format!("The file is for {file}; the drive is {board}."))
                }
                Families::Unknown => Fit::cannot_tell(format!(
                    "The file names {file} and the drive {board}; whether they belong together is not known."
                )),
            }
        }
    }
}

/// Refuses an image that does not fit.
pub(super) fn check(
    image: &Inspection,
    target: Option<&Target>,
    own: &Options,
) -> Result<(), LoadError> {
    options::known(own, NAME, &[])?;
    match fit(image, target, own) {
        Fit::DoesNotFit { why } => Err(LoadError::DoesNotFit { why }),
        Fit::Fits { .. } | Fit::CannotTell { .. } => Ok(()),
    }
}

/// What a load will do.
pub(super) fn plan(
    image: &Inspection,
    target: Option<&Target>,
    options: &Options,
) -> Result<LoadPlan, LoadError> {
    check(image, target, options)?;
    let is_uf2 = image.format == Format::Uf2;
    Ok(LoadPlan {
        phases: phases(image, is_uf2),
        risks: vec![
            "The image that the reader has is overwritten while the file is copied, without a way back.".into(),
            if is_uf2 {
                "A UF2 drive reports no error: it ignores blocks that are not for it.".into()
            } else {
                "Neither the file nor the drive says whether the image is for this processor.".into()
            },
        ],
        impact: "The image the reader has is replaced, and the reader restarts.".into(),
        verified_when: if is_uf2 {
            "The drive shows the bytes of this image in its CURRENT.UF2 afterwards; a drive without that file, or one that does not come back, ends in Sent.".into()
        } else {
            "Never: a DAPLink drive reports errors, and does not let its flash be read. Without an error it ends in Sent.".into()
        },
        verified_by: is_uf2.then_some(ProofMethod::ReadBack),
        if_stopped: "The partial file is removed if the drive permits it; the reader may have lost its image. A resume copies the file anew.".into(),
        save_before: SaveBefore::not_offered(
            "What the reader holds is not saved first: Firmdrop does not read the flash behind a drive into a file.",
        ),
    })
}

fn phases(image: &Inspection, is_uf2: bool) -> Vec<Phase> {
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
    let mut phases = vec![
        row(phase::CHECK, "Check the drive", "Nothing to undo"),
        Phase {
            bytes: image.size_bytes,
            usual_seconds: None,
            // A disk command may take as long before the system gives it up.
            stall_seconds: 90,
            can_stop: false,
            ..row(phase::COPY, "Copy the file", gone)
        },
        Phase {
            usual_seconds: Some(5),
            stall_seconds: 60,
            ..row(phase::WAIT, "Wait for the drive", gone)
        },
    ];
    if is_uf2 {
        phases.push(row(phase::READ_BACK, "Read back and compare", gone));
    }
    phases
}

#[cfg(test)]
mod tests {
    use firmdrop_image::{MemorySource, inspect};

    use super::*;

    fn target(mode: &str, board: &str) -> Target {
        Target {
            product: Some(board.into()),
            mode: Some(mode.into()),
            ..Target::default()
        }
    }

    fn hex() -> Inspection {
        inspect(&MemorySource::new(
            b":0400000001020304F2\n:00000001FF\n".as_slice(),
        ))
        .unwrap()
    }

    #[test]
    fn a_hex_file_goes_to_a_probe_and_to_no_uf2_drive() {
        let none = Options::new();
        let fit = |target: &Target| fit(&hex(), Some(target), &none);
        assert!(matches!(
            fit(&target("DAPLink", "9796")),
            Fit::CannotTell { .. }
        ));
        let uf2 = fit(&target("bootloader", "RPI-RP2"));
        assert!(matches!(uf2, Fit::DoesNotFit { .. }), "{uf2:?}");
    }

    #[test]
    fn a_probe_in_its_maintenance_mode_gets_no_image() {
        let target = target("DAPLink maintenance", "9796");
        let Fit::DoesNotFit { why } = fit(&hex(), Some(&target), &Options::new()) else {
            panic!("it would take it as its own firmware");
        };
        assert!(why.contains("maintenance"), "{why}");
    }

    #[test]
    fn a_damaged_file_goes_nowhere() {
        let text = b":0400000001020304F3\n:00000001FF\n".as_slice();
        let damaged = inspect(&MemorySource::new(text)).unwrap();
        let planned = plan(&damaged, None, &Options::new());
        assert!(matches!(planned, Err(LoadError::DoesNotFit { .. })));
    }

    #[test]
    fn a_copy_is_not_said_to_be_stopped_without_harm() {
        let plan = plan(&hex(), None, &Options::new()).unwrap();
        let copy = plan.phases.iter().find(|phase| phase.key == phase::COPY);
        assert!(copy.is_some_and(|copy| !copy.can_stop));
    }
}
