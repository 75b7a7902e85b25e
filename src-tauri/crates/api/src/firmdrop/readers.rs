//! The readers that can be seen.

use firmdrop_backend::reader::SeenReader;
use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Destination, JobState, JobSummary, PlaceHold};

use super::named_reader::{named_reader, no_address_of_a_reader};
use super::{Firmdrop, reader_names};
use crate::ReaderView;

/// Newest jobs among which those of one reader are looked for.
const MOST_JOBS: u32 = 10_000;

impl Firmdrop {
    /// The readers that can be seen now, with what they said when they were last identified.
    pub async fn readers(&self) -> Vec<ReaderView> {
        let seen = self.inner.readers.seen().await;
        let jobs = self.inner.engine.unfinished().unwrap_or_default();
        let mut views: Vec<_> = seen.into_iter().map(|seen| view(seen, &jobs)).collect();
        reader_names::give(&mut views, &self.reader_names());
        for added in self.added_readers() {
            let text = added.destination.to_string();
            let seen = views.iter_mut().find(|view| view.destination == text);
            let unseen = || Some(view(self.inner.readers.unseen(&added.destination)?, &jobs));
            let view = match seen {
                Some(view) => view,
                None => match unseen() {
                    Some(unseen) => views.push_mut(unseen),
                    None => continue,
                },
            };
            view.added = true;
            if let Some(name) = added.name {
                view.reader.name = name;
            }
        }
        views
    }

    /// Waits until readers that announce themselves now and then had time to, a few seconds at most.
    pub async fn listen_for_readers(&self) {
        self.inner.readers.listen().await;
    }

    /// Why readers of some kinds cannot be seen now, where a user can do something about that.
    pub fn reader_troubles(&self) -> Vec<Diagnosis> {
        self.inner.readers.troubles()
    }

    /// Identifies a reader. Changes nothing on it.
    pub async fn probe(&self, destination: &str) -> Result<ReaderView, Diagnosis> {
        let destination = self.inner.engine.destination(destination)?;
        let _held = self.aside(&destination).await?;
        self.inner.readers.identify(&destination).await?;
        self.reader_view(&destination).await
    }

    /// Has the console of a reader stand aside, if one is open. `None` when none is, or a job has the reader.
    async fn aside(&self, destination: &Destination) -> Result<Option<PlaceHold>, Diagnosis> {
        let engine = &self.inner.engine;
        let simulated = destination.scheme == firmdrop_link::SIMULATED;
        if engine.is_observed(destination, simulated).await? {
            engine.try_hold(destination, simulated).await
        } else {
            Ok(None)
        }
    }

    /// A reader as the list has it; one that discovery does not see as its address says.
    pub(super) async fn reader_view(
        &self,
        destination: &Destination,
    ) -> Result<ReaderView, Diagnosis> {
        let text = destination.to_string();
        let seen = self.readers().await;
        if let Some(view) = seen.into_iter().find(|view| view.destination == text) {
            return Ok(view);
        }
        let unseen = self.inner.readers.unseen(destination).ok_or_else(|| {
            Diagnosis::new(
                Code::UnknownDestination,
                format!("{destination} is not a reader."),
                "Only a reader can be asked this.",
            )
        })?;
        Ok(view(unseen, &[]))
    }
}

impl Firmdrop {
    /// The reader that is meant: an id or a name of one that is seen, or a destination.
    pub async fn meant_reader(&self, text: &str) -> Result<ReaderView, Diagnosis> {
        let readers = self.readers().await;
        let plain = text.strip_prefix("device:").unwrap_or(text);
        if let Some(view) = readers.iter().find(|view| view.destination == text) {
            return Ok(view.clone());
        }
        let unknown = match named_reader(&readers, plain) {
            Ok(view) => return Ok(view.clone()),
            Err(unknown) => unknown,
        };
        let destination = self.written_reader(text, unknown)?;
        let written = destination.to_string();
        if let Some(view) = readers.iter().find(|view| view.destination == written) {
            return Ok(view.clone());
        }
        let unseen = self.inner.readers.unseen(&destination);
        unseen
            .map(|unseen| view(unseen, &[]))
            .ok_or_else(|| no_address_of_a_reader(text))
    }

    /// The reader that a text means which is neither an id nor a name: its address. What is wrong with an
    /// address is said; any other text is `unknown`.
    pub(super) fn written_reader(
        &self,
        text: &str,
        unknown: Diagnosis,
    ) -> Result<Destination, Diagnosis> {
        if let Ok(destination) = self.reader_destination(text) {
            return Ok(destination);
        }
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        let mut kinds = self.inner.engine.backends().iter();
        // With a plus sign it is a protocol over a channel, be it one that is not known here.
        let is_destination =
            |scheme: &str| kinds.any(|kind| kind.claims(scheme)) || scheme.contains('+');
        if !scheme.is_some_and(is_destination) {
            return Err(unknown);
        }
        match self.inner.engine.destination(text) {
            Ok(_) => Err(no_address_of_a_reader(text)),
            Err(wrong) => Err(wrong.into()),
        }
    }

    /// The deliveries to a reader that the journal knows, newest first: those to where it is now.
    pub fn deliveries_to(
        &self,
        reader: &ReaderView,
        limit: u32,
    ) -> Result<Vec<JobSummary>, Diagnosis> {
        let mut jobs = self.inner.engine.jobs(MOST_JOBS)?;
        jobs.retain(|job| job.destination == reader.destination);
        jobs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(jobs)
    }
}

fn view(seen: SeenReader, jobs: &[JobSummary]) -> ReaderView {
    let destination = seen.destination.to_string();
    let writes = jobs.iter().find(|job| {
        job.destination == destination
            && matches!(job.state, JobState::Running { .. } | JobState::Cancelling)
    });
    ReaderView {
        job: writes.map(|job| job.id.clone()),
        target: seen.target,
        added: false,
        destination,
        reader: seen.reader,
    }
}
