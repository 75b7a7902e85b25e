//! Firmware that is nobody's: bytes without a pattern, the same for the same seed.

/// Bytes that repeat nowhere, so that no two chunks are alike.
pub fn bytes(length: u64, seed: u64) -> Vec<u8> {
    let length = usize::try_from(length).unwrap();
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut all = Vec::with_capacity(length + 8);
    while all.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        all.extend_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    all.truncate(length);
    all
}
