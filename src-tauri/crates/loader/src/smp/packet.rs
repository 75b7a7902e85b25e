//! One SMP packet: eight bytes of header and a CBOR map.
//!
//! Zephyr, "SMP Protocol Specification". What carries packets is not known here.

use ciborium::Value;

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 8;
/// Deepest nesting an answer may have. The deepest that is specified has four levels: map, list of
/// images, list of slots, map.
const DEEPEST: usize = 12;
/// A version of the protocol, as a request says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Codes of errors alone. `MCUboot`'s serial recovery before 2.0 drops everything else.
    One,
    /// Errors with their group. Zephyr since 3.5 may be built to refuse everything else
    /// (`CONFIG_MCUMGR_SMP_SUPPORT_ORIGINAL_PROTOCOL`).
    Two,
}

impl Version {
    /// The version field, in its place in the first byte.
    const fn bits(self) -> u8 {
        match self {
            Self::One => 0,
            Self::Two => 1 << 3,
        }
    }

    /// The one that is not this.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two => Self::One,
        }
    }
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Start anew.
    Reset,
    /// The console's echo; a question that only recovery accepts.
    ConsoleEcho,
    /// Size and number of its buffers.
    Parameters,
    /// What its bootloader does with a new image.
    BootloaderInfo,
    /// Which images it holds.
    ReadState,
    /// Mark an image.
    WriteState,
    /// Take a piece of an image.
    Upload,
    /// By which numbers images are uploaded into slots.
    SlotInfo,
}

impl Command {
    /// Operation (0 read, 2 write), group and command of the specification.
    const fn numbers(self) -> (u8, u16, u8) {
        match self {
            Self::ConsoleEcho => (0, 0, 1),
            Self::Reset => (2, 0, 5),
            Self::Parameters => (0, 0, 6),
            Self::BootloaderInfo => (0, 0, 8),
            Self::ReadState => (0, 1, 0),
            Self::WriteState => (2, 1, 0),
            Self::Upload => (2, 1, 1),
            Self::SlotInfo => (0, 1, 6),
        }
    }

    /// Whether readers may not know it.
    pub(super) const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::ConsoleEcho | Self::Parameters | Self::BootloaderInfo | Self::SlotInfo
        )
    }
}

/// The fields of a packet.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(Vec<(Value, Value)>);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    pub(super) fn bytes(self, name: &str, value: &[u8]) -> Self {
        self.with(name, Value::Bytes(value.to_vec()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(key, _)| key.as_text() == Some(name));
        found.map(|(_, value)| untagged(value))
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.signed(name)?.try_into().ok()
    }

    /// A whole number that may be negative, in any of its spellings: `5`, `5.0`.
    pub(super) fn signed(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Integer(number) => (*number).try_into().ok(),
            Value::Float(number) => whole(*number),
            _ => None,
        }
    }

    /// A flag in any of its spellings: a number, as C has it, or a word.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::Text(word) => word.parse().ok(),
            _ => match self.signed(name)? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    pub(super) fn map(&self, name: &str) -> Option<Self> {
        self.get(name)?.as_map().cloned().map(Self)
    }

    /// A list of maps; what is no map is left out.
    pub(super) fn maps(&self, name: &str) -> Option<Vec<Self>> {
        let list = self.get(name)?.as_array()?;
        let maps = list
            .iter()
            .filter_map(|item| untagged(item).as_map().cloned());
        Some(maps.map(Self).collect())
    }
}

/// A value without the tags that say what it is (RFC 8949, section 3.4).
fn untagged(mut value: &Value) -> &Value {
    while let Value::Tag(_, inner) = value {
        value = inner;
    }
    value
}

/// Whether a map, or one inside of it, has two values for one name (RFC 8949, section 5.6): which of them is meant is not
/// known.
fn is_contradictory(value: &Value) -> bool {
    match value {
        Value::Map(fields) => {
            let named = fields
                .iter()
                .filter_map(|(key, value)| Some((key.as_text()?, value)));
            let mut named: Vec<_> = named.collect();
            named.sort_by_key(|(name, _)| *name);
            let mut pairs = named.array_windows();
            pairs.any(|[(name, value), (next, other)]| name == next && value != other)
                || fields.iter().any(|(_, value)| is_contradictory(value))
        }
        Value::Array(items) => items.iter().any(is_contradictory),
        Value::Tag(_, inner) => is_contradictory(inner),
        _ => false,
    }
}

/// A decimal number that is whole and that a decimal number holds without a loss.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && (-EXACT..EXACT).contains(&number);
    is_whole
        .then(|| format!("{number:.0}").parse().ok())
        .flatten()
}

