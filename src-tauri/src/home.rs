//! Opens Firmdrop as the window needs it: with the simulated world, and what was left taken up again.

use std::sync::Arc;

use firmdrop_api::{Diagnosis, Firmdrop, FirmdropOptions, Recovery};
use firmdrop_demo::{Demo, DemoReaders};

use crate::arguments::Arguments;

/// Firmdrop on its home, with what an earlier process left taken up again.
pub(crate) async fn open(arguments: &Arguments) -> Result<Firmdrop, Diagnosis> {
    let readers = DemoReaders::default();
    let demo = Demo::new(&readers);
    let home = arguments.home.clone();
    let options = FirmdropOptions::usual("window", home, Arc::new(readers), Arc::new(demo))?;
    let firmdrop = Firmdrop::open(options)?;
    if arguments.demo {
        firmdrop.open_demo().await?;
    }
    // After the demo world: its jobs need its service to resume.
    firmdrop.recover(Recovery::ResumeClouds).await?;
    Ok(firmdrop)
}
