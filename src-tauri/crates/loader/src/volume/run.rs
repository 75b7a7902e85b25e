//! One load from the first look at the drive to its outcome.

use firmdrop_core::{NoteKind, Outcome, ProofMethod, grouped};
use firmdrop_link::LinkError;

use super::{
    copy::{self, Copied, Received},
    found::{self, After, FoundDrive},
    info::{Info, Kind, shown, text},
    left,
    load::{Load, failed},
    own_blocks,
    plan::{self, file_name, phase},
    read_back::{self, Compared},
    timing::Timing,
};
use crate::planned::Changes;
use crate::{LeftState, LoadContext, LoadError};

/// Copies the image onto the drive.
pub(super) async fn run(context: &LoadContext, timing: Timing) -> Result<Outcome, LoadError> {
    plan::check(&context.inspection, None, &context.options)?;
    let load = Load::new(context, timing);
    if context.source.len() != context.expected.size_bytes {
        return Err(LoadError::Read {
            source: std::io::Error::other("the file has another size than when it was inspected"),
            state: LeftState(load.as_found.into()),
        });
    }
    load.begin(phase::CHECK, load.as_found)?;
    let looking = found::at(&load, load.address());
    let found = load.unless_stopped(load.as_found, looking).await?;
    let seen = found.ok_or_else(found::no_bootloader)?;
    check_planned(&load, &seen)?;
    plan::check(
        &context.inspection,
        Some(&seen.info.target()),
        &context.options,
    )?;
    let comparing = read_back::compare(&load, &seen);
    if load.unless_stopped(load.as_found, comparing).await? == Compared::Same {
        load.note(
            NoteKind::Step,
            "The drive holds these bytes already: nothing was copied",
        );
        return Ok(verified(
            &load,
            "It held them before; nothing was copied, and it stays in its bootloader until it is restarted.",
        ));
    }
    if load.resumes() {
        load.note(
            NoteKind::Resumed,
            "The file is copied anew: a drive does not say how much of it was taken",
        );
    }
    let reports = load
        .unless_stopped(load.as_found, Reports::read(&seen))
        .await?;
    let ends = own_blocks::end(&load, seen.info.board.as_deref()).await;
    let own_end = ends.map_err(|source| LoadError::Read {
        source,
        state: LeftState(load.as_found.into()),
    })?;
    load.begin(phase::COPY, load.as_found)?;
    context.durable(load.as_found).await?;
    let copied = match copy::copy(&load, &*seen.drive, own_end).await? {
        Copied::Left(Received::Part, error) => {
            return Err(left_in_copy(&load, &seen, &reports, error).await);
        }
        copied => copied,
    };
    load.begin(phase::WAIT, left::WRITTEN)?;
    match found::after(&load, &seen, left::WRITTEN).await? {
        After::Stayed(now) => stayed(&load, &now, &reports, copied).await,
        After::Returned(now) => returned(&load, &now, &reports, &copied).await,
        After::Away => away(&load, &seen.info, &copied),
    }
}

/// Refuses a drive that says something else than when the load was planned.
fn check_planned(load: &Load<'_>, seen: &FoundDrive) -> Result<(), LoadError> {
    let mut changes = Changes::default();
    if let Some(then) = &load.context.planned {
        let now = seen.info.target();
        changes.compare_identity(then, &now);
        changes.compare("mode", then.mode.as_ref(), now.mode.as_ref());
    }
    changes.refuse(load.as_found)
}

/// The drive left in the middle of the copy. A probe leaves when it rejects the file, and says why when it is back.
async fn left_in_copy(
    load: &Load<'_>,
    before: &FoundDrive,
    reports: &Reports,
    error: LinkError,
) -> LoadError {
    let state = left::IN_COPY;
    if before.info.kind == Kind::Uf2 {
        return failed(error, state);
    }
    load.note(
        NoteKind::Warning,
        "The drive left in the middle of the copy, as a probe does that rejects the file; it is waited for to read why",
    );
    let reported = match found::after(load, before, state).await {
        Ok(After::Stayed(now)) => failure(load, &now, reports, false, state).await,
        Ok(After::Returned(now)) => failure(load, &now, reports, true, state).await,
        Ok(After::Away) => Ok(()),
        Err(stopped) => Err(stopped),
    };
    match reported {
        Ok(()) | Err(LoadError::Link { .. }) => failed(error, state),
        Err(refused) => refused,
    }
}

/// What a probe reported, by the texts of its two files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reports {
    fail: Option<String>,
    assert: Option<String>,
}

impl Reports {
    async fn read(seen: &FoundDrive) -> Result<Self, firmdrop_link::LinkError> {
        Ok(Self {
            fail: text(&*seen.drive, "FAIL.TXT")
                .await?
                .map(|text| shown(&text)),
            assert: text(&*seen.drive, "ASSERT.TXT")
                .await?
                .map(|text| shown(&text)),
        })
    }

    /// The failure that is reported now. `ASSERT.TXT` stays until it is deleted, and a drive that never left
    /// shows the `FAIL.TXT` of an earlier file.
    fn failure(&self, before: &Self, is_new: bool) -> Option<String> {
        let new_assert = self
            .assert
            .as_ref()
            .filter(|text| before.assert.as_ref() != Some(*text));
        if let Some(text) = new_assert {
            return Some(format!("ASSERT.TXT says: {text}"));
        }
        let text = self.fail.as_ref()?;
        match before.fail.as_ref() == Some(text) {
            false => Some(format!("FAIL.TXT says: {text}")),
            true if is_new => Some(format!(
                "FAIL.TXT says: {text} (it said the same before this copy)"
            )),
            true => None,
        }
    }
}

