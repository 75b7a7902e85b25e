//! How Firmdrop is opened.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{EngineOptions, Home};
use firmdrop_link::Provider;

use crate::{DemoMaker, kinds};

/// How Firmdrop is opened.
#[derive(Debug)]
pub struct FirmdropOptions {
    /// The engine: home, readers, protocols.
    pub engine: EngineOptions,
    /// Who opens the simulated world, when this face offers it.
    pub demo: Option<Arc<dyn DemoMaker>>,
    /// Files it was started with.
    pub open_paths: Vec<String>,
}

impl FirmdropOptions {
    /// On the named home, or the usual one, with every reader and protocol there is.
    pub fn usual(home: Option<PathBuf>) -> Result<Self, Diagnosis> {
        let home = Home::open(home_folder(home)?)?;
        let engine = EngineOptions {
            providers: kinds::providers(),
            loaders: kinds::loaders(),
            ..EngineOptions::new(home)
        };
        Ok(Self {
            engine,
            demo: None,
            open_paths: Vec::new(),
        })
    }

    /// With a simulated world, whose readers appear through `readers` when it is opened.
    #[must_use]
    pub fn with_simulated(mut self, readers: Arc<dyn Provider>, demo: Arc<dyn DemoMaker>) -> Self {
        self.engine.providers = self.engine.providers.with(readers);
        self.demo = Some(demo);
        self
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
