//! A gateway that refuses a body by its length answers before it has read it: the refusal is heard.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use firmdrop_net::{Deadlines, Http, HttpOptions, Method, NetError, Request, StreamedBody, Url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const PIECE_BYTES: usize = 64 * 1024;
const PIECES: usize = 256;

/// Reads so much of a request, refuses it, and reads on without a look until the sender hangs up:
/// what nginx calls a lingering close.
async fn gateway(read_bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut read = vec![0; read_bytes];
                stream.read_exact(&mut read).await.unwrap();
                let refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(refusal).await.unwrap();
                stream.shutdown().await.unwrap();
                let mut rest = vec![0; PIECE_BYTES];
                while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    address
}

async fn post(to: SocketAddr) -> Result<u16, NetError> {
    let options = HttpOptions {
        deadlines: Deadlines {
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(5),
            answer: Duration::from_secs(5),
        },
        ..HttpOptions::default()
    };
    let url = Url::parse(&format!("http://{to}/chunks")).unwrap();
    let http = Http::new(&url, &options).unwrap();
    let piece = Bytes::from(vec![7; PIECE_BYTES]);
    let body = StreamedBody {
        length_bytes: (PIECE_BYTES * PIECES) as u64,
        pieces: Box::pin(futures::stream::iter(
            vec![piece; PIECES].into_iter().map(Ok),
        )),
    };
    let answer = http
        .send(Request::new(Method::Post, url).streamed(body))
        .await?;
    Ok(answer.status())
}

#[tokio::test]
async fn a_refusal_that_comes_inside_the_body_is_heard() {
    for read_bytes in [200, 1_000_000] {
        let gateway = gateway(read_bytes).await;
        for _ in 0..10 {
            assert_eq!(post(gateway).await.unwrap(), 413);
        }
    }
}
