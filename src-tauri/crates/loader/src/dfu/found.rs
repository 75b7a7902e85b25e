//! Opens a device and reads what it says of itself, and finds it again at its place under other ids.

use std::time::Duration;

use firmdrop_core::{Diagnose as _, Remedy};
use firmdrop_link::{
    ControlRequest, Link, LinkAddress, LinkError, Providers, Recipient, RequestKind, Usb,
    UsbAddress, UsbDevice, can_be_shown,
};
use tokio::time::{Instant, sleep};

use super::interface::{self, Interface};
use super::memory::Memory;
use super::quirks;
use super::timing::{MOST_ALTERNATES, MOST_TEXT_RETRIES, SHOWN_CHARACTERS, TEXT_BYTES, Timing};
use super::words::{APPLICATION, BOOTLOADER, NAME};
use crate::{MemoryArea, Target, UsbIds};

/// `GET_DESCRIPTOR`, USB 2.0, 9.4.
const GET_DESCRIPTOR: u8 = 6;
/// Type of a text, table 9-5.
const TEXT_DESCRIPTOR: u16 = 3;
/// English (United States), for a device that does not list its languages.
const ENGLISH: u16 = 0x0409;

/// A device that is there.
#[derive(Debug)]
pub(super) struct FoundDevice {
    pub(super) usb: Box<dyn Usb>,
    /// `None` when it has no DFU interface.
    pub(super) interface: Option<Interface>,
    /// Of a bootloader with ST's extensions, or one that does not say what it speaks.
    pub(super) memories: Vec<Memory>,
}

impl FoundDevice {
    /// Opens it and reads its descriptors. Takes no interface, so that no driver is disturbed.
    pub(super) async fn open(
        providers: &Providers,
        address: &LinkAddress,
        timing: Timing,
    ) -> Result<Self, LinkError> {
        Self::open_as(providers, address, timing, false).await
    }

    /// Opens a device whose bootloader is known to answer, whatever its interface says of itself.
    pub(super) async fn open_bootloader(
        providers: &Providers,
        address: &LinkAddress,
        timing: Timing,
    ) -> Result<Self, LinkError> {
        Self::open_as(providers, address, timing, true).await
    }

    async fn open_as(
        providers: &Providers,
        address: &LinkAddress,
        timing: Timing,
        is_bootloader: bool,
    ) -> Result<Self, LinkError> {
        let usb = match providers.open(address).await? {
            Link::Usb(usb) => usb,
            other => return Err(other.unsuitable(&address.to_string(), NAME)),
        };
        let mut interface = interface::find(usb.configuration());
        if let Some(interface) = &mut interface {
            interface.is_bootloader |= is_bootloader;
        }
        let mut memories = Vec::new();
        if let Some(interface) = interface.as_ref().filter(|one| one.is_bootloader) {
            memories = self::memories(usb.as_ref(), interface, timing.transfer).await?;
        }
        Ok(Self {
            usb,
            interface,
            memories,
        })
    }

    pub(super) fn ids(&self) -> UsbIds {
        ids(self.usb.device())
    }

    pub(super) fn is_bootloader(&self) -> bool {
        self.interface.as_ref().is_some_and(|one| one.is_bootloader)
    }

    /// Name and ids, for a message.
    pub(super) fn shown(&self) -> String {
        let device = self.usb.device();
        let ids = super::ids::shown(self.ids());
        match &device.product_name {
            Some(name) => format!("{name} ({ids})"),
            None => ids,
        }
    }

    /// It, for a plan.
    pub(super) fn target(&self) -> Target {
        let device = self.usb.device();
        let mode = if self.is_bootloader() {
            BOOTLOADER
        } else {
            APPLICATION
        };
        let areas = self.memories.iter().flat_map(|memory| {
            memory.groups.iter().map(|group| MemoryArea {
                name: memory.name.clone(),
                address: group.begin,
                length_bytes: group.end() - group.begin,
                sector_bytes: group.sector_bytes,
                readable: group.is_readable,
                erasable: group.is_erasable,
                writable: group.is_writable,
            })
        });
        let [high, low] = device.release.to_be_bytes();
        Target {
            product: device.product_name.clone(),
            version: Some(format!("{high:X}.{low:02X}")),
            serial: device.serial.clone(),
            mode: Some(mode.into()),
            usb: Some(self.ids()),
            memory: areas.collect(),
            shows_memory: self.interface.as_ref().map(|one| one.functional.can_upload),
            ..Target::default()
        }
    }
}

fn ids(device: &UsbDevice) -> UsbIds {
    UsbIds {
        vendor: device.vendor,
        product: device.product,
        release: device.release,
    }
}

/// The address of whatever is plugged in where this device is.
pub(super) fn place(device: &UsbDevice) -> LinkAddress {
    UsbAddress::at(&device.port_chain).to_link()
}

/// Why a device was not seen in the form that was waited for, by the last look.
#[derive(Debug)]
pub(super) enum NotFound {
    /// Nothing was there, or something in another form.
    Absent,
    /// Something may be there: the system did not let it be opened, or it did not answer.
    Closed(LinkError),
}

