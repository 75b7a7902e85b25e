//! A longer send buffer for a line that has shown itself quick.
//!
//! The kernel lets a send buffer grow to what `tcp_wmem` allows, 4 MiB as a rule. On a far line that
//! is less than BBR wants under way (nearly three times what the line holds): it then takes every
//! measurement for one of an idle sender, never leaves its start-up, and overfills the line for as
//! long as the upload lasts. On 100 Mbit/s and 150 ms a tenth of the bytes went twice. A program may
//! ask for more than the kernel takes by itself, as far as `wmem_max` allows; where that is less,
//! asking would only shorten the buffer, so nothing is asked.
//!
//! The HTTP client keeps its sockets to itself. They are found among the descriptors of this process
//! by the address of their far end, each under a second descriptor for that moment, which is how the
//! kernel lends one without unsafe code. Whatever fails on the way leaves the buffer as it was (many
//! containers refuse `pidfd_getfd`, kernels before 5.6 lack it): this only ever saves time. It is not a pace and not a window, and other systems than Linux have neither the
//! ceiling nor the remedy.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Length of the longer buffer as it is asked for, bytes. The kernel doubles it for its own
/// bookkeeping (socket(7), `SO_SNDBUF`).
#[cfg(target_os = "linux")]
const ASKED_BYTES: u64 = 4 * 1024 * 1024;

/// A line is quick when it takes that many bytes of one body … As many as the kernel's own buffer
/// holds as a rule: the longer one is there before that is full and BBR, still in its start-up, takes
/// the sender for idle.
pub(crate) const PROOF_BYTES: u64 = 4 * 1024 * 1024;

/// … in so little time. As long as the line stays like that, the longer buffer empties within the
/// deadline of an answer many times over; on one that becomes far slower meanwhile it may not, and
/// the host is asked what it holds, as after any silence.
pub(crate) const PROOF_TIME: Duration = Duration::from_secs(2);

/// The send buffers of the connections to one host. Clones mean the same connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct SendBuffer {
    far_end: Arc<Mutex<Option<SocketAddr>>>,
}

impl SendBuffer {
    /// Notes where the host, or the proxy before it, answered from.
    pub(crate) fn answered_from(&self, far_end: Option<SocketAddr>) {
        if far_end.is_some() {
            *self.far_end.lock().unwrap_or_else(PoisonError::into_inner) = far_end;
        }
    }

    /// Lengthens the buffers of the connections to where the host last answered from. Reads two
    /// lines of `/proc` and goes through the descriptors at once, without waiting: microseconds
    /// for each descriptor, at most once for each body.
    pub(crate) fn lengthen(&self) {
        let far_end = *self.far_end.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(target_os = "linux")]
        if let (Some(far_end), Some(bytes)) = (far_end, linux::worth_asking()) {
            // A shorter buffer is slower, and nothing else.
            drop(linux::enlarge(far_end, bytes));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = far_end;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, io, net::SocketAddr, os::fd::OwnedFd};

    use rustix::{
        net::{getpeername, sockopt::set_socket_send_buffer_size},
        process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open},
    };

    use super::ASKED_BYTES;

    /// What to ask for, when that is more than the kernel's own tuning reaches.
    pub(super) fn worth_asking() -> Option<usize> {
        let most = fs::read_to_string("/proc/sys/net/core/wmem_max").ok()?;
        let tuned = fs::read_to_string("/proc/sys/net/ipv4/tcp_wmem").ok()?;
        more_than_tuned(&most, &tuned)
    }

    /// `tuned` holds the least, first and largest length of the kernel's tuning.
    fn more_than_tuned(most: &str, tuned: &str) -> Option<usize> {
        let most: u64 = most.trim().parse().ok()?;
        let tuned: u64 = tuned.split_whitespace().nth(2)?.parse().ok()?;
        let asked = most.min(ASKED_BYTES);
        (asked * 2 > tuned).then(|| usize::try_from(asked).ok())?
    }

    pub(super) fn enlarge(far_end: SocketAddr, bytes: usize) -> io::Result<()> {
        for socket in sockets_to(far_end)? {
            set_socket_send_buffer_size(socket, bytes)?;
        }
        Ok(())
    }

    /// This process's sockets to that far end, under descriptors of their own.
    pub(super) fn sockets_to(far_end: SocketAddr) -> io::Result<Vec<OwnedFd>> {
        let this = pidfd_open(getpid(), PidfdFlags::empty())?;
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc/self/fd")? {
            let entry = entry?;
            // A descriptor may be closed while they are gone through.
            let is_socket = fs::read_link(entry.path())
                .is_ok_and(|target| target.to_string_lossy().starts_with("socket:"));
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let Some(number) = number.filter(|_| is_socket) else {
                continue;
            };
            let Ok(socket) = pidfd_getfd(&this, number, PidfdGetfdFlags::empty()) else {
                continue;
            };
            let leads_to = getpeername(&socket).ok().flatten();
            if leads_to.and_then(|address| SocketAddr::try_from(address).ok()) == Some(far_end) {
                found.push(socket);
            }
        }
        Ok(found)
    }

    #[cfg(test)]
    mod tests {
        use std::{
            net::{TcpListener, TcpStream},
            os::fd::AsRawFd,
        };

        use rustix::{io::Errno, net::sockopt::socket_send_buffer_size};

        use super::*;

        #[test]
        fn nothing_is_asked_where_it_would_shorten_the_buffer() {
            let tuned = "4096\t16384\t4194304\n";
            assert_eq!(more_than_tuned("212992\n", tuned), None);
            assert_eq!(more_than_tuned("2097152\n", tuned), None);
            assert_eq!(more_than_tuned("4194304\n", tuned), Some(4_194_304));
            assert_eq!(more_than_tuned("1073741824\n", tuned), Some(4_194_304));
            let tuned_long = "4096 65536 67108864";
            assert_eq!(more_than_tuned("1073741824\n", tuned_long), None);
            assert_eq!(more_than_tuned("4194304", "unknown"), None);
        }

        #[test]
        fn only_connections_to_that_far_end_get_another_buffer() {
            let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
            let (host, other) = (listen(), listen());
            let to_host = TcpStream::connect(host.local_addr().unwrap()).unwrap();
            let to_other = TcpStream::connect(other.local_addr().unwrap()).unwrap();
            let lent = pidfd_open(getpid(), PidfdFlags::empty())
                .and_then(|this| pidfd_getfd(&this, to_host.as_raw_fd(), PidfdGetfdFlags::empty()));
            if matches!(lent, Err(Errno::PERM | Errno::NOSYS)) {
                // Whoever runs this in such a container has the buffers of the kernel.
                return;
            }
            let before = socket_send_buffer_size(&to_other).unwrap();
            // Small enough for any system, and not what a new socket has.
            enlarge(host.local_addr().unwrap(), 50_000).unwrap();
            assert_eq!(socket_send_buffer_size(&to_host).unwrap(), 100_000);
            assert_eq!(socket_send_buffer_size(&to_other).unwrap(), before);
        }
    }
}
