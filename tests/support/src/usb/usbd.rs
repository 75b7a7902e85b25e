//! A device with ST's extensions whose USB stack others wrote: usb-device, with the class usbd-dfu.
//!
//! Here is only what a board brings: a flash, a way to restart, and the bus (`bus`).

mod bus;
mod flash;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmdrop_simulator::dfu::Reply;
use usb_device::bus::UsbBusAllocator;
use usb_device::device::{StringDescriptors, UsbDevice, UsbDeviceBuilder, UsbVidPid};
use usbd_dfu::DFUClass;

use super::device::Device;
use bus::{Pins, SoftBus};
use flash::{Flash, Memory, Restart};

/// The pair of ST's own bootloader, which hosts know as one with addresses.
const IDENTITY: UsbVidPid = UsbVidPid(0x0483, 0xDF11);

/// A device on usb-device. Clones are the same device.
#[derive(Clone)]
pub struct UsbdDevice(Arc<Mutex<Board>>);

struct Board {
    flash: Arc<Mutex<Flash>>,
    /// Its bootloader; nothing while its application runs, which has no USB.
    bootloader: Option<Bootloader>,
    appearance: u32,
}

struct Bootloader {
    pins: Pins,
    stack: UsbDevice<'static, SoftBus>,
    class: DFUClass<SoftBus, Memory>,
}

impl UsbdDevice {
    /// A device in its bootloader, with an old image.
    pub fn new() -> Self {
        let flash = Arc::new(Mutex::new(Flash::new()));
        let bootloader = Some(Bootloader::start(&flash));
        Self(Arc::new(Mutex::new(Board {
            flash,
            bootloader,
            appearance: 1,
        })))
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes from the start of its flash.
    pub fn memory(&self, count: usize) -> Vec<u8> {
        let board = self.board();
        let flash = board.flash.lock().unwrap_or_else(PoisonError::into_inner);
        flash.bytes(count)
    }

    /// Whether it left its bootloader.
    pub fn runs_its_application(&self) -> bool {
        self.board().bootloader.is_none()
    }
}

impl Default for UsbdDevice {
    fn default() -> Self {
        Self::new()
    }
}

impl Bootloader {
    fn start(flash: &Arc<Mutex<Flash>>) -> Self {
        let pins = Pins::default();
        // The stack borrows its bus for as long as it runs, which is until the test ends.
        let bus = Box::leak(Box::new(UsbBusAllocator::new(SoftBus::new(&pins))));
        let class = DFUClass::new(bus, Memory::new(flash));
        let names = StringDescriptors::default()
            .manufacturer("Firmdrop tests")
            .product("usbd reader")
            .serial_number("U-0001");
        let stack = UsbDeviceBuilder::new(bus, IDENTITY)
            .strings(&[names])
            .unwrap()
            .max_packet_size_0(64)
            .unwrap()
            .build();
        let mut this = Self { pins, stack, class };
        this.pins.reset();
        this.poll();
        this
    }

    fn poll(&mut self) {
        self.stack.poll(&mut [&mut self.class]);
    }

    fn control(&mut self, setup: [u8; 8], data: &[u8]) -> Reply {
        let Self { pins, stack, class } = self;
        let reply = pins.control(setup, data, || {
            stack.poll(&mut [class]);
        });
        // A microcontroller is asked all the time; this is where blocks are stored.
        self.poll();
        reply
    }
}

impl Device for UsbdDevice {
    fn poll(&self) -> bool {
        self.is_here()
    }

    fn is_here(&self) -> bool {
        self.board().bootloader.is_some()
    }

    fn appearance(&self) -> u32 {
        self.board().appearance
    }

    fn reset(&self, appearance: u32) -> bool {
        let mut board = self.board();
        match &mut board.bootloader {
            Some(bootloader) => {
                bootloader.pins.reset();
                bootloader.poll();
                board.appearance == appearance
            }
            None => false,
        }
    }

    fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply {
        let mut board = self.board();
        if board.appearance != appearance {
            return Reply::Gone;
        }
        let Some(bootloader) = &mut board.bootloader else {
            return Reply::Gone;
        };
        // A restart never returns to who asked for it, as on a microcontroller.
        match catch_unwind(AssertUnwindSafe(|| bootloader.control(setup, data))) {
            Ok(reply) => reply,
            Err(cause) => {
                assert!(cause.is::<Restart>(), "the bootloader panicked");
                board.bootloader = None;
                Reply::Gone
            }
        }
    }
}
