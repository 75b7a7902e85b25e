//! Services that store, import and roll out firmware images, one module each.
//!
//! A service knows images and the HTTP client, never a reader, a journal or a window. What must
//! survive a kill is handed to a record that the caller holds.

mod alone;
pub mod azure;
mod changed_file;
mod json_value;
mod known_host;
pub mod pelion;
mod pieces;
mod session;
mod state_word;
