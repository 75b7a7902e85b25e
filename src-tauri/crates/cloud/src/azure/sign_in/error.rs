//! Why there is no token: the issuer's codes with what helps.
//!
//! Source of the codes: Microsoft's page "Microsoft Entra authentication and authorization error codes".

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_net::NetError;
use serde::Deserialize;
use serde_json::Value;

use crate::azure::TokenError;

/// Longest text of the issuer that is shown, characters.
const WORDS: usize = 400;

/// The issuer's refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) host: String,
    pub(super) status: u16,
    /// `invalid_client`, `authorization_pending`.
    pub(super) error: String,
    description: String,
    /// Numbers of `AADSTS…`.
    codes: Vec<u64>,
    trace_id: String,
    correlation_id: String,
    pub(super) retry_after: Option<std::time::Duration>,
    /// An application asked for itself: there is no sign-in of a user that could have expired.
    of_an_application: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Value,
    error_description: Value,
    error_codes: Value,
    trace_id: Value,
    correlation_id: Value,
}

impl Refused {
    /// Of the body of an answer.
    pub(super) fn read(host: &str, status: u16, body: &Value) -> Self {
        let body = Body::deserialize(body).unwrap_or_default();
        let text = |value: &Value| one_line(value.as_str().unwrap_or_default());
        let listed = body.error_codes.as_array().cloned().unwrap_or_default();
        let mut refused = Self {
            host: host.to_owned(),
            status,
            error: text(&body.error),
            codes: listed.iter().take(8).filter_map(Value::as_u64).collect(),
            trace_id: text(&body.trace_id),
            correlation_id: text(&body.correlation_id),
            ..Self::default()
        };
        refused.describe(body.error_description.as_str().unwrap_or_default());
        refused
    }

    /// Of a redirect back to this computer.
    pub(super) fn of_redirect(host: &str, error: &str, description: &str) -> Self {
        let mut refused = Self {
            host: host.to_owned(),
            error: one_line(error),
            ..Self::default()
        };
        refused.describe(description);
        refused
    }

    fn describe(&mut self, description: &str) {
        if self.codes.is_empty() {
            self.codes.extend(code_in(description));
        }
        // The ids stand behind the sentence and have fields of their own.
        let end = description.find("Trace ID:").unwrap_or(description.len());
        self.description = one_line(description.get(..end).unwrap_or_default());
    }

    /// The refusal of an application's own request.
    pub(super) fn of_an_application(mut self) -> Self {
        self.of_an_application = true;
        self
    }

    pub(super) fn into_error(self) -> TokenError {
        TokenError(Box::new(self.diagnosis()))
    }

    fn codes_are_unknown(&self) -> bool {
        !self.codes.iter().any(|code| known(*code).is_some())
    }

    fn diagnosis(&self) -> Diagnosis {
        let words = if self.description.is_empty() {
            &self.error
        } else {
            &self.description
        };
        let words = words.trim_end_matches('.');
        let what = match (words, self.status) {
            ("", 0) => format!("{} refused the sign-in without a reason.", self.host),
            ("", status) => format!(
                "{} refused the sign-in with status {status}, without a reason.",
                self.host
            ),
            _ => format!("{} refused the sign-in: {words}.", self.host),
        };
        let known = self.codes.iter().find_map(|code| known(*code));
        let known = known.or_else(|| by_error(&self.error, self.status));
        let is_apt = |(code, ..): &Meaning| {
            !(self.of_an_application && self.codes_are_unknown() && *code == Code::SignInNeeded)
        };
        let (code, why, help) = known.filter(is_apt).unwrap_or(if words.is_empty() {
            (
                Code::SignInFailed,
                "The issuer gives no reason.",
                "Compare tenant, application id and sign-in host with the app registration.",
            )
        } else {
            (
                Code::SignInFailed,
                "Its own words are the only reason it gives.",
                "Read its words. Whoever administers the tenant finds the attempt by its correlation id.",
            )
        });
        let diagnosis = Diagnosis::new(code, what, why).state("The issuer gave no token.");
        let diagnosis = match code {
            Code::KeyForbidden => diagnosis.titled("The tenant blocks the sign-in"),
            _ => diagnosis,
        };
        let diagnosis = match (code, self.retry_after) {
            (Code::RateLimited | Code::ServiceFailed, Some(wait)) => {
                let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).min(3600);
                diagnosis.remedy(Remedy::Wait { seconds })
            }
            _ => diagnosis.remedy(Remedy::advice(help)),
        };
        let details = [
            ("Status", self.status.to_string()),
            ("Error", self.error.clone()),
            ("Trace id", self.trace_id.clone()),
            ("Correlation id", self.correlation_id.clone()),
        ];
        details
            .into_iter()
            .fold(diagnosis, |diagnosis, (label, value)| {
                if value.is_empty() || value == "0" {
                    diagnosis
                } else {
                    diagnosis.detail(label, value)
                }
            })
    }
}

