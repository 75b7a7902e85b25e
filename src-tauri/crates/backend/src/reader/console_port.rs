//! The port of a reader for a person who reads along: its text, without the frames of its protocol.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_engine::Destination;
use firmdrop_link::{Channel, Link, LinkAddress, Place, Providers, Stream};
use firmdrop_loader::TextFilter;

use super::ReaderBackend;

/// A port that can be opened again and again, also under another name at its place.
#[derive(Debug)]
pub struct ConsolePort {
    providers: Providers,
    address: LinkAddress,
    /// Where it was when it was there first.
    place: Option<Place>,
}

impl ReaderBackend {
    /// The port of a reader and what separates its text from frames. At this rate when one is given.
    pub fn console_port(
        &self,
        destination: &Destination,
        baud: Option<u32>,
    ) -> Result<(ConsolePort, Box<dyn TextFilter>), Diagnosis> {
        let (loader, address) = self.route(destination)?;
        let is_stream = matches!(address.kind(), Channel::Serial | Channel::Simulated);
        if !is_stream {
            return Err(no_console(destination));
        }
        let address = match baud {
            Some(baud) if address.kind() == Channel::Serial => {
                LinkAddress::serial(address.without_options(), baud)
            }
            _ => address,
        };
        let port = ConsolePort {
            providers: self.providers.clone(),
            address,
            place: None,
        };
        Ok((port, loader.text_filter()))
    }
}

impl ConsolePort {
    /// Opens it where it is now. Cancelling it leaves it closed.
    pub async fn open(&mut self) -> Result<Box<dyn Stream>, Diagnosis> {
        let address = self.now().await.ok_or_else(|| {
            let place = self.address.to_string();
            firmdrop_link::LinkError::NotFound { place }.diagnose()
        })?;
        let place = self.providers.place(&address).await.ok();
        let link = self.providers.open(&address).await;
        let stream = match link.map_err(|error| error.diagnose())? {
            Link::Stream(stream) => stream,
            other => {
                let error = other.unsuitable(&address.to_string(), "A console");
                return Err(error.diagnose());
            }
        };
        if self.place.is_none() {
            self.place = place;
        }
        Ok(stream)
    }

    /// Its address; another one when what was there came back at its place under another name. `None` while
    /// nothing is at its place.
    async fn now(&self) -> Option<LinkAddress> {
        match &self.place {
            Some(before) => self.providers.returned_as(&self.address, before).await,
            None => Some(self.address.clone()),
        }
    }
}

fn no_console(destination: &Destination) -> Diagnosis {
    Diagnosis::new(
        Code::OptionUnknown,
        format!("{destination} has no console."),
        "A console is the text on a serial port, and this reader is reached in another way.",
    )
    .titled("No console there")
    .state("Nothing was sent.")
    .remedy(Remedy::advice("Name a serial port."))
}
