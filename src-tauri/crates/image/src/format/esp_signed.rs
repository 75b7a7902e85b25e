//! Signatures of secure boot, version 2, behind images of Espressif's chips: up to three blocks in a sector of
//! their own, each with its key, its CRC and the hash of the image.
//!
//! Layout of ESP-IDF's *Secure Boot v2* and of `espsecure`. Numbers stand with the lowest byte first.

use crc::{CRC_32_ISO_HDLC, Crc};
use sha2::{Digest as _, Sha256};

use crate::bytes::{Fields, read, stream};
use crate::signed::{KeyMark, Over, Signed, each_reversed, ecdsa_of_reversed, p256_key, rsa_key};
use crate::{ImageError, Source};

/// A signature stands in a sector of its own.
pub(super) const SECTOR_BYTES: u64 = 4096;
const MAGIC: u8 = 0xE7;
const BLOCK_BYTES: usize = 1216;
const BLOCKS: usize = 3;
const CRC_AT: usize = 1196;
const RSA: u8 = 2;
const ECDSA: u8 = 3;
const MODULUS_BYTES: usize = 384;
/// Curves of ECDSA blocks.
const P192: u8 = 1;
const P256: u8 = 2;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The blocks in the sector behind an image.
pub(crate) struct Blocks {
    /// What was found: one to three.
    pub(super) algorithms: Vec<&'static str>,
    /// Why the blocks contradict the image or themselves, one sentence.
    pub(super) flaw: Option<String>,
    /// Those whose kind is known here.
    pub(crate) signed: Vec<Signed>,
}

/// Reads the blocks behind an image that ends at `end`; none where there is none.
pub(crate) fn read_blocks(source: &dyn Source, end: u64) -> Result<Option<Blocks>, ImageError> {
    let sector = end.next_multiple_of(SECTOR_BYTES);
    let bytes = read(source, sector, BLOCK_BYTES * BLOCKS)?;
    let blocks: Vec<&[u8]> = bytes
        .chunks(BLOCK_BYTES)
        .take_while(|block| matches!(block, [MAGIC, RSA | ECDSA, ..]))
        .collect();
    if blocks.is_empty() {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    stream(source, 0, sector, &mut |piece| hasher.update(piece))?;
    let hash = hasher.finalize();
    let mut found = Blocks {
        algorithms: Vec::new(),
        flaw: None,
        signed: Vec::new(),
    };
    for (number, block) in blocks.iter().enumerate() {
        if let Err(why) = compare(block, &hash) {
            found.flaw.get_or_insert(format!("block {number} {why}"));
        }
        let (algorithm, signed) = signature(block, &hash);
        found.algorithms.push(algorithm);
        found.signed.extend(signed);
    }
    Ok(Some(found))
}

/// Whether the block has the CRC it says, and the hash of the image.
fn compare(block: &[u8], hash: &[u8]) -> Result<(), String> {
    let (Some(covered), Some(said)) = (
        block.get(..CRC_AT),
        block.get(CRC_AT..).and_then(|rest| Fields(rest).u32()),
    ) else {
        return Err("is cut off".to_owned());
    };
    let found = CRC.checksum(covered);
    if found != said {
        return Err(format!(
            "says CRC-32 {said:08X}, its bytes give {found:08X}"
        ));
    }
    if block.get(4..36) != Some(hash) {
        return Err(
            "has the hash of another image: the image was changed after it was signed".to_owned(),
        );
    }
    Ok(())
}

fn signature(block: &[u8], hash: &[u8]) -> (&'static str, Option<Signed>) {
    let mut fields = Fields(block.get(36..).unwrap_or_default());
    let over = Over::Hash(hash.to_vec(), "over the image, padded to a sector");
    if block.get(1) == Some(&RSA) {
        let signed = (|| {
            let modulus = reversed(fields.bytes(MODULUS_BYTES)?);
            let exponent = reversed(fields.bytes(4)?);
            // What a chip computes with: R and M'.
            fields.bytes(MODULUS_BYTES + 4)?;
            Some(Signed {
                algorithm: "RSA-3072".to_owned(),
                signature: reversed(fields.bytes(MODULUS_BYTES)?),
                over,
                key: KeyMark {
                    hash: None,
                    key: Some(rsa_key(&modulus, &exponent)?),
                },
            })
        })();
        return ("RSA-3072 (PSS)", signed);
    }
    let curve = fields.u8();
    if curve != Some(P256) {
        let name = if curve == Some(P192) {
            "ECDSA P-192"
        } else {
            "ECDSA"
        };
        return (name, None);
    }
    let signed = (|| {
        let point = each_reversed(fields.bytes(64)?);
        Some(Signed {
            algorithm: "ECDSA P-256".to_owned(),
            signature: ecdsa_of_reversed(fields.bytes(64)?)?,
            over,
            key: KeyMark {
                hash: None,
                key: Some(p256_key(&point)),
            },
        })
    })();
    ("ECDSA P-256", signed)
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}
