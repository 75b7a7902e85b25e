//! A pretend USB device of DFU for benches: `usb-reader KIND BLOCK_MS SECTOR_MS FILE -- PROGRAM ARGUMENT...`
//!
//! It runs below `src/usb/bed.py`, plugs the device in at `1-2`, runs the program, which loads FILE, and prints how
//! long that took as one line of JSON. KIND is `plain` or `st`. What the device holds afterwards says whether the
//! program did it, not its exit code: a device that holds something else than FILE is a failure.
//!
//! Before that it takes the time of a transfer in the rhythm of a load: what the pretended bus itself adds to each.
#![expect(clippy::print_stdout, reason = "the figures are for whoever asked")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    load::run(&arguments)
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("a pretend USB bus needs Linux".into())
}

#[cfg(target_os = "linux")]
mod load {
    use std::error::Error;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use firmdrop_simulator::dfu::{DfuSettings, Pace, SimulatedDfu};
    use firmdrop_test_support::usb::Bed;

    const USAGE: &str = "usage: usb-reader plain|st BLOCK_MS SECTOR_MS FILE -- PROGRAM ARGUMENT...";
    /// Where it is plugged in.
    const PLACE: &str = "1-2";
    /// `DFU_GETSTATUS`, DFU 1.1, table 3.2.
    const GET_STATUS: u8 = 3;
    /// How often it is asked, to know the time of a transfer: as a block and its two questions, and so many of them.
    const TRANSFERS: u32 = 3;
    const ROUNDS: u32 = 50;
    const TRANSFER_LIMIT: Duration = Duration::from_secs(1);

    pub(super) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
        let [kind, block, sector, file, dashes, program, rest @ ..] = arguments else {
            return Err(USAGE.into());
        };
        let settings = match (kind.as_str(), dashes.as_str()) {
            ("plain", "--") => DfuSettings::plain(),
            ("st", "--") => DfuSettings::st(),
            _ => return Err(USAGE.into()),
        };
        let pace = Pace {
            block: Duration::from_millis(block.parse()?),
            sector: Duration::from_millis(sector.parse()?),
            ..Pace::default()
        };
        let device = SimulatedDfu::new(DfuSettings { pace, ..settings });
        let mut bed = Bed::of_this_process().ok_or("it is not started below bed.py")?;
        bed.plug(&device, PLACE);
        let transfer_seconds = transfer(pace.block)?.as_secs_f64();

        let begun = Instant::now();
        let ended = Command::new(program).args(rest).output()?;
        let program_seconds = begun.elapsed().as_secs_f64();
        let image = std::fs::read(file)?;
        if device.memory(image.len()) != image {
            let (out, err) = (&ended.stdout, &ended.stderr);
            let said = [out, err].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let said = said.join("\n");
            return Err(format!(
                "{program}: {}, the image is not there\n{said}",
                ended.status
            )
            .into());
        }
        let time = device.load_time().ok_or("nothing was loaded")?;
        println!(
            "{{\"program_seconds\":{program_seconds:.4},\"load_seconds\":{:.4},\"needed_seconds\":{:.4},\
             \"transfer_seconds\":{transfer_seconds:.6},\"requests\":{},\"early_polls\":{}}}",
            time.took.as_secs_f64(),
            time.needed.as_secs_f64(),
            time.requests,
            device.early_polls()
        );
        Ok(())
    }

    /// How long a question for the status takes, in threes behind a pause as long as a block is written: the mean. A
    /// computer that slept is slower than one that is at work.
    fn transfer(pause: Duration) -> Result<Duration, Box<dyn Error>> {
        let devices = rusb::devices()?;
        let device = devices.iter().find(|device| device.address() > 1);
        let handle = device.ok_or("the device is not on the bus")?.open()?;
        handle.claim_interface(0)?;
        let mut took = Duration::ZERO;
        for _ in 0..ROUNDS {
            std::thread::sleep(pause);
            let begun = Instant::now();
            for _ in 0..TRANSFERS {
                handle.read_control(0xA1, GET_STATUS, 0, 0, &mut [0; 6], TRANSFER_LIMIT)?;
            }
            took += begun.elapsed();
        }
        handle.release_interface(0)?;
        Ok(took / (ROUNDS * TRANSFERS))
    }
}
