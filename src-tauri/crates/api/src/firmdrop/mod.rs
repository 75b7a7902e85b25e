//! Everything a person can ask Firmdrop for. Each face unpacks, calls, and converts.

mod accept;
mod accounts;
mod added_readers;
mod bench;
mod compare;
mod confirmations;
mod console;
mod console_sending;
mod deliver;
mod demo;
mod digest_cache;
mod digests;
mod extract;
mod fetch;
mod inspect;
mod inspection_cache;
mod leaving;
mod load_events;
mod load_firmware;
mod load_stage;
mod manifest_file;
mod named_reader;
mod not_accepted;
mod open_console;
mod open_demo;
mod options;
mod plans;
mod reader_label;
mod reader_names;
mod readers;
mod recover_reader;
mod restart;
mod settings;
mod versions;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmdrop_backend::Kinds;
use firmdrop_backend::reader::ReaderBackend;
use firmdrop_core::{Diagnose, Diagnosis};
use firmdrop_engine::{Engine, EngineOptions, Following, JobSummary, Recovery};

use self::digest_cache::DigestCache;
use self::inspection_cache::InspectionCache;
use self::open_demo::OpenDemo;
use self::plans::WaitingPlans;
use crate::{DemoMaker, Startup};

pub use bench::Bench;
pub use confirmations::ConfirmedPlan;
pub use load_events::LoadEvents;
pub use load_firmware::CheckedLoad;
pub use options::{FirmdropOptions, home_folder};
pub use watch::Watch;

/// Firmdrop, as every face sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Firmdrop {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    readers: Arc<ReaderBackend>,
    demo_maker: Option<Arc<dyn DemoMaker>>,
    demo: tokio::sync::Mutex<Option<OpenDemo>>,
    plans: Mutex<WaitingPlans>,
    digests: Mutex<DigestCache>,
    inspections: Mutex<InspectionCache>,
    /// Jobs an earlier process left, as they were found.
    interrupted: Mutex<Vec<JobSummary>>,
    following: Mutex<Option<Following>>,
    /// The bench, while it is open.
    bench: Mutex<Option<Bench>>,
    /// The consoles that are open in this process.
    consoles: open_console::Consoles,
}

impl Firmdrop {
    /// Opens a home. Nothing runs until [`Firmdrop::recover`] or a delivery.
    pub fn open(options: FirmdropOptions) -> Result<Self, Diagnosis> {
        let Kinds { backends, readers } = firmdrop_backend::all(options.backends);
        let engine = Engine::open(EngineOptions {
            home: options.home,
            backends,
            clock: options.clock,
            face: options.face,
        })?;
        let inner = Inner {
            engine,
            readers,
            demo_maker: options.demo,
            demo: tokio::sync::Mutex::default(),
            plans: Mutex::default(),
            digests: Mutex::default(),
            inspections: Mutex::default(),
            interrupted: Mutex::default(),
            following: Mutex::default(),
            bench: Mutex::default(),
            consoles: Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Finds what an earlier process left unfinished. A long-lived face lets cloud jobs go on by
    /// themselves; every other job waits for a person.
    pub async fn recover(&self, recovery: Recovery) -> Result<Vec<JobSummary>, Diagnosis> {
        let found = self.inner.engine.recover(recovery).await?;
        hold(&self.inner.interrupted).clone_from(&found);
        crate::tidy(&self.inner.engine, self.files_of_waiting_plans()).await;
        Ok(found)
    }

    /// What a window needs to know when it opens.
    pub async fn startup(&self) -> Startup {
        Startup {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: self.settings(),
            demo: self.demo_state().await,
            interrupted: hold(&self.inner.interrupted).clone(),
            journal_restored: self.journal_restored(),
        }
    }

    /// The network file system that the home lies on, where the system tells: its locks may be those of this
    /// computer alone.
    pub fn network_home(&self) -> Option<&'static str> {
        firmdrop_engine::network_file_system(self.inner.engine.home().folder())
    }

    /// What happened to the journal when it was opened, if it was damaged: it was set aside and
    /// restored from a copy.
    pub fn journal_restored(&self) -> Option<Diagnosis> {
        let restored = self.inner.engine.journal().restored();
        restored.map(Diagnose::diagnose)
    }

    /// The engine, for a face that needs more than a window does.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }
}

/// Locks, whatever happened to the last holder: the values here are replaced whole.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
