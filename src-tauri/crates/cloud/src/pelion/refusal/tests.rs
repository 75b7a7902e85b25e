//! What is said of the refusals of a Pelion service.

use super::*;

fn refusal(status: u16) -> Refusal {
    Refusal {
        account: "Production EU".to_owned(),
        request: "POST /v3/firmware-images/upload-jobs".to_owned(),
        status,
        kind: "conflict".to_owned(),
        message: "Name is not unique.".to_owned(),
        fields: Vec::new(),
        request_id: Some("00005c63".to_owned()),
        retry_after: Some(Duration::from_secs(14)),
        names_a_retry: true,
        redirects_to: None,
        web_page: false,
        host_is_known: false,
    }
}

#[test]
fn a_campaign_that_is_refused_for_something_under_way_is_not_said_to_be_in_a_wrong_phase() {
    for act in ["", "/a/start", "/a/stop", "/a/archive"] {
        let diagnosis = Refusal {
            request: format!("POST /v3/update-campaigns{act}"),
            message: "Another operation is in progress.".to_owned(),
            ..refusal(409)
        }
        .diagnose();
        assert_eq!(diagnosis.code, Code::ServiceRefused, "{act}");
        assert!(diagnosis.title.contains("conflict"), "{act}");
    }
}

#[test]
fn a_conflict_about_equal_bytes_is_no_taken_name() {
    let refused = Refusal {
        request: "POST /v3/firmware-images".to_owned(),
        message: "A firmware image with the same checksum already exists: 0165aaaa.".to_owned(),
        ..refusal(409)
    };
    let diagnosis = refused.diagnose();
    assert_eq!(diagnosis.code, Code::ObjectExists);
    assert!(diagnosis.what_happened.contains("0165aaaa"));
    assert!(!crate::pelion::PelionError::Refused(Box::new(refused)).is_name_taken());
}

#[test]
fn a_404_to_a_list_or_a_creation_is_about_the_address_and_not_about_an_object() {
    for request in [
        "GET /v3/firmware-images/upload-jobs",
        "POST /v3/firmware-images/upload-jobs",
        "POST /v3/firmware-images",
        "GET /v3/update-campaigns",
        "POST /v3/update-campaigns",
        "GET /v3/devices",
    ] {
        let diagnosis = Refusal {
            request: request.to_owned(),
            message: "no Route matched with those values".to_owned(),
            ..refusal(404)
        }
        .diagnose();
        assert_eq!(diagnosis.code, Code::NotThisService, "{request}");
    }
    for (request, code) in [
        (
            "POST /v3/firmware-images/upload-jobs/a/chunks",
            Code::UploadJobGone,
        ),
        (
            "GET /v3/firmware-images/upload-jobs/a/chunks",
            Code::UploadJobGone,
        ),
        ("GET /v3/firmware-images/a", Code::FirmwareImageGone),
        ("POST /v3/update-campaigns/a/start", Code::CampaignGone),
    ] {
        for status in [404, 410] {
            let diagnosis = Refusal {
                request: request.to_owned(),
                ..refusal(status)
            }
            .diagnose();
            assert_eq!(diagnosis.code, code, "{request}: {status}");
        }
    }
}

#[test]
fn every_status_has_its_code_a_remedy_and_the_request_id() {
    let cases = [
        (302, Code::NotThisService),
        (400, Code::NameTaken),
        (405, Code::ServiceRefused),
        (401, Code::KeyRefused),
        (403, Code::KeyForbidden),
        (404, Code::NotThisService),
        (409, Code::NameTaken),
        (413, Code::BodyTooLarge),
        (429, Code::RateLimited),
        (503, Code::ServiceFailed),
    ];
    for (status, code) in cases {
        let diagnosis = refusal(status).diagnose();
        assert_eq!(diagnosis.code, code, "{status}");
        assert!(!diagnosis.remedies.is_empty(), "{status}");
        assert!(
            diagnosis
                .details
                .iter()
                .any(|detail| detail.value == "00005c63")
        );
    }
}

#[test]
fn a_wait_of_hours_is_said_in_hours_and_not_as_a_countdown() {
    let remedies = |seconds| {
        let refusal = Refusal {
            retry_after: Some(Duration::from_secs(seconds)),
            ..refusal(503)
        };
        refusal.diagnose().remedies
    };
    assert_eq!(remedies(14).first(), Some(&Remedy::Wait { seconds: 14 }));
    let text = |seconds| match remedies(seconds).first() {
        Some(Remedy::Advice { text }) => text.clone(),
        other => format!("{other:?}"),
    };
    assert!(text(7300).contains("about 3 hours"), "{}", text(7300));
    assert!(text(86_400).contains("a day or longer"), "{}", text(86_400));
    assert!(text(u64::MAX).contains("a day or longer"));
}

