//! Import manifests that are right.

/// Every field of 5.0 once.
pub const FULL: &str = include_str!("../../import_manifests/full.json");
/// An update that installs another one.
pub const PARENT: &str = include_str!("../../import_manifests/parent.json");
/// The other one.
pub const CHILD: &str = include_str!("../../import_manifests/child.json");
/// A manifest 4.0.
pub const V4: &str = include_str!("../../import_manifests/v4.json");
/// A manifest 2.0.
pub const V2: &str = include_str!("../../import_manifests/v2.json");
/// All of them.
pub const GOOD: [&str; 5] = [FULL, PARENT, CHILD, V4, V2];

/// The files of [`FULL`].
pub const FULL_FILES: [(&str, &[u8]); 4] = [
    ("firmware.swu", b"firmware"),
    ("delta.dat", b"delta"),
    ("install.sh", b"#!/bin/sh\n"),
    ("check.sh", b"#!/bin/sh\nexit 0\n"),
];
