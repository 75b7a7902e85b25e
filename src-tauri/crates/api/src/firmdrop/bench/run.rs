//! The task of an open bench: looks, obeys, starts lanes, and shows how they stand.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Diagnosis, Moment};
use firmdrop_engine::{Change, JobId, JobState, JobSummary};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::handle::{Act, ActRequest, Bench, Task};
use super::scan::{ScanRequest, ScanResult, scan};
use super::start::{Start, abandon, resume};
use super::state::{LaneEvent, Shared, Unfinished};
use crate::bench::{
    Begun, BenchImage, BenchView, Board, Order, Reason, RecordDetails, Seen, Stage, UnitRecord,
    UnitResult, lane_view,
};
use crate::firmdrop::Firmdrop;

/// How often it is looked what is plugged in where.
const LOOK: Duration = Duration::from_millis(500);
/// Acts and news that may wait: more than all lanes have at once.
const BACKLOG: usize = 256;

/// Opens a bench, once it was seen what is plugged in already.
pub(super) async fn open(
    firmdrop: Firmdrop,
    shared: Arc<Shared>,
    mut board: Board,
    left: Vec<Unfinished>,
) -> Bench {
    for Unfinished { begun, why } in left {
        let at = |slot: &crate::bench::Slot| slot.lane.place.as_deref() == Some(&begun.place);
        let lane = board.slots().iter().position(at);
        if let Some(slot) = lane.and_then(|lane| board.slot_mut(lane)) {
            let begun = Box::new(begun);
            slot.stage = Stage::Unfinished { begun, why };
        }
    }
    let scanned = scan(firmdrop.clone(), ScanRequest { named: Vec::new() }).await;
    board.update(&scanned.seen, Instant::now());
    let (acts, asked) = mpsc::channel(BACKLOG);
    let (news, heard) = mpsc::channel(BACKLOG);
    let records = broadcast::Sender::new(BACKLOG);
    let mut running = Running {
        changes: firmdrop.inner.engine.watch(),
        firmdrop,
        shared: Arc::clone(&shared),
        board,
        news,
        records: records.clone(),
        lanes: JoinSet::new(),
        seen: scanned.seen,
        views: None,
    };
    let (views, shown) = watch::channel(Arc::new(running.view()));
    running.views = Some(views);
    let task = tokio::spawn(running.run(asked, heard));
    Bench {
        acts,
        views: shown,
        records,
        task: Arc::new(Task {
            running: task.abort_handle(),
            shared,
        }),
    }
}

struct Running {
    firmdrop: Firmdrop,
    shared: Arc<Shared>,
    board: Board,
    news: mpsc::Sender<(usize, LaneEvent)>,
    records: broadcast::Sender<Arc<UnitRecord>>,
    changes: broadcast::Receiver<Change>,
    /// What is carried out; it ends with the bench, its jobs do not.
    lanes: JoinSet<()>,
    seen: Vec<Seen>,
    views: Option<watch::Sender<Arc<BenchView>>>,
}

impl Running {
    async fn run(
        mut self,
        mut asked: mpsc::Receiver<ActRequest>,
        mut heard: mpsc::Receiver<(usize, LaneEvent)>,
    ) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut scanning: Option<tokio::task::JoinHandle<ScanResult>> = None;
        loop {
            tokio::select! {
                act = asked.recv() => match act {
                    Some((act, answer)) => {
                        let done = self.obey(&act);
                        // What was asked for is seen as soon as it is answered.
                        self.show();
                        let _ = answer.send(done);
                    }
                    None => return,
                },
                Some((lane, news)) = heard.recv() => self.on_event(lane, news).await,
                change = self.changes.recv() => match change {
                    Ok(change) => self.follow(change),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                scanned = async { match &mut scanning {
                    Some(scanning) => scanning.await,
                    None => std::future::pending().await,
                } } => {
                    scanning = None;
                    if let Ok(scanned) = scanned {
                        self.see(scanned);
                    }
                }
                _ = ticks.tick(), if scanning.is_none() => {
                    let lanes = self.to_look_at();
                    scanning = Some(tokio::spawn(scan(self.firmdrop.clone(), lanes)));
                }
                Some(_) = self.lanes.join_next() => {}
            }
            self.start();
            self.show();
        }
    }

    fn to_look_at(&self) -> ScanRequest {
        let named = self.board.slots().iter();
        let named = named.filter(|slot| slot.lane.destination.is_some());
        ScanRequest {
            named: named
                .map(|slot| (slot.lane.clone(), !slot.is_busy()))
                .collect(),
        }
    }

