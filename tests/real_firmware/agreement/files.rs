//! The files that are compared: every file with a firmware's ending in the packages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::outside::installed;

/// Endings of firmware and of what it comes in.
const ENDINGS: [&str; 16] = [
    "hex", "ihex", "ihx", "srec", "s19", "mot", "elf", "dfu", "uf2", "cab", "zip", "gz", "bin",
    "fw", "rom", "img",
];

/// Packages that are fetched below the target folder, and how many of their files are firmware at least.
const FETCHED: [(&str, usize); 14] = [
    ("debian/altos", 38),
    ("debian/crust-firmware", 6),
    ("debian/firm-phoenix-ware", 4),
    ("debian/firmware-ath9k-htc", 2),
    ("debian/firmware-linux-free", 9),
    ("debian/fwupd-tests", 5),
    ("debian/hdmi2usb-fx2-firmware", 2),
    ("debian/ipxe-qemu", 16),
    ("debian/nxt-firmware", 1),
    ("debian/seabios", 12),
    ("debian/ubertooth-firmware", 7),
    ("pypi/pc_ble_driver_py", 8),
    ("pypi/micropython_microbit_fs", 2),
    ("npm", 7),
];

/// One file, and the package it is of.
pub(crate) struct File {
    pub(crate) package: String,
    pub(crate) path: PathBuf,
}

/// Every file, each once.
pub(crate) fn all() -> Vec<File> {
    let mut files = Vec::new();
    for (package, least) in FETCHED {
        let folder = match package {
            "npm" => root().join("tests/peers/firmware/node_modules/@pybricks/firmware"),
            package => fetched().join(package),
        };
        let mut found = Vec::new();
        below(&folder, &mut found);
        let count = found.len();
        assert!(
            count >= least,
            "{count} files in {}: `cargo xtask test` fetches them",
            folder.display()
        );
        let package = package.split('/').next_back().unwrap();
        let package = if package == "npm" {
            "@pybricks/firmware"
        } else {
            package
        };
        files.extend(found.into_iter().map(|path| File {
            package: package.to_owned(),
            path,
        }));
    }
    let of_debian = installed(&ENDINGS).into_iter().map(|path| File {
        package: "installed with apt".to_owned(),
        path,
    });
    files.extend(of_debian);
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Where `cargo xtask test` puts the packages it fetches.
fn fetched() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), |target| root().join(target));
    target.join("firmware")
}

/// Where the table is written.
pub(crate) fn report() -> PathBuf {
    fetched().join("agreement.md")
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let ending = path.extension().and_then(OsStr::to_str);
        let is_firmware = ending.is_some_and(|ending| ENDINGS.contains(&ending));
        let is_manual = path.components().any(|part| part.as_os_str() == "man");
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            below(&path, found);
        } else if is_firmware && !is_manual && path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
}
