//! Firmware images in one request.

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::LARGEST_REQUEST_BYTES;
use reqwest::multipart::{Form, Part};

use super::*;

async fn upload(world: &World, form: Form) -> Response {
    world
        .request(Method::POST, IMAGES)
        .multipart(form)
        .send()
        .await
        .unwrap()
}

fn file(bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name("firmware.bin")
}

#[tokio::test]
async fn one_request_makes_an_image_with_size_and_sha256() {
    let world = World::start().await;
    let bytes = noise(1, 100_000);
    let form = Form::new()
        .text("name", "meter")
        .text("description", "spring");
    let response = upload(&world, form.part("datafile", file(bytes.clone()))).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let image: Value = response.json().await.unwrap();
    assert_eq!(image["object"], "firmware-image");
    assert_eq!(image["name"], "meter");
    assert_eq!(image["description"], "spring");
    assert_eq!(image["datafile_size"], 100_000);
    assert_eq!(image["datafile_checksum"], Sha256::of(&bytes).to_string());
    assert!(
        image["datafile"]
            .as_str()
            .unwrap()
            .starts_with(&world.server.url())
    );
    assert_eq!(world.read(&location).await, image);
}

#[tokio::test]
async fn the_parts_may_come_in_any_order_and_strange_ones_are_left_alone() {
    let world = World::start().await;
    let plain = |text: &'static str| Part::text(text).mime_str("text/plain").unwrap();
    let form = Form::new()
        .part("description", plain("spring"))
        .part("datafile", file("bytes"))
        .text("datafile_encryption", "False")
        .part("name", plain("meter"));
    let image: Value = upload(&world, form).await.json().await.unwrap();
    assert_eq!(
        (&image["name"], &image["description"]),
        (&json!("meter"), &json!("spring"))
    );
    let alone: Value = upload(&world, Form::new().part("datafile", file("b")))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(alone["name"], "");
}

#[tokio::test]
async fn a_form_that_breaks_a_rule_leaves_no_image() {
    let world = World::start().await;
    let long = |name: &str, length| Form::new().text(name.to_owned(), "x".repeat(length));
    for form in [
        Form::new().text("name", "meter"),
        long("name", 129).part("datafile", file("bytes")),
        long("description", 2001).part("datafile", file("bytes")),
        Form::new().part("datafile", file("")),
        Form::new().part("datafile", Part::bytes(b"bytes").file_name("x".repeat(167))),
    ] {
        assert_refused(upload(&world, form).await, 400, "validation_error").await;
    }
    let no_form = world
        .request(Method::POST, IMAGES)
        .body("bytes")
        .send()
        .await
        .unwrap();
    assert_refused(no_form, 400, "bad_request").await;
    assert!(world.server.images().is_empty());
    let longest = Part::bytes(b"bytes").file_name("x".repeat(166));
    let response = upload(&world, Form::new().part("datafile", longest)).await;
    assert_eq!(response.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn one_request_takes_a_byte_less_than_100_mib_and_no_more() {
    let world = World::start().await;
    let mut bytes = vec![7; usize::try_from(LARGEST_REQUEST_BYTES).unwrap()];
    let refused = upload(&world, Form::new().part("datafile", file(bytes.clone()))).await;
    assert_refused(refused, 413, "request_entity_too_large").await;
    bytes.pop();
    let taken = upload(&world, Form::new().part("datafile", file(bytes))).await;
    assert_eq!(taken.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_deleted_image_is_gone() {
    let world = World::start().await;
    let (_, image) = world.finished("meter", &[b"bytes"]).await;
    assert_eq!(world.delete(&image).await.status(), StatusCode::NO_CONTENT);
    assert_refused(world.get(&image).await, 404, "not_found").await;
    assert_refused(world.delete(&image).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_taken_name_is_taken_again_in_one_request_unless_the_server_is_set_to_refuse() {
    let form = || {
        Form::new()
            .text("name", "meter")
            .part("datafile", file("bytes"))
    };
    let world = World::start().await;
    upload(&world, form()).await;
    assert_eq!(upload(&world, form()).await.status(), StatusCode::CREATED);

    let mut options = PelionOptions::new(KEY);
    options.refuse_taken_image_name = true;
    let world = World::with(options).await;
    upload(&world, form()).await;
    assert_refused(upload(&world, form()).await, 409, "conflict").await;
}

#[tokio::test]
async fn a_datafile_whose_bytes_were_not_stored_cannot_be_downloaded() {
    let world = World::start().await;
    let (_, image) = world.finished("meter", &[b"bytes"]).await;
    let datafile = world.read(&image).await["datafile"]
        .as_str()
        .unwrap()
        .to_owned();
    let response = world.client.get(datafile).send().await.unwrap();
    assert_refused(response, 404, "not_found").await;
}
