//! Settings and control signals of an open port.
//!
//! Each call runs on a thread that may wait for the driver: over USB it takes a control transfer.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use tokio_serial::{ClearBuffer, DataBits, SerialPort, SerialStream};

use super::open::refused;
use super::port::Port;
use super::stream::SerialLink;
use crate::blocking::blocking;
use crate::{LONGEST_BREAK, LineControl, LineSettings, LinkError, Parity, Signal, StopBits};

/// Between two looks at what is not on the line yet: the time of some ten bytes at 115,200 baud.
const SENT_LOOK: Duration = Duration::from_millis(1);

#[async_trait]
impl LineControl for SerialLink {
    async fn settings(&mut self) -> Result<LineSettings, LinkError> {
        self.with_port(|port, stream| settings(port, stream)).await
    }

    async fn configure(&mut self, wanted: LineSettings) -> Result<(), LinkError> {
        self.with_port(move |port, stream| configure(port, stream, wanted))
            .await
    }

    async fn set_signal(&mut self, signal: Signal, on: bool) -> Result<(), LinkError> {
        let (name, set): (_, fn(&mut SerialStream, bool) -> _) = match signal {
            Signal::Dtr => ("DTR", SerialStream::write_data_terminal_ready),
            Signal::Rts => ("RTS", SerialStream::write_request_to_send),
        };
        self.with_port(move |port, stream| {
            set(stream, on).map_err(|error| unable(port, name, &error))
        })
        .await
    }

    async fn send_break(&mut self, duration: Duration) -> Result<(), LinkError> {
        let duration = duration.min(LONGEST_BREAK);
        self.with_port(move |port, stream| {
            let failed = |error| unable(port, "a break", &error);
            stream.set_break().map_err(failed)?;
            // On a thread of its own kind, so that the break ends although the caller gave up.
            std::thread::sleep(duration);
            stream.clear_break().map_err(failed)
        })
        .await
    }

    async fn discard_input(&mut self) -> Result<(), LinkError> {
        self.discard(ClearBuffer::Input).await
    }

    async fn discard_output(&mut self) -> Result<(), LinkError> {
        self.discard(ClearBuffer::Output).await
    }

    async fn sent(&mut self, longest: Duration) -> Result<usize, LinkError> {
        let until = Instant::now() + longest;
        loop {
            let waiting = self.with_port(|port, stream| {
                let waiting = stream.bytes_to_write();
                let waiting = waiting.map_err(|error| refused(port, &error))?;
                stream.is_unsettled = waiting > 0;
                Ok(waiting)
            });
            let waiting = usize::try_from(waiting.await?).unwrap_or(usize::MAX);
            if waiting == 0 || Instant::now() >= until {
                return Ok(waiting);
            }
            // `tcdrain` has no deadline.
            sleep(SENT_LOOK).await;
        }
    }
}

impl SerialLink {
    async fn discard(&self, which: ClearBuffer) -> Result<(), LinkError> {
        self.with_port(move |port, stream| {
            let cleared = stream.clear(which);
            cleared.map_err(|error| refused(port, &error))
        })
        .await
    }

    async fn with_port<T: Send + 'static>(
        &self,
        work: impl FnOnce(&str, &mut Port) -> Result<T, LinkError> + Send + 'static,
    ) -> Result<T, LinkError> {
        let (stream, port) = (Arc::clone(&self.stream), self.port.clone());
        blocking(
            || self.port.clone(),
            move || {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                work(&port, &mut stream)
            },
        )
        .await
    }
}

fn settings(port: &str, stream: &SerialStream) -> Result<LineSettings, LinkError> {
    let read = || {
        Ok(LineSettings {
            baud: stream.baud_rate()?,
            data_bits: match stream.data_bits()? {
                DataBits::Five => 5,
                DataBits::Six => 6,
                DataBits::Seven => 7,
                DataBits::Eight => 8,
            },
            parity: match stream.parity()? {
                tokio_serial::Parity::None => Parity::None,
                tokio_serial::Parity::Odd => Parity::Odd,
                tokio_serial::Parity::Even => Parity::Even,
            },
            stop_bits: match stream.stop_bits()? {
                tokio_serial::StopBits::One => StopBits::One,
                tokio_serial::StopBits::Two => StopBits::Two,
            },
        })
    };
    read().map_err(|error| refused(port, &error))
}

