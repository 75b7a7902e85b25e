//! Readers that are restarted without being loaded.

use firmdrop_core::{Code, Diagnose};
use firmdrop_loader::{LoadError, Loader};
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, QuirkAnswer, Recovery, Request, Return, Settings,
};

use super::world::{Way, World, new_image};

/// `MGMT_ERR_EBADSTATE`.
const BAD_STATE: i32 = 6;

/// Why a restart that may start nothing else did not come about.
async fn not_restarted(world: &World) -> LoadError {
    let restarted = world.loader().restart(&world.probe_context(), false).await;
    restarted.unwrap_err()
}

pub(crate) async fn a_reader_is_restarted_and_answers_again_with_what_it_ran(way: Way) {
    let world = World::new(way).await;
    let before = world.reader.running();
    let restarted = world.loader().restart(&world.probe_context(), false).await;
    let restarted = restarted.unwrap();
    assert_eq!(world.reader.counters().restarts, 1);
    assert!(world.reader.running() == before, "the memory differs");
    assert!(restarted.target.is_some());
    assert!(
        restarted.statement.contains("it runs the image 1.0.0"),
        "{}",
        restarted.statement
    );
}

pub(crate) async fn a_restart_that_starts_another_image_is_done_only_when_that_was_accepted() {
    let world = World::new(Way::Pipe).await;
    let image = new_image(3000);
    world.reader.store(0, 1, image.clone());
    world.reader.mark();
    let refused = not_restarted(&world).await;
    assert!(
        matches!(refused, LoadError::RestartChanges { .. }),
        "{refused:?}"
    );
    let diagnosis = refused.diagnose();
    assert_eq!(diagnosis.code, Code::ConfirmationMissing);
    assert!(
        diagnosis.why.contains("Slot 1 holds the image 2.0.0"),
        "{}",
        diagnosis.why
    );
    assert_eq!(world.reader.counters().restarts, 0);
    let restarted = world
        .loader()
        .restart(&world.probe_context(), true)
        .await
        .unwrap();
    assert!(world.reader.running() == image, "the memory differs");
    assert!(
        restarted.statement.contains("it runs the image 2.0.0"),
        "{}",
        restarted.statement
    );
    // It is on trial now: one more restart would return to the old image.
    let refused = not_restarted(&world).await;
    assert!(
        refused.diagnose().why.contains("not confirmed"),
        "{refused:?}"
    );
}

pub(crate) async fn a_reader_in_recovery_is_restarted_only_when_that_was_accepted() {
    let settings = Settings {
        recovery: Some(Recovery::default()),
        buffers: 1,
        ..Settings::default()
    };
    let world = World::with(Way::Pipe, settings).await;
    let refused = not_restarted(&world).await;
    assert!(
        refused.diagnose().why.contains("serial recovery"),
        "{refused:?}"
    );
    assert_eq!(world.reader.counters().restarts, 0);
}

pub(crate) async fn a_reader_that_refuses_to_restart_is_said_to_be_as_it_was() {
    let world = World::new(Way::Pipe).await;
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(|asked: &Arrival| {
            if asked.request == Request::Reset {
                QuirkAction::OfDoing(QuirkAnswer::Code(BAD_STATE))
            } else {
                QuirkAction::Nothing
            }
        })),
        ..Faults::default()
    });
    let refused = not_restarted(&world).await;
    let diagnosis = refused.diagnose();
    assert_eq!(diagnosis.code, Code::ReaderRefused);
    assert!(
        diagnosis.state_now.contains("left as it was"),
        "{}",
        diagnosis.state_now
    );
    assert_eq!(world.reader.counters().restarts, 0);
}

pub(crate) async fn a_reader_that_does_not_come_back_is_not_said_to_run_anything() {
    let world = World::new(Way::Pipe).await;
    world.reader.set_faults(Faults {
        returns: Return::Never,
        ..Faults::default()
    });
    let away = not_restarted(&world).await;
    assert!(matches!(away, LoadError::NotReturned { .. }), "{away:?}");
    let state = away.state();
    assert!(
        state.contains("asked to restart") && state.contains("not known"),
        "{state}"
    );
}
