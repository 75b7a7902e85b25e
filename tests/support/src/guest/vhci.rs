//! The virtual computer's USB ports: Linux's `vhci_hcd`, whose devices are the other ends of sockets.
//!
//! What is written where: `Documentation/usb/usbip_protocol.rst` and `drivers/usb/usbip/vhci_sysfs.c`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::usb::{Pulled, usbip};

const CONTROLLER: &str = "/sys/devices/platform/vhci_hcd.0";
/// `VDEV_ST_NULL`: nobody is at the port.
const FREE: &str = "004";
/// `USB_SPEED_FULL`.
const FULL_SPEED: u32 = 2;
/// How often it is looked whether a device is back, or gone.
const LOOK: Duration = Duration::from_millis(20);
/// Longest time until the kernel let a device go.
const GOES: Duration = Duration::from_secs(30);

/// A device in a port. Dropping it pulls it out and waits until the kernel let it go.
pub struct Plug {
    port: u32,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    unplug: Box<dyn Fn() + Send>,
}

/// Plugs a device into a port of the first bus: `1-2`. It leaves and comes back as the device itself does.
pub fn plug(device: &(impl Pulled + Clone), place: &str) -> Plug {
    let address = usbip::serve(Arc::new(device.clone())).unwrap();
    let its = device.clone();
    Plug::start(place, move || import(address), move || its.unplug())
}

impl Plug {
    /// Plugs in what `appear` answers, each time the port is free: a socket that carries requests.
    pub(super) fn start<S: AsFd>(
        place: &str,
        mut appear: impl FnMut() -> Option<S> + Send + 'static,
        unplug: impl Fn() + Send + 'static,
    ) -> Self {
        let number = place.strip_prefix("1-").unwrap();
        let port = number.parse::<u32>().unwrap() - 1;
        let ends = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            while !is_over.load(Ordering::SeqCst) {
                if is_free(port)
                    && let Some(socket) = appear()
                {
                    attach(port, &socket);
                }
                std::thread::sleep(LOOK);
            }
        });
        Self {
            port,
            ends,
            thread: Some(thread),
            unplug: Box::new(unplug),
        }
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = self.thread.take().map(JoinHandle::join);
        (self.unplug)();
        let began = Instant::now();
        while !is_free(self.port) && began.elapsed() < GOES {
            std::thread::sleep(LOOK);
        }
    }
}

/// Asks the server for its device, as `usbip attach` does; `None` while the device is away.
fn import(server: SocketAddr) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(server).ok()?;
    stream.set_nodelay(true).ok()?;
    // Version, OP_REQ_IMPORT, no status; the name of the device, which is the only one.
    let mut request = [0; 40];
    request[..4].copy_from_slice(&[0x01, 0x11, 0x80, 0x03]);
    stream.write_all(&request).ok()?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).ok()?;
    if answer[4..] != [0; 4] {
        return None;
    }
    stream.read_exact(&mut [0; 312]).ok()?;
    Some(stream)
}

fn attach(port: u32, socket: &impl AsFd) {
    let descriptor = socket.as_fd().as_raw_fd();
    // Bus and number of a device, which the kernel only shows.
    let device = 0x0001_0000 + port + 2;
    let line = format!("{port} {descriptor} {device} {FULL_SPEED}");
    std::fs::write(format!("{CONTROLLER}/attach"), line).unwrap();
}

fn is_free(port: u32) -> bool {
    let status = std::fs::read_to_string(format!("{CONTROLLER}/status")).unwrap();
    let of_port = |line: &&str| line.starts_with(&format!("hs  {port:04} "));
    let line = status.lines().find(of_port);
    line.is_some_and(|line| line.split_whitespace().nth(2) == Some(FREE))
}
