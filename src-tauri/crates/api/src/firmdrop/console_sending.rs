//! What was typed into a console and is on its way into the port.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

/// How long the port may take what is sent at a time.
const WITHIN: Duration = Duration::from_secs(5);

/// Bytes that the port takes one part after the other, so that whoever sends can do something else in between.
#[derive(Debug, Default)]
pub(super) struct Sending {
    bytes: Vec<u8>,
    /// So many of them the port has taken.
    taken: usize,
    until: Option<Instant>,
}

impl Sending {
    /// These bytes are sent from now on.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self {
            until: Some(Instant::now() + WITHIN),
            bytes,
            taken: 0,
        }
    }

    /// Bytes that the port has yet to take.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.taken
    }

    /// Waits until the port takes some; never returns when none are left. Nothing is lost when it is cancelled. Fails
    /// with [`io::ErrorKind::TimedOut`] when the port did not take all of them within 5 s.
    pub(super) async fn step(&mut self, port: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let Some(until) = self.until.filter(|_| !rest.is_empty()) else {
            return std::future::pending().await;
        };
        match tokio::time::timeout_at(until, port.write(rest)).await {
            Ok(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
            Ok(Ok(count)) => {
                self.taken += count;
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn a_port_takes_what_is_sent_part_by_part_and_nothing_is_sent_twice() {
        let (mut port, mut reader) = duplex(4);
        let mut sending = Sending::of(b"version\r\n".to_vec());
        let mut read = Vec::new();
        while sending.left() > 0 {
            let before = sending.left();
            sending.step(&mut port).await.unwrap();
            assert!(sending.left() < before);
            let mut part = [0; 4];
            let count = reader.read(&mut part).await.unwrap();
            read.extend_from_slice(&part[..count]);
        }
        drop(port);
        reader.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"version\r\n");
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_that_takes_nothing_is_given_up_after_a_time_however_often_it_is_asked() {
        let (mut port, _reader) = duplex(4);
        let mut sending = Sending::of(vec![b'x'; 100]);
        let began = Instant::now();
        let failed = loop {
            let step = sending.step(&mut port);
            // Something else happens now and then.
            match tokio::time::timeout(Duration::from_millis(300), step).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(error)) => break error,
            }
        };
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert_eq!(sending.left(), 96);
        assert_eq!(began.elapsed().as_secs(), WITHIN.as_secs());
    }
}
