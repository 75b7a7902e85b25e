//! The device directory, over the wire.

use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, PelionOptions,
};

use super::*;

fn fleet(devices: usize) -> Fleet {
    Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
}

async fn world_of(fleet: Fleet) -> World {
    World::with(PelionOptions {
        inventory: Inventory::of(fleet),
        ..PelionOptions::new(KEY)
    })
    .await
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["data"].as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_device_has_every_field_of_the_guide_and_the_later_ones() {
    let world = world_of(fleet(1)).await;
    let page = world.read(DEVICES).await;
    let device = page["data"][0].as_object().unwrap();
    for field in [
        "account_id",
        "auto_update",
        "bootstrap_expiration_date",
        "bootstrapped_timestamp",
        "ca_id",
        "connector_expiration_date",
        "created_at",
        "custom_attributes",
        "deployed_state",
        "deployment",
        "description",
        "device_class",
        "device_execution_mode",
        "device_key",
        "endpoint_name",
        "endpoint_type",
        "enrolment_list_timestamp",
        "etag",
        "firmware_checksum",
        "host_gateway",
        "id",
        "manifest",
        "manifest_timestamp",
        "mechanism",
        "mechanism_url",
        "name",
        "object",
        "serial_number",
        "state",
        "updated_at",
        "vendor_id",
        "lifecycle_status",
        "groups",
        "operator_suspended",
        "system_suspended",
        "component_attributes",
        "net_id",
    ] {
        assert!(device.contains_key(field), "{field}");
    }
    // The contract allows null in these only.
    let may_be_null = [
        "bootstrap_expiration_date",
        "bootstrapped_timestamp",
        "connector_expiration_date",
        "enrolment_list_timestamp",
        "issuer_fingerprint",
        "manifest_timestamp",
    ];
    for (field, value) in device {
        let allowed = may_be_null.contains(&field.as_str());
        assert!(allowed || !value.is_null(), "{field} is null");
    }
    assert_eq!(device["component_attributes"], json!({"MAIN": "1.0.0"}));
    assert_eq!(device["device_class"], DEMO_PUCK_CLASS_ID);
    let id = device["id"].as_str().unwrap();
    assert_eq!(
        world.read(&format!("{DEVICES}/{id}/")).await,
        page["data"][0]
    );
    assert_refused(world.get(&format!("{DEVICES}/12")).await, 404, "not_found").await;
}

#[tokio::test]
async fn pages_lead_through_the_fleet_in_both_orders_without_a_gap() {
    let world = world_of(fleet(2500)).await;
    for order in ["ASC", "DESC"] {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("{DEVICES}?limit=1000&order={order}&after={after}");
            let page = world.read(&format!("{path}&include=total_count")).await;
            assert_eq!(page["total_count"], 2500);
            found.extend(names(&page).into_iter().map(str::to_owned));
            if page["has_more"] == false {
                break;
            }
            after = page["data"][999]["id"].as_str().unwrap().to_owned();
        }
        if order == "DESC" {
            found.reverse();
        }
        assert_eq!(found.len(), 2500);
        let expected = (1..=2500).map(|number| format!("puck-{number:04}"));
        assert!(found.into_iter().eq(expected));
    }
}

