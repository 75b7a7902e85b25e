//! Requests to the DFU interface of an open device: one after the other, each with its deadline.

use std::time::Duration;

use firmdrop_core::grouped;
use firmdrop_link::{
    ControlRequest, FollowUp, Followed, HandedOver, LinkError, Series, Usb, Write,
};
use tokio::time::{Instant, timeout};

use super::interface::{Functional, Interface};
use super::left::After;
use super::pause::pause;
use super::timing::{LAST_WORDS, LEAST_TRANSFER_BYTES, MOST_TRANSFER_BYTES, Timing};
use super::wire::{STATUS_BYTES, State, Status, request};

/// States between a beginning and `dfuIDLE`. Bringing a device to rest takes at most three requests.
const MOST_STEPS_TO_REST: u32 = 8;

/// Why a request led nowhere.
#[derive(Debug)]
pub(super) enum RequestFailure {
    /// The way to the device failed.
    Link(LinkError),
    /// It answered something that DFU does not have.
    Nonsense(String),
    /// It refused, and this is its status.
    Refused(Status),
    /// It said that it was busy for longer than is waited.
    StillBusy(Duration),
}

impl From<LinkError> for RequestFailure {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

/// What is done with a device that stays busy past the time it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenBusy {
    /// Nothing: a download that is cleared is lost.
    Waits,
    /// Its status is cleared. Only after an erase.
    Cleared,
}

/// An open DFU interface.
#[derive(Debug)]
pub(super) struct Session {
    usb: Box<dyn Usb>,
    interface: u8,
    /// The alternate setting of the first image. `None` when there is one setting only, and that is number 0.
    first_alternate: Option<u8>,
    pub(super) functional: Functional,
    timing: Timing,
}

