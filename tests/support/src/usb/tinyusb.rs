//! A device whose USB stack and DFU others wrote: TinyUSB, in C, as a program of its own (`tests/peers/tinyusb`).
//!
//! Here is only its power supply, and the wire between it and the bus.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmdrop_simulator::dfu::Reply;
use tempfile::NamedTempFile;

use super::device::{Device, Pulled};

/// Where `cargo xtask test` builds it.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tinyusb/device");

/// What it is, and what it cannot do.
#[derive(Debug, Clone)]
pub struct TinyUsbSettings {
    /// It runs its bootloader, not an application that makes room for it.
    pub is_bootloader: bool,
    /// `bmAttributes` of its bootloader.
    pub attributes: u8,
    /// How long it programs a block, milliseconds.
    pub block_milliseconds: u32,
    /// A block that it cannot program the first time.
    pub refuses: Option<u16>,
    /// Its application restarts before it has answered the request to do so.
    pub restarts_at_once: bool,
}

impl Default for TinyUsbSettings {
    fn default() -> Self {
        Self {
            is_bootloader: false,
            // Download, upload, and it answers after it stored an image.
            attributes: 0b0111,
            block_milliseconds: 2,
            refuses: None,
            restarts_at_once: false,
        }
    }
}

/// A device on TinyUSB. Clones are the same device.
#[derive(Clone)]
pub struct TinyUsbDevice(Arc<Mutex<Board>>);

struct Board {
    settings: TinyUsbSettings,
    flash: NamedTempFile,
    program: Child,
    appearance: u32,
    is_here: bool,
}

impl TinyUsbDevice {
    /// A device with an empty flash.
    pub fn new(settings: TinyUsbSettings) -> Self {
        let flash = NamedTempFile::new().unwrap();
        let program = power_on(&settings, flash.path());
        let mut board = Board {
            settings,
            flash,
            program,
            appearance: 1,
            is_here: true,
        };
        board.configure();
        Self(Arc::new(Mutex::new(board)))
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The image in its flash.
    pub fn memory(&self) -> Vec<u8> {
        std::fs::read(self.board().flash.path()).unwrap()
    }

    /// Whether its application runs.
    pub fn runs_its_application(&self) -> bool {
        !self.board().settings.is_bootloader
    }
}

fn power_on(settings: &TinyUsbSettings, flash: &Path) -> Child {
    assert!(
        Path::new(PROGRAM).is_file(),
        "TinyUSB is missing; `cargo xtask test` builds it"
    );
    let kind = if settings.is_bootloader {
        "bootloader"
    } else {
        "application"
    };
    Command::new(PROGRAM)
        .arg(kind)
        .arg(flash)
        .arg(settings.block_milliseconds.to_string())
        .arg(settings.refuses.map_or(-1, i32::from).to_string())
        .arg(settings.attributes.to_string())
        .arg(u8::from(settings.restarts_at_once).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

impl Board {
    /// Sends a request and reads its answer; whether the device restarts behind it.
    fn exchange(&mut self, request: &[u8]) -> io::Result<(Reply, bool)> {
        let (Some(to), Some(from)) = (&mut self.program.stdin, &mut self.program.stdout) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        to.write_all(request)?;
        to.flush()?;
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        let reply = match byte {
            [b'd'] => {
                let mut length = [0; 2];
                from.read_exact(&mut length)?;
                let mut data = vec![0; u16::from_le_bytes(length).into()];
                from.read_exact(&mut data)?;
                Reply::Data(data)
            }
            [b's'] => Reply::Stall,
            [b'g'] => Reply::Gone,
            other => panic!("TinyUSB said {other:?}"),
        };
        from.read_exact(&mut byte)?;
        Ok((reply, byte == [1]))
    }

    /// The same; the other of its two programs runs behind a restart.
    fn request(&mut self, request: &[u8]) -> Reply {
        let (reply, restarts) = self.exchange(request).unwrap();
        if restarts {
            self.settings.is_bootloader = !self.settings.is_bootloader;
            self.restart();
        }
        reply
    }

    fn restart(&mut self) {
        self.power_off();
        self.program = power_on(&self.settings, self.flash.path());
        self.appearance += 1;
        self.configure();
    }

    /// Chooses its configuration, as a system does with what comes onto the bus. The stack refuses DFU before.
    fn configure(&mut self) {
        let reply = self.request(b"c\x00\x09\x01\x00\x00\x00\x00\x00");
        assert!(matches!(reply, Reply::Data(_)), "it cannot be configured");
    }

    fn power_off(&mut self) {
        // It ended by itself, or ends now.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.power_off();
    }
}

impl Device for TinyUsbDevice {
    fn poll(&self) -> bool {
        self.is_here()
    }

    fn is_here(&self) -> bool {
        self.board().is_here
    }

    fn appearance(&self) -> u32 {
        self.board().appearance
    }

    fn reset(&self, appearance: u32) -> bool {
        let mut board = self.board();
        if board.appearance == appearance {
            board.request(b"r");
        }
        if board.appearance == appearance {
            board.configure();
        }
        board.appearance == appearance
    }

    fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply {
        let mut board = self.board();
        if board.appearance != appearance || !board.is_here {
            return Reply::Gone;
        }
        let mut request = vec![b'c'];
        request.extend(setup);
        request.extend(data);
        board.request(&request)
    }
}

impl Pulled for TinyUsbDevice {
    fn unplug(&self) {
        self.board().is_here = false;
    }
}
