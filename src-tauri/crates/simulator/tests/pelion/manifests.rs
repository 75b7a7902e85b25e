//! Firmware manifests, over the wire.

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::{DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID};
use reqwest::multipart::{Form, Part};

use super::{manifest_file::ManifestFile, *};

fn file() -> ManifestFile {
    ManifestFile {
        vendor_id: DEMO_VENDOR_ID.into(),
        class_id: DEMO_PUCK_CLASS_ID.into(),
        version: "1.2.3".into(),
        digest: Sha256::of(b"new"),
        size_bytes: 100_000,
        uri: "http://127.0.0.1:8080/fw/abc".into(),
        patch: None,
    }
}

async fn post(world: &World, form: Form) -> Response {
    let request = world.request(Method::POST, MANIFESTS);
    request.multipart(form).send().await.unwrap()
}

fn form(bytes: Vec<u8>, file_name: &str) -> Form {
    let part = Part::bytes(bytes).file_name(file_name.to_owned());
    Form::new()
        .text("name", "meter 1.2.3")
        .part("datafile", part)
}

#[tokio::test]
async fn an_uploaded_manifest_is_described_by_what_it_says() {
    let world = World::start().await;
    let bytes = file().bytes();
    let response = post(
        &world,
        form(bytes.clone(), "m.bin").text("description", "d"),
    )
    .await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let manifest: Value = response.json().await.unwrap();
    for (field, expected) in [
        ("object", json!("firmware-manifest")),
        ("name", json!("meter 1.2.3")),
        ("description", json!("d")),
        ("datafile_size", json!(bytes.len())),
        ("key_table", json!(null)),
        (
            "device_vendor",
            json!("77b14822-a78e-54c6-bf1c-31e553da7204"),
        ),
        (
            "device_class",
            json!("192aa4a4-2a0d-5f57-b4ff-9c941ce77583"),
        ),
        ("manifest_schema_version", json!("3")),
        ("delivered_payload_type", json!("full")),
        ("delivered_payload_digest", json!(Sha256::of(b"new"))),
        ("delivered_payload_size", json!(100_000)),
        (
            "delivered_payload_url",
            json!("http://127.0.0.1:8080/fw/abc"),
        ),
        ("precursor_payload_digest", json!(null)),
        ("update_priority", json!(7)),
    ] {
        assert_eq!(manifest[field], expected, "{field}");
    }
    assert_eq!(manifest["parsed_raw_manifest"]["payload-version"], "1.2.3");
    assert_eq!(
        manifest["manifest_contents"]["payload"]["reference"]["size"],
        100_000
    );
    let path = format!("{MANIFESTS}/{}", manifest["id"].as_str().unwrap());
    assert_eq!(world.read(&path).await, manifest);

    let datafile = manifest["datafile"].as_str().unwrap();
    let downloaded = world.client.get(datafile).send().await.unwrap();
    assert_eq!(downloaded.bytes().await.unwrap(), bytes);
    assert_eq!(world.delete(&path).await.status(), StatusCode::NO_CONTENT);
    assert_refused(world.get(&path).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_patch_names_what_it_is_made_from_and_a_key_table_can_be_had() {
    let world = World::start().await;
    let patch = ManifestFile {
        patch: Some((Sha256::of(b"installed"), Sha256::of(b"old"))),
        ..file()
    };
    let table = Part::bytes(b"keys".as_slice()).file_name("keys.bin");
    let form = form(patch.bytes(), "m.bin").part("key_table", table);
    let manifest: Value = post(&world, form).await.json().await.unwrap();
    assert_eq!(manifest["delivered_payload_type"], "delta");
    assert_eq!(
        manifest["precursor_payload_digest"],
        json!(Sha256::of(b"old"))
    );
    let table = world.client.get(manifest["key_table"].as_str().unwrap());
    assert_eq!(table.send().await.unwrap().bytes().await.unwrap(), "keys");
}

#[tokio::test]
async fn what_is_too_large_too_long_missing_or_no_manifest_is_refused() {
    let world = World::start().await;
    let long_uri = |length| ManifestFile {
        uri: "u".repeat(length),
        ..file()
    };
    let largest = (0..2048).rev().map(|length| long_uri(length).bytes());
    let largest = largest
        .into_iter()
        .find(|bytes| bytes.len() == 2048)
        .unwrap();
    assert_eq!(post(&world, form(largest.clone(), "m")).await.status(), 201);
    let too_large = [largest, vec![0]].concat();
    let bytes = file().bytes();
    let unnamed = Form::new().part("datafile", Part::bytes(bytes.clone()).file_name("m"));
    for (form, field) in [
        (form(too_large, "m"), "datafile"),
        (form(bytes.clone(), &"m".repeat(101)), "datafile"),
        (form(bytes[..50].to_vec(), "m"), "datafile"),
        (form(b"no manifest".to_vec(), "m"), "datafile"),
        (unnamed, "name"),
        (Form::new().text("name", "n"), "datafile"),
    ] {
        let body = assert_refused(post(&world, form).await, 400, "validation_error").await;
        assert_eq!(body["fields"][0]["name"], field);
    }
}

#[tokio::test]
async fn manifests_are_found_by_class_and_listed_in_both_slash_forms() {
    let world = World::start().await;
    post(&world, form(file().bytes(), "m")).await;
    let other = ManifestFile {
        class_id: "0".repeat(32),
        ..file()
    };
    post(&world, form(other.bytes(), "m")).await;
    assert_eq!(
        world.read(&format!("{MANIFESTS}/")).await["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let class = "192aa4a4-2a0d-5f57-b4ff-9c941ce77583";
    for query in [
        format!("device_class__eq={class}"),
        format!("filter=device_class%3D{class}"),
        "order=ASC&limit=2&device_class__neq=00000000-0000-0000-0000-000000000000".to_owned(),
    ] {
        let page = world.read(&format!("{MANIFESTS}?{query}")).await;
        let classes: Vec<_> = page["data"].as_array().unwrap().iter().collect();
        assert_eq!(classes.len(), 1, "{query}");
        assert_eq!(classes[0]["device_class"], class);
    }
}

/// Made by hand with a throw-away key; the vendor's manifest-tool verifies it.
const SCHEMA_1: &str = "3082013830819b0a01003081950a010102046553f1000410cfbff0d193755685968c48ce8b\
    15ae170410c9e5e8a4dd02584fbcad02e9cd816d210400040004000101ff0201010a01023000300030530a01010c07\
    64656661756c7430450420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa0c1c6874\
    74703a2f2f3132372e302e302e313a383038302f66772f61626302030186a0308197042041585470f8822a18b5363e\
    cd92fdbe4b79a672c332cde5a3830160aa4e87e7c13073307104473045022100e2a7e33e0a7716c421ccca32537026\
    9fb5a4c798be9561552c12eacc7ef4cc640220075cece4bddd2603984135d52738ea12634b41203ef406f14c3f9383\
    0b53b8e3302630240420c2b97373086a7c4b8d7adb8e570073663989e6cd4d5c80ed44737d1b8ba8e8a00c00";

#[tokio::test]
async fn a_manifest_of_schema_1_is_described_with_its_time() {
    let world = World::start().await;
    let bytes = SCHEMA_1.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).unwrap()
    });
    let response = post(&world, form(bytes.collect(), "m")).await;
    let manifest: Value = response.json().await.unwrap();
    assert_eq!(manifest["manifest_schema_version"], "1");
    assert_eq!(manifest["timestamp"], "2023-11-14T22:13:20.000000Z");
    assert_eq!(
        manifest["device_class"],
        "c9e5e8a4-dd02-584f-bcad-02e9cd816d21"
    );
    assert_eq!(manifest["delivered_payload_size"], 100_000);
}
