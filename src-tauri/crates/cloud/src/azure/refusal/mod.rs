//! The service's refusal and what it means: by its own codes first, then by status and request.

mod failure;
mod known;
mod subject;

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use super::wire::ServiceError;
use crate::known_host::is_of_a_gateway;
pub use failure::OperationFailure;
use known::Known;
use subject::Subject;

/// Suggested where the service does not say how long to wait, seconds.
const USUAL_WAIT_SECONDS: u64 = 30;

/// Longest wait that is offered as a countdown, seconds.
const LONGEST_WAIT_SECONDS: u32 = 3600;

/// What the operators of the service find a request by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Of the body of a problem.
    pub trace_id: Option<String>,
    /// Of the headers (W3C Trace Context).
    pub traceparent: Option<String>,
    /// `x-ms-request-id`, or what the service's gateway has instead.
    pub service_request_id: Option<String>,
    /// Ours: `x-ms-client-request-id`.
    pub client_request_id: String,
}

impl Traces {
    fn add_to(&self, diagnosis: Diagnosis) -> Diagnosis {
        let named = [
            ("Trace id", self.trace_id.as_deref()),
            ("traceparent", self.traceparent.as_deref()),
            ("Request id", self.service_request_id.as_deref()),
            ("Client request id", Some(&*self.client_request_id)),
        ];
        named
            .into_iter()
            .fold(diagnosis, |diagnosis, (label, id)| match id {
                Some(id) if !id.is_empty() => diagnosis.detail(label, id),
                _ => diagnosis,
            })
    }
}

/// The service's refusal, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The account.
    pub account: String,
    /// The instance within it.
    pub instance: String,
    /// What was asked: verb and path.
    pub request: String,
    /// The status.
    pub status: u16,
    /// Its words.
    pub error: ServiceError,
    /// What its operators find it by.
    pub traces: Traces,
    /// What it says about tokens.
    pub challenge: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
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
        if !self.error.is_empty() {
            write!(f, ": {}", self.error)?;
        }
        Ok(())
    }
}

impl Diagnose for Refusal {
    fn diagnose(&self) -> Diagnosis {
        let diagnosis = self
            .of_the_way()
            .or_else(|| Known::of(&self.error).map(|known| known.diagnosis(&format!("{self}."))))
            .unwrap_or_else(|| self.of_status());
        let diagnosis = diagnosis.detail("Status", self.status.to_string());
        let diagnosis = match &self.challenge {
            Some(challenge) if self.status == 401 => diagnosis.detail("Challenge", challenge),
            _ => diagnosis,
        };
        let diagnosis = self.traces.add_to(diagnosis);
        if diagnosis.state_now.is_empty() {
            diagnosis.state(self.state_now())
        } else {
            diagnosis
        }
    }
}

impl Refusal {
    /// Whether something on the way refused in the place of a service that is known.
    pub(super) fn is_of_a_gateway(&self) -> bool {
        self.host_is_known && is_of_a_gateway(self.status, self.web_page)
    }

    /// Whether an import was turned away for something else that is under way. One version is imported
    /// once, and the service has a code for one that is there, so the request can go again.
    pub(super) fn is_passing_conflict(&self) -> bool {
        let imports = self.request.starts_with("POST ") && self.request.contains("import");
        self.status == 409 && imports && !self.web_page && Known::of(&self.error).is_none()
    }

    /// Whether a 403 has words, and none of them is of a right.
    fn has_another_reason(&self) -> bool {
        let rights = [
            "right",
            "permi",
            "privileg",
            "role",
            "scope",
            "access",
            "forbidden",
            "authori",
            "denied",
            "polic",
        ];
        !self.error.is_empty() && !self.speaks_of(&rights)
    }

    /// Whether its words are of something else that is under way.
    fn is_about_another_act(&self) -> bool {
        self.speaks_of(&[
            "inprogress",
            "in progress",
            "try again",
            "retry",
            "concurrent",
            "busy",
        ])
    }

    /// Whether the service's own words contain one of these.
    fn speaks_of(&self, words: &[&str]) -> bool {
        let text = self.error.to_string().to_lowercase();
        words.iter().any(|word| text.contains(word))
    }

    fn by_a_gateway(&self, why: &str) -> Diagnosis {
        self.with_code(Code::ServiceFailed, why)
            .titled("A gateway on the way answered")
            .remedy(self.wait())
    }

