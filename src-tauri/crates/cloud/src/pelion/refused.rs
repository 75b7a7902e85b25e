//! What a refusal means: a 409 to a name is not a 409 to a stop.
//!
//! It reads verb and path of the request only; the service's own words are shown beside it.
//! Source of who may do what when: public contract of January 2021.

use firmdrop_core::Code;

/// A refusal in a person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) code: Code,
    pub(super) why: &'static str,
    pub(super) help: &'static str,
}

/// What 403, 404 and 409 mean for this request, `VERB /v3/…`.
pub(super) fn meaning(request: &str, status: u16) -> Option<Meaning> {
    let (verb, path) = request.split_once(' ')?;
    let mut parts = path.trim_start_matches("/v3/").split('/');
    let (thing, id, act) = (parts.next()?, parts.next(), parts.next());
    match status {
        404 => Some(gone(thing, id, act)),
        409 => Some(conflict(verb, thing, act)),
        403 if verb == "PUT" && thing == "update-campaigns" => Some(Meaning {
            code: Code::CampaignLocked,
            why: "Of a campaign that was started only name and description can be changed.",
            help: "Make a copy of the campaign, change the copy and start it.",
        }),
        _ => None,
    }
}

fn gone(thing: &str, id: Option<&str>, act: Option<&str>) -> Meaning {
    let code = match (thing, id, act) {
        ("firmware-images", Some("upload-jobs"), _) => Code::UploadJobGone,
        ("firmware-manifests", ..) => Code::ManifestGone,
        ("update-campaigns", _, Some("statistics")) => Code::NotYetCounted,
        ("update-campaigns", ..) => Code::CampaignGone,
        ("devices", ..) => Code::DeviceGone,
        ("device-queries", ..) => Code::SavedQueryGone,
        ("device-groups", ..) => Code::DeviceGroupGone,
        ("firmware-images", ..) => Code::FirmwareImageGone,
        _ => Code::ServiceRefused,
    };
    if code == Code::NotYetCounted {
        return Meaning {
            code,
            why: "It counts from the moment a campaign is active; or the campaign does not exist.",
            help: "Look at the campaign's phase.",
        };
    }
    Meaning {
        code,
        why: "It does not exist in this account, or it was deleted.",
        help: "Look at the list.",
    }
}

fn conflict(verb: &str, thing: &str, act: Option<&str>) -> Meaning {
    let phase = |why, help| Meaning {
        code: Code::CampaignWrongPhase,
        why,
        help,
    };
    let name = |why| Meaning {
        code: Code::NameTaken,
        why,
        help: "Choose another name.",
    };
    match (thing, verb, act) {
        ("update-campaigns", _, Some("start")) => phase(
            "Only a draft can be started, and only once.",
            "Make a copy of the campaign and start the copy.",
        ),
        ("update-campaigns", _, Some("stop")) => phase(
            "Only a campaign that is starting or active can be stopped.",
            "Look at the campaign: perhaps it has stopped already.",
        ),
        ("update-campaigns", _, Some("archive")) => phase(
            "Only a stopped campaign can be archived.",
            "Look at its phase: one that runs has to be stopped first, an archived one needs nothing.",
        ),
        ("update-campaigns", "DELETE", _) => phase(
            "A campaign that runs cannot be deleted.",
            "Stop the campaign, wait until it has stopped, then delete it; `pelion campaigns delete --stop` does all of it.",
        ),
        ("update-campaigns", ..) => {
            name("A campaign of this name exists; an archived one counts as well.")
        }
        ("firmware-manifests", ..) => name("A firmware manifest of this name exists."),
        ("device-queries", ..) => name("A saved query of this name exists."),
        ("device-groups", ..) => name("A device group of this name exists."),
        _ => name("A firmware image or an upload job of this name exists."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(request: &str, status: u16) -> Option<Code> {
        meaning(request, status).map(|meaning| meaning.code)
    }

    #[test]
    fn what_is_missing_is_named() {
        for (path, expected) in [
            ("firmware-images/1", Code::FirmwareImageGone),
            ("firmware-images/upload-jobs/1/chunks", Code::UploadJobGone),
            ("firmware-manifests/1", Code::ManifestGone),
            ("update-campaigns/1", Code::CampaignGone),
            ("update-campaigns/1/stop", Code::CampaignGone),
            ("update-campaigns/1/statistics", Code::NotYetCounted),
            ("devices/1", Code::DeviceGone),
            ("device-queries/1", Code::SavedQueryGone),
            ("device-groups/1/devices", Code::DeviceGroupGone),
            ("elsewhere", Code::ServiceRefused),
        ] {
            assert_eq!(code(&format!("GET /v3/{path}"), 404), Some(expected));
        }
    }

    #[test]
    fn a_conflict_of_phases_is_no_conflict_of_names() {
        for (request, expected) in [
            ("POST /v3/firmware-images/upload-jobs", Code::NameTaken),
            ("POST /v3/update-campaigns", Code::NameTaken),
            ("PUT /v3/update-campaigns/1", Code::NameTaken),
            (
                "POST /v3/update-campaigns/1/start",
                Code::CampaignWrongPhase,
            ),
            ("POST /v3/update-campaigns/1/stop", Code::CampaignWrongPhase),
            (
                "POST /v3/update-campaigns/1/archive",
                Code::CampaignWrongPhase,
            ),
            ("DELETE /v3/update-campaigns/1", Code::CampaignWrongPhase),
        ] {
            assert_eq!(code(request, 409), Some(expected), "{request}");
        }
        let delete = meaning("DELETE /v3/update-campaigns/1", 409).unwrap();
        assert!(delete.help.contains("Stop"));
    }

    #[test]
    fn only_a_change_of_a_campaign_is_refused_for_its_phase() {
        let change = code("PUT /v3/update-campaigns/1", 403);
        assert_eq!(change, Some(Code::CampaignLocked));
        assert_eq!(code("GET /v3/update-campaigns", 403), None);
        assert_eq!(code("PUT /v3/update-campaigns/1", 500), None);
    }
}