async fn failure(
    load: &Load<'_>,
    now: &FoundDrive,
    before: &Reports,
    is_new: bool,
    state: &str,
) -> Result<(), LoadError> {
    let reports = load.unless_stopped(state, Reports::read(now)).await?;
    match reports.failure(before, is_new) {
        None => Ok(()),
        Some(why) => Err(LoadError::Refused {
            why,
            advice: Some("Unplug the reader, plug it in again, and check that the file is for it."),
            state: LeftState("The drive reports that it did not take the file. What the reader holds is not known.".into()),
        }),
    }
}

/// The drive never left.
async fn stayed(
    load: &Load<'_>,
    now: &FoundDrive,
    before: &Reports,
    copied: Copied,
) -> Result<Outcome, LoadError> {
    if let Copied::Left(_, error) = copied {
        return Err(failed(error, left::IN_COPY));
    }
    failure(load, now, before, false, left::WRITTEN).await?;
    let name = file_name(load.context.inspection.format);
    let total = load.context.source.len();
    let size = load
        .unless_stopped(left::WRITTEN, now.drive.size(name))
        .await?;
    if let Some(size) = size.filter(|size| *size != total) {
        return Err(LoadError::SlotDiffers {
            ours: format!("{total} bytes", total = grouped(total)),
            theirs: format!("{size} bytes of {name}", size = grouped(size)),
            state: LeftState(
                "The drive lists the file as shorter or longer than it is. What the reader holds is not known.".into(),
            ),
        });
    }
    compared(load, now, "It took every byte and did not restart, as a bootloader does that took a file for it; what it holds cannot be compared").await
}

/// The drive left and came back.
async fn returned(
    load: &Load<'_>,
    now: &FoundDrive,
    before: &Reports,
    copied: &Copied,
) -> Result<Outcome, LoadError> {
    failure(load, now, before, true, left::WRITTEN).await?;
    let sent = match now.info.kind {
        Kind::Uf2 => match copied {
            Copied::Left(Received::Own, _) => {
                "The drive took every block for its family, left and came back; what it holds cannot be compared"
            }
            _ => "The drive took every byte, left and came back; what it holds cannot be compared",
        },
        Kind::Daplink | Kind::Maintenance => {
            "The drive took every byte and came back without FAIL.TXT: it reports no error. What the reader holds cannot be compared"
        }
    };
    compared(load, now, sent).await
}

/// Reads back, where the drive permits it.
async fn compared(load: &Load<'_>, now: &FoundDrive, sent: &str) -> Result<Outcome, LoadError> {
    if now.info.kind != Kind::Uf2 {
        return Ok(Outcome::sent(format!(
            "{sent}: only UF2 drives show their memory."
        )));
    }
    load.begin(phase::READ_BACK, left::WRITTEN)?;
    let comparing = read_back::compare(load, now);
    match load.unless_stopped(left::WRITTEN, comparing).await? {
        Compared::Same => Ok(verified(load, "They were read after the copy.")),
        Compared::NotOffered(why) => Ok(Outcome::sent(format!("{sent}: {why}."))),
        Compared::Differs(address) => Err(LoadError::SlotDiffers {
            ours: "the bytes of the image".into(),
            theirs: format!("others from address {address:#x} on"),
            state: LeftState(format!(
                "The drive shows other bytes than those of the new image, the first at {address:#x}. What the reader runs is not known.{}",
                if now.may_be_another() {
                    left::ANOTHER
                } else {
                    ""
                }
            )),
        }),
    }
}

/// The drive left and stayed away.
fn away(load: &Load<'_>, before: &Info, copied: &Copied) -> Result<Outcome, LoadError> {
    match (before.kind, copied) {
        (Kind::Uf2, Copied::Whole) => Ok(Outcome::sent(
            "The drive took every byte and left, as a bootloader does that starts the application. It shows nothing of its memory then.",
        )),
        (Kind::Uf2, Copied::Left(Received::Own, _)) => Ok(Outcome::sent(
            "The drive took every block for its family and left before the rest of the file, which is for other families, as a bootloader does that starts the application. It shows nothing of its memory then.",
        )),
        (Kind::Uf2, Copied::Left(..)) => Ok(Outcome::sent(
            "The drive left while it took the last bytes, as a bootloader does that starts the application at once. Nothing confirms that it has them.",
        )),
        (Kind::Daplink | Kind::Maintenance, _) => Err(LoadError::NotReturned {
            seconds: load.timing.daplink_returns.as_secs(),
            address: load.address().clone(),
            state: LeftState(
                "The drive left after the copy. Whether it wrote the image to the reader is not known."
                    .into(),
            ),
        }),
    }
}

fn verified(load: &Load<'_>, how: &str) -> Outcome {
    let own = if own_blocks::are_some(load) {
        " that is for its family"
    } else {
        ""
    };
    Outcome::verified(
        ProofMethod::ReadBack,
        format!("The drive shows every byte of this image{own} in its CURRENT.UF2. {how}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(fail: Option<&str>, assert: Option<&str>) -> Reports {
        Reports {
            fail: fail.map(str::to_owned),
            assert: assert.map(str::to_owned),
        }
    }

    #[test]
    fn a_report_of_an_earlier_file_is_not_taken_for_one_of_this() {
        let before = reports(Some("timed out"), Some("line 396"));
        assert_eq!(before.failure(&before, false), None);
        let again = before.failure(&before, true).unwrap_or_default();
        assert!(again.contains("the same before"), "{again}");
        let other = reports(Some("bad hex"), Some("line 396"));
        assert_eq!(
            other.failure(&before, false).as_deref(),
            Some("FAIL.TXT says: bad hex")
        );
        assert_eq!(reports(None, None).failure(&before, true), None);
    }
}
