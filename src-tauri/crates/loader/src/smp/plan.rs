//! Whether an image may go to an SMP reader, and what a load will do. Pure.

use firmdrop_core::{Fit, Phase, Sha256};
use firmdrop_image::{Format, Inspection, Integrity};

use super::state::{ImageState, Images};
use crate::{LoadPlan, Target};

/// Keys of the phases.
pub(super) mod phase {
    pub(crate) const CONNECT: &str = "connect";
    pub(crate) const UPLOAD: &str = "upload";
    pub(crate) const CHECK_HASH: &str = "check_hash";
    pub(crate) const MARK_FOR_TEST: &str = "mark_for_test";
    pub(crate) const RESTART: &str = "restart";
    pub(crate) const FIND_AGAIN: &str = "find_again";
    pub(crate) const CONFIRM: &str = "confirm";
}

/// The hash the reader will know the image by, or why the image cannot go over SMP.
pub(super) fn loadable(image: &Inspection) -> Result<Sha256, String> {
    if image.format != Format::Mcuboot {
        return Err("SMP readers take MCUboot images, and this file is none.".into());
    }
    if image.integrity() == Integrity::Damaged {
        return Err("The image is damaged: one of its own checks fails.".into());
    }
    image.image_hash.ok_or_else(|| {
        "The image has no SHA-256 hash in its trailer, by which the reader would know it.".into()
    })
}

/// Whether the image may go there.
pub(super) fn fit(image: &Inspection, target: Option<&Target>) -> Fit {
    let hash = match loadable(image) {
        Ok(hash) => hash,
        Err(why) => return Fit::does_not_fit(why),
    };
    let Some(target) = target else {
        return Fit::cannot_tell("The reader was not asked yet what it is.");
    };
    let ours = image.identity.version.as_deref().unwrap_or("new image");
    let images = Images::of_slots(target.slots.clone());
    let runs = target.mode.as_deref() == Some("application");
    match images.state_of(0, &hash) {
        ImageState::Confirmed if runs => Fit::fits("the reader already runs these bytes"),
        ImageState::Testing if runs => {
            Fit::fits("the reader runs it on trial; it will be confirmed")
        }
        ImageState::Absent => match &target.version {
            Some(theirs) => Fit::fits(format!("{theirs} → {ours}")),
            None => Fit::fits("new image"),
        },
        ImageState::Confirmed
        | ImageState::Testing
        | ImageState::Pending
        | ImageState::Uploaded => Fit::fits("the reader already holds it"),
    }
}

/// What a load will do.
pub(super) fn plan(image: &Inspection, target: Option<&Target>) -> LoadPlan {
    let row = |key: &str, title: &str, undo: &str| Phase {
        key: key.into(),
        title: title.into(),
        bytes: 0,
        usual_seconds: Some(1),
        stall_seconds: 15,
        can_stop: true,
        undo: undo.into(),
    };
    let back = match target.and_then(|target| target.goes_back) {
        Some(true) => "The reader goes back by itself at its next restart, until it is confirmed",
        Some(false) => "No: its bootloader replaces the old image, which has to be sent again",
        None => {
            "Depends on its bootloader, which the reader does not tell: a swapping one goes back until the image is confirmed"
        }
    };
    let untouched = "Nothing to undo: the running image is not touched";
    let phases = vec![
        row(phase::CONNECT, "Connect", "Nothing to undo"),
        Phase {
            bytes: image.size_bytes,
            usual_seconds: None,
            // The first answer may take as long as the erasing of the slot.
            stall_seconds: 90,
            ..row(phase::UPLOAD, "Send the image", untouched)
        },
        row(phase::CHECK_HASH, "Compare stored hash", untouched),
        row(
            phase::MARK_FOR_TEST,
            "Mark for trial",
            "Yes: another image can be marked instead",
        ),
        Phase {
            can_stop: false,
            ..row(phase::RESTART, "Restart", back)
        },
        Phase {
            usual_seconds: Some(20),
            stall_seconds: 100,
            ..row(phase::FIND_AGAIN, "Find it again", back)
        },
        Phase {
            can_stop: false,
            ..row(
                phase::CONFIRM,
                "Confirm and compare",
                "No: the old image has to be sent again",
            )
        },
    ];
    LoadPlan {
        phases,
        risks: risks(target),
    }
}

