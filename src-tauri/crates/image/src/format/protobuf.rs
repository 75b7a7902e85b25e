//! Just enough of Protocol Buffers to read an init packet: fields of one message, one after another.
//!
//! No nesting is followed here, so no input can make it recurse. Wire types are those of the
//! *Protocol Buffers encoding* document.

/// One field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// Wire type 0.
    Number(u64),
    /// Wire type 2: bytes, text, packed numbers or another message.
    Bytes(&'a [u8]),
    /// Wire types 1 and 5, which init packets do not use.
    Fixed,
}

/// The fields of a message with their numbers. Ends with an error at the first byte that is none.
pub(crate) struct Message<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Message<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| "it is no valid Protocol Buffers message".to_owned()))
    }
}

impl<'a> Message<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = number(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(number(&mut self.0)?),
            1 => self.skip(8)?,
            2 => {
                let length = usize::try_from(number(&mut self.0)?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => self.skip(4)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn skip(&mut self, count: usize) -> Option<Value<'a>> {
        self.0 = self.0.get(count..)?;
        Some(Value::Fixed)
    }
}

/// A number in base 128, at most ten bytes.
pub(crate) fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_bytes_and_strange_fields_are_read() {
        let bytes = [
            0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1D, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8,
        ];
        let fields: Vec<_> = Message(&bytes).map(Result::unwrap).collect();
        let expected = [
            (1, Value::Number(150)),
            (2, Value::Bytes(b"hi")),
            (3, Value::Fixed),
            (4, Value::Fixed),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_length_beyond_the_end_a_group_and_an_endless_number_are_refused() {
        for bytes in [
            &[0x12, 5, 1][..],
            &[0x0B],
            &[0x80; 11],
            &[
                0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
            ],
        ] {
            assert!(Message(bytes).next().unwrap().is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_run_on(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Message(&bytes).count() <= bytes.len());
        }
    }
}
