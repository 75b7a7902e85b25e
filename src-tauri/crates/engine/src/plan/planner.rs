//! Computes plans. Asks nobody but the accounts' file, sends nothing.

use firmdrop_cloud::pelion::upload;
use firmdrop_core::{Code, Diagnosis, Fit, Phase, Remedy, grouped};
use firmdrop_image::{CheckResult, Integrity};
use firmdrop_link::LinkAddress;
use firmdrop_loader::Protocol;

use super::{DeliveryOptions, ImageFile, Impact, Plan, PlanId};
use crate::delivery::CHECK_FILE;
use crate::{Destination, Engine};

/// Longest name of a firmware image and of an upload job, characters. Pelion's public contract of
/// 2021, `firmware-images`.
pub const LONGEST_NAME: usize = 128;
/// Longest description, characters. The same contract.
pub const LONGEST_DESCRIPTION: usize = 2_000;

/// A risk of every upload without a campaign.
pub(super) const NAME_MUST_BE_FREE: &str =
    "The name must be free in the account. If it is not, nothing is sent.";

impl Engine {
    /// What delivering this image there would do. An image that does not fit is refused here.
    pub fn plan(
        &self,
        image: &ImageFile,
        destination: &Destination,
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        if image.inspection.integrity() == Integrity::Damaged {
            return Err(damaged(image));
        }
        let mut plan = match destination {
            Destination::Pelion { account } => self.plan_upload(image, account, options),
            Destination::Reader { protocol, link } => {
                self.plan_load(image, *protocol, link, options)
            }
        }?;
        if options.address.is_some() {
            let unused =
                "The address is not used: this destination decides itself where the image lies.";
            plan.risks.push(unused.into());
        }
        Ok(plan)
    }

    fn plan_upload(
        &self,
        image: &ImageFile,
        account: &str,
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        let account = self.accounts().get(account)?;
        let name = options
            .name
            .clone()
            .unwrap_or_else(|| image.file_name.clone());
        check_length("name", &name, LONGEST_NAME)?;
        check_length(
            "description",
            options.description.as_deref().unwrap_or(""),
            LONGEST_DESCRIPTION,
        )?;
        let chunking = upload::Chunking::from(options.chunk_bytes);
        let phases = upload::phases(&image.expected, chunking);
        let many = phases.iter().any(|phase| phase.key == "send_chunks");
        let expected = &image.expected;
        Ok(Plan {
            id: PlanId::new(),
            image: image.clone(),
            destination: Destination::Pelion {
                account: account.name.clone(),
            },
            destination_name: account.name.clone(),
            simulated: account.simulated,
            production: account.production,
            options: options.clone(),
            remote_name: Some(name),
            campaign: None,
            phases,
            risks: vec![
                NAME_MUST_BE_FREE.into(),
                if many {
                    "If the line breaks, the chunks the service confirmed are kept and the upload goes on with the next one.".into()
                } else {
                    "If the line breaks before the answer, the service is asked for the name before anything is sent again.".into()
                },
            ],
            impact: Impact::Upload,
            verified_when: format!(
                "The remote copy has {} bytes and the SHA-256 {}.",
                grouped(expected.size_bytes),
                expected.sha256.short()
            ),
            if_stopped: if many {
                "The service keeps the chunks it confirmed. A resume goes on with the next one."
                    .into()
            } else {
                "Either the whole image was stored or nothing of it. A resume asks first.".into()
            },
        })
    }

    fn plan_load(
        &self,
        image: &ImageFile,
        protocol: Protocol,
        link: &LinkAddress,
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        let loader = self.loader(protocol)?;
        if let Fit::DoesNotFit { why } = loader.fit(&image.inspection, None) {
            let what = format!("{} was not planned for {link}.", image.file_name);
            return Err(Diagnosis::new(Code::DoesNotFit, what, why)
                .state("The reader was not touched.")
                .remedy(Remedy::ChooseAnotherFile));
        }
        let load = loader.plan(&image.inspection, None);
        let destination = Destination::Reader {
            protocol,
            link: link.clone(),
        };
        let mut phases = vec![check_file_phase()];
        phases.extend(load.phases);
        Ok(Plan {
            id: PlanId::new(),
            image: image.clone(),
            destination_name: link.without_options().to_owned(),
            simulated: link.is_simulated(),
            destination,
            production: false,
            options: options.clone(),
            remote_name: None,
            campaign: None,
            phases,
            risks: load.risks,
            impact: Impact::DeviceWrite,
            verified_when: "The reader tells, after its restart, the hash of this image as the one it runs and keeps.".into(),
            if_stopped: "The reader goes on with its old image. A resume asks it how much it holds.".into(),
        })
    }
}

/// A damaged image fits nowhere, whatever else agrees.
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

fn check_file_phase() -> Phase {
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

pub(super) fn check_length(what: &str, text: &str, longest: usize) -> Result<(), Diagnosis> {
    let length = text.chars().count();
    if length <= longest && !(what == "name" && length == 0) {
        return Ok(());
    }
    let (code, why) = if length == 0 {
        (
            Code::NameTooLong,
            "The service needs a name to tell images apart.".to_owned(),
        )
    } else {
        (
            Code::NameTooLong,
            format!("It has {length} characters, the service takes {longest}."),
        )
    };
    let suggestion: String = text.chars().take(longest.saturating_sub(20)).collect();
    let diagnosis = Diagnosis::new(code, format!("The {what} cannot be used."), why)
        .titled(if length == 0 {
            "The name is missing".to_owned()
        } else {
            format!("The {what} is too long")
        })
        .state("Nothing was sent.");
    Err(if what == "name" && length > 0 {
        diagnosis.remedy(Remedy::ChooseAnotherName { suggestion })
    } else {
        diagnosis.remedy(Remedy::PlanAgain)
    })
}
