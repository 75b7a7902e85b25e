//! An open device over libusb.

use std::time::Duration;

use async_trait::async_trait;
use rusb::{Context, DeviceHandle};
use tokio::time::{Instant, sleep_until, timeout};

use super::claims::OwnClaim;
use super::device::{
    Answer, ControlRequest, Direction, FollowUp, Followed, HandedOver, LARGEST_CONTROL_BYTES,
    MOST_ANSWERS, Usb, UsbDevice, Write,
};
use super::errors::{failed, failed_reset};
use super::found::Found;
use super::series::Series;
use super::system::{System, rule};
use super::worker::Worker;
use crate::LinkError;
use crate::blocking::blocking;
use crate::timing::OPEN_DEADLINE;

/// The end of a pause, which the device's own thread waits for: Tokio's timer rounds up to its next whole millisecond,
/// and is one late at most.
const WAITED_IN_THE_THREAD: Duration = Duration::from_millis(2);
/// The longest pause between two reads behind a write that the device's own thread waits for: so much later it notices that
/// nobody waits any more. Blocks of flash take up to some tens of milliseconds.
const PAUSED_IN_THE_THREAD: Duration = Duration::from_millis(100);
/// Writes that a user hands over before the first of them was answered: one, and the one behind it.
const HANDED_OVER_AT_ONCE: u32 = 2;
/// How long a descriptor may take: USB 2.0, 9.2.6.4, gives a device 500 ms for its first bytes.
const DESCRIPTOR_DEADLINE: Duration = Duration::from_secs(1);
/// Configurations that are looked through for the active one.
const MOST_CONFIGURATIONS: u8 = 8;
/// Bytes in front of a configuration, whose length is in them: USB 2.0, table 9-10.
const CONFIGURATION_HEAD: usize = 9;
/// How long a claim or an alternate setting may take: Linux waits 5 s for the request that chooses one
/// (`USB_CTRL_SET_TIMEOUT`).
const SETTING_DEADLINE: Duration = Duration::from_secs(5);
/// How long a reset may take: twice what a link may take to open, since the device is enumerated anew by it. An
/// estimate; no system says a limit.
const RESET_DEADLINE: Duration = OPEN_DEADLINE.saturating_mul(2);
/// How long a claim waits for another of this program that is ending: as long as the last transfer of a link that was
/// dropped may take.
const RELEASE_DEADLINE: Duration = Duration::from_secs(5);
/// The driver that Windows needs for libusb.
const WINDOWS_DRIVER: &str = "WinUSB";

/// The device in its thread. The claims end after the handle was closed.
#[derive(Debug)]
struct Claimed {
    handle: DeviceHandle<Context>,
    claims: Vec<OwnClaim>,
}

