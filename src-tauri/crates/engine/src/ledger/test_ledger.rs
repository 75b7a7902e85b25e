//! Ledgers for tests, written as the engine writes them.

use std::sync::Arc;

use firmdrop_core::{Moment, Outcome, ProofMethod, Sha256};

use super::key::LedgerKeys;
use super::note::Signer;
use super::{Chain, Delivered, DeliveredResult, Ledger, Maker, Seal, publish};
use crate::delivery::test_plan;
use crate::journal::{Durability, Event};
use crate::secret_store::{KeyStore, SecretStore, fake::FakeKeyStore};
use crate::{Home, JobId, JobState, Journal};

pub(super) fn outcome() -> Outcome {
    Outcome::verified(ProofMethod::RemoteSizeAndSha256, "equal")
}

pub(super) fn delivered(file_name: &str) -> Delivered {
    Delivered {
        at: Moment::from_millisecond(1),
        job: JobId::new(),
        file_name: file_name.into(),
        size_bytes: 3,
        sha256: Sha256::of(b"abc"),
        destination: "cloud:bench".into(),
        remote_id: None,
        damaged: None,
        chain: Chain::Demo,
        result: DeliveredResult::Finished(outcome()),
    }
}

/// Appends entries without jobs.
pub(super) fn append_all(journal: &Journal, signer: &Arc<Signer>, names: &[&str]) {
    for name in names {
        let (entry, signer) = (delivered(name), Arc::clone(signer));
        let written = journal.enqueue(Durability::Now, move |connection| {
            super::append(
                connection,
                &entry,
                &Maker::here("test"),
                Some(&signer),
                true,
            )
        });
        written.wait().unwrap();
    }
}

/// A home with a ledger of real deliveries.
pub(super) struct Bench {
    pub(super) folder: tempfile::TempDir,
    pub(super) home: Home,
    pub(super) journal: Journal,
    pub(super) keys: LedgerKeys,
    pub(super) system: Arc<FakeKeyStore>,
}

impl Bench {
    /// On a system with this key store, with so many deliveries.
    pub(super) fn new(system: FakeKeyStore, deliveries: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let system = Arc::new(system);
        let bench = Self {
            journal: Journal::open(&home.journal()).unwrap(),
            keys: keys(&home, &system),
            folder,
            home,
            system,
        };
        for _ in 0..deliveries {
            bench.deliver();
        }
        bench
    }

    /// One more delivery, from its job to its published head.
    pub(super) fn deliver(&self) -> JobId {
        static PLAN: std::sync::OnceLock<crate::Plan> = std::sync::OnceLock::new();
        let mut plan = PLAN.get_or_init(test_plan).clone();
        plan.simulated = false;
        let (id, at) = (JobId::new(), Moment::from_millisecond(2));
        self.journal.add(&id, &plan, at, None).wait().unwrap();
        let state = JobState::Finished { outcome: outcome() };
        let entry = Delivered {
            job: id.clone(),
            chain: Chain::Deliveries,
            size_bytes: plan.image().expected.size_bytes,
            sha256: plan.image().expected.sha256,
            ..delivered("fw.bin")
        };
        let seal = Seal::of(&self.home, &self.journal, &self.keys, Chain::Deliveries);
        let (maker, lines) = (Maker::here("test"), [Event::State { state }]);
        let ended = self.journal.end(&id, at, &lines, entry, &maker, seal);
        ended.wait().unwrap();
        self.publish();
        id
    }

    pub(super) fn publish(&self) {
        publish(&self.home, &self.journal, &self.keys, Chain::Deliveries);
        self.journal.synchronise().wait().unwrap();
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        Ledger {
            home: &self.home,
            journal: &self.journal,
            keys: &self.keys,
        }
    }

    /// Changes the journal behind everybody's back, as somebody with the file would.
    pub(super) fn behind(&self, script: &str) {
        let connection = rusqlite::Connection::open(self.home.journal()).unwrap();
        connection
            .execute_batch(
                "DROP TRIGGER IF EXISTS ledger_is_never_changed;
                 DROP TRIGGER IF EXISTS ledger_is_never_shortened;",
            )
            .unwrap();
        connection.execute_batch(script).unwrap();
    }

    /// The head beside the journal.
    pub(super) fn head_file(&self) -> std::path::PathBuf {
        super::heads::file(&self.home, Chain::Deliveries)
    }

    /// What another process of this home knows of the keys.
    pub(super) fn keys_anew(&mut self) {
        self.keys = keys(&self.home, &self.system);
    }
}

pub(super) fn keys(home: &Home, system: &Arc<FakeKeyStore>) -> LedgerKeys {
    let system = Arc::clone(system) as Arc<dyn KeyStore>;
    LedgerKeys::new(home, SecretStore::with(home, system))
}
