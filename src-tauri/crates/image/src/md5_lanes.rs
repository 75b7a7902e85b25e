//! MD5 of several pieces of one length at once.
//!
//! One MD5 waits for its own previous step most of the time. Chunks of an upload are independent, so
//! four of them are computed side by side, each step in one vector register (the crate `wide`: plain
//! arrays were not turned into vector instructions). It holds no state between calls; a single stream goes through
//! [`firmdrop_core::Md5Hasher`]. Algorithm and constants of RFC 1321.

use firmdrop_core::Md5;
use wide::u32x4;

/// Pieces computed side by side: four 32-bit numbers fill the vector register that every x86-64 and
/// every 64-bit Arm has. Eight were slower where registers are no wider.
const LANES: usize = 4;

/// Bytes of one block of MD5.
const BLOCK_BYTES: usize = 64;

/// Where the four words of the state begin (RFC 1321, 3.3).
const START: [u32; 4] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];

/// Rotations, four for each round (RFC 1321, 3.4).
const ROTATIONS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// The table T: the integer part of 2³² × |sin(i + 1)| (RFC 1321, 3.4).
#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
];

/// Pieces that are not of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("piece {index} has {found_bytes} bytes, the first one {expected_bytes}")]
pub struct UnequalPieces {
    /// Which piece.
    pub index: usize,
    /// Its length.
    pub found_bytes: usize,
    /// The first one's length.
    pub expected_bytes: usize,
}

/// The MD5 of every piece, in their order. Any number of pieces; those beyond a multiple of four
/// cost as much as four.
///
/// # Errors
/// [`UnequalPieces`] when they are not all of one length.
pub fn md5_of_equal_pieces(pieces: &[&[u8]]) -> Result<Vec<Md5>, UnequalPieces> {
    let expected_bytes = pieces.first().map_or(0, |piece| piece.len());
    let unequal = pieces
        .iter()
        .position(|piece| piece.len() != expected_bytes);
    if let Some(index) = unequal {
        return Err(UnequalPieces {
            index,
            found_bytes: pieces.get(index).map_or(0, |piece| piece.len()),
            expected_bytes,
        });
    }
    let mut digests = Vec::with_capacity(pieces.len());
    for group in pieces.chunks(LANES) {
        // Lanes without a piece repeat the first one, and their results are let go.
        let first = group.first().copied().unwrap_or_default();
        let lanes: [&[u8]; LANES] =
            std::array::from_fn(|lane| group.get(lane).copied().unwrap_or(first));
        let found = side_by_side(lanes);
        digests.extend(found.into_iter().take(group.len()));
    }
    Ok(digests)
}

/// The MD5 of four pieces of one length.
fn side_by_side(pieces: [&[u8]; LANES]) -> [Md5; LANES] {
    let length_bytes = pieces.first().map_or(0, |piece| piece.len());
    let split = pieces.map(|piece| piece.as_chunks::<BLOCK_BYTES>());
    let mut state = START.map(u32x4::splat);
    let [(first, _), (second, _), (third, _), (fourth, _)] = split;
    for (((a, b), c), d) in first.iter().zip(second).zip(third).zip(fourth) {
        compress(&mut state, &words([a, b, c, d]));
    }
    let ends = split.map(|(_, rest)| end_blocks(rest, length_bytes));
    let [first, second, third, fourth] = ends.each_ref();
    for (((a, b), c), d) in first.iter().zip(second).zip(third).zip(fourth) {
        compress(&mut state, &words([a, b, c, d]));
    }
    let state = state.map(u32x4::to_array);
    std::array::from_fn(|lane| {
        let mut bytes = [0; 16];
        for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(&state) {
            *to = word.get(lane).copied().unwrap_or_default().to_le_bytes();
        }
        Md5::from_bytes(bytes)
    })
}

/// What closes a piece of `length_bytes`: its last bytes, one bit, zeros, and the length in bits. One
/// block, or two where the rest leaves no room (RFC 1321, 3.1 and 3.2).
fn end_blocks(rest: &[u8], length_bytes: usize) -> Vec<[u8; BLOCK_BYTES]> {
    let mut end = rest.to_vec();
    end.push(0x80);
    let zeros = (2 * BLOCK_BYTES - 8 - end.len()) % BLOCK_BYTES;
    end.resize(end.len() + zeros, 0);
    end.extend((length_bytes as u64).wrapping_mul(8).to_le_bytes());
    end.as_chunks().0.to_vec()
}

