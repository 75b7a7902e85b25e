//! A thread of its own for an open device: libusb waits in it, one request after the other.
//!
//! A request whose asker is gone is not begun any more; one that is under way ends by its own deadline.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusb::{Context, DeviceHandle};
use tokio::sync::oneshot;

use super::errors::failed;
use crate::LinkError;

/// Devices that may be open at once: a bench has 32.
const MOST_OPEN: usize = 64;
/// Requests that may wait for a device.
const MOST_WAITING: usize = 16;

static OPEN: AtomicUsize = AtomicUsize::new(0);

type Request = Box<dyn FnOnce(&mut DeviceHandle<Context>) + Send>;

/// The way to the thread. Dropping it ends the thread, which gives the device back.
#[derive(Debug)]
pub(super) struct Worker {
    requests: SyncSender<Request>,
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

impl Worker {
    /// Starts the thread of an open device.
    pub(super) fn start(handle: DeviceHandle<Context>, place: &str) -> Result<Self, LinkError> {
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

    /// Has something done with the device.
    pub(super) async fn request<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DeviceHandle<Context>) -> Result<T, rusb::Error> + Send + 'static,
    ) -> Result<T, LinkError> {
        let (reply, answer) = oneshot::channel();
        let request: Request = Box::new(move |handle| {
            if !reply.is_closed() {
                let _ = reply.send(work(handle));
            }
        });
        let place = || self.place.clone();
        self.requests
            .try_send(request)
            .map_err(|_| LinkError::Busy { place: place() })?;
        match answer.await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(failed(&self.place, error)),
            Err(_) => Err(LinkError::Lost { place: place() }),
        }
    }
}

fn serve(mut handle: DeviceHandle<Context>, requests: &Receiver<Request>, counted: Counted) {
    while let Ok(request) = requests.recv() {
        request(&mut handle);
    }
    drop(handle);
    drop(counted);
}
