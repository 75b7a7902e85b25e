//! Work that blocks, where it may.

use firmdrop_core::{Code, Diagnosis};
use tokio::task::JoinError;

/// Does work that blocks on the disk or the key store without holding an async worker.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Diagnosis> + Send + 'static,
) -> Result<T, Diagnosis> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(task_died(&error)),
    }
}

/// A task ended without a result: it panicked.
pub fn task_died(error: &JoinError) -> Diagnosis {
    let what = "A part of Firmdrop stopped working.";
    let why: String = error.to_string().chars().take(500).collect();
    Diagnosis::new(Code::Internal, what, why)
}
