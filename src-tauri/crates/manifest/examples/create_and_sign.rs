//! Times manifests: `create_and_sign KEY.pem PAYLOAD COUNT` makes and signs that many of schema 3,
//! each from the files up, and prints the median as JSON.
//!
//! What a person waits for besides (a process that starts, a service that answers) is not in it.
#![expect(clippy::print_stdout, reason = "the figure is for whoever asked")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use firmdrop_core::Sha256;
use firmdrop_manifest::{
    Draft, Id, Nonces, Payload, PayloadFormat, SchemaDraft, SemanticVersion, SigningKey,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, payload, count] = &arguments[..] else {
        return Err("usage: create_and_sign KEY.pem PAYLOAD COUNT".into());
    };
    let mut seconds = Vec::new();
    for _ in 0..count.parse::<usize>()?.max(1) {
        let begun = Instant::now();
        black_box(manifest(Path::new(key), Path::new(payload))?);
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN);
    println!("{{\"median_seconds\": {median}}}");
    Ok(())
}

fn manifest(key: &Path, payload: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let key = SigningKey::from_pem(&fs::read_to_string(key)?)?;
    let bytes = fs::read(payload)?;
    let vendor_id = Id::vendor_of_domain("example.com")?;
    let draft = Draft {
        vendor_id,
        class_id: Id::class_of_model(vendor_id, "Widget")?,
        priority: Some(1),
        payload: Payload {
            format: PayloadFormat::Raw,
            digest: Sha256::of(&bytes),
            size_bytes: u64::try_from(bytes.len())?,
            uri: "http://127.0.0.1:8080/fw/abc".to_owned(),
            installed: None,
            precursor_digest: None,
        },
        vendor_data: Vec::new(),
        schema: SchemaDraft::V3 {
            component: "MAIN".to_owned(),
            version: SemanticVersion::read("1.2.3")?,
            image_signature: None,
        },
    };
    Ok(draft.prepare()?.sign(&key, Nonces::Deterministic)?)
}
