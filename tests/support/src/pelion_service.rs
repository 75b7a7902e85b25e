//! What a simulated Pelion service is asked after an upload: its one job, its one image.

use firmdrop_core::ExpectedFile;
use firmdrop_simulator::pelion::{JobEntry, PelionServer};

/// The access key. It must never be seen anywhere but in the key file.
pub const KEY: &str = "ak_marker_that_must_never_be_shown";

/// The upload job, when there was one alone.
#[track_caller]
pub(crate) fn only_upload_job(server: &PelionServer) -> JobEntry {
    let jobs = server.record().jobs;
    assert_eq!(jobs.len(), 1, "one upload job");
    jobs.into_values().next().unwrap()
}

/// Asserts that there is one firmware image, with these bytes, and that no chunk was stored twice.
#[track_caller]
pub(crate) fn holds_exactly(server: &PelionServer, expected: &ExpectedFile) {
    let images = server.images();
    assert_eq!(images.len(), 1, "one firmware image");
    assert_eq!(images[0].sha256, expected.sha256);
    assert_eq!(images[0].size_bytes, expected.size_bytes);
    for job in server.record().jobs.values() {
        assert_eq!(
            job.repeated_chunks(),
            Vec::<u32>::new(),
            "a chunk stored twice"
        );
    }
}