#[tokio::test]
async fn both_filter_dialects_find_devices_by_fields_attributes_and_components() {
    let world = world_of(Fleet {
        versions: vec!["1.0.0".into(), "1.1.0".into()],
        attributes: vec![(
            "site".into(),
            vec!["hall 3".into(), "yard".into(), "A&B".into()],
        )],
        ..fleet(6)
    })
    .await;
    for (query, expected) in [
        (
            "custom_attributes__site=hall+3",
            &["puck-0001", "puck-0004"][..],
        ),
        (
            "filter=custom_attributes__site%3Dhall%25203",
            &["puck-0001", "puck-0004"],
        ),
        (
            "filter=custom_attributes__site%3DA%2526B",
            &["puck-0003", "puck-0006"],
        ),
        (
            "filter=component_attributes__MAIN%3D1.1.0%26custom_attributes__site%3Dyard",
            &["puck-0002"],
        ),
        (
            "filter=component_attributes__MAIN=1.1.0&custom_attributes__site=yard",
            &["puck-0002"],
        ),
        (
            "name__in=puck-0005,puck-0001,nobody",
            &["puck-0001", "puck-0005"],
        ),
        (
            "name__nin=puck-0001,puck-0002,puck-0003&state=registered",
            &["puck-0004", "puck-0005", "puck-0006"],
        ),
        ("state__neq=registered", &[]),
        ("created_at__lte=2001-01-01T00%3A00%3A00Z", &[]),
        ("auto_update__eq=true", &[]),
        ("device_execution_mode__eq=1&name=puck-0002", &["puck-0002"]),
    ] {
        let page = world.read(&format!("{DEVICES}?{query}")).await;
        assert_eq!(names(&page), expected, "{query}");
    }
    let counted = format!("{DEVICES}?limit=2&custom_attributes__site=yard&include=total_count");
    assert_eq!(world.read(&counted).await["total_count"], 2);
}

#[tokio::test]
async fn a_filter_that_is_no_filter_is_refused_by_name() {
    let world = world_of(fleet(1)).await;
    for query in [
        "filter=all+devices+in+Oulu",
        "filter=phase%3Dactive",
        "name__like=puck",
        "custom_attributes__site__neq=yard",
        "created_at__gte=yesterday",
        "groups__eq=1",
    ] {
        let refused = world.get(&format!("{DEVICES}?{query}")).await;
        let body = assert_refused(refused, 400, "validation_error").await;
        assert_eq!(body["fields"][0]["name"], "filter", "{query}");
    }
}

#[tokio::test]
async fn a_listing_whose_url_has_4096_characters_is_refused() {
    let world = world_of(fleet(1)).await;
    let origin = world.server.url().len();
    let path = format!("{DEVICES}?id__in=");
    let longest = 4095 - origin - path.len();
    world.read(&format!("{path}{}", "1".repeat(longest))).await;
    let refused = world
        .get(&format!("{path}{}", "1".repeat(longest + 1)))
        .await;
    assert_refused(refused, 400, "bad_request").await;
}

#[tokio::test]
async fn a_device_is_made_changed_suspended_resumed_and_deleted() {
    let world = World::start().await;
    let body = json!({"name": "first", "endpoint_name": "e1", "vendor_id": DEMO_VENDOR_ID,
        "device_class": DEMO_PUCK_CLASS_ID, "device_key": "k", "ca_id": "c",
        "custom_attributes": {"site": "yard", "ring": "early"}});
    let made = world
        .send(Method::POST, &format!("{DEVICES}/"), &body)
        .await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["state"], "unenrolled");
    assert_eq!(made["device_key"], "k");
    let again = world.send(Method::POST, DEVICES, &body).await;
    assert_refused(again, 409, "conflict").await;

    let path = format!("{DEVICES}/{}", made["id"].as_str().unwrap());
    let change = json!({"description": "moved", "custom_attributes": {"site": "hall"}});
    let changed = world.send(Method::PUT, &path, &change).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let changed = world.read(&path).await;
    assert_eq!(changed["custom_attributes"], json!({"site": "hall"}));
    assert_eq!(changed["description"], "moved");
    assert_eq!(changed["name"], "first");

    let why = json!({"category": "maintenance", "description": "roof work"});
    let suspended = world
        .send(Method::POST, &format!("{path}/suspend"), &why)
        .await;
    assert_eq!(suspended.status(), StatusCode::NO_CONTENT);
    assert!(suspended.bytes().await.unwrap().is_empty());
    let too_long = json!({"description": "w".repeat(2001)});
    for act in ["suspend", "resume"] {
        let path = format!("{path}/{act}");
        let refused = world.send(Method::POST, &path, &too_long).await;
        assert_refused(refused, 400, "validation_error").await;
    }
    let blocked = world.read(&path).await;
    assert_eq!(blocked["lifecycle_status"], "blocked");
    assert_eq!(blocked["last_operator_suspended_category"], "maintenance");
    world
        .send(Method::POST, &format!("{path}/resume"), &json!({}))
        .await;
    assert_eq!(world.read(&path).await["lifecycle_status"], "enabled");

    assert_eq!(world.delete(&path).await.status(), StatusCode::NO_CONTENT);
    assert_refused(world.delete(&path).await, 404, "not_found").await;
}

