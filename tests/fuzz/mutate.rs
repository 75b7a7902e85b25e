//! Makes inputs from seeds: flips, cuts, repetitions, lengths that lie, parts of other seeds.

/// Values that lengths and counts break on.
const BORDERS: [u64; 14] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    u64::MAX,
];
/// Pieces of text formats.
const WORDS: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ":",
    ",",
    "null",
    "-1",
    "1e999",
    "18446744073709551616",
    "\0",
    "\u{202e}",
    "\n",
    "\r\n",
    "\\ud800",
    "true",
    "..",
    "/",
];
/// Longest input, bytes.
const LONGEST: usize = 64 << 10;

/// A stream of inputs.
pub(crate) struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(seed: u64, mut seeds: Vec<Vec<u8>>) -> Self {
        seeds.push(Vec::new());
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            seeds,
        }
    }

    /// The next input.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        self.seeds[at].clone()
    }

    /// Xorshift64*: enough for a mutator, and the same everywhere.
    fn random(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.random() >> 33).unwrap_or(0) % limit.max(1)
    }

    fn range(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(input.len() + 1);
        let most = (input.len() - from).min(1 << self.below(12));
        from..from + self.below(most + 1)
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len().max(1));
        match self.below(9) {
            0 => {
                let bit = 1 << self.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= bit;
                }
            }
            1 => input.truncate(at),
            2 => {
                let range = self.range(input);
                input.drain(range);
            }
            3 => {
                let range = self.range(input);
                let again = input[range].to_vec();
                for _ in 0..=self.below(8) {
                    input.splice(at..at, again.iter().copied());
                }
            }
            4 => {
                let width = 1 << self.below(4);
                let value = BORDERS[self.below(BORDERS.len())].to_be_bytes();
                let mut value = value[8 - width..].to_vec();
                if self.below(2) == 0 {
                    value.reverse();
                }
                for (to, from) in input.iter_mut().skip(at).zip(value) {
                    *to = from;
                }
            }
            5 => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..at, word.bytes());
            }
            6 => {
                let other = self.seed();
                let range = self.range(&other);
                let here = self.range(input);
                input.splice(here, other[range].iter().copied());
            }
            7 => {
                let byte = self.random().to_be_bytes()[0];
                let range = self.range(input);
                input[range].fill(byte);
            }
            _ => {
                let byte = self.random().to_be_bytes()[0];
                input.insert(at.min(input.len()), byte);
            }
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    let inputs = |seed| {
        let mut mutator = Mutator::new(seed, vec![b"a seed of some length".to_vec()]);
        std::iter::repeat_with(move || mutator.next())
            .take(200)
            .collect::<Vec<_>>()
    };
    assert_eq!(inputs(1), inputs(1));
    assert_ne!(inputs(1), inputs(2));
}
