//! The port of a reader for a person who reads along: its text, without the frames of its protocol.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_engine::Destination;
use firmdrop_link::{Channel, Link, LinkAddress, Place, Providers, Stream};
use firmdrop_loader::TextFilter;

use super::ReaderBackend;

/// What the key of a place on the USB begins with.
const USB: &str = "usb:";

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
        let Some(before) = &self.place else {
            return Some(self.address.clone());
        };
        let is_there = async |address: &LinkAddress| {
            let place = self.providers.place(address).await;
            place.is_ok_and(|now| is_same(before, &now))
        };
        if is_there(&self.address).await {
            return Some(self.address.clone());
        }
        let readers = self.providers.discover().await;
        let ports = readers
            .into_iter()
            .filter(|reader| reader.channel == Channel::Serial);
        for reader in ports {
            if is_there(&reader.address).await {
                let baud = self.address.baud().unwrap_or_default();
                return Some(LinkAddress::serial(reader.address.without_options(), baud));
            }
        }
        None
    }
}

/// Whether two places are one. On the USB the chain of ports decides: a name may be another device's meanwhile.
fn is_same(before: &Place, now: &Place) -> bool {
    let chain = |place: &Place| {
        let mut keys = place.keys();
        keys.find(|key| key.starts_with(USB)).map(str::to_owned)
    };
    match chain(before) {
        Some(before) => chain(now) == Some(before),
        None => before.overlaps(now),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_came_back_under_another_name_is_known_by_its_chain_and_a_taken_over_name_is_not()
    {
        let before = Place::new("serial:/dev/ttyACM0")
            .and("tty:166:0")
            .and("usb:1-2.3:1.0");
        let renamed = Place::new("serial:/dev/ttyACM1")
            .and("tty:166:1")
            .and("usb:1-2.3:1.0");
        let other = Place::new("serial:/dev/ttyACM0")
            .and("tty:166:0")
            .and("usb:1-4:1.0");
        assert!(is_same(&before, &renamed));
        assert!(!is_same(&before, &other));
        let pty = Place::new("serial:/srv/port").and("tty:136:4");
        let again = Place::new("serial:/srv/port").and("tty:136:9");
        assert!(is_same(&pty, &again));
    }
}
