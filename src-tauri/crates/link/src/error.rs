//! What can go wrong on the way to a reader.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use crate::{Channel, LinkAddress};

/// A failure of a link. Says nothing about the reader's state: the loader knows that.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nothing is there.
    #[error("Nothing is at {place}")]
    NotFound {
        /// Where it was looked for.
        place: String,
    },
    /// Something else is there than a port.
    #[error("{place} is not a serial port")]
    NotAPort {
        /// What was to be opened.
        place: String,
        /// What it is, or the system's words.
        why: String,
    },
    /// No computer has this name.
    #[error("{place} has a name that nobody has")]
    NameUnknown {
        /// The address.
        place: String,
        /// The system's words.
        why: String,
    },
    /// The system refuses to open it.
    #[error("{place} may not be opened: {why}")]
    Denied {
        /// The port.
        place: String,
        /// The system's reason.
        why: String,
    },
    /// The system refuses, and a rule of its device manager would permit it.
    #[error("{place} may not be opened: {why}")]
    NoPermission {
        /// The device.
        place: String,
        /// The system's reason.
        why: String,
        /// The line that permits it.
        rule: String,
    },
    /// The system lists it, and does not hand it to this program.
    #[error("{place} may not be opened: {why}")]
    Withheld {
        /// The device.
        place: String,
        /// The system's reason.
        why: String,
    },
    /// The device takes nothing from a computer that it is not paired with.
    #[error("{place} takes requests of paired computers only")]
    NotPaired {
        /// The device.
        place: String,
        /// The system's words.
        why: String,
    },
    /// The system has no driver through which a program could use it.
    #[error("{place} has no driver that a program could use")]
    DriverMissing {
        /// The device.
        place: String,
        /// The driver it needs: "`WinUSB`".
        driver: &'static str,
    },
    /// An address that several devices fit, none of which is taken for the other.
    #[error("{place} means {} devices", choices.len())]
    Ambiguous {
        /// The address.
        place: String,
        /// Addresses that mean one of them each.
        choices: Vec<String>,
    },
    /// The computer's radio is switched off, or it has none.
    #[error("{}", if *there { "Bluetooth is switched off" } else { "This computer has no Bluetooth that a program could use" })]
    RadioOff {
        /// What was to be reached over it.
        place: String,
        /// Whether there is one.
        there: bool,
    },
    /// Somebody else has it.
    #[error("{place} is held by another program")]
    Busy {
        /// The port.
        place: String,
    },
    /// Somebody else has it, and it is known who.
    #[error("{place} is in use by {by}")]
    InUse {
        /// The device.
        place: String,
        /// A program, or a driver of the system.
        by: String,
    },
    /// It was there and is gone: unplugged, or the other end closed.
    #[error("{place} went away")]
    Lost {
        /// The port.
        place: String,
    },
    /// No answer within the time the protocol allows.
    #[error("{place} does not answer")]
    Timeout {
        /// The port.
        place: String,
    },
    /// No answer within the time the protocol allows, and something else arrived meanwhile.
    #[error("{place} does not answer: {heard}")]
    Unanswered {
        /// The port.
        place: String,
        /// What arrived instead, a clause.
        heard: String,
        /// Where that may come from, a sentence.
        why: &'static str,
        /// What helps, a sentence.
        advice: &'static str,
    },
    /// The driver took another setting than the wanted one.
    #[error("{place} does not take {wanted} baud, its driver stays at {actual}")]
    RateRefused {
        /// The port.
        place: String,
        /// Bits per second that were asked for.
        wanted: u32,
        /// Bits per second the driver reports.
        actual: u32,
    },
    /// The port, its driver or the device cannot do it.
    #[error("{place} does not support {what}")]
    NotSupported {
        /// The port.
        place: String,
        /// What was asked for: "115200 8E1", "DTR".
        what: String,
    },
    /// The device refused a transfer. The link stays usable.
    #[error("{place} refused the request")]
    Stalled {
        /// The port.
        place: String,
    },
    /// More arrived than was taken in time; some of it is missing.
    #[error("{place} sent faster than it was read, and data is missing")]
    Overrun {
        /// The port.
        place: String,
    },
    /// Any other failure of the operating system.
    #[error("{place}: {source}")]
    Io {
        /// The port.
        place: String,
        /// The system's words.
        source: std::io::Error,
    },
}

