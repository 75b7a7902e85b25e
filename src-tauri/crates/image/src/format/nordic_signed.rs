//! Signatures of the init packets in a Nordic DFU package: ECDSA on P-256 over the init command.
//!
//! `nrf_dfu_validation.c` of Nordic's nRF5 SDK 17 and `nrfutil`: the hash is of the command's own bytes, the two
//! numbers stand with the lowest byte first.

use sha2::{Digest as _, Sha256};

use super::nordic_init_packet::signature_of;
use super::{nordic_package, package};
use crate::limits::ARCHIVE_SMALL_ENTRY_BYTES;
use crate::signed::{KeyMark, Over, Signed, ecdsa_of_reversed};
use crate::{ImageError, Source};

/// The signatures of a package, with the name of the part each is for; one that cannot be read has none.
pub(crate) fn of(source: &dyn Source) -> Result<Vec<(&'static str, Option<Signed>)>, ImageError> {
    let Some(mut package) = package::open(source)? else {
        return Ok(Vec::new());
    };
    let Ok(manifest) = &package.manifest else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (key, title) in nordic_package::PARTS {
        let part = manifest.get("manifest").and_then(|parts| parts.get(key));
        let Some(name) = part.and_then(|part| part.get("dat_file")?.as_str().map(str::to_owned))
        else {
            continue;
        };
        let Ok(packet) = package.archive.read(&name, ARCHIVE_SMALL_ENTRY_BYTES)? else {
            continue;
        };
        found.push((title, signed(&packet)));
    }
    Ok(found)
}

fn signed(packet: &[u8]) -> Option<Signed> {
    let (command, signature) = signature_of(packet)?;
    Some(Signed {
        algorithm: "ECDSA P-256".to_owned(),
        signature: ecdsa_of_reversed(signature)?,
        over: Over::Hash(Sha256::digest(command).to_vec(), "over the init command"),
        key: KeyMark::default(),
    })
}
