//! What is known of a device that is not in `dfuIDLE` after the last block of an image without addresses.

use std::sync::Arc;

use firmdrop_core::Outcome;
use firmdrop_image::Payload;

use super::found::{self, FoundDevice, NotFound};
use super::leaving::{find_again, not_seen};
use super::left::LoadStage;
use super::load::{Ended, Load};
use super::plain::{self, Compared, Manifested};
use super::session::{RequestFailure, Session};
use super::words::phase;
use super::work::{AfterLast, Device, NOT_ASKED, Proof, choose_alternate, judge, not_read};
use crate::LoadError;

/// The outcome of a load whose last block was taken. The interface was given back: no system lets a second
/// program have it.
pub(super) async fn outcome(
    load: &Load<'_>,
    device: &Device,
    payload: &Arc<Payload>,
    last: AfterLast,
    reached: &mut LoadStage,
) -> Result<Outcome, LoadError> {
    let sent = sent(&last.manifested);
    let back = match find_again(load, &device.place).await {
        Ok(Ok(seen)) => seen,
        Ok(Err(NotFound::Absent)) => {
            return Ok(Outcome::sent(format!(
                "{sent}. Since then it {}",
                not_seen(load)
            )));
        }
        Ok(Err(NotFound::Closed(error))) => {
            return Ok(Outcome::sent(format!(
                "{sent}. What it runs could not be looked at: {}",
                found::with_advice(&error)
            )));
        }
        Err(ended) => return Err(load.failed(ended, *reached, None).await),
    };
    let now = back.shown();
    if !back.is_bootloader() {
        return Ok(Outcome::sent(format!(
            "{sent}. It came back as {now}, which does not let its image be read."
        )));
    }
    let compared = compare(load, payload, back, &last, *reached).await?;
    let since = match (&last.manifested, last.was_reset) {
        (Manifested::Left, _) => "It left the bus by itself after the last block.",
        (_, true) => "It was reset after the last block, which is how an image is started.",
        (_, false) => NOT_ASKED,
    };
    let proof = judge(compared, &device.shown, since, reached)?;
    Ok(match proof {
        Proof::ReadBack(_) => proof.outcome(&format!("It came back in its bootloader as {now}.")),
        Proof::None(why) => Outcome::sent(format!(
            "{sent}. It is in its bootloader as {now}, and {why}."
        )),
    })
}

/// Compares what a device in its bootloader shows.
async fn compare(
    load: &Load<'_>,
    payload: &Arc<Payload>,
    back: FoundDevice,
    last: &AfterLast,
    reached: LoadStage,
) -> Result<Compared, LoadError> {
    let readable = back.interface.clone();
    let readable = readable.filter(|one| load.options.reads_back && one.functional.can_upload);
    let Some(interface) = readable else {
        return Ok(not_read(load));
    };
    if let Err(ended) = load.begin(phase::READ_BACK) {
        return Err(load.failed(ended, reached, None).await);
    }
    let again = match Session::open(back.usb, &interface, load.timing).await {
        Ok(again) => again,
        Err(error) => {
            return Ok(Compared::NotShown(format!(
                "it cannot be read: {}",
                found::with_advice(&error).trim_end_matches('.')
            )));
        }
    };
    let reading = async {
        choose_alternate(load, &again).await?;
        load.unless_stopped(again.rest()).await?;
        plain::compare(load, &again, payload, last.run).await
    };
    match reading.await {
        Ok(compared) => Ok(compared),
        Err(Ended::RequestFailure(RequestFailure::Refused(status))) => Ok(Compared::NotShown(
            format!("it refuses to be read: {}", status.reason()),
        )),
        Err(Ended::RequestFailure(_)) => {
            Ok(Compared::NotShown("it does not answer to be read".into()))
        }
        Err(ended) => Err(load.failed(ended, reached, Some(&again)).await),
    }
}

/// What the device said after the last block, or did.
fn sent(manifested: &Manifested) -> String {
    let took = "The reader took every byte";
    match manifested {
        Manifested::Silent => format!("{took} and then answered nothing"),
        Manifested::Left => {
            format!("{took} and left the bus by itself, as one does that starts the new image")
        }
        Manifested::Broken(error) => {
            format!("{took}; then the transfer failed ({error}), as it does when a reader restarts")
        }
        Manifested::Refuses => format!("{took} and then refused to say its state"),
        Manifested::Says(state) => format!("{took} and then said {state}"),
        Manifested::StillBusy => format!("{took} and said that it stores the image"),
        Manifested::WaitsForReset | Manifested::Idle => {
            format!("{took} and stored it, as it said")
        }
    }
}
