//! The parts of a load in order, for both protocols, and what their outcome is.

use std::sync::Arc;

use firmdrop_core::{NoteKind, Outcome, ProofMethod, grouped};
use firmdrop_image::Payload;
use firmdrop_link::{LinkAddress, LinkError};

use super::interface::Interface;
use super::layout::{Part, Run};
use super::left::{self, After, LoadStage};
use super::load::{Ended, Load};
use super::options::Erase;
use super::plain::{self, Compared, Manifested};
use super::save;
use super::session::Session;
use super::st;
use super::window::whole;
use super::words::phase;
use crate::{LeftState, LoadError};

/// A device in its bootloader.
pub(super) struct Device {
    pub(super) place: LinkAddress,
    pub(super) shown: String,
    pub(super) interface: Interface,
}

/// How a part of a load ended that the device did not end itself.
pub(super) enum End {
    Done(Outcome),
    /// Everything was sent, and the device is not in `dfuIDLE` any more: its interface is given back before it is
    /// looked at again.
    Sent(AfterLast),
    Failed(LoadError),
}

/// What followed the last block of an image without addresses.
pub(super) struct AfterLast {
    pub(super) manifested: Manifested,
    pub(super) run: Run,
    /// It was reset, which starts the image.
    pub(super) was_reset: bool,
}

/// Of a device that was read before it was asked to leave.
pub(super) const NOT_ASKED: &str = "It was not asked to start them.";

/// Everything the parts of a load have in common.
pub(super) struct Work<'a> {
    pub(super) load: &'a Load<'a>,
    pub(super) device: &'a Device,
    pub(super) session: &'a Session,
    pub(super) payload: &'a Arc<Payload>,
}

impl Work<'_> {
    pub(super) async fn by_address(
        &self,
        parts: &[Part],
        reached: &mut LoadStage,
    ) -> Result<End, Ended> {
        let (load, session) = (self.load, self.session);
        let by_address = st::ByAddress {
            load,
            session,
            payload: self.payload,
            parts,
        };
        load.unless_stopped(session.rest()).await?;
        let mut from = None;
        // What is there already counts for nothing when everything is to be erased.
        if load.options.reads_back && load.options.erase != Erase::All {
            let found = by_address.compare().await?;
            match found.compared {
                Compared::Same => return self.held_before(Some(parts)).await,
                Compared::NotShown(_) | Compared::Differs(_) => {}
            }
            from = found.position.map(|position| st::Position {
                address: parts
                    .get(position.part)
                    .map_or(position.address, |part| part.restart(position.address)),
                ..position
            });
            // What lies in front of the first difference is there already.
            self.say_what_is_there(st::bytes_in_front(parts, from));
        }
        save::by_address(load, session, parts).await?;
        load.begin(phase::ERASE)?;
        self.durable(*reached).await?;
        by_address.erase(from, reached).await?;
        load.begin(phase::WRITE)?;
        by_address.write(from, reached).await?;
        *reached = LoadStage::Sent;
        let compared = if load.options.reads_back {
            load.begin(phase::READ_BACK)?;
            by_address.compare().await?.compared
        } else {
            Compared::NotShown("it was asked not to be read".into())
        };
        let proof = match judge(compared, &self.device.shown, NOT_ASKED, reached) {
            Ok(proof) => proof,
            Err(error) => return Ok(End::Failed(error)),
        };
        let left = self.leave_by_address(parts).await?;
        Ok(End::Done(proof.outcome(&left)))
    }

    pub(super) async fn plain(&self, reached: &mut LoadStage) -> Result<End, Ended> {
        let (load, session) = (self.load, self.session);
        let functional = session.functional;
        let run = whole(self.payload.total_bytes());
        choose_alternate(load, session).await?;
        load.unless_stopped(session.rest()).await?;
        // Equal bytes in a bootloader that was found as such prove nothing: it may have lost its power before it
        // stored the image as a whole, and does not start it then. An application that ran was stored.
        let ran = matches!(reached, LoadStage::Bootloader { .. });
        if ran && load.options.reads_back && functional.can_upload {
            let compared = plain::compare(load, session, self.payload, run).await?;
            if compared == Compared::Same {
                return self.held_before(None).await;
            }
        }
        if load.resumes {
            load.note(
                NoteKind::Resumed,
                "The image is sent from its start: this protocol has no way to continue",
            );
        }
        save::plain(load, session).await?;
        load.begin(phase::WRITE)?;
        self.durable(*reached).await?;
        let block = plain::write(load, session, self.payload, run, reached).await?;
        *reached = LoadStage::Sent;
        let manifested = plain::manifest(load, session, block).await?;
        let resets = functional.waits_for_reset && load.options.leaves;
        if matches!(manifested, Manifested::StillBusy) && !resets {
            return Ok(End::Done(Outcome::sent(
                "The reader took every byte and says that it stores the image, for longer than is waited. Nothing confirms that it has it.",
            )));
        }
        if let Manifested::Idle = manifested {
            let compared = if load.options.reads_back && functional.can_upload {
                load.begin(phase::READ_BACK)?;
                plain::compare(load, session, self.payload, run).await?
            } else {
                not_read(load)
            };
            let proof = match judge(compared, &self.device.shown, NOT_ASKED, reached) {
                Ok(proof) => proof,
                Err(error) => return Ok(End::Failed(error)),
            };
            let left = self.leave_by_reset().await?;
            return Ok(End::Done(proof.outcome(&left)));
        }
        let was_reset = !matches!(manifested, Manifested::Left) && load.options.leaves;
        if was_reset {
            // DFU 1.1, 7: the host resets a device that does not detach itself. One that does may be gone.
            if let Err(Ended::Stopped) = load.unless_stopped(session.reset()).await {
                return Err(Ended::Stopped);
            }
        }
        Ok(End::Sent(AfterLast {
            manifested,
            run,
            was_reset,
        }))
    }

    /// The device held every byte before anything was sent.
    async fn held_before(&self, parts: Option<&[Part]>) -> Result<End, Ended> {
        self.load.note(
            NoteKind::Step,
            "The reader holds these bytes already: nothing was erased or written",
        );
        let left = match parts {
            Some(parts) => self.leave_by_address(parts).await?,
            None => self.leave_by_reset().await?,
        };
        let proof = Proof::ReadBack("It held them before; nothing was erased or written.");
        Ok(End::Done(proof.outcome(&left)))
    }

    fn say_what_is_there(&self, bytes: u64) {
        if bytes > 0 {
            let kind = if self.load.resumes {
                NoteKind::Resumed
            } else {
                NoteKind::Step
            };
            self.load.note(
                kind,
                format!(
                    "The first {bytes} bytes are there already and are not sent again",
                    bytes = grouped(bytes)
                ),
            );
        }
    }

    async fn durable(&self, reached: LoadStage) -> Result<(), Ended> {
        let state = left::state(reached, After::NotAsked);
        self.load.context.durable(&state).await.map_err(Ended::Load)
    }
}

