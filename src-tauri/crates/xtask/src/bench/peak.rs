//! What a program of the bench took: its time, its memory, its processor, what it said.
//!
//! The peak is the kernel's own (`VmHWM`), read until the process ends. The time of the processor is
//! what the kernel adds to ours for children that ended.

use std::fs;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use super::product::Server;
use crate::command::Run;
use crate::failure::{Doing, Failure};

/// Between two looks at the process.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Ticks of a second in /proc. Source: proc(5), `USER_HZ`, 100 on every Linux of today.
const TICKS_PER_SECOND: f64 = 100.0;

/// A program that ended as it should.
#[derive(Debug)]
pub(super) struct Peak {
    /// Its highest resident memory, MiB.
    pub(super) mib: f64,
    /// From its start to its end, up to 10 ms more.
    pub(super) took: Duration,
    /// Seconds of the processor, its own and the system's for it, to the hundredth.
    pub(super) cpu_seconds: f64,
    /// What it printed.
    pub(super) output: String,
}

/// Runs a program that ends well and watches its memory.
pub(super) fn of(run: Run) -> Result<Peak, Failure> {
    ending_with(0, run)
}

/// Runs a program that ends with this exit code and watches its memory.
pub(super) fn ending_with(code: i32, run: Run) -> Result<Peak, Failure> {
    let begun = Instant::now();
    let before = children_seconds()?;
    let mut program = Server::start(run)?;
    let output = program.read_on();
    let (peak_kib, exit) = watch(&mut program)?;
    if exit.code() != Some(code) {
        let why = format!("a program of the bench ended with {exit}");
        return Err(Failure::new(why));
    }
    let took = begun.elapsed();
    let cpu_seconds = children_seconds()? - before;
    let output = output.join();
    let output = output.map_err(|_| Failure::new("what a program printed was not read"))?;
    Ok(Peak {
        mib: peak_kib / 1024.0,
        took,
        cpu_seconds,
        output: output.doing("read what a program prints")?,
    })
}

/// The highest `VmHWM` seen, in KiB, and how the process ended.
fn watch(program: &mut Server) -> Result<(f64, ExitStatus), Failure> {
    let status = format!("/proc/{}/status", program.id());
    let mut peak_kib = 0.0;
    loop {
        if let Some(seen) = fs::read_to_string(&status)
            .ok()
            .as_deref()
            .and_then(high_water)
        {
            peak_kib = seen;
        }
        if let Some(exit) = program.ended()? {
            return Ok((peak_kib, exit));
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Seconds of the processor of all children that ended and were waited for.
fn children_seconds() -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat").doing("read /proc/self/stat")?;
    children_ticks(&stat)
        .map(|ticks| ticks / TICKS_PER_SECOND)
        .ok_or_else(|| Failure::new("/proc/self/stat is written otherwise than proc(5) says"))
}

/// The 16th and 17th field, `cutime` and `cstime`. The second one is a name in parentheses, which may
/// hold anything.
fn children_ticks(stat: &str) -> Option<f64> {
    let (_, behind_the_name) = stat.rsplit_once(')')?;
    let mut fields = behind_the_name.split_whitespace().skip(13);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The figure of the line `VmHWM:     9340 kB`.
fn high_water(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_from_its_line() {
        let status = "Name:\tx\nVmPeak:\t   12 kB\nVmHWM:\t    9340 kB\nVmRSS:\t 8000 kB\n";
        assert_eq!(high_water(status), Some(9340.0));
        assert_eq!(high_water("Name:\tx\n"), None);
    }

    #[test]
    fn the_time_of_ended_children_is_read_behind_a_name_of_any_kind() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194304 100 200 0 0 11 12 130 14 20 0 1 0 5 6";
        assert_eq!(children_ticks(stat), Some(144.0));
        assert_eq!(children_ticks("7 (a) S 1"), None);
    }
}
