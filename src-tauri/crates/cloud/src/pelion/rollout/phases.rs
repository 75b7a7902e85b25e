//! The phases of a rollout, as the plan shows them.

use firmdrop_core::Phase;

pub(super) const MANIFEST: &str = "make_manifest";
pub(super) const SEND_MANIFEST: &str = "send_manifest";
pub(super) const DRAFT: &str = "draft_campaign";
pub(super) const START: &str = "start_campaign";
pub(super) const WATCH: &str = "watch_campaign";

/// Longest silence of the service before a phase is called stalled, seconds.
const STALL_SECONDS: u32 = 30;

/// Longest silence of a campaign before it is called stalled, seconds. Devices that sleep report
/// when they wake: half a day is ordinary.
const WATCH_STALL_SECONDS: u32 = 12 * 3600;

/// Key of the phase in which nothing moves but what devices report.
pub fn watch_phase() -> &'static str {
    WATCH
}

/// What a rollout will do after the upload, in order.
pub fn phases(starts: bool) -> Vec<Phase> {
    let phase = |key: &str, title: &str, undo: &str| Phase {
        key: key.to_owned(),
        title: title.to_owned(),
        bytes: 0,
        usual_seconds: Some(2),
        stall_seconds: STALL_SECONDS,
        can_stop: true,
        undo: undo.to_owned(),
    };
    let mut phases = vec![
        phase(MANIFEST, "Make and sign manifest", "Nothing to undo"),
        phase(SEND_MANIFEST, "Send manifest", "Undo: delete the manifest"),
        phase(DRAFT, "Draft campaign", "Undo: delete the draft"),
    ];
    if starts {
        phases.push(phase(
            START,
            "Start campaign",
            "Cannot be undone: devices that have begun are not called back",
        ));
        phases.push(Phase {
            usual_seconds: None,
            stall_seconds: WATCH_STALL_SECONDS,
            ..phase(
                WATCH,
                "Watch devices",
                "Can be stopped: devices that have begun continue",
            )
        });
    }
    phases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rollout_that_starts_has_phases_that_cannot_be_undone() {
        assert_eq!(phases(false).len(), 3);
        assert!(
            phases(false)
                .iter()
                .all(|phase| !phase.undo.starts_with("Cannot be undone"))
        );
        let keys: Vec<String> = phases(true).into_iter().map(|phase| phase.key).collect();
        assert_eq!(keys, [MANIFEST, SEND_MANIFEST, DRAFT, START, WATCH]);
    }
}
