//! Remedies that several failures of the service share.

use firmdrop_core::Remedy;

pub(super) fn edit(account: &str) -> Remedy {
    Remedy::EditAccount {
        account: account.to_owned(),
    }
}

pub(super) fn advice(text: &str) -> Remedy {
    Remedy::Advice {
        text: text.to_owned(),
    }
}
