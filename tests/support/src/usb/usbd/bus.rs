//! The bus as usb-device sees it: packets of the control endpoint, one after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmdrop_simulator::dfu::Reply;
use usb_device::bus::{PollResult, UsbBus};
use usb_device::endpoint::{EndpointAddress, EndpointType};
use usb_device::{Result, UsbDirection, UsbError};

/// Largest packet of the control endpoint.
const PACKET_BYTES: usize = 64;
/// Steps of one transfer: more are a stack that hangs.
const MOST_STEPS: usize = 1000;

/// What the two ends of the control endpoint see.
#[derive(Clone, Default)]
pub(super) struct Pins(Arc<Mutex<Packets>>);

#[derive(Default)]
struct Packets {
    is_reset: bool,
    /// A setup packet, or one of the host's data, that the device did not read yet.
    to_device: VecDeque<(bool, Vec<u8>)>,
    /// What the device wrote and the host did not take yet.
    to_host: Option<Vec<u8>>,
    /// The host took what the device wrote, and the device does not know it yet.
    is_taken: bool,
    is_stalled: bool,
}

impl Pins {
    fn packets(&self) -> MutexGuard<'_, Packets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reset of the bus, which the stack sees when it is asked next.
    pub(super) fn reset(&self) {
        *self.packets() = Packets {
            is_reset: true,
            ..Packets::default()
        };
    }

    fn send(&self, is_setup: bool, data: &[u8]) {
        let mut packets = self.packets();
        packets.to_device.push_back((is_setup, data.to_vec()));
    }

    /// What the device wrote, once `work` made it write something; nothing when it refused.
    fn take(&self, mut work: impl FnMut()) -> Option<Vec<u8>> {
        for _ in 0..MOST_STEPS {
            work();
            let mut packets = self.packets();
            if packets.is_stalled {
                return None;
            }
            if let Some(data) = packets.to_host.take() {
                packets.is_taken = true;
                return Some(data);
            }
        }
        None
    }

    /// One control transfer; `work` lets the stack run.
    pub(super) fn control(&self, setup: [u8; 8], data: &[u8], mut work: impl FnMut()) -> Reply {
        {
            let mut packets = self.packets();
            packets.is_stalled = false;
            packets.to_host = None;
        }
        let length = usize::from(u16::from_le_bytes([setup[6], setup[7]]));
        self.send(true, &setup);
        if setup[0] & 0x80 == 0 {
            for packet in data.chunks(PACKET_BYTES) {
                work();
                self.send(false, packet);
            }
            // Its empty packet says that it took all.
            let status = self.take(&mut work);
            work();
            return status.map_or(Reply::Stall, |_| Reply::Data(Vec::new()));
        }
        let mut read = Vec::new();
        loop {
            let Some(packet) = self.take(&mut work) else {
                return Reply::Stall;
            };
            let is_last = packet.len() < PACKET_BYTES;
            read.extend(packet);
            work();
            if is_last || read.len() >= length {
                break;
            }
        }
        self.send(false, &[]);
        work();
        Reply::Data(read)
    }
}

/// The driver.
pub(super) struct SoftBus {
    pins: Pins,
}

impl SoftBus {
    pub(super) fn new(pins: &Pins) -> Self {
        Self { pins: pins.clone() }
    }
}

impl UsbBus for SoftBus {
    fn alloc_ep(
        &mut self,
        direction: UsbDirection,
        address: Option<EndpointAddress>,
        kind: EndpointType,
        _: u16,
        _: u8,
    ) -> Result<EndpointAddress> {
        // DFU needs none beside the control endpoint.
        match kind {
            EndpointType::Control => {
                Ok(address.unwrap_or_else(|| EndpointAddress::from_parts(0, direction)))
            }
            _ => Err(UsbError::Unsupported),
        }
    }

    fn enable(&mut self) {}

    fn reset(&self) {}

    fn set_device_address(&self, _: u8) {}

    fn write(&self, _: EndpointAddress, data: &[u8]) -> Result<usize> {
        let mut packets = self.pins.packets();
        if packets.to_host.is_some() {
            return Err(UsbError::WouldBlock);
        }
        packets.to_host = Some(data.to_vec());
        Ok(data.len())
    }

    fn read(&self, _: EndpointAddress, buffer: &mut [u8]) -> Result<usize> {
        let mut packets = self.pins.packets();
        let (_, data) = packets.to_device.pop_front().ok_or(UsbError::WouldBlock)?;
        let room = buffer
            .get_mut(..data.len())
            .ok_or(UsbError::BufferOverflow)?;
        room.copy_from_slice(&data);
        Ok(data.len())
    }

    fn set_stalled(&self, _: EndpointAddress, is_stalled: bool) {
        self.pins.packets().is_stalled = is_stalled;
    }

    fn is_stalled(&self, _: EndpointAddress) -> bool {
        self.pins.packets().is_stalled
    }

    fn suspend(&self) {}

    fn resume(&self) {}

    fn poll(&self) -> PollResult {
        let mut packets = self.pins.packets();
        if std::mem::take(&mut packets.is_reset) {
            return PollResult::Reset;
        }
        let ep_in_complete = u16::from(std::mem::take(&mut packets.is_taken));
        let next = packets.to_device.front().map(|(is_setup, _)| *is_setup);
        match (next, ep_in_complete) {
            (None, 0) => PollResult::None,
            (next, _) => PollResult::Data {
                ep_out: u16::from(next == Some(false)),
                ep_in_complete,
                ep_setup: u16::from(next == Some(true)),
            },
        }
    }
}
