//! What the storage was left with, in words.

use firmdrop_core::mebibytes;

use super::FileState;

/// What the storage holds of an import, as far as it confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedSoFar {
    /// The storage account and the container: `contoso/updates`.
    pub place: String,
    /// Files whose blocks are committed.
    pub files: usize,
    /// Files in all.
    pub of_files: usize,
    /// Bytes that the storage confirmed.
    pub bytes: u64,
    /// Bytes in all.
    pub of_bytes: u64,
    /// Whether a request is under way whose answer is not known.
    pub uncertain: bool,
}

impl StagedSoFar {
    /// Out of what is remembered.
    pub fn of(place: String, files: &[FileState]) -> Self {
        let staged = files.iter().filter(|file| file.staged);
        Self {
            place,
            files: staged.count(),
            of_files: files.len(),
            bytes: files.iter().map(|file| file.confirmed_bytes).sum(),
            of_bytes: files.iter().map(|file| file.size_bytes).sum(),
            uncertain: files.iter().any(|file| file.committing && !file.staged),
        }
    }

    /// Whether a later run has something to resume from.
    pub(super) fn is_something(&self) -> bool {
        self.bytes > 0 || self.files > 0 || self.uncertain
    }
}

impl std::fmt::Display for StagedSoFar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.is_something() {
            return write!(f, "The storage {} confirmed nothing of it.", self.place);
        }
        write!(
            f,
            "The storage {} holds {} of {} files whole ({:.1} of {:.1} MiB).",
            self.place,
            self.files,
            self.of_files,
            mebibytes(self.bytes),
            mebibytes(self.of_bytes),
        )?;
        if self.files < self.of_files {
            f.write_str(" It discards blocks of the others after a week.")?;
        }
        if self.uncertain {
            f.write_str(" Whether one more is whole by now is not known.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::MIB;

    use super::*;

    #[test]
    fn the_words_say_what_is_there_and_what_is_not_known() {
        let mut files = vec![
            FileState {
                size_bytes: 4 * MIB,
                ..FileState::default()
            };
            2
        ];
        let text =
            |files: &[FileState]| StagedSoFar::of("contoso/updates".to_owned(), files).to_string();
        assert_eq!(
            text(&files),
            "The storage contoso/updates confirmed nothing of it."
        );
        (files[0].confirmed_bytes, files[0].staged) = (4 * MIB, true);
        files[1].confirmed_bytes = MIB;
        files[1].committing = true;
        assert_eq!(
            text(&files),
            "The storage contoso/updates holds 1 of 2 files whole (5.0 of 8.0 MiB). It discards blocks of the others after a week. Whether one more is whole by now is not known."
        );
    }
}
