//! Why a simulated world cannot start.

use std::io;

/// Why a simulated world cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The port cannot be had.
    #[error("127.0.0.1:{port} cannot be used: {source}")]
    Port {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The directory for images cannot be had.
    #[error("the directory for firmware images cannot be used: {source}")]
    Directory {
        /// The system's reason.
        source: io::Error,
    },
    /// The state of an earlier run cannot be read, or the new one not be written.
    #[error("the state of the simulated service cannot be stored: {source}")]
    State {
        /// The system's reason.
        source: io::Error,
    },
}
