//! A pretend SMP reader on a port of its own, for benches and other programs.
//!
//! Prints one JSON line with the port, and one for each upload that was completed, timed on the
//! reader's side. Ends when its standard input does.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by other programs"
)]

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    serve::serve(serve::settings(std::env::args().skip(1))?).await
}

#[cfg(not(unix))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("pseudo terminals need a Unix system".into())
}

#[cfg(unix)]
mod serve {
    use std::{error::Error, io::Write, time::Duration};

    use firmdrop_simulator::reader::{Line, Settings, SimulatedReader, demo_image, serve_pty};
    use tokio::{io::AsyncReadExt, time::interval};

    const USAGE: &str = "smp-reader [--baud RATE] [--latency-ms MS] [--flash-us-per-byte US] \
                         [--buffers COUNT] [--buffer-size BYTES]";
    /// How often it is looked whether an upload was completed.
    const LOOK: Duration = Duration::from_millis(20);

    pub(super) fn settings(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Settings, Box<dyn Error>> {
        let mut settings = Settings::default();
        let (mut baud, mut latency) = (0, Duration::ZERO);
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match name.as_str() {
                "--baud" => baud = value.parse()?,
                "--latency-ms" => latency = Duration::from_millis(value.parse()?),
                "--flash-us-per-byte" => {
                    settings.flash_per_byte = Duration::from_micros(value.parse()?);
                }
                "--buffers" => settings.buffers = value.parse()?,
                "--buffer-size" => settings.buffer_bytes = value.parse()?,
                _ => return Err(USAGE.into()),
            }
        }
        settings.line = (baud > 0).then_some(Line { baud, latency });
        Ok(settings)
    }

    pub(super) async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
        let port = serve_pty(reader.clone())?;
        say(&format!("{{\"port\":\"{}\"}}", port.path().display()))?;
        let mut input = tokio::io::stdin();
        let mut unread = [0; 64];
        let mut looks = interval(LOOK);
        let mut told = None;
        loop {
            tokio::select! {
                read = input.read(&mut unread) => if read? == 0 {
                    return Ok(());
                },
                _ = looks.tick() => {}
            }
            let counters = reader.counters();
            if let Some(upload) = counters.last_upload
                && told != Some(upload)
            {
                told = Some(upload);
                say(&format!(
                    "{{\"image_bytes\":{},\"line_bytes\":{},\"seconds\":{:.4},\"dropped\":{}}}",
                    upload.image_bytes,
                    upload.line_bytes,
                    upload.took.as_secs_f64(),
                    counters.dropped
                ))?;
            }
        }
    }

    fn say(line: &str) -> std::io::Result<()> {
        println!("{line}");
        std::io::stdout().flush()
    }
}
