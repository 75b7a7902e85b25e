//! What the service holds of an import before anything is sent. For plans; the import asks again.

use firmdrop_core::ExpectedFile;

use super::compare::{Difference, differences};
use crate::azure::{AzureError, DeviceUpdate, Update, UpdateId, UpdateQuery};

/// An update that is to be imported, without its bytes.
#[derive(Debug, Clone)]
pub struct UpdateContent {
    /// What it is known by.
    pub id: UpdateId,
    /// What its manifest calls its files, with their sizes and hashes.
    pub files: Vec<(String, ExpectedFile)>,
}

/// What the service holds under the id of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    No,
    /// An update with these files.
    Same,
    /// An update, of whose files it does not say this.
    NotSaid(String),
    /// An update with other files; this differs.
    Other(String),
}

/// What the service answered.
#[derive(Debug, Clone)]
pub struct Holdings {
    /// What it holds of each update, in their order.
    pub updates: Vec<Held>,
    /// Every update of the instance; `None` when it did not list them.
    pub all: Option<Vec<Update>>,
}

/// Asks the service what it holds of these updates, and what else. Repeats nothing; only reads.
pub async fn holdings(
    service: &DeviceUpdate,
    updates: &[UpdateContent],
) -> Result<Holdings, AzureError> {
    let mut held = Vec::new();
    for update in updates {
        held.push(held_of(service, update).await?);
    }
    let list = match service.updates(&UpdateQuery::default()) {
        Ok(list) => service.all(&list).await,
        Err(error) => Err(error),
    };
    // What it holds of these updates is known without the list.
    Ok(Holdings {
        updates: held,
        all: list.ok(),
    })
}

async fn held_of(service: &DeviceUpdate, update: &UpdateContent) -> Result<Held, AzureError> {
    let asked = async {
        service.update(&update.id).await?;
        service.files_of(&update.id).await
    };
    let held = match asked.await {
        Ok(held) => held,
        Err(error) if error.is_not_found() => return Ok(Held::No),
        Err(error) => return Err(error),
    };
    let files = update.files.iter();
    let files = files.map(|(name, expected)| (&**name, expected));
    Ok(match differences(files, &held) {
        Difference::None => Held::Same,
        Difference::NotSaid(what) => Held::NotSaid(what),
        Difference::Missing(what) | Difference::Found(what) => Held::Other(what),
    })
}