#[test]
fn a_web_page_is_not_mistaken_for_the_services_refusal() {
    let page = Refusal {
        web_page: true,
        ..refusal(403)
    };
    assert_eq!(page.diagnose().code, Code::NotThisService);
    let known = Refusal {
        host_is_known: true,
        ..page
    };
    assert_eq!(known.diagnose().code, Code::ServiceFailed);
    assert!(known.diagnose().title.contains("gateway"));
}

#[test]
fn a_gateways_page_is_not_called_the_services_own_problem() {
    for status in [500, 502, 503, 504, 530] {
        let page = Refusal {
            web_page: true,
            ..refusal(status)
        };
        let diagnosis = page.diagnose();
        assert!(diagnosis.title.contains("gateway"), "{diagnosis:?}");
        assert!(diagnosis.why.contains("not known"), "{diagnosis:?}");
    }
    assert!(refusal(503).diagnose().why.contains("of its own"));
}

fn refused(request: &str, status: u16, message: &str) -> Diagnosis {
    let refusal = Refusal {
        request: request.to_owned(),
        message: message.to_owned(),
        ..refusal(status)
    };
    refusal.diagnose()
}

#[test]
fn a_conflict_is_told_by_the_request_and_the_services_words() {
    let phase = "Cannot delete the campaign while in the current phase.";
    for (request, message, code) in [
        (
            "POST /v3/update-campaigns",
            "Name is not unique.",
            Code::NameTaken,
        ),
        (
            "DELETE /v3/update-campaigns/a",
            phase,
            Code::CampaignWrongPhase,
        ),
        (
            "POST /v3/update-campaigns/a/start",
            phase,
            Code::CampaignWrongPhase,
        ),
        (
            "POST /v3/update-campaigns/a/start",
            "",
            Code::CampaignWrongPhase,
        ),
        (
            "POST /v3/update-campaigns/a/stop",
            "",
            Code::CampaignWrongPhase,
        ),
        (
            "POST /v3/update-campaigns/a/archive",
            "",
            Code::CampaignWrongPhase,
        ),
        (
            "POST /v3/update-campaigns/a/start",
            "Devices are already part of another campaign.",
            Code::DeviceConflict,
        ),
        (
            "PUT /v3/update-campaigns/a",
            "The name is taken.",
            Code::NameTaken,
        ),
        (
            "PUT /v3/update-campaigns/a",
            phase,
            Code::CampaignWrongPhase,
        ),
        ("POST /v3/firmware-manifests", "", Code::NameTaken),
        ("POST /v3/device-queries", "", Code::NameTaken),
    ] {
        let diagnosis = refused(request, 409, message);
        assert_eq!(diagnosis.code, code, "{request} {message}");
        assert!(!diagnosis.remedies.is_empty() && !diagnosis.state_now.is_empty());
    }
    let stop = refused("POST /v3/update-campaigns/a/stop", 409, phase);
    assert_eq!(stop.state_now, "The campaign is as it was.");
    let manifest = refused("POST /v3/firmware-manifests", 409, "");
    assert!(manifest.why.contains("firmware manifest"));
}

#[test]
fn a_conflict_of_a_request_that_gives_no_name_blames_no_name() {
    let words = "A conflicting operation is in progress. Please try again.";
    for (request, message) in [
        ("POST /v3/firmware-images/upload-jobs/a/chunks", words),
        ("POST /v3/firmware-images/upload-jobs/a/chunks", ""),
        ("DELETE /v3/firmware-images/a", ""),
        ("GET /v3/firmware-images/a", "Try again."),
        ("POST /v3/firmware-images/upload-jobs", words),
        ("POST /v3/firmware-manifests", "Aborted, please retry."),
        ("POST /v3/update-campaigns", words),
    ] {
        let diagnosis = refused(request, 409, message);
        assert_eq!(diagnosis.code, Code::ServiceRefused, "{request} {message}");
        assert!(!diagnosis.why.contains("name"), "{request} {message}");
    }
}

