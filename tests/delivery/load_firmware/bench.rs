//! A home, one simulated reader and a folder for files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use firmdrop_api::{
    ConfirmationAbout, Firmdrop, FirmdropOptions, Home, JobId, JobSummary, LoadBegun, LoadFirmware,
    LoadMessage, LoadRefusal, LoadRules,
};
use firmdrop_simulator::reader::{Settings, SimulatedReader, SimulatedReaders, demo_image};

/// Longest wait for anything; only a broken program needs it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(90);

/// The name of the reader in requests.
pub(crate) const READER: &str = "reader-1";

pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) reader: SimulatedReader,
    pub(crate) firmdrop: Firmdrop,
}

impl Bench {
    /// A reader that runs version 1.0.0.
    pub(crate) fn start() -> Self {
        Self::with(Settings::default())
    }

    /// Such a reader of this make.
    pub(crate) fn with(mut settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        settings.name = READER.into();
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 64 * 1024));
        let readers = SimulatedReaders::default().with("one", &reader);
        let home = Home::open(folder.path().join("home")).unwrap();
        let options = FirmdropOptions::new(home, vec![Arc::new(readers)]);
        Self {
            firmdrop: Firmdrop::open(options).unwrap(),
            folder,
            reader,
        }
    }

    /// Writes a file beside the home and answers its `file://` address.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.address(name)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn address(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    /// A newer image for the reader, as a file.
    pub(crate) fn image(&self) -> String {
        self.file("newer.bin", &newer())
    }

    /// Loads under the usual rules of these tests.
    pub(crate) async fn load(&self, firmware: LoadFirmware) -> Result<LoadBegun, LoadRefusal> {
        self.load_by(firmware, &rules()).await
    }

    pub(crate) async fn load_by(
        &self,
        firmware: LoadFirmware,
        rules: &LoadRules,
    ) -> Result<LoadBegun, LoadRefusal> {
        let loading = self.firmdrop.load_firmware(READER, firmware, rules);
        let loading = tokio::time::timeout(TIMEOUT, loading);
        loading.await.unwrap()
    }

    /// The load is refused so before the reader is changed, and leaves neither a job nor a file.
    #[track_caller]
    pub(crate) fn was_refused(
        &self,
        ended: Result<LoadBegun, LoadRefusal>,
        message: LoadMessage,
    ) -> LoadRefusal {
        let refusal = ended.unwrap_err();
        assert_eq!(refusal.message, Some(message), "{refusal:?}");
        assert_eq!(refusal.status, 422);
        assert_eq!(refusal.answer().message.as_deref(), Some(message.text()));
        assert!(!refusal.diagnosis.state_now.is_empty(), "{refusal:?}");
        assert_eq!(refusal.job, None);
        assert!(self.firmdrop.jobs(10).unwrap().is_empty());
        assert!(self.reader.counters().changed_nothing());
        assert_eq!(self.received(), 0, "something was left: {refusal:?}");
        refusal
    }

    /// Downloads and blobs that are in the home.
    pub(crate) fn received(&self) -> usize {
        let home = self.firmdrop.engine().home();
        std::fs::read_dir(home.downloads()).unwrap().count()
    }

    /// Waits for the end of a job.
    pub(crate) async fn settled(&self, job: &JobId) -> JobSummary {
        let settled = self.firmdrop.engine().settled(job);
        let settled = tokio::time::timeout(TIMEOUT, settled).await;
        settled.unwrap().unwrap()
    }
}

/// What tests request by: the image has no signature, and files of this computer may be loaded from loopback.
pub(crate) fn rules() -> LoadRules {
    LoadRules {
        confirmed: vec![ConfirmationAbout::Unsigned],
        allowed_hosts: ["127.0.0.1".to_owned()].into(),
        ..LoadRules::of_this_user()
    }
}

/// The same with little time.
pub(crate) fn hasty() -> LoadRules {
    LoadRules {
        deadline: Duration::from_secs(2),
        ..rules()
    }
}

/// An image that is newer than what the reader runs.
pub(crate) fn newer() -> Vec<u8> {
    demo_image((1, 1, 0), 96 * 1024)
}
