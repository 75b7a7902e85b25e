//! Opens an account on what an earlier run has saved, and saves it after each change.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use firmdrop_core::Moment;

use super::{
    account::{Account, Settings},
    id::Id,
    inventory::Inventory,
    persistence::Persistence,
    row::Unreadable,
    store::{self, Batch, Beginning, Saved, Store},
};

/// The state in a folder, read before anything is served.
#[derive(Debug)]
pub(crate) struct SavedState {
    folder: PathBuf,
    saved: Option<Saved>,
}

/// What an account begins with.
#[derive(Debug)]
pub(crate) struct Opening {
    /// What it holds when nothing was saved.
    pub(crate) inventory: Inventory,
    /// What was saved, when it is to be stored between runs.
    pub(crate) state: Option<SavedState>,
}

impl SavedState {
    /// Reads what is in the folder, which is made when it is not there.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            saved: store::read(folder)?,
        })
    }

    /// The port that was used before.
    pub(crate) fn port(&self) -> Option<u16> {
        self.saved.as_ref().map(|saved| saved.beginning.port)
    }
}

impl Account {
    /// Makes the account of a server: new, or as it was saved.
    pub(crate) fn open(settings: impl Fn() -> Settings, opening: Opening) -> io::Result<Self> {
        let mut account = Self::new(settings());
        let now = account.now();
        let Some(SavedState { folder, saved }) = opening.state else {
            account.populate(&opening.inventory, now);
            return Ok(account);
        };
        let port = account.address.port();
        let beginning = match &saved {
            Some(saved) => {
                Beginning::new(port, saved.beginning.inventory.clone(), saved.beginning.at)
            }
            None => Beginning::new(port, opening.inventory.clone(), now),
        };
        let mut last_beginning_id = account.begin(&beginning.inventory, beginning.at);
        let mut beginning = beginning;
        if let Some(saved) = saved
            && account.restore(saved.batches).is_err()
        {
            store::set_aside(&folder)?;
            account = Self::new(settings());
            beginning = Beginning::new(port, opening.inventory, now);
            last_beginning_id = account.begin(&beginning.inventory, now);
        }
        account.tidy_storage()?;
        let all = account.everything(last_beginning_id)?;
        account.persistence = Some(Persistence {
            store: Store::create(&folder, beginning, &all)?,
            last_beginning_id,
            failure: None,
        });
        account.rows_saved();
        Ok(account)
    }

    /// Puts the inventory in place and watches for changes from there; answers its last id.
    fn begin(&mut self, inventory: &Inventory, at: Moment) -> u64 {
        self.populate(inventory, at);
        self.watch();
        self.last_id
    }

    fn restore(&mut self, batches: Vec<Batch>) -> Result<(), Unreadable> {
        for batch in batches {
            self.last_id = self.last_id.max(batch.last_id);
            for row in batch.rows {
                self.restore_row(row)?;
            }
        }
        self.index();
        Ok(())
    }

    /// Makes the files of bytes what the rows say: what was not saved was not answered either.
    fn tidy_storage(&mut self) -> io::Result<()> {
        let storage = self.storage.clone();
        let mut lost = Vec::new();
        let mut named = Vec::new();
        for job in self.jobs.values().filter(|job| job.image_id.is_none()) {
            let Some(path) = storage.job_file(&job.id).filter(|_| job.size_bytes > 0) else {
                continue;
            };
            match fs::OpenOptions::new().write(true).open(&path) {
                Ok(file) if file.metadata()?.len() >= job.size_bytes => {
                    file.set_len(job.size_bytes)?;
                    named.push(path);
                }
                // They were too many to be stored.
                _ if storage.may_discard() => {}
                // Somebody removed its bytes: nothing can be added to them.
                _ => lost.push(job.id.clone()),
            }
        }
        for job in lost {
            self.jobs.remove(&job);
        }
        named.extend(self.images.keys().filter_map(|id| storage.image_file(id)));
        storage.tidy(|path| named.iter().any(|named| named == path))
    }

    /// What a state that is written anew holds.
    fn everything(&mut self, last_beginning_id: u64) -> io::Result<Batch> {
        let began = |id: &Id| id.number() & u128::from(u64::MAX) <= u128::from(last_beginning_id);
        self.save_all_anew(began);
        Ok(Batch {
            last_id: self.last_id,
            rows: self.changed_rows()?,
        })
    }

    /// Saves what changed since the last time. When that fails it is tried again with the next
    /// change, and [`Self::save_failure`] says why.
    pub(crate) fn save(&mut self) {
        if let Some(mut persistence) = self.persistence.take() {
            let saved = self.save_in(&mut persistence);
            persistence.failure = saved.err().map(|error| error.to_string());
            self.persistence = Some(persistence);
        }
        if self.save_failure().is_none() {
            for file in self.obsolete.drain(..) {
                // It may be gone already: an upload job without chunks has no file.
                let _ = fs::remove_file(file);
            }
        }
    }

    fn save_in(&mut self, persistence: &mut Persistence) -> io::Result<()> {
        let rows = self.changed_rows()?;
        if rows.is_empty() {
            return Ok(());
        }
        let last_id = self.last_id;
        persistence.store.append(&Batch { last_id, rows })?;
        self.rows_saved();
        if persistence.store.is_long() {
            let all = self.everything(persistence.last_beginning_id)?;
            persistence.store.replace(&all)?;
            self.rows_saved();
        }
        Ok(())
    }

    /// Why the last change is not saved.
    pub(crate) fn save_failure(&self) -> Option<&str> {
        self.persistence.as_ref()?.failure.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::state::{account::tests::settings, texts::Texts};

    fn opened(folder: &Path) -> Account {
        let opening = Opening {
            inventory: Inventory::demo(),
            state: Some(SavedState::read(folder).unwrap()),
        };
        Account::open(settings, opening).unwrap()
    }

    #[test]
    fn a_change_that_cannot_be_saved_is_saved_with_the_next_that_can() {
        let folder = tempfile::tempdir().unwrap();
        let mut account = opened(folder.path());
        let writable = |account: &mut Account, writable| {
            let persistence = account.persistence.as_mut().unwrap();
            persistence.store.set_writable(writable);
        };
        writable(&mut account, false);
        let job = account.create_job(Texts::default()).unwrap();
        account.save();
        assert!(account.save_failure().is_some());
        writable(&mut account, true);
        account.save();
        assert!(account.save_failure().is_none());
        let account = opened(folder.path());
        assert!(account.job(&job.id).is_ok());
    }

    #[test]
    fn the_ids_of_the_beginning_are_not_given_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = opened(folder.path()).last_id;
        let mut account = opened(folder.path());
        assert_eq!(account.last_id, first);
        let job = account.create_job(Texts::default()).unwrap();
        account.save();
        let mut account = opened(folder.path());
        assert!(account.next_id() > job.id);
    }
}
