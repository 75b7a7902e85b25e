//! How a reader in `MCUboot`'s serial recovery answers: `boot/boot_serial/src/boot_serial.c`.
//!
//! It writes an upload over the first slot, lists only images that it would start, and never lists a
//! flag that is not set.

use std::time::Duration;

use ciborium::Value;

use super::{
    Recovery, Request, Settings,
    found::{Fields, Found, count},
    model::State,
    wire::{Packet, Refusal},
};

/// Carries out a request, or refuses it.
pub(super) fn carry_out(
    settings: &Settings,
    recovery: Recovery,
    state: &mut State,
    request: Request,
    packet: &Packet,
) -> Result<Found, Refusal> {
    match request {
        // Accepted whatever it is built with, and without an effect.
        Request::ConsoleEcho | Request::Reset => Ok(accepted().into()),
        Request::Echo if recovery.echo => {
            let text = packet.field("d").cloned().unwrap_or_else(|| "".into());
            Ok(vec![("r", text)].into())
        }
        Request::Parameters if recovery.parameters => Ok(vec![
            ("buf_size", count(settings.buffer_bytes)),
            ("buf_count", 1.into()),
        ]
        .into()),
        Request::SlotInfo if recovery.slot_info => Ok(slots(settings, recovery).into()),
        Request::ReadState => Ok(list(settings, recovery, state).into()),
        Request::WriteState if recovery.states => {
            mark(settings, recovery, state, packet)?;
            Ok(list(settings, recovery, state).into())
        }
        Request::Upload => upload(settings, recovery, state, packet),
        Request::Echo
        | Request::Parameters
        | Request::SlotInfo
        | Request::WriteState
        | Request::BootloaderInfo
        | Request::Erase => Err(Refusal::NOT_SUPPORTED),
    }
}

fn accepted() -> Fields {
    vec![("rc", 0.into())]
}

fn list(settings: &Settings, recovery: Recovery, state: &State) -> Fields {
    let rows = state.flash.rows();
    let images = rows.into_iter().filter(|row| !row.rejected).map(|row| {
        let mut fields: Vec<(Value, Value)> = Vec::new();
        if settings.images > 1 {
            fields.push(("image".into(), count(row.image_number)));
        }
        if recovery.states {
            let pending = state.flash.pending(row.image_number);
            let confirmed = state.flash.is_confirmed(row.image_number);
            let first = row.slot == 0;
            // `boot_swap_type_multi`: none, test or permanent, revert.
            let flags = [
                ("bootable", true),
                ("confirmed", first == (pending.is_some() || confirmed)),
                ("active", first && pending.is_none()),
                ("pending", !first && pending.is_some()),
                ("permanent", !first && pending == Some(true)),
            ];
            let set = flags.into_iter().filter(|(_, set)| *set);
            fields.extend(set.map(|(name, _)| (name.into(), true.into())));
        }
        fields.push(("slot".into(), row.slot.into()));
        if let Some(hash) = row.image.hash.filter(|_| recovery.hashes) {
            fields.push(("hash".into(), Value::Bytes(hash)));
        }
        if let Some(version) = row.image.version {
            fields.push(("version".into(), version.into()));
        }
        Value::Map(fields)
    });
    vec![("images", Value::Array(images.collect()))]
}

/// Marks the second slot of an image: the hash only chooses the image, and without hashes nothing
/// does.
fn mark(
    settings: &Settings,
    recovery: Recovery,
    state: &mut State,
    packet: &Packet,
) -> Result<(), Refusal> {
    if let Some(code) = state.faults.refuses_marks {
        return Err(Refusal::plain(code));
    }
    let permanent = packet.field("confirm").and_then(Value::as_bool) == Some(true);
    let hash = packet.field("hash").and_then(Value::as_bytes);
    let image = match hash.filter(|_| recovery.hashes) {
        Some(hash) => {
            let rows = state.flash.rows();
            let found = rows
                .iter()
                .find(|row| !row.rejected && row.image.hash.as_ref() == Some(hash));
            found.ok_or(Refusal::NOT_FOUND)?.image_number
        }
        None if recovery.hashes && settings.images > 1 => return Err(Refusal::INVALID),
        None => 0,
    };
    state.flash.set_pending(image, permanent);
    Ok(())
}

fn upload(
    settings: &Settings,
    recovery: Recovery,
    state: &mut State,
    packet: &Packet,
) -> Result<Found, Refusal> {
    let number = |name| packet.number(name).and_then(|n| usize::try_from(n).ok());
    let offset = number("off").ok_or(Refusal::INVALID)?;
    let data = packet.field("data").and_then(Value::as_bytes);
    let data = data.ok_or(Refusal::INVALID)?;
    state.counters.upload_bytes += data.len() as u64;
    let mut work = Duration::ZERO;
    if offset == 0 {
        let total_bytes = number("len").ok_or(Refusal::INVALID)?;
        if total_bytes > settings.slot_bytes {
            return Err(Refusal::INVALID);
        }
        let (image, slot) = recovery.place_of(number("image").unwrap_or(0));
        let slot = usize::from(slot != 0);
        state.flash.begin_anew(image, slot, total_bytes, &[])?;
        state.writing = (image, slot);
        if !recovery.progressive {
            work += settings.erase;
        }
    }
    if let Some(code) = state.faults.refuses_uploads {
        return Err(Refusal::plain(code));
    }
    let written = state.write(offset, data, settings.write_block);
    work += settings.writing(offset, written.written_bytes);
    let mut fields = accepted();
    fields.push(("off", count(written.next)));
    Ok(Found { fields, work })
}

fn slots(settings: &Settings, recovery: Recovery) -> Fields {
    let images = (0..settings.images).map(|image| {
        let slots = (0..2_usize).map(|slot| {
            let mut fields: Vec<(Value, Value)> = vec![
                ("slot".into(), count(slot)),
                ("size".into(), count(settings.slot_bytes)),
            ];
            let number = match (recovery.direct, slot) {
                (true, _) => Some(image * 2 + slot + 1),
                (false, 1) => Some(image),
                (false, _) => None,
            };
            fields.extend(number.map(|number| ("upload_image_id".into(), count(number))));
            Value::Map(fields)
        });
        Value::Map(vec![
            ("image".into(), count(image)),
            ("slots".into(), Value::Array(slots.collect())),
        ])
    });
    vec![("images", Value::Array(images.collect()))]
}
