//! What the errors of the driver mean.

use btleplug::Error;

use crate::LinkError;

/// The failure of a request. What D-Bus says is text: its error names are lost in the driver.
pub(super) fn failed(place: &str, error: &Error) -> LinkError {
    let place = place.to_owned();
    let mut why = error.to_string();
    if why.trim().is_empty() {
        "the Bluetooth service refused, without a reason".clone_into(&mut why);
    }
    let says = |what: &str| why.contains(what);
    match error {
        Error::PermissionDenied => LinkError::Denied { place, why },
        Error::DeviceNotFound => LinkError::NotFound { place },
        Error::NotConnected => LinkError::Lost { place },
        Error::TimedOut(_) => LinkError::Timeout { place },
        Error::NotSupported(what) => LinkError::NotSupported {
            place,
            what: what.clone(),
        },
        Error::NoAdapterAvailable => LinkError::RadioOff {
            place,
            there: false,
        },
        _ if says("AccessDenied") || says("not allowed") || says("Rejected send message") => {
            LinkError::Denied { place, why }
        }
        _ if is_about_pairing(&why) => LinkError::NotPaired { place, why },
        // What BlueZ says of a device that disconnected.
        _ if says("Not connected") || says("Not Connected") || says("UnknownObject") => {
            LinkError::Lost { place }
        }
        _ => LinkError::Io {
            place,
            source: std::io::Error::other(why),
        },
    }
}

/// Whether a device refused because it does not know this computer. Its own codes: Core Specification, volume 3, part F,
/// 3.4.1.1: 0x05 and 0x08 authentication and authorization, 0x0C and 0x0F encryption.
fn is_about_pairing(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    let words = ["authentication", "authorization", "insufficient encryption"];
    let codes = ["0x05", "0x08", "0x0c", "0x0f"];
    let is_code = |code: &&str| {
        why.strip_suffix(*code)
            .is_some_and(|before| before.trim_end().ends_with("att error:"))
    };
    words.iter().any(|word| why.contains(word)) || codes.iter().any(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Zephyr, CONFIG_MCUMGR_TRANSPORT_BT_PERM_RW_AUTHEN.
    #[test]
    fn a_device_that_takes_requests_of_paired_computers_only_is_said_to_be_that() {
        let other = |text: &str| failed("ble:x", &Error::Other(text.to_owned().into()));
        for text in [
            "Authentication Failed",
            "Authentication Rejected",
            "Insufficient authentication",
            "Insufficient Authorization",
            "Insufficient Encryption",
            "Operation failed with ATT error: 0x05",
            "Operation failed with ATT error: 0x0F",
        ] {
            let error = other(text);
            assert!(
                matches!(error, LinkError::NotPaired { .. }),
                "{text}: {error:?}"
            );
        }
        for text in [
            "Write not permitted",
            "Operation failed with ATT error: 0x0e",
        ] {
            let error = other(text);
            assert!(matches!(error, LinkError::Io { .. }), "{text}: {error:?}");
        }
    }

    #[test]
    fn a_refusal_without_words_is_said_to_have_none() {
        let error = failed("ble:x", &Error::Other(String::new().into()));
        assert!(error.to_string().contains("without a reason"), "{error}");
    }

    #[test]
    fn a_device_that_disconnected_is_told_from_one_that_refuses() {
        let other = |text: &str| failed("ble:x", &Error::Other(text.to_owned().into()));
        assert!(matches!(other("Not connected"), LinkError::Lost { .. }));
        assert!(matches!(
            other("org.freedesktop.DBus.Error.AccessDenied: no"),
            LinkError::Denied { .. }
        ));
        assert!(matches!(
            other("Failed to initiate write"),
            LinkError::Io { .. }
        ));
        assert!(matches!(
            failed("ble:x", &Error::NotConnected),
            LinkError::Lost { .. }
        ));
    }
}
