//! A pretend device for other programs: a server of USB/IP, one connection for each time it is on the bus.
//!
//! Layout of the Linux kernel's *USB/IP protocol*, `Documentation/usb/usbip_protocol.rst`. A device that leaves the
//! bus closes its connection.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::descriptors;
use super::device::SimulatedDfu;
use super::request::Reply;

const VERSION: u16 = 0x0111;
const ASK_IMPORT: u16 = 0x8003;
const ANSWER_IMPORT: u16 = 0x0003;
const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const ANSWER_SUBMIT: u32 = 3;
const ANSWER_UNLINK: u32 = 4;
const HEADER_BYTES: usize = 48;
/// The request that USB/IP resets a device by: `SET_FEATURE` of a hub's port, feature 4 (USB 2.0, 11.24.2).
const RESET: [u8; 4] = [0x23, 3, 4, 0];
/// `-EPIPE` and `-ECONNRESET`.
const STALLED: i32 = -32;
const UNLINKED: i32 = -104;
/// Largest data stage.
const MOST_DATA_BYTES: usize = 0xFFFF;
/// How often it is looked whether the device left by itself.
const LOOK: Duration = Duration::from_millis(5);

/// Serves a device on a free port of this computer until the process ends.
///
/// # Errors
/// The system's.
pub fn serve_usbip(device: &SimulatedDfu) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let device = device.clone();
    thread::Builder::new().name("usbip".into()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let device = device.clone();
            thread::spawn(move || {
                // A peer that leaves ends the connection and nothing else.
                let _ = serve(&device, stream);
            });
        }
    })?;
    Ok(address)
}

fn serve(device: &SimulatedDfu, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut asked = [0; 40];
    stream.read_exact(&mut asked)?;
    let is_here = device.state().look();
    let mut answer = Vec::new();
    answer.extend(VERSION.to_be_bytes());
    answer.extend(ANSWER_IMPORT.to_be_bytes());
    answer.extend(u32::from(!is_here).to_be_bytes());
    if !is_here || asked.get(2..4) != Some(&ASK_IMPORT.to_be_bytes()) {
        return stream.write_all(&answer);
    }
    answer.extend(description(device));
    stream.write_all(&answer)?;
    let appearance = device.appearance();
    stream.set_read_timeout(Some(LOOK))?;
    loop {
        let Some(header) = header(device, appearance, &mut stream)? else {
            return Ok(());
        };
        if !answered(device, appearance, &mut stream, &header)? {
            return Ok(());
        }
    }
}

/// The device as an import describes it.
fn description(device: &SimulatedDfu) -> Vec<u8> {
    let state = device.state();
    let identity = descriptors::identity(&state.settings, state.mode);
    let place = state.settings.port_chain.as_bytes();
    let mut bytes = vec![0; 256 + 32];
    if let Some(into) = bytes.get_mut(256..256 + place.len()) {
        into.copy_from_slice(place);
    }
    // Bus, device, speed (2 is full).
    for number in [1_u32, 2, 2] {
        bytes.extend(number.to_be_bytes());
    }
    for id in [identity.vendor, identity.product, identity.release] {
        bytes.extend(id.to_be_bytes());
    }
    // Class, subclass, protocol, active configuration, configurations, interfaces.
    bytes.extend([0, 0, 0, 1, 1, 1]);
    bytes
}

/// The next request; `None` when one of the two left.
fn header(
    device: &SimulatedDfu,
    appearance: u32,
    stream: &mut TcpStream,
) -> io::Result<Option<[u8; HEADER_BYTES]>> {
    let mut header = [0; HEADER_BYTES];
    let mut count = 0;
    while let Some(rest) = header.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => return Ok(None),
            Ok(read) => count += read,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                if device.appearance() != appearance || !device.is_here() {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(header))
}

/// Answers a request; whether the device is still there.
fn answered(
    device: &SimulatedDfu,
    appearance: u32,
    stream: &mut TcpStream,
    header: &[u8; HEADER_BYTES],
) -> io::Result<bool> {
    let word = |at: usize| {
        let bytes = header.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    let (command, number, is_in) = (word(0), word(4), word(12) == 1);
    match command {
        UNLINK => {
            let answer = Answer {
                command: ANSWER_UNLINK,
                number,
                status: UNLINKED,
                actual: 0,
            };
            write(stream, &answer, &[])?;
            return Ok(true);
        }
        SUBMIT => {}
        _ => return Ok(false),
    }
    let length = usize::try_from(word(24)).unwrap_or(usize::MAX);
    if length > MOST_DATA_BYTES {
        return Ok(false);
    }
    let mut data = vec![0; if is_in { 0 } else { length }];
    stream.set_read_timeout(None)?;
    stream.read_exact(&mut data)?;
    stream.set_read_timeout(Some(LOOK))?;
    let setup = header.last_chunk::<8>().copied().unwrap_or_default();
    let reply = if setup.starts_with(&RESET) {
        if device.reset(appearance) {
            Reply::Data(Vec::new())
        } else {
            Reply::Gone
        }
    } else if word(16) == 0 {
        device.control(appearance, setup, &data)
    } else {
        Reply::Stall
    };
    let (status, bytes, actual) = match reply {
        Reply::Data(mut bytes) if is_in => {
            bytes.truncate(length);
            let actual = bytes.len();
            (0, bytes, actual)
        }
        Reply::Data(_) => (0, Vec::new(), length),
        Reply::Stall => (STALLED, Vec::new(), 0),
        // Its asker gives it up and unlinks it.
        Reply::Silent => return Ok(true),
        Reply::Gone => return Ok(false),
    };
    let answer = Answer {
        command: ANSWER_SUBMIT,
        number,
        status,
        actual,
    };
    write(stream, &answer, &bytes)?;
    Ok(true)
}

/// The head of an answer.
struct Answer {
    command: u32,
    number: u32,
    status: i32,
    actual: usize,
}

fn write(stream: &mut TcpStream, answer: &Answer, data: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + data.len());
    for word in [answer.command, answer.number, 0, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(answer.status.to_be_bytes());
    bytes.extend(u32::try_from(answer.actual).unwrap_or(0).to_be_bytes());
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend(data);
    stream.write_all(&bytes)
}
