//! A plan for tests that need one and do not carry it out.

use firmdrop_core::Phase;

use crate::{DeliveryOptions, Destination, ImageFile, Impact, Plan, check_file_phase};

/// A plan of an upload in three pieces, to a destination of no kind that exists.
pub(crate) fn test_plan() -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("puck.bin");
    std::fs::write(&path, vec![1; 12 << 20]).unwrap();
    let image = ImageFile::read(&path).unwrap();
    let phase = |key: &str, bytes| Phase {
        key: key.into(),
        title: key.into(),
        bytes,
        usual_seconds: None,
        stall_seconds: 30,
        can_stop: true,
        undo: String::new(),
    };
    let bytes = image.expected.size_bytes;
    let mut plan = Plan::new(
        image.into(),
        Destination::new("cloud", "bench"),
        DeliveryOptions::default(),
        Impact::Upload,
    );
    plan.simulated = true;
    plan.phases = vec![
        check_file_phase(),
        phase("create", 0),
        phase("send_chunks", bytes),
        phase("finish", 0),
    ];
    plan
}
