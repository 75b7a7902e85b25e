//! From the bootloader to the new image, and what is seen at the device's place then.

use firmdrop_link::LinkError;

use super::layout::Part;
use super::load::Ended;
use super::look::{self, Seen};
use super::session::Trouble;
use super::st;
use super::words::phase;
use super::work::Work;

impl Work<'_> {
    /// Starts the image at its first address, and says what is seen then.
    pub(super) async fn leave_by_address(&self, parts: &[Part]) -> Result<String, Ended> {
        let Some(address) = st::start_address(parts).filter(|_| self.load.options.leaves) else {
            return Ok("It stays in its bootloader.".into());
        };
        if self.load.begin(phase::LEAVE).is_err() {
            return Ok(
                "It was stopped before the new image was started, and stays in its bootloader."
                    .into(),
            );
        }
        if let Some(first) = parts.first() {
            self.session.choose(first.alternate).await?;
        }
        match st::leave(self.session, address).await {
            Ok(()) => self.seen_after_leaving().await,
            Err(trouble) => Ok(stays(&trouble)),
        }
    }

    /// Resets the bus, by which a bootloader starts the image, and says what is seen then.
    pub(super) async fn leave_by_reset(&self) -> Result<String, Ended> {
        if !self.load.options.leaves {
            return Ok("It stays in its bootloader.".into());
        }
        if self.load.begin(phase::LEAVE).is_err() {
            return Ok(
                "It was stopped before the new image was started, and stays in its bootloader."
                    .into(),
            );
        }
        match self.session.reset().await {
            Ok(()) | Err(LinkError::Lost { .. } | LinkError::NotFound { .. }) => {
                self.seen_after_leaving().await
            }
            Err(error) => Ok(stays(&Trouble::Link(error))),
        }
    }

    async fn seen_after_leaving(&self) -> Result<String, Ended> {
        Ok(match self.look_again().await {
            Ok(Some(seen)) if seen.is_bootloader() => {
                format!(
                    "It was asked to start the image and is in its bootloader: {}.",
                    seen.shown()
                )
            }
            Ok(Some(seen)) => format!("It came back as {}.", seen.shown()),
            Ok(None) => format!(
                "It left its bootloader and was not seen at its place for {} s; an application without USB is not.",
                self.load.timing.leaves.as_secs()
            ),
            Err(_) => {
                "It was asked to start the image; what it runs was not looked for any more.".into()
            }
        })
    }

    /// What is at the place after the device was asked to leave: its application, or after a while what is
    /// there.
    pub(super) async fn look_again(&self) -> Result<Option<Seen>, Ended> {
        let load = self.load;
        let looking = async {
            let providers = &load.context.providers;
            let (place, timing) = (&self.device.place, load.timing);
            let application = look::until(providers, place, timing, timing.leaves, |seen| {
                !seen.is_bootloader()
            })
            .await;
            Ok::<_, Ended>(match application {
                Some(seen) => Some(seen),
                None => Seen::open(providers, place, timing).await.ok(),
            })
        };
        load.unless_stopped(looking).await
    }
}

fn stays(trouble: &Trouble) -> String {
    let why = match trouble {
        Trouble::Refused(status) => format!("it says {}", status.reason()),
        Trouble::Link(error) => error.to_string(),
        Trouble::Nonsense(said) => format!("it answered {said}"),
        Trouble::StillBusy(_) => "it says that it is busy".into(),
    };
    format!("It refused to start the image ({why}): unplug it and plug it in again.")
}
