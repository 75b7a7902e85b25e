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

#[tokio::test]
async fn a_chunk_that_is_announced_too_large_is_refused_before_it_is_sent() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let world = World::start().await;
    let job = world.job("puck").await;
    let address = world.server.url();
    let address = address.strip_prefix("http://").unwrap();
    for expect in ["", "Expect: 100-continue\r\n"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {job}/chunks HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {KEY}\r\n\
             Content-Type: binary/octet-stream\r\nContent-Length: 348966092800\r\n{expect}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 413", "{expect:?}");
    }
}

#[tokio::test]
async fn saved_queries_are_counted_unasked() {
    let world = World::start().await;
    let query = json!({ "name": "all", "query": "state__eq=registered" });
    world.send(Method::POST, QUERIES, &query).await;
    assert_eq!(world.read(QUERIES).await["total_count"], 1);
}
