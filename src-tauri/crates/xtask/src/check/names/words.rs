//! Whole words inside identifiers: `PelionBackend`, `pelion_host` and "Pelion" name `pelion`,
//! `embedded` does not name `mbed`.

/// The first of `words` that is a whole part of an identifier of this line. Words are in small letters.
pub(super) fn named<'a>(line: &str, words: &[&'a str]) -> Option<&'a str> {
    let small = line.to_ascii_lowercase();
    let mut there = words.iter().copied().filter(|word| small.contains(word));
    there.find(|word| parts(line).any(|part| part.eq_ignore_ascii_case(word)))
}

/// Runs of letters, cut where small letters are followed by a capital and before the last capital
/// that begins a word: `HTTPServer` is `HTTP` and `Server`.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_alphabetic())
        .flat_map(|run| {
            let letters: Vec<(usize, char)> = run.char_indices().collect();
            let begins_word = |at: usize| {
                let is_capital =
                    |at: usize| letters.get(at).is_some_and(|one| one.1.is_uppercase());
                let is_small = |at: usize| letters.get(at).is_some_and(|one| one.1.is_lowercase());
                is_capital(at) && (is_small(at - 1) || is_small(at + 1))
            };
            let mut cuts = vec![0];
            cuts.extend(
                (1..letters.len())
                    .filter(|&at| begins_word(at))
                    .map(|at| letters[at].0),
            );
            cuts.push(run.len());
            cuts.windows(2)
                .map(|pair| &run[pair[0]..pair[1]])
                .collect::<Vec<_>>()
        })
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_cut_into_their_words() {
        let cut = |line| parts(line).collect::<Vec<_>>();
        assert_eq!(cut("PelionBackend::new"), ["Pelion", "Backend", "new"]);
        assert_eq!(
            cut("an SMPLoader2 of pelion_host"),
            ["an", "SMP", "Loader", "of", "pelion", "host"]
        );
        assert_eq!(
            cut("PELION_HOST \"Pelion’s\""),
            ["PELION", "HOST", "Pelion", "s"]
        );
    }

    #[test]
    fn a_part_of_a_longer_word_does_not_name_the_kind() {
        let words = ["mbed", "smp"];
        assert_eq!(named("an embedded loader", &words), None);
        assert_eq!(named("smp+serial:PORT", &words), Some("smp"));
        assert_eq!(named("crate::SmpLoader", &words), Some("smp"));
        assert_eq!(named("the Mbed cloud", &words), Some("mbed"));
    }
}
