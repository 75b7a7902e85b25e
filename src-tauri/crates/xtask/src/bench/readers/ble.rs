//! SMP over Bluetooth: a window against one request at a time, and against smpmgr.
//!
//! The real btleplug talks to a stand-in for the system's Bluetooth service, whose reader has four buffers of 384 bytes
//! behind an MTU of 247. A request is on its way for half a round trip, its answer for the other half; nothing waits for
//! a connection event.
//!
//! **What four times can mean.** With equal requests and equal round trips, W requests on their way carry at most W times
//! what one does, so that a window of 3 ends at 3 times a window of 1. The published figure behind the goal, 2–4 kB/s
//! without a window and 16–20 with one (Android-nRF-Connect-Device-Manager, PR 53), has one request of one write on the
//! other side. So has one row; the one with equal requests is judged by how near to 3 it is. Both are judged where the way is what a
//! load waits for: at 1 and 5 ms three requests fill the reader's flash.

use std::path::PathBuf;

use super::super::measure::median;
use super::super::product::{Product, Server, quietly, release};
use super::super::row::{Goal, Row};
use super::super::scratch::Scratch;
use super::{number, text};
use crate::command::Run;
use crate::failure::Failure;
use crate::repository;

const TURNS: usize = 3;

/// A length of the way.
struct Way {
    round_trip_ms: u32,
    /// How many times as fast as smpmgr a load is.
    times_smpmgr: f64,
    /// Whether the reader's flash leaves room for three requests at once.
    has_room: bool,
}

const WAYS: &[Way] = &[
    Way {
        round_trip_ms: 1,
        times_smpmgr: 1.0,
        has_room: false,
    },
    Way {
        round_trip_ms: 5,
        times_smpmgr: 1.0,
        has_room: false,
    },
    Way {
        round_trip_ms: 16,
        times_smpmgr: 1.0,
        has_room: true,
    },
    Way {
        round_trip_ms: 30,
        times_smpmgr: 3.0,
        has_room: true,
    },
];

/// How many times as fast a window of 3 is as one request of one write at a time.
const OF_ONE_AT_A_TIME: f64 = 4.0;

/// How many times as fast as a window of 1 it is with equal requests: 95 % of the 3 that there can be.
const OF_EQUAL_REQUESTS: f64 = 0.95 * 3.0;

/// Code of the image, bytes.
const IMAGE_BYTES: u32 = 48 * 1024;

/// Flash of the reader, µs for a byte: what the reference figures of the serial line were taken with.
const FLASH_MICROSECONDS_PER_BYTE: &str = "10";

/// The reader's buffers, bytes.
const BUFFER_BYTES: u32 = 384;

/// What one write carries: the MTU without the header of ATT.
const ONE_WRITE_BYTES: u32 = 244;

/// Who loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The product, which fits its window to the reader.
    Ours,
    Smpmgr,
    /// The product's loader with so many requests of so many bytes.
    Fixed {
        width: u32,
        packet_bytes: u32,
    },
}