impl LinkError {
    /// The failure of an open link as the system reported it: a line that ended, broke or whose device
    /// left is [`LinkError::Lost`], a refusing network peer is [`LinkError::NotFound`].
    pub fn from_io(place: &str, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let place = place.to_owned();
        match source.kind() {
            Kind::UnexpectedEof
            | Kind::BrokenPipe
            | Kind::ConnectionReset
            | Kind::ConnectionAborted => Self::Lost { place },
            Kind::ConnectionRefused | Kind::NotFound => Self::NotFound { place },
            Kind::PermissionDenied => Self::Denied {
                place,
                why: source.to_string(),
            },
            _ if source.raw_os_error().is_some_and(device_left) => Self::Lost { place },
            _ => Self::Io { place, source },
        }
    }
}

/// Whether the system's error number says that the device behind a port left. Linux
/// `errno-base.h`: 5 EIO, 6 ENXIO, 19 ENODEV; a serial driver gives them after an unplug.
fn device_left(errno: i32) -> bool {
    cfg!(unix) && matches!(errno, 5 | 6 | 19)
}

impl Diagnose for LinkError {
    fn diagnose(&self) -> Diagnosis {
        let what = self.to_string();
        match self {
            Self::NotFound { place } => Diagnosis::new(Code::LinkNotFound, what, "It is unplugged, switched off, or has another name now.")
                .remedy(reconnect(place)),
            Self::NotAPort { why, .. } => Diagnosis::new(Code::UnknownDestination, what, why.clone())
                .titled("This is not a port")
                .remedy(Remedy::Advice {
                    text: "Name the port that the reader is at.".into(),
                }),
            Self::NameUnknown { why, .. } => Diagnosis::new(Code::UnknownDestination, what, why.clone())
                .titled("The name is not known")
                .remedy(Remedy::Advice {
                    text: "Check the name, or give the reader's address.".into(),
                }),
            Self::Denied { place, why } => denied(what, place, why),
            Self::NotPaired { why, .. } => not_paired(what, why),
            Self::NoPermission { why, rule, .. } => Diagnosis::new(Code::LinkDenied, what, why.clone()).remedy(Remedy::Advice {
                text: format!("As root, write this line into /etc/udev/rules.d/70-firmdrop.rules, run `udevadm control --reload`, and plug the reader in again: {rule}"),
            }),
            Self::Withheld { why, .. } => Diagnosis::new(Code::LinkDenied, what, why.clone()).remedy(Remedy::Advice {
                text: "A container gets USB devices by a volume of /dev/bus/usb and a rule for devices of major 189, a snap by the connection raw-usb, a Flatpak by --device=all. Or run Firmdrop outside of it.".into(),
            }),
            Self::DriverMissing { driver, .. } => Diagnosis::new(Code::LinkDenied, what, "The system did not give the device a driver for programs.")
                .titled("The driver is missing")
                .remedy(Remedy::Advice {
                    text: format!("Install {driver} for this device, then plug it in again."),
                }),
            Self::Ambiguous { choices, .. } => Diagnosis::new(Code::UnknownDestination, what, "Several devices have these ids. None of them was opened.")
                .titled("Which device is meant?")
                .remedy(Remedy::Advice {
                    text: format!("Name one by its place: {}.", choices.join(", ")),
                }),
            Self::RadioOff { place, there } => Diagnosis::new(Code::RadioOff, what, format!("{place} can be reached over Bluetooth only."))
                .titled(if *there { "Bluetooth is off" } else { "There is no Bluetooth" })
                .remedy(Remedy::Advice {
                    text: if *there {
                        "Switch Bluetooth on in the system's settings.".into()
                    } else {
                        "Plug in a Bluetooth adapter, or start the system's Bluetooth service.".into()
                    },
                }),
            Self::Busy { .. } => Diagnosis::new(Code::LinkBusy, what, "A port can be used by one program at a time.")
                .remedy(Remedy::CloseOtherProgram),
            Self::InUse { by, .. } => Diagnosis::new(Code::LinkBusy, what, format!("{by} has it, and one at a time can use it."))
                .remedy(Remedy::CloseOtherProgram),
            Self::Lost { place } => Diagnosis::new(Code::LinkLost, what, "The port closed while it was in use.")
                .remedy(reconnect(place))
                .remedy(Remedy::Resume),
            Self::Timeout { place } => Diagnosis::new(Code::LinkTimeout, what, "The reader is silent, or speaks another protocol or rate.")
                .remedy(reconnect(place)),
            Self::Unanswered { why, advice, .. } => Diagnosis::new(Code::LinkTimeout, what, *why)
                .remedy(Remedy::advice(*advice)),
            Self::RateRefused { actual, .. } => Diagnosis::new(Code::LinkDenied, what, "The adapter or its driver does not know this rate.")
                .titled("The port refused the rate")
                .remedy(Remedy::Advice {
                    text: format!("Choose a rate the adapter knows, for example baud={actual}."),
                }),
            Self::NotSupported { place, .. } if is_on_the_air(place) => Diagnosis::new(Code::LinkDenied, what, "The device does not offer it, or this computer remembers what an earlier firmware of it offered.")
                .titled("The device does not support this")
                .remedy(Remedy::Advice {
                    text: "Switch Bluetooth of this computer off and on. If that changes nothing, remove the device from the system's list of Bluetooth devices, then try again.".into(),
                }),
            Self::NotSupported { .. } => Diagnosis::new(Code::LinkDenied, what, "The port, its driver or the device has no such setting.")
                .titled("The port does not support this")
                .remedy(Remedy::advice("Use another port or adapter.")),
            Self::Stalled { .. } => Diagnosis::new(Code::LinkLost, what, "The device answered a transfer with an error.")
                .titled("The device refused a transfer")
                .remedy(Remedy::Reconnect),
            Self::Overrun { .. } => Diagnosis::new(Code::LinkLost, what, "This computer was too busy to take the data in time.")
                .titled("Data from the device is missing")
                .remedy(Remedy::Reconnect),
            Self::Io { place, source } => {
                Diagnosis::new(Code::LinkLost, what, source.to_string())
                    .titled("The way to the reader failed")
                    .remedy(reconnect(place))
            }
        }
    }
}

