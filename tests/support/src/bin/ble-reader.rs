//! A pretend SMP reader in the air for benches: `ble-reader ROUND_TRIP_MS FLASH_US_PER_BYTE IMAGE IMAGE_BYTES`.
//!
//! Writes an image for the reader, newer than the one it runs, into the file IMAGE.
//!
//! Prints the address of a bus on which `org.bluez` is, with this reader around, as one line of JSON, and one more for
//! each upload that was completed, timed on the reader's side. Ends when its standard input does.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by other programs"
)]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    serve::run(&arguments)
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("the stand-in for BlueZ needs Linux".into())
}

#[cfg(target_os = "linux")]
mod serve {
    use std::error::Error;
    use std::io::{Read as _, Write as _};
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::time::Duration;

    use firmdrop_simulator::reader::{Radio, Settings, SimulatedReader, demo_image};
    use firmdrop_test_support::bluez::{Bluez, Peer};

    const USAGE: &str = "usage: ble-reader ROUND_TRIP_MS FLASH_US_PER_BYTE IMAGE IMAGE_BYTES";
    const ADDRESS: &str = "C0:FF:EE:00:00:01";
    /// How often it is looked whether an upload was completed.
    const LOOK: Duration = Duration::from_millis(20);

    pub(super) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
        let [round_trip, flash, image, image_bytes] = arguments else {
            return Err(USAGE.into());
        };
        std::fs::write(image, demo_image((2, 0, 0), image_bytes.parse()?))?;
        let settings = Settings {
            flash_per_byte: Duration::from_micros(flash.parse()?),
            ..Settings::default()
        };
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
        let peer = Peer {
            radio: Radio {
                one_way: Duration::from_millis(round_trip.parse()?) / 2,
                ..Radio::default()
            },
            ..Peer::new(ADDRESS, "Puck 7", &reader)
        };
        let bluez = Bluez::with(vec![peer]);
        say(&format!(
            "{{\"bus\":{:?},\"address\":{ADDRESS:?},\"buffers\":{}}}",
            bluez.address(),
            reader.settings().buffers
        ))?;
        let (ends, ended) = channel::<()>();
        std::thread::spawn(move || {
            let mut unread = [0; 64];
            while matches!(std::io::stdin().read(&mut unread), Ok(1..)) {}
            drop(ends);
        });
        let mut stated = None;
        while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let counters = reader.counters();
            if let Some(upload) = counters.last_upload
                && stated != Some(upload)
            {
                stated = Some(upload);
                say(&format!(
                    "{{\"image_bytes\":{},\"seconds\":{:.4},\"dropped\":{},\"most_unanswered\":{}}}",
                    upload.image_bytes,
                    upload.took.as_secs_f64(),
                    counters.dropped,
                    counters.most_unanswered
                ))?;
            }
        }
        Ok(())
    }

    fn say(line: &str) -> std::io::Result<()> {
        println!("{line}");
        std::io::stdout().flush()
    }
}
