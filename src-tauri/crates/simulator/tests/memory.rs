//! The simulated service's memory does not grow with what it is sent. Alone in its program, because
//! other tests would be measured with it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use bytes::Bytes;
use firmdrop_core::MIB;
use firmdrop_simulator::pelion::{LARGEST_REQUEST_BYTES, PelionOptions, PelionServer};
use serde_json::{Value, json};

/// What the measured upload may add to the program's peak: buffers of sockets and hyper.
const GROWTH_BYTES: u64 = 16 * MIB;
const CHUNKS: u64 = 10;

/// Largest resident size this program ever had, bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

async fn append(client: &reqwest::Client, job: &str, length: u64) {
    let piece = Bytes::from(vec![0x5a; 65536]);
    let pieces = length / piece.len() as u64;
    let body =
        futures::stream::iter((0..pieces).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let request = client
        .post(format!("{job}/chunks"))
        .bearer_auth("ak_test")
        .header("Content-Type", "binary/octet-stream")
        .header("Content-Length", length)
        .body(reqwest::Body::wrap_stream(body));
    assert_eq!(request.send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_gibibyte_needs_no_more_memory_than_a_megabyte() {
    let server = PelionServer::start(PelionOptions::new("ak_test"))
        .await
        .unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let jobs = format!("{}/v3/firmware-images/upload-jobs", server.url());
    let create = client
        .post(&jobs)
        .bearer_auth("ak_test")
        .json(&json!({"name": "large"}));
    let job: Value = create.send().await.unwrap().json().await.unwrap();
    let job = format!("{jobs}/{}", job["id"].as_str().unwrap());
    append(&client, &job, 8 * MIB).await;
    let before = peak_bytes();
    for _ in 0..CHUNKS {
        append(&client, &job, LARGEST_REQUEST_BYTES).await;
    }
    append(&client, &job, 0).await;
    assert_eq!(
        server.images()[0].size_bytes,
        CHUNKS * LARGEST_REQUEST_BYTES + 8 * MIB
    );
    let grown = peak_bytes().saturating_sub(before);
    assert!(grown <= GROWTH_BYTES, "grew by {grown} bytes");
}
