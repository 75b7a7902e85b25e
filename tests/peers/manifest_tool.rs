//! The vendor's own program uploads to the simulated Pelion service: the simulator does not merely
//! agree with us.
//!
//! `manifest-dev-tool update` goes on to upload a manifest after the image. The simulator has no
//! manifests, so the program ends there; everything before is judged here.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use firmdrop_core::{Sha256, Sha256Hasher};
use firmdrop_simulator::pelion::{Ended, PelionOptions, PelionServer, Record, StoredImage};

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
        let record = self.server.record();
        let uploads = record
            .requests
            .iter()
            .filter(|r| r.target.contains("/firmware-images"));
        let line = |target: &str| -> String {
            let shorten = |part: &str| if part.len() == 32 { "ID" } else { part }.to_owned();
            target.split('/').map(shorten).collect::<Vec<_>>().join("/")
        };
        uploads
            .map(|r| {
                assert_eq!(r.ended, Ended::Answered, "{r:?}");
                format!("{} {} {}", r.method, line(&r.target), r.status.unwrap())
            })
            .collect()
    }
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
    assert!(
        output.contains("Uploaded FW image http://127.0.0.1:"),
        "{output}"
    );
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
