//! The SMP header and the map behind it, as a reader sees them.
//!
//! Zephyr, "SMP Protocol Specification". Says nothing of lines or datagrams.

use ciborium::Value;

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 8;

/// The requests a reader knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request {
    /// Group 0, command 0.
    Echo,
    /// Group 0, command 1.
    ConsoleEcho,
    /// Group 0, command 5.
    Reset,
    /// Group 0, command 6.
    Parameters,
    /// Group 0, command 8.
    BootloaderInfo,
    /// Group 1, command 0, read.
    ReadState,
    /// Group 1, command 0, write.
    WriteState,
    /// Group 1, command 1.
    Upload,
    /// Group 1, command 5.
    Erase,
    /// Group 1, command 6.
    SlotInfo,
}

/// Versions of the protocol that a reader answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versions {
    /// 1 and 2.
    #[default]
    Both,
    /// 1; whatever is not is dropped without an answer.
    One,
    /// 2; whatever is older is refused (`CONFIG_MCUMGR_SMP_SUPPORT_ORIGINAL_PROTOCOL=n`).
    Two,
}

/// One packet taken apart.
#[derive(Debug, Clone)]
pub(super) struct Packet {
    operation: u8,
    /// 0 or 1, written "v1" and "v2" in the specification.
    version: u8,
    group: u16,
    sequence: u8,
    command: u8,
    pub(super) fields: Vec<(Value, Value)>,
}

impl Packet {
    /// Takes a packet apart; `None` for anything that a reader would drop without an answer.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let [
            first,
            _,
            length_1,
            length_0,
            group_1,
            group_0,
            sequence,
            command,
        ] = *header;
        let length = usize::from(u16::from_be_bytes([length_1, length_0]));
        let body = body.get(..length)?;
        let fields = match ciborium::de::from_reader_with_recursion_limit(body, 8) {
            Ok(Value::Map(fields)) => fields,
            Err(_) if body.is_empty() => Vec::new(),
            Ok(_) | Err(_) => return None,
        };
        Some(Self {
            operation: first & 0b111,
            version: (first >> 3) & 0b11,
            group: u16::from_be_bytes([group_1, group_0]),
            sequence,
            command,
            fields,
        })
    }

    /// Whether a reader of these versions drops it.
    pub(super) fn is_dropped(&self, versions: Versions) -> bool {
        versions == Versions::One && self.version != 0
    }

    /// Whether a reader of these versions refuses it.
    pub(super) fn is_too_old(&self, versions: Versions) -> bool {
        versions == Versions::Two && self.version == 0
    }

    /// Which request it is; `None` for one the reader does not know.
    pub(super) fn request(&self) -> Option<Request> {
        Some(match (self.group, self.command, self.operation) {
            (0, 0, 0 | 2) => Request::Echo,
            (0, 1, 0 | 2) => Request::ConsoleEcho,
            (0, 5, 2) => Request::Reset,
            (0, 6, 0) => Request::Parameters,
            (0, 8, 0) => Request::BootloaderInfo,
            (1, 0, 0) => Request::ReadState,
            (1, 0, 2) => Request::WriteState,
            (1, 1, 2) => Request::Upload,
            (1, 5, 2) => Request::Erase,
            (1, 6, 0) => Request::SlotInfo,
            _ => return None,
        })
    }

    /// A field of the request by its name.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        let found = self
            .fields
            .iter()
            .find(|(key, _)| key.as_text() == Some(name));
        found.map(|(_, value)| value)
    }

    /// A field that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let number = self.field(name)?.as_integer()?;
        u64::try_from(number).ok()
    }

    /// The packet that answers this one with these fields.
    pub(super) fn answer(&self, fields: Vec<(&str, Value)>) -> Vec<u8> {
        let map = fields.into_iter().map(|(name, value)| (name.into(), value));
        let mut body = Vec::new();
        if ciborium::into_writer(&Value::Map(map.collect()), &mut body).is_err() {
            body.clear();
        }
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes();
        let group = self.group.to_be_bytes();
        let mut packet = vec![self.operation | 1 | (self.version << 3), 0];
        packet.extend_from_slice(&length);
        packet.extend_from_slice(&group);
        packet.extend_from_slice(&[self.sequence, self.command]);
        packet.extend_from_slice(&body);
        packet
    }

    /// The packet that refuses this one: a bare code to a client of version 1, group and code to
    /// one of version 2.
    pub(super) fn refusal(&self, refusal: Refusal) -> Vec<u8> {
        match refusal.in_group {
            Some(code) if self.version > 0 => {
                let error = vec![
                    ("group".into(), Value::from(self.group)),
                    ("rc".into(), code.into()),
                ];
                self.answer(vec![("err", Value::Map(error))])
            }
            _ => self.answer(vec![("rc", refusal.code.into())]),
        }
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// `MGMT_ERR_*` of Zephyr's `mgmt_defines.h`.
    code: i32,
    /// The group's own code, sent to clients of version 2.
    in_group: Option<i32>,
}

impl Refusal {
    /// `MGMT_ERR_ENOTSUP`.
    pub(super) const NOT_SUPPORTED: Self = Self::plain(8);
    /// `MGMT_ERR_EINVAL`.
    pub(super) const INVALID: Self = Self::plain(3);
    /// `MGMT_ERR_EBADSTATE`, `IMG_MGMT_ERR_IMAGE_ALREADY_PENDING`.
    pub(super) const PENDING_ALREADY: Self = Self::of_image(6, 28);
    /// `MGMT_ERR_EBADSTATE`, `IMG_MGMT_ERR_IMAGE_SETTING_TEST_TO_ACTIVE_DENIED`.
    pub(super) const RUNS_ALREADY: Self = Self::of_image(6, 33);
    /// `MGMT_ERR_ENOENT`, `IMG_MGMT_ERR_HASH_NOT_FOUND`.
    pub(super) const NO_SUCH_HASH: Self = Self::of_image(5, 8);
    /// `MGMT_ERR_EINVAL`, `IMG_MGMT_ERR_INVALID_IMAGE_HEADER_MAGIC`.
    pub(super) const NOT_AN_IMAGE: Self = Self::of_image(3, 23);
    /// `MGMT_ERR_EINVAL`, `IMG_MGMT_ERR_INVALID_IMAGE_TOO_LARGE`.
    pub(super) const TOO_LARGE: Self = Self::of_image(3, 30);
    /// `MGMT_ERR_EBADSTATE`, `IMG_MGMT_ERR_NO_FREE_SLOT`.
    pub(super) const NO_FREE_SLOT: Self = Self::of_image(6, 9);

    /// `MGMT_ERR_EBUSY`.
    pub(super) const BUSY: Self = Self::plain(10);
    /// `MGMT_ERR_UNSUPPORTED_TOO_OLD`.
    pub(super) const TOO_OLD: Self = Self::plain(12);
    /// `MGMT_ERR_ENOENT`.
    pub(super) const NOT_FOUND: Self = Self::plain(5);

    pub(super) const fn plain(code: i32) -> Self {
        Self {
            code,
            in_group: None,
        }
    }

    pub(super) const fn of_image(code: i32, in_group: i32) -> Self {
        Self {
            code,
            in_group: Some(in_group),
        }
    }
}
