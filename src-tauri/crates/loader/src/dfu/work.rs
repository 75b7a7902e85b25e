//! The parts of a load in order, for both protocols, and what their outcome is.

use std::sync::Arc;

use firmdrop_core::{NoteKind, Outcome, ProofMethod};
use firmdrop_image::Payload;
use firmdrop_link::LinkAddress;

use super::interface::Interface;
use super::layout::{Part, Run};
use super::left::{self, After, Reached};
use super::load::{Ended, Load};
use super::options::Erase;
use super::plain::{self, Compared, Manifested};
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
    Failed(LoadError),
}

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
        reached: &mut Reached,
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
        if load.options.reads_back {
            let found = by_address.compare().await?;
            match found.compared {
                Compared::Same => return self.held_before(Some(parts)).await,
                Compared::NotShown(_) | Compared::Differs(_) => {}
            }
            from = found.spot.map(|spot| st::Spot {
                address: parts
                    .get(spot.part)
                    .map_or(spot.address, |part| part.restart(spot.address)),
                ..spot
            });
            // What lies in front of the first difference is there already, unless everything is to be erased.
            if load.options.erase == Erase::All {
                from = None;
            }
            self.say_what_is_there(st::bytes_in_front(parts, from));
        }
        load.begin(phase::ERASE)?;
        self.durable(*reached).await?;
        by_address.erase(from, reached).await?;
        load.begin(phase::WRITE)?;
        by_address.write(from, reached).await?;
        *reached = Reached::Sent;
        let compared = if load.options.reads_back {
            load.begin(phase::READ_BACK)?;
            by_address.compare().await?.compared
        } else {
            Compared::NotShown("it was asked not to be read".into())
        };
        let proof = match self.judge(compared, reached) {
            Ok(proof) => proof,
            Err(error) => return Ok(End::Failed(error)),
        };
        let left = self.leave_by_address(parts).await?;
        Ok(End::Done(proof.outcome(&left)))
    }

    pub(super) async fn plain(&self, reached: &mut Reached) -> Result<End, Ended> {
        let (load, session) = (self.load, self.session);
        let functional = session.functional;
        let run = whole(self.payload.total_bytes());
        load.unless_stopped(session.rest()).await?;
        if let Some(alternate) = load.options.alternate {
            session.choose(alternate).await?;
        }
        // Equal bytes in a bootloader that was found as such prove nothing: it may have lost its power before it
        // stored the image as a whole, and does not start it then. An application that ran was stored.
        let ran = matches!(reached, Reached::Bootloader { .. });
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
        load.begin(phase::WRITE)?;
        self.durable(*reached).await?;
        let block = plain::write(load, session, self.payload, run, reached).await?;
        *reached = Reached::Sent;
        let manifested = plain::manifest(load, session, block).await?;
        if let Manifested::Idle = manifested {
            let compared = if load.options.reads_back && functional.can_upload {
                load.begin(phase::READ_BACK)?;
                plain::compare(load, session, self.payload, run).await?
            } else {
                self.not_read()
            };
            let proof = match self.judge(compared, reached) {
                Ok(proof) => proof,
                Err(error) => return Ok(End::Failed(error)),
            };
            let left = self.leave_by_reset().await?;
            return Ok(End::Done(proof.outcome(&left)));
        }
        self.after_restart(manifested, run, reached).await
    }

    /// The device stored the image, or says nothing, and is not in `dfuIDLE` any more.
    async fn after_restart(
        &self,
        manifested: Manifested,
        run: Run,
        reached: &mut Reached,
    ) -> Result<End, Ended> {
        let (load, session) = (self.load, self.session);
        let sent = match manifested {
            Manifested::StillBusy => {
                return Ok(End::Done(Outcome::sent(
                    "The reader took every byte and says that it stores the image, for longer than is waited. Nothing confirms that it has it.",
                )));
            }
            Manifested::Silent => "The reader took every byte and then answered nothing",
            Manifested::Left => {
                "The reader took every byte and left the bus by itself, as one does that starts the new image"
            }
            Manifested::WaitsForReset | Manifested::Idle => {
                "The reader took every byte and stored it, as it said"
            }
        };
        if !matches!(manifested, Manifested::Left) && load.options.leaves {
            // DFU 1.1, 7: the host resets a device that does not detach itself. One that does may be gone.
            let _ = session.reset().await;
        }
        let Some(back) = self.look_again().await? else {
            return Ok(End::Done(Outcome::sent(format!(
                "{sent}. It was not seen at its place for {} s since; an application without USB is not.",
                load.timing.returns.as_secs()
            ))));
        };
        let now = back.shown();
        if !back.is_bootloader() {
            return Ok(End::Done(Outcome::sent(format!(
                "{sent}. It came back as {now}, which does not let its image be read."
            ))));
        }
        let Some(interface) = back.interface.clone() else {
            return Ok(End::Done(Outcome::sent(format!("{sent}."))));
        };
        let compared = if load.options.reads_back && interface.functional.can_upload {
            load.begin(phase::READ_BACK)?;
            let reading = async {
                let again = Session::open(back.usb, &interface, load.timing).await?;
                again.rest().await?;
                plain::compare(load, &again, self.payload, run).await
            };
            match reading.await {
                Ok(compared) => compared,
                Err(Ended::Trouble(_)) => {
                    Compared::NotShown("it does not answer to be read".into())
                }
                Err(ended) => return Err(ended),
            }
        } else {
            self.not_read()
        };
        let proof = match self.judge(compared, reached) {
            Ok(proof) => proof,
            Err(error) => return Ok(End::Failed(error)),
        };
        Ok(End::Done(match proof {
            Proof::ReadBack(_) => {
                proof.outcome(&format!("It came back in its bootloader as {now}."))
            }
            Proof::None(why) => Outcome::sent(format!(
                "{sent}. It is in its bootloader as {now}, and {why}."
            )),
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
                format!("The first {bytes} bytes are there already and are not sent again"),
            );
        }
    }

    fn not_read(&self) -> Compared {
        let why = if self.load.options.reads_back {
            "the reader does not let its image be read"
        } else {
            "it was asked not to be read"
        };
        Compared::NotShown(why.into())
    }

    /// What a comparison after the write means.
    fn judge(&self, compared: Compared, reached: &mut Reached) -> Result<Proof, LoadError> {
        match compared {
            Compared::Same => {
                *reached = Reached::Held;
                Ok(Proof::ReadBack("They were read after the write."))
            }
            Compared::NotShown(why) => Ok(Proof::None(why)),
            Compared::Differs(address) => Err(LoadError::SlotDiffers {
                ours: "the bytes of the image".into(),
                theirs: format!("others from {address:#x} on"),
                state: LeftState(format!(
                    "{} took every byte and shows others, the first at {address:#x}. It was not asked to start them; it was in its bootloader when it was read.",
                    self.device.shown
                )),
            }),
        }
    }

    async fn durable(&self, reached: Reached) -> Result<(), Ended> {
        let state = left::state(reached, After::NotAsked);
        self.load.context.durable(&state).await.map_err(Ended::Load)
    }
}

/// What is known of the device's memory after the load.
enum Proof {
    ReadBack(&'static str),
    None(String),
}

impl Proof {
    fn outcome(self, left: &str) -> Outcome {
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
