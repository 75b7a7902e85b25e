//! Named steps with their times, printed as a table at the end.
//!
//! A failed step does not stop the ones after it, unless they say that they need it.

use std::time::{Duration, Instant};

use crate::failure::{Done, Failure};

/// Steps that were carried out, in order.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    done: Vec<Stage>,
}

#[derive(Debug)]
struct Stage {
    name: &'static str,
    took: Duration,
    result: Done,
}

impl Stages {
    /// Runs one step and records its time and result. Returns whether it worked.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Done) -> bool {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        match &result {
            Ok(()) => eprintln!("== {name}: ok, {:.1} s", took.as_secs_f64()),
            Err(failure) => {
                eprintln!("{failure}\n== {name}: FAILED, {:.1} s", took.as_secs_f64());
            }
        }
        let worked = result.is_ok();
        self.done.push(Stage { name, took, result });
        worked
    }

    /// Prints the table; fails when a step failed.
    pub(crate) fn finish(self, title: &str) -> Done {
        println!("\n{title}");
        for stage in &self.done {
            let word = if stage.result.is_ok() { "ok" } else { "FAILED" };
            println!(
                "  {:<14} {:>8.1} s  {word}",
                stage.name,
                stage.took.as_secs_f64()
            );
        }
        let total: Duration = self.done.iter().map(|stage| stage.took).sum();
        println!("  {:<14} {:>8.1} s", "together", total.as_secs_f64());
        let failed: Vec<&str> = self
            .done
            .iter()
            .filter(|stage| stage.result.is_err())
            .map(|stage| stage.name)
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("failed: {}", failed.join(", "))))
    }
}

/// Picks the entries a user named; all of them when none was named. A name that does not exist is
/// a failure.
pub(crate) fn choose<'a, T>(
    all: &'a [T],
    name_of: impl Fn(&T) -> &'static str,
    wanted: &[String],
) -> Result<Vec<&'a T>, Failure> {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| !all.iter().any(|one| name_of(one) == name.as_str()))
    {
        let known: Vec<&str> = all.iter().map(&name_of).collect();
        return Err(Failure::new(format!(
            "no `{unknown}`: there are {}",
            known.join(", ")
        )));
    }
    Ok(all
        .iter()
        .filter(|one| wanted.is_empty() || wanted.iter().any(|name| name == name_of(one)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_whole_and_stops_no_other() {
        let mut stages = Stages::default();
        assert!(stages.run("first", || Ok(())));
        assert!(!stages.run("second", || Err(Failure::new("broken"))));
        assert!(stages.run("third", || Ok(())));
        assert_eq!(stages.finish("steps"), Err(Failure::new("failed: second")));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_names_there_are() {
        let chosen = choose(&["a", "b"], |one| one, &["c".to_owned()]);
        assert_eq!(chosen.err(), Some(Failure::new("no `c`: there are a, b")));
    }
}