    fn see(&mut self, scanned: ScanResult) {
        self.seen = scanned.seen;
        for slot in self.board.slots() {
            let place = slot.lane.place.as_ref();
            let was = slot.here.as_ref().filter(|_| slot.absent_since.is_none());
            if let Some(here) =
                was.filter(|_| place.is_some_and(|it| scanned.not_polled.contains(it)))
            {
                self.seen.push(here.seen.clone());
            }
        }
        if self.board.update(&self.seen, Instant::now()) {
            let setup = self.setup();
            // A bench that cannot be stored is taught again after the next start, and works until then.
            let _ = self.firmdrop.save_bench_setup(&setup);
        }
    }

    fn obey(&mut self, act: &Act) -> Result<(), Diagnosis> {
        let board = &mut self.board;
        let done = match act {
            Act::Arm => board.arm(),
            Act::Disarm => {
                board.disarm(None);
                Ok(())
            }
            Act::Teach => board.teach(&self.seen),
            Act::TeachNoMore => {
                board.teach_no_more();
                Ok(())
            }
            Act::Forget(lane) => {
                let forgotten = board.forget(*lane);
                forgotten.and_then(|()| self.firmdrop.save_bench_setup(&self.setup()))
            }
            Act::Retry(lane) => board.retry(*lane),
            Act::RetryFailed => {
                let mut failed = board.failed().into_iter();
                failed.try_for_each(|lane| board.retry(lane))
            }
            Act::Acknowledge(lane) => board.acknowledge(*lane),
        };
        self.shared.set_armed(self.board.is_armed());
        self.start();
        done
    }

    fn start(&mut self) {
        let now = self.firmdrop.inner.engine.now();
        for order in self.board.orders(now) {
            let news = self.news.clone();
            let firmdrop = self.firmdrop.clone();
            match order {
                Order::Start {
                    lane,
                    reader,
                    again,
                } => {
                    let name = self
                        .board
                        .slots()
                        .get(lane)
                        .map(|slot| slot.lane.name.clone());
                    let start = Start {
                        firmdrop,
                        shared: Arc::clone(&self.shared),
                        lane,
                        lane_name: name.unwrap_or_default(),
                        reader,
                        again,
                        news,
                    };
                    self.lanes.spawn(start.run());
                }
                Order::Resume { lane, begun } => {
                    self.lanes.spawn(async move {
                        let _ = news.send((lane, resume(&firmdrop, *begun).await)).await;
                    });
                }
                Order::Abandon { lane, begun } => {
                    self.lanes.spawn(async move {
                        let _ = news.send((lane, abandon(&firmdrop, *begun).await)).await;
                    });
                }
            }
        }
    }

    async fn on_event(&mut self, lane: usize, news: LaneEvent) {
        let stage = match news {
            LaneEvent::Vanished => Stage::Empty,
            LaneEvent::TooLate => Stage::Ready,
            LaneEvent::Skipped(why) => Stage::Skipped { why },
            LaneEvent::Held(why) => Stage::Held { why },
            LaneEvent::Running(begun) => Stage::Running { begun, job: None },
            LaneEvent::Refused(begun, diagnosis) => {
                let why = RecordDetails::of_failure(&diagnosis);
                let reason = Reason::Failure(diagnosis);
                self.ended(*begun, UnitResult::Fail, why, reason).await
            }
            LaneEvent::Settled(begun, job) => self.settled(*begun, *job).await,
            LaneEvent::Abandoned(begun, diagnosis) => {
                let why = RecordDetails::of_failure(&diagnosis);
                let reason = Reason::Failure(diagnosis);
                self.ended(*begun, UnitResult::Fail, why, reason).await;
                Stage::Ready
            }
            LaneEvent::NotWritten(diagnosis) => {
                let why = diagnosis.title.clone();
                self.board.disarm(Some(*diagnosis));
                Stage::Held { why }
            }
        };
        if let Some(slot) = self.board.slot_mut(lane) {
            if matches!(stage, Stage::Empty | Stage::Ready) {
                slot.has_run = false;
            }
            if matches!(stage, Stage::Empty) {
                slot.here = None;
            }
            slot.stage = stage;
        }
        self.shared.set_armed(self.board.is_armed());
    }

