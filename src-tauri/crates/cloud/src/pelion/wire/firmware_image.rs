//! Firmware images, as the service tells them.

use serde::{Deserialize, Serialize};

use super::{id::id, or_empty};
use crate::json_value::{maybe_flag, maybe_number, maybe_text};

/// A firmware image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FirmwareImage {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// Where devices fetch it.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub datafile: String,
    /// Its SHA-256, hexadecimal, as the service writes it.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub datafile_checksum: String,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub datafile_size: Option<u64>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
    /// A short relative address of the same, which makes a manifest smaller; newer services only.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub short_datafile: Option<String>,
    /// Whether the service keeps an encrypted copy; newer services only.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub datafile_encryption: Option<bool>,
    /// SHA-256 of the encrypted copy, hexadecimal.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub encrypted_datafile_checksum: Option<String>,
    /// Size of the encrypted copy, bytes.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub encrypted_datafile_size: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_an_old_and_of_a_new_service_can_be_read() {
        let old = r#"{"completed":true,"datafile":"http://example.com/1","datafile_checksum":"1234",
            "datafile_size":27,"id":"01658f9a587800000000000100100024","name":"n"}"#;
        let old: FirmwareImage = serde_json::from_str(old).unwrap();
        assert_eq!((old.datafile_size, old.short_datafile), (Some(27), None));
        let new = r#"{"id":"a","object":"firmware-image","short_datafile":"/fw/x","datafile_encryption":true,
            "encrypted_datafile_checksum":"ab","encrypted_datafile_size":123}"#;
        let new: FirmwareImage = serde_json::from_str(new).unwrap();
        assert_eq!(new.short_datafile.as_deref(), Some("/fw/x"));
        assert_eq!(new.encrypted_datafile_size, Some(123));
    }
}
