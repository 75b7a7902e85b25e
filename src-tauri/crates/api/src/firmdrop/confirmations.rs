//! What a delivery needs beyond one click: downgrade, same version, damage, no signature, plain http, production.
//!
//! They are part of the plan, and a delivery without them is refused here, whatever face asks for it. The window has
//! each ticked; on the command line they are printed with the plan, and whoever says yes to it confirms them all.

use std::collections::HashSet;

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{
    Account, Confirmation, ConfirmationAbout, Destination, ImageFile, Impact, JobId, Plan,
};
use firmdrop_image::{Inspection, Signature};
use serde::{Deserialize, Serialize};

use super::versions::of_versions;
use super::{Firmdrop, hold};
use crate::PlanId;

/// A plan, and what of it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ConfirmedPlan {
    /// The plan.
    pub plan: PlanId,
    /// The confirmations that were given.
    pub confirmed: Vec<ConfirmationAbout>,
}

impl ConfirmedPlan {
    /// A plan that a user saw with all of its confirmations, and said yes to.
    pub fn whole(plan: &Plan) -> Self {
        let confirmed = plan.confirmations.iter().map(|each| each.about);
        Self {
            plan: plan.id.clone(),
            confirmed: confirmed.collect(),
        }
    }
}

impl Firmdrop {
    /// Carries plans out, each as a job of its own, provided that everything in them that needs a
    /// confirmation has it. Answers at once.
    pub async fn deliver_confirmed(
        &self,
        plans: &[ConfirmedPlan],
    ) -> Result<Vec<JobId>, Diagnosis> {
        let ids: Vec<PlanId> = plans.iter().map(|each| each.plan.clone()).collect();
        for (plan, given) in self.waiting_plans(&ids)?.iter().zip(plans) {
            let given: HashSet<_> = given.confirmed.iter().collect();
            let missing = plan
                .confirmations
                .iter()
                .find(|each| !given.contains(&each.about));
            if let Some(missing) = missing {
                return Err(not_confirmed(plan, missing));
            }
        }
        self.deliver(&ids).await
    }

    /// Plans that wait for their confirmation. They stay where they are.
    pub fn waiting_plans(&self, ids: &[PlanId]) -> Result<Vec<Plan>, Diagnosis> {
        let waiting = hold(&self.inner.plans);
        let plan = |id| {
            waiting
                .get(id)
                .cloned()
                .ok_or_else(super::deliver::plan_gone)
        };
        ids.iter().map(plan).collect()
    }

    /// The account behind a destination; `None` for a reader.
    pub fn account_of(&self, destination: &Destination) -> Option<Account> {
        let accounts = self.inner.engine.accounts().list().ok()?;
        let backends = self.inner.engine.backends();
        accounts.into_iter().find(|account| {
            let backend = backends.of_account(account).ok();
            backend
                .and_then(|backend| backend.destination_of(account))
                .as_ref()
                == Some(destination)
        })
    }

    /// What of a plan is confirmed by itself.
    pub(super) fn confirmations(&self, plan: &Plan) -> Vec<Confirmation> {
        let mut confirmations = Vec::new();
        if plan.impact == Impact::DeviceWrite {
            let target = self.inner.readers.target(&plan.destination);
            let file = &plan.image().inspection;
            let own = &plan.options.own;
            let sent = self.inner.readers.sent_images(&plan.destination, file, own);
            confirmations.extend(
                target
                    .into_iter()
                    .flat_map(|target| of_versions(&plan.destination_name, &target, file, &sent)),
            );
        }
        if let Some(damage) = plan.files.iter().find_map(ImageFile::damage) {
            confirmations.push(Confirmation {
                about: ConfirmationAbout::Damaged,
                title: "Deliver a file that is damaged".to_owned(),
                consequence: format!(
                    "{damage}. A device that installs it may not start again. The ledger records that it was sent so."
                ),
            });
        }
        if holds_an_unsigned_image(&plan.image().inspection, plan.impact) {
            confirmations.push(Confirmation {
                about: ConfirmationAbout::Unsigned,
                title: "Deliver an image without a signature".to_owned(),
                consequence: "Nothing proves who built it. A bootloader that requires a signature refuses it.".to_owned(),
            });
        }
        if let Some(account) = self.account_of(&plan.destination) {
            confirmations.extend(of_account(&account));
        }
        confirmations
    }
}

/// Whether an image that can be signed is not; for a reader also one inside of a file that has no place for a signature.
fn holds_an_unsigned_image(file: &Inspection, impact: Impact) -> bool {
    let inside = || {
        let mut parts = file.parts.iter();
        parts.any(|part| part.inspection.signature == Signature::Absent)
    };
    match file.signature {
        Signature::Absent => true,
        Signature::NotPossible => impact == Impact::DeviceWrite && inside(),
        Signature::Present { .. } => false,
    }
}

fn of_account(account: &Account) -> Vec<Confirmation> {
    let mut confirmations = Vec::new();
    if account.production {
        confirmations.push(Confirmation {
            about: ConfirmationAbout::Production,
            title: format!("Deliver to production: {}", account.name),
            consequence: format!("{} is marked as production.", account.host),
        });
    }
    if is_plain_http(&account.host) && !account.simulated {
        confirmations.push(Confirmation {
            about: ConfirmationAbout::PlainHttp,
            title: format!("Send to {} without encryption", account.name),
            consequence: format!(
                "{} is plain http: others in the network can read the access key and the image.",
                account.host
            ),
        });
    }
    confirmations
}

/// Whether an address sends everything unencrypted over a network.
pub(crate) fn is_plain_http(host: &str) -> bool {
    let lower = host.trim().to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("http://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_loopback = name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    !is_loopback
}

pub(super) fn not_confirmed(plan: &Plan, missing: &Confirmation) -> Diagnosis {
    Diagnosis::new(
        Code::ConfirmationMissing,
        format!(
            "{} was not delivered to {}.",
            plan.image_name(),
            plan.destination_name
        ),
        format!("Not confirmed: {}. {}", missing.title, missing.consequence),
    )
    .state("Nothing was sent.")
    .remedy(Remedy::PlanAgain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_what_leaves_this_computer_unencrypted() {
        for plain in [
            "http://api.example",
            "HTTP://10.0.0.5:8080/v3",
            "http://[2001:db8::1]/",
            "http://user@lab/",
        ] {
            assert!(is_plain_http(plain), "{plain}");
        }
        for not in [
            "https://api.example",
            "http://127.0.0.1:41234",
            "http://localhost",
            "http://[::1]:80",
        ] {
            assert!(!is_plain_http(not), "{not}");
        }
    }
}
