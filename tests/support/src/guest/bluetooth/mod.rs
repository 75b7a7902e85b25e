//! The virtual computer's Bluetooth: the kernel's and the system's own service over a controller that `BlueZ`'s
//! emulator plays, and opposite to it a peripheral of Bumble, a host stack of others.
//!
//! The peripheral runs on the computer that started the virtual one, where Python starts quickly. Two ports lead
//! there: one carries the packets of its controller, the other the values of its reader.

mod carry;
mod names;
mod peripheral;
mod system;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use tokio::sync::mpsc;

pub use self::carry::OnTheAir;
pub use self::names::{ADDRESS, NAME};
use self::names::{CONTROLLER_PORT, READER_PORT};
pub(super) use self::peripheral::Peripheral;
use self::system::System;
use crate::cli_world::poll;

/// What goes over the reader's port: a letter, two bytes with the length of the value, the value.
type Frame = (Kind, Vec<u8>);

/// The letter of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    /// To the peripheral: use the controller. It answers with the same.
    PowerOn = b'P',
    /// To the peripheral: advertise until somebody connects.
    Advertise = b'A',
    /// To the peripheral: disconnect, and advertise no more.
    Leave = b'L',
    /// To the peripheral: notify this value.
    Notify = b'N',
    /// From the peripheral: somebody connected.
    Connected = b'C',
    /// From the peripheral: this value was written.
    Written = b'W',
    /// From the peripheral: it is connected no more.
    Disconnected = b'D',
}

impl Kind {
    fn of(letter: u8) -> Option<Self> {
        let from_peripheral = [
            Self::PowerOn,
            Self::Connected,
            Self::Written,
            Self::Disconnected,
        ];
        from_peripheral
            .into_iter()
            .find(|kind| *kind as u8 == letter)
    }
}

/// The virtual computer's Bluetooth, with a peripheral that one reader at a time can be.
pub struct Air {
    to_peripheral: Mutex<File>,
    from_peripheral: tokio::sync::Mutex<mpsc::UnboundedReceiver<Frame>>,
    _system: System,
}

/// Started when a test needs it first; it stays until the virtual computer switches itself off.
pub fn air() -> &'static Air {
    static AIR: OnceLock<Air> = OnceLock::new();
    AIR.get_or_init(Air::start)
}

impl Air {
    fn start() -> Self {
        let system = System::start(&port(CONTROLLER_PORT));
        let to_peripheral = port(READER_PORT);
        let from_peripheral = frames(to_peripheral.try_clone().unwrap());
        let mut this = Self {
            to_peripheral: Mutex::new(to_peripheral),
            from_peripheral: tokio::sync::Mutex::new(from_peripheral),
            _system: system,
        };
        this.send(Kind::PowerOn, &[]).unwrap();
        let frame = this.from_peripheral.get_mut().blocking_recv();
        assert_eq!(frame, Some((Kind::PowerOn, Vec::new())));
        this
    }

    fn send(&self, kind: Kind, value: &[u8]) -> io::Result<()> {
        let mut bytes = vec![kind as u8];
        bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend(value);
        self.to_peripheral.lock().unwrap().write_all(&bytes)
    }
}

/// The port of this name.
fn port(name: &str) -> File {
    let found = poll("a port", || {
        let ports = std::fs::read_dir("/sys/class/virtio-ports").ok()?;
        ports.flatten().find_map(|entry| {
            let its = std::fs::read_to_string(entry.path().join("name")).ok()?;
            (its.trim_end() == name).then(|| Path::new("/dev").join(entry.file_name()))
        })
    });
    File::options().read(true).write(true).open(found).unwrap()
}

/// What the peripheral sends, until the port is closed.
fn frames(mut port: File) -> mpsc::UnboundedReceiver<Frame> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut head = [0; 3];
        while port.read_exact(&mut head).is_ok() {
            let mut value = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
            let kind = Kind::of(head[0]).unwrap();
            if port.read_exact(&mut value).is_err() || sender.send((kind, value)).is_err() {
                return;
            }
        }
    });
    receiver
}
