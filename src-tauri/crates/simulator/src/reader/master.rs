//! The device's side of a pseudo terminal as an asynchronous stream.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::OwnedFd,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use rustix::{
    fs::OFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, unix::AsyncFd},
    time::{Sleep, sleep},
};

/// How often it is looked whether a program opened the terminal. Linux reports a hang-up for as
/// long as nobody has it open, so there is nothing to wait for.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// Linux `errno-base.h`, EIO: no program has the terminal open.
const NOBODY: i32 = 5;

/// The master of a raw pseudo terminal. Reading waits while nobody has the other side open;
/// dropping it hangs up.
#[derive(Debug)]
pub(super) struct Master {
    file: AsyncFd<File>,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Master {
    /// A new terminal and the path of its other side.
    pub(super) fn open() -> io::Result<(Self, String)> {
        let master: OwnedFd =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = ptsname(&master, Vec::new())?;
        let path = path
            .into_string()
            .map_err(|_| io::Error::other("the terminal's name is no text"))?;
        // Without this the terminal would echo and translate line ends until a program opens it.
        let mut settings = tcgetattr(&master)?;
        settings.make_raw();
        tcsetattr(&master, OptionalActions::Now, &settings)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        Ok((
            Self {
                file: watched(File::from(master))?,
                wait: None,
            },
            path,
        ))
    }

    fn register_again(&mut self, context: &Context<'_>) -> io::Result<()> {
        self.file = watched(self.file.get_ref().try_clone()?)?;
        // Who waits to write waits at the old one.
        context.waker().wake_by_ref();
        Ok(())
    }

    fn poll_someone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(LOOK_AGAIN)));
        ready!(wait.as_mut().poll(context));
        self.wait = None;
        Poll::Ready(())
    }
}

#[expect(
    deprecated,
    reason = "the successor is unsafe to call; a File keeps its descriptor for as long as it lives"
)]
fn watched(file: File) -> io::Result<AsyncFd<File>> {
    AsyncFd::new(file)
}

impl AsyncRead for Master {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut was_empty = false;
        loop {
            if self.wait.is_some() {
                ready!(self.poll_someone(context));
            }
            let mut guard = ready!(self.file.poll_read_ready(context))?;
            let space = buffer.initialize_unfilled();
            match guard.try_io(|file| file.get_ref().read(space)) {
                Ok(Ok(count)) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) if error.raw_os_error() == Some(NOBODY) => {
                    ready!(self.poll_someone(context));
                }
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) if was_empty => {
                    // A hang-up that was reported once counts as readable for ever, also when the terminal is
                    // open again: without a new registration this would be asked without end.
                    self.register_again(context)?;
                    was_empty = false;
                }
                Err(_would_block) => was_empty = true,
            }
        }
    }
}

impl AsyncWrite for Master {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.file.poll_write_ready(context))?;
            match guard.try_io(|file| file.get_ref().write(bytes)) {
                Ok(written) => return Poll::Ready(written),
                Err(_would_block) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