    fn with_code(&self, code: Code, why: &str) -> Diagnosis {
        Diagnosis::new(code, format!("{self}."), why)
    }

    /// What does not depend on the object: another host, a gateway.
    fn of_the_way(&self) -> Option<Diagnosis> {
        if self.is_of_a_gateway() {
            return Some(self.by_a_gateway(
                "The service answered as itself before, so its address is right. Probably it is being maintained, or a proxy or gateway before it has a problem.",
            ));
        }
        if self.web_page && matches!(self.status, 500..=510 | 512..=599) {
            return Some(self.by_a_gateway(
                "A page came instead of the service's own words, so something on the way answered. Whether the service was reached is not known.",
            ));
        }
        if let Some(target) = &self.redirects_to {
            let why = format!(
                "The host redirects to {target}. A token is never sent along to another address."
            );
            return Some(
                self.with_code(Code::NotThisService, &why)
                    .remedy(Remedy::edit_account(&self.account))
                    .remedy(Remedy::advice("Check the account endpoint: a bare host name that ends in api.adu.microsoft.com.")),
            );
        }
        let is_page = self.web_page && !matches!(self.status, 408 | 413 | 429 | 500..);
        is_page.then(|| {
            self.with_code(
                Code::NotThisService,
                "A web page came instead of the service's own words. Probably the address belongs to something else, or a gateway answers in its place.",
            )
            .remedy(Remedy::edit_account(&self.account))
        })
    }

    fn forbidden(&self, subject: Subject) -> Diagnosis {
        if self.has_another_reason() {
            return self
                .with_code(
                    Code::KeyForbidden,
                    "Its words give the reason; they do not speak of a role.",
                )
                .titled("The service does not allow this")
                .remedy(Remedy::advice(
                    "Ask the administrator of the account, or the service's support, what its words mean.",
                ));
        }
        let role = subject.role(self.request.starts_with("GET "));
        self.with_code(
                    Code::KeyForbidden,
                    &format!("Whoever is signed in has no role that allows this. It needs {role}."),
                )
                .titled("The signed-in identity may not do this")
                .remedy(Remedy::advice(format!(
                    "Have the role {role} assigned on the account or instance, under Access control (IAM). It takes some minutes to work.",
                )))
                .remedy(Remedy::advice(
                    "If the role is there: check whether the account allows access from this network.",
                ))
    }

    fn conflict(&self) -> Diagnosis {
        if self.is_about_another_act() || self.is_passing_conflict() {
            return self
                .with_code(
                    Code::ServiceRefused,
                    "Something that is under way in the instance stands against it; that may pass.",
                )
                .titled("The service reports a conflict")
                .remedy(self.wait());
        }
        if self.request.starts_with("DELETE ") {
            return self
                .with_code(
                    Code::ServiceRefused,
                    "Something else in the instance still uses it: an active deployment, or an update that has it as a step.",
                )
                .titled("It is in use and is not deleted")
                .remedy(Remedy::advice(
                    "Cancel the deployments that use it, or delete what references it, then delete it.",
                ));
        }
        if self.request.ends_with(":cancel") || self.request.ends_with(":retry") {
            return self
                .with_code(
                    Code::ServiceRefused,
                    "It conflicts with the state of the deployment: one that has ended cannot be cancelled, and one without failed devices not be tried again.",
                )
                .titled("The deployment is not in a state for this")
                .remedy(Remedy::advice(
                    "Look at the deployment: `adu deployments show`.",
                ));
        }
        self.with_code(
            Code::ObjectExists,
            "It conflicts with what the instance holds.",
        )
        .remedy(Remedy::advice("Read what the instance holds, then decide."))
    }

    /// Whether the token is refused for a policy that came into force after it was issued (continuous access
    /// evaluation).
    fn wants_other_claims(&self) -> bool {
        let challenge = self.challenge.as_deref().unwrap_or_default();
        challenge.contains("insufficient_claims")
    }

