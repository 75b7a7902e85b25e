//! The end of the terminal that the program was started from, as of a connection that broke.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for the end of the terminal. Never comes where it is ignored, as `nohup` asks, or where that cannot be known.
pub(super) async fn hung_up() {
    // A handler would take the place of what `nohup` asked for.
    if is_ignored() == Some(false)
        && let Ok(mut hang_up) = signal(SignalKind::hangup())
    {
        hang_up.recv().await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Whether this process was started with SIGHUP ignored (`proc_pid_status(5)`: a mask, SIGHUP is its first bit).
fn is_ignored() -> Option<bool> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    is_in_mask(&status)
}

fn is_in_mask(status: &str) -> Option<bool> {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some(mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_asks_for_is_read_from_the_mask_of_ignored_signals() {
        let status = |mask| format!("Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert_eq!(is_in_mask(&status("0000000000001001")), Some(true));
        assert_eq!(is_in_mask(&status("0000000000001000")), Some(false));
        assert_eq!(is_in_mask("Name:\tx\n"), None);
    }
}
