//! What libusb's errors mean.

use std::io;

use crate::LinkError;

/// The failure of an open device.
pub(super) fn failed(place: &str, error: rusb::Error) -> LinkError {
    let place = place.to_owned();
    match error {
        rusb::Error::Pipe => LinkError::Stalled { place },
        rusb::Error::Timeout => LinkError::Timeout { place },
        rusb::Error::NoDevice | rusb::Error::NotFound => LinkError::Lost { place },
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

#[cfg(test)]
mod tests {
    use super::*;

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