    fn of_status(&self) -> Diagnosis {
        let subject = Subject::of(&self.request);
        match self.status {
            401 if self.wants_other_claims() => self
                .with_code(
                    Code::SignInNeeded,
                    "The tenant asks for a sign-in under its policies of now: they changed, the network is another one, or the sign-in was revoked.",
                )
                .titled("The service asks for a new sign-in")
                .remedy(Remedy::advice(
                    "Sign in again, from a network and a device that the tenant's policies allow.",
                ))
                .remedy(Remedy::advice(
                    "If an application signs in: ask an administrator of the tenant which policy refuses it.",
                )),
            401 => self
                .with_code(
                    Code::KeyRefused,
                    "The service does not accept the token of this sign-in, nor a new one. Probably it was issued for another tenant or another audience.",
                )
                .titled("The service does not accept the sign-in")
                .remedy(Remedy::advice(
                    "Check that the tenant of the sign-in is the one that the account belongs to, and the computer's clock.",
                ))
                .remedy(Remedy::edit_account(&self.account)),
            403 => self.forbidden(subject),
            404 => self.not_found(subject),
            409 => self.conflict(),
            413 => self
                .with_code(
                    Code::BodyTooLarge,
                    "The service or a proxy before it limits the size of a request.",
                )
                .remedy(Remedy::advice("Import fewer updates at a time.")),
            429 => self
                .with_code(Code::RateLimited, subject.rate())
                .remedy(self.wait())
                .remedy(Remedy::advice(
                    "Do not send the request again before: each one counts.",
                )),
            408 | 500..=599 => self
                .with_code(
                    Code::ServiceFailed,
                    "The service or a gateway before it failed. The request itself may be right.",
                )
                .remedy(self.wait())
                .remedy(Remedy::advice(
                    "If it stays: give the trace id to Microsoft's support.",
                )),
            _ if self.error.is_empty() => self
                .with_code(Code::ServiceRefused, "The service gives no reason.")
                .remedy(Remedy::advice("Check the API version of the account, then give the trace id to Microsoft's support.")),
            _ => self
                .with_code(Code::ServiceRefused, "Its own words are the only reason it gives.")
                .remedy(Remedy::advice("Read its words, the first is the deepest cause.")),
        }
    }

    /// A list that is not there means that the instance is not.
    fn not_found(&self, subject: Subject) -> Diagnosis {
        if subject.is_always_there() {
            let why = format!(
                "The account endpoint answers, but has no instance {:?}, or not in this API version.",
                self.instance
            );
            return self
                .with_code(Code::AccountInvalid, &why)
                .titled("The instance does not exist")
                .remedy(Remedy::edit_account(&self.account))
                .remedy(Remedy::advice(
                    "Compare the instance's name with the portal; it is not the name of the account.",
                ));
        }
        if self.request.starts_with("PUT ") {
            let named = match subject {
                Subject::LogCollection => "one of the devices, or the storage that logs go to",
                _ => "the group, or the update",
            };
            return self
                .with_code(
                    Code::ObjectGone,
                    &format!("The instance does not hold what the request names: {named}."),
                )
                .titled(format!("The {} could not be made", subject.noun()))
                .remedy(Remedy::advice(
                    "Compare the ids with the lists of the instance.",
                ));
        }
        self.with_code(
            Code::ObjectGone,
            &format!(
                "The instance holds no such {}, or it was deleted.",
                subject.noun()
            ),
        )
        .titled(format!("The {} does not exist", subject.noun()))
        .remedy(Remedy::advice(format!(
            "Read the list of {}s.",
            subject.noun()
        )))
    }

    /// As long as the service asks for. A wait of hours is not offered as a countdown.
    fn wait(&self) -> Remedy {
        let seconds = self
            .retry_after
            .map_or(USUAL_WAIT_SECONDS, |wait| wait.as_secs());
        match u32::try_from(seconds) {
            Ok(seconds) if seconds <= LONGEST_WAIT_SECONDS => Remedy::Wait { seconds },
            _ => Remedy::advice("The service asks to wait for hours. Try again later."),
        }
    }

    /// What the service holds now, as far as its answer says.
    fn state_now(&self) -> &'static str {
        if self.request.starts_with("GET ") {
            return "Nothing was changed.";
        }
        if matches!(self.status, 408 | 500..=599) {
            return check_first(&self.request);
        }
        if self.status == 404 {
            // What is not there is as nothing: only that this request changed nothing is known.
            return "Nothing was changed by this request.";
        }
        Subject::of(&self.request).unchanged()
    }
}

