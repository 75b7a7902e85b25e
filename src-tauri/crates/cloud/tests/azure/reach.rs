//! Whom a deployment would touch: nobody is counted, or left out, of whom nothing is known.

use std::collections::BTreeMap;

use firmdrop_cloud::azure::UpdateId;
use firmdrop_cloud::azure::deploying::{DeployError, Deployable, Reach, reach};
use firmdrop_core::{Code, Diagnose as _};

use crate::recorder::{Answer, Recorder};

const SUBGROUPS: &str = r#"{"value":[{"groupId":"lab","deviceClassId":"a","deviceCount":2}]}"#;
const CLASS: &str =
    r#"{"deviceClassId":"a","deviceClassProperties":{"compatProperties":{"model":"T"}}}"#;

fn update(compatibility: &[(&str, &str)]) -> Deployable {
    let set: BTreeMap<String, String> = compatibility
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Deployable {
        id: UpdateId {
            provider: "p".to_owned(),
            name: "n".to_owned(),
            version: "1.0".to_owned(),
        },
        compatibility: if set.is_empty() {
            Vec::new()
        } else {
            vec![set]
        },
    }
}

async fn reached(
    class: &'static str,
    devices: &'static str,
    update: &Deployable,
) -> Result<Reach, DeployError> {
    let host = Recorder::start(move |request, _| {
        let target = request.target.as_str();
        Answer::new(
            200,
            if target.contains("deviceClassSubgroups") {
                SUBGROUPS
            } else if target.contains("deviceClasses") {
                class
            } else {
                devices
            },
        )
    })
    .await;
    reach(&host.client(), "lab", update).await
}

#[tokio::test]
async fn a_class_of_which_nothing_is_said_is_not_another_one() {
    for class in [
        "{}",
        r#"{"deviceClassId":"a","deviceClassProperties":null}"#,
        r#"{"deviceClassId":"a","deviceClassProperties":{"compatProperties":{}}}"#,
    ] {
        let error = reached(class, r#"{"value":[]}"#, &update(&[("model", "T")])).await;
        let diagnosis = error.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::NotYetCounted, "{class}");
        assert_eq!(diagnosis.state_now, "No deployment was started.");
    }
}

#[tokio::test]
async fn a_part_of_the_group_that_is_not_named_is_not_left_out() {
    for odd in ["null", r#""text""#, r#"{"groupId":"lab","deviceCount":3}"#] {
        let listed = format!(r#"{{"value":[{odd}]}}"#);
        let host = Recorder::start(move |_, _| Answer::new(200, &*listed)).await;
        let counted = reach(&host.client(), "lab", &update(&[("model", "T")])).await;
        let diagnosis = counted.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::NotYetCounted, "{odd}");
        assert_eq!(
            host.requests().len(),
            1,
            "no class without an id is asked for"
        );
    }
}

#[tokio::test]
async fn an_update_that_says_no_devices_is_not_for_none() {
    let error = reached(CLASS, r#"{"value":[]}"#, &update(&[])).await;
    assert_eq!(error.unwrap_err().diagnose().code, Code::NotYetCounted);
}

#[tokio::test]
async fn devices_of_other_classes_and_groups_are_not_counted_where_the_filter_is_not_carried_out() {
    let devices = r#"{"value":[
        {"deviceId":"1","deviceClassId":"a","groupId":"lab","installedUpdate":{"updateId":{"provider":"p","name":"n","version":"01.0"}}},
        {"deviceId":"2","deviceClassId":"A","groupId":"LAB"},
        {"deviceId":"3"},
        {"deviceId":"4","deviceClassId":"b","groupId":"lab"},
        {"deviceId":"5","deviceClassId":"a","groupId":"other"}]}"#;
    let reach = reached(CLASS, devices, &update(&[("model", "T")]))
        .await
        .unwrap();
    assert_eq!(
        (reach.matching(), reach.have_it()),
        (3, 1),
        "one does not say where it is"
    );
}
