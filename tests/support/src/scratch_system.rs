//! A system in a folder, as the doctor looks at one: an adapter that nobody may open, `ModemManager`, brltty, a blocked
//! radio. Its user is anna, who is in no group of theirs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// brltty's rules: a line for the adapter, and one for another device.
pub const BRLTTY: &str = "# Rules\nENV{PRODUCT}==\"1a86/7523/*\", ENV{BRLTTY_BRAILLE_DRIVER}=\"bm\", GOTO=\"brltty_usb_run\"\nENV{PRODUCT}==\"403/de58/*\", ENV{BRLTTY_BRAILLE_DRIVER}=\"hw\", GOTO=\"brltty_usb_run\"\n";

/// Rights and content of every file, folder and link.
pub type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// The folder.
pub struct ScratchSystem {
    folder: tempfile::TempDir,
}

impl Default for ScratchSystem {
    fn default() -> Self {
        Self::new()
    }
}

impl ScratchSystem {
    /// With a CH340 adapter, 1a86:7523, at port 2 of bus 1.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gid = fs::metadata(folder.path()).unwrap().gid();
        let root = |path: &str| folder.path().join(path.trim_start_matches('/'));
        let write = |path: &str, text: &str| {
            let path = root(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("/etc/passwd", "anna:x:4000000:4000001::/h:/bin/sh\n");
        write(
            "/etc/group",
            &format!("# lists\ndialout:x:{gid}:bob\nanna:x:4000001:\n"),
        );
        write("/etc/gshadow", "dialout:!::bob\nanna:!::\n");
        write("/etc/.pwd.lock", "");
        fs::create_dir_all(root("/etc/udev/rules.d")).unwrap();
        fs::create_dir_all(root("/var/lib")).unwrap();
        let device = "/sys/devices/pci/usb1/1-2";
        for (name, text) in [
            ("idVendor", "1a86\n"),
            ("idProduct", "7523\n"),
            ("bDeviceClass", "ff\n"),
            ("busnum", "1\n"),
            ("devnum", "7\n"),
            ("product", "USB Serial\n"),
        ] {
            write(&format!("{device}/{name}"), text);
        }
        let port = format!("{device}/1-2:1.0/ttyUSB0");
        write(&format!("{port}/tty/ttyUSB0/dev"), "188:0\n");
        symlink(
            "../../../ttyUSB0",
            root(&format!("{port}/tty/ttyUSB0/device")),
        )
        .unwrap();
        for folder in ["/sys/bus/usb/devices", "/sys/class/tty"] {
            fs::create_dir_all(root(folder)).unwrap();
        }
        symlink(
            "../../../devices/pci/usb1/1-2",
            root("/sys/bus/usb/devices/1-2"),
        )
        .unwrap();
        symlink(
            "../../devices/pci/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0",
            root("/sys/class/tty/ttyUSB0"),
        )
        .unwrap();
        write("/dev/ttyUSB0", "");
        fs::set_permissions(root("/dev/ttyUSB0"), fs::Permissions::from_mode(0o660)).unwrap();
        write("/proc/812/comm", "ModemManager\n");
        write("/usr/lib/udev/rules.d/85-brltty.rules", BRLTTY);
        write("/sys/class/rfkill/rfkill0/type", "bluetooth\n");
        write("/sys/class/rfkill/rfkill0/soft", "1\n");
        write("/sys/class/rfkill/rfkill0/hard", "0\n");
        Self { folder }
    }

    /// The folder that stands for `/`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a path of the system is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path.trim_start_matches('/'))
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Every file of the system but Firmdrop's own record.
    pub fn tree(&self) -> Tree {
        let mut all = Tree::new();
        walk(self.folder.path(), &mut all);
        let own = self.path("/var/lib/firmdrop");
        all.retain(|path, _| !path.starts_with(&own));
        all
    }
}

fn walk(folder: &Path, all: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = fs::symlink_metadata(&path).unwrap();
        let content = if is.is_file() {
            fs::read(&path).unwrap()
        } else if is.is_symlink() {
            let to = fs::read_link(&path).unwrap();
            to.into_os_string().into_encoded_bytes()
        } else {
            walk(&path, all);
            Vec::new()
        };
        all.insert(path, (is.mode(), content));
    }
}