impl NotFound {
    pub(super) fn of(error: LinkError) -> Self {
        match error {
            LinkError::NotFound { .. } | LinkError::Lost { .. } => Self::Absent,
            error => Self::Closed(error),
        }
    }
}

/// A failure with what helps against it, for a sentence about a load that ended.
pub(super) fn with_advice(error: &LinkError) -> String {
    let text = error.to_string();
    let text = text.trim_end_matches('.');
    let advice = error
        .diagnose()
        .remedies
        .into_iter()
        .find_map(|remedy| match remedy {
            Remedy::Advice { text } => Some(text),
            _ => None,
        });
    match advice {
        Some(advice) => format!("{text}. {advice}"),
        None => format!("{text}."),
    }
}

/// Looks for the device at a place until `is_it` says that it is there in the form that is waited for.
pub(super) async fn wait_for(
    providers: &Providers,
    place: &LinkAddress,
    timing: Timing,
    within: Duration,
    is_it: impl Fn(&FoundDevice) -> bool,
) -> Result<FoundDevice, NotFound> {
    let deadline = Instant::now() + within;
    loop {
        let unseen = match FoundDevice::open(providers, place, timing).await {
            Ok(seen) if is_it(&seen) => return Ok(seen),
            Ok(_) => NotFound::Absent,
            Err(error) => NotFound::of(error),
        };
        if Instant::now() >= deadline {
            return Err(unseen);
        }
        sleep(timing.poll_every).await;
    }
}

async fn memories(
    usb: &dyn Usb,
    interface: &Interface,
    deadline: Duration,
) -> Result<Vec<Memory>, LinkError> {
    // Of a device that does not say how it is written, the names may say that it has addresses.
    if !interface.is_st() && interface.functional.is_described {
        return Ok(Vec::new());
    }
    let mut texts = Texts {
        usb,
        deadline,
        retries: MOST_TEXT_RETRIES,
    };
    let language = texts.language().await?;
    let mut memories = Vec::new();
    for alternate in interface.alternates.iter().take(MOST_ALTERNATES) {
        let Some(text) = texts.text(alternate.text, language).await? else {
            continue;
        };
        memories.extend(Memory::read(alternate.number, &text));
    }
    quirks::mend(usb.device(), &mut memories);
    Ok(memories)
}

/// The texts of a device. One that does not come is asked for again, a few times in all.
struct Texts<'a> {
    usb: &'a dyn Usb,
    deadline: Duration,
    retries: u32,
}

impl Texts<'_> {
    async fn language(&mut self) -> Result<u16, LinkError> {
        let bytes = self.descriptor(0, 0).await?;
        let first = bytes
            .as_deref()
            .and_then(|bytes| bytes.get(2..))
            .and_then(|rest| rest.first_chunk::<2>());
        Ok(first.map_or(ENGLISH, |bytes| u16::from_le_bytes(*bytes)))
    }

    /// A text of the device, made fit to be shown; `None` when it has none, refuses it or does not answer.
    async fn text(&mut self, number: u8, language: u16) -> Result<Option<String>, LinkError> {
        if number == 0 {
            return Ok(None);
        }
        let bytes = self.descriptor(number, language).await?;
        Ok(bytes.as_deref().map(letters))
    }

    async fn descriptor(
        &mut self,
        number: u8,
        language: u16,
    ) -> Result<Option<Vec<u8>>, LinkError> {
        let request = ControlRequest {
            kind: RequestKind::Standard,
            recipient: Recipient::Device,
            request: GET_DESCRIPTOR,
            value: TEXT_DESCRIPTOR << 8 | u16::from(number),
            index: language,
        };
        loop {
            let read = self.usb.control_in(request, TEXT_BYTES, self.deadline);
            match read.await {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(LinkError::Timeout { .. }) if self.retries > 0 => self.retries -= 1,
                Err(LinkError::Stalled { .. } | LinkError::Timeout { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// The letters of a text descriptor. Its first byte is its length, and may say more than there is
/// (inav-configurator PR 2601).
fn letters(bytes: &[u8]) -> String {
    let says = bytes.first().map_or(0, |length| usize::from(*length));
    let body = bytes.get(2..says.min(bytes.len())).unwrap_or_default();
    let units = body
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|letter| can_be_shown(*letter))
        .take(SHOWN_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(says: u8, text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [says, 3].into_iter().chain(units).collect()
    }

    #[test]
    fn a_text_that_says_a_wrong_length_is_read_as_far_as_it_is_there() {
        assert_eq!(letters(&bytes(8, "@Fl")), "@Fl");
        assert_eq!(letters(&bytes(200, "@Fl")), "@Fl");
        assert_eq!(letters(&bytes(6, "@Fl")), "@F");
        assert_eq!(letters(&bytes(0, "@Fl")), "");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_controls_a_terminal(bytes in prop::collection::vec(any::<u8>(), 0..260)) {
            let text = letters(&bytes);
            prop_assert!(text.chars().count() <= SHOWN_CHARACTERS);
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
