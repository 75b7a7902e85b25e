//! Upload jobs as the vendor's guide describes them.

use super::*;

#[tokio::test]
async fn a_new_upload_job_has_not_started_and_says_where_it_is() {
    let world = World::start().await;
    let body = json!({"name": "meter", "description": "spring"});
    let response = world.send(Method::POST, JOBS, &body).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(response.headers()["content-location"], *location);
    let job: Value = response.json().await.unwrap();
    assert_eq!(location, format!("{JOBS}/{}", job["id"].as_str().unwrap()));
    assert_eq!(job["object"], "upload-job");
    assert_eq!(job["name"], "meter");
    assert_eq!(job["description"], "spring");
    assert_eq!(job["status"], "not_started");
    assert_eq!(job["completed"], false);
    assert_eq!(job["complete"], false);
    assert_eq!(job["firmware_image_id"], "");
    let id = job["id"].as_str().unwrap();
    assert!(
        id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        "{id}"
    );
    for moment in ["created_at", "updated_at", "etag"] {
        let text = job[moment].as_str().unwrap();
        assert!(
            text.len() == "2018-08-31T10:49:41.736515Z".len() && text.ends_with('Z'),
            "{text}"
        );
    }
    assert_eq!(world.read(&location).await, job);
}

#[tokio::test]
async fn name_and_description_default_to_an_empty_text() {
    let world = World::start().await;
    let job: Value = world
        .send(Method::POST, JOBS, &json!({}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(job["name"], "");
    assert_eq!(job["description"], "");
}

#[tokio::test]
async fn a_name_taken_by_a_job_or_by_an_image_is_a_conflict() {
    let world = World::start().await;
    let (job, image) = world.finished("meter", &[b"bytes"]).await;
    let body = json!({"name": "meter"});
    let again = || world.send(Method::POST, JOBS, &body);
    assert_refused(again().await, 409, "conflict").await;
    assert_eq!(world.delete(&job).await.status(), StatusCode::NO_CONTENT);
    assert_refused(again().await, 409, "conflict").await;
    assert_eq!(world.delete(&image).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(again().await.status(), StatusCode::CREATED);
    assert_refused(again().await, 409, "conflict").await;
}

#[tokio::test]
async fn texts_may_be_as_long_as_the_contract_says_and_no_longer() {
    let world = World::start().await;
    let (name, description) = ("é".repeat(128), "é".repeat(2000));
    let longest = json!({"name": name, "description": description});
    assert_eq!(
        world.send(Method::POST, JOBS, &longest).await.status(),
        StatusCode::CREATED
    );
    for body in [
        json!({"name": "x".repeat(129)}),
        json!({"name": "y", "description": "x".repeat(2001)}),
    ] {
        let response = world.send(Method::POST, JOBS, &body).await;
        assert_refused(response, 400, "validation_error").await;
    }
    let not_text = world.send(Method::POST, JOBS, &json!({"name": 5})).await;
    assert_refused(not_text, 400, "bad_request").await;
}

#[tokio::test]
async fn the_status_follows_the_chunks() {
    let world = World::start().await;
    let job = world.job("meter").await;
    world.store(&job, b"bytes").await;
    assert_eq!(world.read(&job).await["status"], "in_progress");
    world.store(&job, b"").await;
    let view = world.read(&job).await;
    assert_eq!(view["status"], "completed");
    assert_eq!(view["completed"], true);
    assert_eq!(view["complete"], true);
    assert_eq!(view["firmware_image_id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_job_can_be_renamed_and_described_but_not_to_a_taken_name() {
    let world = World::start().await;
    let job = world.job("meter").await;
    world.job("other").await;
    let changed = world
        .send(Method::PUT, &job, &json!({"name": "meter 2"}))
        .await;
    assert_eq!(changed.status(), StatusCode::OK);
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(changed["name"], "meter 2");
    let changed = world
        .send(Method::PUT, &job, &json!({"description": "spring"}))
        .await;
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(
        (&changed["name"], &changed["description"]),
        (&json!("meter 2"), &json!("spring"))
    );
    let taken = world
        .send(Method::PUT, &job, &json!({"name": "other"}))
        .await;
    assert_refused(taken, 400, "validation_error").await;
    assert_eq!(world.read(&job).await, changed);
}

#[tokio::test]
async fn a_deleted_job_is_gone_with_its_chunks() {
    let world = World::start().await;
    let job = world.job("meter").await;
    world.store(&job, b"bytes").await;
    let deleted = world.delete(&job).await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    assert!(deleted.bytes().await.unwrap().is_empty());
    for path in [
        job.clone(),
        format!("{job}/chunks"),
        format!("{job}/chunks/1"),
    ] {
        assert_refused(world.get(&path).await, 404, "not_found").await;
    }
    assert_refused(world.append(&job, b"more").await, 404, "not_found").await;
    assert_refused(world.delete(&job).await, 404, "not_found").await;
    let put = world.send(Method::PUT, &job, &json!({"name": "n"})).await;
    assert_refused(put, 404, "not_found").await;
}

#[tokio::test]
async fn the_image_survives_the_deletion_of_its_job() {
    let world = World::start().await;
    let (job, image) = world.finished("meter", &[b"bytes"]).await;
    world.delete(&job).await;
    assert_eq!(world.read(&image).await["name"], "meter");
}

#[tokio::test]
async fn without_the_right_key_everything_is_invalid_auth() {
    let world = World::start().await;
    let job = world.job("meter").await;
    for path in [JOBS, IMAGES, &job, "/v3/nothing"] {
        let url = format!("{}{path}", world.server.url());
        let none = world.client.get(&url).send().await.unwrap();
        assert_refused(none, 401, "invalid_auth").await;
        let wrong = world
            .client
            .get(&url)
            .bearer_auth("ak_wrong")
            .send()
            .await
            .unwrap();
        assert_refused(wrong, 401, "invalid_auth").await;
        let basic = world
            .client
            .get(&url)
            .basic_auth("a", Some(KEY))
            .send()
            .await
            .unwrap();
        assert_refused(basic, 401, "invalid_auth").await;
    }
}

#[tokio::test]
async fn both_slash_forms_work_without_a_redirect() {
    let world = World::start().await;
    let job = world.job("meter").await;
    for path in [
        format!("{JOBS}/"),
        format!("{JOBS}/?limit=10"),
        format!("{job}/"),
        format!("{IMAGES}/"),
    ] {
        assert_eq!(
            world.get(&path).await.url().path(),
            path.split('?').next().unwrap()
        );
        world.read(&path).await;
    }
    let response = world
        .send(Method::POST, &format!("{JOBS}/"), &json!({"name": "n"}))
        .await;
    assert_eq!(response.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_services_form() {
    let world = World::start().await;
    assert_refused(world.get("/v3/nothing").await, 404, "not_found").await;
    let patch = world.send(Method::PATCH, JOBS, &json!({})).await;
    assert_refused(patch, 405, "method_not_allowed").await;
    let missing = format!("{JOBS}/{}", "0".repeat(32));
    assert_refused(world.get(&missing).await, 404, "not_found").await;
}
