//! Whether an image may go to an SMP reader, and what a load will do. Pure.

use firmdrop_core::{Diagnose, Fit, Phase, ProofMethod, SaveBefore};
use firmdrop_image::Inspection;

use super::{
    contents::{self, ImageToSend},
    mode::Mode,
    options::SmpOptions,
    phase,
    state::{ImageState, Images},
    which,
};
use crate::{LoadError, LoadPlan, Options, Target};

/// Whether the file may go there.
pub(super) fn fit(file: &Inspection, target: Option<&Target>, options: &Options) -> Fit {
    let options = match SmpOptions::read(options) {
        Ok(options) => options,
        Err(error) => return Fit::does_not_fit(error.diagnose().why),
    };
    let wanted = match contents::wanted(file, options) {
        Ok(wanted) => wanted,
        Err(why) => return Fit::does_not_fit(why),
    };
    let Some(target) = target else {
        return Fit::cannot_tell("The reader was not identified yet.");
    };
    let images = Images::of_slots(target.slots.clone());
    let known = Known::of(Some(target));
    let runs = known == Known::Application;
    if contents::is_for_slots(&wanted) && moves_images(target) {
        return Fit::does_not_fit(contents::NOT_IN_PLACE);
    }
    let wanted = contents::for_reader(&wanted, &images, known.mode());
    if let [only] = &wanted[..] {
        return fit_of(only, &images, runs, options);
    }
    let mut sentences = Vec::new();
    for image in &wanted {
        let options = SmpOptions {
            image: image.number,
            ..options
        };
        match fit_of(image, &images, runs, options) {
            Fit::Fits { note } => sentences.push(format!("{}: {note}", image.name)),
            other => return other,
        }
    }
    Fit::fits(sentences.join("; "))
}

/// Whether the reader's bootloader said that it starts no image where it lies.
fn moves_images(target: &Target) -> bool {
    target.reverts.is_some() && !target.refuses_older
}

/// Why several images are not loaded together.
pub(super) fn one_by_one(wanted: &[ImageToSend<'_>]) -> String {
    format!(
        "Whether its application answers, or its bootloader, is not known: several images are loaded together through one that says which it is. Load them one by one, with the option image: {}.",
        contents::names(wanted)
    )
}

fn fit_of(wanted: &ImageToSend<'_>, images: &Images, runs: bool, options: SmpOptions) -> Fit {
    let options = SmpOptions {
        image: wanted.number,
        ..options
    };
    let number = match which::image(images, &wanted.hash, options) {
        Ok(number) => number,
        Err(why) => return Fit::cannot_tell(why),
    };
    let ours = wanted.image.identity.version.as_deref();
    let ours = ours.unwrap_or("new image");
    match images.state_of(number, &wanted.hash) {
        ImageState::Confirmed if runs => Fit::fits("the reader already runs these bytes"),
        ImageState::Testing if runs => {
            Fit::fits("the reader runs it as a test image; it will be confirmed")
        }
        ImageState::Absent => {
            let theirs = images.active(number).or_else(|| images.first(number));
            match theirs.and_then(|slot| slot.version.as_deref()) {
                Some(theirs) => Fit::fits(format!("{theirs} → {ours}")),
                None => Fit::fits("new image"),
            }
        }
        ImageState::Confirmed
        | ImageState::Testing
        | ImageState::Pending
        | ImageState::Uploaded => Fit::fits("the reader already holds it"),
    }
}

/// What a reader is known to be when a load is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Application,
    Recovery,
    Nothing,
}

impl Known {
    fn of(target: Option<&Target>) -> Self {
        match target.and_then(|target| target.mode.as_deref()) {
            Some("application") => Self::Application,
            Some("recovery") => Self::Recovery,
            _ => Self::Nothing,
        }
    }

    fn mode(self) -> Mode {
        match self {
            Self::Application => Mode::Application,
            Self::Recovery => Mode::Recovery,
            Self::Nothing => Mode::Unclear,
        }
    }

    /// One of three sentences: of an application, of recovery, of a reader that was not identified.
    fn say(self, application: &str, recovery: &str, either: &str) -> String {
        match self {
            Self::Application => application,
            Self::Recovery => recovery,
            Self::Nothing => either,
        }
        .into()
    }
}

