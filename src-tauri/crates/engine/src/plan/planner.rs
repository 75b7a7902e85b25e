//! Computes plans: checks the files, then asks the destination's backend. Sends nothing.

use firmdrop_core::{Code, Diagnosis, Phase, Remedy};
use firmdrop_image::{CheckResult, Integrity};

use super::{DeliveryOptions, Files, ImageFile, Impact, Plan};
use crate::delivery::CHECK_FILE;
use crate::{Destination, Engine, PlanRequest};

impl Engine {
    /// What delivering these files there would do. Files that do not fit are refused here, and damaged
    /// ones wherever they would do more than lie there until somebody deletes them.
    pub async fn plan(
        &self,
        files: &Files,
        destination: &Destination,
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        let is_damaged = files.iter().try_for_each(ImageFile::refuse_damaged);
        let backend = self.backends().of(destination)?;
        let options = &self
            .backends()
            .options_for(&**backend, destination, options)?;
        let request = PlanRequest {
            files,
            destination,
            options,
            accounts: self.accounts(),
            home: self.home(),
            clock: &*self.shared.clock,
        };
        let mut planned = backend.plan(request).await;
        if let Ok(plan) = &mut planned {
            plan.account_address = self.shared.account_address(&**backend, destination);
        }
        match is_damaged {
            Ok(()) => planned,
            // A false alarm must be no dead end: whoever stores bytes stores any, and is asked first.
            Err(_)
                if planned
                    .as_ref()
                    .is_ok_and(|plan| plan.impact == Impact::Upload) =>
            {
                planned
            }
            Err(damaged) => Err(damaged),
        }
    }
}

impl ImageFile {
    /// A damaged image fits no reader, whatever else agrees.
    pub fn refuse_damaged(&self) -> Result<(), Diagnosis> {
        match self.inspection.integrity() {
            Integrity::Damaged => Err(damaged(self)),
            _ => Ok(()),
        }
    }
}

impl ImageFile {
    /// The first failed check in words; none when no check failed.
    pub fn damage(&self) -> Option<String> {
        let failed = |check: &&firmdrop_image::Check| check.result == CheckResult::Failed;
        let first = self.inspection.checks.iter().find(failed)?;
        Some(format!("{}: {}", first.name, first.explanation))
    }
}

fn damaged(image: &ImageFile) -> Diagnosis {
    let why = image.damage().unwrap_or_default();
    let what = format!("{} is damaged and was not planned.", image.file_name);
    Diagnosis::new(Code::DoesNotFit, what, why)
        .titled("The file is damaged")
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::ChooseAnotherFile)
}

/// The first phase of every delivery.
pub fn check_file_phase() -> Phase {
    Phase {
        key: CHECK_FILE.into(),
        title: "Check file".into(),
        bytes: 0,
        usual_seconds: Some(1),
        stall_seconds: 60,
        can_stop: true,
        undo: "Nothing to undo".into(),
    }
}
