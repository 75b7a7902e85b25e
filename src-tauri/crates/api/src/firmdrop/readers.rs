//! The readers that can be seen.

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Destination, JobState};
use firmdrop_link::Reader;
use firmdrop_loader::Protocol;

use super::{Firmdrop, hold};
use crate::ReaderView;

impl Firmdrop {
    /// The readers that can be seen now, with what they said when they were last asked.
    pub async fn readers(&self) -> Vec<ReaderView> {
        let seen = self.inner.engine.providers().discover().await;
        let jobs = self.inner.engine.unfinished().unwrap_or_default();
        let running = |destination: &str| {
            let writes = jobs.iter().find(|job| {
                job.destination == destination
                    && matches!(job.state, JobState::Running { .. } | JobState::Cancelling)
            });
            writes.map(|job| job.id.clone())
        };
        seen.into_iter()
            .map(|reader| {
                let destination = destination_of(&reader).to_string();
                let target = hold(&self.inner.targets).get(&destination).cloned();
                ReaderView {
                    job: running(&destination),
                    target,
                    destination,
                    reader,
                }
            })
            .collect()
    }

    /// Asks a reader what it is. Changes nothing on it.
    pub async fn probe(&self, destination: &str) -> Result<ReaderView, Diagnosis> {
        let parsed: Destination =
            destination
                .parse()
                .map_err(|error: firmdrop_engine::DestinationError| {
                    Diagnosis::new(Code::UnknownDestination, error.to_string(), error.why)
                })?;
        let Destination::Reader { protocol, link } = &parsed else {
            let what = format!("{destination} is not a reader.");
            return Err(Diagnosis::new(
                Code::UnknownDestination,
                what,
                "Only a reader can be asked what it is.",
            ));
        };
        let engine = &self.inner.engine;
        let loader = engine.loader(*protocol)?;
        let mut opened = engine.providers().open(link).await?;
        let target = loader.probe(&mut opened).await?;
        drop(opened);
        hold(&self.inner.targets).insert(parsed.to_string(), target.clone());
        let seen = self
            .readers()
            .await
            .into_iter()
            .find(|view| view.destination == parsed.to_string());
        Ok(seen.unwrap_or_else(|| ReaderView {
            reader: unseen(link.clone()),
            destination: parsed.to_string(),
            target: Some(target),
            job: None,
        }))
    }
}

/// A reader that was reached by an address although discovery cannot see it.
fn unseen(address: firmdrop_link::LinkAddress) -> Reader {
    use firmdrop_link::Access;
    let channel = address.kind();
    Reader {
        id: address.to_string(),
        name: address.to_string(),
        serial: None,
        place: address.to_string(),
        simulated: address.is_simulated(),
        channel,
        address,
        access: Access::Ready,
    }
}

fn destination_of(reader: &Reader) -> Destination {
    Destination::Reader {
        protocol: Protocol::Smp,
        link: reader.address.clone(),
    }
}
