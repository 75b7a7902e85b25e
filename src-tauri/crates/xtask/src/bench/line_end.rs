//! One end of an emulated line: takes packets in, and lets them out at the other end in their time.
//!
//! Packets are opaque here; [`super::line`] makes the networks.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::product::Server;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};

/// Bytes an Ethernet line carries beside each IP packet: preamble 8, header 14, check 4, gap 12
/// (IEEE 802.3).
pub(super) const FRAME_BYTES: u32 = 38;

/// How often a waiting end looks whether the line was closed.
const CLOSED_LOOK: Duration = Duration::from_millis(100);

/// Rate and length of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quality {
    /// Bits a second, each way.
    pub(super) bits_per_second: f64,
    /// There and back.
    pub(super) round_trip: Duration,
}

/// One end of the line: the socket its device's packets come to, and where its device listens.
#[derive(Debug)]
pub(super) struct End {
    socket: UnixDatagram,
    inlet: PathBuf,
    device: PathBuf,
}

impl End {
    pub(super) fn new(folder: &Path, name: &str) -> Result<Self, Failure> {
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
    pub(super) fn carry(&self, namespace: &str, address: &str) -> Result<Server, Failure> {
        let device = format!("TUN:{address},tun-name=line0,tun-type=tun,iff-no-pi,iff-up");
        let socket = format!(
            "UNIX-SENDTO:{},bind={}",
            self.inlet.display(),
            self.device.display()
        );
        let socat = ["netns", "exec", namespace, "socat", &device, &socket];
        Server::silent(Run::new("ip").args(socat))
    }

    /// Starts to take packets in here and to let them out at `other` when their time has come.
    pub(super) fn lead_to(
        &self,
        other: &Self,
        quality: Quality,
        is_closed: &Arc<AtomicBool>,
    ) -> Done {
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
