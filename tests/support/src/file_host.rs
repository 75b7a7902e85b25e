//! A host of files on loopback, which answers as a script says: statuses, redirects, bodies that end early or
//! trickle. It decides nothing and records what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Writes the whole answer to a request whose head it is given.
type Answer = dyn Fn(&str, &mut TcpStream) + Send + Sync;

/// A host. It ends with the process.
pub struct FileHost {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl FileHost {
    /// A host that lets `answer` write to each connection; it is closed afterwards.
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, answer): (_, Arc<Answer>) = (Arc::clone(&heads), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { address, heads }
    }

    /// A host that has one file under every name.
    pub fn of_file(content: Vec<u8>) -> Self {
        Self::start(move |_, stream| write(stream, &whole("200 OK", "", &content)))
    }

    /// A host that answers everything with this status, these headers and no body.
    pub fn of_status(status: &'static str, headers: &'static str) -> Self {
        Self::start(move |_, stream| write(stream, &whole(status, headers, b"")))
    }

    /// The address of a file there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// The head of each request, in order.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// An answer with its length.
pub fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Writes to whoever may be gone already.
pub fn write(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// Holds the connection open, and says nothing, until the other side closes it.
pub fn hold(stream: &mut TcpStream) {
    let mut rest = [0; 64];
    while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &Answer) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !stream.read(&mut byte).is_ok_and(|count| count > 0) {
            return;
        }
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    seen.lock().unwrap().push(head.clone());
    answer(&head, &mut stream);
    let _ = stream.shutdown(Shutdown::Write);
    hold(&mut stream);
}