    async fn settled(&mut self, begun: Begun, job: JobSummary) -> Stage {
        let accepts = self.shared.setup.recipe.accepts_unverified;
        let Some(result) = UnitResult::of(&job.state, accepts) else {
            let why = match &job.state {
                JobState::Interrupted { reason } => reason.clone(),
                _ => "Its job is paused".to_owned(),
            };
            // Only an arm resumes it: whoever paused it meant to.
            self.board.disarm(None);
            let begun = Box::new(begun);
            return Stage::Unfinished { begun, why };
        };
        let why = RecordDetails::of(&job.state);
        let reason = if let JobState::Failed { diagnosis, .. } = job.state {
            Reason::Failure(diagnosis)
        } else {
            let says = why.proof.clone().or_else(|| why.cause.clone());
            Reason::Says(says.unwrap_or_default())
        };
        self.ended(begun, result, why, reason).await
    }

    /// Writes down how a unit ended, and only then shows it.
    async fn ended(
        &mut self,
        mut begun: Begun,
        result: UnitResult,
        why: RecordDetails,
        reason: Reason,
    ) -> Stage {
        begun.same_serial_as = self.board.same_serial_as(&begun);
        let at: Moment = self.firmdrop.inner.engine.now();
        match self.shared.end(begun.clone(), result, why, at).await {
            Ok(record) => {
                // Nobody may listen.
                let _ = self.records.send(Arc::new(record));
            }
            Err(diagnosis) => self.board.disarm(Some(diagnosis)),
        }
        self.board.count(result);
        Stage::Ended {
            begun: Box::new(begun),
            result,
            at,
            reason,
            acknowledged: false,
        }
    }

    fn follow(&mut self, change: Change) {
        match change {
            Change::Job(summary) => {
                if let Some(job) = self.job_of(&summary.id) {
                    *job = Some(summary);
                }
            }
            Change::Progress {
                id,
                progress,
                percent,
                pace,
            } => {
                if let Some(Some(job)) = self.job_of(&id) {
                    job.progress = progress;
                    job.percent = percent;
                    job.pace = pace;
                }
            }
            Change::Note { .. } => {}
        }
    }

    /// Where the job of a running lane is shown.
    fn job_of(&mut self, id: &JobId) -> Option<&mut Option<Box<JobSummary>>> {
        let lanes = self.board.slots().len();
        let is_it = |stage: &Stage| matches!(stage, Stage::Running { begun, .. } if begun.job.as_ref() == Some(id));
        let lane = (0..lanes).find(|lane| {
            let slot = self.board.slots().get(*lane);
            slot.is_some_and(|slot| is_it(&slot.stage))
        })?;
        match &mut self.board.slot_mut(lane)?.stage {
            Stage::Running { job, .. } => Some(job),
            _ => None,
        }
    }

    fn setup(&self) -> crate::bench::BenchSetup {
        let lanes = self.board.slots().iter().map(|slot| slot.lane.clone());
        crate::bench::BenchSetup {
            lanes: lanes.collect(),
            ..self.shared.setup.clone()
        }
    }

    fn show(&mut self) {
        let view = self.view();
        if let Some(views) = &self.views {
            views.send_if_modified(|shown| {
                let is_new = **shown != view;
                if is_new {
                    *shown = Arc::new(view);
                }
                is_new
            });
        }
    }

    fn view(&self) -> BenchView {
        let now = self.firmdrop.inner.engine.now();
        let file = self.shared.files.first();
        let setup = self.setup();
        let lanes = self.board.slots().iter().map(|slot| {
            let begun = match &slot.stage {
                Stage::Running { begun, .. }
                | Stage::Ended { begun, .. }
                | Stage::Unfinished { begun, .. } => Some(begun),
                _ => None,
            };
            let label = begun.map(|begun| self.shared.of_lot(|lot| lot.label(begun, begun.at)));
            lane_view(slot, label)
        });
        let teaches = self.board.teaches();
        BenchView {
            image: BenchImage {
                name: file.file_name.clone(),
                version: file.inspection.identity.version.clone(),
                sha256: file.expected.sha256.to_string(),
                size_bytes: file.expected.size_bytes,
            },
            armed: self.board.is_armed(),
            stopped: self.board.stopped_why().cloned(),
            teaching: teaches
                .and_then(|lane| self.board.slots().get(lane))
                .map(|slot| slot.lane.name.clone()),
            fails: self.board.fails(),
            counts: self.shared.of_lot(|lot| lot.counts(setup.lot_size, now)),
            lanes: lanes.collect(),
            done: self.board.is_done(),
            idle: !self.board.slots().iter().any(crate::bench::Slot::is_busy),
            setup,
        }
    }
}
