//! What libusb's errors mean.

use std::io;

use crate::LinkError;

/// The failure of an open device.
pub(super) fn failed(place: &str, error: rusb::Error) -> LinkError {
    let place = place.to_owned();
    match error {
        rusb::Error::Pipe => LinkError::Stalled { place },
        rusb::Error::Timeout => LinkError::Timeout { place },
        rusb::Error::NoDevice => LinkError::Lost { place },
        rusb::Error::NotFound => LinkError::NotSupported {
            place,
            what: "this interface or alternate setting".into(),
        },
        rusb::Error::Overflow => LinkError::Overrun { place },
        rusb::Error::Busy => LinkError::Busy { place },
        rusb::Error::Access => LinkError::Denied {
            place,
            why: error.to_string(),
        },
        rusb::Error::NotSupported => LinkError::NotSupported {
            place,
            what: "this request".into(),
        },
        other => LinkError::Io {
            place,
            source: io::Error::other(other),
        },
    }
}

/// The failure of a reset. libusb says `NotFound` when the device came back as another one.
pub(super) fn failed_reset(place: &str, error: rusb::Error) -> LinkError {
    match error {
        rusb::Error::NotFound => LinkError::Lost {
            place: place.to_owned(),
        },
        error => failed(place, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_after_a_reset_an_interface_that_is_not_found_means_that_the_device_left() {
        let claim = failed("usb:1-2", rusb::Error::NotFound);
        assert!(matches!(claim, LinkError::NotSupported { .. }), "{claim}");
        let reset = failed_reset("usb:1-2", rusb::Error::NotFound);
        assert!(matches!(reset, LinkError::Lost { .. }), "{reset}");
    }

    #[test]
    fn a_refusal_silence_and_a_device_that_left_are_told_apart() {
        let of = |error| failed("usb:1-2", error);
        assert!(matches!(of(rusb::Error::Pipe), LinkError::Stalled { .. }));
        assert!(matches!(
            of(rusb::Error::Timeout),
            LinkError::Timeout { .. }
        ));
        assert!(matches!(of(rusb::Error::NoDevice), LinkError::Lost { .. }));
        assert!(matches!(of(rusb::Error::Io), LinkError::Io { .. }));
    }
}
