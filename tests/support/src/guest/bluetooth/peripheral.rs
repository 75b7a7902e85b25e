//! The peripheral's process on the computer that starts the virtual one.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::names::{ADDRESS, CONTROLLER_PORT, NAME, READER_PORT};

const SOURCE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/guest/bluetooth/peripheral.py"
);
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.venv/bin/python");

/// The process. Dropping it ends it.
pub(in super::super) struct Peripheral {
    process: Child,
    sockets: tempfile::TempDir,
}

impl Peripheral {
    /// Starts it; what it prints goes to `log`. The two ports can be connected to at once.
    pub(in super::super) fn start(log: File) -> Self {
        let sockets = tempfile::tempdir().unwrap();
        let listen = |name: &str| {
            let socket = UnixListener::bind(sockets.path().join(name)).unwrap();
            Stdio::from(OwnedFd::from(socket))
        };
        let is_there = Path::new(PYTHON).exists();
        assert!(is_there, "{PYTHON} is missing: `cargo xtask test` makes it");
        // It accepts one connection from each of its first two files.
        let process = Command::new(PYTHON)
            .args([SOURCE, ADDRESS, NAME])
            .stdin(listen(CONTROLLER_PORT))
            .stdout(listen(READER_PORT))
            .stderr(log)
            .spawn()
            .unwrap();
        Self { process, sockets }
    }

    /// What leads two ports of the virtual computer to it.
    pub(in super::super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["-device".to_owned(), "virtio-serial".to_owned()];
        for name in [CONTROLLER_PORT, READER_PORT] {
            // In an option of QEMU a comma is written twice.
            let path = self.sockets.path().join(name);
            let path = path.to_str().unwrap().replace(',', ",,");
            arguments.extend([
                "-chardev".to_owned(),
                format!("socket,id={name},path={path}"),
            ]);
            let device = format!("virtserialport,chardev={name},name={name}");
            arguments.extend(["-device".to_owned(), device]);
        }
        arguments
    }
}

impl Drop for Peripheral {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
