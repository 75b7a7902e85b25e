//! A link to a USB device: control and bulk transfers, each with a length and a deadline.
//!
//! Field names and numbers of the *Universal Serial Bus Specification 2.0*, section 9.3. Protocols such as DFU
//! are written against this trait; the channel behind it is libusb.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

use super::series::Series;
use crate::LinkError;

/// Largest data stage of a control transfer, bytes: `wLength` has 16 bits.
pub const LARGEST_CONTROL_BYTES: usize = 0xFFFF;

/// Who a control request is meant for, and by whom it is defined: `bmRequestType` without its
/// direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlRequest {
    /// Who defined it.
    pub kind: RequestKind,
    /// Which part of the device it goes to.
    pub recipient: Recipient,
    /// `bRequest`.
    pub request: u8,
    /// `wValue`.
    pub value: u16,
    /// `wIndex`: the number of an interface or an endpoint, where it goes to one.
    pub index: u16,
}

/// Who defined a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// The USB specification.
    Standard,
    /// A device class, such as DFU.
    Class,
    /// The device's vendor.
    Vendor,
}

/// The part of a device that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The device.
    Device,
    /// An interface.
    Interface,
    /// An endpoint.
    Endpoint,
    /// Something else.
    Other,
}

/// Direction of a data stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the device.
    Out,
    /// From the device.
    In,
}

impl ControlRequest {
    /// A class request to an interface, as DFU sends it.
    pub const fn class_to_interface(request: u8, value: u16, interface: u8) -> Self {
        Self {
            kind: RequestKind::Class,
            recipient: Recipient::Interface,
            request,
            value,
            index: interface as u16,
        }
    }

    /// The byte `bmRequestType`.
    pub const fn request_type(&self, direction: Direction) -> u8 {
        let direction = match direction {
            Direction::Out => 0x00,
            Direction::In => 0x80,
        };
        let kind = match self.kind {
            RequestKind::Standard => 0x00,
            RequestKind::Class => 0x20,
            RequestKind::Vendor => 0x40,
        };
        let recipient = match self.recipient {
            Recipient::Device => 0,
            Recipient::Interface => 1,
            Recipient::Endpoint => 2,
            Recipient::Other => 3,
        };
        direction | kind | recipient
    }
}

/// What a device says of itself. Its texts are foreign and were made fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbDevice {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// `bcdDevice`.
    pub release: u16,
    /// Where it is plugged in: `1-2.3` is bus 1, port 2 of the root hub, port 3 of the hub there.
    pub port_chain: String,
    /// The manufacturer's name.
    pub manufacturer: Option<String>,
    /// The product's name.
    pub product_name: Option<String>,
    /// Its serial number. Never an identity by itself.
    pub serial: Option<String>,
}

/// A write by a control transfer.
#[derive(Debug)]
pub struct Write {
    /// What is written.
    pub request: ControlRequest,
    /// Its bytes, at most [`LARGEST_CONTROL_BYTES`].
    pub data: Vec<u8>,
    /// Of its transfer, and of each that follows it.
    pub deadline: Duration,
}

/// Reads that follow a write, as soon as the channel can: the device says by each answer how long it is to be left
/// alone.
#[derive(Debug, Clone, Copy)]
pub struct FollowUp {
    /// What is read.
    pub request: ControlRequest,
    /// The most bytes of an answer.
    pub most_bytes: u16,
    /// How long after this answer it is read once more; `None` when that was all.
    pub pause: fn(&[u8]) -> Option<Duration>,
    /// Whether the next write of a [`Series`] may follow this answer, the last one.
    pub lets_next: fn(&[u8]) -> bool,
}

/// An answer, and when it was there.
#[derive(Debug)]
pub struct Answer {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When it was there.
    pub at: Instant,
}

/// What followed a write that the device took.
#[derive(Debug, Default)]
pub struct Followed {
    /// One answer or two. The channel may leave the second one to its user, who knows by the first when to read it.
    pub answers: Vec<Answer>,
    /// Why a read failed; nothing was read behind it.
    pub failure: Option<LinkError>,
}

impl Followed {
    /// Whether the next write may follow.
    pub(super) fn lets_next(&self, then: FollowUp) -> bool {
        let last = self.answers.last();
        self.failure.is_none() && last.is_some_and(|last| (then.lets_next)(&last.bytes))
    }
}

/// A write that was handed over, and what followed it; `None` when its series had ended, so that it was not sent.
pub type HandedOver<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Followed>, LinkError>> + Send + 'a>>;

/// Answers that follow a write at most.
pub(super) const MOST_ANSWERS: usize = 2;

