//! The readers that can be seen.

use firmdrop_core::{Diagnose, Diagnosis};
use firmdrop_engine::Destination;
use firmdrop_link::{Access, Reader, Watch};
use firmdrop_loader::Target;

use super::{ReaderBackend, address};

/// A reader, where a delivery to it goes, and what it said when it was last identified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenReader {
    /// What discovery sees.
    pub reader: Reader,
    /// Where a delivery goes.
    pub destination: Destination,
    /// What it said; `None` when it was never identified.
    pub target: Option<Target>,
}

impl ReaderBackend {
    /// Waits until readers that announce themselves now and then had time to, a few seconds at most.
    pub async fn listen(&self) {
        self.providers.listen().await;
    }

    /// Why readers of some kinds cannot be seen now, where a user can do something about that.
    pub fn troubles(&self) -> Vec<Diagnosis> {
        let troubles = self.providers.troubles();
        troubles.iter().map(Diagnose::diagnose).collect()
    }

    /// Readers that come and go from now on, beginning with those that are there.
    pub fn watch(&self) -> Watch {
        self.providers.watch()
    }

    /// The readers that can be seen now.
    pub async fn seen(&self) -> Vec<SeenReader> {
        let readers = self.providers.discover().await;
        let seen = readers.into_iter().filter_map(|reader| {
            let destination = address::first_destination(&self.loaders, &reader.address)?;
            Some((reader, destination))
        });
        let seen: Vec<(Reader, Destination)> = seen.collect();
        self.contacts
            .forget_vanished(seen.iter().map(|(_, destination)| destination));
        let with_state = |(mut reader, destination): (Reader, Destination)| {
            // What the system says of a port weighs more than what was heard through it.
            if reader.access == Access::Ready {
                reader.access = self.contacts.access(&destination);
            }
            SeenReader {
                target: self.target(&destination),
                destination,
                reader,
            }
        };
        seen.into_iter().map(with_state).collect()
    }

    /// A reader that is reached by an address although discovery cannot see it.
    pub fn unseen(&self, destination: &Destination) -> Option<SeenReader> {
        let (_, link) = self.route(destination).ok()?;
        let text = link.to_string();
        Some(SeenReader {
            reader: Reader {
                id: text.clone(),
                name: text.clone(),
                serial: None,
                place: text,
                simulated: link.is_simulated(),
                channel: link.kind(),
                address: link,
                access: self.contacts.access(destination),
            },
            destination: destination.clone(),
            target: self.target(destination),
        })
    }
}
