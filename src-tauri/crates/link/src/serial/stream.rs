//! The bytes of one open port.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, TryLockError},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::SerialStream;

use super::latency::LowLatency;
use super::port::Port;
use crate::{LineControl, Stream};

/// An open port. Dropping it closes the port, drops what was written and not waited for, and puts the adapter's latency back.
#[derive(Debug)]
pub(super) struct SerialLink {
    pub(super) port: String,
    /// Shared with the thread that changes settings, which may wait for the driver. Only a change
    /// whose caller gave up can still hold it while bytes are wanted again.
    pub(super) stream: Arc<Mutex<Port>>,
    _low_latency: Option<LowLatency>,
}

impl SerialLink {
    /// The link of a port that was opened.
    pub(super) fn new(port: &str, stream: SerialStream, low_latency: Option<LowLatency>) -> Self {
        Self {
            port: port.to_owned(),
            stream: Arc::new(Mutex::new(Port::new(stream))),
            _low_latency: low_latency,
        }
    }

    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        work: impl FnOnce(&mut Port, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        match self.stream.try_lock() {
            Ok(mut port) => work(&mut port, context),
            Err(TryLockError::Poisoned(poisoned)) => work(&mut poisoned.into_inner(), context),
            Err(TryLockError::WouldBlock) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl Stream for SerialLink {
    fn line(&mut self) -> Option<&mut dyn LineControl> {
        Some(self)
    }
}

impl AsyncRead for SerialLink {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll(context, |port, context| {
            Pin::new(&mut **port).poll_read(context, buffer)
        })
    }
}

impl AsyncWrite for SerialLink {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(context, |port, context| {
            port.is_unsettled = true;
            Pin::new(&mut **port).poll_write(context, bytes)
        })
    }

    /// Every byte is the driver's once it is written. The crate's own flush waits in `tcdrain` and
    /// would hold up every task of the thread.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
