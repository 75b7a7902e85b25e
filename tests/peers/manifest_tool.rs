//! The vendor's own program uploads to the simulated Pelion service and runs campaigns on it: the
//! simulator does not merely agree with us.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use firmdrop_core::{Sha256, Sha256Hasher};
use firmdrop_simulator::pelion::{
    Behaviour, Ended, Pace, PelionOptions, PelionServer, Record, StoredImage,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longest time the vendor's program may take; it has no deadline of its own.
const DEADLINE: Duration = Duration::from_mins(5);

struct Upload {
    server: PelionServer,
    sha256: Sha256,
    output: String,
}

impl Upload {
    fn image(&self) -> StoredImage {
        let mut images = self.server.images();
        assert_eq!(images.len(), 1, "{}", self.output);
        images.remove(0)
    }

    /// Method, path without ids, and status of each request up to the image's end.
    fn requests(&self) -> Vec<String> {
        requests(&self.server, "/firmware-images")
    }
}

/// Method, path without ids, and status of each request to paths that contain this.
fn requests(server: &PelionServer, part: &str) -> Vec<String> {
    let record = server.record();
    let requests = record.requests.iter();
    let wanted = requests.filter(|r| r.target.contains(part) && !r.target.contains("/v3/devices"));
    let line = |target: &str| -> String {
        let shorten = |part: &str| if part.len() == 32 { "ID" } else { part }.to_owned();
        target.split('/').map(shorten).collect::<Vec<_>>().join("/")
    };
    wanted
        .map(|r| {
            assert_eq!(r.ended, Ended::Answered, "{r:?}");
            format!("{} {} {}", r.method, line(&r.target), r.status.unwrap())
        })
        .collect()
}

fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../.venv/bin")
        .join(name);
    assert!(
        path.exists(),
        "{name} is not in .venv; `cargo xtask test` installs it"
    );
    path
}

/// Writes a file whose bytes do not repeat, and hashes it on the way.
fn firmware(path: &Path, size_bytes: u64) -> Sha256 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut hasher = Sha256Hasher::default();
    let mut state = 0x9e37_79b9_u64;
    let mut left = usize::try_from(size_bytes).unwrap();
    while left > 0 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let block = state.to_le_bytes().repeat(512);
        let length = left.min(block.len());
        file.write_all(&block[..length]).unwrap();
        hasher.update(&block[..length]);
        left -= length;
    }
    file.flush().unwrap();
    hasher.finish()
}

async fn run(directory: &Path, arguments: &[&str]) -> Output {
    let running = tokio::process::Command::new(program("manifest-dev-tool"))
        .args(arguments)
        .current_dir(directory)
        .env("HOME", directory)
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(DEADLINE, running)
        .await
        .unwrap()
        .unwrap()
}

async fn update(size_bytes: u64) -> Upload {
    let server = PelionServer::start(PelionOptions::new("ak_peer"))
        .await
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let sha256 = firmware(&directory.path().join("firmware.bin"), size_bytes);
    let url = server.url();
    let init = run(directory.path(), &["init", "-a", "ak_peer", "-u", &url]).await;
    assert!(init.status.success(), "{init:?}");
    let arguments = [
        "update",
        "--payload-path",
        "firmware.bin",
        "--fw-version",
        "1.2.3",
    ];
    let update = run(directory.path(), &arguments).await;
    let output = [update.stdout, update.stderr].concat();
    let output = String::from_utf8_lossy(&output).into_owned();
    assert!(update.status.success(), "{output}");
    assert!(
        output.contains("Uploaded FW image http://127.0.0.1:"),
        "{output}"
    );
    assert!(output.contains("Created Campaign ID: "), "{output}");
    Upload {
        server,
        sha256,
        output,
    }
}

