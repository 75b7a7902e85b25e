//! Refusals of campaigns: a 409 may be a name, a phase or a device; a 403 may be the phase or the key.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::{Act, Object, Refusal, Subject};
use crate::pelion::campaign::CampaignAct;

impl Refusal {
    pub(super) fn of_campaign(&self, subject: Subject) -> Option<Diagnosis> {
        Some(match (subject.act, self.status) {
            (Act::List, 400) if self.speaks_of(&["filter"]) => self.filter_refused(),
            (Act::Progress, 404) => self
                .with_code(
                    Code::NotYetCounted,
                    "The campaign has not been started, or it does not exist.",
                )
                .remedy(Remedy::advice("Look at the campaign; it has numbers once it is active.")),
            (_, 404 | 410) => self.gone(Object::Campaign),
            (Act::Start, 400) => self.incomplete(),
            (Act::Create | Act::Change, 400) if self.says_a_name_is_taken() => self.taken(subject),
            (Act::Create | Act::Change, 400) if self.speaks_of(&["device_filter", "filter"]) => {
                self.filter_refused()
            }
            (Act::Change, 403) => self.locked(),
            (_, 409) if self.is_about_another_act() => self.conflict(),
            (Act::Create, 409) if !self.is_about_a_taken_name() => self.conflict(),
            (Act::Create, 409) => self.taken(subject),
            (Act::Change, 409) if self.is_about_a_name() => self.taken(subject),
            (Act::Change, 409) => self.wrong_phase(CampaignAct::Edit),
            (Act::Start, 409) if self.is_about_devices() => self
                .with_code(
                    Code::DeviceConflict,
                    "A one-shot campaign does not start while one of its devices is in another campaign.",
                )
                .remedy(Remedy::advice("Exclude those devices, or stop the other campaign and start again."))
                .remedy(Remedy::advice("Or make a continuous campaign, which takes devices over.")),
            (Act::Start, 409) if self.speaks_of(&["manifest", "filter"]) => self.incomplete(),
            (Act::Start, 409) => self.wrong_phase(CampaignAct::Start),
            (Act::Stop, 409) => self.wrong_phase(CampaignAct::Stop),
            (Act::Archive, 409) => self.wrong_phase(CampaignAct::Archive),
            (Act::Delete, 409) => self.wrong_phase(CampaignAct::Delete),
            _ => return None,
        })
    }

    fn wrong_phase(&self, act: CampaignAct) -> Diagnosis {
        let help = match act {
            CampaignAct::Edit => "Make a copy of the campaign and change that.",
            CampaignAct::Start => {
                "Look at its phase. A campaign is started once; make a copy to send the update again."
            }
            CampaignAct::Stop => "Look at its phase; it may be stopped or stopping already.",
            CampaignAct::Archive => "Stop it, wait until it is stopped, then archive it.",
            CampaignAct::Delete => "Stop it, wait until it is stopped, then delete it.",
        };
        let why = format!("Only {} can be {}.", act.needs(), done(act));
        self.with_code(Code::CampaignWrongPhase, &why)
            .remedy(Remedy::advice(help))
    }

    fn locked(&self) -> Diagnosis {
        if self.speaks_of(&[
            "permission",
            "privilege",
            "not authorized",
            "not authorised",
            "access right",
        ]) {
            return self.of_any();
        }
        self.with_code(
            Code::CampaignLocked,
            "Outside the draft only name and description can be changed.",
        )
        .remedy(Remedy::advice("Make a copy of the campaign and change that."))
        .remedy(Remedy::advice("If it is a draft, ask the administrator of the account for the right to change campaigns."))
    }

    fn incomplete(&self) -> Diagnosis {
        self.with_code(
            Code::CampaignIncomplete,
            "A campaign needs a device filter and a firmware manifest to start.",
        )
        .remedy(Remedy::advice(
            "Give the draft a device filter and a firmware manifest, then start it.",
        ))
    }

    fn is_about_a_name(&self) -> bool {
        self.speaks_of(&["name", "unique"]) && !self.speaks_of(&["phase", "state"])
    }

    fn is_about_devices(&self) -> bool {
        self.speaks_of(&["device"]) && !self.speaks_of(&["phase", "device_filter", "device filter"])
    }
}

const fn done(act: CampaignAct) -> &'static str {
    match act {
        CampaignAct::Edit => "changed",
        CampaignAct::Start => "started",
        CampaignAct::Stop => "stopped",
        CampaignAct::Archive => "archived",
        CampaignAct::Delete => "deleted",
    }
}