impl Session {
    /// Takes the interface of a device for this program, and chooses its first alternate setting for firmware: another
    /// program may have left another one.
    pub(super) async fn open(
        usb: Box<dyn Usb>,
        interface: &Interface,
        timing: Timing,
    ) -> Result<Self, LinkError> {
        usb.claim(interface.number).await?;
        let session = Self {
            usb,
            interface: interface.number,
            first_alternate: interface.first_alternate(),
            functional: interface.functional,
            timing,
        };
        if let Some(first) = session.first_alternate {
            match session.choose(first).await {
                // It has it already, perhaps; what it cannot do without is chosen again before its memory is used.
                Ok(()) | Err(LinkError::Stalled { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(session)
    }

    /// Bytes of one block.
    pub(super) fn block_bytes(&self) -> u16 {
        match self.functional.transfer_bytes {
            0 => LEAST_TRANSFER_BYTES,
            bytes => bytes.min(MOST_TRANSFER_BYTES),
        }
    }

    /// Chooses an alternate setting. One that is the only one is left alone: some devices and systems refuse to
    /// choose it (libusb #1011).
    pub(super) async fn choose(&self, alternate: u8) -> Result<(), LinkError> {
        if self.first_alternate.is_none() {
            return Ok(());
        }
        self.usb.set_alternate(self.interface, alternate).await
    }

    /// Whether its bootloader answers, whatever its interface says of itself. One that answers nothing useful is taken
    /// for an application.
    pub(super) async fn is_bootloader(&self) -> bool {
        let asking = async {
            let mut state = self.status().await?.state;
            if state == State::Error {
                // Some applications are there as well after a request that they do not know.
                self.out(request::CLEAR_STATUS, 0, &[]).await?;
                state = self.status().await?.state;
            }
            Ok::<_, RequestFailure>(state.is_bootloader())
        };
        matches!(timeout(LAST_WORDS, asking).await, Ok(Ok(true)))
    }

    fn class(&self, request: u8, value: u16) -> ControlRequest {
        ControlRequest::class_to_interface(request, value, self.interface)
    }

    async fn out(&self, request: u8, value: u16, data: &[u8]) -> Result<(), LinkError> {
        let deadline = self.timing.transfer;
        self.usb
            .control_out(self.class(request, value), data, deadline)
            .await
    }

    /// Its status. The request moves its machine: work that was sent begins now.
    pub(super) async fn status(&self) -> Result<Status, RequestFailure> {
        self.status_at(Instant::now()).await
    }

    /// The same, asked for at this time.
    async fn status_at(&self, at: Instant) -> Result<Status, RequestFailure> {
        let request = self.class(request::GET_STATUS, 0);
        let bytes = self
            .usb
            .control_in_at(at, request, STATUS_BYTES, self.timing.transfer)
            .await?;
        read_status(&bytes)
    }

    /// Asks the application to make room for the bootloader.
    pub(super) async fn detach(&self) -> Result<(), LinkError> {
        self.out(
            request::DETACH,
            self.functional.detach_milliseconds.min(1000),
            &[],
        )
        .await
    }

    /// Resets the device on its bus.
    pub(super) async fn reset(&self) -> Result<(), LinkError> {
        self.usb.reset().await
    }

    /// Sends a command of ST's extensions.
    pub(super) async fn command(&self, block: u16, data: &[u8]) -> Result<(), RequestFailure> {
        idle(self.carry_out(block, data, WhenBusy::Waits).await?)
    }

    /// Has something erased, by a command of ST's extensions.
    pub(super) async fn erase(&self, command: &[u8]) -> Result<(), RequestFailure> {
        idle(self.carry_out(0, command, WhenBusy::Cleared).await?)
    }

    /// Sends a block without bytes, which ends an image, and waits for nothing.
    pub(super) async fn finish(&self, block: u16) -> Result<(), RequestFailure> {
        match self.out(request::DOWNLOAD, block, &[]).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.why_not_taken(error).await),
        }
    }

    /// Sends a command, and waits until the device is no longer busy with it.
    async fn carry_out(
        &self,
        block: u16,
        data: &[u8],
        stuck: WhenBusy,
    ) -> Result<Status, RequestFailure> {
        let series = Series::default();
        let sent = self.hand_over(&series, block, data.to_vec(), |_| false);
        let followed = self.followed(sent).await?;
        // A series of its own has not ended before.
        self.settle_from(followed.unwrap_or_default(), stuck).await
    }

    /// Hands a block or a command over, to be sent once those of the series before it let it follow.
    pub(super) fn hand_over(
        &self,
        series: &Series,
        block: u16,
        data: Vec<u8>,
        lets_next: fn(&[u8]) -> bool,
    ) -> HandedOver<'_> {
        let then = FollowUp {
            request: self.class(request::GET_STATUS, 0),
            most_bytes: STATUS_BYTES,
            pause: first_pause,
            lets_next,
        };
        let write = Write {
            request: self.class(request::DOWNLOAD, block),
            data,
            deadline: self.timing.transfer,
        };
        self.usb.hand_over(series, write, then)
    }

    /// What the device says of a block that was handed over, once it is no longer busy with it; `None` when it was not
    /// sent.
    pub(super) async fn taken(
        &self,
        sent: HandedOver<'_>,
    ) -> Result<Option<Status>, RequestFailure> {
        match self.followed(sent).await? {
            Some(followed) => self.settle_from(followed, WhenBusy::Waits).await.map(Some),
            None => Ok(None),
        }
    }

    async fn followed(&self, sent: HandedOver<'_>) -> Result<Option<Followed>, RequestFailure> {
        match sent.await {
            Ok(followed) => Ok(followed),
            Err(error) => Err(self.why_not_taken(error).await),
        }
    }

    /// Reads a block.
    pub(super) async fn upload(
        &self,
        block: u16,
        most_bytes: u16,
    ) -> Result<Vec<u8>, RequestFailure> {
        let request = self.class(request::UPLOAD, block);
        match self
            .usb
            .control_in(request, most_bytes, self.timing.transfer)
            .await
        {
            Ok(bytes) => Ok(bytes),
            Err(LinkError::Stalled { .. }) => Err(self.why_stalled().await),
            Err(error) => Err(error.into()),
        }
    }

    async fn why_not_taken(&self, error: LinkError) -> RequestFailure {
        match error {
            LinkError::Stalled { .. } => self.why_stalled().await,
            error => error.into(),
        }
    }

    /// The reason of a refusal.
    async fn why_stalled(&self) -> RequestFailure {
        match self.status().await {
            Ok(status) => RequestFailure::Refused(status),
            Err(failure) => failure,
        }
    }

    /// Waits, by the device's own poll times, until it is no longer busy.
    pub(super) async fn settle(&self, stuck: WhenBusy) -> Result<Status, RequestFailure> {
        self.settle_from(Followed::default(), stuck).await
    }

    /// The same, with the statuses that were read already.
    async fn settle_from(&self, read: Followed, stuck: WhenBusy) -> Result<Status, RequestFailure> {
        let mut read_already = read.answers.into_iter();
        let mut failure = read.failure;
        let mut wait: Option<Wait> = None;
        loop {
            let (status, answered) = match (read_already.next(), failure.take()) {
                (Some(answer), later) => {
                    failure = later;
                    (read_status(&answer.bytes)?, answer.at)
                }
                (None, Some(failure)) => return Err(failure.into()),
                (None, None) => {
                    let at = wait.as_ref().map_or_else(Instant::now, |wait| wait.until);
                    (self.status_at(at).await?, Instant::now())
                }
            };
            if !status.is_busy() {
                return Ok(status);
            }
            let wait = wait.get_or_insert_with(|| Wait::begin(answered));
            let since = answered.duration_since(wait.began);
            if since >= self.longest_work(status) {
                return Err(RequestFailure::StillBusy(since));
            }
            let is_stuck =
                status.state == State::Busy && since >= wait.promised + self.timing.stuck;
            if is_stuck && stuck == WhenBusy::Cleared {
                return self.unstick(since).await;
            }
            wait.leave_alone(status, answered);
        }
    }

    /// How long a device in this state is waited for.
    fn longest_work(&self, status: Status) -> Duration {
        if status.state == State::Manifest && self.functional.waits_for_reset {
            self.timing.stores.min(self.timing.busy)
        } else {
            self.timing.busy
        }
    }

    /// STM32H7 ROMs may stay busy after an erase for ever; two `DFU_CLRSTATUS` bring them back, the first of
    /// which ends in an error (betaflight-configurator PR 5348).
    async fn unstick(&self, since: Duration) -> Result<Status, RequestFailure> {
        for _ in 0..2 {
            match self.out(request::CLEAR_STATUS, 0, &[]).await {
                Ok(()) | Err(LinkError::Stalled { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let status = self.status().await?;
            if status.state == State::Idle {
                return Ok(status);
            }
        }
        Err(RequestFailure::StillBusy(since))
    }

    /// Brings the device to `dfuIDLE`, from whatever state it is in.
    pub(super) async fn rest(&self) -> Result<Status, RequestFailure> {
        for _ in 0..MOST_STEPS_TO_REST {
            let status = self.status().await?;
            let request = match status.state {
                State::Idle if status.code == 0 => return Ok(status),
                State::Idle | State::Error => request::CLEAR_STATUS,
                State::Busy | State::DownloadSync | State::Manifest | State::ManifestSync => {
                    let status = self.settle(WhenBusy::Waits).await?;
                    if status.state == State::Idle {
                        return Ok(status);
                    }
                    continue;
                }
                State::DownloadIdle | State::UploadIdle => request::ABORT,
                State::AppIdle | State::AppDetach | State::WaitReset | State::Unknown(_) => {
                    return Err(RequestFailure::Refused(status));
                }
            };
            match self.out(request, 0, &[]).await {
                Ok(()) | Err(LinkError::Stalled { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(RequestFailure::Refused(self.status().await?))
    }

    /// Ends a read or a write that is not finished, and returns to `dfuIDLE`.
    pub(super) async fn abort(&self) -> Result<(), RequestFailure> {
        match self.out(request::ABORT, 0, &[]).await {
            Ok(()) | Err(LinkError::Stalled { .. }) => self.rest().await.map(drop),
            Err(error) => Err(error.into()),
        }
    }

    /// What it says after a failure, brought to rest where that is possible.
    pub(super) async fn last_words(&self) -> After {
        let asking = async {
            match self.rest().await {
                Ok(status) | Err(RequestFailure::Refused(status)) => After::Said(status),
                Err(RequestFailure::Link(error)) => After::of(&error),
                Err(RequestFailure::Nonsense(_)) => After::Silent,
                Err(RequestFailure::StillBusy(_)) => match self.status().await {
                    Ok(status) => After::Said(status),
                    Err(_) => After::Silent,
                },
            }
        };
        match timeout(LAST_WORDS, asking).await {
            Ok(after) => after,
            // It may be busy for longer than is waited for last words; what it says of that is asked once.
            Err(_) => match timeout(LAST_WORDS, self.status()).await {
                Ok(Ok(status)) => After::Said(status),
                Ok(Err(RequestFailure::Link(error))) => After::of(&error),
                _ => After::Silent,
            },
        }
    }
}

/// A device that is waited for.
struct Wait {
    began: Instant,
    /// What it said at first of how long it takes.
    promised: Duration,
    asked: u32,
    /// Until then it is left alone.
    until: Instant,
}

impl Wait {
    fn begin(now: Instant) -> Self {
        Self {
            began: now,
            promised: Duration::ZERO,
            asked: 0,
            until: now,
        }
    }

    /// As long as it said when it answered.
    fn leave_alone(&mut self, status: Status, answered: Instant) {
        let pause = pause(status.poll, self.asked);
        if self.asked == 0 {
            self.promised = pause;
        }
        self.asked += 1;
        self.until = answered + pause;
    }
}

/// How long a device is left alone by its first answer; `None` when it is not busy, or answered nonsense.
fn first_pause(answer: &[u8]) -> Option<Duration> {
    let status = Status::read(answer)?;
    status.is_busy().then(|| pause(status.poll, 0))
}

fn read_status(bytes: &[u8]) -> Result<Status, RequestFailure> {
    Status::read(bytes).ok_or_else(|| {
        RequestFailure::Nonsense(format!(
            "a status of {} bytes instead of {STATUS_BYTES}",
            grouped(bytes.len())
        ))
    })
}

/// Whether it carried a command of ST's extensions out.
fn idle(status: Status) -> Result<(), RequestFailure> {
    match status.state {
        State::DownloadIdle | State::Idle if !status.is_error() => Ok(()),
        _ => Err(RequestFailure::Refused(status)),
    }
}
