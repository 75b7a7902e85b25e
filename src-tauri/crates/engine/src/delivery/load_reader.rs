//! Puts the image onto a reader through its loader.

use std::sync::Arc;

use firmdrop_core::{DeliveryEvents, Diagnose as _, Moment};
use firmdrop_link::LinkAddress;
use firmdrop_loader::{EarlierRun, LoadContext, LoadError, Protocol};

use super::check_file::{CHECK_FILE, open_planned};
use super::runner::{Ended, Run};
use crate::journal::Event;

pub(super) async fn run(run: &Run, protocol: Protocol, address: &LinkAddress) -> Ended {
    let loader = match run.shared.loader(protocol) {
        Ok(loader) => loader,
        Err(diagnosis) => return Ended::Failed(Box::new(diagnosis)),
    };
    run.events.phase(CHECK_FILE);
    let image = run.plan.image.clone();
    let source = match tokio::task::spawn_blocking(move || open_planned(&image)).await {
        Ok(Ok(source)) => source,
        Ok(Err(diagnosis)) => return Ended::Failed(Box::new(diagnosis)),
        Err(error) => return Ended::Failed(Box::new(super::runner::task_died(&error))),
    };
    let history = run.shared.journal.history(&run.id).unwrap_or_default();
    let context = LoadContext {
        providers: run.shared.providers.clone(),
        address: address.clone(),
        source: Arc::clone(&source) as _,
        inspection: run.plan.image.inspection.clone(),
        expected: run.plan.image.expected,
        events: Arc::clone(&run.events) as _,
        earlier: earlier_load(&history),
        cancel: run.control.stop().clone(),
    };
    match loader.load(&context).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(LoadError::Stopped { state }) => Ended::Stopped(state.0),
        Err(LoadError::Read {
            source: error,
            state,
        }) => Ended::Failed(Box::new(source.read_failure(&error).state(state.0))),
        Err(error) => Ended::Failed(Box::new(error.diagnose())),
    }
}

/// How far the runs of a load came that this history tells of.
pub(super) fn earlier_load(history: &[(Moment, Event)]) -> EarlierRun {
    let began = history.iter().filter_map(|(_, event)| match event {
        Event::PhaseBegan { key } => Some(&**key),
        _ => None,
    });
    began.fold(EarlierRun::None, |known, key| match (key, known) {
        ("restart" | "find_again" | "confirm", _) => EarlierRun::ToldToRestart,
        ("upload" | "check_hash" | "mark_for_test", EarlierRun::None) => EarlierRun::Sent,
        (_, known) => known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_came_to_the_restart_is_not_called_untouched() {
        let earlier = |keys: &[&str]| {
            let began = |key: &&str| Event::PhaseBegan {
                key: (*key).to_owned(),
            };
            let at = Moment::from_millisecond(0);
            let history: Vec<_> = keys.iter().map(|key| (at, began(key))).collect();
            earlier_load(&history)
        };
        assert_eq!(earlier(&["check_file", "connect"]), EarlierRun::None);
        assert_eq!(earlier(&["connect", "upload"]), EarlierRun::Sent);
        let restarted = [
            "upload",
            "mark_for_test",
            "restart",
            "check_file",
            "connect",
        ];
        assert_eq!(earlier(&restarted), EarlierRun::ToldToRestart);
    }
}