fn only_job(record: &Record) -> &firmdrop_simulator::pelion::JobEntry {
    assert_eq!(record.jobs.len(), 1);
    record.jobs.values().next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_uploads_a_small_file_in_one_request() {
    let upload = update(100_000).await;
    let image = upload.image();
    assert_eq!(image.sha256, upload.sha256);
    assert_eq!(image.size_bytes, 100_000);
    assert!(image.name.ends_with("-firmware.bin"), "{}", image.name);
    assert_eq!(upload.requests(), ["POST /v3/firmware-images 201"]);
    assert!(upload.server.record().jobs.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_uploads_one_byte_over_100_mib_in_chunks() {
    let size_bytes = 100 * firmdrop_core::MIB + 1;
    let upload = update(size_bytes).await;
    let image = upload.image();
    assert_eq!(image.sha256, upload.sha256);
    assert_eq!(image.size_bytes, size_bytes);

    let record = upload.server.record();
    let job = only_job(&record);
    let lengths: Vec<_> = job.chunks.iter().map(|chunk| chunk.length).collect();
    let expected = [
        vec![6 * firmdrop_core::MIB; 16],
        vec![4 * firmdrop_core::MIB + 1, 0],
    ]
    .concat();
    assert_eq!(lengths, expected);
    assert_eq!(job.repeated_chunks(), [0_u32; 0]);
    assert_eq!(job.stored_bytes(), size_bytes);
    assert_eq!(job.received_bytes, size_bytes);
    assert!(job.arrivals.iter().all(|arrival| arrival.times == 1));

    let jobs = "/v3/firmware-images/upload-jobs";
    let chunks = vec![format!("POST {jobs}/ID/chunks 201"); 18];
    let mut expected = vec![format!("POST {jobs} 201")];
    expected.extend(chunks);
    expected.push(format!("GET {jobs}/ID 200"));
    expected.push("GET /v3/firmware-images/ID 200".to_owned());
    expected.push(format!("DELETE {jobs}/ID 204"));
    assert_eq!(upload.requests(), expected);
}

/// A service, the program's folder, and one device of the ids the program made up.
struct Bench {
    server: PelionServer,
    folder: TempDir,
    client: reqwest::Client,
    device: String,
}

impl Bench {
    async fn new() -> Self {
        let options = PelionOptions {
            // The program looks at once and then every three seconds, and does not expect to see
            // a campaign stopping.
            pace: Pace {
                state: Duration::from_millis(100),
                stopping: Duration::ZERO,
                ..Pace::FAST
            },
            ..PelionOptions::new("ak_peer")
        };
        let server = PelionServer::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        firmware(&folder.path().join("firmware.bin"), 100_000);
        let url = server.url();
        let init = run(folder.path(), &["init", "-a", "ak_peer", "-u", &url]).await;
        assert!(init.status.success(), "{init:?}");
        let mut bench = Self {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            device: String::new(),
            server,
            folder,
        };
        bench.device = bench.register().await;
        bench
    }

    async fn register(&self) -> String {
        let config = self.folder.path().join(".manifest-dev-tool/dev.cfg.yaml");
        let config = std::fs::read_to_string(config).unwrap();
        let id = |key: &str| {
            let mut lines = config.lines();
            let value = lines.find_map(|line| line.strip_prefix(&format!("{key}: ")));
            value.unwrap().trim().to_owned()
        };
        let body = json!({"name": "desk", "state": "registered", "vendor_id": id("vendor-id"),
            "device_class": id("class-id"), "component_attributes": {"MAIN": "1.0.0"}});
        let url = format!("{}/v3/devices", self.server.url());
        let request = self.client.post(url).bearer_auth("ak_peer").json(&body);
        let device: Value = request.send().await.unwrap().json().await.unwrap();
        device["id"].as_str().unwrap().to_owned()
    }

    async fn device(&self) -> Value {
        let url = format!("{}/v3/devices/{}", self.server.url(), self.device);
        let request = self.client.get(url).bearer_auth("ak_peer");
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Runs a whole campaign; returns the exit code and everything the program said.
    async fn update(&self, command: &str, more: &[&str]) -> (Option<i32>, String) {
        let arguments = [command, "--payload-path", "firmware.bin"];
        let device = ["--device-id", &self.device, "-w"];
        let arguments = [&arguments[..], &device, more].concat();
        let update = run(self.folder.path(), &arguments).await;
        let output = [update.stdout, update.stderr].concat();
        let output = String::from_utf8_lossy(&output).into_owned();
        (update.status.code(), output)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_runs_its_whole_flow_and_cleans_up() {
    let bench = Bench::new().await;
    let (code, output) = bench.update("update", &["--fw-version", "1.2.3"]).await;
    assert_eq!(code, Some(0), "{output}");
    assert!(
        output.contains("Campaign is finished in state: autostopped"),
        "{output}"
    );
    assert!(output.contains("Successfully updated:   1"), "{output}");
    assert_eq!(
        bench.device().await["component_attributes"]["MAIN"],
        "1.2.3"
    );
    let campaign = "/v3/update-campaigns";
    let mut requests = requests(&bench.server, "/v3/");
    requests.dedup();
    assert_eq!(
        requests,
        [
            "POST /v3/firmware-images 201".to_owned(),
            "POST /v3/firmware-manifests 201".to_owned(),
            format!("POST {campaign} 201"),
            format!("POST {campaign}/ID/start 202"),
            format!("GET {campaign}/ID 200"),
            format!("GET {campaign}/ID/statistics 200"),
            format!("DELETE {campaign}/ID 204"),
            "DELETE /v3/firmware-manifests/ID 204".to_owned(),
            "DELETE /v3/firmware-images/ID 204".to_owned(),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_reports_a_device_that_fails_and_why() {
    let bench = Bench::new().await;
    assert!(
        bench
            .server
            .set_behaviour(&bench.device, Behaviour::Fails(303))
    );
    let (code, output) = bench.update("update", &["--fw-version", "1.2.3"]).await;
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("Failed to update:       1"), "{output}");
    assert!(output.contains("The download took too long"), "{output}");
    assert!(output.contains(&bench.device), "{output}");
    assert_eq!(
        bench.device().await["component_attributes"]["MAIN"],
        "1.0.0"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_reports_a_version_that_is_not_newer() {
    let bench = Bench::new().await;
    let (code, output) = bench.update("update", &["--fw-version", "0.9.0"]).await;
    assert_eq!(code, Some(1), "{output}");
    assert!(
        output.contains("not newer than what the device runs"),
        "{output}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_updates_by_a_short_url_and_then_finds_nothing_newer() {
    let bench = Bench::new().await;
    let arguments = ["--fw-version", "1.2.3", "--use-short-url"];
    let (code, output) = bench.update("update", &arguments).await;
    assert_eq!(code, Some(0), "{output}");
    let (code, output) = bench.update("update", &arguments).await;
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("Skipped:                1"), "{output}");
    assert!(output.contains("runs this firmware already"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifest_dev_tool_runs_its_whole_flow_with_schema_1() {
    let bench = Bench::new().await;
    let (code, output) = bench
        .update("update-v1", &["--fw-version", "1700000000"])
        .await;
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("Successfully updated:   1"), "{output}");
    let device = bench.device().await;
    assert_eq!(device["manifest_timestamp"], "2023-11-14T22:13:20.000000Z");
    firmware(&bench.folder.path().join("firmware.bin"), 200_000);
    let (code, output) = bench
        .update("update-v1", &["--fw-version", "1600000000"])
        .await;
    assert_eq!(code, Some(1), "{output}");
    let (code, output) = bench
        .update("update-v1", &["--fw-migrate-ver", "2.0.2"])
        .await;
    assert_eq!(code, Some(0), "{output}");
    assert_eq!(
        bench.device().await["component_attributes"]["MAIN"],
        "2.0.2"
    );
}
