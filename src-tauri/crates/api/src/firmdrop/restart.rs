//! Restarting a reader that no job has.

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::Destination;

use super::Firmdrop;
use crate::RestartedReader;

impl Firmdrop {
    /// Restarts a reader without writing to it, and waits until it answers again. When something else than now may
    /// run afterwards, and that was not `accepted`, fails with [`Code::ConfirmationMissing`], which says what; a reader
    /// whose protocol restarts none with [`Code::NotRestartable`]. Dropping it closes the link; a request that is
    /// out stays out.
    pub async fn restart_reader(
        &self,
        destination: &str,
        accepted: bool,
    ) -> Result<RestartedReader, Diagnosis> {
        let destination = self.inner.engine.destination(destination)?;
        let before = self.reader_view(&destination).await?;
        let held = self
            .inner
            .engine
            .try_hold(&destination, before.reader.simulated);
        let _held = held.await?.ok_or_else(|| has_a_job(&destination))?;
        let restarted = self.inner.readers.restart(&destination, accepted).await?;
        Ok(RestartedReader {
            reader: self.reader_view(&destination).await?,
            statement: restarted.statement,
        })
    }
}

fn has_a_job(destination: &Destination) -> Diagnosis {
    Diagnosis::new(
        Code::LinkBusy,
        format!("{destination} was not restarted."),
        "A job has the reader, or waits for it.",
    )
    .titled("A job has the reader")
    .state("Nothing was sent.")
    .remedy(Remedy::advice(
        "Wait until the job has ended, or stop it, then restart the reader.",
    ))
}
