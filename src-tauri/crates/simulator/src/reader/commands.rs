//! How a pretend reader answers.
//!
//! Zephyr's groups 0 (OS) and 1 (image). How it answers in recovery is said in `in_recovery`.

use std::time::Duration;

use ciborium::Value;

use super::{
    Arrival, BufferInfo, Cut, KnownBy, QuirkAction, QuirkAnswer, Request, Settings,
    SimulatedReader, Versions,
    found::{Fields, Found, count},
    image, in_recovery,
    model::State,
    wire::{Packet, Refusal},
};

/// Where the number of a packet lies in its header.
const NUMBER: usize = 6;

/// What a reader does about a request.
#[derive(Debug)]
pub(super) struct Reaction {
    /// How long it works first.
    pub(super) work: Duration,
    pub(super) then: Then,
}

/// What follows the work.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    Answer(Vec<u8>),
    AnswerAndRestart(Vec<u8>),
    Cut,
    /// The link breaks for so long.
    Leave(Duration),
}

impl SimulatedReader {
    /// Takes one packet. The deed is done at once, its time and its answer are left to the caller.
    pub(super) fn react(&self, bytes: &[u8]) -> Reaction {
        let mut state = self.state();
        let nothing = Reaction {
            work: state.faults.slow,
            then: Then::Nothing,
        };
        let versions = match state.recovery {
            Some(recovery) if recovery.only_version_1 => Versions::One,
            Some(_) => Versions::Both,
            None => self.settings().versions,
        };
        let packet = Packet::parse(bytes).filter(|packet| !packet.is_dropped(versions));
        let Some(packet) = packet else {
            return nothing;
        };
        let lost = state.faults.lost_requests_per_mille;
        if state.dead || state.dice.hits(lost) {
            return nothing;
        }
        let request = packet.request();
        if let Some(request) = request {
            *state.counters.requests.entry(request).or_default() += 1;
        }
        let busy_for = std::mem::take(&mut state.busy_for);
        if let Some(then) = request.and_then(|request| self.quirk(&mut state, request, &packet)) {
            return Reaction { then, ..nothing };
        }
        let found = match request {
            Some(_) if packet.is_too_old(versions) => Err(Refusal::TOO_OLD),
            Some(Request::Reset) if state.faults.refuses_restarts > 0 => {
                state.faults.refuses_restarts -= 1;
                Err(Refusal::BUSY)
            }
            Some(_) if state.is_busy() => Err(Refusal::BUSY),
            Some(Request::Upload) if state.faults.takes_nothing => {
                Ok(vec![("off", count(0))].into())
            }
            Some(request) => self.carry_out(&mut state, request, &packet),
            None => Err(Refusal::NOT_SUPPORTED),
        };
        let ignores = state
            .recovery
            .is_some_and(|recovery| recovery.ignores_unknown);
        if ignores && matches!(found, Err(Refusal::NOT_SUPPORTED)) {
            return nothing;
        }
        let restarts = request == Some(Request::Reset) && found.is_ok();
        let (mut answer, work) = match found {
            Ok(found) => (packet.answer(found.fields), found.work),
            Err(refusal) => (packet.refusal(refusal), Duration::ZERO),
        };
        if let (Some(number), Some(place)) = (state.faults.numbers_answers, answer.get_mut(NUMBER))
        {
            *place = number;
        }
        Reaction {
            work: nothing.work + work + busy_for,
            then: fate(&mut state, request, answer, restarts),
        }
    }

