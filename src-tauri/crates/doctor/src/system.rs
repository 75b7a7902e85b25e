//! The system that is looked at: its root and the user whose rights count.

use crate::{Root, User};

/// A system and its user.
#[derive(Debug, Clone)]
pub struct System {
    /// Where its files lie.
    pub root: Root,
    /// Whose rights are looked at.
    pub user: User,
    /// How this program is called with root's rights, for the commands that are shown: `sudo firmdrop-cli`.
    pub program: String,
}

impl System {
    /// The running system, for whoever runs this process.
    pub fn running(program: impl Into<String>) -> Self {
        let root = Root::default();
        Self {
            user: User::of_this_process(&root),
            root,
            program: program.into(),
        }
    }

    /// The command that does this with root's rights, on the same system.
    pub(crate) fn as_root(&self, what: &str) -> String {
        let root = self.root.argument();
        format!("{} doctor{root} {what}", self.program)
    }
}
