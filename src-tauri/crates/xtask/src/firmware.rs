//! Real firmware of others for `tests/real_firmware`: packages that are fetched and opened below the target
//! folder, and not installed, because what they would bring along is of no use here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{Run, find};
use crate::failure::{Doing, Done};
use crate::stamp::Stamp;
use crate::{apt, node, repository};

/// Debian packages with firmware.
const DEBIAN: &[&str] = &[
    "altos",
    "crust-firmware",
    "firm-phoenix-ware",
    "firmware-ath9k-htc",
    "firmware-linux-free",
    "fwupd-tests",
    "hdmi2usb-fx2-firmware",
    "ipxe-qemu",
    "nxt-firmware",
    "seabios",
    "ubertooth-firmware",
];

/// Wheels with firmware.
const PYTHON: &str = "tests/peers/requirements-firmware.txt";

/// Fetches and opens all of it. A second call needs no network.
pub(crate) fn fetch() -> Done {
    debian()?;
    python()?;
    node::install_firmware()
}

fn folder(name: &str) -> PathBuf {
    repository::target().join("firmware").join(name)
}

/// An empty folder in the place of whatever was there.
fn emptied(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format_args!("remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))
}

fn debian() -> Done {
    let folder = folder("debian");
    let stamp = Stamp::new(folder.join("listed.txt"), DEBIAN.join("\n"));
    if stamp.is_current() {
        return Ok(());
    }
    if find("apt-get").is_none() || find("dpkg-deb").is_none() {
        eprintln!(
            "No apt here: the tests look for the files of these Debian packages in {}/NAME: {}",
            folder.display(),
            DEBIAN.join(" ")
        );
        return Ok(());
    }
    emptied(&folder)?;
    apt::download(DEBIAN, &folder)?;
    let archives = fs::read_dir(&folder).doing("list the packages")?;
    for archive in archives {
        let archive = archive.doing("list the packages")?.path();
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        let Some((package, _)) = name.split_once('_') else {
            continue;
        };
        let opened = folder.join(package);
        Run::new("dpkg-deb")
            .arg("-x")
            .arg(&archive)
            .arg(&opened)
            .go()?;
        fs::remove_file(&archive).doing("remove a package that was opened")?;
    }
    stamp.set()
}

fn python() -> Done {
    let folder = folder("pypi");
    let path = repository::root().join(PYTHON);
    repository::need(&path, "what is fetched is listed there")?;
    let listed = fs::read_to_string(&path).doing(format_args!("read {PYTHON}"))?;
    let stamp = Stamp::new(folder.join("listed.txt"), listed);
    if stamp.is_current() {
        return Ok(());
    }
    emptied(&folder)?;
    // The files are wanted and no program, so that one wheel does for every computer.
    Run::new(repository::venv_program("python"))
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--no-deps", "--require-hashes", "--only-binary=:all:"])
        .args(["--python-version=3.10", "--platform=manylinux2014_x86_64"])
        .arg("--requirement")
        .arg(&path)
        .arg("--dest")
        .arg(&folder)
        .go()?;
    for wheel in fs::read_dir(&folder).doing("list the wheels")? {
        let wheel = wheel.doing("list the wheels")?.path();
        let name = wheel.file_name().unwrap_or_default().to_string_lossy();
        let Some((package, _)) = name.split_once('-') else {
            continue;
        };
        Run::new(repository::venv_program("python"))
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(folder.join(package))
            .go()?;
        fs::remove_file(&wheel).doing("remove a wheel that was opened")?;
    }
    stamp.set()
}
