//! A thread of its own for an open device: libusb waits in it, one request after the other.
//!
//! A request whose asker is gone is not begun any more; one that is under way ends by its own deadline. One that the
//! system holds up for longer is left to its thread, and its asker gets [`LinkError::Timeout`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::errors::failed;
use crate::LinkError;

/// Devices that may be open at once: a bench has 32.
const MOST_OPEN: usize = 64;
/// Requests that may wait for a device.
const MOST_WAITING: usize = 16;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// What the system may need beyond the deadline of a transfer: libusb ends it by cancelling it, and waits for that.
const GRACE: Duration = Duration::from_secs(1);

type Request<H> = Box<dyn FnOnce(&mut H) + Send>;

/// The way to the thread. Dropping it ends the thread, which gives the device back.
#[derive(Debug)]
pub(super) struct Worker<H> {
    requests: SyncSender<Request<H>>,
    place: String,
}

/// Counts an open device until it is closed.
#[derive(Debug)]
struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<H: Send + 'static> Worker<H> {
    /// Starts the thread of an open device.
    pub(super) fn start(handle: H, place: &str) -> Result<Self, LinkError> {
        let io = |source| LinkError::Io {
            place: place.to_owned(),
            source,
        };
        let counted = Counted;
        if OPEN.fetch_add(1, Ordering::AcqRel) >= MOST_OPEN {
            let why = format!("{MOST_OPEN} devices are open already");
            return Err(io(std::io::Error::other(why)));
        }
        let (requests, waiting) = sync_channel(MOST_WAITING);
        let thread = thread::Builder::new().name(format!("usb {place}"));
        thread
            .spawn(move || serve(handle, &waiting, counted))
            .map_err(io)?;
        Ok(Self {
            requests,
            place: place.to_owned(),
        })
    }

    /// Has something done with the device, which ends by `deadline` by itself.
    pub(super) async fn request<T: Send + 'static>(
        &self,
        deadline: Duration,
        work: impl FnOnce(&mut H) -> Result<T, rusb::Error> + Send + 'static,
    ) -> Result<T, LinkError> {
        self.hand_over(deadline, failed, work).await
    }

    /// The same, in line for the device when this returns, and with a meaning of its failures.
    pub(super) fn hand_over<'a, T: Send + 'static>(
        &'a self,
        deadline: Duration,
        failed: impl FnOnce(&str, rusb::Error) -> LinkError + 'a,
        work: impl FnOnce(&mut H) -> Result<T, rusb::Error> + Send + 'static,
    ) -> impl Future<Output = Result<T, LinkError>> {
        let (reply, answer) = oneshot::channel();
        let request: Request<H> = Box::new(move |handle| {
            if !reply.is_closed() {
                let _ = reply.send(work(handle));
            }
        });
        let is_in_line = self.requests.try_send(request).is_ok();
        async move {
            let place = || self.place.clone();
            if !is_in_line {
                return Err(LinkError::Busy { place: place() });
            }
            match timeout(deadline.saturating_add(GRACE), answer).await {
                Ok(Ok(Ok(done))) => Ok(done),
                Ok(Ok(Err(error))) => Err(failed(&self.place, error)),
                Ok(Err(_)) => Err(LinkError::Lost { place: place() }),
                Err(_) => Err(LinkError::Timeout { place: place() }),
            }
        }
    }
}

fn serve<H>(mut handle: H, requests: &Receiver<Request<H>>, counted: Counted) {
    wake_in_time();
    while let Ok(request) = requests.recv() {
        request(&mut handle);
    }
    drop(handle);
    drop(counted);
}

/// Linux wakes a thread up to 50 µs late, so that it can wake several at once (prctl(2), `PR_SET_TIMERSLACK`). A load
/// waits some thousand times for a device that says when it is ready.
#[cfg(target_os = "linux")]
fn wake_in_time() {
    // Where the system refuses it, it wakes a little later.
    let _ = rustix::thread::set_current_timer_slack(Some(std::num::NonZeroU64::MIN));
}

#[cfg(not(target_os = "linux"))]
const fn wake_in_time() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_the_system_holds_up_ends_in_time_and_what_waits_behind_it_is_not_begun() {
        let worker = Worker::start(0_u32, "usb:1-2").unwrap();
        let (release, held) = channel::<()>();
        let stuck = worker.request(Duration::from_secs(5), move |_| {
            let _ = held.recv();
            Ok(())
        });
        let stuck = stuck.await;
        assert!(matches!(stuck, Err(LinkError::Timeout { .. })), "{stuck:?}");
        let add = |handle: &mut u32| {
            *handle += 1;
            Ok(*handle)
        };
        let behind = worker.request(Duration::from_secs(5), add).await;
        assert!(
            matches!(behind, Err(LinkError::Timeout { .. })),
            "{behind:?}"
        );
        drop(release);
        tokio::time::resume();
        let after = worker.request(Duration::from_secs(5), add).await;
        assert_eq!(after.unwrap(), 1);
    }
}
