//! Runs a test below a pretend bus: the same test program once more, under `bed.py`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;

use super::device::Device;
use super::usbip;

/// Set below the bed: the port that takes its orders.
const ORDERS: &str = "FIRMDROP_BED";
/// What brings the programs.
const PACKAGES: &str = "apt-get install umockdev gir1.2-umockdev-1.0 python3-gi dfu-util";

/// The bus that a test runs below.
pub struct Bed(TcpStream);

/// A program of others; a missing one ends the test and says what brings it.
pub fn program(name: &str) -> Command {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    // A name that begins with a slash stays as it is.
    let is_there = std::env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    assert!(
        is_there,
        "{name} is missing; `cargo xtask test` installs it, or: {PACKAGES}"
    );
    Command::new(name)
}

/// Runs `test` below the bed. Outside of it, it starts this test program there, with this test alone.
pub fn below_the_bed(test: impl FnOnce(&mut Bed)) {
    below(test, ("LD_PRELOAD", "libumockdev-preload.so.0"));
}

/// The same where nobody says what comes and goes, as in a container without the system's device manager.
pub fn below_a_quiet_bed(test: impl FnOnce(&mut Bed)) {
    below(test, ("FIRMDROP_BED_QUIET", "1"));
}

fn below(test: impl FnOnce(&mut Bed), (name, value): (&str, &str)) {
    if let Some(mut bed) = Bed::of_this_process() {
        test(&mut bed);
        return;
    }
    let this = std::thread::current().name().unwrap().to_owned();
    // The one that Debian's bindings are for.
    let ended = program("/usr/bin/python3")
        // What `umockdev-wrapper` sets; as a shell script it loses variables that Cargo sets.
        .env(name, value)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/usb/bed.py"))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &this, "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    let err = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{out}\n{err}");
    assert!(
        out.contains("1 passed"),
        "the test did not run: {out}\n{err}"
    );
}

impl Bed {
    /// The bus that this process was started below; `None` when it was not.
    pub fn of_this_process() -> Option<Self> {
        let port = std::env::var(ORDERS).ok()?;
        let stream = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
        Some(Self(stream))
    }

    /// Plugs a device into a port of the bus: `1-2`. It leaves and comes back as the device itself does.
    pub fn plug(&mut self, device: &(impl Device + Clone), place: &str) {
        let served = usbip::serve(Arc::new(device.clone())).unwrap();
        self.order(&format!("plug {} {place}", served.port()));
    }

    /// Takes everybody's right to open the device at a port. One with the rights of root still may.
    pub fn deny(&mut self, place: &str) {
        self.order(&format!("deny {place}"));
    }

    /// Takes the node of the device at a port away, as a container does that was not given any.
    pub fn hide(&mut self, place: &str) {
        self.order(&format!("hide {place}"));
    }

    fn order(&mut self, order: &str) {
        self.0.write_all(format!("{order}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(&self.0).read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "{order}");
    }
}
