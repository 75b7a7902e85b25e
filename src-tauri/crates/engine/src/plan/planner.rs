//! Computes plans: checks the files, then asks the destination's backend. Sends nothing.

use firmdrop_core::{Code, Diagnosis, Phase, Remedy};
use firmdrop_image::{CheckResult, Integrity};

use super::{DeliveryOptions, Files, ImageFile, Plan};
use crate::delivery::CHECK_FILE;
use crate::{Destination, Engine, PlanRequest};

impl Engine {
    /// What delivering these files there would do. Files that are damaged or do not fit are refused
    /// here.
    pub async fn plan(
        &self,
        files: &Files,
        destination: &Destination,
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        files.iter().try_for_each(ImageFile::refuse_damaged)?;
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
        backend.plan(request).await
    }
}

impl ImageFile {
    /// A damaged image fits nowhere, whatever else agrees: it is refused before anybody is asked.
    pub fn refuse_damaged(&self) -> Result<(), Diagnosis> {
        match self.inspection.integrity() {
            Integrity::Damaged => Err(damaged(self)),
            _ => Ok(()),
        }
    }
}

fn damaged(image: &ImageFile) -> Diagnosis {
    let failed = |check: &&firmdrop_image::Check| check.result == CheckResult::Failed;
    let first = image.inspection.checks.iter().find(failed);
    let why = first.map_or_else(String::new, |check| {
        format!("{}: {}", check.name, check.explanation)
    });
    let what = format!("{} is damaged and was not planned.", image.file_name);
    Diagnosis::new(Code::DoesNotFit, what, why)
        .titled("The file is damaged")
        .state("Nothing was sent.")
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
