//! Pretend SMP readers for benches and other programs: one on a serial port of its own, or several on
//! UDP. Makes an image for them on request.
//!
//! Prints one JSON line with the port or the addresses, and one for each upload that a reader completed, timed on its
//! side. Ends when its standard input does.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by other programs"
)]

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    serve::run(serve::arguments(std::env::args().skip(1))?).await
}

#[cfg(not(unix))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("pseudo terminals need a Unix system".into())
}

#[cfg(unix)]
mod serve {
    use std::{error::Error, fs, io::Write, path::PathBuf, time::Duration};

    use firmdrop_simulator::reader::{
        Faults, Line, Settings, SimulatedReader, demo_image, serve_pty, serve_udp,
    };
    use tokio::{io::AsyncReadExt, time::interval};

    const USAGE: &str = "smp-reader [--baud RATE] [--latency-ms MS] [--flash-us-per-byte US] \
                         [--refuses CODE] [--buffers COUNT] [--buffer-size BYTES] [--udp COUNT] \
                         [--silent-after BYTES] [--image FILE] [--image-bytes BYTES] [--shell true]";
    /// How often it is looked whether an upload was completed.
    const LOOK: Duration = Duration::from_millis(20);

    /// What is asked for.
    #[derive(Debug)]
    pub(super) struct Arguments {
        settings: Settings,
        /// Each piece of an upload is refused with this code.
        refuses: Option<i32>,
        /// It answers nothing once it stored so many bytes.
        silent_after: Option<u64>,
        /// Readers on UDP; none: one on a serial port.
        udp: usize,
        /// Where an image newer than that of the readers is written.
        image: Option<PathBuf>,
        image_bytes: u32,
    }

    pub(super) fn arguments(
        mut given: impl Iterator<Item = String>,
    ) -> Result<Arguments, Box<dyn Error>> {
        let mut arguments = Arguments {
            settings: Settings::default(),
            refuses: None,
            silent_after: None,
            udp: 0,
            image: None,
            image_bytes: 4000,
        };
        let settings = &mut arguments.settings;
        let (mut baud, mut latency) = (0, Duration::ZERO);
        while let Some(name) = given.next() {
            let value = given.next().ok_or(USAGE)?;
            match name.as_str() {
                "--baud" => baud = value.parse()?,
                "--latency-ms" => latency = Duration::from_millis(value.parse()?),
                "--flash-us-per-byte" => {
                    settings.flash_per_byte = Duration::from_micros(value.parse()?);
                }
                "--buffers" => settings.buffers = value.parse()?,
                "--buffer-size" => settings.buffer_bytes = value.parse()?,
                "--refuses" => arguments.refuses = Some(value.parse()?),
                "--silent-after" => arguments.silent_after = Some(value.parse()?),
                "--shell" => settings.shell = value.parse()?,
                "--udp" => arguments.udp = value.parse()?,
                "--image" => arguments.image = Some(value.into()),
                "--image-bytes" => arguments.image_bytes = value.parse()?,
                _ => return Err(USAGE.into()),
            }
        }
        settings.line = (baud > 0).then_some(Line { baud, latency });
        Ok(arguments)
    }

    pub(super) async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
        if let Some(path) = &arguments.image {
            fs::write(path, demo_image((2, 0, 0), arguments.image_bytes))?;
        }
        if arguments.udp == 0 {
            let reader = reader(&arguments);
            let port = serve_pty(reader.clone())?;
            say(&format!("{{\"port\":\"{}\"}}", port.path().display()))?;
            return report(&[reader]).await;
        }
        let mut readers = Vec::new();
        let mut servers = Vec::new();
        for _ in 0..arguments.udp {
            let reader = reader(&arguments);
            servers.push(serve_udp(reader.clone()).await?);
            readers.push(reader);
        }
        let addresses = servers.iter().map(|one| format!("\"{}\"", one.address()));
        let addresses: Vec<String> = addresses.collect();
        say(&format!("{{\"udp\":[{}]}}", addresses.join(",")))?;
        report(&readers).await
    }

    fn reader(arguments: &Arguments) -> SimulatedReader {
        let reader = SimulatedReader::new(arguments.settings.clone(), demo_image((1, 0, 0), 4000));
        reader.set_faults(Faults {
            refuses_uploads: arguments.refuses,
            dies_after_bytes: arguments.silent_after,
            ..Faults::default()
        });
        reader
    }

    /// Prints a line for each upload that one of them completes, until nobody wants to know.
    async fn report(readers: &[SimulatedReader]) -> Result<(), Box<dyn Error>> {
        let mut input = tokio::io::stdin();
        let mut unread = [0; 64];
        let mut looks = interval(LOOK);
        let mut stated = vec![None; readers.len()];
        loop {
            tokio::select! {
                read = input.read(&mut unread) => if read? == 0 {
                    return Ok(());
                },
                _ = looks.tick() => {}
            }
            for (number, (reader, stated)) in readers.iter().zip(&mut stated).enumerate() {
                let counters = reader.counters();
                if let Some(upload) = counters.last_upload
                    && *stated != Some(upload)
                {
                    *stated = Some(upload);
                    say(&format!(
                        "{{\"reader\":{number},\"image_bytes\":{},\"line_bytes\":{},\"received_bytes\":{},\
                         \"seconds\":{:.4},\"dropped\":{}}}",
                        upload.image_bytes,
                        upload.line_bytes,
                        counters.upload_bytes,
                        upload.took.as_secs_f64(),
                        counters.dropped
                    ))?;
                }
            }
        }
    }

    fn say(line: &str) -> std::io::Result<()> {
        println!("{line}");
        std::io::stdout().flush()
    }
}
