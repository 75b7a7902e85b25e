//! A bus of our own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for the daemon.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A `dbus-daemon`. Dropping it ends it.
pub(super) struct Bus {
    daemon: Child,
    folder: tempfile::TempDir,
}

impl Bus {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("bus");
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile"])
            .arg(format!("--address=unix:path={}", socket.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // It complains about limits that it may not change.
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed: run `cargo xtask test`");
        let began = Instant::now();
        while !socket.exists() {
            assert!(began.elapsed() < TIMEOUT, "the bus did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { daemon, folder }
    }

    pub(super) fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
