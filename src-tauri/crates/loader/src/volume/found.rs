//! Looks for a drive: the first time, and again after it left.

use firmdrop_link::{Drive, Link, LinkAddress, LinkError, Reader};
use tokio::time::Instant;

use super::{
    info::{Info, Kind},
    load::Load,
};
use crate::LoadError;

/// A drive that is there.
#[derive(Debug)]
pub(super) struct FoundDrive {
    pub(super) drive: Box<dyn Drive>,
    pub(super) info: Info,
}

/// What became of a drive after the copy.
#[derive(Debug)]
pub(super) enum After {
    /// It never left.
    Stayed(FoundDrive),
    /// It left and came back.
    Returned(FoundDrive),
    /// It left and stayed away.
    Away,
}

/// The drive of a link.
pub(super) fn drive(link: Link, address: &LinkAddress) -> Result<Box<dyn Drive>, LinkError> {
    match link {
        Link::Drive(drive) => Ok(drive),
        other => Err(other.unsuitable(&address.to_string(), super::plan::NAME)),
    }
}

/// The drive is none of a bootloader.
pub(super) fn no_bootloader() -> LoadError {
    LoadError::NotABootloader {
        why: "Neither INFO_UF2.TXT nor DETAILS.TXT is in its root folder: it is not the drive of a bootloader.".into(),
    }
}

/// Opens the drive at an address and reads what it says of itself.
pub(super) async fn at(
    load: &Load<'_>,
    address: &LinkAddress,
) -> Result<Option<FoundDrive>, LinkError> {
    let link = load.context.providers.open(address).await?;
    let drive = drive(link, address)?;
    let info = Info::read(&*drive).await?;
    Ok(info.map(|info| FoundDrive { drive, info }))
}

impl FoundDrive {
    /// Whether it is the drive of before, as far as this computer can know: by what it says of itself, and by the USB
    /// port it is plugged into. There are probes that all say the same id.
    fn is_same(&self, before: &Self) -> bool {
        let is_elsewhere = match (before.drive.port(), self.drive.port()) {
            (Some(before), Some(now)) => before != now,
            _ => false,
        };
        self.info.is_same(&before.info) && !is_elsewhere
    }

    /// Whether another drive of its kind of board would be taken for it.
    pub(super) fn may_be_another(&self) -> bool {
        self.info.unique.is_none() && self.drive.port().is_none()
    }
}

/// The same drive, wherever it is now; `None` while it is away.
async fn again(load: &Load<'_>, before: &FoundDrive) -> Option<FoundDrive> {
    if let Ok(Some(seen)) = at(load, load.address()).await
        && seen.is_same(before)
    {
        return Some(seen);
    }
    // A system may mount it at another folder. Its own id or its port shows that it is this one.
    let (unique, port) = (before.info.unique.as_deref(), before.drive.port());
    let is_there = |reader: &Reader| {
        let place = reader.place_key().strip_prefix("usb:");
        let chain = place.and_then(|place| place.split_once(':'));
        let is_known = unique.is_some() && reader.serial.as_deref() == unique;
        is_known || port.is_some() && chain.map(|(chain, _)| chain) == port
    };
    if unique.is_none() && port.is_none() {
        return None;
    }
    let channel = load.address().channel();
    for reader in load.context.providers.discover().await {
        if reader.address.channel() == channel
            && is_there(&reader)
            && let Ok(Some(seen)) = at(load, &reader.address).await
            && seen.is_same(before)
        {
            return Some(seen);
        }
    }
    None
}

/// Waits for the drive to leave and to come back, as its kind does.
pub(super) async fn after(
    load: &Load<'_>,
    before: &FoundDrive,
    state: &str,
) -> Result<After, LoadError> {
    let timing = load.timing;
    let (leaves, returns) = match before.info.kind {
        Kind::Uf2 => (timing.uf2_leaves, timing.uf2_returns),
        Kind::Daplink | Kind::Maintenance => (timing.daplink_leaves, timing.daplink_returns),
    };
    let mut deadline = Instant::now() + leaves;
    let mut left = false;
    loop {
        let seen = load
            .unless_stopped(state, async { Ok(again(load, before).await) })
            .await?;
        match seen {
            Some(seen) if left || is_new(before, &seen) => return Ok(After::Returned(seen)),
            Some(seen) if Instant::now() >= deadline => return Ok(After::Stayed(seen)),
            None if !left => {
                left = true;
                deadline = Instant::now() + returns;
            }
            None if Instant::now() >= deadline => return Ok(After::Away),
            _ => {}
        }
        load.pause(state).await?;
    }
}

/// Whether it left and came back between two looks.
fn is_new(before: &FoundDrive, now: &FoundDrive) -> bool {
    before.drive.appearance() != now.drive.appearance() || before.info.remounts != now.info.remounts
}
