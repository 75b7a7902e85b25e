//! What kind of source a file is, and which of its lines are tests.
//!
//! By path and by simple marks; no parser.

use std::path::Path;

/// Kinds of text the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Rust, with or without tests in it.
    Rust,
    /// TypeScript, Svelte and JavaScript of the window.
    FrontEnd,
    /// A front-end test or a window test.
    Test,
    /// Scripts, manifests, pages.
    Other,
}

impl Kind {
    /// The kind of the file at `path`; `None` for what is no text of ours (lock files, pictures).
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = Path::new(path);
        if name.file_name()? == "package-lock.json" {
            return None;
        }
        match name.extension()?.to_str()? {
            "rs" => Some(Self::Rust),
            "ts" | "js" | "mjs" | "svelte" if is_test(path) => Some(Self::Test),
            "ts" | "js" | "mjs" | "svelte" => Some(Self::FrontEnd),
            "css" | "html" | "json" | "md" | "py" | "sh" | "toml" => Some(Self::Other),
            _ => None,
        }
    }
}

/// Whether the whole file is tests.
pub(crate) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains(".test.")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

/// Lines before the module of tests that ends a Rust file.
pub(crate) fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let begins_tests = |at: usize| {
        let mut next = lines[at..].iter().skip_while(|line| line.starts_with("#["));
        next.next().is_some_and(|line| {
            line.ends_with('{') && (line.starts_with("mod ") || line.ends_with(" mod tests {"))
        })
    };
    let is_mark =
        |line: &str| line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test");
    (0..lines.len())
        .find(|&at| is_mark(lines[at]) && begins_tests(at))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_path() {
        assert_eq!(Kind::of("src/a.rs"), Some(Kind::Rust));
        assert_eq!(Kind::of("ui/src/a.test.ts"), Some(Kind::Test));
        assert_eq!(Kind::of("ui/src/A.svelte"), Some(Kind::FrontEnd));
        assert_eq!(Kind::of("ui/package-lock.json"), None);
        assert_eq!(Kind::of("icons/a.png"), None);
    }

    #[test]
    fn tests_at_the_end_are_not_counted() {
        let text = "//! A.\nfn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(lines_without_tests(text), 2);
        let for_one_system = "//! A.\n#[cfg(test)]\n#[cfg(unix)]\nmod tests {\n}\n";
        assert_eq!(lines_without_tests(for_one_system), 1);
        let shared = "//! A.\n#[cfg(test)]\npub(crate) mod tests {\n}\n";
        assert_eq!(lines_without_tests(shared), 1);
        let in_one_line = "//! A.\n#[cfg(all(test, unix))]\nmod tests {\n}\n";
        assert_eq!(lines_without_tests(in_one_line), 1);
        assert_eq!(lines_without_tests("//! A.\n#[cfg(test)]\nmod tests;\n"), 3);
    }
}
