//! The terminal that jobs are shown on: whether it can redraw a line, how wide it is, what it can show.

use std::io::IsTerminal as _;

use super::row::Marks;

/// The width of a terminal that does not say its own.
const USUAL_WIDTH: usize = 80;

/// Whether standard error is a terminal that can take a line back.
pub(super) fn redraws() -> bool {
    let term = std::env::var_os("TERM");
    // Windows has no such variable, and every console of it can.
    let is_dumb = term.map_or(!cfg!(windows), |term| term == "dumb");
    std::io::stderr().is_terminal() && !is_dumb
}

/// How wide a line may be. The last column stays free: some terminals wrap when it is filled.
pub(super) fn width() -> usize {
    let size = console::Term::stderr().size_checked();
    let columns = size.map_or(USUAL_WIDTH, |(_, columns)| usize::from(columns));
    columns.saturating_sub(1)
}

/// Blocks where the locale has them.
pub(super) fn marks() -> Marks {
    // The first of these that is set and not empty decides. Source: POSIX, Environment Variables 8.2.
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let values = variables.map(|name| std::env::var(name).unwrap_or_default());
    let locale = values.iter().find(|value| !value.is_empty());
    let is_utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if is_utf8 || cfg!(windows) {
        Marks::UNICODE
    } else {
        Marks::ASCII
    }
}