impl Claimed {
    fn control_in(
        &self,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, rusb::Error> {
        let mut bytes = vec![0; most_bytes.into()];
        let read = self.handle.read_control(
            request.request_type(Direction::In),
            request.request,
            request.value,
            request.index,
            &mut bytes,
            deadline,
        )?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn control_out(
        &self,
        request: ControlRequest,
        data: &[u8],
        deadline: Duration,
    ) -> Result<usize, rusb::Error> {
        self.handle.write_control(
            request.request_type(Direction::Out),
            request.request,
            request.value,
            request.index,
            data,
            deadline,
        )
    }

    /// Reads behind a write. A second read that is further away than [`PAUSED_IN_THE_THREAD`] is left to the user.
    fn follow_up(&self, then: FollowUp, deadline: Duration, place: &str) -> Followed {
        let mut followed = Followed::default();
        loop {
            let bytes = match self.control_in(then.request, then.most_bytes, deadline) {
                Ok(bytes) => bytes,
                Err(error) => {
                    followed.failure = Some(failed(place, error));
                    return followed;
                }
            };
            let pause = (then.pause)(&bytes);
            let at = Instant::now();
            followed.answers.push(Answer { bytes, at });
            match pause {
                Some(pause)
                    if followed.answers.len() < MOST_ANSWERS && pause <= PAUSED_IN_THE_THREAD =>
                {
                    std::thread::sleep(pause);
                }
                _ => return followed,
            }
        }
    }
}

/// What became of a write that was handed over.
enum Sent {
    /// Its series had ended.
    Not,
    /// The device took a part of it.
    Part,
    /// The device took it.
    Whole(Followed),
}

/// An open device.
#[derive(Debug)]
pub(super) struct OpenDevice {
    worker: Worker<Claimed>,
    says: UsbDevice,
    node: (u8, u8),
    configuration: Vec<u8>,
    system: System,
    place: String,
}

impl OpenDevice {
    /// Opens it and reads its active configuration. Takes no interface.
    pub(super) fn open(found: &Found, system: &System, place: &str) -> Result<Self, LinkError> {
        let handle = found.device.open().map_err(|error| match error {
            rusb::Error::Access => LinkError::NoPermission {
                place: place.to_owned(),
                why: "No rule lets this account use the device.".into(),
                rule: rule(&found.says),
            },
            rusb::Error::NotSupported => LinkError::DriverMissing {
                place: place.to_owned(),
                driver: WINDOWS_DRIVER,
            },
            error => match system.withheld(&found.says.port_chain, found.node) {
                Some(why) => LinkError::Withheld {
                    place: place.to_owned(),
                    why,
                },
                None => failed(place, error),
            },
        })?;
        // Not every system can; then a driver that has an interface refuses the claim.
        let _ = handle.set_auto_detach_kernel_driver(true);
        let configuration = configuration(&handle).map_err(|error| failed(place, error))?;
        Ok(Self {
            worker: Worker::start(
                Claimed {
                    handle,
                    claims: Vec::new(),
                },
                place,
            )?,
            says: found.says.clone(),
            node: found.node,
            configuration,
            system: system.clone(),
            place: place.to_owned(),
        })
    }

    async fn try_to_claim(&self, interface: u8) -> Result<(), LinkError> {
        let (claims, node) = (self.system.claims.clone(), self.node);
        let claim = move |held: &mut Claimed| {
            held.handle.claim_interface(interface)?;
            held.claims.push(claims.claim(node, interface));
            Ok(())
        };
        self.worker.request(SETTING_DEADLINE, claim).await
    }

    /// The failure of a claim: who has the interface is looked for on a thread that may wait.
    async fn busy(&self, place: String, interface: u8) -> LinkError {
        let system = self.system.clone();
        let (chain, node) = (self.says.port_chain.clone(), self.node);
        let look = move || Ok(system.holder(&chain, interface, node));
        match blocking(|| place.clone(), look).await {
            Ok(Some(by)) => LinkError::InUse { place, by },
            Ok(None) | Err(_) => LinkError::Busy { place },
        }
    }

    fn ensure_sendable(&self, data: &[u8]) -> Result<(), LinkError> {
        if data.len() <= LARGEST_CONTROL_BYTES {
            return Ok(());
        }
        Err(LinkError::NotSupported {
            place: self.place.clone(),
            what: "a control transfer this long".into(),
        })
    }

    fn short(&self) -> LinkError {
        LinkError::Io {
            place: self.place.clone(),
            source: std::io::Error::new(
                std::io::ErrorKind::WriteZero,
                "the device took a part of a transfer",
            ),
        }
    }
}

/// The active configuration, as the device sends it.
fn configuration(handle: &DeviceHandle<Context>) -> Result<Vec<u8>, rusb::Error> {
    let active = handle.active_configuration().ok();
    let mut first = None;
    for index in 0..MOST_CONFIGURATIONS {
        let head = match descriptor(handle, index, CONFIGURATION_HEAD) {
            Ok(head) => head,
            Err(error) if index == 0 => return Err(error),
            Err(_) => break,
        };
        let (Some([low, high]), Some(number)) = (head.get(2..4), head.get(5)) else {
            break;
        };
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        if active.is_none_or(|active| active == *number) {
            return descriptor(handle, index, length);
        }
        first.get_or_insert((index, length));
    }
    // A device that is not configured yet.
    match first {
        Some((index, length)) => descriptor(handle, index, length),
        None => Ok(Vec::new()),
    }
}

fn descriptor(
    handle: &DeviceHandle<Context>,
    index: u8,
    length: usize,
) -> Result<Vec<u8>, rusb::Error> {
    const CONFIGURATION: u16 = 2;
    const GET_DESCRIPTOR: u8 = 6;
    let mut bytes = vec![0; length.min(LARGEST_CONTROL_BYTES)];
    let value = CONFIGURATION << 8 | u16::from(index);
    let read = handle.read_control(
        0x80,
        GET_DESCRIPTOR,
        value,
        0,
        &mut bytes,
        DESCRIPTOR_DEADLINE,
    )?;
    bytes.truncate(read);
    Ok(bytes)
}

/// A deadline as libusb takes it: for it, 0 is no deadline.
fn at_least_a_millisecond(deadline: Duration) -> Duration {
    deadline.max(Duration::from_millis(1))
}

#[async_trait]
impl Usb for OpenDevice {
    fn device(&self) -> &UsbDevice {
        &self.says
    }

    fn configuration(&self) -> &[u8] {
        &self.configuration
    }

    async fn claim(&self, interface: u8) -> Result<(), LinkError> {
        let claims = &self.system.claims;
        let mut claimed = self.try_to_claim(interface).await;
        if matches!(claimed, Err(LinkError::Busy { .. })) && claims.has(self.node, interface) {
            let ended = claims.ended(self.node, interface);
            if timeout(RELEASE_DEADLINE, ended).await.is_ok() {
                claimed = self.try_to_claim(interface).await;
            }
        }
        match claimed {
            Err(LinkError::Busy { place }) => Err(self.busy(place, interface).await),
            claimed => claimed,
        }
    }

    async fn set_alternate(&self, interface: u8, alternate: u8) -> Result<(), LinkError> {
        let choose =
            move |held: &mut Claimed| held.handle.set_alternate_setting(interface, alternate);
        self.worker.request(SETTING_DEADLINE, choose).await
    }

    async fn control_in(
        &self,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        self.control_in_at(Instant::now(), request, most_bytes, deadline)
            .await
    }

    async fn control_in_at(
        &self,
        at: Instant,
        request: ControlRequest,
        most_bytes: u16,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        if at.saturating_duration_since(Instant::now()) > WAITED_IN_THE_THREAD {
            sleep_until(at - WAITED_IN_THE_THREAD).await;
        }
        let wait = at.saturating_duration_since(Instant::now());
        let at = std::time::Instant::now() + wait;
        let deadline = at_least_a_millisecond(deadline);
        let read = move |held: &mut Claimed| {
            std::thread::sleep(at.saturating_duration_since(std::time::Instant::now()));
            held.control_in(request, most_bytes, deadline)
        };
        self.worker
            .request(deadline.saturating_add(wait), read)
            .await
    }

    async fn control_out(
        &self,
        request: ControlRequest,
        data: &[u8],
        deadline: Duration,
    ) -> Result<(), LinkError> {
        self.ensure_sendable(data)?;
        let deadline = at_least_a_millisecond(deadline);
        let (data, length) = (data.to_vec(), data.len());
        let write = move |held: &mut Claimed| held.control_out(request, &data, deadline);
        match self.worker.request(deadline, write).await? {
            written if written == length => Ok(()),
            _ => Err(self.short()),
        }
    }

    fn hand_over<'a>(&'a self, series: &Series, write: Write, then: FollowUp) -> HandedOver<'a> {
        let turn = series.turn();
        let Write {
            request,
            data,
            deadline,
        } = write;
        if let Err(error) = self.ensure_sendable(&data) {
            return Box::pin(std::future::ready(Err(error)));
        }
        let deadline = at_least_a_millisecond(deadline);
        let place = self.place.clone();
        let exchange = move |held: &mut Claimed| {
            if !turn.has_come() {
                return Ok(Sent::Not);
            }
            if held.control_out(request, &data, deadline)? != data.len() {
                return Ok(Sent::Part);
            }
            let followed = held.follow_up(then, deadline, &place);
            if followed.lets_next(then) {
                turn.lets_next();
            }
            Ok(Sent::Whole(followed))
        };
        // The write, then each answer; and the same of the one that it waits for.
        let transfers = u32::try_from(1 + MOST_ANSWERS).unwrap_or(u32::MAX);
        let longest = deadline
            .saturating_mul(transfers)
            .saturating_add(PAUSED_IN_THE_THREAD)
            .saturating_mul(HANDED_OVER_AT_ONCE);
        let sent = self.worker.hand_over(longest, failed, exchange);
        Box::pin(async move {
            match sent.await? {
                Sent::Not => Ok(None),
                Sent::Part => Err(self.short()),
                Sent::Whole(followed) => Ok(Some(followed)),
            }
        })
    }

