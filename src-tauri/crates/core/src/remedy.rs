//! What a person can do about a failure, typed, so that a window can make a button of it.

use serde::{Deserialize, Serialize};

/// One act that helps. The best one comes first in a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Remedy {
    /// Go on from where the other side stands.
    Resume,
    /// Open the plan again; nothing is sent before it is confirmed.
    PlanAgain,
    /// Pick another file.
    ChooseAnotherFile,
    /// Read the same file again.
    InspectAgain,
    /// The service already holds these bytes under this id.
    UseExistingImage {
        /// The firmware image's id.
        image_id: String,
    },
    /// Go on in an unfinished upload job that somebody else began with these bytes. Another program
    /// may still be sending into it, so only a person can decide that.
    AdoptUploadJob {
        /// The upload job's id.
        upload_job_id: String,
    },
    /// Deliver under another name.
    ChooseAnotherName {
        /// A name that is probably free.
        suggestion: String,
    },
    /// Run the connection test of this account.
    TestAccount {
        /// The account's name.
        account: String,
    },
    /// Change address, proxy, certificate or key of this account.
    EditAccount {
        /// The account's name.
        account: String,
    },
    /// Allow downloads from this host although it lies in a private network.
    AllowHost {
        /// The host's name, as it was written.
        host: String,
    },
    /// Wait; the service asked for it.
    Wait {
        /// How long, seconds.
        seconds: u32,
    },
    /// Plug the reader in again, or bring it back into reach.
    Reconnect,
    /// Close the program that holds the port or the file.
    CloseOtherProgram,
    /// Make room on the disk.
    FreeSpace,
    /// Something only a person can do, in one imperative sentence.
    Advice {
        /// The sentence.
        text: String,
    },
}

impl Remedy {
    /// Something only a person can do, in one imperative sentence.
    pub fn advice(text: impl Into<String>) -> Self {
        Self::Advice { text: text.into() }
    }

    /// Change address, proxy, certificate or key of the account of this name.
    pub fn edit_account(account: impl Into<String>) -> Self {
        Self::EditAccount {
            account: account.into(),
        }
    }
}
