//! A reader behind a USB serial port: a device of class CDC ACM (PSTN 1.2), whose bytes are the reader's.
//!
//! Its descriptors are those of Zephyr's `cdc_acm`: a control interface with a notification endpoint that is never
//! heard of, and a data interface with two bulk endpoints.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};

use firmdrop_simulator::reader::{SimulatedReader, serve_stream};

use super::vhci::Plug;
use crate::usb::packet::{HEADER_BYTES, Packet, STALLED, Submit, UNLINKED, unlinked};

/// Endpoint of the bytes in both directions.
const DATA: u32 = 2;
/// `bRequest` of PSTN 1.2, table 13.
const SET_LINE_CODING: u8 = 0x20;
const GET_LINE_CODING: u8 = 0x21;
const SET_CONTROL_LINE_STATE: u8 = 0x22;
/// 1209:0002, three texts.
const DEVICE: [u8; 18] = [
    18, 1, 0x00, 0x02, 0xEF, 2, 1, 64, 0x09, 0x12, 0x02, 0x00, 0x00, 0x01, 1, 2, 3, 1,
];
#[rustfmt::skip]
const CONFIGURATION: [u8; 75] = [
    9, 2, 75, 0, 2, 1, 0, 0x80, 50,
    8, 11, 0, 2, 2, 2, 1, 0,
    9, 4, 0, 0, 1, 2, 2, 1, 0,
    5, 0x24, 0x00, 0x10, 0x01,
    5, 0x24, 0x01, 0, 1,
    4, 0x24, 0x02, 2,
    5, 0x24, 0x06, 0, 1,
    7, 5, 0x81, 3, 16, 0, 10,
    9, 4, 1, 0, 2, 10, 0, 0, 0,
    7, 5, 0x02, 2, 64, 0, 0,
    7, 5, 0x82, 2, 64, 0, 0,
];
const TEXTS: [&str; 3] = ["Emulated Works", "Reader", "READER-9"];

/// Plugs a reader into a port of the first bus: `1-2`. A restart takes it off the bus for as long as it takes.
pub fn plug_serial(reader: &SimulatedReader, place: &str) -> Plug {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (its, itself) = (reader.clone(), reader.clone());
    Plug::start(
        place,
        move || its.is_reachable().then(|| appear(&runtime, &its)),
        move || itself.pull_the_plug(),
    )
}

/// Brings the reader onto the bus; the other end of its socket.
fn appear(runtime: &tokio::runtime::Runtime, reader: &SimulatedReader) -> UnixStream {
    let (line, of_reader) = UnixStream::pair().unwrap();
    let (bus, of_kernel) = UnixStream::pair().unwrap();
    of_reader.set_nonblocking(true).unwrap();
    let reader = reader.clone();
    runtime.spawn(async move {
        let stream = tokio::net::UnixStream::from_std(of_reader).unwrap();
        serve_stream(&reader, stream).await;
    });
    let device = Arc::new(Device {
        bus,
        line,
        state: Mutex::default(),
    });
    let from_reader = Arc::clone(&device);
    std::thread::spawn(move || from_reader.carry_to_the_bus());
    std::thread::spawn(move || {
        // Whoever leaves ends both directions.
        let _ = device.serve();
        let _ = device.line.shutdown(Shutdown::Both);
    });
    of_kernel
}

struct Device {
    bus: UnixStream,
    line: UnixStream,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Reads that nothing has come for.
    waiting: VecDeque<Submit>,
    /// Bytes that nobody has read.
    bytes: VecDeque<u8>,
    coding: [u8; 7],
}

impl Device {
    /// What the reader sends, until it leaves; then it leaves the bus too.
    fn carry_to_the_bus(&self) {
        let mut bytes = [0; 4096];
        while let Ok(count) = (&self.line).read(&mut bytes)
            && count > 0
        {
            let mut state = self.state.lock().unwrap();
            state.bytes.extend(&bytes[..count]);
            if self.answer_reads(&mut state).is_err() {
                break;
            }
        }
        let _ = self.bus.shutdown(Shutdown::Both);
    }