/// An open USB device.
///
/// Each transfer ends within its deadline with [`LinkError::Timeout`] at the latest. A refusal of the
/// device is [`LinkError::Stalled`] and leaves the link usable; a device that left is
/// [`LinkError::Lost`]. A transfer whose future is dropped is not begun any more; one that is under way ends by
/// its deadline and may have reached the device: the protocol asks for its state before it sends again.
#[async_trait]
pub trait Usb: Send + Sync + std::fmt::Debug {
    /// What the device says of itself.
    fn device(&self) -> &UsbDevice;

    /// The active configuration with all its interfaces and class descriptors, as the device sent it;
    /// at most [`LARGEST_CONTROL_BYTES`].
    fn configuration(&self) -> &[u8];

    /// Takes an interface for this program; a driver of the system is detached and comes back when the
    /// link is dropped. One link at a time has it, of this program too. A claim, an alternate setting and a reset end
    /// within the time that the channel gives them, with [`LinkError::Timeout`] at the latest.
    async fn claim(&self, interface: u8) -> Result<(), LinkError>;

    /// Chooses an alternate setting of a claimed interface.
    async fn set_alternate(&self, interface: u8, alternate: u8) -> Result<(), LinkError>;

    /// Reads by a control transfer, at most `most_bytes`. Fewer are no error here.
    async fn control_in(
        &self,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError>;

    /// The same, not before `at`, and as soon after it as the channel can: devices say in milliseconds when they are to
    /// be asked again. `deadline` is the time from then on.
    async fn control_in_at(
        &self,
        at: Instant,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        if at > Instant::now() {
            sleep_until(at).await;
        }
        self.control_in(request, most_bytes, deadline).await
    }

    /// Writes by a control transfer; everything, or an error. More than [`LARGEST_CONTROL_BYTES`] are
    /// refused with [`LinkError::NotSupported`] and not sent.
    async fn control_out(
        &self,
        request: ControlRequest,
        data: &[u8],
        deadline: Duration,
    ) -> Result<(), LinkError>;

    /// Writes, and reads once or twice behind it. An error is that of the write; nothing was read then.
    ///
    /// It is sent behind the writes that were handed over to this series before, and only if the answers to each of them let it
    /// follow. A channel with a thread of its own sends it at once then, whether its user has seen those answers or not.
    fn hand_over<'a>(&'a self, series: &Series, write: Write, then: FollowUp) -> HandedOver<'a> {
        let turn = series.turn();
        let deadline = write.deadline;
        Box::pin(async move {
            if !turn.has_come() {
                return Ok(None);
            }
            self.control_out(write.request, &write.data, deadline)
                .await?;
            let mut followed = Followed::default();
            let mut at = Instant::now();
            while followed.answers.len() < MOST_ANSWERS {
                let read = self.control_in_at(at, then.request, then.most_bytes, deadline);
                match read.await {
                    Ok(bytes) => {
                        let pause = (then.pause)(&bytes);
                        let now = Instant::now();
                        followed.answers.push(Answer { bytes, at: now });
                        let Some(pause) = pause else { break };
                        at = now + pause;
                    }
                    Err(error) => {
                        followed.failure = Some(error);
                        break;
                    }
                }
            }
            if followed.lets_next(then) {
                turn.lets_next();
            }
            Ok(Some(followed))
        })
    }

    /// Reads from a bulk endpoint, at most `most_bytes`, until a short packet.
    async fn bulk_in(
        &self,
        endpoint: u8,
        most_bytes: usize,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError>;

    /// Writes to a bulk endpoint; everything, or an error that does not say how much arrived.
    async fn bulk_out(
        &self,
        endpoint: u8,
        data: &[u8],
        deadline: Duration,
    ) -> Result<(), LinkError>;

    /// Gives every interface back and resets the device on its bus. [`LinkError::Lost`] means that it came back as another
    /// device, which is what DFU devices do.
    async fn reset(&self) -> Result<(), LinkError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_types_of_dfu_are_those_of_its_specification() {
        // DFU 1.1, table 3.2: DFU_DNLOAD is 00100001b, DFU_GETSTATUS 10100001b.
        let download = ControlRequest::class_to_interface(1, 7, 2);
        assert_eq!(download.request_type(Direction::Out), 0b0010_0001);
        assert_eq!(download.index, 2);
        let status = ControlRequest::class_to_interface(3, 0, 2);
        assert_eq!(status.request_type(Direction::In), 0b1010_0001);
        let descriptor = ControlRequest {
            kind: RequestKind::Standard,
            recipient: Recipient::Device,
            request: 6,
            value: 0x0100,
            index: 0,
        };
        assert_eq!(descriptor.request_type(Direction::In), 0x80);
    }
}
