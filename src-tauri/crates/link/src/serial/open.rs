//! Opens one serial port and carries its bytes.
//!
//! Eight data bits, no parity, one stop bit, no flow control: what SMP consoles use.

use std::{
    io,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{ErrorKind, SerialPort, SerialPortBuilderExt, SerialStream};

use super::latency::LowLatency;
use crate::LinkError;

/// Opens the port exclusively. Blocks while the driver works; needs a runtime's context.
pub(super) fn open(port: &str, baud: u32) -> Result<SerialLink, LinkError> {
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
    Ok(SerialLink {
        stream,
        _low_latency: LowLatency::set(Path::new(port)),
    })
}

/// How the serial crate words EIO, ENXIO and ENODEV, whose numbers it does not hand on: the device
/// left while its port was being opened.
const LEFT: [&str; 3] = ["I/O error", "No such device or address", "No such device"];

fn refused(port: &str, error: &tokio_serial::Error) -> LinkError {
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
        ErrorKind::Unknown if LEFT.contains(&why.as_str()) => LinkError::Lost { place },
        ErrorKind::Unknown | ErrorKind::InvalidInput => LinkError::Io {
            place,
            source: io::Error::other(why),
        },
    }
}

/// An open port. Dropping it closes the port and puts the adapter's latency back.
#[derive(Debug)]
pub(super) struct SerialLink {
    stream: SerialStream,
    _low_latency: Option<LowLatency>,
}

impl AsyncRead for SerialLink {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for SerialLink {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    /// Every byte is the driver's once it is written. The crate's own flush waits in `tcdrain` and
    /// would hold up every task of the thread.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
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
        let other = Error::new(ErrorKind::Unknown, "Inappropriate ioctl for device");
        assert!(matches!(refused("p", &other), LinkError::Io { .. }));
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
        let address = LinkAddress::Serial {
            port: "/dev/there-is-no-such-port".into(),
            baud: 115_200,
        };
        let opened: Result<Link, _> = SerialPorts.open(&address).await;
        assert!(
            matches!(opened, Err(LinkError::NotFound { .. })),
            "{opened:?}"
        );
    }
}
