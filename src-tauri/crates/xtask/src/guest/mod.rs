//! What the tests boot a virtual computer from: Debian's kernel, opened and not installed, and a first file system
//! that mounts this computer's own read-only.
//!
//! Nothing is booted here; `tests/support/src/guest` does that.

mod archive;

use std::fs;
use std::path::{Path, PathBuf};

use self::archive::Archive;
use crate::command::{Run, find};
use crate::failure::{Doing, Done, Failure};
use crate::stamp::Stamp;
use crate::{apt, repository};

/// Depends on the newest kernel package of the system's release.
const NEWEST_KERNEL: &str = "linux-image-amd64";
/// Modules that mount the root of this computer; the others are loaded from there.
const MODULES: &[&str] = &["virtio_pci", "9p", "9pnet_virtio", "overlay"];
const INIT: &str = include_str!("init.sh");
const BUSYBOX: &str = "/bin/busybox";

/// Makes `target/guest`: `vmlinuz`, `initrd` and the kernel's modules. A second call needs no network.
pub(crate) fn make() -> Done {
    let folder = repository::target().join("guest");
    let stamp = Stamp::new(folder.join("made.txt"), MODULES.join("\n") + INIT);
    if stamp.is_current() {
        return Ok(());
    }
    // The tests that boot it are for this processor alone, and say so.
    if std::env::consts::ARCH != "x86_64" || find("apt-get").is_none() || find("dpkg-deb").is_none()
    {
        eprintln!("The tests in a virtual computer run on Debian on x86-64 only.");
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).doing(format_args!("remove {}", folder.display()))?;
    }
    let kernel = folder.join("kernel");
    fs::create_dir_all(&kernel).doing(format_args!("make {}", kernel.display()))?;
    open_kernel(&folder, &kernel)?;
    let version = version(&kernel)?;
    Run::new("/sbin/depmod")
        .arg("-b")
        .arg(&kernel)
        .arg(&version)
        .go()?;
    let vmlinuz = kernel.join("boot").join(format!("vmlinuz-{version}"));
    fs::copy(&vmlinuz, folder.join("vmlinuz")).doing(format_args!("copy {}", vmlinuz.display()))?;
    let initrd = first_file_system(&kernel, &version)?;
    fs::write(folder.join("initrd"), initrd).doing("write initrd")?;
    stamp.set()
}

fn open_kernel(folder: &Path, kernel: &Path) -> Done {
    let package = apt::dependency(NEWEST_KERNEL, "linux-image-")?;
    apt::download(&[&package], folder)?;
    let entries = fs::read_dir(folder).doing("list the packages")?;
    for entry in entries {
        let path = entry.doing("list the packages")?.path();
        if path.extension() == Some("deb".as_ref()) {
            Run::new("dpkg-deb").arg("-x").arg(&path).arg(kernel).go()?;
            fs::remove_file(&path).doing("remove a package that was opened")?;
        }
    }
    Ok(())
}

fn version(kernel: &Path) -> Result<String, Failure> {
    let modules = kernel.join("lib/modules");
    let first = fs::read_dir(&modules)
        .doing(format_args!("list {}", modules.display()))?
        .next();
    let entry = first.ok_or_else(|| Failure::new("the kernel's package has no modules"))?;
    let name = entry.doing("list the kernel's modules")?.file_name();
    Ok(name.to_string_lossy().into_owned())
}

fn first_file_system(kernel: &Path, version: &str) -> Result<Vec<u8>, Failure> {
    let mut archive = Archive::default();
    for folder in [
        "bin", "dev", "proc", "sys", "mnt", "root", "over", "modules",
    ] {
        archive.folder(folder);
    }
    let read = |path: &Path| fs::read(path).doing(format_args!("read {}", path.display()));
    archive.program("bin/busybox", &read(Path::new(BUSYBOX))?);
    archive.program("init", INIT.as_bytes());
    let mut order = String::new();
    for module in modules(kernel, version)? {
        let name = module.file_name().unwrap_or_default().to_string_lossy();
        archive.program(&format!("modules/{name}"), &read(&module)?);
        order.push_str(&name);
        order.push('\n');
    }
    archive.program("modules/order", order.as_bytes());
    Ok(archive.end())
}

/// The files of [`MODULES`] and of what they need, in the order in which they are loaded.
fn modules(kernel: &Path, version: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for module in MODULES {
        let needed = Run::new("/sbin/modprobe")
            .arg("-d")
            .arg(kernel)
            .args(["-S", version, "--show-depends", module])
            .output()?;
        for line in needed.lines() {
            let Some(path) = line.strip_prefix("insmod ") else {
                continue;
            };
            let path = unpacked(PathBuf::from(path.trim()))?;
            if !files.contains(&path) {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Newer kernels come with compressed modules, which busybox does not load.
fn unpacked(module: PathBuf) -> Result<PathBuf, Failure> {
    if module.extension() != Some("xz".as_ref()) {
        return Ok(module);
    }
    let plain = module.with_extension("");
    if !plain.exists() {
        Run::new("xz")
            .args(["--decompress", "--keep"])
            .arg(&module)
            .go()?;
    }
    Ok(plain)
}