/// Chooses the alternate setting that was asked for; otherwise the first one is chosen already.
pub(super) async fn choose_alternate(load: &Load<'_>, session: &Session) -> Result<(), LinkError> {
    match load.options.alternate {
        Some(alternate) => session.choose(alternate).await,
        None => Ok(()),
    }
}

/// Why nothing was compared.
pub(super) fn not_read(load: &Load<'_>) -> Compared {
    let why = if load.options.reads_back {
        "the reader does not let its image be read"
    } else {
        "it was asked not to be read"
    };
    Compared::NotShown(why.into())
}

/// What a comparison after the write means; `since` is what the device was asked for, or did, between the two.
pub(super) fn judge(
    compared: Compared,
    shown: &str,
    since: &str,
    reached: &mut LoadStage,
) -> Result<Proof, LoadError> {
    match compared {
        Compared::Same => {
            *reached = LoadStage::Held;
            Ok(Proof::ReadBack("They were read after the write."))
        }
        Compared::NotShown(why) => Ok(Proof::None(why)),
        Compared::Differs(address) => Err(LoadError::SlotDiffers {
            ours: "the bytes of the image".into(),
            theirs: format!("others from {address:#x} on"),
            state: LeftState(format!(
                "{shown} took every byte and shows others, the first at {address:#x}. {since} It was in its bootloader when it was read."
            )),
        }),
    }
}

/// What is known of the device's memory after the load.
pub(super) enum Proof {
    ReadBack(&'static str),
    None(String),
}

impl Proof {
    pub(super) fn outcome(self, left: &str) -> Outcome {
        match self {
            Self::ReadBack(when) => Outcome::verified(
                ProofMethod::ReadBack,
                format!("The reader shows every byte of this image. {when} {left}"),
            ),
            Self::None(why) => Outcome::sent(format!(
                "The reader took every byte without an error, and {why}. {left}"
            )),
        }
    }
}
