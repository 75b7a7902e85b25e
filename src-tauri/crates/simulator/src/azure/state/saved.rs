//! The file that holds the instance between runs. It is written beside the old one and takes its
//! place, so a process that is killed leaves one of the two whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

use super::{Inventory, Pace, Store, store::Contents};
use crate::timeline::Timeline;

/// The form of the file.
const FORMAT: u32 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct File<C> {
    format: u32,
    ports: [u16; 2],
    contents: C,
}

/// The state in a folder, read before anything is served.
#[derive(Debug)]
pub(crate) struct SavedState {
    folder: PathBuf,
    file: Option<File<Contents>>,
}

/// How an instance is saved.
#[derive(Debug)]
pub(crate) struct Persistence {
    path: PathBuf,
    ports: [u16; 2],
    /// Of what was written last.
    written: Option<Sha256>,
    /// Why the last change is not saved.
    failure: Option<String>,
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("instance.json")
}

impl SavedState {
    /// Reads what is in the folder, which is made when it is not there. A damaged file is moved aside.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.to_owned();
        let text = match fs::read(path_in(&folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { folder, file: None });
            }
            read => read?,
        };
        let file: Option<File<Contents>> = serde_json::from_slice(&text).ok();
        let file = file.filter(|file| file.format == FORMAT);
        if file.is_none() {
            fs::rename(path_in(&folder), folder.join("instance.damaged"))?;
        }
        Ok(Self { folder, file })
    }

    /// The ports of the service and of the sign-in that were used before.
    pub(crate) fn ports(&self) -> Option<[u16; 2]> {
        self.file.as_ref().map(|file| file.ports)
    }
}

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
            Some(state) => (Some(state.folder), state.file),
            None => (None, None),
        };
        let mut store = Self::new(Contents::default(), timeline, pace);
        match saved {
            Some(file) => store.contents = file.contents,
            None => store.populate(inventory),
        }
        store.persistence = folder.map(|folder| Persistence {
            path: path_in(&folder),
            ports,
            written: None,
            failure: None,
        });
        store.save();
        store
    }

    /// Saves what changed. When that fails it is tried again with the next change.
    pub(crate) fn save(&mut self) {
        let Some(persistence) = &mut self.persistence else {
            return;
        };
        let saved = persistence.save(&self.contents);
        persistence.failure = saved.err().map(|error| error.to_string());
    }

    /// Why the last change is not saved.
    pub(crate) fn save_failure(&self) -> Option<&str> {
        self.persistence.as_ref()?.failure.as_deref()
    }
}

impl Persistence {
    fn save(&mut self, contents: &Contents) -> io::Result<()> {
        let text = serde_json::to_vec(&File {
            format: FORMAT,
            ports: self.ports,
            contents,
        })?;
        let hash = Sha256::of(&text);
        if self.written == Some(hash) {
            return Ok(());
        }
        let beside = self.path.with_extension("new");
        fs::write(&beside, text)?;
        fs::rename(beside, &self.path)?;
        self.written = Some(hash);
        Ok(())
    }
}

/// Maps whose keys are no texts: a list of pairs.
pub(super) mod rows {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let rows = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(rows.into_iter().collect())
    }
}
