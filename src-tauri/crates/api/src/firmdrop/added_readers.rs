//! Readers that were added by their address: discovery does not see them, so they are stored in the home.

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::Destination;
use serde::{Deserialize, Serialize};

use super::Firmdrop;
use crate::ReaderView;

/// More of them fit no bench.
const MOST: usize = 256;
/// Longest name, characters.
const LONGEST_NAME: usize = 64;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AddedReader {
    /// Where it is, in canonical form.
    pub(super) destination: Destination,
    /// What the user calls it; its address when absent.
    #[serde(default)]
    pub(super) name: Option<String>,
}

impl Firmdrop {
    /// Adds a reader by its address, which may leave out the protocol: `192.168.1.20:1337`,
    /// `/dev/ttyACM0`. Nothing is sent to it.
    pub async fn add_reader(&self, text: &str) -> Result<ReaderView, Diagnosis> {
        let destination = self.reader_destination(text)?;
        let mut added = self.added_readers();
        if !added.iter().any(|each| each.destination == destination) {
            if added.len() >= MOST {
                return Err(refused("There are too many of them", "Remove one first."));
            }
            added.push(AddedReader {
                destination: destination.clone(),
                name: None,
            });
            self.store(&added)?;
        }
        self.reader_at(&destination).await
    }

    /// Names a reader that is seen or was added; an empty name is its own again.
    pub async fn rename_reader(
        &self,
        destination: &str,
        name: &str,
    ) -> Result<ReaderView, Diagnosis> {
        let name = name.trim();
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(refused(
                "The name is too long, or no text",
                "At most 64 characters.",
            ));
        }
        let mut added = self.added_readers();
        let Some(named) = added
            .iter_mut()
            .find(|each| each.destination.to_string() == destination)
        else {
            let seen = self.readers().await;
            let view = seen.iter().find(|view| view.destination == destination);
            let view = view.ok_or_else(|| {
                refused(
                    "It is not seen, and was not added by its address",
                    "Add it by its address first: `firmdrop-cli devices add ADDRESS`.",
                )
            })?;
            let destination = self.inner.engine.destination(&view.destination)?;
            self.name_reader(&view.reader.id, name)?;
            return self.reader_at(&destination).await;
        };
        named.name = (!name.is_empty()).then(|| name.to_owned());
        let destination = named.destination.clone();
        self.store(&added)?;
        self.reader_at(&destination).await
    }

    /// Forgets a reader that was added. The reader itself is not touched.
    pub fn remove_reader(&self, destination: &str) -> Result<(), Diagnosis> {
        let mut added = self.added_readers();
        added.retain(|each| each.destination.to_string() != destination);
        self.store(&added)
    }

    /// The same, and refuses a reader that was not added by its address.
    pub fn forget_reader(&self, destination: &str) -> Result<(), Diagnosis> {
        let added = self.added_readers();
        let is_it = |each: &AddedReader| each.destination.to_string() == destination;
        if !added.iter().any(is_it) {
            return Err(refused(
                &format!("{destination} was not added by its address"),
                "Only a reader that was added can be forgotten; others are listed while they are there.",
            ));
        }
        self.remove_reader(destination)
    }

    /// The reader that a text means; the protocol may be left out.
    pub fn reader_destination(&self, text: &str) -> Result<Destination, Diagnosis> {
        let text = text.trim();
        let destination = match self.inner.readers.destination_of(text) {
            Some(destination) => destination,
            None => self.inner.engine.destination(text)?,
        };
        match self.inner.readers.unseen(&destination) {
            Some(_) => Ok(destination),
            None => Err(refused(
                &format!("{destination} is not a reader"),
                "Give an address like 192.168.1.20:1337 or /dev/ttyACM0.",
            )),
        }
    }

    /// A file that cannot be read counts as none: the readers can be added again.
    pub(super) fn added_readers(&self) -> Vec<AddedReader> {
        let text = std::fs::read(self.inner.engine.home().added_readers()).unwrap_or_default();
        let mut added: Vec<AddedReader> = serde_json::from_slice(&text).unwrap_or_default();
        added.truncate(MOST);
        added
    }

    fn store(&self, added: &[AddedReader]) -> Result<(), Diagnosis> {
        let text = serde_json::to_vec_pretty(added).unwrap_or_default();
        self.inner.engine.home().write_added_readers(&text)
    }

    async fn reader_at(&self, destination: &Destination) -> Result<ReaderView, Diagnosis> {
        let text = destination.to_string();
        let seen = self.readers().await;
        let found = seen.into_iter().find(|view| view.destination == text);
        found.ok_or_else(|| refused(&format!("{text} is not a reader"), "Check its address."))
    }
}

fn refused(why: &str, advice: &str) -> Diagnosis {
    Diagnosis::new(
        Code::UnknownDestination,
        "The list of readers was not changed.",
        format!("{why}."),
    )
    .titled("The reader cannot be added or changed")
    .state("Nothing was sent.")
    .remedy(Remedy::advice(advice))
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::Home;
    use firmdrop_link::Access;

    use super::*;
    use crate::FirmdropOptions;

    fn open(folder: &std::path::Path) -> Firmdrop {
        let home = Home::open(folder.join("home")).unwrap();
        Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap()
    }

    #[tokio::test]
    async fn an_added_reader_is_offered_survives_a_restart_and_can_be_renamed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let added = open(folder.path()).add_reader("192.0.2.20").await.unwrap();
        assert_eq!(added.destination, "smp+udp:192.0.2.20:1337");
        assert_eq!(added.reader.access, Access::NotIdentified);
        assert!(added.added);

        let again = open(folder.path());
        again.add_reader("smp+udp:192.0.2.20:1337").await.unwrap();
        let named = again
            .rename_reader(&added.destination, " Gate 04 ")
            .await
            .unwrap();
        assert_eq!(named.reader.name, "Gate 04");
        let image = folder.path().join("puck.bin");
        std::fs::write(&image, b"image").unwrap();
        let verdict = again.inspect(image.to_str().unwrap()).await.unwrap();
        let offered = |offers: &[crate::DestinationOffer]| {
            offers
                .iter()
                .filter(|offer| offer.destination == added.destination)
                .count()
        };
        assert_eq!(offered(&verdict.destinations), 1);
        let offers = again.offers_for(image.to_str().unwrap()).await.unwrap();
        assert_eq!(offers, verdict.destinations);

        again.remove_reader(&added.destination).unwrap();
        assert!(again.rename_reader(&added.destination, "x").await.is_err());
        assert!(
            !open(folder.path())
                .readers()
                .await
                .iter()
                .any(|view| view.added)
        );
    }

    #[tokio::test]
    async fn only_an_address_of_a_reader_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let firmdrop = open(folder.path());
        for text in [
            "",
            "pelion:lab",
            "nonsense",
            "ftp://192.0.2.1/",
            "192.0.2.1:99999999",
        ] {
            assert!(firmdrop.add_reader(text).await.is_err(), "{text:?}");
        }
        let port = firmdrop.add_reader("/dev/ttyACM7").await.unwrap();
        assert!(
            port.destination.starts_with("smp+serial:/dev/ttyACM7"),
            "{port:?}"
        );
        assert!(
            firmdrop
                .rename_reader(&port.destination, &"n".repeat(65))
                .await
                .is_err()
        );
    }
}
