//! Makes a certificate that a manifest key signs for itself.
//!
//! A container for the public key, as `openssl req -x509` makes one: no authority, no chain.

use std::str::FromStr as _;
use std::time::Duration;

use der::{DateTime, Encode as _};
use firmdrop_core::Moment;
use p256::elliptic_curve::common::getrandom;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder as _, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use crate::certificate::{CLASS, DEVELOPMENT, VENDOR};
use crate::{Certificate, Id, ManifestError, SigningKey};

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// Longest common name (RFC 5280, upper bound `ub-common-name`).
const NAME_CHARACTERS: usize = 64;

/// What a new certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDraft {
    /// Common name: letters, digits, space, `.`, `-` and `_`.
    pub name: String,
    /// The vendor id to note in it.
    pub vendor_id: Option<Id>,
    /// The class id to note in it.
    pub class_id: Option<Id>,
    /// Whether it is for development.
    pub is_development: bool,
    /// Valid from.
    pub not_before: Moment,
    /// Days it is valid.
    pub days: u32,
}

impl CertificateDraft {
    /// Makes the certificate and signs it with the key it is about.
    pub fn sign(&self, key: &SigningKey) -> Result<Certificate, ManifestError> {
        let build = || -> Result<Vec<u8>, x509_cert::builder::Error> {
            let info = SubjectPublicKeyInfo::from_key(key.0.verifying_key())?;
            let profile = KeyContainer(self.subject()?);
            let builder =
                CertificateBuilder::new(profile, serial_number()?, self.validity()?, info)?;
            let certificate = builder.build::<_, p256::ecdsa::DerSignature>(&key.0)?;
            Ok(certificate.to_der()?)
        };
        self.check_name()?;
        let der = build().map_err(|error| {
            ManifestError::impossible("certificate", format!("it cannot be made: {error}"))
        })?;
        Certificate::read(&der)
    }

    fn check_name(&self) -> Result<(), ManifestError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        let is_fit = !self.name.trim().is_empty()
            && self.name.trim() == self.name
            && self.name.len() <= NAME_CHARACTERS
            && self.name.chars().all(is_plain);
        if is_fit {
            return Ok(());
        }
        Err(ManifestError::impossible(
            "name of the certificate",
            format!("it takes 1 to {NAME_CHARACTERS} letters, digits, spaces, `.`, `-` and `_`"),
        ))
    }

    fn subject(&self) -> Result<Name, der::Error> {
        let mut parts = vec![format!("CN={}", self.name)];
        if self.is_development {
            parts.push(format!("OU={DEVELOPMENT}"));
        }
        parts.extend(self.class_id.map(|id| format!("OU={CLASS}{id}")));
        parts.extend(self.vendor_id.map(|id| format!("O={VENDOR}{id}")));
        Name::from_str(&parts.join(","))
    }

    fn validity(&self) -> Result<Validity, der::Error> {
        let start = u64::try_from(self.not_before.as_millisecond()).unwrap_or(0) / 1000;
        let end = start.saturating_add(u64::from(self.days).saturating_mul(DAY_SECONDS));
        let time =
            |seconds| DateTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::from);
        Ok(Validity::new(time(start)?, time(end)?))
    }
}

/// A random serial number below 2^127, positive as RFC 5280 asks.
fn serial_number() -> Result<SerialNumber, der::Error> {
    let mut number = [0_u8; 16];
    getrandom::fill(&mut number).map_err(|_| der::ErrorKind::Failed)?;
    number[0] = (number[0] & 0x7f) | 0x40;
    SerialNumber::new(&number)
}

/// The profile of a certificate that only carries a signing key.
struct KeyContainer(Name);

impl BuilderProfile for KeyContainer {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        spk: SubjectPublicKeyInfoRef<'_>,
        _issuer_spk: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let mut extensions = Vec::new();
        let constraints = BasicConstraints {
            ca: false,
            path_len_constraint: None,
        };
        extensions.push(constraints.to_extension(tbs.subject(), &extensions)?);
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        extensions.push(usage.to_extension(tbs.subject(), &extensions)?);
        let identifier = SubjectKeyIdentifier::try_from(spk)?;
        extensions.push(identifier.to_extension(tbs.subject(), &extensions)?);
        Ok(extensions)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::CheckResult;

    use super::*;

    fn draft() -> CertificateDraft {
        let vendor = Id::vendor_of_domain("example.com").unwrap();
        CertificateDraft {
            name: "front door".to_owned(),
            vendor_id: Some(vendor),
            class_id: Some(Id::class_of_model(vendor, "Widget").unwrap()),
            is_development: false,
            not_before: Moment::from_millisecond(1_700_000_000_000),
            days: 365,
        }
    }

    #[test]
    fn a_made_certificate_reads_back_with_key_ids_and_dates() {
        let key = SigningKey::generate().unwrap();
        let certificate = draft().sign(&key).unwrap();
        assert_eq!(*certificate.public_key(), key.public_key());
        let facts = certificate.facts();
        assert_eq!(facts.vendor_id, draft().vendor_id);
        assert_eq!(facts.class_id, draft().class_id);
        assert!(facts.subject.contains("CN=front door") && facts.subject == facts.issuer);
        assert!(!facts.is_development);
        assert_eq!(facts.not_before, draft().not_before);
        assert_eq!(
            facts.fingerprint,
            firmdrop_core::Sha256::of(certificate.der())
        );
    }

    #[test]
    fn an_expired_certificate_is_a_warning_because_devices_do_not_look() {
        let key = SigningKey::generate().unwrap();
        let certificate = draft().sign(&key).unwrap();
        let at = |days: i64| {
            let milliseconds = 1_700_000_000_000 + days * 86_400_000;
            certificate
                .validity(Moment::from_millisecond(milliseconds))
                .result
        };
        assert_eq!(at(-1), CheckResult::Warning);
        assert_eq!(at(1), CheckResult::Passed);
        assert_eq!(at(366), CheckResult::Warning);
    }

    #[test]
    fn a_development_certificate_and_another_class_are_told() {
        let key = SigningKey::generate().unwrap();
        let development = CertificateDraft {
            is_development: true,
            ..draft()
        };
        let certificate = development.sign(&key).unwrap();
        assert!(certificate.facts().is_development);
        let vendor = Id::vendor_of_domain("example.com").unwrap();
        let other = Id::class_of_model(vendor, "Other").unwrap();
        assert_eq!(
            certificate.matches_ids(vendor, other).result,
            CheckResult::Warning
        );
    }

    #[test]
    fn a_name_that_would_break_the_subject_is_refused() {
        let key = SigningKey::generate().unwrap();
        for name in ["", "a,O=b", "a+b", " a", "é", "a\nb"] {
            let draft = CertificateDraft {
                name: name.to_owned(),
                ..draft()
            };
            assert!(draft.sign(&key).is_err(), "{name}");
        }
    }
}
