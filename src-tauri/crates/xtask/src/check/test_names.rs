//! Names of tests: each is a sentence of three words or more.
//!
//! Found by their marks, without a parser: `#[test]`, `#[tokio::test]`, `test("…")`, `it("…")`.

use crate::source::Kind;

/// Fewest words of a name.
const FEWEST_WORDS: usize = 3;

/// The names that are no sentences.
pub(super) fn no_sentences(kind: Kind, text: &str) -> Vec<String> {
    let names = match kind {
        Kind::Rust => rust_names(text),
        Kind::Test => script_names(text),
        Kind::FrontEnd | Kind::Other => Vec::new(),
    };
    names
        .into_iter()
        .filter(|name| words(name) < FEWEST_WORDS)
        .collect()
}

fn words(name: &str) -> usize {
    name.split(|character: char| character == '_' || character.is_whitespace())
        .filter(|word| !word.is_empty())
        .count()
}

/// Names of the functions that follow a test attribute.
fn rust_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_marked = false;
    for line in text.lines().map(str::trim) {
        let attribute = line.strip_prefix("#[").unwrap_or_default();
        let path: &str = attribute.split(['(', ']']).next().unwrap_or_default();
        if path == "test" || path.ends_with("::test") {
            is_marked = true;
        }
        let Some((_, after)) = line.split_once("fn ") else {
            continue;
        };
        if is_marked {
            names.extend(after.split(['(', '<']).next().map(str::to_owned));
        }
        is_marked = false;
    }
    names
}

/// First arguments of `test(` and `it(` at the start of a line.
fn script_names(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim_start)
        .filter_map(|line| {
            let call = line
                .strip_prefix("test(")
                .or_else(|| line.strip_prefix("it("))?;
            let quote = call
                .chars()
                .next()
                .filter(|first| "\"'`".contains(*first))?;
            call[1..].split(quote).next().map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn a_name_of_two_words_is_found() {
        let text = "#[tokio::test(start_paused = true)]\nasync fn resumes_well() {}\n";
        assert_eq!(no_sentences(Kind::Rust, text), ["resumes_well"]);
        let text = "test('drops a file', async () => {});\nit(\"works\", run);\n";
        assert_eq!(no_sentences(Kind::Test, text), ["works"]);
    }

    #[test]
    fn functions_without_a_mark_are_free() {
        let text = "#[test]\nfn says_what_it_is() {}\nfn helper() {}\n";
        assert!(no_sentences(Kind::Rust, text).is_empty());
    }
}
