//! Acts on a deployment in each class of its group.

use firmdrop_cloud::azure::deploying::{ClassAct, EachClass, in_each_class};

use firmdrop_core::Code;

use crate::recorder::{ANYTHING, Answer, Recorded, Recorder};

/// A host with a deployment that lists these classes; `act` answers an act in a class.
async fn host(
    listed: &'static str,
    act: impl Fn(&Recorded) -> Answer + Send + Sync + 'static,
) -> Recorder {
    Recorder::start(move |request, _| {
        let target = request.target.as_str();
        if request.method == "POST" {
            return act(request);
        }
        if target.contains("/deployments/d") {
            let body = format!(r#"{{"deploymentId":"d","deviceClassSubgroups":{listed}}}"#);
            return Answer::new(200, body);
        }
        Answer::new(
            200,
            r#"{"value":[{"deviceClassId":"a","deploymentId":"d"},{"deviceClassId":"b","deploymentId":"other"}]}"#,
        )
    })
    .await
}

async fn cancelled(host: &Recorder) -> EachClass {
    let client = host.client();
    in_each_class(&client, "lab", "d", ClassAct::Cancel)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_class_that_refuses_does_not_spare_the_others() {
    let host = host(r#"["a","b","c"]"#, |request| {
        if request.target.contains("/a/") {
            return Answer::new(409, r#"{"error":{"code":"Conflict","message":"ended"}}"#);
        }
        Answer::new(200, ANYTHING)
    })
    .await;
    let each = cancelled(&host).await;
    assert_eq!(each.done, ["b", "c"]);
    let diagnosis = each.ended().unwrap_err();
    let state = &diagnosis.state_now;
    assert!(state.contains("2 of 3 classes"), "{state}");
    assert!(state.ends_with("not for: a."), "{state}");
}

#[tokio::test]
async fn a_class_without_its_id_is_looked_for_among_those_of_the_group() {
    for (listed, done) in [
        (r#"[null,"c",7]"#, &["c", "a"][..]),
        (r#"["","a"]"#, &["a"]),
    ] {
        let host = host(listed, |_| Answer::new(200, ANYTHING)).await;
        let each = cancelled(&host).await;
        assert_eq!(each.done, done);
        each.ended().unwrap();
    }
}

#[tokio::test]
async fn classes_that_the_deployment_does_not_list_are_those_of_its_group() {
    for listed in ["[]", "null"] {
        let host = host(listed, |_| Answer::new(200, ANYTHING)).await;
        let each = cancelled(&host).await;
        assert_eq!(each.done, ["a"]);
        assert!(each.ended().is_ok());
    }
}

#[tokio::test]
async fn an_act_that_is_accepted_without_a_body_is_accepted_and_a_page_is_not() {
    for status in [200, 202, 204] {
        let host = host(r#"["a"]"#, move |_| Answer::new(status, "")).await;
        let each = cancelled(&host).await;
        assert_eq!(each.done, ["a"], "{status}");
        assert!(each.ended().is_ok());
    }
    let host = host(r#"["a"]"#, |_| Answer::new(200, "<html>sign in</html>")).await;
    assert!(cancelled(&host).await.ended().is_err());
}

#[tokio::test]
async fn a_deployment_that_has_ended_is_not_said_to_exist_already() {
    let host = host(r#"["a"]"#, |_| {
        Answer::new(
            409,
            r#"{"error":{"code":"InvalidState","message":"not active"}}"#,
        )
    })
    .await;
    let diagnosis = cancelled(&host).await.ended().unwrap_err();
    assert_eq!(diagnosis.code, Code::ServiceRefused);
    assert!(diagnosis.title.contains("state"), "{}", diagnosis.title);
}

#[tokio::test]
async fn where_no_class_is_known_nothing_is_called_cancelled() {
    let host = Recorder::start(|request, _| {
        let is_list = request.target.contains("deviceClassSubgroups?");
        Answer::new(200, if is_list { r#"{"value":[]}"# } else { ANYTHING })
    })
    .await;
    let diagnosis = cancelled(&host).await.ended().unwrap_err();
    assert!(
        diagnosis.title.contains("Nothing was cancelled"),
        "{diagnosis:?}"
    );
    assert!(
        host.requests()
            .iter()
            .all(|request| request.method == "GET")
    );
}
