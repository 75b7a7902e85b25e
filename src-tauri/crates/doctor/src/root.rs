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

    /// Where an absolute path of the system lies. Steps upwards are left out.
    pub fn path(&self, path: &str) -> PathBuf {
        let parts = Path::new(path).components();
        parts
            .filter(|part| matches!(part, Component::Normal(_)))
            .fold(self.0.clone(), |all, part| all.join(part))
    }

    /// A text of the system; `None` when it is not there, too long, or no text.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        text_of(&self.path(path))
    }

    /// The names in a folder, sorted; none when it is not there.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names_in(&self.path(folder))
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