fn risks(target: Option<&Target>) -> Vec<String> {
    let mut risks = vec![
        "The reader restarts and is away for a few seconds, up to two minutes.".to_owned(),
        "Whether its bootloader accepts the image's signature shows only after the restart; if it does not, the reader comes back with its old image.".to_owned(),
    ];
    if target.is_some_and(|target| target.goes_back == Some(false)) {
        risks.push("Its bootloader replaces the old image without a way back.".to_owned());
    }
    if target.is_some_and(|target| target.refuses_older) {
        risks.push("Its bootloader starts no image that is older than the one it runs.".to_owned());
    }
    if target.is_some_and(|target| target.mode.as_deref() == Some("recovery")) {
        risks.push("The reader waits in serial recovery: the image replaces the one it runs, without a way back, and the reader offers no proof.".to_owned());
    }
    risks
}

#[cfg(test)]
mod tests {
    use firmdrop_image::{Check, CheckResult, Identity, Signature};

    use super::*;
    use crate::Slot;

    fn image() -> Inspection {
        Inspection {
            format: Format::Mcuboot,
            summary: "an image".into(),
            size_bytes: 1000,
            identity: Identity {
                version: Some("2.4.1".into()),
                ..Identity::default()
            },
            segments: Vec::new(),
            signature: Signature::Absent,
            checks: Vec::new(),
            facts: Vec::new(),
            image_hash: Some(Sha256::of(b"image")),
        }
    }

    fn target() -> Target {
        Target {
            version: Some("2.4.0".into()),
            slots: vec![Slot {
                image: 0,
                slot: 0,
                version: Some("2.4.0".into()),
                hash: Some(Sha256::of(b"old")),
                active: true,
                confirmed: true,
                pending: false,
                bootable: true,
                permanent: false,
            }],
            ..Target::default()
        }
    }

    #[test]
    fn a_reader_that_was_asked_tells_the_way_from_version_to_version() {
        assert_eq!(fit(&image(), Some(&target())), Fit::fits("2.4.0 → 2.4.1"));
        assert!(matches!(fit(&image(), None), Fit::CannotTell { .. }));
    }

    #[test]
    fn a_damaged_image_or_one_without_a_hash_does_not_fit() {
        let mut damaged = image();
        damaged.checks.push(Check {
            name: "Hash".into(),
            result: CheckResult::Failed,
            explanation: String::new(),
        });
        let mut nameless = image();
        nameless.image_hash = None;
        for image in [damaged, nameless] {
            assert!(matches!(
                fit(&image, Some(&target())),
                Fit::DoesNotFit { .. }
            ));
        }
    }

    #[test]
    fn a_plan_promises_a_way_back_only_where_there_is_one() {
        let restart = |goes_back| {
            let target = Target {
                goes_back,
                ..target()
            };
            let plan = plan(&image(), Some(&target));
            let phase = plan.phases.into_iter().find(|p| p.key == phase::RESTART);
            phase.unwrap().undo
        };
        assert!(restart(Some(true)).starts_with("The reader goes back"));
        assert!(restart(Some(false)).starts_with("No"));
        assert!(restart(None).starts_with("Depends"));
    }

    #[test]
    fn only_the_upload_is_counted_in_bytes() {
        let plan = plan(&image(), None);
        let counted: Vec<_> = plan.phases.iter().filter(|phase| phase.bytes > 0).collect();
        assert_eq!(counted.len(), 1);
        assert_eq!(
            (counted[0].key.as_str(), counted[0].bytes),
            (phase::UPLOAD, 1000)
        );
    }
}
