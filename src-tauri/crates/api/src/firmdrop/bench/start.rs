//! One unit: identified, planned, written down, and loaded as a job of the engine.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{ConfirmationAbout, Destination, JobId, Lane, Plan};
use firmdrop_loader::Target;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::state::{LaneEvent, Shared};
use crate::bench::{Begun, Insertion};
use crate::firmdrop::Firmdrop;
use crate::firmdrop::versions::is_same_version;

/// How long a reader that was just plugged in has until it answers: it may have to start first.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Pause between two tries.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What one lane is started with.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) firmdrop: Firmdrop,
    pub(super) shared: Arc<Shared>,
    /// Position of the lane, from 0.
    pub(super) lane: usize,
    pub(super) lane_name: String,
    pub(super) reader: Insertion,
    pub(super) again: Option<(u32, u32)>,
    pub(super) news: mpsc::Sender<(usize, LaneEvent)>,
}

impl Start {
    /// Carries the unit out to the end of its job.
    pub(super) async fn run(self) {
        let news = match self.begin().await {
            Ok(begun) => {
                let running = LaneEvent::Running(Box::new(begun.clone()));
                // The bench may be closed; the job is the engine's.
                let _ = self.news.send((self.lane, running)).await;
                settled(&self.firmdrop, begun).await
            }
            Err(news) => news,
        };
        let _ = self.news.send((self.lane, news)).await;
    }

    async fn begin(&self) -> Result<Begun, LaneEvent> {
        let seen = &self.reader.seen;
        let mut begun = Begun {
            unit: 0,
            attempt: 0,
            lane: self.lane_name.clone(),
            place: seen.place.clone(),
            place_name: seen.place_name.clone(),
            destination: seen.destination.clone(),
            reader: seen.name.clone(),
            serial: seen.serial.clone(),
            chip: self.reader.chip.clone(),
            same_serial_as: Vec::new(),
            from_version: None,
            simulated: seen.simulated,
            at: self.firmdrop.inner.engine.now(),
            job: None,
            insertion: self.reader.number,
        };
        let plan = match self.plan(&mut begun).await {
            Ok(plan) => plan,
            Err(Stop::LaneEvent(news)) => return Err(news),
            Err(Stop::Failed(diagnosis)) => return Err(self.refused(begun, diagnosis).await),
        };
        if !self.shared.is_armed() {
            return Err(LaneEvent::TooLate);
        }
        let job = JobId::new();
        begun.job = Some(job.clone());
        self.number(&mut begun);
        let written = self.shared.begin(begun.clone()).await;
        written.map_err(|diagnosis| LaneEvent::NotWritten(Box::new(diagnosis)))?;
        let lane = Lane {
            batch: self.shared.batch.clone(),
            number: u32::try_from(self.lane + 1).unwrap_or(u32::MAX),
        };
        let engine = &self.firmdrop.inner.engine;
        match engine.submit_in_lane(job, &plan, &lane).await {
            Ok(_) => Ok(begun),
            Err(diagnosis) => Err(LaneEvent::Refused(Box::new(begun), Box::new(diagnosis))),
        }
    }

    /// The plan for this reader, or why there is none.
    async fn plan(&self, begun: &mut Begun) -> Result<Plan, Stop> {
        let engine = &self.firmdrop.inner.engine;
        let destination = engine
            .destination(&self.reader.seen.destination)
            .map_err(|error| Stop::Failed(error.into()))?;
        let target = self.identify(&destination).await?;
        begun.from_version.clone_from(&target.version);
        self.was_done(&target)?;
        self.is_meant(&target)?;
        let name = format!("Lane {} · {}", self.lane_name, self.reader.seen.name);
        let to = (destination, Some(name));
        let options = &self.shared.setup.recipe.options;
        let plan = self
            .firmdrop
            .plan_one(&self.shared.files, &to, options)
            .await;
        let plan = plan.map_err(Stop::Failed)?;
        let confirmed = &self.shared.setup.recipe.confirmed;
        let missing = plan
            .confirmations
            .iter()
            .find(|each| !confirmed.contains(&each.about));
        match missing.map(|each| (each.about, each.title.clone())) {
            None => Ok(plan),
            Some((ConfirmationAbout::SameVersion, _)) => {
                let version = target.version.unwrap_or_default();
                let why = format!("Already on {version}");
                Err(Stop::LaneEvent(LaneEvent::Skipped(why)))
            }
            Some((_, title)) => Err(Stop::LaneEvent(LaneEvent::Held(title))),
        }
    }

