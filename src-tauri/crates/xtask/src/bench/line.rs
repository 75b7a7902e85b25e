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
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::line_end::{End, Quality};
use super::product::Server;
use crate::apt;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};

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

/// How often it is looked whether a device is there.
const DEVICE_LOOK: Duration = Duration::from_millis(50);

/// Longest wait for a TUN device to appear.
const DEVICE_DEADLINE: Duration = Duration::from_secs(5);

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
        thread::sleep(DEVICE_LOOK);
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
    let printed = Run::new(NEAR[0])
        .args(&NEAR[1..])
        .args(["cat", "/proc/sys/net/ipv4/tcp_congestion_control"])
        .output()?;
    Ok(printed.trim().to_owned())
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
