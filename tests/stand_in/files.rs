//! Files that are inspected and planned: a signed image, raw bytes, a damaged image, one that goes in
//! chunks, and an update with its manifest.

use std::fs::{File, create_dir_all, write};
use std::path::Path;

use firmdrop_core::Sha256;
use firmdrop_simulator::reader::demo_image;

/// Bytes of the image's code.
const CODE_BYTES: u32 = 380 * 1024;
/// Where the image's entries begin: behind the header of 32 bytes and the code.
const ENTRIES_AT: usize = 32 + CODE_BYTES as usize;
/// Longer than one request may be: it goes in chunks.
const LARGE_BYTES: u64 = 120 * 1024 * 1024;

/// Their paths; the text of the manifest.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) image: String,
    pub(crate) raw: String,
    pub(crate) damaged: String,
    pub(crate) large: String,
    pub(crate) script: String,
    pub(crate) manifest: String,
}

impl Files {
    /// Writes them into a folder that is made.
    pub(crate) fn write(folder: &Path) -> Self {
        create_dir_all(folder).unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        let put = |name: &str, bytes: &[u8]| {
            write(folder.join(name), bytes).unwrap();
            path(name)
        };
        let image = signed(demo_image((2, 4, 1), CODE_BYTES));
        let mut damaged = image.clone();
        damaged[ENTRIES_AT / 2] ^= 0xFF;
        let large = File::create(folder.join("gateway-6.9.0.img")).unwrap();
        large.set_len(LARGE_BYTES).unwrap();
        Self {
            image: put("gate-reader-2.4.1.signed.bin", &image),
            raw: put("gate-reader-2.4.1.raw", &[0xA5; 4096]),
            damaged: put("gate-reader-2.4.1.damaged.bin", &damaged),
            large: path("gateway-6.9.0.img"),
            script: put("install.sh", SCRIPT),
            manifest: manifest(),
        }
    }
}

/// The image with two entries more: the hash of a key, and a signature that nobody checks here.
fn signed(mut image: Vec<u8>) -> Vec<u8> {
    let mut entry = |kind: u16, bytes: &[u8]| {
        image.extend_from_slice(&kind.to_le_bytes());
        image.extend_from_slice(&u16::try_from(bytes.len()).unwrap().to_le_bytes());
        image.extend_from_slice(bytes);
    };
    entry(0x01, &[0x3A; 32]); // KEYHASH
    entry(0x22, &[0x30; 70]); // ECDSA_SIG
    let entries_bytes = u16::try_from(image.len() - ENTRIES_AT).unwrap();
    image[ENTRIES_AT + 2..ENTRIES_AT + 4].copy_from_slice(&entries_bytes.to_le_bytes());
    image
}

const SCRIPT: &[u8] = b"#!/bin/sh\nexit 0\n";

fn manifest() -> String {
    let manifest = serde_json::json!({
        "updateId": { "provider": "contoso", "name": "door", "version": "3.2.0" },
        "compatibility": [{ "manufacturer": "contoso", "model": "door" }],
        "instructions": { "steps": [{
            "handler": "microsoft/script:1",
            "files": ["install.sh"],
            "handlerProperties": { "scriptFileName": "install.sh" },
        }] },
        "files": [{
            "filename": "install.sh",
            "sizeInBytes": SCRIPT.len(),
            "hashes": { "sha256": Sha256::of(SCRIPT).to_base64() },
        }],
        "createdDateTime": "2026-03-01T12:00:00Z",
        "manifestVersion": "5.0",
    });
    serde_json::to_string_pretty(&manifest).unwrap()
}
