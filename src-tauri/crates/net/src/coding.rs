//! Content codings of a response (RFC 9110, section 8.4). Every request asks for `identity`; some
//! gateways compress all the same, so gzip and deflate are unpacked, within bounds.

use std::io::{Error, ErrorKind, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// What every request says about codings.
pub(crate) const ASKED: &str = "identity";

/// Bytes that are unpacked at a time. One byte becomes 1,032 at most (RFC 1951), so that the output
/// of a step has at most 4 MiB.
const STEP_BYTES: usize = 4096;

/// Longest name of a coding that is shown, characters.
const NAME_CHARACTERS: usize = 40;

/// Why a response cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodingError {
    /// A coding that nobody asked for and that is not known here.
    #[error("it is coded as {0:?}, which was not asked for")]
    NotKnown(String),
    /// The packed bytes contradict themselves or end early.
    #[error("its compressed bytes cannot be unpacked: {0}")]
    Broken(#[from] Error),
    /// It becomes larger than it may be.
    #[error("it is too large when it is unpacked")]
    TooLarge,
}

/// Unpacks the body of one response.
pub(crate) struct Decoding {
    state: State,
    /// Bytes of the coded body so far.
    taken_bytes: u64,
}

enum State {
    /// Nothing to unpack.
    Plain,
    /// Deflate, with or without the frame of zlib: its first two bytes say which.
    Undecided(Vec<u8>),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Raw(Box<DeflateDecoder<Vec<u8>>>),
}

impl Decoding {
    /// What these headers call for.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, CodingError> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text: Vec<String> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
            .collect();
        let text = text.join(",");
        let mut codings = text
            .split(',')
            .map(str::trim)
            .filter(|coding| !matches!(*coding, "" | "identity" | "none" | "binary" | "utf-8"));
        let state = match (codings.next(), codings.next()) {
            (None, _) => State::Plain,
            (Some("gzip" | "x-gzip"), None) => {
                State::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            }
            (Some("deflate"), None) => State::Undecided(Vec::new()),
            _ => {
                let name = text.chars().take(NAME_CHARACTERS).collect();
                return Err(CodingError::NotKnown(name));
            }
        };
        Ok(Self {
            state,
            taken_bytes: 0,
        })
    }

    /// A body that is stored as it came.
    pub(crate) fn none() -> Self {
        Self {
            state: State::Plain,
            taken_bytes: 0,
        }
    }

    /// Whether the length on the wire is that of the content.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.state, State::Plain)
    }

    /// The content of these bytes. `left_bytes` is how much may still come, of either kind.
    pub(crate) fn unpack(
        &mut self,
        packed: &[u8],
        left_bytes: u64,
    ) -> Result<Vec<u8>, CodingError> {
        self.taken_bytes = self.taken_bytes.saturating_add(packed.len() as u64);
        if self.is_plain() {
            return Ok(packed.to_vec());
        }
        let mut content = Vec::new();
        for step in packed.chunks(STEP_BYTES) {
            content.append(&mut self.step(step)?);
            if content.len() as u64 > left_bytes {
                return Err(CodingError::TooLarge);
            }
        }
        Ok(content)
    }

    fn step(&mut self, packed: &[u8]) -> Result<Vec<u8>, Error> {
        match &mut self.state {
            State::Plain => return Ok(packed.to_vec()),
            State::Undecided(begin) => {
                begin.extend_from_slice(packed);
                let [first, second, ..] = begin.as_slice() else {
                    return Ok(Vec::new());
                };
                // RFC 1950, section 2.2: method 8, and the two bytes are a multiple of 31.
                let is_zlib = first & 0x0f == 8
                    && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31);
                let begin = std::mem::take(begin);
                self.state = if is_zlib {
                    State::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
                } else {
                    State::Raw(Box::new(DeflateDecoder::new(Vec::new())))
                };
                return self.step(&begin);
            }
            State::Gzip(decoder) => decoder.write_all(packed)?,
            State::Zlib(decoder) => decoder.write_all(packed)?,
            State::Raw(decoder) => decoder.write_all(packed)?,
        }
        self.drained()
    }

    /// What was unpacked and not taken yet.
    fn drained(&mut self) -> Result<Vec<u8>, Error> {
        let unpacked = match &mut self.state {
            State::Plain | State::Undecided(_) => return Ok(Vec::new()),
            State::Gzip(decoder) => {
                decoder.flush()?;
                decoder.get_mut()
            }
            State::Zlib(decoder) => {
                decoder.flush()?;
                decoder.get_mut()
            }
            State::Raw(decoder) => {
                decoder.flush()?;
                decoder.get_mut()
            }
        };
        Ok(std::mem::take(unpacked))
    }

    /// What is left at the end of the body. Fails when the packed bytes end early; a body of no
    /// bytes has nothing to unpack.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>, CodingError> {
        if self.taken_bytes == 0 {
            return Ok(Vec::new());
        }
        match &mut self.state {
            State::Plain => {}
            State::Undecided(_) => return Err(Error::from(ErrorKind::UnexpectedEof).into()),
            State::Gzip(decoder) => decoder.try_finish()?,
            State::Zlib(decoder) => decoder.try_finish()?,
            State::Raw(decoder) => decoder.try_finish()?,
        }
        Ok(self.drained()?)
    }
}

#[cfg(test)]
mod tests {
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use reqwest::header::HeaderValue;

    use super::*;

    fn decoding(coding: &str) -> Result<Decoding, CodingError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        Decoding::of(&headers)
    }

    /// Unpacked in pieces of so many bytes.
    fn unpacked(coding: &str, packed: &[u8], piece: usize) -> Result<Vec<u8>, CodingError> {
        let mut decoding = decoding(coding)?;
        let mut content = Vec::new();
        for piece in packed.chunks(piece) {
            content.append(&mut decoding.unpack(piece, 1 << 20)?);
        }
        content.append(&mut decoding.finish()?);
        Ok(content)
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_a_gateway_compressed_unasked_is_unpacked_whatever_its_pieces() {
        let content = br#"{"object":"list","data":[]}"#.repeat(50);
        for piece in [1, 2, 7, 5000] {
            for coding in ["gzip", "x-gzip", "GZIP", "identity, gzip"] {
                assert_eq!(unpacked(coding, &gzip(&content), piece).unwrap(), content);
            }
            for packed in [zlib(&content), raw(&content)] {
                assert_eq!(unpacked("deflate", &packed, piece).unwrap(), content);
            }
            for coding in ["identity", "", "utf-8"] {
                assert_eq!(unpacked(coding, &content, piece).unwrap(), content);
            }
        }
    }

    #[test]
    fn a_coding_that_is_not_known_and_bytes_that_end_early_are_errors() {
        for coding in ["br", "zstd", "gzip, gzip", "aes128gcm"] {
            assert!(matches!(decoding(coding), Err(CodingError::NotKnown(_))));
        }
        let packed = gzip(&b"firmware".repeat(100));
        for length in 1..packed.len() {
            let cut = unpacked("gzip", &packed[..length], 64);
            assert!(cut.is_err(), "{length} of {} bytes", packed.len());
        }
        assert!(unpacked("gzip", b"{\"id\":\"1\"}", 64).is_err());
        assert!(unpacked("deflate", b"x", 64).is_err());
        assert_eq!(unpacked("gzip", b"", 64).unwrap(), b"");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let packed = gzip(&vec![0; 30 << 20]);
        assert!(packed.len() < 64 << 10);
        let mut decoding = decoding("gzip").unwrap();
        let ended = decoding.unpack(&packed, 1 << 20);
        assert!(matches!(ended, Err(CodingError::TooLarge)));
    }
}