/// The packet that asks this.
pub(super) fn request(
    command: Command,
    version: Version,
    sequence: u8,
    fields: &Fields,
) -> Vec<u8> {
    let (operation, group, number) = command.numbers();
    let mut packet = vec![0; HEADER_BYTES];
    // Writing to memory fails for no value that can be built here.
    let _ = ciborium::into_writer(&Value::Map(fields.0.clone()), &mut packet);
    let length = u16::try_from(packet.len() - HEADER_BYTES).unwrap_or(u16::MAX);
    let [length_1, length_0] = length.to_be_bytes();
    let [group_1, group_0] = group.to_be_bytes();
    let header = [
        operation | version.bits(),
        0,
        length_1,
        length_0,
        group_1,
        group_0,
        sequence,
        number,
    ];
    if let Some(place) = packet.first_chunk_mut() {
        *place = header;
    }
    packet
}

/// An answer to something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    operation: u8,
    group: u16,
    number: u8,
    /// The sequence of the request it answers.
    pub(super) sequence: u8,
    /// What it says.
    pub(super) fields: Fields,
}

impl Answer {
    /// Takes a packet apart; `None` when it is none.
    pub(super) fn parse(packet: &[u8]) -> Option<Self> {
        let (header, body) = packet.split_first_chunk::<HEADER_BYTES>()?;
        let mut answer = Self::of_header(*header);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        // A length may count padding that was left out: a map that is whole is read all the same.
        let body = body.get(..length).unwrap_or(body);
        let mut read = ciborium::de::from_reader_with_recursion_limit(body, DEEPEST);
        while let Ok(Value::Tag(_, inner)) = read {
            read = Ok(*inner);
        }
        answer.fields = match read {
            Ok(ref map @ Value::Map(_)) if is_contradictory(map) => return None,
            Ok(Value::Map(fields)) => Fields(fields),
            Err(_) if length == 0 => Fields::default(),
            Ok(_) | Err(_) => return None,
        };
        Some(answer)
    }

    /// What its header says.
    fn of_header(header: [u8; HEADER_BYTES]) -> Self {
        let [first, _, _, _, group_1, group_0, sequence, number] = header;
        Self {
            operation: first & 0b111,
            group: u16::from_be_bytes([group_1, group_0]),
            number,
            sequence,
            fields: Fields::default(),
        }
    }

    /// Whether a packet that cannot be taken apart says that it answers a request of this kind with one of
    /// these numbers: its reader is not silent.
    pub(super) fn is_garbled(
        packet: &[u8],
        command: Command,
        mut sequences: impl Iterator<Item = u8>,
    ) -> bool {
        packet.first_chunk().is_some_and(|header| {
            let answer = Self::of_header(*header);
            answer.is_to(command) && sequences.any(|asked| asked == answer.sequence)
        })
    }

    /// Whether it is no answer: a request, as an echo returns it.
    pub(super) fn is_request(&self) -> bool {
        self.operation & 1 == 0
    }

