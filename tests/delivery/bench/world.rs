//! A home, simulated readers, and a bench of one lane for each of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use firmdrop_api::{
    Bench, BenchLane, BenchRecipe, BenchSetup, BenchView, ConfirmationAbout, Firmdrop,
    FirmdropOptions, Home, LaneState, LaneView,
};
use firmdrop_core::Sha256;
use firmdrop_simulator::reader::{Settings, SimulatedReader, SimulatedReaders, demo_image};

/// Longest wait for anything; only a broken program needs it.
const TIMEOUT: Duration = Duration::from_secs(90);
/// Bytes of code of the image.
const CODE_BYTES: u32 = 64 * 1024;

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) readers: Vec<SimulatedReader>,
    pub(crate) firmdrop: Firmdrop,
}

/// A reader that runs version 1.0.0.
pub(crate) fn reader(settings: Settings) -> SimulatedReader {
    SimulatedReader::new(settings, demo_image((1, 0, 0), 64 * 1024))
}

impl World {
    /// With these readers: `sim:1` and so on.
    pub(crate) fn with(readers: Vec<SimulatedReader>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let firmdrop = open(&folder, &readers);
        Self {
            folder,
            readers,
            firmdrop,
        }
    }

    /// With so many usual readers.
    pub(crate) fn of(count: usize) -> Self {
        Self::with((0..count).map(|_| reader(Settings::default())).collect())
    }

    /// The same world, opened as by another process after this one ended.
    pub(crate) fn opened_again(self) -> Self {
        let Self {
            folder,
            readers,
            firmdrop,
        } = self;
        drop(firmdrop);
        let firmdrop = open(&folder, &readers);
        Self {
            folder,
            readers,
            firmdrop,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A bench with a lane for each reader, and a newer image.
    pub(crate) fn setup(&self) -> BenchSetup {
        let image = self.path("newer.bin");
        std::fs::write(&image, demo_image((1, 1, 0), CODE_BYTES)).unwrap();
        let lane = |number: usize| BenchLane {
            name: number.to_string(),
            place: Some(format!("sim:{number}")),
            place_name: format!("Port {number}"),
            destination: None,
        };
        BenchSetup {
            name: "Bench".into(),
            lanes: (1..=self.readers.len()).map(lane).collect(),
            recipe: BenchRecipe {
                file: image.display().to_string(),
                confirmed: vec![ConfirmationAbout::Unsigned],
                ..BenchRecipe::default()
            },
            lot: "4711".into(),
            record: Some(self.path("record.csv").display().to_string()),
            ..BenchSetup::default()
        }
    }

    /// Rows of the record, each a list of its cells; the names of the columns are left out.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.path("record.csv")).unwrap();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().skip(1).map(cells).collect()
    }

    /// Whether a reader runs the newer image.
    pub(crate) fn is_loaded(&self, number: usize) -> bool {
        let image = demo_image((1, 1, 0), CODE_BYTES);
        self.readers[number - 1].slot_sha256(0) == Sha256::of(&image)
    }
}

fn open(folder: &tempfile::TempDir, readers: &[SimulatedReader]) -> Firmdrop {
    let home = Home::open(folder.path().join("home")).unwrap();
    let all = (1..).zip(readers);
    let all = all.fold(SimulatedReaders::default(), |all, (number, reader)| {
        all.with(number.to_string(), reader)
    });
    Firmdrop::open(FirmdropOptions::new(home, vec![Arc::new(all)])).unwrap()
}

/// Waits until a bench is as wanted.
pub(crate) async fn until(
    bench: &Bench,
    what: &str,
    wanted: impl Fn(&BenchView) -> bool,
) -> Arc<BenchView> {
    let mut watch = bench.watch();
    let waiting = watch.wait_for(|view| wanted(view));
    let Ok(seen) = tokio::time::timeout(TIMEOUT, waiting).await else {
        panic!("it never came to that: {what}: {:#?}", bench.view().lanes);
    };
    Arc::clone(&seen.unwrap())
}

/// What the lanes show.
pub(crate) fn states(view: &BenchView) -> Vec<LaneState> {
    view.lanes.iter().map(|lane| lane.state).collect()
}

/// A lane by its name.
pub(crate) fn lane<'a>(view: &'a BenchView, name: &str) -> &'a LaneView {
    view.lanes.iter().find(|lane| lane.name == name).unwrap()
}
