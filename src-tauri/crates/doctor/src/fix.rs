//! What Firmdrop can change, shown to the byte before it does.

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

use crate::System;

/// One change of the system that a user can agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Fix {
    /// Its name for `--fix`: `rule-10c4-ea60`. The same in every run.
    pub id: String,
    /// What it does, an imperative sentence.
    pub title: String,
    /// Whom it touches and what it does not do.
    pub effect: String,
    /// Every file that is written.
    pub files: Vec<FileChange>,
    /// Commands that are run behind it, and again after an undo.
    pub commands: Vec<Vec<String>>,
    /// What a user has to do then.
    pub then: String,
    /// The command that does it where this process may not.
    pub as_root: String,
    /// SHA-256 over files and commands: who agreed to it agreed to exactly these.
    pub digest: String,
}

/// A file as it is and as it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileChange {
    /// Its path in the system.
    pub path: String,
    /// Its text now; `None` when it is not there.
    pub before: Option<String>,
    /// Its text then.
    pub after: String,
    /// The file that its text was copied from, when it is a changed copy of another.
    pub copy_of: Option<String>,
    /// The text of that file.
    #[serde(skip)]
    pub original: Option<String>,
    /// The lines that differ, `-` before and `+` after: of a new file all, of a copy those that differ from its original.
    pub lines: Vec<String>,
    /// A value of the kernel: written where it is, never replaced by another file.
    pub in_place: bool,
}

impl FileChange {
    /// A file that is not there yet, or has other text.
    pub(crate) fn write(system: &System, path: impl Into<String>, after: String) -> Self {
        let path = path.into();
        Self {
            before: system.root.text(&path),
            after,
            copy_of: None,
            original: None,
            lines: Vec::new(),
            in_place: false,
            path,
        }
    }

    fn changed_lines(&self) -> Vec<String> {
        let Some(before) = self.before.as_deref().or(self.original.as_deref()) else {
            return self.after.lines().map(|line| format!("+{line}")).collect();
        };
        let (before, after): (Vec<_>, Vec<_>) =
            (before.lines().collect(), self.after.lines().collect());
        if before.len() == after.len() {
            return before
                .iter()
                .zip(&after)
                .filter(|(one, other)| one != other)
                .flat_map(|(one, other)| [format!("-{one}"), format!("+{other}")])
                .collect();
        }
        let head = before
            .iter()
            .zip(&after)
            .take_while(|(one, other)| one == other)
            .count();
        let rest = before.len().min(after.len()) - head;
        let tail = before
            .iter()
            .rev()
            .zip(after.iter().rev())
            .take(rest)
            .take_while(|(one, other)| one == other)
            .count();
        let gone = before[head..before.len() - tail]
            .iter()
            .map(|line| format!("-{line}"));
        let new = after[head..after.len() - tail]
            .iter()
            .map(|line| format!("+{line}"));
        gone.chain(new).collect()
    }
}

impl Fix {
    pub(crate) fn new(
        system: &System,
        id: String,
        title: String,
        mut files: Vec<FileChange>,
        commands: &[&[&str]],
    ) -> Self {
        for file in &mut files {
            file.lines = file.changed_lines();
        }
        let commands: Vec<Vec<String>> = commands
            .iter()
            .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
            .collect();
        let digest = digest(&files, &commands);
        let user = &system.user.name;
        let as_root = system.as_root(&format!("--user {user} --fix {id}"));
        Self {
            id,
            title,
            effect: String::new(),
            files,
            commands,
            then: String::new(),
            as_root,
            digest,
        }
    }

    /// Whether every file is already as the fix would write it.
    pub(crate) fn is_made(&self) -> bool {
        let mut files = self.files.iter();
        files.all(|file| file.before.as_deref() == Some(&file.after))
    }

    #[must_use]
    pub(crate) fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = effect.into();
        self
    }

    #[must_use]
    pub(crate) fn then(mut self, then: impl Into<String>) -> Self {
        self.then = then.into();
        self
    }
}

fn digest(files: &[FileChange], commands: &[Vec<String>]) -> String {
    let text = serde_json::to_vec(&(files, commands)).unwrap_or_default();
    Sha256::of(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: Option<&str>, after: &str) -> FileChange {
        FileChange {
            path: "/etc/x".into(),
            before: before.map(str::to_owned),
            after: after.into(),
            copy_of: None,
            original: None,
            lines: Vec::new(),
            in_place: false,
        }
    }

    #[test]
    fn only_lines_that_differ_are_shown() {
        let lines = |before, after| change(before, after).changed_lines();
        assert_eq!(lines(None, "a\nb\n"), ["+a", "+b"]);
        assert_eq!(lines(Some("a\nb\nc\n"), "a\nx\nc\n"), ["-b", "+x"]);
        assert_eq!(lines(Some("a\nc\n"), "a\nb\nc\n"), ["+b"]);
        assert_eq!(lines(Some("a\na\n"), "a\n"), ["-a"]);
        let copy = FileChange {
            original: Some("a\nb\n".into()),
            ..change(None, "#a\nb\n")
        };
        assert_eq!(copy.changed_lines(), ["-a", "+#a"]);
    }

    #[test]
    fn another_text_is_another_digest() {
        let of = |after| digest(&[change(None, after)], &[]);
        assert_ne!(of("a"), of("b"));
        assert_eq!(of("a"), of("a"));
    }
}