    /// Whether it answers a request of this kind.
    pub(super) fn is_to(&self, command: Command) -> bool {
        let (operation, group, number) = command.numbers();
        (self.operation, self.group, self.number) == (operation | 1, group, number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_has_the_bytes_of_the_specification() {
        assert_eq!(
            request(Command::Parameters, Version::Two, 66, &Fields::default()),
            [0x08, 0, 0, 1, 0, 0, 66, 6, 0xa0]
        );
        assert_eq!(
            request(Command::Parameters, Version::One, 66, &Fields::default()),
            [0, 0, 0, 1, 0, 0, 66, 6, 0xa0]
        );
        let write = Fields::default()
            .bytes("hash", &[1, 2])
            .with("confirm", true);
        assert_eq!(
            request(Command::WriteState, Version::Two, 1, &write),
            *b"\x0a\x00\x00\x12\x00\x01\x01\x00\xa2\x64hash\x42\x01\x02\x67confirm\xf5"
        );
    }

    #[test]
    fn an_answer_knows_what_it_answers() {
        let answer = Answer::parse(b"\x0b\x00\x00\x07\x00\x01\x09\x01\xa1\x63off\x19\x01")
            .unwrap_or(Answer {
                operation: 0,
                group: 0,
                number: 0,
                sequence: 0,
                fields: Fields::default(),
            });
        assert_eq!(answer.sequence, 0, "a map that ends too early is no answer");
        let answer =
            Answer::parse(b"\x0b\x00\x00\x08\x00\x01\x09\x01\xa1\x63off\x19\x01\x00").unwrap();
        assert!(answer.is_to(Command::Upload) && !answer.is_to(Command::WriteState));
        assert_eq!(answer.fields.number("off"), Some(256));
    }

    #[test]
    fn a_length_that_counts_padding_which_was_left_out_is_no_reason_to_drop_an_answer() {
        let answer = |length: u8| {
            let mut bytes = b"\x0b\x00\x00\x08\x00\x01\x09\x01\xa1\x63off\x19\x01\x00".to_vec();
            bytes[3] = length;
            Answer::parse(&bytes)
        };
        assert_eq!(answer(11).unwrap().fields.number("off"), Some(256));
        assert_eq!(answer(7), None, "the map ends too early");
        assert_eq!(Answer::parse(b"\x0b\x00\x00\x08\x00\x01\x09\x01"), None);
    }

    #[test]
    fn values_are_read_in_each_of_their_spellings() {
        let fields = Fields::default()
            .with("whole", 512.0)
            .with("half", 0.5)
            .with("tagged", Value::Tag(4000, Box::new(7.into())))
            .with("set", 1)
            .with("unset", "false")
            .with("many", 2);
        assert_eq!(fields.number("whole"), Some(512));
        assert_eq!(fields.number("half"), None);
        assert_eq!(fields.number("tagged"), Some(7));
        assert_eq!(fields.flag("set"), Some(true));
        assert_eq!(fields.flag("unset"), Some(false));
        assert_eq!(fields.flag("many"), None);
        // RFC 8949, section 3.4.6: a tag that says that what follows is CBOR.
        let said = b"\x0b\x00\x00\x09\x00\x01\x09\x01\xd9\xd9\xf7\xa1\x63off\x01";
        assert_eq!(Answer::parse(said).unwrap().fields.number("off"), Some(1));
    }

    fn said(body: &[u8]) -> Option<Fields> {
        let mut packet = vec![0x0b, 0, 0, u8::try_from(body.len()).unwrap(), 0, 1, 9, 1];
        packet.extend_from_slice(body);
        Answer::parse(&packet).map(|answer| answer.fields)
    }

    // RFC 8949, sections 3.2.2 and 3.2.3; zcbor writes maps and lists this way unless it is built for canonical ones.
    #[test]
    fn maps_lists_and_texts_of_indefinite_length_are_read() {
        let fields = said(b"\xbf\x63off\x19\x01\x00\x7f\x62rc\xff\x00\xff").unwrap();
        assert_eq!(
            (fields.number("off"), fields.signed("rc")),
            (Some(256), Some(0))
        );
        let list = b"\xbf\x66images\x9f\xbf\x64hash\x5f\x42\x01\x02\x41\x03\xff\xff\xff\xff";
        let images = said(list).unwrap().maps("images").unwrap();
        let hash = images[0].get("hash").unwrap().as_bytes().unwrap();
        assert_eq!(hash, &[1, 2, 3]);
        assert_eq!(said(b"\xbf\x63off\x19\x01\x00"), None, "it has no end");
    }

    #[test]
    fn an_answer_that_says_two_things_under_one_name_is_not_believed() {
        // {"rc": 0, "off": 1, "rc": 5}, and the same in a list.
        assert_eq!(said(b"\xa3\x62rc\x00\x63off\x01\x62rc\x05"), None);
        assert_eq!(said(b"\xa1\x63all\x81\xa2\x62rc\x00\x62rc\x05"), None);
        let same = said(b"\xa3\x62rc\x00\x63off\x01\x62rc\x00").unwrap();
        assert_eq!(same.number("off"), Some(1), "twice the same is one thing");
    }

    #[test]
    fn an_offset_below_zero_and_one_that_is_a_text_are_no_numbers_of_bytes() {
        for body in [
            &b"\xa1\x63off\x20"[..],
            b"\xa1\x63off\x61\x35",
            b"\xa1\x63off\xf6",
        ] {
            assert_eq!(said(body).unwrap().number("off"), None, "{body:?}");
        }
    }

    #[test]
    fn the_echo_of_a_request_is_no_answer_to_it() {
        // A shell prints what it gets.
        let echo = request(Command::Upload, Version::Two, 1, &Fields::default());
        assert!(!Answer::parse(&echo).unwrap().is_to(Command::Upload));
    }

    #[test]
    fn a_length_field_that_lies_allocates_nothing_and_nesting_has_an_end() {
        let huge = b"\x0b\x00\x00\x0a\x00\x01\x09\x01\x5b\x7f\xff\xff\xff\xff\xff\xff\xff\x00";
        assert_eq!(Answer::parse(huge), None);
        let mut deep = vec![0x0b, 0, 0x10, 0, 0, 1, 9, 1];
        deep.resize(8 + 0x1000, 0x81);
        assert_eq!(Answer::parse(&deep), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Answer::parse(&bytes);
        }
    }
}
