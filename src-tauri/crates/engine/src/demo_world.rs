//! Which process of a home has the simulated world open, and where the services of that world are.
//!
//! Knows nothing of the world itself. The claim is a lock of the operating system, so it ends with
//! its process; the addresses written beside it are believed only while the claim is held.

use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

use crate::Home;
use crate::home::write_durably;
use crate::lock::{self, Held};

/// How often to look whether a world that is opening is open.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Looks until an opening world is given up: ten seconds, for a world that opens in far less.
const LOOKS: u32 = 200;

/// The right to open the simulated world of a home. Dropping it gives the right up.
#[derive(Debug)]
pub struct DemoClaim {
    home: Home,
    _held: Held,
}

/// Where a simulated service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAddress {
    /// Scheme of the destinations it serves.
    pub scheme: String,
    /// Its address, as an account names it.
    pub host: String,
    /// Fields of its account besides that.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// Who has the simulated world of a home open.
#[derive(Debug)]
pub enum DemoPlace {
    /// Nobody did: this process may open one.
    Free(DemoClaim),
    /// Another Firmdrop does.
    Elsewhere {
        /// The services of that world.
        services: Vec<DemoAddress>,
    },
}

impl Home {
    /// Claims the simulated world of this home, or answers where the one is that is open. Waits ten
    /// seconds at most for a process that is just opening one.
    pub async fn demo_world(&self) -> Result<DemoPlace, Diagnosis> {
        for _ in 0..LOOKS {
            if let Some(claim) = self.claim_demo_world()? {
                return Ok(DemoPlace::Free(claim));
            }
            if let Some(services) = self.announced() {
                return Ok(DemoPlace::Elsewhere { services });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(Diagnosis::new(
            Code::Internal,
            "The demo world was not opened.",
            "Another Firmdrop on this computer began to open it and has not come to an end.",
        )
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::Advice {
            text: "Close the other Firmdrop, then try again.".to_owned(),
        }))
    }

    /// What the process that has the world open has written.
    fn announced(&self) -> Option<Vec<DemoAddress>> {
        let content = std::fs::read(self.demo_address()).ok()?;
        serde_json::from_slice(&content).ok()
    }

    /// The right to open the simulated world, unless another process holds it.
    pub fn claim_demo_world(&self) -> Result<Option<DemoClaim>, Diagnosis> {
        let failed = |error: std::io::Error| self.not_writable(&error);
        let Some(held) = lock::try_demo_world(self).map_err(failed)? else {
            return Ok(None);
        };
        // What a process before left there is no longer so.
        match std::fs::remove_file(self.demo_address()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(Some(DemoClaim {
                home: self.clone(),
                _held: held,
            })),
        }
    }
}

impl DemoClaim {
    /// Announces to other processes where the world is, once it is open.
    pub fn announce(&self, services: &[DemoAddress]) -> Result<(), Diagnosis> {
        serde_json::to_vec(services)
            .map_err(std::io::Error::from)
            .and_then(|content| write_durably(&self.home.demo_address(), &content))
            .map_err(|error| self.home.not_writable(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> Vec<DemoAddress> {
        vec![DemoAddress {
            scheme: "cloud".into(),
            host: host.into(),
            fields: serde_json::Map::new(),
        }]
    }

    fn is_free(place: &DemoPlace) -> bool {
        matches!(place, DemoPlace::Free(_))
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_learns_the_address_of_the_first_and_takes_over_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let DemoPlace::Free(first) = home.demo_world().await.unwrap() else {
            panic!("nobody was there");
        };
        first.announce(&at("http://127.0.0.1:1")).unwrap();
        match home.demo_world().await.unwrap() {
            DemoPlace::Elsewhere { services } => assert_eq!(services, at("http://127.0.0.1:1")),
            DemoPlace::Free(_) => panic!("opened twice"),
        }
        drop(first);
        assert!(is_free(&home.demo_world().await.unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_world_that_is_just_opening_is_waited_for_and_an_old_address_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let before = home.claim_demo_world().unwrap().unwrap();
        before.announce(&at("http://127.0.0.1:1")).unwrap();
        drop(before);
        let opening = home.claim_demo_world().unwrap().unwrap();
        let (place, ()) = tokio::join!(home.demo_world(), async {
            tokio::time::sleep(LOOK_AGAIN * 3).await;
            opening.announce(&at("http://127.0.0.1:2")).unwrap();
        });
        match place.unwrap() {
            DemoPlace::Elsewhere { services } => assert_eq!(services, at("http://127.0.0.1:2")),
            DemoPlace::Free(_) => panic!("opened twice"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_world_that_never_opens_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let _opening = home.claim_demo_world().unwrap().unwrap();
        assert!(home.demo_world().await.is_err());
    }
}