fn configure(port: &str, stream: &mut SerialStream, wanted: LineSettings) -> Result<(), LinkError> {
    let data_bits = match wanted.data_bits {
        5 => DataBits::Five,
        6 => DataBits::Six,
        7 => DataBits::Seven,
        8 => DataBits::Eight,
        _ => return Err(not_supported(port, wanted.to_string())),
    };
    let parity = match wanted.parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Even => tokio_serial::Parity::Even,
        Parity::Odd => tokio_serial::Parity::Odd,
    };
    let stop_bits = match wanted.stop_bits {
        StopBits::One => tokio_serial::StopBits::One,
        StopBits::Two => tokio_serial::StopBits::Two,
    };
    let mut set = || {
        stream.set_baud_rate(wanted.baud)?;
        stream.set_data_bits(data_bits)?;
        stream.set_parity(parity)?;
        stream.set_stop_bits(stop_bits)
    };
    set().map_err(|error| unable(port, &wanted.to_string(), &error))?;
    let actual = settings(port, stream)?;
    if actual.baud != wanted.baud {
        return Err(LinkError::RateRefused {
            place: port.to_owned(),
            wanted: wanted.baud,
            actual: actual.baud,
        });
    }
    if actual != wanted {
        return Err(not_supported(port, wanted.to_string()));
    }
    Ok(())
}

/// What the driver says when it has no such setting: EINVAL and ENOTTY in the words of the crate
/// `nix` and of the C library.
const NO_SUCH_SETTING: [&str; 3] = [
    "Invalid argument",
    "Not a typewriter",
    "Inappropriate ioctl for device",
];

fn unable(port: &str, what: &str, error: &tokio_serial::Error) -> LinkError {
    let invalid = matches!(
        error.kind,
        tokio_serial::ErrorKind::InvalidInput
            | tokio_serial::ErrorKind::Io(std::io::ErrorKind::InvalidInput)
    );
    if invalid
        || NO_SUCH_SETTING
            .iter()
            .any(|words| error.description.contains(words))
    {
        not_supported(port, what.to_owned())
    } else {
        refused(port, error)
    }
}

fn not_supported(port: &str, what: String) -> LinkError {
    LinkError::NotSupported {
        place: port.to_owned(),
        what,
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::fd::OwnedFd;

    use rustix::pty;
    use tokio::io::AsyncWriteExt as _;

    use super::*;
    use crate::{Link, LinkAddress, Provider, SerialPorts, Stream};

    /// A pseudo terminal and its open link.
    async fn terminal() -> (OwnedFd, Box<dyn Stream>) {
        let ours = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
        pty::grantpt(&ours).unwrap();
        pty::unlockpt(&ours).unwrap();
        let name = pty::ptsname(&ours, Vec::new()).unwrap();
        let address = LinkAddress::serial(name.to_str().unwrap(), 115_200);
        match SerialPorts.open(&address).await.unwrap() {
            Link::Stream(link) => (ours, link),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_rate_can_be_changed_while_the_port_is_open() {
        let (_ours, mut link) = terminal().await;
        let line = link.line().unwrap();
        assert_eq!(line.settings().await.unwrap(), LineSettings::at(115_200));
        line.configure(LineSettings::at(921_600)).await.unwrap();
        assert_eq!(line.settings().await.unwrap(), LineSettings::at(921_600));
        line.discard_input().await.unwrap();
    }

    /// Bytes that the other end finds once this link is closed.
    fn arrived(ours: &OwnedFd) -> usize {
        let mut arrived = 0;
        let mut bytes = [0; 4096];
        // EIO where no more come: the other end is closed.
        while let Ok(count @ 1..) = rustix::io::read(ours, &mut bytes) {
            arrived += count;
        }
        arrived
    }

    #[tokio::test]
    async fn a_port_that_is_closed_drops_what_is_not_sent_instead_of_waiting_for_it() {
        let (ours, mut link) = terminal().await;
        // More than the line discipline of the other end reads ahead (4,095 bytes), and less than a pseudo terminal takes.
        let written = [b'x'; 8_192];
        link.write_all(&written).await.unwrap();
        drop(link);
        assert!(arrived(&ours) < written.len());
    }

    #[tokio::test]
    async fn what_was_waited_for_is_on_the_line_when_the_port_is_closed() {
        let (ours, mut link) = terminal().await;
        let written = [b'x'; 8_192];
        link.write_all(&written).await.unwrap();
        let line = link.line().unwrap();
        assert_eq!(line.sent(Duration::from_secs(5)).await.unwrap(), 0);
        drop(link);
        assert_eq!(arrived(&ours), written.len());
    }

    #[tokio::test]
    async fn what_a_port_cannot_do_is_said_and_not_pretended() {
        let (_ours, mut link) = terminal().await;
        let line = link.line().unwrap();
        let even = LineSettings::at(115_200).with_parity(Parity::Even);
        // Linux' pseudo terminals accept parity and drop it.
        let refusals = [
            line.configure(even).await,
            line.set_signal(Signal::Dtr, true).await,
            line.set_signal(Signal::Rts, false).await,
            line.configure(LineSettings {
                data_bits: 9,
                ..even
            })
            .await,
        ];
        for refusal in refusals {
            assert!(
                matches!(refusal, Err(LinkError::NotSupported { .. })),
                "{refusal:?}"
            );
        }
    }
}
