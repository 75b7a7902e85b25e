//! Looks for a drive: the first time, and again after it left.

use firmdrop_link::{Drive, Link, LinkAddress, LinkError};
use tokio::time::Instant;

use super::{
    info::{Info, Kind},
    load::Load,
};
use crate::LoadError;

/// A drive that is there.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) drive: Box<dyn Drive>,
    pub(super) info: Info,
}

/// What became of a drive after the copy.
#[derive(Debug)]
pub(super) enum After {
    /// It never left.
    Stayed(Seen),
    /// It left and came back.
    Returned(Seen),
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
    LoadError::DoesNotFit {
        why: "Neither INFO_UF2.TXT nor DETAILS.TXT is in its root folder: it is not the drive of a bootloader.".into(),
    }
}

/// Opens the drive at an address and reads what it says of itself.
pub(super) async fn at(load: &Load<'_>, address: &LinkAddress) -> Result<Option<Seen>, LinkError> {
    let link = load.context.providers.open(address).await?;
    let drive = drive(link, address)?;
    let info = Info::read(&*drive).await?;
    Ok(info.map(|info| Seen { drive, info }))
}

/// The same drive, wherever it is now; `None` while it is away.
async fn again(load: &Load<'_>, before: &Info) -> Option<Seen> {
    let same = |seen: &Seen| seen.info.is_same(before);
    if let Ok(Some(seen)) = at(load, load.address()).await
        && same(&seen)
    {
        return Some(seen);
    }
    // A system may mount it at another folder. Only an id of its own shows that it is this one.
    let unique = before.unique.as_ref()?;
    let readers = load.context.providers.discover().await;
    let channel = load.address().channel();
    let found = readers.iter().find(|reader| {
        reader.address.channel() == channel && reader.serial.as_ref() == Some(unique)
    })?;
    let seen = at(load, &found.address).await.ok()??;
    same(&seen).then_some(seen)
}

/// Waits for the drive to leave and to come back, as its kind does.
pub(super) async fn after(load: &Load<'_>, before: &Seen, state: &str) -> Result<After, LoadError> {
    let timing = load.timing;
    let (leaves, returns) = match before.info.kind {
        Kind::Uf2 => (timing.uf2_leaves, timing.uf2_returns),
        Kind::Daplink | Kind::Maintenance => (timing.daplink_leaves, timing.daplink_returns),
    };
    let mut deadline = Instant::now() + leaves;
    let mut left = false;
    loop {
        let seen = load
            .unless_stopped(state, async { Ok(again(load, &before.info).await) })
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
fn is_new(before: &Seen, now: &Seen) -> bool {
    before.drive.appearance() != now.drive.appearance() || before.info.remounts != now.info.remounts
}
