//! Certificates as Pelion uses them: containers of a public key.
//!
//! No chain is followed and no authority is asked; devices do neither (client 4.13.4).

use der::{Decode as _, Encode as _};
use firmdrop_core::{Check, CheckResult, Moment, Sha256};
use serde::Serialize;
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::fields::shown;
use crate::limits::KEY_FILE_BYTES;
use crate::{Hex, Id, ManifestError, PublicKey};

/// What the unit in a subject begins with when it names the device class.
pub(crate) const CLASS: &str = "class ";
/// What the organization in a subject begins with when it names the vendor's id.
pub(crate) const VENDOR: &str = "vendor ";
/// The unit in the subject of a development certificate.
pub(crate) const DEVELOPMENT: &str = "development";

/// A certificate with a P-256 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: PublicKey,
    facts: CertificateFacts,
}

/// What a certificate says about itself. Nobody has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CertificateFacts {
    /// Whose it is: `CN=front-door`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// SHA-256 of its DER: how a v1 manifest names it.
    pub fingerprint: Sha256,
    /// The uncompressed point of its key.
    pub public_key: Hex,
    /// Valid from.
    pub not_before: Moment,
    /// Valid to.
    pub not_after: Moment,
    /// The vendor id noted in its subject.
    pub vendor_id: Option<Id>,
    /// The class id noted in its subject.
    pub class_id: Option<Id>,
    /// Whether it is of the kind development tools make.
    pub is_development: bool,
}

impl Certificate {
    /// Reads a certificate, DER or PEM.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > KEY_FILE_BYTES {
            return Err(ManifestError::certificate("the file is too large for one"));
        }
        let der = match pem_certificate(bytes) {
            Some(der) => der,
            None => bytes.to_vec(),
        };
        let parsed = x509_cert::Certificate::from_der(&der).map_err(|error| {
            ManifestError::certificate(format!("it is no X.509 certificate: {error}"))
        })?;
        let content = parsed.tbs_certificate();
        let info = content.subject_public_key_info().to_der();
        let public_key = info
            .ok()
            .and_then(|info| PublicKey::from_info(&info))
            .ok_or_else(|| ManifestError::certificate("its key is not on the curve P-256"))?;
        let subject = content.subject();
        let facts = CertificateFacts {
            subject: shown(&subject.to_string()),
            issuer: shown(&content.issuer().to_string()),
            fingerprint: Sha256::of(&der),
            public_key: Hex(public_key.point()),
            not_before: moment(content.validity().not_before),
            not_after: moment(content.validity().not_after),
            vendor_id: noted_id(subject, VENDOR),
            class_id: noted_id(subject, CLASS),
            is_development: is_development(subject),
        };
        Ok(Self {
            der,
            public_key,
            facts,
        })
    }

    /// Its DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// What it says about itself.
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// The check of its validity at a moment. Only ever a warning: devices take the key out of a
    /// certificate and read no date.
    pub fn validity(&self, now: Moment) -> Check {
        let facts = &self.facts;
        let (result, why) = if now < facts.not_before {
            let why = format!(
                "It becomes valid at {}; devices do not look.",
                facts.not_before
            );
            (CheckResult::Warning, why)
        } else if now > facts.not_after {
            let why = format!("It expired at {}; devices do not look.", facts.not_after);
            (CheckResult::Warning, why)
        } else {
            (
                CheckResult::Passed,
                format!("It is valid until {}.", facts.not_after),
            )
        };
        Check::new("Certificate's validity", result, why)
    }

    /// The check that vendor and class noted in the certificate are those of a manifest.
    pub fn matches_ids(&self, vendor: Id, class: Id) -> Check {
        let differs = |noted: Option<Id>, id: Id| noted.is_some_and(|noted| noted != id);
        let facts = &self.facts;
        let (result, why) = match (facts.vendor_id, facts.class_id) {
            (None, None) => (
                CheckResult::NotMade,
                "The certificate notes no ids.".to_owned(),
            ),
            _ if differs(facts.vendor_id, vendor) || differs(facts.class_id, class) => (
                CheckResult::Warning,
                "The certificate was made for another vendor or class.".to_owned(),
            ),
            _ => (
                CheckResult::Passed,
                "The certificate notes the same ids.".to_owned(),
            ),
        };
        Check::new("Ids in the certificate", result, why)
    }
}

/// The DER of the first certificate in PEM; `None` when the bytes are no PEM.
fn pem_certificate(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let start = text.find("-----BEGIN CERTIFICATE-----")?;
    let end_label = "-----END CERTIFICATE-----";
    let rest = text.get(start..)?;
    let block = rest.get(..rest.find(end_label)? + end_label.len())?;
    let (_, der) = der::pem::decode_vec(block.as_bytes()).ok()?;
    Some(der)
}

fn moment(time: Time) -> Moment {
    let milliseconds = i64::try_from(time.to_unix_duration().as_millis());
    Moment::from_millisecond(milliseconds.unwrap_or(i64::MAX))
}

/// Every text in a subject: organizations, units, names.
fn texts(subject: &Name) -> Vec<String> {
    let values = subject.iter().map(|attribute| &attribute.value);
    values
        .filter_map(|value| std::str::from_utf8(value.value()).ok().map(str::to_owned))
        .collect()
}

fn noted_id(subject: &Name, prefix: &str) -> Option<Id> {
    let texts = texts(subject);
    let mut ids = texts.iter().filter_map(|text| text.strip_prefix(prefix));
    ids.find_map(|id| Id::read(id).ok())
}

/// Our own mark, or the subject that `manifest-dev-tool init` (2.6.2) gives: `CN=localhost`.
fn is_development(subject: &Name) -> bool {
    texts(subject)
        .iter()
        .any(|text| text == DEVELOPMENT || text == "localhost")
}
