//! The system's reports of USB devices that came or left, through libusb.
//!
//! Only that something changed: what is there now, discovery says. In a container without the system's device manager
//! nothing is reported, so a watch looks by itself as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusb::{Context, Device, Hotplug, HotplugBuilder, UsbContext as _};
use tokio::sync::Notify;

/// Longest time the thread needs to notice that nobody watches any more.
const STOPS_WITHIN: Duration = Duration::from_secs(1);

/// Notifies whenever a device came or left, until it is dropped.
#[derive(Debug)]
pub(crate) struct PlugEvents {
    changed: Arc<Notify>,
    stopped: Arc<AtomicBool>,
}

impl PlugEvents {
    /// Listens from now on; `None` where the system reports nothing.
    pub(crate) fn listen() -> Option<Self> {
        if !rusb::has_hotplug() {
            return None;
        }
        let context = Context::new().ok()?;
        let changed = Arc::new(Notify::new());
        let stopped = Arc::new(AtomicBool::new(false));
        let wake = Wake(Arc::clone(&changed));
        let registered = HotplugBuilder::new()
            .enumerate(false)
            .register(&context, Box::new(wake))
            .ok()?;
        let is_stopped = Arc::clone(&stopped);
        let thread = std::thread::Builder::new().name("usb-events".into());
        let spawned = thread.spawn(move || {
            // Events come as long as it is registered.
            let _registered = registered;
            while !is_stopped.load(Ordering::Relaxed) {
                if context.handle_events(Some(STOPS_WITHIN)).is_err() {
                    return;
                }
            }
        });
        spawned.ok().map(|_| Self { changed, stopped })
    }

    /// Waits until something came or left since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Drop for PlugEvents {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

struct Wake(Arc<Notify>);

impl Hotplug<Context> for Wake {
    fn device_arrived(&mut self, _: Device<Context>) {
        self.0.notify_one();
    }

    fn device_left(&mut self, _: Device<Context>) {
        self.0.notify_one();
    }
}
