//! A fleet of 100,000 devices is small in memory and quick to list. Alone in its program, because
//! other tests would be measured with it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::{Duration, Instant};

use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, PelionOptions, PelionServer,
};
use serde_json::Value;

const DEVICES: usize = 100_000;
/// What a device may add to the program.
const DEVICE_BYTES: usize = 400;
/// Longest time for a page in a debug build on a busy machine; ten times what it takes.
const PAGE: Duration = Duration::from_secs(2);

/// Resident size of this program now, bytes.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse::<usize>().unwrap() * 1024
}

async fn page(server: &PelionServer, query: &str) -> (Value, Duration) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v3/devices?{query}", server.url());
    let begun = Instant::now();
    let response = client.get(url).bearer_auth("ak_test").send().await.unwrap();
    let bytes = response.bytes().await.unwrap();
    let took = begun.elapsed();
    (serde_json::from_slice(&bytes).unwrap(), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_devices_fit_and_come_in_pages_at_once() {
    let before = resident_bytes();
    let fleet = Fleet {
        versions: vec!["1.0.0".into(), "1.1.0".into(), "1.2.0".into()],
        attributes: vec![("site".into(), vec!["Oulu".into(), "Austin".into()])],
        deregistered_percent: 5,
        ..Fleet::new(DEVICES, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
    };
    let server = PelionServer::start(PelionOptions {
        inventory: Inventory::of(fleet),
        ..PelionOptions::new("ak_test")
    });
    let server = server.await.unwrap();
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < DEVICES * DEVICE_BYTES, "grew by {grown} bytes");

    for (query, count) in [
        ("limit=1000&include=total_count", DEVICES),
        ("limit=1000&order=DESC&include=total_count", DEVICES),
        (
            "limit=1000&include=total_count&custom_attributes__site=Oulu&state=registered",
            47_000,
        ),
        ("limit=1000&include=total_count&name__eq=puck-99999", 1),
    ] {
        let (listed, took) = page(&server, query).await;
        assert_eq!(listed["total_count"], count, "{query}");
        assert_eq!(listed["data"].as_array().unwrap().len(), count.min(1000));
        assert!(took < PAGE, "{query} took {took:?}");
        println!("{query}: {took:?}");
    }
    println!("{} bytes each", grown / DEVICES);
}
