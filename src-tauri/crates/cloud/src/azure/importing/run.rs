//! One run of an import: who takes part, and what is known so far.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Note, NoteKind};
use tokio_util::sync::CancellationToken;

use super::{ImportError, ImportFact, ImportRecord, ImportRequest, ImportRun, ImportState};
use crate::azure::staging::BlobStore;
use crate::azure::{AzureError, DeviceUpdate};
use crate::session::{Ended, Session};

/// What the service said of the end of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing: it named no operation that could be watched.
    NotSaid,
    /// It does not list the operation that it named.
    NotListed,
    /// It succeeded.
    Succeeded,
}

pub(super) struct Run<'a> {
    pub(super) service: &'a DeviceUpdate,
    pub(super) store: &'a BlobStore,
    pub(super) record: &'a dyn ImportRecord,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) cancel: &'a CancellationToken,
    pub(super) request: &'a ImportRequest,
    pub(super) state: ImportState,
    pub(super) session: Session<'a>,
    pub(super) ending: Ending,
}

impl<'a> Run<'a> {
    pub(super) fn new(run: ImportRun<'a>, request: &'a ImportRequest, state: ImportState) -> Self {
        if state.accepted || state.requested_ago.is_some() {
            run.service.known_host.answered();
        }
        let session = Session::new(run.service.retry, run.cancel.clone(), Some(run.events));
        Self {
            service: run.service,
            store: run.store,
            record: run.record,
            events: run.events,
            cancel: run.cancel,
            request,
            state,
            session,
            ending: Ending::NotSaid,
        }
    }

    pub(super) fn phase(&self, key: &str) {
        self.events.phase(key);
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.events.note(Note::new(kind, text));
    }

    /// Writes a fact down, and knows it from now on.
    pub(super) async fn fact(&mut self, fact: ImportFact) -> Result<(), ImportError> {
        self.state.learn(&fact, std::time::Duration::ZERO);
        let written = self.record.fact(fact).await;
        written.map_err(|source| ImportError::Record {
            source,
            left: self.left(),
        })
    }

    /// Repeats a request that changes nothing until it is answered, finally refused, or out of time.
    pub(super) async fn query<T, F, Exchange>(&mut self, request: F) -> Result<T, ImportError>
    where
        F: Fn(&'a DeviceUpdate) -> Exchange,
        Exchange: Future<Output = Result<T, AzureError>>,
    {
        let service = self.service;
        let asked = self.session.repeat(|| request(service)).await;
        asked.map_err(|ended| self.ended(ended))
    }

    pub(super) fn ended(&self, ended: Ended<AzureError>) -> ImportError {
        match ended {
            Ended::Stopped => self.stopped(),
            Ended::Failed(source) => self.service_failed(source),
        }
    }

    pub(super) fn stopped(&self) -> ImportError {
        ImportError::Stopped { left: self.left() }
    }

    pub(super) fn service_failed(&self, source: AzureError) -> ImportError {
        ImportError::Service {
            source: Box::new(source),
            left: self.left(),
            resumable: self.state.accepted
                || self.state.requested_ago.is_some()
                || !self.state.staging.files.is_empty(),
        }
    }

    pub(super) fn failed_without_an_update(&self) -> ImportError {
        let why = match self.ending {
            Ending::Succeeded => {
                "It said that the import succeeded, and answers that it does not know the update."
            }
            Ending::NotListed => {
                "It knows neither the update nor the operation that it named when it accepted the import; how that ended is not known."
            }
            Ending::NotSaid => {
                "It accepted the import without an operation to look at, and answers that it does not know the update."
            }
        };
        ImportError::NotThere {
            why,
            left: self.left(),
        }
    }

    /// What the service and the storage were left with, as far as they said it.
    pub(super) fn left(&self) -> String {
        self.state.sentence()
    }
}
