//! The port: who comes in through it, and how it goes dark while the plug is pulled.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
};
use tokio_util::task::TaskTracker;

use super::{
    connection::{self, StopSignals},
    middleware::Middleware,
};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long to wait before the port is requested again, should another program have taken it.
const PORT_RETRY: Duration = Duration::from_millis(100);

/// An open port on 127.0.0.1.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) address: SocketAddr,
    pub(super) socket: TcpListener,
}

/// Opens `port`, or any free one for 0.
pub(super) async fn open(port: u16) -> io::Result<Opened> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(Opened {
        address: socket.local_addr()?,
        socket,
    })
}

/// Accepts connections as long as the server lives.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) middleware: Arc<Middleware>,
    pub(super) ends: StopSignals,
    pub(super) listening: watch::Sender<bool>,
    pub(super) tasks: TaskTracker,
}

impl Listener {
    /// Serves until the server stops.
    pub(super) async fn run(mut self, mut socket: TcpListener) {
        let (stop, kill) = (self.ends.stop.clone(), self.ends.kill.clone());
        tokio::select! {
            () = stop.cancelled() => {}
            () = kill.cancelled() => {}
            () = async {
                loop {
                    self.accept(&socket).await;
                    socket = self.stay_dark(socket).await;
                }
            } => {}
        }
    }

    /// Lets clients in until the plug is pulled.
    async fn accept(&mut self, socket: &TcpListener) {
        let mut plug = self.ends.plug.clone();
        loop {
            tokio::select! {
                biased;
                () = connection::unplugged(&mut plug) => return,
                accepted = socket.accept() => {
                    // One that failed was given up by its client before it was accepted.
                    if let Ok((stream, _)) = accepted {
                        let (middleware, ends) = (Arc::clone(&self.middleware), self.ends.clone());
                        self.tasks.spawn(connection::serve(stream, middleware, ends));
                    }
                }
            }
        }
    }

    /// Refuses connections until the plug is in. The port stays ours: it is bound, not listening.
    async fn stay_dark(&mut self, socket: TcpListener) -> TcpListener {
        drop(socket);
        let mut held = reserve(self.address);
        self.listening.send_replace(false);
        let mut plug = self.ends.plug.clone();
        if plug.wait_for(|plugged_in| *plugged_in).await.is_err() {
            std::future::pending::<()>().await;
        }
        loop {
            if let Ok(socket) = held.and_then(|socket| socket.listen(BACKLOG)) {
                self.listening.send_replace(true);
                return socket;
            }
            tokio::time::sleep(PORT_RETRY).await;
            held = reserve(self.address);
        }
    }
}

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of before may still linger on the port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
