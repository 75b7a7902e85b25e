//! Follows a started campaign until it ends or every expected device has reported.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, NoteKind, Outcome, Remedy, grouped};
use tokio::time::Instant;

use super::judge::{End, judge};
use super::run::Run;
use super::{RolloutError, phases};
use crate::pelion::campaign::{CampaignCounts, CampaignPhase, WatchPace, WatchPolicy, in_words};
use crate::pelion::{Campaign, SummaryStatus};

/// So long after its start a campaign may still be reported as a draft, by an answer of a moment ago.
const START_IS_SEEN_WITHIN: Duration = Duration::from_mins(1);

pub(super) async fn watch(
    run: &mut Run<'_>,
    campaign_id: &str,
    expected_devices: u64,
    policy: WatchPolicy,
) -> Result<Outcome, RolloutError> {
    run.events.phase(phases::WATCH);
    let seed = RandomState::new().build_hasher().finish();
    let mut pace = WatchPace::new(policy, seed);
    let mut announced = Announced::new(expected_devices);
    let began = Instant::now();
    let mut changed_at = began;
    let mut uncounted = None;
    loop {
        let campaign = run.campaign(campaign_id).await?;
        let phase = CampaignPhase::of(&campaign);
        let counts = if phase.has_statistics() {
            let statistics = statistics(run, campaign_id).await?;
            statistics.map(|rows| CampaignCounts::of(&rows))
        } else {
            Some(CampaignCounts::default())
        };
        let counts_all = counts.is_some_and(|counts| counts.total >= expected_devices);
        if !counts_all && phase.is_at_rest() && phase != CampaignPhase::Draft {
            // It is over: what it counted may be shown a little later.
            let checks = uncounted.get_or_insert_with(|| run.checks_for_named());
            if run.wait_for_next_check(checks).await? {
                continue;
            }
        }
        if announced.announce(run, &phase, &campaign, counts) {
            pace.changed();
            changed_at = Instant::now();
        }
        let diagnosis = match judge(&campaign, counts, expected_devices) {
            End::Outcome(outcome) => return Ok(outcome),
            End::NotStarted(diagnosis) => Some(diagnosis),
            End::NotYet
                if phase == CampaignPhase::Draft && began.elapsed() > START_IS_SEEN_WITHIN =>
            {
                Some(Box::new(still_a_draft(campaign_id)))
            }
            End::NotYet => None,
        };
        if let Some(diagnosis) = diagnosis {
            return Err(RolloutError::NotStarted { diagnosis });
        }
        let wait = pace.next_wait(&phase, changed_at.elapsed());
        run.rest(wait).await?;
    }
}

fn still_a_draft(campaign_id: &str) -> Diagnosis {
    Diagnosis::new(
        Code::CampaignNotStarted,
        format!("The campaign {campaign_id} is still a draft a minute after its start."),
        "The service accepted the start and gives no reason.",
    )
    .state("The campaign is a draft and has touched no device.")
    .remedy(Remedy::Resume)
}

/// What the service counted; `None` when it has no count, which is not a count of none.
async fn statistics(
    run: &mut Run<'_>,
    id: &str,
) -> Result<Option<Vec<SummaryStatus>>, RolloutError> {
    run.query(|pelion| {
        let id = id.to_owned();
        async move {
            match pelion.campaign_statistics(&id).await {
                Err(error) if error.is_of_no_count() => Ok(None),
                answer => answer.map(Some),
            }
        }
    })
    .await
}

/// What was announced last, so that a campaign of weeks does not fill the journal.
#[derive(Debug)]
struct Announced {
    expected_devices: u64,
    phase: Option<String>,
    counts: Option<CampaignCounts>,
    /// Tenth of the expected devices that was announced last.
    tenth: u64,
}

impl Announced {
    fn new(expected_devices: u64) -> Self {
        Self {
            expected_devices,
            phase: None,
            counts: None,
            tenth: 0,
        }
    }

    /// Announces a new phase, and each tenth of the devices. Answers whether anything moved.
    fn announce(
        &mut self,
        run: &Run<'_>,
        phase: &CampaignPhase,
        campaign: &Campaign,
        counts: Option<CampaignCounts>,
    ) -> bool {
        let mut moved = counts.is_some() && self.counts != counts;
        self.counts = counts.or(self.counts);
        if self.phase.as_deref() != Some(&*campaign.phase) {
            self.phase = Some(campaign.phase.clone());
            run.note(
                NoteKind::Step,
                format!("The campaign is: {}", phase.title()),
                phase.meaning(),
            );
            moved = true;
        }
        let Some(counts) = counts else {
            return moved;
        };
        let tenth = counts.done().saturating_mul(10) / self.expected_devices.max(1);
        if tenth > self.tenth {
            self.tenth = tenth;
            let (done, of) = (counts.done(), self.expected_devices);
            let text = match of {
                1 => "The device has reported".to_owned(),
                many => format!(
                    "{} of {} devices have reported",
                    grouped(done),
                    grouped(many)
                ),
            };
            run.note(NoteKind::Step, text, format!("{}.", in_words(counts)));
        }
        moved
    }
}
