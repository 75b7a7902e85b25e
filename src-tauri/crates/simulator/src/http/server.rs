//! One running server: its port, its tasks, how it ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Recorder, Service,
    connection::StopSignals,
    listener::{self, Listener, Opened},
    middleware::Middleware,
};
use crate::{SimulatorError, fault::Dial};

/// How long a graceful end waits for answers that are still being made.
const GRACE: Duration = Duration::from_secs(2);

/// What a server is started with.
#[derive(Debug)]
pub(crate) struct ServerOptions {
    pub(crate) dial: Dial,
    pub(crate) recorder: Recorder,
}

/// A port that is open and not yet served: the service behind it may need to know its address.
#[derive(Debug)]
pub(crate) struct Port(Opened);

impl Port {
    /// Where it is.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// A running server. Dropping it ends it abruptly.
#[derive(Debug)]
pub(crate) struct HttpServer {
    listening: watch::Receiver<bool>,
    stop: CancellationToken,
    kill: CancellationToken,
    tasks: TaskTracker,
}

impl HttpServer {
    /// Opens a port of 127.0.0.1; 0 is any free one.
    pub(crate) async fn open(port: u16) -> Result<Port, SimulatorError> {
        let opened = listener::open(port).await;
        let opened = opened.map_err(|source| SimulatorError::Port { port, source })?;
        Ok(Port(opened))
    }

    /// Opens a port that was used before, or any free one when it is taken.
    pub(crate) async fn open_again(port: u16) -> Result<Port, SimulatorError> {
        match listener::open(port).await {
            Ok(opened) => Ok(Port(opened)),
            Err(_) => Self::open(0).await,
        }
    }

    /// Serves the service on the port, on the present tokio runtime.
    pub(crate) fn start(port: Port, service: Arc<dyn Service>, options: ServerOptions) -> Self {
        let Port(Opened { address, socket }) = port;
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        let (says, listening) = watch::channel(true);
        let tasks = TaskTracker::new();
        let listener = Listener {
            address,
            ends: StopSignals {
                stop: stop.clone(),
                kill: kill.clone(),
                plug: options.dial.plug(),
            },
            middleware: Arc::new(Middleware::new(service, options.dial, options.recorder)),
            listening: says,
            tasks: tasks.clone(),
        };
        tasks.spawn(listener.run(socket));
        Self {
            listening,
            stop,
            kill,
            tasks,
        }
    }

    /// Repeats something until the server ends.
    pub(crate) fn repeat(&self, every: Duration, mut act: impl FnMut() + Send + 'static) {
        let (stop, kill) = (self.stop.clone(), self.kill.clone());
        self.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = kill.cancelled() => return,
                    _ = ticks.tick() => act(),
                }
            }
        });
    }

    /// Waits until the server followed the plug: until its port is open, or refuses connections.
    pub(crate) async fn until_listening(&self, listening: bool) {
        // When the server has ended nothing changes any more.
        let _ = self.listening.clone().wait_for(|is| *is == listening).await;
    }

    /// Ends it in order: no new connection, running requests are answered. Requests that take
    /// longer than two seconds are cut.
    pub(crate) async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            self.kill().await;
        }
    }

    /// Ends it as a power failure would: every connection is reset.
    pub(crate) async fn kill(&self) {
        self.kill.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.kill.cancel();
    }
}
