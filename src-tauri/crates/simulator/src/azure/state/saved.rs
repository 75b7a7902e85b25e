//! The instance between runs: opened as it was saved, and saved after each change.

use super::{Inventory, Pace, SavedState, Store, contents::Contents, persistence::Persistence};
use crate::timeline::Timeline;

impl Store {
    /// The instance as it was saved, or with what it begins with.
    pub(crate) fn open(
        inventory: &Inventory,
        state: Option<SavedState>,
        ports: [u16; 2],
        timeline: Timeline,
        pace: Pace,
    ) -> Self {
        let (folder, saved) = match state {
            Some(state) => {
                let (folder, saved) = state.into_parts();
                (Some(folder), saved)
            }
            None => (None, None),
        };
        let mut store = Self::new(Contents::default(), timeline, pace);
        match saved {
            Some(contents) => store.contents = contents,
            None => store.populate(inventory),
        }
        store.persistence = folder.map(|folder| Persistence::new(&folder, ports));
        store.save();
        store
    }

    /// Saves what changed. When that fails it is tried again with the next change.
    pub(crate) fn save(&mut self) {
        if let Some(persistence) = &mut self.persistence {
            persistence.save(&self.contents);
        }
    }

    /// Why the last change is not saved.
    pub(crate) fn save_failure(&self) -> Option<&str> {
        self.persistence.as_ref()?.failure()
    }
}
