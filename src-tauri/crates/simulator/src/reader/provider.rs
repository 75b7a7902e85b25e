//! Pretend readers as a kind of way of their own: `sim:ID`.
//!
//! The link is a pipe inside this process; for other programs there are `pty` and `udp`.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use firmdrop_link::{
    Access, Channel, Link, LinkAddress, LinkError, Provider, Reader, SIMULATED, Stream,
    WATCH_PERIOD, Watch,
};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::{Radio, SimulatedReader, pretend_radio::HeldRadio, serve};

/// Bytes a pipe holds before a writer waits. Linux `n_tty.c`, `N_TTY_BUF_SIZE`.
const PIPE_BYTES: usize = 4096;

/// The readers of a pretend world.
#[derive(Debug, Default)]
pub struct SimulatedReaders(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    id: String,
    reader: SimulatedReader,
    held: Arc<AtomicBool>,
    /// It is reached over a radio; otherwise through a pipe.
    radio: Option<Radio>,
    /// The reader that is plugged in here once the link of the first one broke.
    next: Option<SimulatedReader>,
}

impl SimulatedReaders {
    /// With one more reader, reached as `sim:ID`.
    #[must_use]
    pub fn with(mut self, id: impl Into<String>, reader: &SimulatedReader) -> Self {
        self.0.push(Entry {
            id: id.into(),
            reader: reader.clone(),
            held: Arc::default(),
            radio: None,
            next: None,
        });
        self
    }

    /// With one more reader, reached as `sim:ID` over a pretend radio.
    #[must_use]
    pub fn with_radio(self, id: impl Into<String>, reader: &SimulatedReader, radio: Radio) -> Self {
        let mut readers = self.with(id, reader);
        if let Some(entry) = readers.0.last_mut() {
            entry.radio = Some(radio);
        }
        readers
    }

    /// With one more reader, reached as `sim:ID`, in whose place `next` is plugged in once its link broke.
    #[must_use]
    pub fn with_next(self, id: &str, reader: &SimulatedReader, next: &SimulatedReader) -> Self {
        let mut readers = self.with(id, reader);
        if let Some(entry) = readers.0.last_mut() {
            entry.next = Some(next.clone());
        }
        readers
    }

    /// The reader with this id, for whoever turns its fault dial.
    pub fn reader(&self, id: &str) -> Option<&SimulatedReader> {
        let entry = self.0.iter().find(|entry| entry.id == id);
        entry.map(|entry| &entry.reader)
    }
}

impl Entry {
    /// The reader that is plugged in now.
    fn plugged_in(&self) -> &SimulatedReader {
        let next = self.next.as_ref().filter(|_| self.reader.has_left());
        next.unwrap_or(&self.reader)
    }

    fn access(&self) -> Access {
        if !self.plugged_in().is_here() {
            Access::Gone
        } else if self.held.load(Ordering::Relaxed) {
            Access::InUse { by: None }
        } else {
            Access::Ready
        }
    }

    fn address(&self) -> LinkAddress {
        LinkAddress::simulated(&self.id)
    }
}

#[async_trait]
impl Provider for SimulatedReaders {
    fn channel(&self) -> &'static str {
        SIMULATED
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let readers = self.0.iter().map(|entry| Reader {
            id: entry.address().to_string(),
            name: entry.plugged_in().settings().name.clone(),
            serial: entry.plugged_in().settings().serial.clone(),
            place: "Simulated".into(),
            channel: Channel::Simulated,
            address: entry.address(),
            access: entry.access(),
            simulated: true,
        });
        Ok(readers.collect())
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let place = address.to_string();
        let found = self.0.iter().find(|entry| entry.address() == *address);
        let entry = match found {
            Some(entry) if entry.plugged_in().is_here() => entry,
            _ => return Err(LinkError::NotFound { place }),
        };
        if entry.held.swap(true, Ordering::AcqRel) {
            return Err(LinkError::Busy { place });
        }
        if let Some(radio) = &entry.radio {
            let held = Arc::clone(&entry.held);
            let link = HeldRadio::to(entry.plugged_in(), radio, place.clone(), held);
            return match link {
                Some(link) => Ok(Link::Gatt(Box::new(link))),
                None => Err(LinkError::NotFound { place }),
            };
        }
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let reader = entry.plugged_in().clone();
        tokio::spawn(async move { serve::stream(&reader, theirs).await });
        Ok(Link::Stream(Box::new(HeldPipe {
            pipe: ours,
            held: Arc::clone(&entry.held),
        })))
    }
}

/// The host's end of the pipe; dropping it lets the reader go.
#[derive(Debug)]
struct HeldPipe {
    pipe: DuplexStream,
    held: Arc<AtomicBool>,
}

impl Stream for HeldPipe {}

impl Drop for HeldPipe {
    fn drop(&mut self) {
        self.held.store(false, Ordering::Release);
    }
}

impl AsyncRead for HeldPipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(context, buffer)
    }
}

impl AsyncWrite for HeldPipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(context)
    }
}
