//! Is this computer's clock right? Compared only with what is known: no time server is asked.

use firmdrop_core::Moment;

use crate::finding::{Finding, FindingState};
use crate::{Facts, HostTime, System};

const ID: &str = "clock";
/// 2026-01-01T00:00:00Z: this program is younger.
const PROGRAM_MILLISECONDS: i64 = 1_767_225_600_000;
/// Services refuse signed addresses and tokens whose time is some five minutes off; two leave room.
const MOST_SECONDS: f64 = 120.0;

pub(super) fn check(system: &System, facts: &Facts) -> Finding {
    let wrong = |what: String, why: &str| {
        Finding::new(ID, FindingState::Problem, what)
            .why(why)
            .advice("Set the clock, or let the system set it: timedatectl set-ntp true, as root.")
    };
    let now = facts.now;
    if now < Moment::from_millisecond(PROGRAM_MILLISECONDS) {
        return wrong(
            format!("This computer's clock says {now}, and this program is younger."),
            "Certificates and signed addresses are refused.",
        );
    }
    let apart = |host: &&HostTime| distance(host);
    if let Some(host) = facts
        .hosts
        .iter()
        .max_by(|one, other| apart(one).total_cmp(&apart(other)))
    {
        let seconds = distance(host);
        if seconds > MOST_SECONDS {
            let what = format!(
                "This computer's clock and that of {} differ by {}.",
                host.host,
                spoken(seconds)
            );
            return wrong(
                what,
                "One of them is wrong. Services refuse signed addresses and tokens of another time.",
            );
        }
        let what = format!(
            "This computer's clock and that of {} differ by less than {}.",
            host.host,
            seconds_of((seconds + 1.0).ceil())
        );
        return Finding::new(ID, FindingState::Fine, what);
    }
    if let Some(newest) = facts
        .newest_job
        .filter(|newest| newest.seconds_since(now) > MOST_SECONDS)
    {
        return wrong(
            format!("This computer's clock says {now}, and a job changed at {newest}."),
            "The clock was set back since, or it was wrong then.",
        );
    }
    // systemd-timesyncd.service(8): the file is there when the clock was synchronized.
    if system.root.exists("/run/systemd/timesync/synchronized") {
        let what = "The system says that its clock is synchronized.";
        return Finding::new(ID, FindingState::Fine, what);
    }
    Finding::new(
        ID,
        FindingState::Unknown,
        "Whether the clock is right is not known: no host was asked.",
    )
    .advice("Test the connection of an account, then check again; on the command line, `doctor --ask ACCOUNT` does both.")
}

/// Seconds between the two clocks, as far as they are certain: a date has full seconds.
fn distance(host: &HostTime) -> f64 {
    let ahead = host.heard.seconds_since(host.said) - 1.0;
    ahead.max(host.said.seconds_since(host.heard)).max(0.0)
}

/// `1 second`, `3 seconds`.
fn seconds_of(count: f64) -> String {
    let unit = if count < 1.5 { "second" } else { "seconds" };
    format!("{count:.0} {unit}")
}

fn spoken(seconds: f64) -> String {
    if seconds < 7200.0 {
        format!("{:.0} minutes", seconds / 60.0)
    } else if seconds < 172_800.0 {
        format!("{:.0} hours", seconds / 3600.0)
    } else {
        format!("{:.0} days", seconds / 86_400.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStoreState, Root, User};

    fn facts(now: i64) -> Facts {
        Facts {
            home: std::path::PathBuf::new(),
            home_refused: None,
            key_store: KeyStoreState::NotKnown,
            now: Moment::from_millisecond(now),
            newest_job: None,
            hosts: Vec::new(),
            proxies: Vec::new(),
        }
    }

    fn judged(facts: &Facts) -> Finding {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        let system = System {
            user: User::of_this_process(&root),
            root,
            program: String::new(),
        };
        check(&system, facts)
    }

    const NOW: i64 = PROGRAM_MILLISECONDS + 86_400_000;

    #[test]
    fn without_anybody_to_compare_with_nothing_is_claimed() {
        assert_eq!(judged(&facts(NOW)).state, FindingState::Unknown);
    }

    #[test]
    fn a_clock_before_this_program_is_wrong() {
        assert_eq!(judged(&facts(0)).state, FindingState::Problem);
    }

    #[test]
    fn a_host_that_was_asked_decides() {
        let with = |said: i64| {
            let host = HostTime {
                host: "api.example.com".into(),
                said: Moment::from_millisecond(NOW + said),
                heard: Moment::from_millisecond(NOW),
            };
            judged(&Facts {
                hosts: vec![host],
                ..facts(NOW)
            })
        };
        assert_eq!(with(0).state, FindingState::Fine);
        assert!(
            with(0).what.ends_with("differ by less than 1 second."),
            "{}",
            with(0).what
        );
        assert_eq!(with(-120_500).state, FindingState::Fine);
        let behind = with(-3_600_000);
        assert_eq!(behind.state, FindingState::Problem);
        assert!(
            behind.what.contains("api.example.com") && behind.what.contains("60 minutes"),
            "{}",
            behind.what
        );
        assert_eq!(with(3_600_000).state, FindingState::Problem);
    }

    #[test]
    fn a_job_from_the_future_means_that_the_clock_was_set_back() {
        let at = |moment: i64| {
            judged(&Facts {
                newest_job: Some(Moment::from_millisecond(moment)),
                ..facts(NOW)
            })
            .state
        };
        assert_eq!(at(NOW + 600_000), FindingState::Problem);
        assert_eq!(at(NOW - 600_000), FindingState::Unknown);
    }
}