/// The sixteen words of each block, word by word over all lanes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is a part of the innermost loop")]
fn words(blocks: [&[u8; BLOCK_BYTES]; LANES]) -> [u32x4; 16] {
    let words = blocks.map(|block| block.as_chunks::<4>().0);
    std::array::from_fn(|index| {
        let lane = |lane: usize| u32::from_le_bytes(words[lane][index]);
        u32x4::new([lane(0), lane(1), lane(2), lane(3)])
    })
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it is a part of the innermost loop")]
fn compress(state: &mut [u32x4; 4], words: &[u32x4; 16]) {
    let mut next = *state;
    round::<0>(&mut next, words);
    round::<1>(&mut next, words);
    round::<2>(&mut next, words);
    round::<3>(&mut next, words);
    for (sum, word) in state.iter_mut().zip(next) {
        *sum += word;
    }
}

/// Sixteen steps.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is a part of the innermost loop")]
fn round<const ROUND: usize>(state: &mut [u32x4; 4], words: &[u32x4; 16]) {
    four::<ROUND, 0>(state, words);
    four::<ROUND, 1>(state, words);
    four::<ROUND, 2>(state, words);
    four::<ROUND, 3>(state, words);
}

/// Four steps, after which every word of the state stands in its place again.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is a part of the innermost loop")]
fn four<const ROUND: usize, const FOUR: usize>([a, b, c, d]: &mut [u32x4; 4], words: &[u32x4; 16]) {
    *a = step::<ROUND, FOUR, 0>([*a, *b, *c, *d], words);
    *d = step::<ROUND, FOUR, 1>([*d, *a, *b, *c], words);
    *c = step::<ROUND, FOUR, 2>([*c, *d, *a, *b], words);
    *b = step::<ROUND, FOUR, 3>([*b, *c, *d, *a], words);
}

/// One step. What depends on its number alone is known to the compiler.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is a part of the innermost loop")]
fn step<const ROUND: usize, const FOUR: usize, const STEP: usize>(
    [a, b, c, d]: [u32x4; 4],
    words: &[u32x4; 16],
) -> u32x4 {
    let step = FOUR * 4 + STEP;
    let word = match ROUND {
        0 => step,
        1 => (5 * step + 1) % 16,
        2 => (3 * step + 5) % 16,
        _ => (7 * step) % 16,
    };
    let mixed = match ROUND {
        0 => d ^ (b & (c ^ d)),
        1 => c ^ (d & (b ^ c)),
        2 => b ^ c ^ d,
        _ => c ^ (b | !d),
    };
    let rotation = ROTATIONS[ROUND][STEP];
    let sum = a + mixed + words[word] + u32x4::splat(SINES[ROUND * 16 + step]);
    ((sum << rotation) | (sum >> (32 - rotation))) + b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(count: usize, length: usize, seed: u8) -> Vec<Vec<u8>> {
        let byte = |piece: usize, at: usize| {
            u8::try_from((at * 31 + piece * 7 + usize::from(seed)) % 251).unwrap()
        };
        let piece = |piece| (0..length).map(|at| byte(piece, at)).collect();
        (0..count).map(piece).collect()
    }

    fn agrees(count: usize, length: usize, seed: u8) {
        let pieces = pieces(count, length, seed);
        let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let expected: Vec<Md5> = slices.iter().map(|piece| Md5::of(piece)).collect();
        assert_eq!(
            md5_of_equal_pieces(&slices).unwrap(),
            expected,
            "{count} of {length}"
        );
    }

    #[test]
    fn agrees_with_one_at_a_time_for_every_tail_and_every_number_of_pieces() {
        for length in 0..=3 * BLOCK_BYTES {
            agrees(4, length, 1);
        }
        for count in 0..=9 {
            for length in [0, 55, 56, 63, 64, 1000] {
                agrees(count, length, 2);
            }
        }
    }

    #[test]
    fn pieces_of_two_lengths_are_refused() {
        let refused = md5_of_equal_pieces(&[b"abc", b"abc", b"ab"]);
        let expected = UnequalPieces {
            index: 2,
            found_bytes: 2,
            expected_bytes: 3,
        };
        assert_eq!(refused, Err(expected));
    }

    proptest! {
        #[test]
        fn agrees_with_one_at_a_time(count in 0usize..10, length in 0usize..2000, seed: u8) {
            agrees(count, length, seed);
        }
    }
}
