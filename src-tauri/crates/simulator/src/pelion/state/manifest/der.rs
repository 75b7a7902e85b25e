//! A small reader of DER: definite lengths, every element inside its parent, nothing copied.
//!
//! It knows only what manifests use. An element that is absent is not the same as a broken one.

/// The bytes are no such element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Tags of the elements manifests consist of: X.690, 8.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const TEXT: u8 = 0x0c;
pub(crate) const SEQUENCE: u8 = 0x30;

/// Elements that follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Tag of the next element; nothing at the end.
    pub(crate) fn next_tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Content of the next element, which must have this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Result<&'a [u8], Broken> {
        let [found, length, rest @ ..] = self.0 else {
            return Err(Broken);
        };
        if *found != tag {
            return Err(Broken);
        }
        let (length, rest) = match *length {
            short @ 0..=0x7f => (usize::from(short), rest),
            // Two bytes reach 64 KiB; a manifest has 2 KiB.
            long @ 0x81..=0x82 => {
                let (digits, rest) = rest.split_at_checked(usize::from(long & 3)).ok_or(Broken)?;
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
                (length, rest)
            }
            _ => return Err(Broken),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(Broken)?;
        self.0 = rest;
        Ok(content)
    }

    /// Content of the next element if it has this tag.
    pub(crate) fn take_if(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Broken> {
        if self.next_tag() == Some(tag) {
            self.take(tag).map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn sequence(&mut self) -> Result<Self, Broken> {
        self.take(SEQUENCE).map(Elements)
    }

    /// A number that is not negative.
    pub(crate) fn number(&mut self, tag: u8) -> Result<u64, Broken> {
        number(self.take(tag)?)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Broken> {
        std::str::from_utf8(self.take(TEXT)?).map_err(|_| Broken)
    }
}

/// Reads the content of a number that is not negative.
pub(crate) fn number(content: &[u8]) -> Result<u64, Broken> {
    let digits = match content {
        [] | [0x80..=0xff, ..] => return Err(Broken),
        [0, digits @ ..] | digits => digits,
    };
    if digits.len() > 8 {
        return Err(Broken);
    }
    Ok(digits
        .iter()
        .fold(0, |sum, digit| sum << 8 | u64::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_the_bytes_and_indefinite_lengths_are_broken() {
        for bytes in [
            &[0x04, 0x05, 1, 2][..],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x84, 0, 0, 0, 1, 9],
            &[0x04, 0x82, 1],
            &[0x04],
            &[],
        ] {
            assert_eq!(Elements::new(bytes).take(OCTETS), Err(Broken), "{bytes:?}");
        }
    }

    #[test]
    fn numbers_are_read_up_to_eight_bytes_and_never_below_zero() {
        assert_eq!(number(&[0, 0xff]), Ok(255));
        assert_eq!(number(&[0x01, 0x86, 0xa0]), Ok(100_000));
        assert_eq!(number(&[0xff]), Err(Broken));
        assert_eq!(number(&[1; 9]), Err(Broken));
        assert_eq!(number(&[]), Err(Broken));
    }
}
