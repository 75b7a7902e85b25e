//! Opens one serial port.
//!
//! Eight data bits, no parity, one stop bit, no flow control. A protocol that wants other settings
//! changes them through [`crate::LineControl`].

use std::{io, path::Path};

use tokio_serial::{ErrorKind, SerialPort, SerialPortBuilderExt};

use super::latency::LowLatency;
use super::stream::SerialLink;
use crate::LinkError;

/// Opens the port exclusively. Blocks while the driver works; needs a runtime's context.
pub(super) fn open(port: &str, baud: u32) -> Result<SerialLink, LinkError> {
    #[cfg(unix)]
    device(port)?;
    let builder = tokio_serial::new(port, baud);
    let mut stream = builder
        .open_native_async()
        .map_err(|error| refused(port, &error))?;
    // Zephyr's CDC ACM sends nothing before the host raises DTR. A port without modem lines (a
    // pseudo terminal, three wires) refuses with ENOTTY; it works all the same.
    let _ = stream.write_data_terminal_ready(true);
    let _ = stream.write_request_to_send(true);
    // A driver may take the call and stay at another rate: ftdi_sio answers 12 Mbaud with 9600.
    let actual = stream.baud_rate().map_err(|error| refused(port, &error))?;
    if actual != baud {
        return Err(LinkError::RateRefused {
            place: port.to_owned(),
            wanted: baud,
            actual,
        });
    }
    let low_latency = LowLatency::set(Path::new(port));
    Ok(SerialLink::new(port, stream, low_latency))
}

/// Refuses what is there and is no device. Nothing there, or nothing to be seen, is left to the opening.
#[cfg(unix)]
fn device(port: &str) -> Result<(), LinkError> {
    use std::os::unix::fs::FileTypeExt as _;
    let why = match std::fs::metadata(port) {
        Ok(found) if found.file_type().is_char_device() => return Ok(()),
        Ok(found) if found.is_dir() => "It is a folder.".to_owned(),
        Ok(found) if found.is_file() => "It is a file.".to_owned(),
        Ok(_) => "It is no device.".to_owned(),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
            ) =>
        {
            return Ok(());
        }
        Err(error) => error.to_string(),
    };
    let place = port.to_owned();
    Err(LinkError::NotAPort { place, why })
}

/// How C libraries word ENOTTY: a device without the settings of a line.
const NO_LINE: [&str; 3] = [
    "Not a typewriter",
    "Not a tty",
    "Inappropriate ioctl for device",
];

/// How the serial crate words EIO, ENXIO and ENODEV, whose numbers it does not hand on: the device
/// left while its port was being opened.
const LEFT: [&str; 3] = ["I/O error", "No such device or address", "No such device"];

/// The failure of a port in the words of the crate `serialport`.
pub(super) fn refused(port: &str, error: &tokio_serial::Error) -> LinkError {
    let place = port.to_owned();
    let why = error.description.clone();
    match error.kind {
        // The crate says so both for TIOCEXCL and for its own lock.
        ErrorKind::NoDevice if Path::new(port).exists() => LinkError::Busy { place },
        ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::NotFound) => {
            LinkError::NotFound { place }
        }
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => LinkError::Denied { place, why },
        ErrorKind::Io(kind) => LinkError::Io {
            place,
            source: io::Error::new(kind, why),
        },
        ErrorKind::Unknown if NO_LINE.contains(&why.as_str()) => LinkError::NotAPort {
            place,
            why: format!("The system says: {why}."),
        },
        ErrorKind::Unknown if LEFT.contains(&why.as_str()) => LinkError::Lost { place },
        ErrorKind::Unknown | ErrorKind::InvalidInput => LinkError::Io {
            place,
            source: io::Error::other(why),
        },
    }
}

#[cfg(test)]
mod tests {
    use tokio_serial::{Error, ErrorKind};

    use super::refused;
    use crate::{Link, LinkAddress, LinkError, Provider, SerialPorts};

    #[test]
    fn a_device_that_leaves_while_its_port_is_opened_is_lost() {
        let left = Error::new(ErrorKind::Unknown, "I/O error");
        assert!(matches!(refused("p", &left), LinkError::Lost { .. }));
        let other = Error::new(ErrorKind::Unknown, "Value too large for defined data type");
        assert!(matches!(refused("p", &other), LinkError::Io { .. }));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_a_folder_a_loop_of_links_and_a_device_without_a_line_are_not_ports() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("loop");
        std::os::unix::fs::symlink(&link, &link).unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        for place in [
            &link,
            &file,
            folder.path(),
            std::path::Path::new("/dev/null"),
        ] {
            let address = LinkAddress::serial(place.to_str().unwrap(), 115_200);
            let opened: Result<Link, _> = SerialPorts.open(&address).await;
            let Err(LinkError::NotAPort { why, .. }) = opened else {
                panic!("{}: {opened:?}", place.display());
            };
            assert!(!why.is_empty());
        }
    }

    #[test]
    fn a_port_that_somebody_holds_is_busy_and_one_that_is_gone_is_not_found() {
        let held = Error::new(ErrorKind::NoDevice, "locked");
        let there = std::env::current_exe().unwrap();
        let there = there.to_str().unwrap();
        assert!(matches!(refused(there, &held), LinkError::Busy { .. }));
        assert!(matches!(
            refused("/dev/there-is-no-such-port", &held),
            LinkError::NotFound { .. }
        ));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_port_that_is_not_there_is_not_found() {
        let address = LinkAddress::serial("/dev/there-is-no-such-port", 115_200);
        let opened: Result<Link, _> = SerialPorts.open(&address).await;
        assert!(
            matches!(opened, Err(LinkError::NotFound { .. })),
            "{opened:?}"
        );
    }
}
