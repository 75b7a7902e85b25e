//! What is plugged in where, at this moment.

use std::time::Duration;

use firmdrop_engine::Destination;
use firmdrop_link::Access;

use crate::ReaderView;
use crate::bench::{BenchLane, Seen};
use crate::firmdrop::Firmdrop;

/// How long a reader that discovery does not see has to answer that it is there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// Lanes to look for: by discovery where it sees them, the others by a request to the reader.
#[derive(Debug, Clone)]
pub(super) struct ScanRequest {
    /// Lanes with an address, and whether they may be asked now. A lane that is busy is not.
    pub(super) named: Vec<(BenchLane, bool)>,
}

/// What a scan found. `not_polled`: places that were not asked, and are as they were.
#[derive(Debug)]
pub(super) struct ScanResult {
    pub(super) seen: Vec<Seen>,
    pub(super) not_polled: Vec<String>,
}

/// Scans once.
pub(super) async fn scan(firmdrop: Firmdrop, lanes: ScanRequest) -> ScanResult {
    let views = firmdrop.readers().await;
    let mut seen: Vec<Seen> = Vec::new();
    let is_there = |view: &&ReaderView| !view.added && view.reader.access != Access::Gone;
    for view in views.iter().filter(is_there) {
        seen.push(of(view));
    }
    let (mut asked, mut not_polled) = (Vec::new(), Vec::new());
    for (lane, may_ask) in lanes.named {
        let (Some(place), Some(destination)) = (lane.place, lane.destination) else {
            continue;
        };
        if let Some(found) = seen.iter_mut().find(|seen| seen.place == place) {
            // Discovery sees it; it is written as the lane says.
            found.destination = destination;
        } else if views
            .iter()
            .any(|view| !view.added && view.reader.place_key() == place)
        {
            // Discovery knows it and says that it is gone.
        } else if may_ask {
            let known = views.iter().find(|view| view.destination == destination);
            let name = known.map(|view| view.reader.name.clone());
            asked.push(tokio::spawn(answers(firmdrop.clone(), destination, name)));
        } else {
            not_polled.push(place);
        }
    }
    for answer in asked {
        seen.extend(answer.await.ok().flatten());
    }
    ScanResult { seen, not_polled }
}

/// A reader that is named by its address, if it answers.
async fn answers(firmdrop: Firmdrop, text: String, name: Option<String>) -> Option<Seen> {
    let destination: Destination = firmdrop.inner.engine.destination(&text).ok()?;
    let identifying = firmdrop.inner.readers.identify(&destination);
    tokio::time::timeout(ANSWERS_WITHIN, identifying)
        .await
        .ok()?
        .ok()?;
    let reader = firmdrop.inner.readers.unseen(&destination)?.reader;
    Some(Seen {
        place: reader.place_key().to_owned(),
        place_name: reader.place,
        destination: text,
        name: name.unwrap_or(reader.name),
        serial: reader.serial,
        simulated: reader.simulated,
    })
}

fn of(view: &ReaderView) -> Seen {
    let reader = &view.reader;
    Seen {
        place: reader.place_key().to_owned(),
        place_name: reader.place.clone(),
        destination: view.destination.clone(),
        name: reader.name.clone(),
        serial: reader.serial.clone(),
        simulated: reader.simulated,
    }
}
