//! Pretend readers that speak SMP, as Zephyr's application server and `MCUboot` do.
//!
//! They know nothing of loaders: header, CBOR and console lines are written here a second time,
//! from the specification.

mod commands;
mod console;
mod direct_xip;
mod fault;
mod flash;
mod found;
mod gatt;
mod image;
mod in_recovery;
#[cfg(unix)]
mod master;
mod model;
mod pace;
mod pretend_radio;
mod provider;
#[cfg(unix)]
mod pty;
mod quirk;
mod recovery;
mod serve;
mod settings;
mod shell;
mod slots;
mod udp;
mod wire;

pub use fault::{Cut, Faults, Return};
pub use gatt::{GattConnection, GattWriter, NotTaken, Radio, connect as connect_gatt};
pub use image::{HashKind, demo_image, demo_image_with};
pub use model::{Counters, SimulatedReader, Upload};
pub use provider::SimulatedReaders;
#[cfg(unix)]
pub use pty::{PtyServer, serve_pty};
pub use quirk::{Arrival, Quirk, QuirkAction, QuirkAnswer};
pub use recovery::{Recovery, Starts};
pub use serve::stream as serve_stream;
pub use settings::{Bootloader, BufferInfo, KnownBy, Line, Settings};
pub use udp::{UdpServer, serve_udp, serve_udp_at};
pub use wire::{Request, Versions};