/// The number behind the first `AADSTS`.
fn code_in(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("AADSTS")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

pub(super) type Meaning = (Code, &'static str, &'static str);

/// What the first code of the issuer in a text means.
pub(super) fn meaning_in(text: &str) -> Option<Meaning> {
    code_in(text).and_then(known)
}

/// What a code of the issuer means and what helps.
#[expect(clippy::too_many_lines, reason = "a table, a row for each code")]
fn known(code: u64) -> Option<Meaning> {
    use Code::{KeyForbidden, RateLimited, ServiceFailed, SignInFailed, SignInNeeded};
    Some(match code {
        7_000_215 => (
            SignInFailed,
            "The client secret is wrong.",
            "Enter the secret's value, not its id: the portal shows both, and the value only once.",
        ),
        7_000_222 => (
            SignInFailed,
            "The client secret has expired.",
            "Make a new client secret in the app registration and enter it.",
        ),
        7_000_218 => (
            SignInFailed,
            "The application is not allowed to sign in without a secret or certificate.",
            "Set \"Allow public client flows\" in the app registration to Yes, or sign in with a client secret.",
        ),
        700_016 => (
            SignInFailed,
            "The tenant knows no application of this id.",
            "Compare application id and tenant with the app registration. They belong together.",
        ),
        7_000_112 => (
            SignInFailed,
            "The application is disabled in the tenant.",
            "Ask an administrator to enable the enterprise application for sign-in.",
        ),
        7_000_229 => (
            SignInFailed,
            "The application has no service principal in the tenant.",
            "Ask an administrator to add the application to the tenant as an enterprise application.",
        ),
        700_025 => (
            SignInFailed,
            "The application is a public client, which signs in without a secret or certificate.",
            "Sign in as a user, or use another app registration.",
        ),
        700_023 => (
            SignInFailed,
            "The assertion was made for another issuer or tenant.",
            "Compare the sign-in host and the tenant with the app registration.",
        ),
        90_002 | 900_023 | 50_128 | 50_059 => (
            SignInFailed,
            "There is no tenant of this name.",
            "Compare the tenant's id or domain with the portal.",
        ),
        65_001 => (
            SignInFailed,
            "Nobody consented that the application may use this resource.",
            "Add the API permissions Azure Device Update and Azure Storage (user_impersonation) to the app registration and consent to them, then sign in again.",
        ),
        90_094 => (
            SignInFailed,
            "Only an administrator may consent to the application.",
            "Ask an administrator of the tenant to grant consent to the app registration.",
        ),
        50_105 => (
            KeyForbidden,
            "The user is not assigned to the application.",
            "Ask an administrator to assign the user to the enterprise application.",
        ),
        500_011 => (
            SignInFailed,
            "The tenant does not know the service: its principal does not exist there.",
            "Compare the tenant with the one that the account of the service belongs to, and in a sovereign cloud the sign-in host with that cloud's.",
        ),
        70_011 => (
            SignInFailed,
            "The scope is not one that the issuer knows.",
            "Compare the sign-in host of the account with that of its cloud.",
        ),
        50_011 => (
            SignInFailed,
            "The application has no redirect address for this computer.",
            "Add http://localhost to the app registration under \"Mobile and desktop applications\".",
        ),
        50_076 | 50_079 | 50_072 | 50_074 | 50_158 | 53_004 => (
            SignInNeeded,
            "The tenant asks for a second factor.",
            "Sign in again with the browser.",
        ),
        53_000 | 53_001 | 53_003 | 53_011 | 530_003 | 530_031 | 530_032 => (
            KeyForbidden,
            "A conditional access policy of the tenant blocks this sign-in.",
            "Sign in from a device and network that the policy allows, or ask an administrator of the tenant.",
        ),
        50_173 | 70_008 | 70_043 | 700_082 | 700_084 => (
            SignInNeeded,
            "The sign-in has expired or was revoked.",
            "Sign in again.",
        ),
        50_058 | 16_000 => (
            SignInNeeded,
            "The issuer needs a user to take part.",
            "Sign in again with the browser.",
        ),
        700_024 | 500_133 => (
            SignInFailed,
            "The assertion is outside of its time: probably this computer's clock is wrong.",
            "Set this computer's clock, then try again.",
        ),
        700_027 => (
            SignInFailed,
            "The assertion's signature is not accepted: the certificate is not registered, or not for this key.",
            "Upload the certificate in the app registration, and give the private key that belongs to it.",
        ),
        50_020 => (
            SignInFailed,
            "The user is of another tenant.",
            "Sign in with a user of this tenant, or have the user invited as a guest.",
        ),
        50_053 | 50_055 | 50_057 => (
            SignInFailed,
            "The user's account is locked or disabled, or its password has expired.",
            "Ask an administrator of the tenant, then sign in again.",
        ),
        50_034 | 50_126 => (
            SignInFailed,
            "The issuer does not accept user name or password.",
            "Sign in again.",
        ),
        50_196 | 90_055 => (
            RateLimited,
            "The issuer was asked too often in a short time.",
            "Wait some minutes.",
        ),
        90_033 | 50_033 | 90_006 => (
            ServiceFailed,
            "The issuer has a fault that passes.",
            "Try again.",
        ),
        70_020 | 70_019 => (
            SignInNeeded,
            "The code was not entered in time.",
            "Start the sign-in again.",
        ),
        _ => return None,
    })
}

/// What the words of OAuth mean (RFC 6749, section 5.2; RFC 8628, section 3.5).
fn by_error(error: &str, status: u16) -> Option<Meaning> {
    Some(match (error, status) {
        ("access_denied" | "authorization_declined", _) => (
            Code::SignInFailed,
            "The user, or a policy, declined.",
            "Sign in again and accept, or ask an administrator of the tenant.",
        ),
        ("expired_token", _) => (
            Code::SignInNeeded,
            "The code was not entered in time.",
            "Start the sign-in again.",
        ),
        ("invalid_grant" | "interaction_required" | "login_required", _) => (
            Code::SignInNeeded,
            "The sign-in has expired or was revoked.",
            "Sign in again.",
        ),
        ("invalid_client" | "unauthorized_client", _) => (
            Code::SignInFailed,
            "The issuer does not accept the application's id, secret or certificate.",
            "Compare them with the app registration.",
        ),
        (_, 429) => (
            Code::RateLimited,
            "The issuer was asked too often in a short time.",
            "Wait some minutes.",
        ),
        ("temporarily_unavailable" | "server_error", _) | (_, 500..=599) => (
            Code::ServiceFailed,
            "The issuer has a fault that passes.",
            "Try again.",
        ),
        _ => return None,
    })
}

/// The way to the issuer failed.
pub(super) fn net(error: &NetError) -> TokenError {
    let diagnosis = error
        .diagnose()
        .state("Nobody was signed in.")
        .detail("While", "signing in");
    TokenError(Box::new(diagnosis))
}

/// Settings that cannot be used.
pub(super) fn unusable(what: &str, why: &str) -> TokenError {
    let diagnosis = Diagnosis::new(Code::AccountInvalid, what, why)
        .state("Nothing was sent.")
        .remedy(Remedy::advice("Correct the account."));
    TokenError(Box::new(diagnosis))
}

/// Nobody is signed in.
pub(super) fn needed(what: &str, why: &str, help: &str) -> TokenError {
    let diagnosis = Diagnosis::new(Code::SignInNeeded, what, why)
        .state("Nothing was sent.")
        .remedy(Remedy::advice(help));
    TokenError(Box::new(diagnosis))
}

/// A sign-in that did not come about.
pub(super) fn failed(what: &str, why: &str, help: &str) -> TokenError {
    let diagnosis = Diagnosis::new(Code::SignInFailed, what, why)
        .state("Nobody was signed in.")
        .remedy(Remedy::advice(help));
    TokenError(Box::new(diagnosis))
}

fn one_line(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(WORDS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(description: &str, codes: &Value) -> Diagnosis {
        let body = json!({"error": "invalid_client", "error_description": description, "error_codes": codes,
            "trace_id": "t-1", "correlation_id": "c-1"});
        Refused::read("login.test", 401, &body).diagnosis()
    }

    #[test]
    fn a_code_of_the_issuer_has_its_remedy_and_its_ids() {
        let wrong = of(
            "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: x",
            &json!([7_000_215]),
        );
        assert_eq!(wrong.code, Code::SignInFailed);
        assert_eq!(
            wrong.what_happened,
            "login.test refused the sign-in: AADSTS7000215: Invalid client secret provided."
        );
        assert!(
            matches!(&wrong.remedies[0], Remedy::Advice { text } if text.contains("not its id"))
        );
        let values: Vec<_> = wrong
            .details
            .iter()
            .map(|detail| detail.value.as_str())
            .collect();
        assert_eq!(values, ["401", "invalid_client", "t-1", "c-1"]);
    }

    #[test]
    fn a_code_is_read_out_of_the_words_when_there_is_no_list() {
        for (description, code) in [
            ("AADSTS53003: Access has been blocked", Code::KeyForbidden),
            (
                "AADSTS65001: The user or administrator has not consented",
                Code::SignInFailed,
            ),
            (
                "AADSTS700082: The refresh token has expired due to inactivity",
                Code::SignInNeeded,
            ),
            (
                "AADSTS50076: Due to a configuration change",
                Code::SignInNeeded,
            ),
            (
                "AADSTS90033: A transient error has occurred",
                Code::ServiceFailed,
            ),
            ("AADSTS99999999999999999999: odd", Code::SignInFailed),
        ] {
            assert_eq!(of(description, &json!(null)).code, code, "{description}");
        }
    }

    #[test]
    fn codes_of_public_reports_have_their_meaning() {
        for (code, word, means) in [
            (7_000_112_u64, "disabled", Code::SignInFailed),
            (7_000_229, "service principal", Code::SignInFailed),
            (700_025, "public client", Code::SignInFailed),
            (53_011, "conditional access", Code::KeyForbidden),
            (50_158, "second factor", Code::SignInNeeded),
            (50_057, "locked or disabled", Code::SignInFailed),
            (500_133, "clock", Code::SignInFailed),
            (90_055, "too often", Code::RateLimited),
        ] {
            let said = of("AADSTS: words", &json!([code]));
            assert_eq!(said.code, means, "{code}");
            assert!(said.why.contains(word), "{code}: {}", said.why);
        }
        let blocked = of("AADSTS53003: Access has been blocked", &json!([53_003]));
        assert!(!blocked.title.contains("key"), "{}", blocked.title);
    }

    #[test]
    fn an_application_has_no_sign_in_that_could_have_expired() {
        let refused = |codes: Value| {
            let body = json!({"error": "invalid_grant", "error_description": "AADSTS999999: Something new.",
                "error_codes": codes});
            Refused::read("login.test", 400, &body)
        };
        assert_eq!(
            refused(json!([999_999])).diagnosis().code,
            Code::SignInNeeded
        );
        let own = refused(json!([999_999])).of_an_application().diagnosis();
        assert_eq!(own.code, Code::SignInFailed);
        assert!(own.why.contains("own words"), "{}", own.why);
        let known = refused(json!([50_076])).of_an_application().diagnosis();
        assert_eq!(known.code, Code::SignInNeeded);
    }

    #[test]
    fn a_refusal_without_words_says_its_status() {
        let said = Refused::read("login.test", 400, &json!({ "error": null })).diagnosis();
        assert!(
            said.what_happened.contains("status 400"),
            "{}",
            said.what_happened
        );
        assert!(said.why.contains("no reason"), "{}", said.why);
    }

    #[test]
    fn a_wait_that_the_issuer_gives_is_the_only_one_that_is_said() {
        let body = json!({"error": "temporarily_unavailable", "error_description": "AADSTS90055: throttled"});
        let mut refused = Refused::read("login.test", 429, &body);
        refused.retry_after = Some(std::time::Duration::from_secs(2));
        assert_eq!(refused.diagnosis().remedies, [Remedy::Wait { seconds: 2 }]);
    }

    #[test]
    fn words_of_oauth_are_understood_without_a_code() {
        let of = |error: &str, status| {
            Refused::read("login.test", status, &json!({ "error": error }))
                .diagnosis()
                .code
        };
        assert_eq!(of("access_denied", 400), Code::SignInFailed);
        assert_eq!(of("invalid_grant", 400), Code::SignInNeeded);
        assert_eq!(of("", 503), Code::ServiceFailed);
        assert_eq!(of("slow_down", 429), Code::RateLimited);
        assert_eq!(of("unheard_of", 400), Code::SignInFailed);
    }

    #[test]
    fn odd_bodies_are_read_without_a_panic() {
        for body in [
            json!(null),
            json!([]),
            json!({"error": {"code": 1}, "error_codes": "x"}),
            json!("x"),
        ] {
            let read = Refused::read("login.test", 400, &body);
            assert!(
                read.diagnosis()
                    .what_happened
                    .starts_with("login.test refused")
            );
        }
        let long = of(&"é".repeat(10_000), &json!([1]));
        assert!(long.what_happened.chars().count() < 500);
    }
}