    /// What the reader's quirk makes of a request; `None` where it does as the others.
    fn quirk(&self, state: &mut State, request: Request, packet: &Packet) -> Option<Then> {
        let mut is_done = false;
        let said = match quirk_about(state, request, packet) {
            QuirkAction::Nothing => return None,
            QuirkAction::Leaving(time) => return Some(Then::Leave(time)),
            QuirkAction::FallingIntoRecovery(recovery, away) => {
                state.fall_into(recovery);
                return away.map(Then::Leave);
            }
            QuirkAction::OfDoing(said) => said,
            QuirkAction::OfAnswering(said) => {
                let _ = self.carry_out(state, request, packet);
                is_done = true;
                said
            }
            QuirkAction::Forgetting(said) => {
                state.flash.forget_upload();
                said
            }
        };
        Some(match said {
            QuirkAnswer::Silence => Then::Nothing,
            QuirkAnswer::Code(code) => Then::Answer(packet.refusal(Refusal::plain(code))),
            QuirkAnswer::CodeOfGroup(code) => {
                Then::Answer(packet.refusal(Refusal::of_image(code, code)))
            }
            QuirkAnswer::Fields(fields) if is_done && request == Request::Reset => {
                Then::AnswerAndRestart(packet.answer(fields))
            }
            QuirkAnswer::Fields(fields) => Then::Answer(packet.answer(fields)),
        })
    }

    fn carry_out(
        &self,
        state: &mut State,
        request: Request,
        packet: &Packet,
    ) -> Result<Found, Refusal> {
        let settings = self.settings();
        if let Some(recovery) = state.recovery {
            return in_recovery::carry_out(settings, recovery, state, request, packet);
        }
        match request {
            Request::Echo => {
                let text = packet.field("d").cloned().unwrap_or_else(|| "".into());
                Ok(vec![("r", text)].into())
            }
            Request::Reset => Ok(Vec::new().into()),
            Request::Parameters => parameters(settings),
            Request::BootloaderInfo if settings.frugal => Err(Refusal::NOT_SUPPORTED),
            Request::ConsoleEcho | Request::SlotInfo => Err(Refusal::NOT_SUPPORTED),
            Request::BootloaderInfo => Ok(match packet.field("query").and_then(Value::as_text) {
                Some("mode") => vec![("mode", Value::from(settings.bootloader.mode()))],
                _ => vec![("bootloader", Value::from("MCUboot"))],
            }
            .into()),
            Request::ReadState => Ok(list(settings, state).into()),
            Request::WriteState => {
                write_state(state, packet)?;
                Ok(list(settings, state).into())
            }
            Request::Upload => self.upload(state, packet),
            Request::Erase => {
                state.flash.erase();
                Ok(Found {
                    fields: Vec::new(),
                    work: settings.erase,
                })
            }
        }
    }

    fn upload(&self, state: &mut State, packet: &Packet) -> Result<Found, Refusal> {
        let settings = self.settings();
        let number = |name| packet.number(name).and_then(|n| usize::try_from(n).ok());
        let bytes = |name| packet.field(name).and_then(Value::as_bytes);
        let offset = number("off").ok_or(Refusal::INVALID)?;
        let data = bytes("data").ok_or(Refusal::INVALID)?;
        state.counters.upload_bytes += data.len() as u64;
        let mut work = Duration::ZERO;
        if let Some(code) = state.faults.refuses_uploads {
            return Err(Refusal::plain(code));
        }
        if offset == 0 {
            let total_bytes = number("len").ok_or(Refusal::INVALID)?;
            if settings.known_by == KnownBy::Trailer && !image::begins_like_one(data) {
                return Err(Refusal::NOT_AN_IMAGE);
            }
            if total_bytes > settings.slot_bytes {
                return Err(Refusal::TOO_LARGE);
            }
            let sha = bytes("sha").map_or(&[][..], Vec::as_slice);
            let image = number("image").unwrap_or(0);
            let slot = state.flash.free_slot(image);
            match state.flash.begin(image, total_bytes, sha)? {
                Some(stood_at) if stood_at > 0 => {
                    if state.faults.forgets_what_it_stored {
                        state.flash.spoil_upload();
                    }
                    return Ok(vec![("off", count(stood_at))].into());
                }
                Some(_) => {}
                None => work += settings.erase,
            }
            state.writing = (image, slot);
        }
        let accepted = state.write(offset, data, settings.write_block);
        work += settings.writing(offset, accepted.written_bytes);
        let mut fields = vec![("off", count(accepted.next))];
        if let Some(matches) = accepted.matches {
            fields.push(("match", Value::from(matches)));
        }
        Ok(Found { fields, work })
    }
}

