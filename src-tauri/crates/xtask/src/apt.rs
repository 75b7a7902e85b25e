//! The system's packages: which ones are missing, and how they come.
//!
//! Debian and its children only. On other systems it names what is needed and stops.

use std::path::Path;
use std::process::Command;

use crate::command::{Run, find};
use crate::failure::{Done, Failure};

/// What building the window needs.
pub(crate) const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libudev-dev",      // serial ports
    "libusb-1.0-0-dev", // USB devices
    "libdbus-1-dev",    // the system's key store and Bluetooth
];

/// What the tests need on top.
pub(crate) const TESTS: &[&str] = &[
    // the real window, driven on a virtual screen
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "x11-utils",
    "xdotool",
    "imagemagick",
    "dbus",
    "dbus-x11",
    "at-spi2-core",
    "fonts-dejavu-core",
    // a real source of a drag
    "python3-gi",
    "gir1.2-gtk-3.0",
    // a real key store
    "gnome-keyring",
    // peers and references
    "socat",
    "openssl",
    "dfu-util",
    "srecord",
    "binutils",
    "xz-utils",
    "zstd",
    "gcab",
    "cabextract",
    "fwupd",
    // USB devices without a bus, below the real libusb
    "umockdev",
    "gir1.2-umockdev-1.0",
    // a real FAT drive
    "dosfstools",
    // a virtual computer with a kernel that has USB, and what runs in it
    "qemu-system-x86",
    "busybox-static",
    "kmod",
    "udev",
    "bluez",
    "bluez-test-tools",
    // real firmware
    "hackrf-firmware",
    "firmware-tomu",
    "firmware-microbit-micropython",
    "sigrok-firmware-fx2lafw",
    "opensbi",
    "u-boot-qemu",
    "arduino-core-avr",
];

/// What the checks need on top of [`BUILD`].
pub(crate) const CHECKS: &[&str] = &["shellcheck"];

/// What the benches need on top of [`BUILD`]. `iproute2` and `socat` make the emulated line, `dbus` the bus of a
/// stand-in for the system's Bluetooth service, `umockdev` a USB bus.
pub(crate) const BENCHES: &[&str] = &[
    "binutils",
    "dbus",
    "dfu-util",
    "gir1.2-umockdev-1.0",
    "iproute2",
    "openssl",
    "python3-gi",
    "socat",
    "umockdev",
    "unzip",
];

/// Installs those of `packages` that are not there. A second call needs neither root nor network.
pub(crate) fn install(packages: &[&str]) -> Done {
    if find("dpkg-query").is_none() || find("apt-get").is_none() {
        eprintln!(
            "No apt here: these Debian packages, or what your system calls them, are expected: {}",
            packages.join(" ")
        );
        return Ok(());
    }
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing with apt: {}", missing.join(" "));
    apt_get(&missing)?.arg("update").go()?;
    apt_get(&missing)?
        .args(["install", "--yes", "--no-install-recommends"])
        .args(missing)
        .go()
}

/// Fetches `packages` into `folder` without installing them.
pub(crate) fn download(packages: &[&str], folder: &Path) -> Done {
    let fetch = || {
        Run::new("apt-get")
            .args(["-q", "download"])
            .args(packages)
            .folder(folder)
    };
    // Without root apt knows the lists as they were; with it, they are made new where they are missing.
    if fetch().go().is_err() {
        apt_get(packages)?.arg("update").go()?;
        return fetch().go();
    }
    Ok(())
}

/// The first package that `package` depends on whose name begins with this.
pub(crate) fn dependency(package: &str, beginning: &str) -> Result<String, Failure> {
    let look = || {
        Run::new("apt-cache")
            .args(["depends", "--important", package])
            .output()
    };
    let named = |listed: &str| {
        let names = listed
            .lines()
            .filter_map(|line| line.split_once("Depends: "));
        let mut names = names.map(|(_, name)| name.trim().to_owned());
        names.find(|name| name.starts_with(beginning))
    };
    if let Some(name) = look().ok().as_deref().and_then(named) {
        return Ok(name);
    }
    apt_get(&[package])?.arg("update").go()?;
    let missing = || Failure::new(format!("no dependency of {package} is a {beginning}"));
    named(&look()?).ok_or_else(missing)
}

/// `apt-get` with the rights it needs, waiting for another apt instead of failing at once.
fn apt_get(missing: &[&str]) -> Result<Run, Failure> {
    let options = ["-q", "-o", "DPkg::Lock::Timeout=300"];
    if is_root()? {
        return Ok(Run::new("apt-get")
            .args(options)
            .variable("DEBIAN_FRONTEND", "noninteractive"));
    }
    if find("sudo").is_some() {
        return Ok(Run::new("sudo")
            .args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(options));
    }
    Err(Failure::new(format!(
        "packages are missing, and there is neither root nor sudo here. As root, run\n  \
         apt-get update && apt-get install --no-install-recommends {}",
        missing.join(" ")
    )))
}

/// Whether this process may change the system.
pub(crate) fn is_root() -> Result<bool, Failure> {
    Ok(Run::new("id").arg("-u").output()?.trim() == "0")
}

fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect()
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .output()
        .is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).contains("install ok installed")
        })
}
