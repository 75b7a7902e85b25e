//! Requests, states and status codes of DFU 1.1, and the commands of ST's extensions. No I/O.
//!
//! Names are those of the *Device Class Specification for Device Firmware Upgrade*, 1.1, chapters 3 and 6,
//! and of ST's AN3156.

use std::time::Duration;

/// Numbers of the requests, table 3.2.
pub(super) mod request {
    pub(crate) const DETACH: u8 = 0;
    pub(crate) const DOWNLOAD: u8 = 1;
    pub(crate) const UPLOAD: u8 = 2;
    pub(crate) const GET_STATUS: u8 = 3;
    pub(crate) const CLEAR_STATUS: u8 = 4;
    pub(crate) const ABORT: u8 = 6;
}

/// Bytes of the answer to `DFU_GETSTATUS`, 6.1.2.
pub(super) const STATUS_BYTES: u16 = 6;

/// States, 6.1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    AppIdle,
    AppDetach,
    Idle,
    DownloadSync,
    Busy,
    DownloadIdle,
    ManifestSync,
    Manifest,
    WaitReset,
    UploadIdle,
    Error,
    Unknown(u8),
}

const STATES: [(State, &str); 11] = [
    (State::AppIdle, "appIDLE"),
    (State::AppDetach, "appDETACH"),
    (State::Idle, "dfuIDLE"),
    (State::DownloadSync, "dfuDNLOAD-SYNC"),
    (State::Busy, "dfuDNBUSY"),
    (State::DownloadIdle, "dfuDNLOAD-IDLE"),
    (State::ManifestSync, "dfuMANIFEST-SYNC"),
    (State::Manifest, "dfuMANIFEST"),
    (State::WaitReset, "dfuMANIFEST-WAIT-RESET"),
    (State::UploadIdle, "dfuUPLOAD-IDLE"),
    (State::Error, "dfuERROR"),
];

impl State {
    pub(super) fn of(number: u8) -> Self {
        let found = STATES.get(usize::from(number));
        found.map_or(Self::Unknown(number), |(state, _)| *state)
    }

    /// Whether its bootloader answers, not its application.
    pub(super) fn is_bootloader(self) -> bool {
        !matches!(self, Self::AppIdle | Self::AppDetach | Self::Unknown(_))
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self, STATES.iter().find(|(state, _)| state == self)) {
            (_, Some((_, name))) => f.write_str(name),
            (Self::Unknown(number), None) => write!(f, "state {number}"),
            (_, None) => f.write_str("a state"),
        }
    }
}

/// Names and meanings of the status codes, 6.1.2.
const CODES: [(&str, &str); 16] = [
    ("OK", "no error"),
    ("errTARGET", "the image is not for this device"),
    ("errFILE", "the image fails a check of the device"),
    ("errWRITE", "the memory cannot be written"),
    ("errERASE", "erasing the memory failed"),
    (
        "errCHECK_ERASED",
        "the memory is not empty after it was erased",
    ),
    ("errPROG", "programming the memory failed"),
    (
        "errVERIFY",
        "the memory holds other bytes than were written",
    ),
    ("errADDRESS", "the address is outside of the memory"),
    ("errNOTDONE", "the image ended too early"),
    (
        "errFIRMWARE",
        "the application is damaged and cannot be started",
    ),
    ("errVENDOR", "an error of the maker's own"),
    ("errUSBR", "an unexpected reset of the bus"),
    ("errPOR", "an unexpected loss of power"),
    ("errUNKNOWN", "it does not know what went wrong"),
    ("errSTALLEDPKT", "it does not take this request now"),
];
/// ST's bootloaders say it of protected memory: AN3156, 4.2.
pub(super) const VENDOR: u8 = 11;
pub(super) const FILE: u8 = 2;
pub(super) const TARGET: u8 = 1;

/// What a device says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: u8,
    /// How long it wants not to be asked again.
    pub(super) poll: Duration,
    pub(super) state: State,
}

impl Status {
    /// Reads an answer; `None` when it is too short. The last byte, the number of a text, is not needed.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let [code, low, middle, high, state] = *bytes.first_chunk::<5>()?;
        Some(Self {
            code,
            poll: Duration::from_millis(u32::from_le_bytes([low, middle, high, 0]).into()),
            state: State::of(state),
        })
    }

    /// Whether it reports an error.
    pub(super) fn is_error(&self) -> bool {
        self.code != 0 || self.state == State::Error
    }

    /// Whether it is still at what it was sent.
    pub(super) fn is_busy(&self) -> bool {
        let works = matches!(
            self.state,
            State::Busy | State::DownloadSync | State::ManifestSync | State::Manifest
        );
        works && self.code == 0
    }

    /// Whether it is an error for a request that came at the wrong time, or for no reason that the device knows:
    /// `errUNKNOWN` and `errSTALLEDPKT`.
    pub(super) fn is_error_of_order(&self) -> bool {
        self.state == State::Error && matches!(self.code, 0x0E | 0x0F)
    }

    /// The code with its meaning.
    pub(super) fn reason(&self) -> String {
        match CODES.get(usize::from(self.code)) {
            Some(_) if self.code == 0 => format!("{} without a reason", self.state),
            Some((name, meaning)) => format!("{name}: {meaning}"),
            None => format!("code {}, which DFU does not have", self.code),
        }
    }

    /// What it says in one word or two: `dfuIDLE`, `dfuERROR (errPROG)`.
    pub(super) fn short(&self) -> String {
        match CODES.get(usize::from(self.code)) {
            Some((name, _)) if self.is_error() => format!("{} ({name})", self.state),
            _ => self.state.to_string(),
        }
    }
}

/// Commands of ST's extensions, AN3156, 4.
pub(super) fn set_address(address: u32) -> [u8; 5] {
    command(0x21, address)
}

/// Erases the sector at an address.
pub(super) fn erase_sector(address: u32) -> [u8; 5] {
    command(0x41, address)
}

/// Erases everything.
pub(super) const ERASE_ALL: [u8; 1] = [0x41];

fn command(code: u8, address: u32) -> [u8; 5] {
    let [a, b, c, d] = address.to_le_bytes();
    [code, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_to_a_status_request_is_read_as_the_specification_lays_it_out() {
        let status = Status::read(&[0, 0x10, 0x27, 0, 4, 0]).unwrap();
        assert_eq!(status.poll, Duration::from_secs(10));
        assert_eq!(status.state, State::Busy);
        assert!(!status.is_error());
        let failed = Status::read(&[6, 0, 0, 0, 10, 0]).unwrap();
        assert_eq!(failed.short(), "dfuERROR (errPROG)");
        assert_eq!(failed.reason(), "errPROG: programming the memory failed");
        assert_eq!(Status::read(&[0, 0, 0, 0]), None);
    }

    #[test]
    fn commands_of_st_are_those_of_its_application_note() {
        assert_eq!(set_address(0x0800_4000), [0x21, 0x00, 0x40, 0x00, 0x08]);
        assert_eq!(erase_sector(0x0800_4000), [0x41, 0x00, 0x40, 0x00, 0x08]);
    }

    proptest! {
        #[test]
        fn every_answer_can_be_said_in_words(bytes in prop::collection::vec(any::<u8>(), 0..8)) {
            if let Some(status) = Status::read(&bytes) {
                prop_assert!(!status.short().is_empty() && !status.reason().is_empty());
            }
        }
    }
}
