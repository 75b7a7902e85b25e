//! What the client makes of refusals, and of answers that are none.

use firmdrop_cloud::pelion::{CampaignChange, CampaignDraft, ListQuery, PelionError};
use firmdrop_core::{Code, Diagnose};

use crate::recorder::Recorder;

const ID: &str = "0165aabb000000000000000100100001";

fn conflict(message: &str) -> String {
    format!(
        r#"{{"object":"error","code":409,"type":"conflict","message":"{message}","request_id":"00005c634c5fd20a"}}"#
    )
}

#[tokio::test]
async fn the_services_own_words_and_request_id_reach_the_diagnosis() {
    let words = "Cannot delete the campaign while in the current phase.";
    let host = Recorder::says(409, &conflict(words)).await;
    let error = host.pelion().delete_campaign(ID).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::CampaignWrongPhase);
    assert!(
        diagnosis.what_happened.contains("current phase"),
        "{diagnosis:?}"
    );
    assert_eq!(diagnosis.state_now, "The campaign is as it was.");
    assert!(
        diagnosis
            .details
            .iter()
            .any(|detail| detail.value == "00005c634c5fd20a")
    );
    assert!(!diagnosis.remedies.is_empty());

    let host = Recorder::says(409, &conflict("The name is not unique.")).await;
    let error = host
        .pelion()
        .create_campaign(&CampaignDraft::default())
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::NameTaken);
    assert_eq!(error.diagnose().state_now, "No campaign was created.");
}

#[tokio::test]
async fn a_busy_service_is_known_by_its_retry_after_whatever_that_says() {
    let names_a_retry = async |host: Recorder| {
        let (pelion, draft) = (host.pelion(), CampaignDraft::default());
        match pelion.create_campaign(&draft).await {
            Err(PelionError::Refused(refusal)) => refusal.names_a_retry,
            other => panic!("{other:?}"),
        }
    };
    let busy = r#"{"object":"error","code":503,"type":"busy","message":"busy"}"#;
    assert!(!names_a_retry(Recorder::says(503, busy).await).await);
    for header in ["Retry-After: 2", "Retry-After: -5", "Retry-After: "] {
        let host = Recorder::says_with(header, 503, busy).await;
        assert!(names_a_retry(host).await, "{header}");
    }
}

#[tokio::test]
async fn a_change_outside_the_draft_and_a_campaign_that_is_gone_are_told() {
    let host = Recorder::says(403, r#"{"type":"forbidden","message":"Not in draft"}"#).await;
    let change = CampaignChange::default();
    let error = host
        .pelion()
        .change_campaign(ID, &change)
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::CampaignLocked);
    assert!(
        error
            .diagnose()
            .details
            .iter()
            .any(|detail| detail.value == "00005c63")
    );

    let host = Recorder::says(404, r#"{"type":"not_found","message":"gone"}"#).await;
    let pelion = host.pelion();
    assert_eq!(
        pelion.start_campaign(ID).await.unwrap_err().diagnose().code,
        Code::CampaignGone
    );
    assert_eq!(
        pelion
            .firmware_manifest(ID)
            .await
            .unwrap_err()
            .diagnose()
            .code,
        Code::ManifestGone
    );
    assert_eq!(
        pelion
            .campaign_statistics(ID)
            .await
            .unwrap_err()
            .diagnose()
            .code,
        Code::NotYetCounted
    );
    assert_eq!(
        pelion.device(ID).await.unwrap_err().diagnose().code,
        Code::DeviceGone
    );
}

#[tokio::test]
async fn a_count_that_cannot_be_read_is_not_left_out_of_the_statistics() {
    for count in ["null", "-1", "\"many\"", "1.5"] {
        let body = format!(
            r#"{{"data":[{{"id":"success","count":3}},{{"id":"fail","count":{count}}}],"has_more":false}}"#
        );
        let host = Recorder::says(200, &body).await;
        let error = host.pelion().campaign_statistics(ID).await.unwrap_err();
        assert!(error.is_of_no_count(), "{count}: {error}");
    }
}

#[tokio::test]
async fn a_gateways_page_is_never_taken_for_the_services_consent() {
    for status in [200, 202, 502] {
        let host = Recorder::says(status, "<html>sign in</html>").await;
        let error = host.pelion().start_campaign(ID).await.unwrap_err();
        let diagnosis = error.diagnose();
        let expected = if status == 502 {
            Code::ServiceFailed
        } else {
            Code::NotThisService
        };
        assert_eq!(diagnosis.code, expected, "{status}");
        assert!(
            diagnosis.state_now.contains("not known"),
            "{}",
            diagnosis.state_now
        );
    }
    let host = Recorder::says(200, "<html>sign in</html>").await;
    let read = host
        .pelion()
        .devices(&ListQuery::default())
        .await
        .unwrap_err();
    assert_eq!(read.diagnose().state_now, "Nothing was changed.");
}

#[tokio::test]
async fn a_key_that_is_revoked_in_mid_flow_is_told_as_that() {
    let host = Recorder::says(401, r#"{"type":"invalid_auth","message":"no"}"#).await;
    let pelion = host.pelion();
    let error = pelion.stop_campaign(ID).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::KeyRefused);
    assert_eq!(error.diagnose().state_now, "The campaign is as it was.");
}
