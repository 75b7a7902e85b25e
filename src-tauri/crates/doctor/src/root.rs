//! The folder that stands for the system's `/`, and bounded reading below it.
//!
//! Writes nothing; `change` does.

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Longest text that is read of the system, bytes. The rules of brltty have about 30 KiB, a list of groups less.
const LONGEST_BYTES: u64 = 1024 * 1024;
/// Most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 8192;

/// Where the system's files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Default for Root {
    fn default() -> Self {
        Self(PathBuf::from("/"))
    }
}

impl Root {
    /// The system below this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Whether it is the running system: only there commands mean something.
    pub fn is_running_system(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// How the root is named on the command line, as a shell takes it; empty for the running system.
    pub(crate) fn argument(&self) -> String {
        if self.is_running_system() {
            return String::new();
        }
        let folder = self.0.display().to_string();
        format!(" --root '{}'", folder.replace('\'', r"'\''"))
    }

    /// Where an absolute path of the system lies. Steps upwards are left out.
    pub fn path(&self, path: &str) -> PathBuf {
        let parts = Path::new(path).components();
        parts
            .filter(|part| matches!(part, Component::Normal(_)))
            .fold(self.0.clone(), |all, part| all.join(part))
    }

    /// A text of the system; `None` when it is not there, leads out of the root, is too long, or no text.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        (!self.leads_out(path))
            .then(|| text_of(&self.path(path)))
            .flatten()
    }

    /// The names in a folder, sorted; none when it is not there, or leads out of the root.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        if self.leads_out(folder) {
            return Vec::new();
        }
        names_in(&self.path(folder))
    }

    /// Whether a link on the way of a path leads out of the folder that stands for the system. A link of an image of a
    /// disk means the image; followed from here it means this computer.
    pub(crate) fn leads_out(&self, path: &str) -> bool {
        if self.is_running_system() {
            return false;
        }
        let place = self.path(path);
        let mut there = place.ancestors().filter(|part| part.starts_with(&self.0));
        there
            .find(|part| part.symlink_metadata().is_ok())
            .is_some_and(|part| {
                let root = fs::canonicalize(&self.0).ok();
                let real = fs::canonicalize(part).ok();
                !real
                    .zip(root)
                    .is_some_and(|(real, root)| real.starts_with(root))
            })
    }

    /// Where a link of the system leads to in the end, when that lies below the root.
    pub(crate) fn real(&self, path: &str) -> Option<PathBuf> {
        let real = fs::canonicalize(self.path(path)).ok()?;
        let root = fs::canonicalize(&self.0).ok()?;
        real.starts_with(root).then_some(real)
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }
}

/// A text, read up to a limit; `None` when it is not there, too long, or no text.
pub(crate) fn text_of(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(LONGEST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= LONGEST_BYTES);
    fits.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries
        .flatten()
        .take(MOST_ENTRIES)
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_of_the_system_leads_out_of_the_root() {
        let root = Root::at("/scratch");
        assert_eq!(root.path("/etc/group"), Path::new("/scratch/etc/group"));
        assert_eq!(root.path("/../../etc/x"), Path::new("/scratch/etc/x"));
        assert_eq!(Root::default().path("/etc/x"), Path::new("/etc/x"));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_out_of_the_root_is_not_followed_and_one_within_it_is() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = Root::at(folder.path());
        for place in [folder.path(), outside.path()] {
            fs::create_dir(place.join("rules")).unwrap();
            fs::write(place.join("rules/a"), "text").unwrap();
        }
        let link = |to: &Path, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link(&outside.path().join("rules"), "out");
        link(&outside.path().join("rules/a"), "out-a");
        link(Path::new("rules"), "in");
        let read = ["/out/a", "/out-a", "/in/a"].map(|path| root.text(path));
        assert_eq!(read, [None, None, Some("text".into())]);
        assert!(root.names("/out").is_empty() && root.names("/in") == ["a"]);
        let leads = ["/out/new", "/in/new", "/none/new"].map(|path| root.leads_out(path));
        assert_eq!(leads, [true, false, false]);
    }

    #[test]
    fn what_is_no_text_or_too_long_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        fs::write(root.path("/a"), b"\xff\xfe").unwrap();
        fs::write(root.path("/b"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
        fs::write(root.path("/c"), "text").unwrap();
        let read = ["/a", "/b", "/c", "/d"].map(|path| root.text(path));
        assert_eq!(read, [None, None, Some("text".into()), None]);
    }
}
