//! The phases of a deployment, as a plan shows them.

use firmdrop_core::Phase;

pub(super) const COUNT: &str = "count_devices";
pub(super) const START: &str = "start_deployment";
pub(super) const WATCH: &str = "watch_deployment";

/// Longest silence, seconds: the client gives up a silent line after 30.
const STALL_SECONDS: u32 = 40;
/// Devices report when they wake up. Seconds.
const WATCH_STALL_SECONDS: u32 = 24 * 3600;

/// Key of the phase in which nothing moves but what devices report.
pub fn watch_phase() -> &'static str {
    WATCH
}

/// The phases of a deployment.
pub fn phases() -> Vec<Phase> {
    let phase = |key: &str, title: &str, seconds, stall_seconds, undo: &str| Phase {
        key: key.to_owned(),
        title: title.to_owned(),
        bytes: 0,
        usual_seconds: seconds,
        stall_seconds,
        can_stop: true,
        undo: undo.to_owned(),
    };
    let started = "Cannot be undone: devices that have begun are not called back";
    vec![
        phase(
            COUNT,
            "Count the devices",
            Some(3),
            STALL_SECONDS,
            "Nothing to undo",
        ),
        phase(
            START,
            "Start the deployment",
            Some(2),
            STALL_SECONDS,
            started,
        ),
        phase(
            WATCH,
            "Wait for the devices",
            None,
            WATCH_STALL_SECONDS,
            started,
        ),
    ]
}
