//! How a reader says that it runs the image.

use firmdrop_core::{Outcome, ProofMethod};

use super::world::World;

/// What one frame can carry of an image, with some room.
pub(crate) const PIECE_BYTES: u64 = 384;

pub(crate) fn assert_verified(outcome: &Outcome) {
    match outcome {
        Outcome::Verified { proof } => assert_eq!(proof.method, ProofMethod::HashAfterRestart),
        Outcome::Sent { reason } => panic!("sent, not verified: {reason}"),
    }
}

pub(crate) fn assert_loaded(world: &World, image: &[u8]) {
    assert!(world.reader.running() == image, "the memory differs");
    assert!(world.reader.is_confirmed());
}
