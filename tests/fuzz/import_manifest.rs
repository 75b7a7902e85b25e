//! Import manifests: read, checked, written again and mended, whatever stands in them.

use firmdrop_cloud::azure::import_manifest::{
    CheckContext, FileFacts, FilesGiven, ImportManifest, check_batch, line_of, mend,
};
use firmdrop_core::Sha256;
use firmdrop_test_support::import_manifests;

use crate::harness::fuzz;

/// Longest report of one manifest, bytes.
const LONGEST_REPORT: usize = 2 << 20;

#[test]
fn no_import_manifest_panics_hangs_or_grows() {
    let mut seeds: Vec<Vec<u8>> = import_manifests::GOOD
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    seeds.extend(import_manifests::broken().into_iter().map(|one| one.bytes));
    let files: Vec<FileFacts> = import_manifests::FULL_FILES
        .iter()
        .map(|(name, bytes)| FileFacts {
            name: (*name).to_owned(),
            size_bytes: bytes.len() as u64,
            sha256: Sha256::of(bytes),
        })
        .collect();
    fuzz("import_manifest", seeds, |bytes| one(bytes, &files));
}

fn one(bytes: &[u8], files: &[FileFacts]) {
    let Ok(manifest) = ImportManifest::read(bytes) else {
        assert!(mend(bytes, files).is_err());
        return;
    };
    let files_given = FilesGiven {
        files,
        is_exact: true,
    };
    let found = manifest.check(&CheckContext {
        files: Some(files_given),
        ..CheckContext::default()
    });
    let report = format!("{found:?}{:?}", check_batch(&[&manifest, &manifest], None));
    assert!(report.len() < LONGEST_REPORT, "{}", report.len());
    if let Some(first) = found.first() {
        assert!(line_of(bytes, &first.pointer).is_some());
    }
    // What is written can be read, and says the same.
    let written = manifest.write().bytes;
    if written.len() <= firmdrop_cloud::azure::import_manifest::MOST_BYTES {
        let again = ImportManifest::read(&written).unwrap();
        assert_eq!(again.write().bytes, written);
    }
    // What was mended stays so.
    let mended = mend(bytes, files).unwrap().bytes;
    let again = mend(&mended, files).unwrap();
    assert!(again.changes.is_empty(), "{:?}", again.changes);
}
