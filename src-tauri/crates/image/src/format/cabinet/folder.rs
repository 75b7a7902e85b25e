//! The blocks of one folder of a cabinet, unpacked one by one and compared with their checksums.
//!
//! Blocks as in *MS-CAB*, section 2.4; MSZIP as in *MS-MCI*. LZX and Quantum are not unpacked here.

use firmdrop_core::grouped;
use flate2::{Decompress, FlushDecompress, Status};

use super::directory::Folder;
use crate::bytes::{Fields, read};
use crate::{ImageError, Source};

/// The largest block, unpacked (*MS-CAB*, 2.4). MSZIP looks back as far.
const BLOCK_BYTES: usize = 32 * 1024;
const BLOCK_HEADER_BYTES: usize = 8;
/// Lower half of the method's number: which one; the rest are its parameters.
const METHOD: u16 = 0x000F;
const STORED: u16 = 0;
const MSZIP: u16 = 1;

/// How unpacking ended.
pub(super) enum Outcome {
    /// Every block was unpacked; whether each has a checksum.
    Whole { summed: bool },
    /// Whoever takes the bytes wants no more.
    Stopped,
    /// It cannot be unpacked here, and why.
    NotMade(String),
    /// It cannot be unpacked by anybody, and why.
    Damaged(String),
}

/// Hands the unpacked bytes to `take`, block by block, until it says false. `packed` is how many bytes of
/// blocks there may still be.
pub(super) fn unpack(
    source: &dyn Source,
    folder: &Folder,
    packed: &mut u64,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Outcome, ImageError> {
    match folder.method & METHOD {
        STORED | MSZIP => {}
        2 => return Ok(Outcome::NotMade("packed with Quantum".to_owned())),
        3 => return Ok(Outcome::NotMade("packed with LZX".to_owned())),
        other => {
            return Ok(Outcome::NotMade(format!(
                "packed with method {other}, which is not known here"
            )));
        }
    }
    let mut zip = (folder.method & METHOD == MSZIP).then(MsZip::new);
    let mut at = folder.offset;
    let mut summed = true;
    for number in 0..folder.blocks {
        let block = match Block::read(source, at, folder.reserve_bytes)? {
            Ok(block) => block,
            Err(why) => {
                return Ok(Outcome::Damaged(format!(
                    "block {number} at byte {at} {why}",
                    at = grouped(at)
                )));
            }
        };
        if let Err(why) = block.compare() {
            return Ok(Outcome::Damaged(format!(
                "block {number} at byte {at} {why}",
                at = grouped(at)
            )));
        }
        let Some(left) = packed.checked_sub(block.end - at) else {
            let why = format!(
                "block {number} at byte {at} lies in another folder too",
                at = grouped(at)
            );
            return Ok(Outcome::Damaged(why));
        };
        *packed = left;
        summed &= block.sum != 0;
        if block.unpacked_bytes == 0 {
            let why = "its last block continues in another cabinet";
            return Ok(Outcome::NotMade(why.to_owned()));
        }
        let unpacked = match &mut zip {
            None => (block.data.len() == block.unpacked_bytes)
                .then_some(block.data.as_slice())
                .ok_or_else(|| "has another size than it says".to_owned()),
            Some(zip) => zip.unpack(&block.data, block.unpacked_bytes),
        };
        match unpacked {
            Ok(bytes) if take(bytes) => {}
            Ok(_) => return Ok(Outcome::Stopped),
            Err(why) => {
                return Ok(Outcome::Damaged(format!(
                    "block {number} at byte {at} {why}",
                    at = grouped(at)
                )));
            }
        }
        at = block.end;
    }
    Ok(Outcome::Whole { summed })
}

struct Block {
    /// The checksum it says; zero where none was made.
    sum: u32,
    unpacked_bytes: usize,
    /// The two sizes, and what belongs to nobody.
    sizes: Vec<u8>,
    reserve: Vec<u8>,
    data: Vec<u8>,
    /// Where the next block begins.
    end: u64,
}

impl Block {
    fn read(
        source: &dyn Source,
        at: u64,
        reserve_bytes: u8,
    ) -> Result<Result<Self, String>, ImageError> {
        let head_bytes = BLOCK_HEADER_BYTES + usize::from(reserve_bytes);
        let head = read(source, at, head_bytes)?;
        let mut fields = Fields(&head);
        let Some((sum, sizes)) = fields.u32().zip(fields.bytes(4)) else {
            return Ok(Err("is cut off".to_owned()));
        };
        let mut both = Fields(sizes);
        let packed = usize::from(both.u16().unwrap_or_default());
        let unpacked_bytes = usize::from(both.u16().unwrap_or_default());
        let data = read(source, at + head_bytes as u64, packed)?;
        if data.len() < packed {
            return Ok(Err("is cut off".to_owned()));
        }
        if unpacked_bytes > BLOCK_BYTES {
            return Ok(Err(format!(
                "says {unpacked_bytes} bytes unpacked, more than a block has",
                unpacked_bytes = grouped(unpacked_bytes)
            )));
        }
        Ok(Ok(Self {
            sum,
            unpacked_bytes,
            sizes: sizes.to_vec(),
            reserve: fields.0.to_vec(),
            end: at + (head_bytes + packed) as u64,
            data,
        }))
    }

    /// Whether it has the checksum it says. Programs disagree whether it covers what belongs to nobody.
    fn compare(&self) -> Result<(), String> {
        let found = checksum(&self.sizes, checksum(&self.data, 0));
        let with_reserve = [self.reserve.as_slice(), &self.data].concat();
        let also = checksum(&self.sizes, checksum(&with_reserve, 0));
        if self.sum == 0 || [found, also].contains(&self.sum) {
            return Ok(());
        }
        Err(format!(
            "says checksum {:08X}, its bytes give {found:08X}",
            self.sum
        ))
    }
}

/// Exclusive or of words of four bytes, the lowest first, and of the rest, the highest first
/// (*MS-CAB*, 3.1).
fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words
        .iter()
        .fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest
        .iter()
        .fold(0, |word, byte| (word << 8) | u32::from(*byte))
}

