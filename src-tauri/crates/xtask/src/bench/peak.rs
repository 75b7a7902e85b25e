//! What a program of the bench took: its time, its memory, what it said.
//!
//! The peak is the kernel's own (`VmHWM`), read until the process ends.

use std::fs;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use super::product::Server;
use crate::command::Run;
use crate::failure::{Doing, Failure};

/// Between two looks at the process.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A program that ended as it should.
#[derive(Debug)]
pub(super) struct Peak {
    /// Its highest resident memory, MiB.
    pub(super) mib: f64,
    /// From its start to its end, up to 10 ms more.
    pub(super) took: Duration,
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
    let mut program = Server::start(run)?;
    let output = program.read_on();
    let (peak_kib, exit) = watch(&mut program)?;
    if exit.code() != Some(code) {
        let why = format!("a program of the bench ended with {exit}");
        return Err(Failure::new(why));
    }
    let took = begun.elapsed();
    let output = output.join();
    let output = output.map_err(|_| Failure::new("what a program printed was not read"))?;
    Ok(Peak {
        mib: peak_kib / 1024.0,
        took,
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
}
