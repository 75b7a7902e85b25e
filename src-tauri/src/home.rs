//! Opens Firmdrop as the window needs it: every way to a reader, and the simulated world.

use std::sync::Arc;

use firmdrop_api::{Code, Diagnosis, Firmdrop, FirmdropOptions, Home, Recovery, Remedy};
use firmdrop_demo::{Demo, DemoReaders};

use crate::arguments::Arguments;

/// Firmdrop on its home, with what an earlier process left taken up again.
pub(crate) async fn open(arguments: &Arguments) -> Result<Firmdrop, Diagnosis> {
    let folder = arguments.home.clone().or_else(Home::usual_folder);
    let home = Home::open(folder.ok_or_else(no_home)?)?;
    let readers = DemoReaders::default();
    let firmdrop = Firmdrop::open(FirmdropOptions {
        demo: Some(Arc::new(Demo::new(&readers))),
        ..FirmdropOptions::new(home, vec![Arc::new(readers.clone())])
    })?;
    if arguments.demo {
        firmdrop.open_demo().await?;
    }
    // After the demo world: its jobs need its service to go on.
    firmdrop.recover(Recovery::ResumeClouds).await?;
    Ok(firmdrop)
}

fn no_home() -> Diagnosis {
    Diagnosis::new(
        Code::HomeNotWritable,
        "No folder for Firmdrop's journal is known.",
        "Neither XDG_DATA_HOME nor HOME is set.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Name a folder with --home".to_owned(),
    })
}
