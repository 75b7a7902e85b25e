//! How Firmdrop is opened.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_backend::BackendOptions;
use firmdrop_backend::reader::ReaderOptions;
use firmdrop_core::{Clock, Code, Diagnosis, Remedy, SystemClock};
use firmdrop_engine::Home;
use firmdrop_link::{Provider, Providers};

use crate::{DemoMaker, kinds};

/// How Firmdrop is opened.
#[derive(Debug)]
pub struct FirmdropOptions {
    /// Where journal, locks and accounts lie.
    pub home: Home,
    /// What the kinds of destination are made of.
    pub backends: BackendOptions,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// Who opens the simulated world, when this face offers it.
    pub demo: Option<Arc<dyn DemoMaker>>,
    /// Which face it is, for the ledger: `cli`, `window`.
    pub face: String,
}

impl FirmdropOptions {
    /// A home with every protocol and every way to a reader there is, and `more` ways besides.
    pub fn new(home: Home, more: Vec<Arc<dyn Provider>>) -> Self {
        let readers = ReaderOptions {
            providers: more.into_iter().fold(firmdrop_link::all(), Providers::with),
            loaders: kinds::loaders(),
        };
        Self {
            home,
            backends: BackendOptions {
                readers,
                ..BackendOptions::default()
            },
            clock: Arc::new(SystemClock),
            demo: None,
            face: "api".to_owned(),
        }
    }

    /// On the named home, or the usual one, with a simulated world, whose readers appear through
    /// `readers` when it is opened.
    pub fn usual(
        face: &str,
        home: Option<PathBuf>,
        readers: Arc<dyn Provider>,
        demo: Arc<dyn DemoMaker>,
    ) -> Result<Self, Diagnosis> {
        let home = Home::open(home_folder(home)?)?;
        Ok(Self {
            demo: Some(demo),
            face: face.to_owned(),
            ..Self::new(home, vec![readers])
        })
    }
}

/// The named home, or the usual one. Nothing is made.
pub fn home_folder(home: Option<PathBuf>) -> Result<PathBuf, Diagnosis> {
    home.or_else(Home::usual_folder).ok_or_else(|| {
        Diagnosis::new(
            Code::HomeNotWritable,
            "No folder for Firmdrop's journal is known.",
            "Neither XDG_DATA_HOME nor HOME is set.",
        )
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Name a folder with --home.".into(),
        })
    })
}
