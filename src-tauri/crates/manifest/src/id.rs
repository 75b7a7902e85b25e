//! Vendor and class ids: sixteen bytes that a device compares byte for byte.
//!
//! Not a device's own id, and no name: the name cannot be computed back.

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::ManifestError;

/// A vendor id or a class id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "specta", specta(transparent))]
pub struct Id(#[cfg_attr(feature = "specta", specta(type = String))] Uuid);

impl Id {
    /// The id of a vendor that is known by its domain: UUID version 5 in the DNS namespace
    /// (RFC 9562), which is what the vendor's tools compute. Fails when the text is no domain.
    pub fn vendor_of_domain(domain: &str) -> Result<Self, ManifestError> {
        let has_inner_dot = domain
            .trim_matches('.')
            .split_once('.')
            .is_some_and(|(host, rest)| !host.is_empty() && !rest.is_empty());
        if !has_inner_dot || domain.contains(char::is_whitespace) {
            let why = format!("`{}` is no domain; write example.com", shown(domain));
            return Err(ManifestError::impossible("vendor domain", why));
        }
        Ok(Self(Uuid::new_v5(&Uuid::NAMESPACE_DNS, domain.as_bytes())))
    }

    /// The id of a device class: UUID version 5 of the model's name under the vendor's id.
    pub fn class_of_model(vendor: Self, model: &str) -> Result<Self, ManifestError> {
        if model.is_empty() {
            return Err(ManifestError::impossible("model name", "it is empty"));
        }
        Ok(Self(Uuid::new_v5(&vendor.0, model.as_bytes())))
    }

    /// Reads 32 hexadecimal digits, with or without the hyphens of a UUID: the service writes the
    /// class of a manifest with them and the class of a device without.
    pub fn read(text: &str) -> Result<Self, ManifestError> {
        let plain = matches!(text.len(), 32 | 36);
        match Uuid::try_parse(text) {
            Ok(uuid) if plain => Ok(Self(uuid)),
            _ => Err(ManifestError::impossible(
                "id",
                format!("`{}` has not 32 hexadecimal digits", shown(text)),
            )),
        }
    }

    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The bytes as a manifest carries them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// 32 digits without hyphens, as the service writes a device's class.
    pub fn without_hyphens(self) -> String {
        self.0.simple().to_string()
    }
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_the_vendors_tools_compute_from_domain_and_model() {
        let vendor = Id::vendor_of_domain("example.com").unwrap();
        assert_eq!(vendor.to_string(), "cfbff0d1-9375-5685-968c-48ce8b15ae17");
        let class = Id::class_of_model(vendor, "Widget").unwrap();
        assert_eq!(class.to_string(), "c9e5e8a4-dd02-584f-bcad-02e9cd816d21");
    }

    #[test]
    fn both_spellings_of_an_id_are_the_same_id() {
        let hyphens = Id::read("c9e5e8a4-dd02-584f-bcad-02e9cd816d21").unwrap();
        let plain = Id::read("C9E5E8A4DD02584FBCAD02E9CD816D21").unwrap();
        assert_eq!(hyphens, plain);
        assert_eq!(plain.without_hyphens(), "c9e5e8a4dd02584fbcad02e9cd816d21");
    }

    #[test]
    fn what_is_no_id_or_no_domain_is_refused() {
        for text in ["", "c9e5", "{c9e5e8a4-dd02-584f-bcad-02e9cd816d21}", "zz"] {
            assert!(Id::read(text).is_err(), "{text}");
        }
        for text in ["", "example", "exa mple.com", ".com", "example."] {
            assert!(Id::vendor_of_domain(text).is_err(), "{text}");
        }
    }
}
