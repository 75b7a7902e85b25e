//! Requests to a device and its answers as USB/IP carries them.
//!
//! Layout of the Linux kernel's *USB/IP protocol*, `Documentation/usb/usbip_protocol.rst`.

/// Bytes of a request and of an answer, data not counted.
pub(crate) const HEADER_BYTES: usize = 48;
/// `-ECONNRESET`: a request was taken back.
pub(crate) const UNLINKED: i32 = -104;
/// `-EPIPE`: the device refuses.
pub(crate) const STALLED: i32 = -32;

const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
/// Largest data stage.
const MOST_DATA_BYTES: usize = 0xFFFF;

/// What comes to a device.
pub(crate) enum Packet {
    Submit(Submit),
    /// A request is taken back.
    Unlink {
        /// Its own number.
        number: u32,
        /// That of the request.
        #[cfg_attr(
            not(feature = "guest"),
            expect(dead_code, reason = "the pretend bus takes back whatever waits")
        )]
        of: u32,
    },
}

/// A transfer.
pub(crate) struct Submit {
    pub(crate) number: u32,
    pub(crate) is_in: bool,
    pub(crate) endpoint: u32,
    pub(crate) length: usize,
    pub(crate) setup: [u8; 8],
}

impl Packet {
    /// What a header says; `None` when it is none.
    pub(crate) fn parse(header: &[u8; HEADER_BYTES]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = header[at..].first_chunk::<4>();
            bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
        };
        let number = word(4);
        match word(0) {
            UNLINK => Some(Self::Unlink {
                number,
                of: word(20),
            }),
            SUBMIT => {
                let length = usize::try_from(word(24)).unwrap_or(usize::MAX);
                (length <= MOST_DATA_BYTES).then(|| {
                    Self::Submit(Submit {
                        number,
                        is_in: word(12) == 1,
                        endpoint: word(16),
                        length,
                        setup: header.last_chunk::<8>().copied().unwrap_or_default(),
                    })
                })
            }
            _ => None,
        }
    }
}

impl Submit {
    /// Bytes that follow the header.
    pub(crate) fn data_bytes(&self) -> usize {
        if self.is_in { 0 } else { self.length }
    }

    /// Its end: a status, and how many bytes were written, or the bytes that were read.
    pub(crate) fn answer(&self, status: i32, written: usize, read: &[u8]) -> Vec<u8> {
        let actual = if self.is_in { read.len() } else { written };
        answer(3, self.number, status, actual, read)
    }
}

/// The answer to a request that takes another one back.
pub(crate) fn unlinked(number: u32, status: i32) -> Vec<u8> {
    answer(4, number, status, 0, &[])
}

fn answer(command: u32, number: u32, status: i32, actual: usize, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + data.len());
    for word in [command, number, 0, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(status.to_be_bytes());
    bytes.extend(u32::try_from(actual).unwrap_or(0).to_be_bytes());
    bytes.resize(HEADER_BYTES, 0);
    bytes.extend(data);
    bytes
}