    fn answer_reads(&self, state: &mut State) -> io::Result<()> {
        while !state.bytes.is_empty()
            && let Some(read) = state.waiting.pop_front()
        {
            let count = read.length.min(state.bytes.len());
            let bytes: Vec<u8> = state.bytes.drain(..count).collect();
            (&self.bus).write_all(&read.answer(0, 0, &bytes))?;
        }
        Ok(())
    }

    fn serve(&self) -> io::Result<()> {
        let mut header = [0; HEADER_BYTES];
        loop {
            (&self.bus).read_exact(&mut header)?;
            match Packet::parse(&header) {
                Some(Packet::Submit(submit)) => self.submitted(submit)?,
                Some(Packet::Unlink { number, of }) => {
                    let mut state = self.state.lock().unwrap();
                    let before = state.waiting.len();
                    state.waiting.retain(|read| read.number != of);
                    let was_there = state.waiting.len() < before;
                    let status = if was_there { UNLINKED } else { 0 };
                    (&self.bus).write_all(&unlinked(number, status))?;
                }
                None => return Ok(()),
            }
        }
    }

    fn submitted(&self, submit: Submit) -> io::Result<()> {
        let mut data = vec![0; submit.data_bytes()];
        (&self.bus).read_exact(&mut data)?;
        if submit.endpoint == DATA && !submit.is_in {
            // A reader that is gone takes it too; that it left is said next.
            let _ = (&self.line).write_all(&data);
        }
        let mut state = self.state.lock().unwrap();
        let answer = match (submit.endpoint, submit.is_in) {
            (0, _) => match state.control(submit.setup, &data) {
                Some(bytes) => {
                    let count = bytes.len().min(submit.length);
                    submit.answer(0, submit.length, &bytes[..count])
                }
                None => submit.answer(STALLED, 0, &[]),
            },
            (DATA, false) => submit.answer(0, submit.length, &[]),
            (_, true) => {
                // Nothing is ever notified.
                if submit.endpoint == DATA {
                    state.waiting.push_back(submit);
                }
                return self.answer_reads(&mut state);
            }
            _ => submit.answer(STALLED, 0, &[]),
        };
        (&self.bus).write_all(&answer)
    }
}

impl State {
    /// The bytes of a control transfer; `None` refuses it.
    fn control(&mut self, setup: [u8; 8], data: &[u8]) -> Option<Vec<u8>> {
        let [kind, request, value_low, value_high, ..] = setup;
        match (kind, request) {
            (0x80, 6) => descriptor(value_high, value_low),
            // GET_STATUS; SET_CONFIGURATION, SET_INTERFACE, CLEAR_FEATURE of an endpoint.
            (0x80, 0) => Some(vec![0, 0]),
            (0x00, 9) | (0x01, 11) | (0x02, 1) | (0x21, SET_CONTROL_LINE_STATE) => Some(Vec::new()),
            (0x21, SET_LINE_CODING) => {
                self.coding = *data.first_chunk()?;
                Some(Vec::new())
            }
            (0xA1, GET_LINE_CODING) => Some(self.coding.to_vec()),
            _ => None,
        }
    }
}

fn descriptor(kind: u8, index: u8) -> Option<Vec<u8>> {
    match (kind, index) {
        (1, _) => Some(DEVICE.to_vec()),
        (2, _) => Some(CONFIGURATION.to_vec()),
        (3, 0) => Some(vec![4, 3, 0x09, 0x04]),
        (3, _) => {
            let text = TEXTS.get(usize::from(index) - 1)?;
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            let units: Vec<u8> = units.collect();
            let mut bytes = vec![u8::try_from(units.len() + 2).ok()?, 3];
            bytes.extend(units);
            Some(bytes)
        }
        _ => None,
    }
}
