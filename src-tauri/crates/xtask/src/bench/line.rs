//! A line with a rate and a delay, between two networks of this machine.
//!
//! Real TCP of the kernel runs over it: two network namespaces, each with a TUN device that socat
//! carries to a datagram socket; between the two sockets this module holds every packet back as
//! long as a line of that rate and length would. Needs root, and nothing of the kernel's own
//! emulation, which many systems lack. Loss is not emulated.
//!
//! The far side's loopback address is reached from the near side (`route_localnet`), so that the
//! service may stay bound to 127.0.0.1.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::product::Server;
use crate::apt;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};

/// Bytes an Ethernet line carries beside each IP packet: preamble 8, header 14, check 4, gap 12
/// (IEEE 802.3).
pub(super) const FRAME_BYTES: u32 = 38;

/// Largest IP packet, bytes.
pub(super) const MTU_BYTES: u32 = 1500;

/// What starts a program on the near side.
pub(super) const NEAR: &[&str] = &["ip", "netns", "exec", "firmdrop-near"];

/// What starts a program on the far side.
pub(super) const FAR: &[&str] = &["ip", "netns", "exec", "firmdrop-far"];

const ENDS: [(&str, &str); 2] = [
    ("firmdrop-near", "10.77.0.2/30"),
    ("firmdrop-far", "10.77.0.1/30"),
];

/// How often a waiting reader looks whether the line was closed.
const CLOSED_LOOK: Duration = Duration::from_millis(100);

/// Longest wait for a TUN device to appear.
const DEVICE_DEADLINE: Duration = Duration::from_secs(5);

/// Rate and length of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quality {
    /// Bits a second, each way.
    pub(super) bits_per_second: f64,
    /// There and back.
    pub(super) round_trip: Duration,
}

/// The line; it is taken down with this value.
#[derive(Debug)]
pub(super) struct Line {
    /// How the kernel paces what it sends over the line: "bbr", "cubic", "reno".
    pub(super) congestion_control: String,
    is_closed: Arc<AtomicBool>,
    carriers: Vec<Server>,
}

impl Line {
    /// Lays the line. `folder` holds its sockets.
    pub(super) fn lay(folder: &Path, quality: Quality) -> Result<Self, Failure> {
        if !apt::is_root()? {
            return Err(Failure::new(
                "an emulated line needs root (network namespaces and a TUN device); run \
                 `sudo --preserve-env=PATH cargo xtask bench upload-line`",
            ));
        }
        take_down();
        fs::create_dir_all(folder).doing(format_args!("create {}", folder.display()))?;
        // Whatever fails from here on, dropping this value clears up.
        let mut line = Self {
            congestion_control: String::new(),
            is_closed: Arc::new(AtomicBool::new(false)),
            carriers: Vec::new(),
        };
        let near = End::new(folder, "near")?;
        let far = End::new(folder, "far")?;
        for (end, (namespace, address)) in [&near, &far].into_iter().zip(ENDS) {
            quietly(&["netns", "add", namespace])?;
            line.carriers.push(end.carry(namespace, address)?);
        }
        near.lead_to(&far, quality, &line.is_closed)?;
        far.lead_to(&near, quality, &line.is_closed)?;
        for (namespace, _) in ENDS {
            set_up(namespace)?;
        }
        quietly(&["-n", "firmdrop-far", "link", "set", "lo", "up"])?;
        quietly(&[
            "-n",
            "firmdrop-near",
            "route",
            "add",
            "127.0.0.1/32",
            "dev",
            "line0",
            "src",
            "10.77.0.2",
        ])?;
        line.congestion_control = congestion_control()?;
        Ok(line)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.carriers.clear();
        take_down();
    }
}

/// One end of the line: the socket its device's packets come to, and where its device listens.
#[derive(Debug)]
struct End {
    socket: UnixDatagram,
    inlet: PathBuf,
    device: PathBuf,
}

impl End {
    fn new(folder: &Path, name: &str) -> Result<Self, Failure> {
        let inlet = folder.join(format!("{name}.in"));
        let socket = UnixDatagram::bind(&inlet).doing("open a socket of the line")?;
        socket
            .set_read_timeout(Some(CLOSED_LOOK))
            .doing("set up a socket of the line")?;
        Ok(Self {
            socket,
            inlet,
            device: folder.join(format!("{name}.out")),
        })
    }