/// What a load will do.
pub(super) fn plan(
    file: &Inspection,
    target: Option<&Target>,
    options: &Options,
) -> Result<LoadPlan, LoadError> {
    let options = SmpOptions::read(options)?;
    let wanted = contents::wanted(file, options).map_err(LoadError::does_not_fit)?;
    let known = Known::of(target);
    let is_for_slots = contents::is_for_slots(&wanted);
    if is_for_slots && target.is_some_and(moves_images) {
        return Err(LoadError::does_not_fit(contents::NOT_IN_PLACE.into()));
    }
    let listed = target.map(|target| Images::of_slots(target.slots.clone()));
    let wanted = contents::for_reader(&wanted, &listed.unwrap_or_default(), known.mode());
    if let ([only], Some(target)) = (&wanted[..], target) {
        let images = Images::of_slots(target.slots.clone());
        let options = SmpOptions {
            image: only.number,
            ..options
        };
        which::image(&images, &only.hash, options).map_err(LoadError::does_not_fit)?;
    }
    let is_one = wanted.len() == 1;
    let mut risks = risks(&wanted, target, known);
    if is_for_slots {
        risks.push("The file holds an image for each of two slots: the one for the slot that the reader does not run is sent, and it is asked at the start which that is.".into());
    }
    Ok(LoadPlan {
        phases: phases(&wanted, target, known),
        risks,
        impact: if is_one {
            known.say(
                "The image in the reader's other slot is replaced, and the reader restarts.",
                "The image the reader has is replaced, and the reader restarts.",
                "An image of the reader is replaced, and the reader restarts.",
            )
        } else {
            format!(
                "{} images of the reader are replaced ({}), and the reader restarts once.",
                wanted.len(),
                contents::names(&wanted)
            )
        },
        verified_when: if is_one {
            "The reader reports, after its restart, the hash of this image as the one it runs and has confirmed.".into()
        } else {
            "The reader reports, after its restart, the hash of each of these images as one that it runs and has confirmed.".into()
        },
        verified_by: Some(ProofMethod::HashAfterRestart),
        if_stopped: known.say(
            "Before the restart the reader runs its old image. A resume first reads how much it holds.",
            "The image the reader had is overwritten as soon as sending began; it waits in its bootloader, and a resume sends the image again.",
            "An application runs its old image until the restart; a reader in its bootloader's recovery has none once sending began. A resume first reads what it holds.",
        ),
        save_before: SaveBefore::not_offered(
            "What the reader holds cannot be saved first: SMP has no request that reads an image.",
        ),
    })
}