#[tokio::test]
async fn custom_attributes_have_limits() {
    let world = world_of(fleet(1)).await;
    let page = world.read(DEVICES).await;
    let path = format!("{DEVICES}/{}", page["data"][0]["id"].as_str().unwrap());
    let six: serde_json::Map<_, _> = (0..6).map(|n| (format!("k{n}"), json!("v"))).collect();
    for attributes in [
        json!(six),
        json!({"1st": "v"}),
        json!({"k": "v".repeat(129)}),
    ] {
        let body = json!({ "custom_attributes": attributes });
        let refused = world.send(Method::PUT, &path, &body).await;
        assert_refused(refused, 400, "validation_error").await;
    }
}

#[tokio::test]
async fn saved_queries_are_kept_and_must_be_filters() {
    let world = World::start().await;
    let body = json!({"name": "yard", "query": "custom_attributes__site=yard"});
    let made = world.send(Method::POST, QUERIES, &body).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["object"], "device-query");
    let path = format!("{QUERIES}/{}", made["id"].as_str().unwrap());
    let changed = json!({"name": "hall", "query": "custom_attributes__site=hall"});
    assert_eq!(world.send(Method::PUT, &path, &changed).await.status(), 200);
    assert_eq!(
        world.read(&path).await["query"],
        "custom_attributes__site=hall"
    );
    let found = world.read(&format!("{QUERIES}?name__eq=hall")).await;
    assert_eq!(names(&found), ["hall"]);
    for (name, query) in [
        ("a", "everything"),
        ("a", ""),
        (&*"n".repeat(201), "state=registered"),
    ] {
        let body = json!({ "name": name, "query": query });
        let refused = world.send(Method::POST, QUERIES, &body).await;
        assert_refused(refused, 400, "validation_error").await;
    }
    assert_eq!(world.delete(&path).await.status(), StatusCode::NO_CONTENT);
    assert_refused(world.get(&path).await, 404, "not_found").await;
}

