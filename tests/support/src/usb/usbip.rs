//! A pretend device for other programs: a server of USB/IP, one connection for each time it is on the bus.
//!
//! `packet` says what goes over it. A device that leaves the bus closes its connection.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use firmdrop_simulator::dfu::Reply;

use super::device::Device;
use super::packet::{HEADER_BYTES, Packet, STALLED, UNLINKED, unlinked};

const VERSION: u16 = 0x0111;
const ANSWER_IMPORT: u16 = 0x0003;
/// The request that USB/IP resets a device by: `SET_FEATURE` of a hub's port, feature 4 (USB 2.0, 11.24.2).
const RESET: [u8; 4] = [0x23, 3, 4, 0];
/// `-EPROTO`.
const BROKEN: i32 = -71;
/// How often it is looked whether the device left by itself.
const LOOK: Duration = Duration::from_millis(5);

/// Serves a device on a free port of this computer until the process ends.
pub(crate) fn serve(device: Arc<dyn Device>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::Builder::new().name("usbip".into()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let device = Arc::clone(&device);
            thread::spawn(move || {
                // A peer that leaves ends the connection and nothing else.
                let _ = OnBus::serve(device, stream);
            });
        }
    })?;
    Ok(address)
}

/// A device while it is on the bus.
struct OnBus {
    device: Arc<dyn Device>,
    appearance: u32,
    stream: TcpStream,
}

impl OnBus {
    fn serve(device: Arc<dyn Device>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.read_exact(&mut [0; 40])?;
        let is_here = device.poll();
        let mut answer = Vec::new();
        answer.extend(VERSION.to_be_bytes());
        answer.extend(ANSWER_IMPORT.to_be_bytes());
        answer.extend(u32::from(!is_here).to_be_bytes());
        if is_here {
            // Its description, which nobody needs here: its descriptors say the same.
            answer.resize(answer.len() + 312, 0);
        }
        stream.write_all(&answer)?;
        if !is_here {
            return Ok(());
        }
        stream.set_read_timeout(Some(LOOK))?;
        let mut this = Self {
            appearance: device.appearance(),
            device,
            stream,
        };
        while let Some(header) = this.header()? {
            if !this.answered(&header)? {
                break;
            }
        }
        Ok(())
    }

    fn is_here(&self) -> bool {
        self.device.appearance() == self.appearance && self.device.is_here()
    }

    /// The next request; `None` when one of the two left.
    fn header(&mut self) -> io::Result<Option<[u8; HEADER_BYTES]>> {
        let mut header = [0; HEADER_BYTES];
        let mut count = 0;
        while count < HEADER_BYTES {
            match self.stream.read(&mut header[count..]) {
                Ok(0) => return Ok(None),
                Ok(read) => count += read,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if !self.is_here() {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(header))
    }

    /// Answers a request; whether the device is still there.
    fn answered(&mut self, header: &[u8; HEADER_BYTES]) -> io::Result<bool> {
        let submit = match Packet::parse(header) {
            Some(Packet::Submit(submit)) => submit,
            Some(Packet::Unlink { number, .. }) => {
                self.stream.write_all(&unlinked(number, UNLINKED))?;
                return Ok(true);
            }
            None => return Ok(false),
        };
        let mut data = vec![0; submit.data_bytes()];
        self.stream.set_read_timeout(None)?;
        self.stream.read_exact(&mut data)?;
        self.stream.set_read_timeout(Some(LOOK))?;
        let answer = match self.reply(submit.setup, submit.endpoint, &data) {
            Reply::Data(mut bytes) if submit.is_in => {
                bytes.truncate(submit.length);
                submit.answer(0, 0, &bytes)
            }
            Reply::Data(_) => submit.answer(0, submit.length, &[]),
            Reply::Stall => submit.answer(STALLED, 0, &[]),
            Reply::Broken => submit.answer(BROKEN, 0, &[]),
            // Its asker gives it up and unlinks it.
            Reply::Silent => return Ok(true),
            Reply::Gone => return Ok(false),
        };
        self.stream.write_all(&answer)?;
        Ok(true)
    }

    fn reply(&self, setup: [u8; 8], endpoint: u32, data: &[u8]) -> Reply {
        if setup.starts_with(&RESET) {
            return if self.device.reset(self.appearance) {
                Reply::Data(Vec::new())
            } else {
                Reply::Gone
            };
        }
        match endpoint {
            0 => self.device.control(self.appearance, setup, data),
            _ => Reply::Stall,
        }
    }
}
