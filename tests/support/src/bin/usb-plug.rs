//! Plugs a pretend USB device in while a program runs, for benches: `usb-plug PLACE PROGRAM ARGUMENT...`
//!
//! It runs below `src/usb/bed.py`. The device is plugged in once the program printed its first line; when a line says
//! that a reader is *Ready*, the program is ended, and the seconds from the plug to the line in which it was listed and
//! to the one in which it was ready are printed as one line of JSON.
#![expect(clippy::print_stdout, reason = "the figures are for whoever asked")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    plug::run(&arguments)
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("a pretend USB bus needs Linux".into())
}

#[cfg(target_os = "linux")]
mod plug {
    use std::error::Error;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::time::Instant;

    use firmdrop_simulator::dfu::{DfuSettings, SimulatedDfu};
    use firmdrop_test_support::usb::Bed;

    const USAGE: &str = "usage: usb-plug PLACE PROGRAM ARGUMENT...";
    /// What a list in JSON says of a reader that answered.
    const READY: &str = r#"{"access":"ready"}"#;

    /// Ended with this value.
    struct Ended(Child);

    impl Drop for Ended {
        fn drop(&mut self) {
            // One that ended by itself is not there any more.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    pub(super) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
        let [place, program, rest @ ..] = arguments else {
            return Err(USAGE.into());
        };
        let device = SimulatedDfu::new(DfuSettings {
            port_chain: place.clone(),
            ..DfuSettings::st()
        });
        let mut bed = Bed::of_this_process().ok_or("it is not started below bed.py")?;
        let mut running = Command::new(program);
        let running = running.args(rest).stdin(Stdio::null());
        let mut running = Ended(running.stdout(Stdio::piped()).spawn()?);
        let output = running.0.stdout.take().ok_or("its output is not read")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().ok_or("it printed nothing")??;
        if first.contains(place) {
            return Err(format!("{place} is listed before it is plugged in: {first}").into());
        }
        let plugged = Instant::now();
        bed.plug(&device, place);
        let mut listed = None;
        for line in lines {
            let line = line?;
            let now = plugged.elapsed().as_secs_f64();
            if line.contains(place) {
                listed.get_or_insert(now);
            }
            if line.contains(READY) {
                let listed = listed.unwrap_or(now);
                println!("{{\"listed_seconds\":{listed:.4},\"ready_seconds\":{now:.4}}}");
                return Ok(());
            }
        }
        Err("no reader became ready".into())
    }
}