fn phases(wanted: &[ImageToSend<'_>], target: Option<&Target>, known: Known) -> Vec<Phase> {
    let row = |key: &str, title: &str, undo: &str| Phase {
        key: key.into(),
        title: title.into(),
        bytes: 0,
        usual_seconds: Some(1),
        stall_seconds: 15,
        can_stop: true,
        undo: undo.into(),
    };
    let back = match (known, target.and_then(|target| target.reverts)) {
        (Known::Recovery, _) => "Cannot be undone: the old image has to be sent again",
        (_, Some(true)) => {
            "The reader reverts to its old image at its next restart, until the new one is confirmed"
        }
        (_, Some(false)) => {
            "Cannot be undone: its bootloader replaces the old image, which has to be sent again"
        }
        (_, None) => {
            "Depends on its bootloader: a swapping one reverts until the image is confirmed"
        }
    };
    let sent = known.say(
        "Nothing to undo: the running image is not touched",
        "Cannot be undone: the image the reader had is overwritten",
        "An application's running image is not touched; recovery overwrites the one it has",
    );
    let mut phases = vec![
        row(phase::CONNECT, "Connect", "Nothing to undo"),
        Phase {
            bytes: wanted.iter().map(|one| one.image.size_bytes).sum(),
            usual_seconds: None,
            // The first answer may take as long as the erasing of the slot.
            stall_seconds: 90,
            ..row(phase::UPLOAD, "Send the image", &sent)
        },
        row(phase::CHECK_HASH, "Compare stored hash", &sent),
    ];
    if known != Known::Recovery {
        phases.push(row(
            phase::MARK_FOR_TEST,
            "Set as test image",
            "Undo: set another image",
        ));
    }
    phases.extend([
        Phase {
            can_stop: false,
            ..row(phase::RESTART, "Restart", back)
        },
        Phase {
            usual_seconds: Some(20),
            stall_seconds: 100,
            ..row(phase::FIND_AGAIN, "Wait for restart", back)
        },
        Phase {
            can_stop: false,
            ..row(
                phase::CONFIRM,
                "Confirm and compare",
                "Cannot be undone: the old image has to be sent again",
            )
        },
    ]);
    phases
}

fn risks(wanted: &[ImageToSend<'_>], target: Option<&Target>, known: Known) -> Vec<String> {
    let mut risks =
        vec!["The reader restarts and is away for a few seconds, up to two minutes.".to_owned()];
    match wanted {
        [only] if only.part.is_some() => risks.push(format!(
            "Only {} is sent, which lies inside the file.",
            only.title()
        )),
        [_] => {}
        _ => risks.push("The images are confirmed once all of them are seen to run. A bootloader that starts some of them and not the others leaves the reader with both kinds until its next restart.".to_owned()),
    }
    if known == Known::Recovery {
        risks.push("The reader waits in its bootloader's serial recovery: the image replaces the one it has, without a way back. Until it gets one that its bootloader accepts, it runs none.".into());
        return risks;
    }
    risks.push("Whether its bootloader accepts the image's signature shows only after the restart; if it does not, an application comes back with its old image.".into());
    if target.is_some_and(|target| target.reverts == Some(false)) {
        risks.push("Its bootloader replaces the old image without a way back.".to_owned());
    }
    if target.is_some_and(|target| target.refuses_older) {
        risks.push("Its bootloader starts no image that is older than the one it runs.".to_owned());
    }
    if known == Known::Nothing {
        risks.push("The reader was not identified: if it waits in its bootloader's serial recovery, the image replaces the one it has, without a way back.".into());
    }
    risks
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Sha256;
    use firmdrop_image::{Check, CheckResult, Format};

    use super::*;
    use crate::Slot;

    fn image() -> Inspection {
        contents::tests::image(Format::Mcuboot, Some(b"image"))
    }

    fn target() -> Target {
        Target {
            version: Some("2.4.0".into()),
            slots: vec![Slot {
                image: 0,
                slot: 0,
                version: Some("2.4.0".into()),
                hash: Some(Sha256::of(b"old").into()),
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
    fn a_reader_that_was_identified_gets_the_way_from_version_to_version() {
        assert_eq!(
            fit(&image(), Some(&target()), &Options::new()),
            Fit::fits("2.4.0 → 2.4.1")
        );
        assert!(matches!(
            fit(&image(), None, &Options::new()),
            Fit::CannotTell { .. }
        ));
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
                fit(&image, Some(&target()), &Options::new()),
                Fit::DoesNotFit { .. }
            ));
        }
    }

    #[test]
    fn a_plan_promises_a_way_back_only_where_there_is_one() {
        let restart = |reverts| {
            let target = Target {
                reverts,
                ..target()
            };
            let plan = plan(&image(), Some(&target), &Options::new()).unwrap();
            let phase = plan.phases.into_iter().find(|p| p.key == phase::RESTART);
            phase.unwrap().undo
        };
        assert!(restart(Some(true)).starts_with("The reader reverts"));
        assert!(restart(Some(false)).starts_with("Cannot be undone"));
        assert!(restart(None).starts_with("Depends"));
    }

    #[test]
    fn only_the_upload_is_counted_in_bytes() {
        let plan = plan(&image(), None, &Options::new()).unwrap();
        let counted: Vec<_> = plan.phases.iter().filter(|phase| phase.bytes > 0).collect();
        assert_eq!(counted.len(), 1);
        assert_eq!(
            (counted[0].key.as_str(), counted[0].bytes),
            (phase::UPLOAD, 1000)
        );
    }

    #[test]
    fn a_plan_for_recovery_does_not_speak_of_a_running_image() {
        let recovery = Target {
            mode: Some("recovery".into()),
            ..target()
        };
        let plan = plan(&image(), Some(&recovery), &Options::new()).unwrap();
        assert!(
            plan.phases
                .iter()
                .all(|phase| phase.key != phase::MARK_FOR_TEST)
        );
        let text = format!("{plan:?}");
        assert!(!text.contains("running image"), "{text}");
        assert!(text.contains("without a way back"), "{text}");
    }
}
