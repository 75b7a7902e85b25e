//! Puts the image onto a reader through its loader.

use std::sync::Arc;

use firmdrop_core::Diagnose as _;
use firmdrop_engine::{Ended, JobContext};
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{LoadContext, LoadError, Loader};

use super::plan;

pub(super) async fn run(
    loader: &dyn Loader,
    address: LinkAddress,
    providers: &Providers,
    answered: bool,
    context: &JobContext,
) -> Ended {
    let history = match context.history().await {
        Ok(history) => history,
        Err(error) => return Ended::resumable(error),
    };
    let source = match context.open_file(0).await {
        Ok(source) => source,
        Err(diagnosis) => return Ended::failed(diagnosis),
    };
    let planned = match plan::planned_for(context.plan()) {
        Ok(planned) => planned,
        Err(diagnosis) => return Ended::failed(diagnosis),
    };
    let image = context.plan().image();
    let load = LoadContext {
        providers: providers.clone(),
        address,
        source: Arc::clone(&source) as _,
        inspection: image.inspection.clone(),
        expected: image.expected,
        events: context.events(),
        // Where the folder cannot be made, a load that has nothing to save goes all the same.
        save_as: (context.home().saved().ok()).map(|folder| folder.join(context.id().to_string())),
        options: context.plan().options.own.clone(),
        answered,
        planned,
        began: history.phases_begun().map(str::to_owned).collect(),
        cancel: context.stop().clone(),
    };
    match loader.load(&load).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(LoadError::Stopped { state }) => Ended::Stopped { state_now: state.0 },
        Err(LoadError::Read {
            source: error,
            state,
        }) => Ended::failed(source.read_failure(&error).state(state.0)),
        Err(error) if error.can_resume() => Ended::resumable(error.diagnose()),
        Err(error) => Ended::failed(error.diagnose()),
    }
}
