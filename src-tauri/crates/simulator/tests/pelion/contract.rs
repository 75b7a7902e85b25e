//! What every path of the service does alike.

use super::*;

#[tokio::test]
async fn a_json_array_is_no_object_on_any_path() {
    let world = World::start().await;
    let job = world.job("puck").await;
    for (method, path) in [
        (Method::POST, JOBS),
        (Method::PUT, job.as_str()),
        (Method::POST, CAMPAIGNS),
        (Method::POST, DEVICES),
        (Method::POST, QUERIES),
        (Method::POST, GROUPS),
    ] {
        let array = json!(["a", "b"]);
        let response = world.send(method, path, &array).await;
        assert_refused(response, 400, "bad_request").await;
    }
    assert_eq!(world.read(&job).await["name"], "puck");
    let jobs = world.read(JOBS).await;
    assert_eq!(jobs["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused_with_those_it_has() {
    let world = World::start().await;
    let job = world.job("puck").await;
    for (path, allowed) in [
        (JOBS, "GET,HEAD,POST"),
        (&job, "GET,HEAD,PUT,DELETE"),
        ("/v3/update-campaigns/1/start", "POST"),
    ] {
        let request = world.request(Method::PATCH, path);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["allow"], allowed, "{path}");
        assert_refused(response, 405, "method_not_allowed").await;
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_type_is_refused_in_words_of_the_contract() {
    let world = World::start().await;
    for body in [
        json!({ "name": 5 }),
        json!({ "name": {} }),
        json!({ "name": [] }),
        json!(7),
    ] {
        let response = world.send(Method::POST, JOBS, &body).await;
        let refused = assert_refused(response, 400, "bad_request").await;
        let message = refused["message"].as_str().unwrap();
        for ours in ["struct", "Texts", "Option", "::"] {
            assert!(!message.contains(ours), "{message}");
        }
    }
}

#[tokio::test]
async fn a_date_that_is_none_is_refused() {
    let world = World::start().await;
    for field in ["connector_expiration_date", "bootstrap_expiration_date"] {
        for (text, status) in [("", 400), ("tomorrow", 400), ("2030-01-31", 201)] {
            let response = world
                .send(Method::POST, DEVICES, &json!({ field: text }))
                .await;
            assert_eq!(response.status().as_u16(), status, "{field} {text}");
        }
    }
}
