//! A pretend Blob storage for benches and other programs: it takes sums of what comes and forgets the
//! bytes, so that a blob of any size needs neither memory nor disk.
//!
//! Prints one JSON line with its address, its account and the account's key. Ends when its standard
//! input does.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by other programs"
)]

use std::{error::Error, io::Write as _};

use firmdrop_simulator::blob::{BlobOptions, BlobServer, Storage};
use tokio::io::AsyncReadExt as _;

const USAGE: &str = "blob-storage [--port PORT] [--container NAME]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = BlobOptions {
        storage: Storage::Discard,
        ..BlobOptions::default()
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or(USAGE)?;
        match name.as_str() {
            "--port" => options.port = value.parse()?,
            "--container" => options.containers.push(value),
            _ => return Err(USAGE.into()),
        }
    }
    let server = BlobServer::start(options).await?;
    println!(
        "{{\"endpoint\": \"{}\", \"account\": \"{}\", \"key\": \"{}\"}}",
        server.endpoint(),
        server.account(),
        server.key()
    );
    std::io::stdout().flush()?;
    let mut unread = [0; 64];
    while tokio::io::stdin().read(&mut unread).await? != 0 {}
    Ok(())
}