    async fn bulk_in(
        &self,
        endpoint: u8,
        most_bytes: usize,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError> {
        let deadline = at_least_a_millisecond(deadline);
        let read = move |held: &mut Claimed| {
            let mut bytes = vec![0; most_bytes];
            let read = held.handle.read_bulk(endpoint, &mut bytes, deadline)?;
            bytes.truncate(read);
            Ok(bytes)
        };
        self.worker.request(deadline, read).await
    }

    async fn bulk_out(
        &self,
        endpoint: u8,
        data: &[u8],
        deadline: Duration,
    ) -> Result<(), LinkError> {
        let deadline = at_least_a_millisecond(deadline);
        let (data, length) = (data.to_vec(), data.len());
        let write = move |held: &mut Claimed| held.handle.write_bulk(endpoint, &data, deadline);
        match self.worker.request(deadline, write).await? {
            written if written == length => Ok(()),
            _ => Err(self.short()),
        }
    }

    async fn reset(&self) -> Result<(), LinkError> {
        let reset = |held: &mut Claimed| {
            // macOS resets no device that has a claimed interface (dfu-rs/dfu-libusb PR 19).
            for claim in held.claims.drain(..) {
                let _ = held.handle.release_interface(claim.interface());
            }
            held.handle.reset()
        };
        self.worker
            .hand_over(RESET_DEADLINE, failed_reset, reset)
            .await
    }
}
