//! Loads over the real channel, on a real file system: FAT where this system has it, otherwise one in
//! memory, otherwise a folder. Which one it was is printed.

#![expect(
    clippy::print_stdout,
    reason = "which file system it was is worth knowing"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use firmdrop_core::{
    DeliveryEvents, Diagnose, Durable, Note, Outcome, Progress, ProgressSink, Remedy,
};
use firmdrop_loader::{LoadError, Loader, VolumeLoader};

use super::world::{assert_verified, context, quick, sent, uf2};
use crate::record::Record;

/// What a drive of so many KiB is made of.
struct Mounted {
    folder: tempfile::TempDir,
    is_mounted: bool,
}

impl Mounted {
    fn new(kib: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("READER");
        std::fs::create_dir(&root).unwrap();
        let image = folder.path().join("fat");
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(u64::from(kib) * 1024).unwrap();
        let made = run("mkfs.vfat", &[image.as_os_str().to_str().unwrap()]);
        let fat = ["-o", "loop", path(&image), path(&root)];
        let size = format!("size={kib}k");
        let memory = ["-t", "tmpfs", "-o", &size, "none", path(&root)];
        let is_fat = made && run("mount", &fat);
        let is_mounted = is_fat || run("mount", &memory);
        let kind = match (is_fat, is_mounted) {
            (true, _) => "a FAT file system",
            (_, true) => "a file system in memory",
            _ => "a folder",
        };
        println!("The drive is {kind}.");
        let info = "UF2 Bootloader v3\r\nModel: Zero\r\nBoard-ID: SAMD21G18A-Zero-v0\r\n";
        std::fs::write(root.join("INFO_UF2.TXT"), info).unwrap();
        Self { folder, is_mounted }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("READER")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.is_mounted {
            run("umount", &["-l", path(&self.root())]);
        }
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Whether a program is there and ended well.
fn run(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

/// A pretend bootloader: what it does when the whole file was copied.
struct Bootloader(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Bootloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bootloader").finish_non_exhaustive()
    }
}

impl ProgressSink for Bootloader {
    fn progress(&self, _: Progress) {}
}

impl DeliveryEvents for Bootloader {
    fn phase(&self, key: &str) {
        if key == "wait" {
            (self.0)();
        }
    }

    fn note(&self, _: Note) {}

    fn durable(&self) -> Durable<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn load(
    drive: &Mounted,
    image: &[u8],
    bootloader: impl Fn() + Send + Sync + 'static,
) -> Result<Outcome, LoadError> {
    let providers = firmdrop_link::all();
    let address = format!("volume:{}", drive.root().display());
    let address = providers.parse(&address).unwrap();
    let mut context = context(&providers, &address, image, &Arc::<Record>::default());
    context.events = Arc::new(Bootloader(Box::new(bootloader)));
    VolumeLoader::with_timing(quick()).load(&context).await
}

#[tokio::test]
async fn every_byte_is_on_the_drive_and_is_read_back_from_its_memory() {
    let drive = Mounted::new(2048);
    let image = uf2(100_000);
    let (root, memory) = (drive.root(), image.clone());
    let outcome = load(&drive, &image, move || {
        assert!(std::fs::read(root.join("FIRMDROP.UF2")).unwrap() == memory);
        std::fs::write(root.join("current.uf2"), &memory).unwrap();
    });
    assert_verified(&outcome.await.unwrap());
}

#[tokio::test]
async fn memory_that_does_not_change_is_not_called_verified() {
    let drive = Mounted::new(2048);
    std::fs::write(drive.root().join("CURRENT.UF2"), uf2(400)).unwrap();
    let error = load(&drive, &uf2(50_000), || {}).await.unwrap_err();
    let reason = match error {
        LoadError::SlotDiffers { .. } => error.diagnose().what_happened,
        error => panic!("{error:?}"),
    };
    assert!(reason.contains("address"), "{reason}");
}

#[tokio::test]
async fn a_drive_that_is_there_anew_is_judged_by_what_it_shows_then() {
    let drive = Mounted::new(2048);
    let image = uf2(5000);
    let (root, aside, memory) = (
        drive.root(),
        drive.folder.path().join("aside"),
        image.clone(),
    );
    let is_mounted = drive.is_mounted;
    let outcome = load(&drive, &image, move || {
        if is_mounted {
            assert!(run("umount", &["-l", path(&root)]));
        } else {
            std::fs::rename(&root, &aside).unwrap();
            std::fs::create_dir(&root).unwrap();
        }
        std::fs::write(root.join("CURRENT.UF2"), &memory).unwrap();
        let info = "UF2 Bootloader v3\nBoard-ID: SAMD21G18A-Zero-v0\n";
        std::fs::write(root.join("INFO_UF2.TXT"), info).unwrap();
    });
    assert_verified(&outcome.await.unwrap());
}

#[tokio::test]
async fn a_drive_that_is_gone_after_the_copy_ends_in_sent() {
    let drive = Mounted::new(2048);
    let (root, aside, is_mounted) = (
        drive.root(),
        drive.folder.path().join("aside"),
        drive.is_mounted,
    );
    let image = uf2(5000);
    let outcome = load(&drive, &image, move || {
        if is_mounted {
            assert!(run("umount", &["-l", path(&root)]));
        } else {
            std::fs::rename(&root, &aside).unwrap();
        }
    });
    let reason = sent(outcome.await.unwrap());
    assert!(reason.contains("took every byte and left"), "{reason}");
}

#[tokio::test]
async fn a_full_or_write_protected_drive_is_refused_in_words() {
    let drive = Mounted::new(64);
    if !drive.is_mounted {
        // A folder is as large as its disk; the simulated drives have this case everywhere.
        return;
    }
    let error = load(&drive, &uf2(100_000), || {}).await.unwrap_err();
    assert!(error.diagnose().why.contains("no room"), "{error:?}");
    assert!(!drive.root().join("FIRMDROP.UF2").exists());
    assert!(run("mount", &["-o", "remount,ro", path(&drive.root())]));
    let error = load(&drive, &uf2(5000), || {}).await.unwrap_err();
    assert!(error.diagnose().why.contains("only be read"), "{error:?}");
    assert!(error.state().contains("not touched"), "{}", error.state());
}

#[tokio::test]
async fn a_folder_that_is_no_drive_of_a_bootloader_is_not_written_to() {
    let drive = Mounted::new(2048);
    std::fs::remove_file(drive.root().join("INFO_UF2.TXT")).unwrap();
    let error = load(&drive, &uf2(5000), || {}).await.unwrap_err();
    assert!(
        matches!(error, LoadError::NotABootloader { .. }),
        "{error:?}"
    );
    assert!(!error.diagnose().remedies.contains(&Remedy::Resume));
    assert!(!drive.root().join("FIRMDROP.UF2").exists());
}