/// A way that this account may not use.
fn denied(what: String, place: &str, why: &str) -> Diagnosis {
    let denied = Diagnosis::new(Code::LinkDenied, what, why);
    if is_on_the_air(place) {
        return denied
            .titled("Bluetooth may not be used")
            .remedy(Remedy::advice(
                "Let this account use the system's Bluetooth service: some systems have a group for it (often bluetooth), others let whoever is signed in at the computer.",
            ));
    }
    denied.remedy(Remedy::advice(
        "Add this account to the group that owns the port (often dialout), then sign in again.",
    ))
}

fn not_paired(what: String, why: &str) -> Diagnosis {
    let why = format!("The Bluetooth service says: {why}.");
    Diagnosis::new(Code::LinkDenied, what, why)
        .titled("The reader has to be paired")
        .remedy(Remedy::advice(
            "Pair it in the system's Bluetooth settings, then try again. Firmdrop pairs nothing by itself.",
        ))
}

fn is_on_the_air(place: &str) -> bool {
    let address = place.parse::<LinkAddress>();
    address.is_ok_and(|address| address.kind() == Channel::Ble)
}

/// What brings the reader at a place back: one on a network is not plugged in.
fn reconnect(place: &str) -> Remedy {
    let address = place.parse::<LinkAddress>();
    match address.map(|address| address.kind()) {
        Ok(Channel::Network) => Remedy::Advice {
            text: "Check that the reader has power and that its address is still the same.".into(),
        },
        _ => Remedy::Reconnect,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    // bluez/bluez #191, hbldh/bleak #882: services of the firmware before are remembered.
    #[test]
    fn the_advice_for_a_device_on_the_air_without_a_service_names_no_port() {
        let missing = |place: &str| LinkError::NotSupported {
            place: place.into(),
            what: "SMP: it offers no such service".into(),
        };
        let air = format!("{:?}", missing("ble:C0:11:22:33:44:55").diagnose());
        assert!(air.contains("an earlier firmware"), "{air}");
        assert!(!air.contains("another port"), "{air}");
        let port = format!("{:?}", missing("serial:/dev/ttyACM0").diagnose());
        assert!(port.contains("another port"), "{port}");
    }

    #[test]
    fn the_advice_for_bluetooth_that_may_not_be_used_names_no_port() {
        let denied = |place: &str| LinkError::Denied {
            place: place.into(),
            why: "Rejected send message".into(),
        };
        let air = format!("{:?}", denied("ble:C0:11:22:33:44:55").diagnose());
        assert!(
            air.contains("Bluetooth service") && !air.contains("port"),
            "{air}"
        );
        let port = format!("{:?}", denied("serial:/dev/ttyACM0").diagnose());
        assert!(port.contains("dialout"), "{port}");
    }

    #[test]
    fn every_failure_of_a_link_offers_a_way_out() {
        let place = || "/dev/ttyACM0".to_owned();
        for error in [
            LinkError::NotFound { place: place() },
            LinkError::NotAPort {
                place: place(),
                why: "It is a folder.".into(),
            },
            LinkError::NameUnknown {
                place: place(),
                why: "name not known".into(),
            },
            LinkError::Denied {
                place: place(),
                why: "permission denied".into(),
            },
            LinkError::NoPermission {
                place: place(),
                why: "permission denied".into(),
                rule: "SUBSYSTEM==\"usb\"".into(),
            },
            LinkError::NotPaired {
                place: place(),
                why: "Authentication Failed".into(),
            },
            LinkError::Withheld {
                place: place(),
                why: "no such file".into(),
            },
            LinkError::DriverMissing {
                place: place(),
                driver: "WinUSB",
            },
            LinkError::Ambiguous {
                place: place(),
                choices: vec!["a".into(), "b".into()],
            },
            LinkError::RadioOff {
                place: place(),
                there: false,
            },
            LinkError::Busy { place: place() },
            LinkError::InUse {
                place: place(),
                by: "dfu-util".into(),
            },
            LinkError::Lost { place: place() },
            LinkError::Timeout { place: place() },
            LinkError::Unanswered {
                place: place(),
                heard: "12 bytes arrived".into(),
                why: "Something else is there.",
                advice: "Check the port.",
            },
            LinkError::RateRefused {
                place: place(),
                wanted: 12_000_000,
                actual: 9600,
            },
            LinkError::NotSupported {
                place: place(),
                what: "115200 8E1".into(),
            },
            LinkError::Stalled { place: place() },
            LinkError::Overrun { place: place() },
            LinkError::Io {
                place: place(),
                source: Error::other("a strange failure"),
            },
        ] {
            let diagnosis = error.diagnose();
            assert!(!diagnosis.remedies.is_empty(), "{error}");
            let said = format!("{} {}", diagnosis.what_happened, diagnosis.why);
            assert!(said.contains("/dev/ttyACM0"), "{error}");
        }
    }

    #[test]
    fn a_reader_on_the_network_is_not_to_be_plugged_in_again() {
        let silent = |place: &str| LinkError::Timeout {
            place: place.into(),
        };
        let remedies = |place: &str| silent(place).diagnose().remedies;
        assert!(!remedies("udp:127.0.0.1:1337").contains(&Remedy::Reconnect));
        assert!(remedies("serial:/dev/ttyACM0").contains(&Remedy::Reconnect));
    }

    #[test]
    fn an_unplugged_device_is_distinguished_from_other_failures() {
        let of = |source| LinkError::from_io("p", source);
        for gone in [
            Error::from(ErrorKind::UnexpectedEof),
            Error::from(ErrorKind::BrokenPipe),
        ] {
            assert!(matches!(of(gone), LinkError::Lost { .. }));
        }
        if cfg!(unix) {
            assert!(matches!(
                of(Error::from_raw_os_error(5)),
                LinkError::Lost { .. }
            ));
        }
        assert!(matches!(
            of(Error::from(ErrorKind::ConnectionRefused)),
            LinkError::NotFound { .. }
        ));
        assert!(matches!(of(Error::other("x")), LinkError::Io { .. }));
    }
}
