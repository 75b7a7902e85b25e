//! The simulated Pelion service, asked by an HTTP client that knows nothing of ours.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod campaign_devices;
mod campaign_refusals;
mod campaign_world;
mod campaigns;
mod chunks;
mod contract;
mod devices;
mod faults;
mod images;
mod lists;
mod manifest_file;
mod manifests;
mod persistence;
mod upload_jobs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Md5;
use firmdrop_simulator::pelion::{PelionOptions, PelionServer};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

const KEY: &str = "ak_test";
const IMAGES: &str = "/v3/firmware-images";
const JOBS: &str = "/v3/firmware-images/upload-jobs";
const MANIFESTS: &str = "/v3/firmware-manifests";
const CAMPAIGNS: &str = "/v3/update-campaigns";
const DEVICES: &str = "/v3/devices";
const QUERIES: &str = "/v3/device-queries";
const GROUPS: &str = "/v3/device-groups";
const EVENTS: &str = "/v3/device-events";
/// The least a middle chunk may have.
const CHUNK_BYTES: usize = 5 * 1024 * 1024;

/// A server and a client with its key.
struct World {
    server: PelionServer,
    client: Client,
}

impl World {
    async fn start() -> Self {
        Self::with(PelionOptions::new(KEY)).await
    }

    async fn with(options: PelionOptions) -> Self {
        Self {
            server: PelionServer::start(options).await.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.url());
        self.client.request(method, url).bearer_auth(KEY)
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The JSON of an answer with status 200.
    async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.request(method, path).json(body).send().await.unwrap()
    }

    async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await.unwrap()
    }

    /// Makes an upload job and returns its path.
    async fn job(&self, name: &str) -> String {
        let response = self
            .send(Method::POST, JOBS, &json!({ "name": name }))
            .await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let job: Value = response.json().await.unwrap();
        format!("{JOBS}/{}", job["id"].as_str().unwrap())
    }

    /// A chunk as the guide says to send it.
    fn chunk(&self, job: &str, bytes: &[u8]) -> RequestBuilder {
        self.request(Method::POST, &format!("{job}/chunks"))
            .header("Content-Type", "binary/octet-stream")
            .header("Content-Length", bytes.len())
            .header("Content-MD5", STANDARD.encode(Md5::of(bytes).as_bytes()))
            .body(bytes.to_vec())
    }

    async fn append(&self, job: &str, bytes: &[u8]) -> Response {
        self.chunk(job, bytes).send().await.unwrap()
    }

    /// Appends a chunk that must be taken.
    async fn store(&self, job: &str, bytes: &[u8]) -> Value {
        let response = self.append(job, bytes).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json().await.unwrap()
    }

    /// Uploads `pieces` through an upload job and returns the paths of job and image.
    async fn finished(&self, name: &str, pieces: &[&[u8]]) -> (String, String) {
        let job = self.job(name).await;
        for piece in pieces {
            self.store(&job, piece).await;
        }
        self.store(&job, b"").await;
        let view = self.read(&job).await;
        let image = format!("{IMAGES}/{}", view["firmware_image_id"].as_str().unwrap());
        (job, image)
    }
}

/// Asserts that an answer is an error in the service's own form.
async fn assert_refused(response: Response, status: u16, kind: &str) -> Value {
    assert_eq!(response.status().as_u16(), status);
    let header = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["object"], "error");
    assert_eq!(body["code"], status);
    assert_eq!(body["type"], kind);
    assert_eq!(body["request_id"], header);
    assert!(
        body["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    assert_eq!(body.get("fields").is_some(), kind == "validation_error");
    body
}

/// Bytes that do not repeat, different for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()
    });
    words.flatten().take(length).collect()
}
