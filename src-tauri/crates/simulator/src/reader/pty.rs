//! Serves a pretend reader on a pseudo terminal, so that other programs take it for a serial port.

use std::{
    io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{SimulatedReader, master::Master, serve};

/// Time from the end of a link to the hang-up. Linux throws away what nobody has read from a terminal that is hung up,
/// the answer to a request for a restart too; firmware restarts some time after that answer (Zephyr after 250 ms,
/// `CONFIG_MCUMGR_GRP_OS_RESET_MS`).
const HANGS_UP_AFTER: Duration = Duration::from_millis(50);

/// A reader on a port. Dropping it takes the port away.
#[derive(Debug)]
pub struct PtyServer {
    path: PathBuf,
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl PtyServer {
    /// The port. It stays the same while the reader comes and goes; it is not there while the
    /// reader is away.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PtyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves the reader on a new pseudo terminal.
pub fn serve_pty(reader: SimulatedReader) -> io::Result<PtyServer> {
    let folder = tempfile::Builder::new().prefix("firmdrop-").tempdir()?;
    let path = folder.path().join("ttySIM0");
    let mut master = appear(&path)?;
    let port = path.clone();
    let task = tokio::spawn(async move {
        loop {
            serve::stream(&reader, &mut master).await;
            let _ = std::fs::remove_file(&port);
            tokio::time::sleep(HANGS_UP_AFTER).await;
            // Whoever had the port open sees it go.
            drop(master);
            serve::here(&reader).await;
            match appear(&port) {
                Ok(again) => master = again,
                // The system has no terminal left: this reader stays away.
                Err(_) => return,
            }
        }
    });
    Ok(PtyServer {
        path,
        task,
        _folder: folder,
    })
}

/// A new terminal behind the old path.
fn appear(path: &Path) -> io::Result<Master> {
    let (master, terminal) = Master::open()?;
    symlink(terminal, path)?;
    Ok(master)
}
