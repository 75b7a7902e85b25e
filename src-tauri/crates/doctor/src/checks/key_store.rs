//! Is there a key store for access keys?

use crate::KeyStoreState;
use crate::finding::{Finding, FindingState};

const ID: &str = "key-store";

pub(super) fn check(state: &KeyStoreState) -> Finding {
    match state {
        KeyStoreState::There => {
            let what = "The system's key store responds.";
            Finding::new(ID, FindingState::Fine, what)
        }
        KeyStoreState::Absent => {
            let what = "This system has no key store.";
            Finding::new(ID, FindingState::Notice, what)
                .why("Access keys would be stored in files that only you can read, after a question.")
                .advice("Install one (gnome-keyring or KWallet) and sign in to the desktop again.")
        }
        KeyStoreState::Refuses(why) => {
            let what = "The system's key store refuses.";
            Finding::new(ID, FindingState::Problem, what)
                .why(why.clone())
                .advice("Unlock it, or sign in to the desktop again.")
        }
        KeyStoreState::NotKnown => {
            let what = "The system's key store was not asked, or did not answer in time.";
            Finding::new(ID, FindingState::Unknown, what)
        }
    }
}
