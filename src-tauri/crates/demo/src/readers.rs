//! The readers of the simulated world, which appear when it is opened.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use firmdrop_link::{
    Link, LinkAddress, LinkError, Provider, Reader, SIMULATED, WATCH_PERIOD, Watch,
};
use firmdrop_simulator::reader::{Line, Settings, SimulatedReader, SimulatedReaders, demo_image};
use tokio::sync::watch;

/// How many readers stand on the pretended bench.
const READERS: usize = 3;
/// Version they run at first.
const VERSION: (u8, u8, u16) = (1, 0, 0);
/// Size of the image they run at first, bytes.
const SIZE_BYTES: u32 = 256 * 1024;
/// The pretended line: fast enough not to bore, slow enough to be seen.
const LINE: Line = Line {
    baud: 921_600,
    latency: Duration::from_millis(1),
};
/// Time a pretended reader is away when it restarts.
const RESTART: Duration = Duration::from_secs(2);

/// Finds the simulated readers once the simulated world is open; until then there are none.
#[derive(Debug, Clone, Default)]
pub struct DemoReaders(Arc<OnceLock<SimulatedReaders>>);

impl DemoReaders {
    /// Puts the readers on the pretended bench, once.
    pub fn appear(&self) {
        self.0.get_or_init(|| {
            (1..=READERS).fold(SimulatedReaders::default(), |readers, number| {
                readers.with(format!("reader-{number}"), &reader(number))
            })
        });
    }

    /// The readers of the bench and their ids; none before it is there.
    pub(crate) fn all(&self) -> Vec<(String, SimulatedReader)> {
        let ids = (1..=READERS).map(|number| format!("reader-{number}"));
        ids.filter_map(|id| self.reader(&id).map(|reader| (id, reader)))
            .collect()
    }

    /// Follows the plug of the demo world: without it the readers are gone, with what they stored.
    /// Ends with the world.
    pub(crate) fn follow(&self, mut plug: watch::Receiver<bool>) {
        let readers = self.clone();
        tokio::spawn(async move {
            while plug.changed().await.is_ok() {
                let plugged_in = *plug.borrow_and_update();
                for (_, reader) in readers.all() {
                    if plugged_in {
                        reader.plug_in();
                    } else {
                        reader.pull_the_plug();
                    }
                }
            }
        });
    }

    /// A reader of the bench, once it is there.
    pub fn reader(&self, id: &str) -> Option<SimulatedReader> {
        self.0.get()?.reader(id).cloned()
    }
}

fn reader(number: usize) -> SimulatedReader {
    let settings = Settings {
        name: format!("Demo reader {number}"),
        line: Some(LINE),
        restart: RESTART,
        ..Settings::default()
    };
    SimulatedReader::new(settings, demo_image(VERSION, SIZE_BYTES))
}

#[async_trait]
impl Provider for DemoReaders {
    fn channel(&self) -> &'static str {
        SIMULATED
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        match self.0.get() {
            Some(readers) => readers.discover().await,
            None => Ok(Vec::new()),
        }
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        match self.0.get() {
            Some(readers) => readers.open(address).await,
            None => Err(LinkError::NotFound {
                place: address.to_string(),
            }),
        }
    }
}