#[tokio::test]
async fn devices_come_into_groups_and_leave_them() {
    let world = world_of(fleet(3)).await;
    let page = world.read(DEVICES).await;
    let device = page["data"][1]["id"].as_str().unwrap();
    let body = json!({"name": "yard", "custom_attributes": {"owner": "north"}});
    let group = world.send(Method::POST, GROUPS, &body).await;
    assert_eq!(group.status(), StatusCode::CREATED);
    let group: Value = group.json().await.unwrap();
    let id = group["id"].as_str().unwrap();
    let path = format!("{GROUPS}/{id}");
    let member = json!({ "device_id": device });

    let added = world
        .send(Method::POST, &format!("{path}/devices/add/"), &member)
        .await;
    assert_eq!(added.status(), StatusCode::OK);
    assert_eq!(world.read(&path).await["devices_count"], 1);
    let members = world
        .read(&format!("{path}/devices?include=total_count"))
        .await;
    assert_eq!(names(&members), ["puck-0002"]);
    assert_eq!(members["total_count"], 1);
    assert_eq!(members["data"][0]["groups"], json!([id]));
    let none = world
        .read(&format!("{path}/devices?name__eq=puck-0001"))
        .await;
    assert_eq!(names(&none), [""; 0]);

    let removed = world
        .send(Method::POST, &format!("{path}/devices/remove"), &member)
        .await;
    assert_eq!(removed.status(), StatusCode::OK);
    assert_eq!(world.read(&path).await["devices_count"], 0);
    let nobody = json!({ "device_id": "0".repeat(32) });
    let refused = world
        .send(Method::POST, &format!("{path}/devices/add"), &nobody)
        .await;
    assert_refused(refused, 400, "validation_error").await;

    let changed = json!({"name": "hall", "description": "north end"});
    assert_eq!(world.send(Method::PUT, &path, &changed).await.status(), 200);
    assert_eq!(
        world.read(&format!("{GROUPS}?name=hall")).await["data"][0]["id"],
        id
    );
    assert_eq!(world.delete(&path).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_demo_inventory_has_two_classes_several_versions_groups_and_saved_queries() {
    let world = World::with(PelionOptions {
        inventory: Inventory::demo(),
        ..PelionOptions::new(KEY)
    })
    .await;
    let devices = world.read(&format!("{DEVICES}?limit=1000")).await;
    let devices = devices["data"].as_array().unwrap();
    assert_eq!(devices.len(), 120);
    let distinct = |field: fn(&Value) -> &Value| {
        let values = devices.iter().map(|device| field(device).to_string());
        values.collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(distinct(|device| &device["device_class"]), 2);
    assert_eq!(distinct(|device| &device["component_attributes"]), 6);
    assert_eq!(distinct(|device| &device["state"]), 2);
    assert_eq!(distinct(|device| &device["name"]), 120);
    assert!(
        devices
            .iter()
            .all(|device| device["groups"].as_array().unwrap().len() == 1)
    );
    let groups = world.read(GROUPS).await;
    let counts = groups["data"].as_array().unwrap().iter();
    let counts: u64 = counts
        .map(|group| group["devices_count"].as_u64().unwrap())
        .sum();
    assert_eq!(counts, 120);
    let queries = world.read(QUERIES).await;
    for query in queries["data"].as_array().unwrap() {
        let text = query["query"].as_str().unwrap();
        let found = world.read(&format!("{DEVICES}?{text}")).await;
        assert!(!names(&found).is_empty(), "{text}");
    }
}

#[tokio::test]
async fn the_demo_world_opens_with_the_demo_inventory() {
    use firmdrop_simulator::world::{DemoWorld, WorldOptions};
    let demo = DemoWorld::start(WorldOptions::default()).await.unwrap();
    let url = format!(
        "http://{}{DEVICES}?include=total_count",
        demo.pelion_address()
    );
    let client = Client::builder().no_proxy().build().unwrap();
    let page = client.get(url).bearer_auth(demo.access_key()).send().await;
    let page: Value = page.unwrap().json().await.unwrap();
    assert_eq!(page["total_count"], 120);
}

#[tokio::test]
async fn the_dial_lies_about_a_total_count_and_disturbs_devices_too() {
    use firmdrop_simulator::fault::{Effect, Rule};
    let world = world_of(fleet(3)).await;
    let dial = world.server.dial();
    dial.add(Rule::once(Effect::WrongTotalCount { count: 70 }).on("GET", "/v3/devices"));
    let page = world.read(&format!("{DEVICES}?include=total_count")).await;
    assert_eq!(page["total_count"], 70);
    assert_eq!(names(&page).len(), 3);
    dial.add(Rule::once(Effect::ServerError { status: 503 }).on("GET", "/v3/devices"));
    assert_refused(world.get(DEVICES).await, 503, "internal_server_error").await;
    dial.add(Rule::once(Effect::Html { status: 502 }));
    assert_eq!(world.get(DEVICES).await.status(), StatusCode::BAD_GATEWAY);
    let targets = world.server.record().requests.len();
    assert_eq!(targets, 3);
}
