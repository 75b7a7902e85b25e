//! What stands in the way on this computer, changed on consent and undone: docs/doctor.md.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use firmdrop_core::{Clock as _, Code, Diagnosis, Moment, Remedy, SystemClock};
use firmdrop_doctor::{
    Commands, Facts, Finding, Fix, HostTime, KeyStoreState, Root, System, SystemChange,
};
use firmdrop_engine::{KeyStoreAnswer, blocking, host_dates, key_store_answer};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::Firmdrop;

/// Longest wait for the key store: it may ask its user for something.
const KEY_STORE_DEADLINE: Duration = Duration::from_secs(5);
/// Variables that name a proxy, and those that the HTTP client reads.
const PROXIES: [&str; 6] = [
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "HTTP_PROXY",
    "all_proxy",
    "ALL_PROXY",
];

/// What was found, and what was changed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DoctorReport {
    /// When it was looked.
    pub checked: Moment,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// Changes that were made on this system, the newest first.
    pub changes: Vec<SystemChange>,
    /// Why the record of changes cannot be read.
    pub record: Option<Diagnosis>,
}

/// Looks at this computer. Works without a home.
#[derive(Debug, Clone)]
pub struct Doctor {
    system: System,
    home: PathBuf,
    /// Firmdrop, or why its home could not be opened.
    firmdrop: Result<Firmdrop, Box<Diagnosis>>,
}

impl Doctor {
    /// For a system, and for Firmdrop or the reason why its home could not be opened.
    pub fn new(system: System, home: PathBuf, firmdrop: Result<Firmdrop, Diagnosis>) -> Self {
        Self {
            system,
            home,
            firmdrop: firmdrop.map_err(Box::new),
        }
    }

    /// Looks at everything. Changes nothing.
    pub async fn report(&self) -> Result<DoctorReport, Diagnosis> {
        let facts = self.facts().await;
        let system = self.system.clone();
        blocking(move || {
            let findings = firmdrop_doctor::examine(&system, &facts);
            let (changes, record) = match firmdrop_doctor::history(&system.root) {
                Ok(changes) => (changes, None),
                Err(fault) => (Vec::new(), Some(fault.into())),
            };
            Ok(DoctorReport {
                checked: facts.now,
                findings,
                changes,
                record,
            })
        })
        .await
    }

    /// The fix of this name as it is offered now.
    pub async fn fix(&self, id: &str) -> Result<Fix, Diagnosis> {
        let findings = self.report().await?.findings;
        let fixes: Vec<Fix> = findings.into_iter().flat_map(|it| it.fixes).collect();
        let offered = fixes.iter().map(|fix| fix.id.clone()).collect();
        let found = fixes.into_iter().find(|fix| fix.id == id);
        let none = firmdrop_doctor::DoctorFault::NoSuchFix {
            id: id.to_owned(),
            offered,
        };
        found.ok_or_else(|| none.into())
    }

    /// Makes a change that the user agreed to. Refuses when a file is not as the fix shows it.
    pub async fn apply(&self, fix: Fix) -> Result<firmdrop_doctor::SystemChanged, Diagnosis> {
        let system = self.system.clone();
        let commands = self.commands();
        blocking(move || {
            let commands = commands.as_ref().map(|it| it as &dyn Commands);
            Ok(firmdrop_doctor::apply(
                &system,
                &fix,
                SystemClock.now(),
                commands,
            )?)
        })
        .await
    }

    /// Undoes a change, by its number or `last`. Refuses when somebody wrote one of its files since.
    pub async fn undo(&self, id: &str) -> Result<firmdrop_doctor::SystemChanged, Diagnosis> {
        let system = self.system.clone();
        let commands = self.commands();
        let id = id.to_owned();
        blocking(move || {
            let commands = commands.as_ref().map(|it| it as &dyn Commands);
            Ok(firmdrop_doctor::undo(
                &system,
                &id,
                SystemClock.now(),
                commands,
            )?)
        })
        .await
    }

    /// What [`Self::undo`] would restore. Changes nothing.
    pub async fn change_to_undo(
        &self,
        id: &str,
    ) -> Result<firmdrop_doctor::SystemChange, Diagnosis> {
        let (system, id) = (self.system.clone(), id.to_owned());
        blocking(move || Ok(firmdrop_doctor::change_to_undo(&system, &id)?)).await
    }

    fn commands(&self) -> Option<SystemCommands> {
        let running = self.system.root.is_running_system();
        running.then_some(SystemCommands)
    }

    async fn facts(&self) -> Facts {
        let running = self.system.root.is_running_system();
        let key_store = if running {
            let answer = tokio::task::spawn_blocking(key_store_answer);
            match timeout(KEY_STORE_DEADLINE, answer).await {
                Ok(Ok(KeyStoreAnswer::There)) => KeyStoreState::There,
                Ok(Ok(KeyStoreAnswer::Absent)) => KeyStoreState::Absent,
                Ok(Ok(KeyStoreAnswer::Refuses(why))) => KeyStoreState::Refuses(why),
                Ok(Err(_)) | Err(_) => KeyStoreState::NotKnown,
            }
        } else {
            KeyStoreState::NotKnown
        };
        let newest = self
            .firmdrop
            .as_ref()
            .ok()
            .and_then(|firmdrop| firmdrop.jobs(1).ok()?.first().map(|job| job.changed));
        let hosts = host_dates().into_iter().map(|date| HostTime {
            host: date.host,
            said: date.said,
            heard: date.heard,
        });
        let variable = |name: &str| {
            let value = std::env::var(name).ok()?;
            (!value.is_empty()).then(|| (name.to_owned(), value))
        };
        Facts {
            home: self.home.clone(),
            home_refused: self.firmdrop.as_ref().err().map(|why| (**why).clone()),
            key_store,
            now: SystemClock.now(),
            newest_job: newest,
            hosts: hosts.collect(),
            proxies: PROXIES.into_iter().filter_map(variable).collect(),
        }
    }
}

/// Runs commands of the system, without a shell and without anything to read.
#[derive(Debug, Clone, Copy)]
struct SystemCommands;

impl Commands for SystemCommands {
    fn run(&self, command: &[String]) -> Result<(), String> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(());
        };
        let ended = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(|error| error.to_string())?;
        if ended.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&ended.stderr);
        let words: String = words.trim().chars().take(200).collect();
        Err(if words.is_empty() {
            ended.status.to_string()
        } else {
            words
        })
    }
}

/// The system in a folder. One that is not there, or may not be read, would look like a system without
/// any trouble.
///
/// # Errors
/// [`Code::ArgumentInvalid`].
pub fn system_in(folder: &Path) -> Result<Root, Diagnosis> {
    match std::fs::read_dir(folder) {
        Ok(_) => Ok(Root::at(folder)),
        Err(error) => {
            let what = format!("The folder {} could not be looked at.", folder.display());
            let why = format!("The system says: {error}.");
            Err(Diagnosis::new(Code::ArgumentInvalid, what, why)
                .titled("There is no system in this folder")
                .state("Nothing of the system was changed.")
                .remedy(Remedy::advice(
                    "Name the folder that the system's root is in.",
                )))
        }
    }
}

/// There is no user of this name in the system that is looked at.
pub fn no_such_user(name: &str) -> Diagnosis {
    Diagnosis::new(
        Code::FixUnknown,
        format!("There is no user {name}."),
        "The system's list of users (/etc/passwd) does not have the name.",
    )
    .titled("There is no such user")
    .state("Nothing of the system was changed.")
    .remedy(Remedy::advice(
        "Give the name that this user signs in with.",
    ))
}
