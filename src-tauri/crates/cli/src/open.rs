//! Opens Firmdrop as the command line needs it: every way to a reader, and the simulated world.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_api::{Code, Diagnosis, Firmdrop, FirmdropOptions, Home, Remedy};
use firmdrop_demo::{Demo, DemoReaders};

/// Firmdrop on a home, with the pretended readers that appear when the demo world is opened.
pub(crate) fn firmdrop(
    home: Option<PathBuf>,
    readers: &DemoReaders,
    demo: Demo,
) -> Result<Firmdrop, Diagnosis> {
    let home = Home::open(home_folder(home)?)?;
    Firmdrop::open(FirmdropOptions {
        demo: Some(Arc::new(demo)),
        ..FirmdropOptions::new(home, vec![Arc::new(readers.clone())])
    })
}

/// The home a person named, or the usual one. Nothing is made.
pub(crate) fn home_folder(home: Option<PathBuf>) -> Result<PathBuf, Diagnosis> {
    home.or_else(Home::usual_folder).ok_or_else(no_home)
}

fn no_home() -> Diagnosis {
    let what = "No folder for Firmdrop's journal is known.";
    Diagnosis::new(
        Code::HomeNotWritable,
        what,
        "Neither XDG_DATA_HOME nor HOME is set.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Name a folder with --home.".into(),
    })
}
