//! The codes that the service documents, and what helps.
//!
//! Source: the service's page of error codes, section "content service".

use firmdrop_core::{Code, Diagnosis, Remedy};

use crate::azure::wire::ServiceError;

/// A documented code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    word: &'static str,
    code: Code,
    title: &'static str,
    why: &'static str,
    help: &'static [&'static str],
}

const READABLE: &[&str] = &[
    "Check that the signed address is valid for hours, readable, and starts in the past.",
    "Check that the storage account's firewall lets the service in, and that it has not both a public and a private endpoint.",
];

/// The most telling ones first: a cause before the code that it is wrapped in.
const ALL: &[Known] = &[
    Known {
        word: "UpdateAlreadyExists",
        code: Code::ObjectExists,
        title: "This update exists already",
        why: "An update of this provider, name and version was imported before. What it contains is not compared.",
        help: &["Raise the version, or delete the update that is there."],
    },
    Known {
        word: "DuplicateContentImport",
        code: Code::ObjectExists,
        title: "The same content is being imported",
        why: "Another import of the same content is under way.",
        help: &["Wait for the other import, then read whether the update is there."],
    },
    Known {
        word: "UpdateLimitExceeded",
        code: Code::QuotaReached,
        title: "A limit of the instance is reached",
        why: "Updates, providers, names of a provider and versions of a name are limited, each for itself: 100 updates, 25 providers, 25 names, 100 versions with the standard plan.",
        help: &[
            "Delete updates that are no longer needed: the inner code names which limit it is.",
        ],
    },
    Known {
        word: "QuotaExceeded",
        code: Code::QuotaReached,
        title: "A limit of the instance is reached",
        why: "The service counts what an account or an instance may hold, and its words name what is full.",
        help: &["Delete what is no longer needed, or ask the service's support for more."],
    },
    Known {
        word: "UnsupportedApiVersion",
        code: Code::AccountInvalid,
        title: "The service does not offer this API version",
        why: "The account is set to a version of the interface that the service has retired, or does not have yet.",
        help: &["Set another API version in the account."],
    },
    Known {
        word: "UpdateProviderCompatibility",
        code: Code::ImportFailed,
        title: "Another provider has this compatibility",
        why: "The same set of compatibility properties belongs to updates of another provider.",
        help: &["Use the provider that the set belongs to, or properties of your own."],
    },
    Known {
        word: "UpdateNameCompatibility",
        code: Code::ImportFailed,
        title: "Another name has this compatibility",
        why: "The same set of compatibility properties belongs to updates of another name.",
        help: &["Use the name that the set belongs to, or properties of your own."],
    },
    Known {
        word: "UpdateVersionCompatibility",
        code: Code::ImportFailed,
        title: "Another version has other compatibility",
        why: "The compatibility properties do not go with those of the versions that are there.",
        help: &["Use the same set of properties as the versions before."],
    },
    Known {
        word: "SourceFileMalwareDetected",
        code: Code::ImportFailed,
        title: "The service's search for malware found something",
        why: "The service refuses a file; its message names what was found and the file's hash.",
        help: &[
            "Compare the hash with your files. If it is a false alarm, give the trace id to Microsoft's support.",
        ],
    },
    Known {
        word: "SourceFilePendingMalwareAnalysis",
        code: Code::ImportFailed,
        title: "A file is still being searched for malware",
        why: "The service has not ended its search in a file of the import.",
        help: &["Wait some minutes, then import again."],
    },
    Known {
        word: "ContentFileCannotDownload",
        code: Code::ImportFailed,
        title: "The service cannot read a file of the update",
        why: "It could not download the file from its storage address.",
        help: READABLE,
    },
    Known {
        word: "CannotDownload",
        code: Code::ImportFailed,
        title: "The service cannot read the import manifest",
        why: "It could not download the manifest from its storage address. The manifest itself was not looked at.",
        help: READABLE,
    },
    Known {
        word: "AuthorizationPermissionMismatch",
        code: Code::ImportFailed,
        title: "The storage does not let the service read",
        why: "The storage refused the service: the signature has not the right to read, or whoever signed it has no data role.",
        help: &[
            "Give the signer the role Storage Blob Data Contributor on the container, and sign again.",
        ],
    },
    Known {
        word: "UnsupportedVersion",
        code: Code::ImportFailed,
        title: "The manifest's version is not known to the service",
        why: "Its manifestVersion is none that this instance reads.",
        help: &["Make the manifest in version 5.0 or 4.0."],
    },
    Known {
        word: "CannotParse",
        code: Code::ImportFailed,
        title: "The service cannot read the import manifest's content",
        why: "The manifest does not follow its schema.",
        help: &["Validate the manifest: the local check names the field."],
    },
    Known {
        word: "CannotProcessImportManifest",
        code: Code::ImportFailed,
        title: "The service does not accept the import manifest",
        why: "Something in the manifest, or in reading it, failed.",
        help: &["Read the inner causes, validate the manifest, and check its hash and size."],
    },
    Known {
        word: "CannotProcessUpdateFile",
        code: Code::ImportFailed,
        title: "The service does not accept a file of the update",
        why: "A file could not be read, or its size or hash is not that of the manifest.",
        help: &["Validate the manifest against the files, stage them again, then import again."],
    },
    Known {
        word: "DeploymentCannotBeCreated",
        code: Code::CampaignNoDevices,
        title: "The update fits no device of the group",
        why: "The deployment was not created: no device of the group reports properties that the update's compatibility asks for.",
        help: &[
            "Compare the compatibility of the update with the properties of the group's device classes, letter by letter.",
        ],
    },
];

impl Known {
    /// The most telling of the documented codes in an error.
    pub(super) fn of(error: &ServiceError) -> Option<Self> {
        let mut all = ALL.iter();
        all.find(|known| error.has_code(known.word)).copied()
    }

    /// What it means, after this happened.
    pub(super) fn diagnosis(self, what: &str) -> Diagnosis {
        let diagnosis = Diagnosis::new(self.code, what, self.why).titled(self.title);
        let help = self.help.iter();
        help.fold(diagnosis, |diagnosis, text| {
            diagnosis.remedy(Remedy::advice(*text))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_inner_code_is_said_before_the_one_that_wraps_it() {
        let of = |value| Known::of(&ServiceError::of(&value)).map(|known| known.word);
        let wrapped = |inner: &str| json!({"code": "CannotProcessImportManifest", "innererror": {"code": inner}});
        assert_eq!(of(wrapped("CannotDownload")), Some("CannotDownload"));
        assert_eq!(of(wrapped("CannotParse")), Some("CannotParse"));
        assert_eq!(of(wrapped("NewCode")), Some("CannotProcessImportManifest"));
        let file = json!({"code": "CannotProcessUpdateFile", "details": [{"code": "ContentFileCannotDownload"}]});
        assert_eq!(of(file), Some("ContentFileCannotDownload"));
        assert_eq!(of(json!({"code": "Other"})), None);
    }

    #[test]
    fn every_code_has_its_sentences_and_help() {
        for known in ALL {
            assert!(
                known.why.ends_with('.') && !known.title.ends_with('.'),
                "{}",
                known.word
            );
            assert!(!known.help.is_empty() && known.help.iter().all(|text| text.ends_with('.')));
        }
    }
}
