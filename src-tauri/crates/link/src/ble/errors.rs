//! What the errors of the driver mean.

use btleplug::Error;

use crate::LinkError;

/// The failure of a request. What D-Bus says is text: its error names are lost in the driver.
pub(super) fn failed(place: &str, error: &Error) -> LinkError {
    let place = place.to_owned();
    let why = error.to_string();
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

#[cfg(test)]
mod tests {
    use super::*;

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