    /// What the reader says it is. One that is still starting gets time.
    async fn identify(&self, destination: &Destination) -> Result<Target, Stop> {
        let until = Instant::now() + ANSWERS_WITHIN;
        loop {
            let identifying = self.firmdrop.inner.readers.identify(destination);
            let answer = tokio::time::timeout_at(until, identifying).await;
            let failure = match answer {
                Ok(Ok(target)) => return Ok(target),
                Ok(Err(diagnosis)) => diagnosis,
                Err(_) => Diagnosis::new(
                    Code::LinkTimeout,
                    format!("{} did not say what it is.", self.reader.seen.name),
                    format!("No answer within {} s.", ANSWERS_WITHIN.as_secs()),
                )
                .state("Nothing was written to it.")
                .remedy(Remedy::Reconnect),
            };
            if matches!(failure.code, Code::LinkNotFound | Code::LinkLost) {
                return Err(Stop::LaneEvent(LaneEvent::Vanished));
            }
            // A port that was just plugged in is root's until its rule is carried out.
            let waits = matches!(
                failure.code,
                Code::LinkTimeout | Code::LinkBusy | Code::LinkDenied
            );
            if !waits || Instant::now() + ASK_AGAIN >= until {
                return Err(Stop::Failed(failure));
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// A reader that passed already is not written twice, as long as it does not say that it runs something else.
    fn was_done(&self, target: &Target) -> Result<(), Stop> {
        let chip = self.reader.chip.as_deref();
        let unit = chip.and_then(|chip| self.shared.of_lot(|lot| lot.passed(chip)));
        let brings = self
            .shared
            .files
            .first()
            .inspection
            .identity
            .version
            .as_ref();
        let runs = target.version.as_deref();
        let is_other = runs.is_some_and(|runs| !brings.is_some_and(|it| is_same_version(runs, it)));
        match unit.filter(|_| self.again.is_none() && !is_other) {
            Some(unit) => Err(Stop::LaneEvent(LaneEvent::Skipped(format!(
                "Already done: unit {unit}"
            )))),
            None => Ok(()),
        }
    }

    /// The recipe may be for one product only.
    fn is_meant(&self, target: &Target) -> Result<(), Stop> {
        let Some(wanted) = &self.shared.setup.recipe.product else {
            return Ok(());
        };
        if target.product.as_ref() == Some(wanted) {
            return Ok(());
        }
        let says = match &target.product {
            Some(product) => format!("It says that it is {product}."),
            None => "It does not say which product it is.".to_owned(),
        };
        let what = format!("The recipe is for {wanted}.");
        Err(Stop::Failed(
            Diagnosis::new(Code::DoesNotFit, what, says)
                .titled("Another product")
                .state("Nothing was written to it.")
                .remedy(Remedy::advice("Take the reader out.")),
        ))
    }

    fn number(&self, begun: &mut Begun) {
        let numbered = self.shared.of_lot(|lot| lot.number(self.again));
        (begun.unit, begun.attempt) = numbered;
    }

    /// A unit that failed before there was a job is a unit of the lot too.
    async fn refused(&self, mut begun: Begun, diagnosis: Diagnosis) -> LaneEvent {
        self.number(&mut begun);
        match self.shared.begin(begun.clone()).await {
            Ok(()) => LaneEvent::Refused(Box::new(begun), Box::new(diagnosis)),
            Err(diagnosis) => LaneEvent::NotWritten(Box::new(diagnosis)),
        }
    }
}

/// Why there is no plan.
enum Stop {
    LaneEvent(LaneEvent),
    Failed(Diagnosis),
}

/// Resumes a job that was left, and waits for its end.
pub(super) async fn resume(firmdrop: &Firmdrop, begun: Begun) -> LaneEvent {
    let Some(job) = begun.job.clone() else {
        return LaneEvent::Vanished;
    };
    match firmdrop.inner.engine.resume(&job).await {
        Ok(()) => settled(firmdrop, begun).await,
        Err(diagnosis) => LaneEvent::Refused(Box::new(begun), Box::new(diagnosis)),
    }
}

/// Ends a job that was left, because another reader is at its place now.
pub(super) async fn abandon(firmdrop: &Firmdrop, begun: Begun) -> LaneEvent {
    if let Some(job) = &begun.job {
        // One that has ended meanwhile is as it should be.
        let _ = firmdrop.inner.engine.cancel(job).await;
    }
    let why = Diagnosis::new(
        Code::LinkLost,
        format!(
            "Unit {} was interrupted, and another reader is at lane {} now.",
            begun.unit, begun.lane
        ),
        "The serial number is another one.",
    )
    .state("What the interrupted reader was left with is not known.");
    LaneEvent::Abandoned(Box::new(begun), Box::new(why))
}

async fn settled(firmdrop: &Firmdrop, begun: Begun) -> LaneEvent {
    let Some(job) = begun.job.clone() else {
        return LaneEvent::Vanished;
    };
    match firmdrop.inner.engine.settled(&job).await {
        Ok(summary) => LaneEvent::Settled(Box::new(begun), Box::new(summary)),
        Err(diagnosis) => LaneEvent::Refused(Box::new(begun), Box::new(diagnosis)),
    }
}
