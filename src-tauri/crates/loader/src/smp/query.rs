//! Queries that outlive their link: when it breaks, it is opened again, and the query is repeated to the same program
//! of the same reader, or not at all.
//!
//! What changes a reader is never repeated here.

use std::time::Duration;

use firmdrop_link::LinkError;
use tokio::time::{Instant, sleep};

use super::{
    expected::Answers,
    failure::Failure,
    identify,
    packet::{Command, Fields},
    reopening::Reopening,
    session::Session,
    state::Images,
    timing::{REPETITIONS, Timing},
};

impl Session {
    /// Sends a query, which changes nothing, and waits for its answer. It is repeated up to `repetitions` times after a
    /// silence of `timeout`, and over the next link when this one breaks.
    pub(super) async fn query(
        &mut self,
        command: Command,
        fields: &Fields,
        timeout: Duration,
        repetitions: u32,
    ) -> Result<Fields, Failure> {
        let timeouts = vec![timeout; repetitions.saturating_add(1) as usize];
        self.query_within(command, fields, &timeouts).await
    }

    /// The same, waiting so long each time. For a reader that may be busy erasing or decrypting.
    pub(super) async fn query_within(
        &mut self,
        command: Command,
        fields: &Fields,
        timeouts: &[Duration],
    ) -> Result<Fields, Failure> {
        loop {
            match self.have_done(command, fields, timeouts).await {
                Err(Failure::Link(error)) if Reopening::helps_against(&error) => {
                    self.reopen(error, timeouts).await?;
                }
                ended => return ended,
            }
        }
    }

    /// Opens a link in place of the one that broke with this error, as long as there was none that worked for
    /// less than the time of a reconnection, and makes sure who answers; each query of that is repeated after so
    /// long. What was on its way is lost. Cancelled, it leaves a session without a link, which answers nothing.
    pub(super) async fn reopen(
        &mut self,
        error: LinkError,
        timeouts: &[Duration],
    ) -> Result<(), Failure> {
        let Some(reopening) = self.reopening.clone() else {
            return Err(error.into());
        };
        if matches!(error, LinkError::Timeout { .. }) {
            // It did not break.
            self.broken_until = None;
        }
        let mut error = error;
        let until = match self.broken_until {
            Some(until) => until,
            None => reopening.begin(&error),
        };
        loop {
            if Instant::now() >= until && self.broken_until.is_some() {
                return Err(error.into());
            }
            self.close();
            self.over_the_next(reopening.open(until).await?);
            let sure = self.make_sure(timeouts).await;
            // Who answers is no sign of a link that works.
            self.broken_until = Some(until);
            match sure {
                Err(Failure::Link(again)) if Reopening::helps_against(&again) => error = again,
                sure => return sure,
            }
        }
    }

    /// Makes sure that the same program of the same reader answers as before. One that may be about to start is waited
    /// for.
    pub(super) async fn make_sure(&mut self, timeouts: &[Duration]) -> Result<(), Failure> {
        let Some(reopening) = self.reopening.clone() else {
            return Ok(());
        };
        let timing = reopening.timing();
        let until = Instant::now() + timing.start;
        let mut answered = false;
        loop {
            let fields = Fields::default();
            let asked = self.have_done(Command::ReadState, &fields, timeouts).await;
            let found = match asked {
                Ok(fields) => {
                    let images = Images::read(&fields)?;
                    let mode = identify::mode_of(self, &images, timing).await?;
                    let serial = reopening.serial_number().await;
                    let expected = reopening.expected();
                    let answers = match expected.compared_with(&images, mode) {
                        Answers::TheSame => expected.at_port(serial.as_deref()),
                        others => others,
                    };
                    match answers {
                        Answers::TheSame => return Ok(()),
                        Answers::Another(found) => return Err(Failure::Another(found)),
                        Answers::NotYet(found) => Failure::Another(found),
                    }
                }
                Err(Failure::Refused(refusal)) => Failure::Refused(refusal),
                Err(Failure::Link(error))
                    if answered && Reopening::helps_against(&error) && Instant::now() < until =>
                {
                    // It started anew meanwhile.
                    self.close();
                    let opened = Instant::now() + timing.reconnect;
                    self.over_the_next(reopening.open(opened).await?);
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            answered = true;
            if Instant::now() >= until {
                return Err(found);
            }
            // Some bootloaders stay for whoever speaks to them while they start; silence lets them go on.
            sleep(timing.restart_again.min(timing.start)).await;
        }
    }

    /// The timeouts of a usual query and its repetitions.
    pub(super) fn usual_timeouts(timing: &Timing) -> Vec<Duration> {
        vec![timing.answer; REPETITIONS as usize + 1]
    }
}
