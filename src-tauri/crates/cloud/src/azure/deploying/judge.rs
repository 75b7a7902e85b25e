//! What the devices of a deployment have reported, and whether it is over.

use firmdrop_core::{Outcome, ProofMethod, grouped};

use crate::azure::DeploymentStatus;

/// Devices of a deployment by how they ended. A number that the service left out makes the whole
/// count unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reported {
    /// All of them.
    pub total: u64,
    /// Those that have the update.
    pub succeeded: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those it was cancelled for.
    pub canceled: u64,
    /// Those under way.
    pub in_progress: u64,
}

impl Reported {
    /// The counts of all subgroups; `None` when there is none, or when one of them leaves a number out.
    pub fn of(status: &DeploymentStatus) -> Option<Self> {
        if status.subgroup_status.is_empty() {
            return None;
        }
        let mut all = Self::default();
        for one in &status.subgroup_status {
            all.total = all.total.saturating_add(one.total_devices?);
            all.succeeded = all
                .succeeded
                .saturating_add(one.devices_completed_succeeded_count?);
            all.failed = all
                .failed
                .saturating_add(one.devices_completed_failed_count?);
            all.canceled = all.canceled.saturating_add(one.devices_canceled_count?);
            all.in_progress = all
                .in_progress
                .saturating_add(one.devices_in_progress_count?);
        }
        Some(all)
    }

    /// Devices that will not change any more.
    pub const fn done(&self) -> u64 {
        self.succeeded
            .saturating_add(self.failed)
            .saturating_add(self.canceled)
    }

    /// Devices that have not reported how it ended.
    pub fn silent(&self) -> u64 {
        self.in_progress.max(self.total.saturating_sub(self.done()))
    }

    /// In words.
    pub fn in_words(&self) -> String {
        let parts = [
            (self.succeeded, "succeeded"),
            (self.failed, "failed"),
            (self.canceled, "canceled"),
            (self.in_progress, "in progress"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = parts
            .map(|(count, word)| format!("{} {word}", grouped(*count)))
            .collect();
        match words.len() {
            0 => "no device has reported".to_owned(),
            _ => words.join(", "),
        }
    }
}

/// Whether the service ended a deployment, whatever its devices have reported.
fn is_ended(status: &DeploymentStatus) -> bool {
    ["Failed", "Inactive", "Canceled"]
        .iter()
        .any(|ended| status.deployment_state.eq_ignore_ascii_case(ended))
}

/// Whether no device is expected to report any more: the service ended the deployment, or every device that
/// it counts has reported.
pub fn is_over(status: &DeploymentStatus) -> bool {
    let is_reported = |all: Reported| all.total > 0 && all.silent() == 0;
    is_ended(status) || Reported::of(status).is_some_and(is_reported)
}

/// How a deployment ended; `None` while devices are expected to report.
pub(super) fn judge(status: &DeploymentStatus, expected_devices: u64) -> Option<Outcome> {
    let word = status.deployment_state.as_str();
    let is_ended = is_ended(status);
    let Some(reported) = Reported::of(status) else {
        return is_ended.then(|| {
            Outcome::sent(format!(
                "The deployment is {word}, and the service does not count its devices."
            ))
        });
    };
    // More devices may be in it than were expected: who joined later does not stand for who is silent.
    let expected = expected_devices.max(reported.total);
    let silent = reported
        .silent()
        .max(expected.saturating_sub(reported.done()));
    let words = reported.in_words();
    if silent == 0 && reported.failed == 0 && reported.canceled == 0 {
        let statement = format!("Every device reported: {words}.");
        return Some(Outcome::verified(ProofMethod::DevicesReported, statement));
    }
    if silent == 0 {
        return Some(Outcome::sent(format!(
            "Not every device has the update: {words}."
        )));
    }
    is_ended.then(|| {
        let of = format!("{} of {}", grouped(silent), grouped(expected));
        Outcome::sent(format!(
            "The deployment is {word}, and {of} devices have not reported: {words}."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::SubgroupStatus;

    fn status(state: &str, counts: [Option<u64>; 5]) -> DeploymentStatus {
        let [total, succeeded, failed, canceled, in_progress] = counts;
        DeploymentStatus {
            deployment_state: state.into(),
            subgroup_status: vec![SubgroupStatus {
                total_devices: total,
                devices_completed_succeeded_count: succeeded,
                devices_completed_failed_count: failed,
                devices_canceled_count: canceled,
                devices_in_progress_count: in_progress,
                ..SubgroupStatus::default()
            }],
            ..DeploymentStatus::default()
        }
    }

    fn counted(state: &str, counts: [u64; 5], expected: u64) -> Option<Outcome> {
        judge(&status(state, counts.map(Some)), expected)
    }

    #[test]
    fn it_is_verified_only_when_every_expected_device_reported_success() {
        let verified = |outcome: Option<Outcome>| matches!(outcome, Some(Outcome::Verified { .. }));
        assert!(verified(counted("Active", [3, 3, 0, 0, 0], 3)));
        assert!(counted("Active", [3, 2, 0, 0, 1], 3).is_none());
        assert!(
            counted("Active", [2, 2, 0, 0, 0], 3).is_none(),
            "one is not in it yet"
        );
        for ended in [[3, 2, 1, 0, 0], [3, 2, 0, 1, 0]] {
            let outcome = counted("Active", ended, 3);
            assert!(matches!(outcome, Some(Outcome::Sent { .. })), "{outcome:?}");
        }
        let stopped = counted("Canceled", [3, 1, 0, 0, 2], 3);
        assert!(matches!(&stopped, Some(Outcome::Sent { reason }) if reason.contains("2 of 3")));
    }

    #[test]
    fn it_is_over_once_every_device_reported_or_the_service_ended_it() {
        let over = |state, counts: [u64; 5]| is_over(&status(state, counts.map(Some)));
        assert!(over("Active", [3, 2, 1, 0, 0]));
        assert!(!over("Active", [3, 2, 0, 0, 1]));
        assert!(!over("Active", [3, 2, 0, 0, 0]), "one is silent");
        assert!(!over("Active", [0; 5]), "nobody is in it yet");
        assert!(over("canceled", [3, 2, 0, 0, 1]));
        let uncounted = [Some(3), None, Some(0), Some(0), Some(0)];
        assert!(!is_over(&status("Active", uncounted)));
        assert!(is_over(&status("Inactive", uncounted)));
    }

    #[test]
    fn a_count_that_is_not_said_is_unknown() {
        for missing in 0..5 {
            let mut counts = [3, 3, 0, 0, 0].map(Some);
            counts[missing] = None;
            assert_eq!(judge(&status("Active", counts), 3), None, "{missing}");
            let over = judge(&status("Inactive", counts), 3);
            assert!(matches!(over, Some(Outcome::Sent { .. })), "{over:?}");
        }
        let none = DeploymentStatus {
            deployment_state: "Active".into(),
            ..DeploymentStatus::default()
        };
        assert_eq!(judge(&none, 0), None, "no subgroup is no report");
    }
}