#[test]
fn each_kind_that_is_gone_has_its_own_code() {
    for (request, code) in [
        ("GET /v3/firmware-images/a", Code::FirmwareImageGone),
        (
            "GET /v3/firmware-images/upload-jobs/a/chunks",
            Code::UploadJobGone,
        ),
        ("DELETE /v3/firmware-manifests/a", Code::ManifestGone),
        ("POST /v3/update-campaigns/a/start", Code::CampaignGone),
        ("GET /v3/update-campaigns/a/statistics", Code::NotYetCounted),
        ("GET /v3/devices/a", Code::DeviceGone),
        ("PUT /v3/device-queries/a", Code::SavedQueryGone),
        ("DELETE /v3/device-groups/a", Code::DeviceGroupGone),
    ] {
        assert_eq!(refused(request, 404, "").code, code, "{request}");
    }
}

#[test]
fn of_two_objects_that_a_request_names_neither_is_said_to_be_the_missing_one() {
    for (request, title) in [
        (
            "GET /v3/firmware-images/upload-jobs/a/chunks/9",
            "The chunk or its upload job does not exist",
        ),
        (
            "POST /v3/device-groups/a/devices/add",
            "The device or the group does not exist",
        ),
    ] {
        let diagnosis = refused(request, 404, "");
        assert_eq!(diagnosis.code, Code::ObjectGone, "{request}");
        assert_eq!(diagnosis.title, title);
    }
}

#[test]
fn a_campaign_outside_its_draft_is_told_apart_from_a_key_without_rights() {
    let request = "PUT /v3/update-campaigns/a";
    assert_eq!(refused(request, 403, "").code, Code::CampaignLocked);
    let rights = refused(request, 403, "No permission to change campaigns.");
    assert_eq!(rights.code, Code::KeyForbidden);
    assert_eq!(
        refused("POST /v3/update-campaigns/a/start", 403, "").code,
        Code::KeyForbidden
    );
}

#[test]
fn what_is_left_behind_is_never_guessed() {
    let lost = refused("POST /v3/update-campaigns", 502, "");
    assert!(lost.state_now.contains("not known"));
    let read = refused("GET /v3/devices", 502, "");
    assert_eq!(read.state_now, "Nothing was changed.");
    let start = refused("POST /v3/update-campaigns/a/start", 409, "");
    assert!(start.state_now.starts_with("No device was touched"));
}

#[test]
fn a_filter_that_the_service_refuses_is_told_as_that() {
    for request in ["GET /v3/devices", "GET /v3/update-campaigns"] {
        let diagnosis = refused(request, 400, "Invalid filter: colour__eq");
        assert_eq!(diagnosis.code, Code::FilterUnreadable);
    }
    let plain = refused(
        "POST /v3/firmware-images/upload-jobs/a/chunks",
        400,
        "Empty.",
    );
    assert_eq!(plain.code, Code::ServiceRefused);
    let start = refused("POST /v3/update-campaigns/a/start", 400, "");
    assert_eq!(start.code, Code::CampaignIncomplete);
}

#[test]
fn a_redirect_of_a_known_service_is_said_with_its_target() {
    let refused = Refusal {
        redirects_to: Some("https://elsewhere.example/x".to_owned()),
        kind: String::new(),
        message: String::new(),
        host_is_known: true,
        ..refusal(307)
    };
    assert!(refused.to_string().contains("https://elsewhere.example/x"));
    let diagnosis = refused.diagnose();
    let detail = diagnosis.details.iter().map(|detail| &detail.label);
    assert!(
        detail.into_iter().any(|label| label == "Redirects to"),
        "{diagnosis:?}"
    );
}

#[test]
fn a_refusal_without_a_word_does_not_advise_to_read_its_message() {
    let silent = Refusal {
        kind: String::new(),
        message: String::new(),
        ..refusal(422)
    };
    let text = format!("{:?}", silent.diagnose());
    assert!(!text.contains("message; it names"), "{text}");
    assert!(format!("{:?}", refusal(422).diagnose()).contains("message; it names"));
}

#[test]
fn the_right_that_is_missing_is_that_of_the_object() {
    for (request, right) in [
        ("GET /v3/devices", "see devices"),
        ("POST /v3/update-campaigns", "manage update campaigns"),
        ("GET /v3/update-campaigns", "see update campaigns"),
        ("POST /v3/firmware-images", "manage firmware"),
    ] {
        let forbidden = Refusal {
            request: request.to_owned(),
            message: "Forbidden".to_owned(),
            ..refusal(403)
        };
        let text = format!("{:?}", forbidden.diagnose());
        assert!(text.contains(right), "{request}: {text}");
    }
}
