//! From the bootloader to the new image, and what is seen at the device's place then.

use firmdrop_link::{LinkAddress, LinkError};

use super::found::{self, FoundDevice, NotFound};
use super::layout::Part;
use super::load::{Ended, Load};
use super::session::RequestFailure;
use super::st;
use super::words::phase;
use super::work::Work;

const STAYS: &str = "It stays in its bootloader.";
const STOPPED_BEFORE: &str =
    "It was stopped before the new image was started, and stays in its bootloader.";

impl Work<'_> {
    /// Starts the image at its first address, and says what is seen then.
    pub(super) async fn leave_by_address(&self, parts: &[Part]) -> Result<String, Ended> {
        if !self.load.options.leaves {
            return Ok(STAYS.into());
        }
        let Some((alternate, address)) = st::start(parts) else {
            return Ok(format!(
                "Nothing of the image is a program that could be started. {STAYS}"
            ));
        };
        if self.load.begin(phase::LEAVE).is_err() {
            return Ok(STOPPED_BEFORE.into());
        }
        let leaving = async {
            self.session.choose(alternate).await?;
            st::leave(self.session, address).await
        };
        match leaving.await {
            Ok(()) => Ok(self.seen_after_leaving().await),
            Err(failure) => Ok(not_started(&failure)),
        }
    }

    /// Resets the bus, by which a bootloader starts the image, and says what is seen then.
    pub(super) async fn leave_by_reset(&self) -> Result<String, Ended> {
        if !self.load.options.leaves {
            return Ok(STAYS.into());
        }
        if self.load.begin(phase::LEAVE).is_err() {
            return Ok(STOPPED_BEFORE.into());
        }
        match self.load.unless_stopped(self.session.reset()).await {
            // Some systems say only `Io` of a device that restarts.
            Ok(())
            | Err(Ended::RequestFailure(RequestFailure::Link(
                LinkError::Lost { .. } | LinkError::NotFound { .. } | LinkError::Io { .. },
            ))) => Ok(self.seen_after_leaving().await),
            Err(Ended::RequestFailure(failure)) => Ok(not_started(&failure)),
            Err(Ended::Stopped) => Ok(
                "It was stopped at the reset that starts the image: what it runs is not known."
                    .into(),
            ),
            Err(ended) => Err(ended),
        }
    }

    async fn seen_after_leaving(&self) -> String {
        match find_again(self.load, &self.device.place).await {
            Ok(Ok(seen)) if seen.is_bootloader() => {
                format!(
                    "It was asked to start the image and is in its bootloader: {}.",
                    seen.shown()
                )
            }
            Ok(Ok(seen)) => format!("It came back as {}.", seen.shown()),
            Ok(Err(NotFound::Absent)) => {
                format!("It left its bootloader and {}", not_seen(self.load))
            }
            Ok(Err(NotFound::Closed(error))) => format!(
                "It was asked to start the image; what it runs could not be looked at: {}",
                found::with_advice(&error)
            ),
            Err(_) => {
                "It was asked to start the image; what it runs was not looked for any more.".into()
            }
        }
    }
}

/// What is at the place after the device was asked to leave: its application, or after a while what is
/// there.
pub(super) async fn find_again(
    load: &Load<'_>,
    place: &LinkAddress,
) -> Result<Result<FoundDevice, NotFound>, Ended> {
    let looking = async {
        let providers = &load.context.providers;
        let timing = load.timing;
        let is_application = |seen: &FoundDevice| !seen.is_bootloader();
        let application = found::wait_for(providers, place, timing, timing.leaves, is_application);
        Ok::<_, Ended>(match application.await {
            Err(NotFound::Absent) => FoundDevice::open(providers, place, timing)
                .await
                .map_err(NotFound::of),
            found => found,
        })
    };
    load.unless_stopped(looking).await
}

/// For how long [`find_again`] looked in vain.
pub(super) fn not_seen(load: &Load<'_>) -> String {
    format!(
        "was not seen at its place for {} s; an application without USB is not.",
        load.timing.leaves.as_secs()
    )
}

/// The end of a request to start the image that led nowhere.
fn not_started(failure: &RequestFailure) -> String {
    let what = match failure {
        RequestFailure::Refused(status) => {
            format!(
                "It refused to start the image (it says {})",
                status.reason()
            )
        }
        RequestFailure::Link(error) => {
            format!("Whether it starts the image is not known ({error})")
        }
        RequestFailure::Nonsense(said) => {
            format!("Whether it starts the image is not known (it answered {said})")
        }
        RequestFailure::StillBusy(_) => {
            "It was asked to start the image and says that it is busy".into()
        }
    };
    format!("{what}: unplug it and plug it in again.")
}