const SINGLE_WRITES: Who = Who::Fixed {
    width: 1,
    packet_bytes: ONE_WRITE_BYTES,
};
const ONE_REQUEST: Who = Who::Fixed {
    width: 1,
    packet_bytes: BUFFER_BYTES,
};
const WINDOW_OF_3: Who = Who::Fixed {
    width: 3,
    packet_bytes: BUFFER_BYTES,
};

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("ble")?;
    let bench = Bench {
        product: Product::new(scratch.path("home")),
        image: scratch.path("image.bin"),
        _scratch: scratch,
    };
    // Makes the home: its first start is not measured.
    quietly(bench.product.cli().args(["jobs", "--json"]))?;
    let mut rows = Vec::new();
    let (mut most_unanswered, mut buffers) = (0.0_f64, f64::NAN);
    for way in WAYS {
        let round_trip_ms = way.round_trip_ms;
        let mut rates = [const { Vec::new() }; 5];
        let of = [
            Who::Ours,
            Who::Smpmgr,
            WINDOW_OF_3,
            ONE_REQUEST,
            SINGLE_WRITES,
        ];
        for _ in 0..TURNS {
            for (who, rates) in of.into_iter().zip(&mut rates) {
                let carried = bench.carry(who, round_trip_ms)?;
                rates.push(carried.rate);
                if who == Who::Ours {
                    most_unanswered = most_unanswered.max(carried.most_unanswered);
                    buffers = carried.buffers;
                }
            }
        }
        let [ours, smpmgr, three, one, single] = rates.map(median);
        let row = |what: &str, ours: f64, peer: f64, goal| Row {
            bench: "ble",
            case: format!("{round_trip_ms} ms, {what}"),
            ours,
            peer,
            ratio: ours / peer,
            goal,
            unit: "kB/s",
        };
        let where_there_is_room = |least| {
            if way.has_room {
                Goal::AtLeast(least)
            } else {
                Goal::None
            }
        };
        rows.push(row("smpmgr", ours, smpmgr, Goal::AtLeast(way.times_smpmgr)));
        rows.push(row(
            "window of 3, one request of one write at a time",
            three,
            single,
            where_there_is_room(OF_ONE_AT_A_TIME),
        ));
        rows.push(row(
            "window of 3, window of 1 of equal requests (3 is the most)",
            three,
            one,
            where_there_is_room(OF_EQUAL_REQUESTS),
        ));
    }
    rows.push(Row {
        bench: "ble",
        case: "most requests without an answer, the reader's buffers".to_owned(),
        ours: most_unanswered,
        peer: buffers,
        ratio: most_unanswered / buffers,
        goal: Goal::AtMost(1.0),
        unit: "requests",
    });
    Ok(rows)
}

/// An upload, as its reader counted it.
struct Carried {
    /// kB/s from its first piece to its last.
    rate: f64,
    most_unanswered: f64,
    buffers: f64,
}

struct Bench {
    product: Product,
    image: PathBuf,
    _scratch: Scratch,
}

impl Bench {
    /// Loads a fresh reader, which makes the image too.
    fn carry(&self, who: Who, round_trip_ms: u32) -> Result<Carried, Failure> {
        let mut reader = Server::start(
            Run::new(release("ble-reader"))
                .args([&round_trip_ms.to_string(), FLASH_MICROSECONDS_PER_BYTE])
                .arg(&self.image)
                .arg(IMAGE_BYTES.to_string()),
        )?;
        let served = reader.line()?;
        let load = self.load(who, &text(&served, "address")?);
        quietly(load.variable("DBUS_SYSTEM_BUS_ADDRESS", text(&served, "bus")?))?;
        let upload = reader.line()?;
        if number(&upload, "dropped")? > 0.0 {
            let why = format!("{who:?}: requests found no free buffer: {upload}");
            return Err(Failure::new(why));
        }
        Ok(Carried {
            rate: number(&upload, "image_bytes")? / number(&upload, "seconds")? / 1000.0,
            most_unanswered: number(&upload, "most_unanswered")?,
            buffers: number(&served, "buffers")?,
        })
    }

    fn load(&self, who: Who, address: &str) -> Run {
        match who {
            Who::Ours => self.product.cli().arg("deliver").arg(&self.image).args([
                "--to",
                &format!("smp+ble:{address}"),
                "--yes",
                "--json",
            ]),
            Who::Smpmgr => Run::new(repository::venv_program("smpmgr"))
                .args(["--ble", address, "--timeout", "10", "image", "upload"])
                .arg(&self.image),
            Who::Fixed {
                width,
                packet_bytes,
            } => Run::new(release("smp-window"))
                .arg(format!("ble:{address}"))
                .args([width, packet_bytes].map(|number| number.to_string()))
                .arg(&self.image),
        }
    }
}
