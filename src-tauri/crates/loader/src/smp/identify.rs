//! Finds out which program of a reader answers. Reads only.

use firmdrop_link::LinkError;

use super::{
    failure::Failure,
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    session::Session,
    state::Images,
    timing::Timing,
};

/// Finds out which program answers. Reads only.
///
/// What the list of images proves is not asked. Otherwise: applications alone know what their bootloader is
/// (Zephyr, `CONFIG_MCUMGR_GRP_OS_BOOTLOADER_INFO`); `MCUboot`'s recovery alone accepts the console echo
/// command, whatever it is built with, and does nothing (`boot_serial.c`, `NMGR_ID_CONS_ECHO_CTRL`).
pub(super) async fn mode_of(
    session: &mut Session,
    images: &Images,
    timing: &Timing,
) -> Result<Mode, Failure> {
    if let Some(mode) = images.proves() {
        return Ok(mode);
    }
    let query = Fields::default().with("query", "mode");
    if knows(session, Command::BootloaderInfo, &query, timing).await? {
        return Ok(Mode::Application);
    }
    let nothing = Fields::default();
    if knows(session, Command::ConsoleEcho, &nothing, timing).await? {
        return Ok(Mode::Recovery);
    }
    // Recovery that starts nothing accepts its own question; an application may have yet to find its images.
    Ok(if images.any_active() || images.slots.is_empty() {
        Mode::Unclear
    } else {
        Mode::Recovery
    })
}

/// Which images a reader lists, and which program answers; asked when it may just be restarting. An
/// application may speak another version of the protocol than its bootloader, so both are tried.
pub(super) async fn who(load: &Load<'_>, session: &mut Session) -> Result<(Images, Mode), Failure> {
    let fields = Fields::default();
    let timeouts = [load.timing.answer; 2];
    let asked = session.have_done(Command::ReadState, &fields, &timeouts);
    let images = Images::read(&asked.await?)?;
    let mode = mode_of(session, &images, &load.timing).await?;
    Ok((images, mode))
}

/// Whether the reader accepts this. Old bootloaders answer nothing to what they do not know.
async fn knows(
    session: &mut Session,
    command: Command,
    fields: &Fields,
    timing: &Timing,
) -> Result<bool, Failure> {
    let timeouts = [timing.answer; 2];
    match session.have_done(command, fields, &timeouts).await {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_) | Failure::Link(LinkError::Timeout { .. })) => Ok(false),
        Err(failure) => Err(failure),
    }
}
