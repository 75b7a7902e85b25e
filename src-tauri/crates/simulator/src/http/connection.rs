//! One connection, served by hand so that it can be reset at any moment.

use std::{convert::Infallible, sync::Arc};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::watch};
use tokio_util::sync::CancellationToken;

use super::{line::Line, middleware::Middleware};

/// What ends connections from outside.
#[derive(Debug, Clone)]
pub(super) struct StopSignals {
    /// Answer what is running, then close.
    pub(super) stop: CancellationToken,
    /// Reset now.
    pub(super) kill: CancellationToken,
    /// False: the plug is out, reset now.
    pub(super) plug: watch::Receiver<bool>,
}

/// Serves requests on `stream` until the client closes it or something ends it.
pub(super) async fn serve(stream: TcpStream, middleware: Arc<Middleware>, mut ends: StopSignals) {
    // Answers are small; without this, loopback waits 40 ms for more. It can only be slower.
    let _ = stream.set_nodelay(true);
    let cord = ends.kill.child_token();
    let line = Line::new(cord.clone());
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let (middleware, line) = (Arc::clone(&middleware), line.clone());
        async move { Ok::<_, Infallible>(middleware.pass(request, line).await) }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            () = cord.cancelled() => break,
            () = unplugged(&mut ends.plug) => break,
            // How it ended is in the record of its requests.
            _ = &mut connection => return,
            () = ends.stop.cancelled(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    // A reset, not an orderly end: the client must see a broken line. If it is refused, dropping
    // the stream still ends it.
    let _ = connection.into_parts().io.into_inner().set_zero_linger();
}

/// Returns once the plug is out.
pub(super) async fn unplugged(plug: &mut watch::Receiver<bool>) {
    if plug.wait_for(|plugged_in| !plugged_in).await.is_err() {
        // Nobody holds the dial any more, so nobody can pull the plug.
        std::future::pending::<()>().await;
    }
}
