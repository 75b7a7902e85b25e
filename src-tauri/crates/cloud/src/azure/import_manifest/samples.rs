//! Manifests for tests: those that are right, and each rule broken once.

pub(super) use firmdrop_test_support::import_manifests::{
    CHILD, FULL, GOOD, PARENT, V2, V4, broken,
};
