//! How long a load of a reader of each habit takes, against the best pieces that could be fixed for it.
//!
//! The readers, their lines and their times are those of the contract suite's `speed`, on a clock of its own: the
//! figures are the same on every machine.

use super::row::{Goal, Row};
use crate::command::Run;
use crate::failure::{Doing as _, Failure};

/// Most of the time that the best fixed pieces take.
const OF_THE_BEST: f64 = 1.2;

/// The test that measures.
const MEASURES: &str = "smp::in_no_time::a_reader_of_each_habit_is_loaded_nearly_as_fast_as_with_the_best_fixed_pieces";

/// What its lines begin with: name, our seconds and the best follow, apart by tabs.
const LINE: &str = "habit\t";

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let printed = Run::cargo()
        .args(["test", "--quiet", "--package=firmdrop-loader"])
        .args(["--test=loaders", "--", "--exact", "--nocapture", MEASURES])
        .output()?;
    rows(&printed)
}

fn rows(printed: &str) -> Result<Vec<Row>, Failure> {
    // The name of the test may stand before the first line.
    let lines = printed.lines().filter_map(|line| line.split_once(LINE));
    let rows: Vec<Row> = lines.map(|(_, line)| row(line)).collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Err(Failure::new(format!("{MEASURES} printed no figure")));
    }
    Ok(rows)
}

fn row(line: &str) -> Result<Row, Failure> {
    let parts: Vec<&str> = line.split('\t').collect();
    let [name, ours, best] = parts[..] else {
        return Err(Failure::new(format!("no figures: {line}")));
    };
    let seconds = |text: &str| text.parse::<f64>().doing("read seconds");
    let (ours, best) = (seconds(ours)?, seconds(best)?);
    Ok(Row {
        bench: "habits",
        case: format!("{name}, against the best fixed pieces"),
        ours,
        peer: best,
        ratio: ours / best,
        goal: Goal::AtMost(OF_THE_BEST),
        unit: "s",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_the_test_prints_and_none_is_a_failure() -> crate::failure::Done {
        let printed = "test smp ... habit\tone buffer\t24.0\t20.0\nother\nhabit\ta noisy line\t6.5\t6.5\nok\n";
        let rows = rows(printed)?;
        assert_eq!(rows.len(), 2);
        let first = rows.first().ok_or_else(|| Failure::new("no row"))?;
        assert!(first.is_met() && first.case.starts_with("one buffer"));
        assert!(super::rows("ok\n").is_err());
        assert!(super::rows("habit\tx\tno\t1\n").is_err());
        Ok(())
    }
}
