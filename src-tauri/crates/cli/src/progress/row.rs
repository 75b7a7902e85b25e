//! One job on one line of the terminal, however narrow it is. Pure.

use std::time::Duration;

use console::{measure_text_width, truncate_str};
use firmdrop_api::Pace;
use firmdrop_core::Progress;

use crate::words;

/// Longest bar, characters.
const BAR: usize = 30;
/// A shorter one says nothing.
const SHORTEST_BAR: usize = 8;
/// Longest name of a destination, characters.
const NAME: usize = 24;
/// Silence that is said, seconds.
const SILENCE: u64 = 5;

/// What is known of a job at this moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) destination: &'a str,
    pub(super) phase: &'a str,
    pub(super) progress: Progress,
    pub(super) pace: Pace,
    /// Since the job was begun here.
    pub(super) elapsed: Duration,
    /// Since anything was heard of it.
    pub(super) silent: Duration,
}

/// What a bar is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// Confirmed by the other side, on the line, and to come.
    bar: [char; 3],
    cut: &'static str,
}

impl Marks {
    pub(super) const UNICODE: Self = Self {
        bar: ['█', '▒', '░'],
        cut: "…",
    };
    pub(super) const ASCII: Self = Self {
        bar: ['#', '=', '.'],
        cut: "~",
    };
}

/// The line, never wider than `width`. What says least is left out first.
pub(super) fn line(row: &Row<'_>, width: usize, marks: Marks) -> String {
    let Progress {
        confirmed_bytes,
        in_flight_bytes,
        total_bytes,
    } = row.progress;
    let has_bytes = total_bytes > 0;
    let amount = if has_bytes {
        format!(
            "{} of {}",
            words::size(confirmed_bytes),
            words::size(total_bytes)
        )
    } else {
        String::new()
    };
    let percent = if has_bytes {
        let share = u128::from(confirmed_bytes) * 100 / u128::from(total_bytes);
        format!("{share:>3} %")
    } else {
        String::new()
    };
    let on_the_line = if in_flight_bytes > 0 {
        format!("{} on the line", words::size(in_flight_bytes))
    } else {
        String::new()
    };
    let left = row.pace.seconds_left.map_or_else(String::new, |left| {
        format!("about {} left", words::seconds(left))
    });
    let destination = truncate_str(row.destination, NAME, marks.cut).into_owned();
    // As they are shown, each with its rank: the lowest is the last to be left out.
    let parts = [
        (5, destination),
        (0, row.phase.to_owned()),
        (6, String::new()), // the bar
        (2, percent),
        (4, amount),
        (7, on_the_line),
        (3, rate(row)),
        (8, left),
        (1, words::clock(row.elapsed.as_secs())),
    ];
    let mut chosen = [false; 9];
    let mut used = 0;
    for rank in 0..=8 {
        let Some(at) = parts.iter().position(|(of, _)| *of == rank) else {
            continue;
        };
        let text = parts.get(at).map_or("", |(_, text)| text);
        let is_bar = rank == 6 && has_bytes;
        let needs = if is_bar {
            SHORTEST_BAR
        } else {
            measure_text_width(text)
        };
        let gap = if used > 0 { 2 } else { 0 };
        if needs > 0
            && used + gap + needs <= width
            && let Some(chosen) = chosen.get_mut(at)
        {
            *chosen = true;
            used += gap + needs;
        }
    }
    let bar_length = (width.saturating_sub(used) + SHORTEST_BAR).min(BAR);
    let shown = parts.iter().zip(chosen).filter(|(_, chosen)| *chosen);
    let shown: Vec<String> = shown
        .map(|((rank, text), _)| match rank {
            6 => bar(row.progress, bar_length, marks),
            _ => text.clone(),
        })
        .collect();
    let text = if shown.is_empty() {
        row.phase.to_owned()
    } else {
        shown.join("  ")
    };
    if width == 0 {
        return String::new();
    }
    truncate_str(&text, width, marks.cut).into_owned()
}

/// How fast it is; that nothing is heard, when nothing is.
pub(super) fn rate(row: &Row<'_>) -> String {
    let silent = row.silent.as_secs();
    if silent >= SILENCE && (row.progress.total_bytes > 0 || row.pace.stalled) {
        format!("no progress for {}", words::clock(silent))
    } else {
        row.pace
            .bytes_per_second
            .map_or_else(String::new, |rate| format!("{}/s", words::size(rate)))
    }
}

fn bar(progress: Progress, length: usize, marks: Marks) -> String {
    let cells = |bytes: u64| {
        let share = u128::from(bytes) * length as u128 / u128::from(progress.total_bytes.max(1));
        usize::try_from(share).unwrap_or(length).min(length)
    };
    let confirmed = cells(progress.confirmed_bytes);
    let sent = cells(progress.confirmed_bytes + progress.in_flight_bytes).max(confirmed);
    let [done, on_the_line, to_come] = marks.bar;
    let cell = |at| match at {
        at if at < confirmed => done,
        at if at < sent => on_the_line,
        _ => to_come,
    };
    (0..length).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row<'static> {
        Row {
            destination: "an account with a very long name",
            phase: "Send chunks",
            progress: Progress {
                confirmed_bytes: 12 << 20,
                in_flight_bytes: 3 << 20,
                total_bytes: 40 << 20,
            },
            pace: Pace {
                bytes_per_second: Some(5 << 20),
                seconds_left: Some(100),
                stalled: false,
                waiting: None,
            },
            elapsed: Duration::from_secs(42),
            silent: Duration::ZERO,
        }
    }

    #[test]
    fn a_line_is_never_wider_than_its_terminal_and_says_what_matters_most() {
        for width in 0..=200 {
            for marks in [Marks::UNICODE, Marks::ASCII] {
                let text = line(&row(), width, marks);
                assert!(measure_text_width(&text) <= width, "{width}: {text}");
            }
        }
        let narrow = line(&row(), 20, Marks::ASCII);
        assert_eq!(narrow, "Send chunks  0:42");
        let usual = line(&row(), 79, Marks::UNICODE);
        for part in [
            "Send chunks",
            " 30 %",
            "12.0 MiB of 40.0 MiB",
            "5.0 MiB/s",
            "0:42",
        ] {
            assert!(usual.contains(part), "{usual}");
        }
        let wide = line(&row(), 200, Marks::UNICODE);
        assert!(wide.contains("on the line") && wide.contains("about 2 min left"));
        assert_eq!(wide.matches('█').count(), 9, "{wide}");
    }

    #[test]
    fn silence_is_said_instead_of_a_rate() {
        let silent = Row {
            silent: Duration::from_secs(75),
            ..row()
        };
        let text = line(&silent, 79, Marks::UNICODE);
        assert!(text.contains("no progress for 1:15"), "{text}");
        assert!(!text.contains("/s"), "{text}");
    }

    #[test]
    fn a_phase_without_bytes_has_no_bar_and_a_clock() {
        let waiting = Row {
            progress: Progress::default(),
            pace: Pace::default(),
            silent: Duration::from_secs(75),
            ..row()
        };
        let text = line(&waiting, 79, Marks::UNICODE);
        assert_eq!(text, "an account with a very …  Send chunks  0:42");
    }
}
