//! Other people's programs take the pretend readers for real ones: `imgtool` signs an image,
//! `smpmgr` uploads it over a serial port and over UDP. So the readers do not merely agree with the
//! loader that was written beside them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image, serve_udp_at};
use tempfile::TempDir;
use tokio::process::Command;

/// Longest time one of the programs may take; smpmgr retries for minutes.
const DEADLINE: Duration = Duration::from_mins(2);

/// Runs a program of the peers' environment and returns what it printed.
async fn run(program: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../.venv/bin")
        .join(program);
    assert!(
        path.exists(),
        "{program} is not installed: run `cargo xtask test`"
    );
    let mut command = Command::new(path);
    command.args(arguments).kill_on_drop(true);
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.unwrap().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

/// An image of 40 kB, signed by `imgtool` with a key made for it.
async fn signed_image(folder: &TempDir) -> PathBuf {
    let at = |name: &str| folder.path().join(name);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (raw, key, signed) = (at("raw.bin"), at("key.pem"), at("signed.bin"));
    std::fs::write(&raw, &demo_image((0, 0, 1), 40_000)[32..]).unwrap();
    run(
        "imgtool",
        &["keygen", "-k", &text(&key), "-t", "ecdsa-p256"],
    )
    .await;
    let sign = [
        "sign",
        "--key",
        &text(&key),
        "--header-size",
        "0x200",
        "--pad-header",
        "--align",
        "4",
        "--slot-size",
        "0x60000",
        "--version",
        "2.4.1+318",
        &text(&raw),
        &text(&signed),
    ];
    run("imgtool", &sign).await;
    signed
}

/// Uploads with `smpmgr` and asks it what the reader holds.
async fn upload_and_compare(reader: &SimulatedReader, way: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let image = signed_image(&folder).await;
    let mut upload = way.to_vec();
    upload.extend(["image", "upload", image.to_str().unwrap()]);
    run("smpmgr", &upload).await;
    assert!(reader.memory(1) == std::fs::read(&image).unwrap());
    let mut list = way.to_vec();
    list.extend(["image", "state-read"]);
    let listed = run("smpmgr", &list).await;
    assert!(listed.contains("2.4.1.318"), "{listed}");
}

fn reader(settings: Settings) -> SimulatedReader {
    SimulatedReader::new(settings, demo_image((1, 0, 0), 4000))
}

#[cfg(unix)]
#[tokio::test]
async fn smpmgr_uploads_a_signed_image_over_a_serial_port() {
    let reader = reader(Settings::default());
    let port = firmdrop_simulator::reader::serve_pty(reader.clone()).unwrap();
    upload_and_compare(&reader, &["--port", port.path().to_str().unwrap()]).await;
}

#[cfg(target_os = "linux")] // Others have one loopback address only.
#[tokio::test]
async fn smpmgr_uploads_a_signed_image_over_udp() {
    // smpmgr does not ask for the size of the buffers here and fills an Ethernet frame, which is
    // what Zephyr's UDP transport takes (`CONFIG_MCUMGR_TRANSPORT_UDP_MTU`).
    let reader = reader(Settings {
        buffer_bytes: 1500,
        ..Settings::default()
    });
    // smpmgr knows one port only, the protocol's own; a loopback address that depends on the
    // process keeps two test runs apart.
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let address = SocketAddr::from(([127, 77, high, low | 1], 1337));
    let server = serve_udp_at(reader.clone(), address).await.unwrap();
    upload_and_compare(&reader, &["--ip", &server.address().ip().to_string()]).await;
}