    /// Starts the program that carries packets between this end's device and its sockets.
    fn carry(&self, namespace: &str, address: &str) -> Result<Server, Failure> {
        let device = format!("TUN:{address},tun-name=line0,tun-type=tun,iff-no-pi,iff-up");
        let socket = format!(
            "UNIX-SENDTO:{},bind={}",
            self.inlet.display(),
            self.device.display()
        );
        Run::new("ip")
            .args(["netns", "exec", namespace, "socat", &device, &socket])
            .spawn()
            .map(Server)
    }

    /// Starts to take packets in here and to let them out at `other` when their time has come.
    fn lead_to(&self, other: &Self, quality: Quality, is_closed: &Arc<AtomicBool>) -> Done {
        let inlet = self.socket.try_clone().doing("set up the line")?;
        // socat takes packets from the socket it sends to, and from no other.
        let outlet = other.socket.try_clone().doing("set up the line")?;
        let device = other.device.clone();
        let (sender, receiver) = channel();
        let is_closed = Arc::clone(is_closed);
        thread::spawn(move || take_in(&inlet, quality, &sender, &is_closed));
        thread::spawn(move || let_out(&outlet, &device, &receiver));
        Ok(())
    }
}

/// A packet and the moment it arrives at the other end.
type Sent = (Instant, Vec<u8>);

/// Gives every packet its time. The queue before the line holds as much as is under way on it; what
/// comes when it is full is lost, as on a real one.
fn take_in(socket: &UnixDatagram, quality: Quality, sender: &Sender<Sent>, is_closed: &AtomicBool) {
    let mut packet = [0; 2048];
    let mut is_free_at = Instant::now();
    while !is_closed.load(Ordering::Relaxed) {
        let Ok(bytes) = socket.recv(&mut packet) else {
            continue;
        };
        let now = Instant::now();
        is_free_at = is_free_at.max(now);
        if is_free_at - now > quality.round_trip {
            continue;
        }
        is_free_at += on_the_wire(bytes, quality);
        let arrives_at = is_free_at + quality.round_trip / 2;
        if sender.send((arrives_at, packet[..bytes].to_vec())).is_err() {
            return;
        }
    }
}

/// How long the line is busy with a packet of that many bytes.
fn on_the_wire(bytes: usize, quality: Quality) -> Duration {
    let bytes = u32::try_from(bytes)
        .unwrap_or(u32::MAX)
        .saturating_add(FRAME_BYTES);
    Duration::from_secs_f64(f64::from(bytes) * 8.0 / quality.bits_per_second)
}

fn let_out(socket: &UnixDatagram, device: &Path, receiver: &Receiver<Sent>) {
    for (arrives_at, packet) in receiver {
        thread::sleep(arrives_at.saturating_duration_since(Instant::now()));
        // A device that is gone loses its packets, as a pulled cable does.
        drop(socket.send_to(&packet, device));
    }
}

/// Lets a namespace talk over the line, with loopback addresses at its ends.
fn set_up(namespace: &str) -> Done {
    let device = ["-n", namespace, "link", "show", "line0"];
    let give_up_at = Instant::now() + DEVICE_DEADLINE;
    while !Run::new("ip").args(device).works() {
        if Instant::now() > give_up_at {
            return Err(Failure::new(format!(
                "{namespace} got no TUN device; is /dev/net/tun there?"
            )));
        }
        thread::sleep(CLOSED_LOOK);
    }
    for (setting, value) in [
        ("conf/all/route_localnet", "1"),
        ("conf/all/rp_filter", "0"),
        ("conf/line0/rp_filter", "0"),
        ("tcp_no_metrics_save", "1"),
    ] {
        let write = format!("echo {value} > /proc/sys/net/ipv4/{setting}");
        quietly(&["netns", "exec", namespace, "sh", "-c", &write])?;
    }
    Ok(())
}

fn congestion_control() -> Result<String, Failure> {
    let told = Run::new(NEAR[0])
        .args(&NEAR[1..])
        .args(["cat", "/proc/sys/net/ipv4/tcp_congestion_control"])
        .output()?;
    Ok(told.trim().to_owned())
}

fn take_down() {
    for (namespace, _) in ENDS {
        // It may not be there.
        Run::new("ip").args(["netns", "delete", namespace]).works();
    }
}

fn quietly(arguments: &[&str]) -> Done {
    Run::new("ip").args(arguments).output().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_packet_takes_its_time_on_a_line_of_100_megabits() {
        let quality = Quality {
            bits_per_second: 100e6,
            round_trip: Duration::from_millis(50),
        };
        assert_eq!(on_the_wire(1500, quality), Duration::from_nanos(123_040));
    }
}
