//! What a secret of an account is called in its store, and to a user.

use super::ACCESS_KEY;

/// Which secret of which account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// What the account is called.
    pub(super) account: &'a str,
    /// What it is called in the store.
    pub(super) stored_as: &'a str,
    pub(super) secret: &'a str,
}

impl Place<'_> {
    /// Its name in the key store. The access key has that of its account, as it always had; a plus
    /// sign is in no account's name.
    pub(super) fn name(&self) -> String {
        if self.secret == ACCESS_KEY {
            self.stored_as.to_owned()
        } else {
            format!("{}+{}", self.stored_as, self.secret)
        }
    }

    /// What a user calls it.
    pub(super) fn words(&self) -> String {
        self.secret.replace('_', " ")
    }
}
