//! The product under measure: the release build of the command line and its demo world.
//!
//! Everything goes through the command line, as a user would; no crate of ours is linked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitStatus};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

/// How long an answer of the demo world may take.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// One home of the product: its journal, ledger and accounts.
#[derive(Debug, Clone)]
pub(super) struct Product {
    home: PathBuf,
    /// A program and its arguments that start the product somewhere else (another network).
    within: Vec<String>,
}

impl Product {
    /// The product with this home.
    pub(super) fn new(home: PathBuf) -> Self {
        Self {
            home,
            within: Vec::new(),
        }
    }

    /// The same, started by `within`.
    pub(super) fn within(&self, within: &[&str]) -> Self {
        Self {
            home: self.home.clone(),
            within: within.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    /// `firmdrop-cli`, about to be given its arguments.
    pub(super) fn cli(&self) -> Run {
        let program = release("firmdrop-cli");
        let run = match self.within.split_first() {
            None => Run::new(program),
            Some((first, rest)) => Run::new(first).args(rest).arg(program),
        };
        run.variable("FIRMDROP_HOME", &self.home)
    }

    /// `firmdrop-cli deliver FILE --to pelion:demo` under a name of its own.
    pub(super) fn upload(&self, file: &Path, name: &str) -> Run {
        self.cli().arg("deliver").arg(file).args([
            "--to",
            "pelion:demo",
            "--name",
            name,
            "--yes",
            "--json",
        ])
    }

    /// Starts the demo world's Pelion service. It makes the account `demo` in this home.
    pub(super) fn pelion(&self, port: u16, keeps_bytes: bool) -> Result<Pelion, Failure> {
        let port = port.to_string();
        let mut run = self.demo().args(["--port", &port]);
        if !keeps_bytes {
            run = run.arg("--discard");
        }
        Self::serve(run)
    }

    /// The same with a fleet of that many devices.
    pub(super) fn fleet(&self, devices: usize) -> Result<Pelion, Failure> {
        Self::serve(self.demo().args(["--devices", &devices.to_string()]))
    }

    fn demo(&self) -> Run {
        self.cli().args(["demo", "--pelion-only", "--json"])
    }

    fn serve(run: Run) -> Result<Pelion, Failure> {
        let mut server = Server::start(run)?;
        let served = server.line()?;
        let text = |key: &str| {
            let value = served["pelion"][key].as_str();
            value
                .map(str::to_owned)
                .ok_or_else(|| Failure::new(format!("the demo world did not report its {key}")))
        };
        Ok(Pelion {
            host: text("host")?,
            access_key: text("access_key")?,
            _server: server,
        })
    }
}

/// A release program of this repository.
pub(super) fn release(name: &str) -> PathBuf {
    repository::target().join("release").join(name)
}

/// A running Pelion service of the demo world; it ends with this value.
#[derive(Debug)]
pub(super) struct Pelion {
    /// Its address: `http://127.0.0.1:PORT`.
    pub(super) host: String,
    /// The access key it takes.
    pub(super) access_key: String,
    _server: Server,
}

impl Pelion {
    /// Asks it for a document.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        ask_json(&self.host, path, Some(&self.access_key))
    }
}

/// Asks a service of the demo world for a document, with this access key if there is one.
pub(super) fn ask_json(host: &str, path: &str, key: Option<&str>) -> Result<Value, Failure> {
    let authority = host.trim_start_matches("http://");
    let text = ask(authority, path, key).doing(format_args!("ask {host} for {path}"))?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| Failure::new("the demo world's answer has no body"))?;
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 200") {
        return Err(Failure::new(format!("GET {path}: {status}")));
    }
    serde_json::from_str(body).doing(format_args!("read the answer to GET {path}"))
}

/// HTTP/1.0, so that the answer comes in one piece and the connection ends with it.
fn ask(authority: &str, path: &str, key: Option<&str>) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
    let bearer = key.map_or_else(String::new, |key| {
        format!("Authorization: Bearer {key}\r\n")
    });
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: {authority}\r\n{bearer}\r\n"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// A child that is ended with this value.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts a program whose lines are read with [`Server::line`].
    pub(super) fn start(run: Run) -> Result<Self, Failure> {
        let mut child = run.spawn()?;
        let output = child.stdout.take().map(BufReader::new);
        Ok(Self { child, output })
    }

    /// Starts a program whose output does not matter. It is read away: a program stops when nobody
    /// reads what it prints.
    pub(super) fn silent(run: Run) -> Result<Self, Failure> {
        let mut server = Self::start(run)?;
        if let Some(mut output) = server.output.take() {
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        }
        Ok(server)
    }

    /// What it prints, to be read by the caller; once.
    pub(super) fn take_output(&mut self) -> Option<BufReader<ChildStdout>> {
        self.output.take()
    }

    /// Reads the rest of what it prints beside it: a program stops when nobody does.
    pub(super) fn read_on(&mut self) -> JoinHandle<std::io::Result<String>> {
        let output = self.output.take();
        std::thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut output) = output {
                output.read_to_string(&mut text)?;
            }
            Ok(text)
        })
    }

    /// The next line it prints, as JSON. Waits for it.
    pub(super) fn line(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        if let Some(output) = &mut self.output {
            output
                .read_line(&mut line)
                .doing("read what the program prints")?;
        }
        serde_json::from_str(&line).doing(format_args!("read the program's line `{line}`"))
    }

    /// Its number, for /proc.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did by itself.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child
            .try_wait()
            .doing("look at a program of the bench")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            eprintln!("a program of the bench could not be ended: {error}");
        }
    }
}

/// Runs without its output on the terminal.
pub(super) fn quietly(run: Run) -> Done {
    run.output().map(drop)
}
