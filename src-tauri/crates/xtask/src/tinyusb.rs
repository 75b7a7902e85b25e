//! TinyUSB as a device of the tests: its sources as they are published, compiled with the board in `tests/peers/tinyusb`.

use std::fs;
use std::path::Path;

use crate::command::Run;
use crate::failure::{Doing, Done};
use crate::repository;
use crate::stamp::Stamp;

/// The package of its bindings, whose sources are wanted alone.
const PACKAGE: &str = "tests/peers/tinyusb";
/// What is compiled of it: the device side, and DFU.
const SOURCES: &[&str] = &[
    "tusb.c",
    "common/tusb_fifo.c",
    "device/usbd.c",
    "device/usbd_control.c",
    "class/dfu/dfu_device.c",
    "class/dfu/dfu_rt_device.c",
];
/// What the program is made from here.
const OURS: &[&str] = &["Cargo.toml", "Cargo.lock", "device.c", "tusb_config.h"];

/// Makes `target/tinyusb/device`. A second call needs no network.
pub(crate) fn make() -> Done {
    let here = repository::root().join(PACKAGE);
    let folder = repository::target().join("tinyusb");
    let mut input = String::new();
    for name in OURS {
        let text = fs::read_to_string(here.join(name));
        input += &text.doing(format_args!("read {PACKAGE}/{name}"))?;
    }
    let stamp = Stamp::new(folder.join("made.txt"), input);
    if stamp.is_current() {
        return Ok(());
    }
    fs::create_dir_all(&folder).doing(format_args!("make {}", folder.display()))?;
    unpack(&here, &folder.join("vendor"))?;
    let source = folder.join("vendor/tinyusb-sys/tinyusb/src");
    Run::new("cc")
        .args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(&source)
        .arg("-I")
        .arg(&here)
        .arg("-o")
        .arg(folder.join("device"))
        .arg(here.join("device.c"))
        .args(SOURCES.iter().map(|name| source.join(name)))
        .go()?;
    stamp.set()
}

fn unpack(here: &Path, into: &Path) -> Done {
    Run::cargo()
        .args(["vendor", "--quiet", "--locked", "--respect-source-config"])
        .arg("--manifest-path")
        .arg(here.join("Cargo.toml"))
        .arg(into)
        .output()
        .map(drop)
}
