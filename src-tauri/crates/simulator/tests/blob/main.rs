//! The simulated Blob storage, asked by an HTTP client that knows nothing of ours. What Microsoft's client
//! can ask is asked by that, in `tests/peers/azure`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Md5;
use firmdrop_simulator::{
    blob::{BlobOptions, BlobServer, Storage},
    fault::{Effect, Rule},
};
use reqwest::{Client, Method, RequestBuilder, Response};

const HOUR: Duration = Duration::from_hours(1);

/// A server with one container, and a client.
struct World {
    server: BlobServer,
    client: Client,
}

impl World {
    async fn with(storage: Storage) -> Self {
        let server = BlobServer::start(BlobOptions {
            storage,
            containers: vec!["things".to_owned()],
            ..BlobOptions::default()
        });
        Self {
            server: server.await.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// A signed request; the query is what follows the signature.
    fn request(&self, method: Method, blob: &str, query: &str) -> RequestBuilder {
        let url = self.server.signed_url("things", blob, "rwd", HOUR);
        self.client.request(method, format!("{url}{query}"))
    }

    async fn put(&self, bytes: &'static [u8], headers: &[(&str, &str)]) -> Response {
        let mut request = self
            .request(Method::PUT, "a", "")
            .header("x-ms-blob-type", "BlockBlob");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(bytes).send().await.unwrap()
    }

    async fn block(&self, id: &str, bytes: &'static [u8]) -> Response {
        let id = STANDARD.encode(id).replace('=', "%3D");
        let query = format!("&comp=block&blockid={id}");
        let length = bytes.len();
        self.request(Method::PUT, "a", &query)
            .header("content-length", length)
            .body(bytes)
            .send()
            .await
            .unwrap()
    }

    async fn commit(&self, ids: &[&str]) -> Response {
        let latest = ids
            .iter()
            .map(|id| format!("<Latest>{}</Latest>", STANDARD.encode(id)));
        let body = format!(
            "<BlockList>{}</BlockList>",
            latest.collect::<Vec<_>>().concat()
        );
        self.request(Method::PUT, "a", "&comp=blocklist")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    async fn blocks(&self, kind: &str) -> String {
        let query = format!("&comp=blocklist&blocklisttype={kind}");
        let answer = self.request(Method::GET, "a", &query).send().await.unwrap();
        answer.text().await.unwrap()
    }

    async fn read(&self) -> String {
        let answer = self.request(Method::GET, "a", "").send().await.unwrap();
        answer.text().await.unwrap()
    }
}

fn code(response: &Response) -> &str {
    response.headers()["x-ms-error-code"].to_str().unwrap()
}

#[tokio::test]
async fn blocks_that_were_made_the_blob_can_be_made_a_shorter_one() {
    let world = World::with(Storage::Memory).await;
    for (id, bytes) in [("1", b"one".as_slice()), ("2", b"two"), ("3", b"three")] {
        assert_eq!(world.block(id, bytes).await.status(), 201);
    }
    assert_eq!(world.commit(&["1", "2"]).await.status(), 201);
    assert_eq!(world.read().await, "onetwo");
    // What was not listed is gone.
    assert!(!world.blocks("all").await.contains(&STANDARD.encode("3")));
    assert_eq!(world.commit(&["2"]).await.status(), 201);
    assert_eq!(world.read().await, "two");
    assert_eq!(code(&world.commit(&["1"]).await), "InvalidBlockList");
}

#[tokio::test]
async fn a_list_of_committed_blocks_has_no_uncommitted_ones() {
    let world = World::with(Storage::Memory).await;
    world.block("1", b"one").await;
    world.commit(&["1"]).await;
    world.block("2", b"two").await;
    assert!(
        !world
            .blocks("committed")
            .await
            .contains(&STANDARD.encode("2"))
    );
    assert!(
        !world
            .blocks("uncommitted")
            .await
            .contains(&STANDARD.encode("1"))
    );
}

#[tokio::test]
async fn an_id_has_at_most_64_bytes_and_a_block_at_least_one() {
    let world = World::with(Storage::Memory).await;
    let refused = world.block(&"x".repeat(65), b"one").await;
    assert_eq!(code(&refused), "InvalidQueryParameterValue");
    assert_eq!(world.block(&"x".repeat(64), b"one").await.status(), 201);
    assert_eq!(
        code(&world.block(&"y".repeat(64), b"").await),
        "InvalidHeaderValue"
    );
}

#[tokio::test]
async fn either_header_with_the_md5_of_a_whole_blob_is_checked_and_an_empty_one_is_none() {
    let world = World::with(Storage::Memory).await;
    let right = STANDARD.encode(Md5::of(b"bytes").as_bytes());
    let wrong = STANDARD.encode(Md5::of(b"other").as_bytes());
    for name in ["content-md5", "x-ms-blob-content-md5"] {
        assert_eq!(
            code(&world.put(b"bytes", &[(name, &wrong)]).await),
            "Md5Mismatch"
        );
        assert_eq!(
            code(&world.put(b"bytes", &[(name, "x")]).await),
            "InvalidMd5"
        );
        assert_eq!(world.put(b"bytes", &[(name, &right)]).await.status(), 201);
        assert_eq!(world.put(b"bytes", &[(name, "")]).await.status(), 201);
    }
    // CRC-64/NVME of the nine digits is 0xAE8B14860A799888; the lowest byte comes first.
    let crc = STANDARD.encode(0xAE8B_1486_0A79_9888_u64.to_le_bytes());
    let stored = world
        .put(b"123456789", &[("x-ms-content-crc64", &crc)])
        .await;
    assert_eq!(stored.headers()["x-ms-content-crc64"], crc);
    let refused = world
        .put(b"12345678", &[("x-ms-content-crc64", &crc)])
        .await;
    assert_eq!(code(&refused), "Crc64Mismatch");
}

#[tokio::test]
async fn a_range_has_no_md5_of_its_own_and_an_answer_without_a_body_no_kind() {
    let world = World::with(Storage::Memory).await;
    world.put(b"0123456789", &[]).await;
    let range = world
        .request(Method::GET, "a", "")
        .header("x-ms-range", "bytes=2-5");
    let range = range.send().await.unwrap();
    assert_eq!(range.status(), 206);
    assert!(!range.headers().contains_key("content-md5"));
    assert!(range.headers().contains_key("x-ms-blob-content-md5"));
    assert_eq!(range.text().await.unwrap(), "2345");
    let behind = world
        .request(Method::GET, "a", "")
        .header("range", "bytes=10-");
    assert_eq!(code(&behind.send().await.unwrap()), "InvalidRange");
    let missing = world.request(Method::HEAD, "no", "").send().await.unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(code(&missing), "BlobNotFound");
    assert!(!missing.headers().contains_key("content-type"));
}

#[tokio::test]
async fn a_request_without_a_length_or_a_kind_is_refused() {
    let world = World::with(Storage::Memory).await;
    let kindless = world
        .request(Method::PUT, "a", "")
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(code(&kindless), "MissingRequiredHeader");
    let stream = futures::stream::iter([Ok::<_, std::io::Error>("x")]);
    let unbounded = world
        .request(Method::PUT, "a", "")
        .header("x-ms-blob-type", "BlockBlob");
    let unbounded = unbounded
        .body(reqwest::Body::wrap_stream(stream))
        .send()
        .await
        .unwrap();
    assert_eq!(code(&unbounded), "MissingContentLengthHeader");
}

#[tokio::test]
async fn blobs_and_blocks_of_a_folder_outlive_their_server() {
    let folder = tempfile::tempdir().unwrap();
    let storage = || Storage::Directory(folder.path().to_owned());
    let world = World::with(storage()).await;
    world.block("1", b"one").await;
    world.block("2", b"two").await;
    world.commit(&["1", "2"]).await;
    world.block("3", b"three").await;
    world.server.kill().await;
    std::fs::write(folder.path().join("9999.part"), "of a body that was cut").unwrap();
    let world = World::with(storage()).await;
    assert_eq!(world.read().await, "onetwo");
    assert_eq!(world.server.uncommitted_blocks("things", "a"), 1);
    assert_eq!(world.commit(&["1", "3"]).await.status(), 201);
    assert_eq!(world.read().await, "onethree");
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    // Two blocks; neither the one that was replaced nor the one that was cut.
    let parts = paths.filter(|path| path.extension().is_some_and(|end| end == "part"));
    assert_eq!(parts.count(), 2);
}

#[tokio::test]
async fn a_storage_that_forgets_bytes_checks_them_and_gives_none_back() {
    let world = World::with(Storage::Discard).await;
    assert_eq!(world.block("1", b"one").await.status(), 201);
    assert_eq!(world.block("2", b"two").await.status(), 201);
    assert_eq!(world.commit(&["1", "2"]).await.status(), 201);
    let wrong = STANDARD.encode(Md5::of(b"other").as_bytes());
    let damaged = world.put(b"three", &[("content-md5", &wrong)]).await;
    assert_eq!(code(&damaged), "Md5Mismatch");
    let head = world.request(Method::HEAD, "a", "").send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "6");
    // The connection ends where the bytes would begin, or before the answer does.
    let given = match world.request(Method::GET, "a", "").send().await {
        Ok(answer) => answer.bytes().await.ok(),
        Err(_) => None,
    };
    assert_eq!(given, None);
}

#[tokio::test]
async fn faults_of_the_dial_come_in_the_form_of_the_storage() {
    let world = World::with(Storage::Memory).await;
    let dial = world.server.dial();
    dial.add(Rule::once(Effect::ServerError { status: 503 }));
    let busy = world.put(b"x", &[("x-ms-client-request-id", "mine")]).await;
    assert_eq!((busy.status().as_u16(), code(&busy)), (503, "ServerBusy"));
    dial.add(Rule::once(Effect::LoseAnswer));
    let id = STANDARD.encode("1").replace('=', "%3D");
    let lost = world.request(Method::PUT, "a", &format!("&comp=block&blockid={id}"));
    assert!(lost.body("one").send().await.is_err());
    assert_eq!(world.server.uncommitted_blocks("things", "a"), 1);
    assert_eq!(world.block("1", b"one").await.status(), 201);
    assert_eq!(world.server.record().repeated_blocks().len(), 1);
    let answered = world.put(b"x", &[("x-ms-client-request-id", "mine")]).await;
    assert_eq!(answered.headers()["x-ms-client-request-id"], "mine");
    assert!(answered.headers().contains_key("x-ms-request-id"));
}