/// Blocks that are DEFLATE streams of their own, each with what the one before held as its dictionary.
struct MsZip {
    unpacked: Vec<u8>,
}

impl MsZip {
    fn new() -> Self {
        Self {
            unpacked: Vec::new(),
        }
    }

    /// Unpacks one block to exactly `length` bytes.
    fn unpack(&mut self, data: &[u8], length: usize) -> Result<&[u8], String> {
        let Some(data) = data.strip_prefix(b"CK") else {
            return Err("does not begin with CK".to_owned());
        };
        let mut inflate = Decompress::new(false);
        let surplus = self.unpacked.len().saturating_sub(BLOCK_BYTES);
        self.unpacked.drain(..surplus);
        let dictionary = self.unpacked.len();
        if dictionary > 0 {
            let taken = inflate.set_dictionary(&self.unpacked);
            taken.map_err(|error| format!("cannot be unpacked: {error}"))?;
        }
        self.unpacked.resize(dictionary + length, 0);
        let room = self.unpacked.get_mut(dictionary..).unwrap_or_default();
        let before = inflate.total_out();
        let status = inflate.decompress(data, room, FlushDecompress::Finish);
        let given = usize::try_from(inflate.total_out() - before).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) if given == length => {
                Ok(self.unpacked.get(dictionary..).unwrap_or_default())
            }
            Ok(Status::StreamEnd) => Err(format!(
                "says {length} bytes unpacked, it holds {given}",
                length = grouped(length),
                given = grouped(given)
            )),
            Ok(_) => Err(format!(
                "does not end with its {length} bytes",
                length = grouped(length)
            )),
            Err(error) => Err(format!("cannot be unpacked: {error}")),
        }
    }
}
