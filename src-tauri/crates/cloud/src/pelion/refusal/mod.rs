//! The service's refusal and what it means: which object it is about, what was asked, what to do.

mod campaign;
mod rights;
mod words;

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use super::subject::{Act, Object, Subject};
use crate::known_host::is_of_a_gateway;
use rights::{RIGHTS, right_to_ask_for};

/// Suggested where the service does not say how long to wait, seconds.
const USUAL_WAIT_SECONDS: u64 = 30;

/// Longest wait that somebody may want to sit out, seconds.
const LONGEST_WAIT_SECONDS: u32 = 3600;

/// The service's refusal, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The account.
    pub account: String,
    /// What was asked.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The service's word for the kind of failure: `conflict`.
    pub kind: String,
    /// The service's message.
    pub message: String,
    /// Fields it complains about, with its words.
    pub fields: Vec<(String, String)>,
    /// What the vendor's support asks for.
    pub request_id: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether it names a time for the next try, readable or not.
    pub names_a_retry: bool,
    /// Where the host redirects to.
    pub redirects_to: Option<String>,
    /// Whether a web page came instead of the service's own words.
    pub web_page: bool,
    /// Whether the host had answered as the service before.
    pub host_is_known: bool,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was answered with {}", self.request, self.status)?;
        if let Some(target) = &self.redirects_to {
            write!(f, ", a redirect to {target}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message.trim_end_matches('.'))?;
        }
        for (name, message) in &self.fields {
            write!(f, "; {name}: {}", message.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

impl Diagnose for Refusal {
    fn diagnose(&self) -> Diagnosis {
        let diagnosis = self
            .of_the_way()
            .or_else(|| self.of_the_object())
            .unwrap_or_else(|| self.of_any());
        let diagnosis = diagnosis.detail("Status", format!("{} {}", self.status, self.kind));
        let diagnosis = match &self.request_id {
            Some(id) => diagnosis.detail("Request id", id),
            None => diagnosis,
        };
        if diagnosis.state_now.is_empty() {
            diagnosis.state(self.state_now())
        } else {
            diagnosis
        }
    }
}

impl Refusal {
    /// Whether the service itself says why.
    pub(super) fn has_own_words(&self) -> bool {
        let has_words = !self.kind.is_empty() || !self.message.is_empty();
        has_words && !self.web_page
    }

    /// Whether something on the way refused in the place of a service that is known.
    pub(super) fn is_of_a_gateway(&self) -> bool {
        self.host_is_known && is_of_a_gateway(self.status, self.web_page)
    }

    /// Whether it is a conflict with something else that is under way. What belongs to a campaign is
    /// judged by its phase and never waits.
    pub(super) fn is_passing_conflict(&self) -> bool {
        let object = Subject::of(&self.request).object;
        let is_of_phases = object == Object::Campaign && !self.is_about_another_act();
        self.status == 409 && !is_of_phases && !self.is_about_a_taken_name()
    }

    fn with_code(&self, code: Code, why: &str) -> Diagnosis {
        Diagnosis::new(code, format!("{self}."), why)
    }

    /// What does not depend on the object: another host, the key, the limits of the service.
    fn of_the_way(&self) -> Option<Diagnosis> {
        let account = &self.account;
        Some(match self.status {
            _ if self.is_of_a_gateway() => self.by_a_gateway(
                "The service answered as itself before, so its address is right. Probably it is being maintained, or a proxy or gateway before it has a problem.",
            ),
            500..=599 if self.web_page && self.status != 511 => self.by_a_gateway(
                "A page came instead of the service's own words, so something on the way answered. Whether the service was reached is not known.",
            ),
            400..=499 if self.web_page && !matches!(self.status, 408 | 413 | 429) => self
                .with_code(
                    Code::NotThisService,
                    "A web page came instead of the service's own words. Probably the address belongs to something else.",
                )
                .remedy(Remedy::edit_account(account)),
            300..=399 => self.redirected(),
            511 => self
                .with_code(
                    Code::NotThisService,
                    "The network asks for a sign-in of its own before it lets anything through.",
                )
                .remedy(Remedy::advice("Sign in to the network in a browser, then try again.")),
            401 => self
                .with_code(
                    Code::KeyRefused,
                    "The access key is unknown at this host, or it was revoked.",
                )
                .remedy(Remedy::edit_account(account)),
            425 => self
                .with_code(Code::RateLimited, "The host calls the request too early.")
                .remedy(self.wait()),
            421 => self
                .with_code(
                    Code::NotThisService,
                    "The host says that it does not serve this name over this connection.",
                )
                .remedy(Remedy::edit_account(account)),
            429 => self
                .with_code(Code::RateLimited, "Too many requests came in a short time.")
                .remedy(self.wait()),
            408 | 500..=599 if self.has_own_words() => self
                .with_code(Code::ServiceFailed, "The service has a problem of its own.")
                .remedy(self.wait()),
            408 | 500..=599 => self
                .with_code(
                    Code::ServiceFailed,
                    "The service, or a gateway before it, failed without a word about the reason.",
                )
                .remedy(self.wait()),
            _ => return None,
        })
    }

    fn by_a_gateway(&self, why: &str) -> Diagnosis {
        let diagnosis = self
            .with_code(Code::ServiceFailed, why)
            .titled("A gateway on the way answered")
            .remedy(self.wait());
        match &self.redirects_to {
            Some(target) => diagnosis.detail("Redirects to", target),
            None => diagnosis,
        }
    }

    /// Redirects are not followed: the key goes to the account's own host only.
    fn redirected(&self) -> Diagnosis {
        let why = match &self.redirects_to {
            Some(target) => format!(
                "The host redirects to {target}; the service never redirects, and the access key goes to no other address."
            ),
            None => "The host redirects, but to nowhere; the service never redirects.".to_owned(),
        };
        let diagnosis = self.with_code(Code::NotThisService, &why);
        match &self.redirects_to {
            Some(target) => diagnosis
                .remedy(Remedy::advice(
                    "If the target belongs to the service, give its address to the account.",
                ))
                .remedy(Remedy::edit_account(&self.account))
                .detail("Redirects to", target),
            None => diagnosis.remedy(Remedy::edit_account(&self.account)),
        }
    }

    /// What depends on the object and on what was to be done with it.
    fn of_the_object(&self) -> Option<Diagnosis> {
        let subject = Subject::of(&self.request);
        match (subject.object, self.status) {
            (Object::Campaign, 404 | 410) if self.is_of_a_collection() => {
                Some(self.no_such_path())
            }
            (Object::Campaign, _) => self.of_campaign(subject),
            (_, 404 | 410) if self.is_of_a_collection() => Some(self.no_such_path()),
            (_, 404 | 410) => Some(self.gone(subject.object)),
            (_, 409) if self.is_about_equal_content() => Some(self.held_already()),
            (_, 409) if self.is_about_a_taken_name() => Some(self.taken(subject)),
            (_, 409) => Some(self.conflict()),
            (_, 400) if subject.act != Act::List && self.says_a_name_is_taken() => {
                Some(self.taken(subject))
            }
            (_, 400) if subject.act == Act::List && self.speaks_of(&["filter"]) => {
                Some(self.filter_refused())
            }
            (Object::Manifest, 400) if subject.act == Act::Create => Some(
                self.with_code(
                    Code::ServiceRefused,
                    "A firmware manifest is signed, has at most 2 KB, and its name at most 128 characters.",
                )
                .remedy(Remedy::advice("Make and sign the manifest again, without vendor data if it is too large.")),
            ),
            (Object::Manifest, 413) => Some(
                self.with_code(Code::ManifestTooLarge, "A firmware manifest has at most 2 KB.")
                    .remedy(Remedy::advice("Make it again with shorter texts and without vendor data.")),
            ),
            _ => None,
        }
    }

    /// What is left.
    fn of_any(&self) -> Diagnosis {
        match self.status {
            403 if !self.message.is_empty() && !self.speaks_of(RIGHTS) => self
                .with_code(
                    Code::KeyForbidden,
                    "Its words give the reason; they do not speak of a right.",
                )
                .titled("The service does not allow this")
                .remedy(Remedy::advice(
                    "Ask the administrator of the account, or the service's support, what its words mean.",
                )),
            403 => self
                .with_code(
                    Code::KeyForbidden,
                    "Probably the key's group does not have this right.",
                )
                .remedy(Remedy::advice(right_to_ask_for(Subject::of(&self.request)))),
            413 => self
                .with_code(
                    Code::BodyTooLarge,
                    "The service or a proxy before it limits the size of a request.",
                )
                .remedy(Remedy::advice("Send smaller chunks.")),
            _ if !self.has_own_words() => self
                .with_code(Code::ServiceRefused, "The service gives no reason.")
                .remedy(Remedy::advice(
                    "Ask the service's support, or whoever runs a gateway on the way, what the status means here.",
                )),
            _ => self
                .with_code(Code::ServiceRefused, "The service gives no other reason.")
                .remedy(Remedy::advice(
                    "Read its message; it names what it does not like.",
                )),
        }
    }

    /// Whether it asked for a list, or created something in one: it named nothing that can be gone.
    fn is_of_a_collection(&self) -> bool {
        let path = self.request.split_once(' ').map_or("", |(_, path)| path);
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let first = parts.find(|part| *part != "v3");
        let rest: Vec<&str> = parts.collect();
        first.is_some() && (rest.is_empty() || rest == ["upload-jobs"])
    }

    /// The service has every list, whatever is in it.
    fn no_such_path(&self) -> Diagnosis {
        self.with_code(
            Code::NotThisService,
            "Nothing that was asked for can be gone: the host has no such address. Probably its path is another, a gateway does not know it, or it is another service.",
        )
        .titled("The host does not know the service's addresses")
        .remedy(Remedy::edit_account(&self.account))
        .remedy(Remedy::TestAccount {
            account: self.account.clone(),
        })
    }

    fn gone(&self, object: Object) -> Diagnosis {
        let (code, help) = match object {
            Object::UploadJob => (Code::UploadJobGone, "Look at the list of upload jobs."),
            Object::FirmwareImage => (
                Code::FirmwareImageGone,
                "Look at the list of firmware images.",
            ),
            Object::Manifest => (
                Code::ManifestGone,
                "Look at the list of firmware manifests.",
            ),
            Object::Campaign => (Code::CampaignGone, "Look at the list of campaigns."),
            Object::Device => (Code::DeviceGone, "Look at the list of devices."),
            Object::Chunk => {
                return self.one_of_two_gone(
                    "The chunk or its upload job does not exist",
                    "The answer does not say which. A job that is completed has no chunks any more.",
                    "Look at the upload job, and at the list of its chunks.",
                );
            }
            Object::GroupMember => {
                return self.one_of_two_gone(
                    "The device or the group does not exist",
                    "The answer does not say which.",
                    "Look at the list of device groups and at the list of devices.",
                );
            }
            Object::SavedQuery => (Code::SavedQueryGone, "Look at the list of saved queries."),
            Object::Group => (Code::DeviceGroupGone, "Look at the list of device groups."),
            Object::Event | Object::Other => (Code::ServiceRefused, "Look at the list."),
        };
        self.with_code(
            code,
            "It does not exist in this account, or it was deleted.",
        )
        .remedy(Remedy::advice(help))
    }

    /// A request names two objects, and the status says only that one of them is not there.
    fn one_of_two_gone(&self, title: &str, why: &str, help: &str) -> Diagnosis {
        self.with_code(Code::ObjectGone, why)
            .titled(title)
            .remedy(Remedy::advice(help))
    }

    fn taken(&self, subject: Subject) -> Diagnosis {
        if subject.object == Object::GroupMember {
            return self
                .with_code(
                    Code::ServiceRefused,
                    "The device is in the group already, or no longer.",
                )
                .remedy(Remedy::advice("Look at the devices of the group."));
        }
        let why = match subject.object {
            Object::Manifest => "A firmware manifest of this name exists.",
            Object::Campaign => "A campaign of this name exists.",
            Object::SavedQuery => "A saved query of this name exists.",
            Object::Group => "A device group of this name exists.",
            _ => "A firmware image or an upload job of this name exists.",
        };
        self.with_code(Code::NameTaken, why)
            .remedy(Remedy::advice("Choose another name."))
    }

    /// Whether a conflict is about a name: the request gives one, and nothing says that something else
    /// is under way.
    pub(super) fn is_about_a_taken_name(&self) -> bool {
        let Subject { object, act } = Subject::of(&self.request);
        let gives_a_name =
            matches!(act, Act::Create | Act::Change) && !self.request.ends_with("/chunks");
        // A device is in a group or it is not; no name is given there.
        let is_membership = object == Object::GroupMember;
        is_membership || (gives_a_name && !self.is_about_another_act())
    }

    /// Whether the service says that something else is in the way, which passes.
    fn is_about_another_act(&self) -> bool {
        let passes = [
            "in progress",
            "try again",
            "retry",
            "concurrent",
            "conflicting operation",
            "aborted",
            "locked",
            "busy",
            "another operation",
            "another request",
            "being processed",
            "modified",
        ];
        self.web_page || (!self.speaks_of_a_name() && self.speaks_of(&passes))
    }

    /// Whether its words are about bytes that the account holds already, and not about a name.
    pub(super) fn is_about_equal_content(&self) -> bool {
        let subject = Subject::of(&self.request);
        subject.act == Act::Create
            && subject.object == Object::FirmwareImage
            && self.speaks_of(&["checksum", "sha", "content", "hash", "bytes"])
            && !self.speaks_of(&["name"])
    }

    /// The service takes no second copy of what it holds.
    fn held_already(&self) -> Diagnosis {
        self.with_code(
            Code::ObjectExists,
            "The service refuses bytes that the account holds already; its words say where.",
        )
        .titled("The service already holds these bytes")
        .remedy(Remedy::advice(
            "Look at the list of firmware images, and use the one that its message names.",
        ))
    }

    /// Whether its words are about a name that something has.
    pub(super) fn speaks_of_a_name(&self) -> bool {
        self.speaks_of(&["name", "unique", "exist", "taken", "duplicate"])
    }

    /// Something stands against it, and nothing says that it is a name.
    fn conflict(&self) -> Diagnosis {
        self.with_code(
            Code::ServiceRefused,
            "It stands against something that the account holds, or that is under way. That may pass.",
        )
        .titled("The service reports a conflict")
        .remedy(self.wait())
    }

    /// Some objects answer 400 where others answer 409.
    fn says_a_name_is_taken(&self) -> bool {
        self.speaks_of(&["name"]) && self.speaks_of(&["taken", "unique", "already exists"])
    }

    fn filter_refused(&self) -> Diagnosis {
        self.with_code(
            Code::FilterUnreadable,
            "The service does not accept one of the conditions.",
        )
        .remedy(Remedy::advice(
            "Remove or correct the condition that its message names.",
        ))
    }

    /// Whether the service's own words contain one of these.
    fn speaks_of(&self, words: &[&str]) -> bool {
        let fields = self.fields.iter();
        let mut all = fields.flat_map(|(name, message)| [name, message]);
        let has = |text: &str| {
            let text = text.to_lowercase();
            words.iter().any(|word| text.contains(word))
        };
        has(&self.message) || all.any(|text| has(text))
    }

    /// As long as the service asks for. A wait of hours is no button: something is wrong there.
    fn wait(&self) -> Remedy {
        let seconds = self
            .retry_after
            .map_or(USUAL_WAIT_SECONDS, |wait| wait.as_secs());
        match u32::try_from(seconds) {
            Ok(seconds) if seconds <= LONGEST_WAIT_SECONDS => Remedy::Wait { seconds },
            _ => {
                let hours = seconds.div_ceil(3600);
                let wait = match hours {
                    24.. => "a day or longer".to_owned(),
                    hours => format!("about {hours} hours"),
                };
                Remedy::advice(format!(
                    "The service asks to wait {wait}. Try again later, or ask its operator what is wrong."
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests;
