//! What the TLS library refused, in words, and what helps.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError, Error, pki_types::UnixTime};

/// Why TLS with a host did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate is not valid at the time of this computer's clock.
    Clock,
    /// Its certificate is for other names.
    Name,
    /// Nobody who is trusted issued its certificate.
    Issuer,
    /// This computer has no certificate of any authority, so that nobody's can be checked.
    NobodyTrusted,
    /// Its certificate is that of an authority, and not one of those that were given.
    SelfSigned,
    /// It asks for a certificate of the client.
    ClientCertificate,
    /// It does not speak TLS at this port.
    NotTls,
    /// It broke the handshake off for a reason of its own.
    BrokenOff,
    /// Something else.
    Other,
}

impl TlsFault {
    /// What helps.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::Clock => {
                "Set this computer's clock if it is wrong; else have the host's certificate renewed."
            }
            Self::Name => "Give the host as one of the names in its certificate.",
            Self::Issuer => {
                "Give the certificate of the authority that issued it; where a proxy inspects TLS, that of the proxy."
            }
            Self::NobodyTrusted => {
                "Install this computer's certificates of authorities (the package ca-certificates; SSL_CERT_FILE and SSL_CERT_DIR name other places), or give those of the host's authority to the account."
            }
            Self::SelfSigned => {
                "If it is really the host's, give this very certificate among the additional certificates."
            }
            Self::ClientCertificate => {
                "Take a way to the service that needs no certificate of the client: Firmdrop has none."
            }
            Self::BrokenOff => "Try again later.",
            Self::NotTls => "Check the port, and whether the address begins with http://.",
            Self::Other => "Check host and port, and whether something on the way inspects TLS.",
        }
    }
}

/// The fault, and its words: "its certificate …".
pub(crate) fn read(error: &Error) -> (TlsFault, String) {
    match error {
        Error::InvalidCertificate(refused) => certificate(refused),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => (
            TlsFault::ClientCertificate,
            "the host asks for a certificate of the client".to_owned(),
        ),
        Error::AlertReceived(
            AlertDescription::InternalError
            | AlertDescription::UserCanceled
            | AlertDescription::CloseNotify,
        ) => (
            TlsFault::BrokenOff,
            "the host broke the handshake off".to_owned(),
        ),
        Error::AlertReceived(alert) => (
            TlsFault::Other,
            format!("the host refused the handshake ({alert:?})"),
        ),
        Error::InvalidMessage(_) => (
            TlsFault::NotTls,
            "the host does not speak TLS at this port".to_owned(),
        ),
        Error::PeerIncompatible(_) => (
            TlsFault::Other,
            "the host offers neither TLS 1.2 nor TLS 1.3 with ciphers that are safe".to_owned(),
        ),
        other => (TlsFault::Other, other.to_string()),
    }
}

/// What is said in place of a missing trust in one authority where none is known at all.
pub(crate) fn nobody_trusted() -> (TlsFault, String) {
    let why = "this computer has no certificates of authorities, so that no host's certificate can be checked";
    (TlsFault::NobodyTrusted, why.to_owned())
}

/// Whether the host asks for a certificate: TLS 1.3 says so only after the handshake.
pub(crate) fn is_final_after_handshake(error: &Error) -> bool {
    read(error).0 == TlsFault::ClientCertificate
}

fn certificate(refused: &CertificateError) -> (TlsFault, String) {
    use CertificateError as C;
    let clock = |what: &str, moment: Option<(UnixTime, UnixTime)>| {
        let when = moment.map_or_else(String::new, |(limit, now)| {
            format!(" {}; this computer's clock says {}", date(limit), date(now))
        });
        (TlsFault::Clock, format!("its certificate {what}{when}"))
    };
    match refused {
        C::Expired => clock("expired", None),
        C::ExpiredContext { time, not_after } => clock("expired on", Some((*not_after, *time))),
        C::NotValidYet => clock("is not valid yet", None),
        C::NotValidYetContext { time, not_before } => {
            clock("is not valid yet: it begins on", Some((*not_before, *time)))
        }
        C::NotValidForName => (
            TlsFault::Name,
            "its certificate is not valid for this name".to_owned(),
        ),
        C::NotValidForNameContext {
            expected,
            presented,
        } => (
            TlsFault::Name,
            format!(
                "its certificate is not valid for {} but for {}",
                expected.to_str(),
                names(presented)
            ),
        ),
        C::UnknownIssuer | C::BadSignature => (
            TlsFault::Issuer,
            "its certificate was issued by nobody whom this computer or the account trusts"
                .to_owned(),
        ),
        C::Revoked => (TlsFault::Other, "its certificate was revoked".to_owned()),
        other if is_authority(other) => (
            TlsFault::SelfSigned,
            "its certificate is self-signed, made for an authority and not for a host".to_owned(),
        ),
        C::Other(other) => (TlsFault::Other, innermost(other)),
        other => (
            TlsFault::Other,
            format!("its certificate is refused: {other}"),
        ),
    }
}

/// Whether a certificate of an authority was shown as that of a host. The library below gives its
/// own library's error, which is not a type of this crate.
pub(crate) fn is_authority(refused: &CertificateError) -> bool {
    matches!(refused, CertificateError::Other(other) if innermost(other).contains("CaUsedAsEndEntity"))
}

fn innermost(error: &impl StdError) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

/// A few of the names in a certificate; they are foreign text.
fn names(presented: &[String]) -> String {
    let short = |name: &String| -> String {
        let name = name
            .chars()
            .filter(|c| !c.is_control())
            .take(80)
            .collect::<String>();
        let forms = [("DnsName(\"", "\")"), ("IpAddress(", ")")];
        let plain = forms
            .iter()
            .find_map(|(before, behind)| name.strip_prefix(before)?.strip_suffix(behind));
        plain.map_or(name.clone(), str::to_owned)
    };
    let mut shown: Vec<String> = presented.iter().take(3).map(short).collect();
    match presented.len() {
        0 => return "none at all".to_owned(),
        1..=3 => {}
        _ => shown.push("others".to_owned()),
    }
    shown.join(", ")
}

/// "2099-01-01 00:00 UTC".
fn date(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(second).map_or_else(
        |_| "a day beyond the calendar".to_owned(),
        |moment| moment.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(second: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(second))
    }

    #[test]
    fn a_wrong_clock_is_named_with_both_times() {
        let early = Error::InvalidCertificate(CertificateError::NotValidYetContext {
            time: at(1_795_871_191),
            not_before: at(4_070_908_800),
        });
        let (fault, words) = read(&early);
        assert_eq!(fault, TlsFault::Clock);
        assert_eq!(
            words,
            "its certificate is not valid yet: it begins on 2099-01-01 00:00 UTC; \
             this computer's clock says 2026-11-28 13:06 UTC"
        );
        let late = Error::InvalidCertificate(CertificateError::ExpiredContext {
            time: at(u64::MAX),
            not_after: at(0),
        });
        let (_, words) = read(&late);
        assert!(words.contains("expired on 1970-01-01"), "{words}");
    }

    #[test]
    fn no_word_of_the_library_is_shown_where_we_have_our_own() {
        let cases = [
            (
                Error::InvalidCertificate(CertificateError::UnknownIssuer),
                TlsFault::Issuer,
            ),
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                TlsFault::ClientCertificate,
            ),
            (
                Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                TlsFault::NotTls,
            ),
        ];
        for (error, expected) in cases {
            let (fault, words) = read(&error);
            assert_eq!(fault, expected);
            assert!(!words.contains("::") && !words.contains('('), "{words}");
            assert!(fault.help().ends_with('.'));
        }
    }
}