/// What the reader's quirk makes of a request.
fn quirk_about(state: &State, request: Request, packet: &Packet) -> QuirkAction {
    let Some(quirk) = &state.faults.quirk else {
        return QuirkAction::Nothing;
    };
    let bytes = packet.field("data").and_then(Value::as_bytes);
    let length = bytes.map_or(0, Vec::len) as u64;
    let confirms = packet.field("confirm").and_then(Value::as_bool);
    quirk.about(&Arrival {
        request,
        times: state.counters.of(request),
        piece: packet.number("off").map(|offset| (offset, offset + length)),
        confirms: confirms.unwrap_or(false),
        loaded: state.counters.last_upload.is_some(),
        restarts: state.counters.restarts,
        up_for: state.started.elapsed(),
    })
}

/// What a reader says about its buffers.
pub(super) fn parameters(settings: &Settings) -> Result<Found, Refusal> {
    let (size, number) = match settings.states {
        BufferInfo::Truly => (settings.buffer_bytes, settings.buffers),
        BufferInfo::Nothing => return Err(Refusal::NOT_SUPPORTED),
        BufferInfo::Otherwise(size, number) => (size, number),
    };
    Ok(vec![("buf_size", count(size)), ("buf_count", count(number))].into())
}

/// What the fault dial makes of an answer.
fn fate(state: &mut State, request: Option<Request>, answer: Vec<u8>, restarts: bool) -> Then {
    let stored = state.stored_bytes;
    let cut = match state.faults.cut {
        Some(Cut::AtByte(limit)) => request == Some(Request::Upload) && stored >= limit,
        Some(Cut::InsteadOfAnswering(kind)) => request == Some(kind),
        None => false,
    };
    if cut {
        state.faults.cut = None;
        return Then::Cut;
    }
    if state
        .faults
        .dies_after_bytes
        .is_some_and(|limit| stored >= limit)
    {
        state.dead = true;
        return Then::Nothing;
    }
    if restarts {
        return Then::AnswerAndRestart(answer);
    }
    let lost = state.faults.lost_answers_per_mille;
    if state.dice.hits(lost) {
        return Then::Nothing;
    }
    Then::Answer(answer)
}

fn write_state(state: &mut State, packet: &Packet) -> Result<(), Refusal> {
    let confirm = packet
        .field("confirm")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    if let Some(code) = state.faults.refuses_marks {
        return Err(Refusal::plain(code));
    }
    if confirm && state.faults.never_confirms || !confirm && state.faults.forgets_marks {
        return Ok(());
    }
    match packet.field("hash").and_then(Value::as_bytes) {
        Some(hash) => state.flash.mark(hash, confirm),
        None if confirm => {
            state.flash.keep(0);
            Ok(())
        }
        None => Err(Refusal::INVALID),
    }
}

fn list(settings: &Settings, state: &State) -> Fields {
    let images = state.flash.rows().into_iter().map(|row| {
        let mut fields: Vec<(Value, Value)> = Vec::new();
        if settings.images > 1 {
            fields.push(("image".into(), count(row.image_number)));
        }
        fields.push(("slot".into(), row.slot.into()));
        if let Some(version) = row.image.version {
            fields.push(("version".into(), version.into()));
        }
        if let Some(hash) = row.image.hash {
            fields.push(("hash".into(), Value::Bytes(hash)));
        }
        let flags = [
            ("bootable", true),
            ("pending", row.flags.pending),
            ("confirmed", row.flags.confirmed),
            ("active", row.flags.active),
            ("permanent", row.flags.permanent),
        ];
        let stated = flags
            .into_iter()
            .filter(|(_, set)| *set || !settings.frugal);
        fields.extend(stated.map(|(name, set)| (name.into(), set.into())));
        Value::Map(fields)
    });
    let mut fields = vec![("images", Value::Array(images.collect()))];
    if !settings.frugal {
        fields.push(("splitStatus", 0.into()));
    }
    fields
}