/// What is known of a request that the service may have acted on, and where that shows. Operations are those of imports
/// and deletions of updates.
pub(super) fn check_first(request: &str) -> &'static str {
    if request.contains("/deployments/") {
        "Whether the service acted on the request is not known. Look at the deployment before sending it again."
    } else if request.contains("/updates") {
        "Whether the service acted on the request is not known. Look at its operations before sending it again."
    } else {
        "Whether the service acted on the request is not known. Look at what it was about before sending it again."
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(request: &str, status: u16, body: &serde_json::Value) -> Refusal {
        Refusal {
            account: "contoso".to_owned(),
            instance: "blue".to_owned(),
            request: request.to_owned(),
            status,
            error: ServiceError::of_answer(body),
            traces: Traces {
                trace_id: ServiceError::trace_of(body),
                client_request_id: "c0ffee".to_owned(),
                ..Traces::default()
            },
            challenge: None,
            retry_after: None,
            redirects_to: None,
            web_page: false,
            host_is_known: false,
        }
    }

    const IMPORT: &str = "POST /deviceUpdate/blue/updates:import";
    const UPDATE: &str = "GET /deviceUpdate/blue/updates/providers/p/names/n/versions/1.0";
    const DELETE: &str = "DELETE /deviceUpdate/blue/updates/providers/p/names/n/versions/1.0";

    #[test]
    fn every_status_has_its_code_a_remedy_a_state_and_our_request_id() {
        for (request, status, code) in [
            (IMPORT, 400, Code::ServiceRefused),
            (IMPORT, 401, Code::KeyRefused),
            (IMPORT, 403, Code::KeyForbidden),
            (IMPORT, 404, Code::AccountInvalid),
            (UPDATE, 404, Code::ObjectGone),
            (IMPORT, 409, Code::ServiceRefused),
            (UPDATE, 409, Code::ObjectExists),
            (IMPORT, 413, Code::BodyTooLarge),
            (IMPORT, 429, Code::RateLimited),
            (IMPORT, 503, Code::ServiceFailed),
        ] {
            let diagnosis = refusal(request, status, &json!({})).diagnose();
            assert_eq!(diagnosis.code, code, "{request} {status}");
            assert!(!diagnosis.remedies.is_empty() && !diagnosis.state_now.is_empty());
            assert!(
                diagnosis
                    .details
                    .iter()
                    .any(|detail| detail.value == "c0ffee")
            );
        }
    }

    #[test]
    fn what_is_in_use_is_not_said_to_exist_already() {
        let diagnosis = refusal(DELETE, 409, &json!({})).diagnose();
        assert_eq!(diagnosis.code, Code::ServiceRefused);
        assert!(diagnosis.title.contains("in use"), "{diagnosis:?}");
    }

    #[test]
    fn a_documented_code_wins_over_the_status() {
        let body = json!({"error": {"code": "UpdateLimitExceeded", "message": "m",
            "innererror": {"code": "UpdateName", "message": "25 names"}}});
        let diagnosis = refusal(IMPORT, 400, &body).diagnose();
        assert_eq!(diagnosis.code, Code::QuotaReached);
        assert!(
            diagnosis
                .what_happened
                .contains("UpdateName: 25 names; UpdateLimitExceeded")
        );
    }

    #[test]
    fn the_state_after_a_gateways_failure_is_not_known() {
        assert!(
            refusal(IMPORT, 504, &json!({}))
                .diagnose()
                .state_now
                .contains("not known")
        );
        assert_eq!(
            refusal(UPDATE, 504, &json!({})).diagnose().state_now,
            "Nothing was changed."
        );
        assert_eq!(
            refusal(IMPORT, 400, &json!({})).diagnose().state_now,
            "Nothing was imported."
        );
    }

    #[test]
    fn a_missing_role_is_named_for_what_was_asked() {
        let said = |request| refusal(request, 403, &json!({})).diagnose().why;
        assert!(said(IMPORT).contains("Device Update Content Administrator"));
        assert!(said(UPDATE).contains("Device Update Content Reader"));
        let put = "PUT /deviceUpdate/blue/management/groups/g/deployments/d";
        assert!(said(put).contains("Device Update Deployments Administrator"));
    }

    #[test]
    fn a_redirect_and_a_web_page_are_not_taken_for_the_service() {
        let page = Refusal {
            web_page: true,
            ..refusal(IMPORT, 403, &json!({}))
        };
        assert_eq!(page.diagnose().code, Code::NotThisService);
        let moved = Refusal {
            redirects_to: Some("https://login.test/".to_owned()),
            ..refusal(IMPORT, 302, &json!({}))
        };
        assert_eq!(moved.diagnose().code, Code::NotThisService);
        assert!(moved.diagnose().why.contains("login.test"));
    }
}
