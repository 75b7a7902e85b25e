//! What a load reports, and the stop request at some point of it.

use std::sync::{Arc, Mutex};

use firmdrop_core::{DeliveryEvents, Durable, NotDurable, Note, NoteKind, Progress, ProgressSink};
use firmdrop_loader::{Options, Target};
use tokio_util::sync::CancellationToken;

/// What a load reported, and where it is to be stopped.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) phases: Mutex<Vec<String>>,
    pub(crate) notes: Mutex<Vec<Note>>,
    pub(crate) progress: Mutex<Vec<Progress>>,
    pub(crate) cancel: CancellationToken,
    pub(crate) began: Vec<String>,
    pub(crate) answered: bool,
    /// What the device said when the load was planned.
    pub(crate) planned: Option<Target>,
    pub(crate) options: Options,
    /// Phases that began with a wait for the disk, and those that only waited for the journal.
    pub(crate) on_disk: Mutex<Vec<String>>,
    pub(crate) written: Mutex<Vec<String>>,
    stop: Option<Stop>,
    /// Nothing can be written down.
    journal_is_gone: bool,
}

#[derive(Debug)]
pub(crate) enum Stop {
    AtPhase(&'static str),
    AtByte(u64),
}

impl Record {
    pub(crate) fn stopping(stop: Stop) -> Arc<Self> {
        Arc::new(Self {
            stop: Some(stop),
            ..Self::default()
        })
    }

    /// Of a load whose journal cannot be written.
    pub(crate) fn without_a_journal() -> Arc<Self> {
        Arc::new(Self {
            journal_is_gone: true,
            ..Self::default()
        })
    }

    /// Of a load that was planned for a device that said this.
    pub(crate) fn planned_for(target: Target) -> Arc<Self> {
        Arc::new(Self {
            planned: Some(target),
            ..Self::default()
        })
    }

    /// The same, that resumes after these phases began and is stopped at some point.
    pub(crate) fn resumed_and_stopping(target: Target, began: &[String], stop: Stop) -> Arc<Self> {
        Arc::new(Self {
            planned: Some(target),
            began: began.to_vec(),
            stop: Some(stop),
            ..Self::default()
        })
    }

    /// The same, that resumes after these phases began.
    pub(crate) fn planned_for_and_after(target: Target, began: &[String]) -> Arc<Self> {
        Arc::new(Self {
            planned: Some(target),
            began: began.to_vec(),
            ..Self::default()
        })
    }

    /// Of a load that resumes after these phases began.
    pub(crate) fn after(began: &[String]) -> Arc<Self> {
        Arc::new(Self {
            began: began.to_vec(),
            ..Self::default()
        })
    }

    /// Of a load of a reader that answered when it was planned.
    pub(crate) fn of_one_that_answered() -> Arc<Self> {
        Arc::new(Self {
            answered: true,
            ..Self::default()
        })
    }

    /// Of a load of one of several images.
    pub(crate) fn of_image(number: Option<u32>) -> Arc<Self> {
        let options = number.map(|number| ("image".to_owned(), number.into()));
        Arc::new(Self {
            options: options.into_iter().collect(),
            ..Self::default()
        })
    }

    pub(crate) fn has_note(&self, kind: NoteKind) -> bool {
        self.notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.kind == kind)
    }
}

impl ProgressSink for Record {
    fn progress(&self, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
        if let Some(Stop::AtByte(byte)) = self.stop
            && progress.confirmed_bytes >= byte
        {
            self.cancel.cancel();
        }
    }
}

impl DeliveryEvents for Record {
    fn phase(&self, key: &str) {
        self.phases.lock().unwrap().push(key.into());
        if let Some(Stop::AtPhase(phase)) = self.stop
            && phase == key
        {
            self.cancel.cancel();
        }
    }

    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }

    fn durable(&self) -> Durable<'_> {
        self.wait(&self.on_disk)
    }

    fn written(&self) -> Durable<'_> {
        self.wait(&self.written)
    }
}

impl Record {
    fn wait(&self, phases: &Mutex<Vec<String>>) -> Durable<'_> {
        let phase = self.phases.lock().unwrap().last().cloned();
        phases.lock().unwrap().extend(phase);
        let written = if self.journal_is_gone {
            Err(NotDurable {
                why: "the disk is full".into(),
            })
        } else {
            Ok(())
        };
        Box::pin(std::future::ready(written))
    }
}
