//! Puts the image onto a reader through its loader.

use std::sync::Arc;

use firmdrop_core::Diagnose as _;
use firmdrop_engine::{Ended, History, JobContext, RemoteState};
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{EarlierRun, LoadContext, LoadError, Loader};

pub(super) async fn run(
    loader: &dyn Loader,
    address: LinkAddress,
    providers: &Providers,
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
    let image = context.plan().image();
    let load = LoadContext {
        providers: providers.clone(),
        address,
        source: Arc::clone(&source) as _,
        inspection: image.inspection.clone(),
        expected: image.expected,
        events: context.events(),
        earlier: earlier_run(&history),
        cancel: context.stop().clone(),
    };
    match loader.load(&load).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(LoadError::Stopped { state }) => Ended::Stopped { state_now: state.0 },
        Err(LoadError::Read {
            source: error,
            state,
        }) => Ended::failed(source.read_failure(&error).state(state.0)),
        Err(error) => {
            let diagnosis = error.diagnose();
            if diagnosis.remedies.contains(&firmdrop_core::Remedy::Resume) {
                Ended::resumable(diagnosis)
            } else {
                Ended::failed(diagnosis)
            }
        }
    }
}

/// How far the runs of a load came that this history tells of.
fn earlier_run(history: &History) -> EarlierRun {
    history
        .phases_begun()
        .fold(EarlierRun::None, |known, key| match (key, known) {
            ("restart" | "find_again" | "confirm", _) => EarlierRun::ToldToRestart,
            ("upload" | "check_hash" | "mark_for_test", EarlierRun::None) => EarlierRun::Sent,
            (_, known) => known,
        })
}

/// What the reader holds of a load that stopped here.
pub(super) fn remote_state(history: &History) -> RemoteState {
    RemoteState::of(match earlier_run(history) {
        EarlierRun::ToldToRestart => {
            "The reader may have been told to restart and to try the new image; unless that is confirmed, it goes back to the old one at the restart after."
        }
        EarlierRun::None | EarlierRun::Sent => {
            "The reader runs its old image; what it received of the new one lies in its second slot and is not started."
        }
    })
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::Entry;

    use super::*;

    #[test]
    fn a_load_that_came_to_the_restart_is_not_called_untouched() {
        let earlier = |keys: &[&'static str]| {
            earlier_run(&keys.iter().map(|key| Entry::PhaseBegan(key)).collect())
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
