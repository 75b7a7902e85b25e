//! The command line as a script sees it: a home, child processes, their answers.
//!
//! Knows nothing of what is inside; what it checks is what a script could check.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

pub use crate::distinct_bytes::bytes;

/// Longest wait for anything; only a broken program needs it.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Asks again and again until there is an answer.
pub fn poll<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < TIMEOUT, "it never came to that: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A home and a folder for files.
pub struct Cli {
    folder: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Ran {
    /// Its one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Its JSON Lines.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        lines(&self.out)
    }

    /// The code of its diagnosis, `FD-…`.
    #[track_caller]
    pub fn failure(&self) -> String {
        let last = self.lines().pop().unwrap_or_else(|| panic!("{self:?}"));
        let error = &last["error"];
        assert!(
            !error["what_happened"].as_str().unwrap_or("").is_empty(),
            "{self:?}"
        );
        error["code"].as_str().unwrap_or("none").to_owned()
    }

    /// Answers itself when it ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

#[track_caller]
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Cli {
    /// A home that does not exist yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Where the home is.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file beside the home and answers its path.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The path of a file beside the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command on this home, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        command(&self.home(), arguments)
    }

    /// Runs a command to its end, with nothing to read.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).stdin(Stdio::null()))
    }

    /// Runs a command to its end with this on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = Running::start(self.command(arguments).stdin(Stdio::piped()));
        let mut stdin = child.child.stdin.take().unwrap();
        // A command that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait()
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments).stdin(Stdio::null()))
    }

    /// Every job of the home.
    pub fn jobs(&self) -> Vec<Value> {
        let jobs = self.run(&["jobs", "--json"]).exits(0).json();
        jobs.as_array().unwrap().clone()
    }

    /// One job in full.
    pub fn job(&self, id: &str) -> Value {
        self.run(&["job", "show", id, "--json"]).exits(0).json()
    }
}

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO_BIN_EXE_firmdrop-cli").unwrap());
    command
        .env_remove("FIRMDROP_HOME")
        .env_remove("FIRMDROP_ACCESS_KEY")
        // No key store of whoever runs the tests is touched.
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        // Nor is the radio of their computer.
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .arg("--home")
        .arg(home)
        .args(arguments);
    command
}

/// Runs any command to its end.
pub fn finish(command: &mut Command) -> Ran {
    Running::start(command).wait()
}

/// A child process whose lines are read as they come. Dropping it kills it.
pub struct Running {
    /// The process.
    pub child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Running {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = <(Arc<Mutex<String>>, Arc<Mutex<String>>)>::default();
        let readers = vec![
            collect(child.stdout.take().unwrap(), &out),
            collect(child.stderr.take().unwrap(), &err),
        ];
        Self {
            child,
            out,
            err,
            readers,
        }
    }

    /// What it has said so far, whole lines only.
    pub fn said(&self) -> Vec<Value> {
        lines(&self.out.lock().unwrap())
    }

    /// What it has written to its standard error so far.
    pub fn complained(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Waits for a line that is wanted.
    pub fn until<T>(&self, what: &str, mut wanted: impl FnMut(&Value) -> Option<T>) -> T {
        poll(what, || self.said().iter().find_map(&mut wanted))
    }

    /// The id of the job it has begun.
    pub fn job_id(&self) -> String {
        self.until("a job", |line| Some(line["job"]["id"].as_str()?.to_owned()))
    }

    /// Waits until the other side confirmed this many bytes.
    pub fn until_confirmed(&self, bytes: u64) {
        self.until("confirmed bytes", |line| {
            (line["progress"]["confirmed_bytes"].as_u64()? >= bytes).then_some(())
        });
    }

    /// Sends it Ctrl+C.
    pub fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Sends it the polite signal of a program that started it.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Ends the terminal that it was started from.
    pub fn hang_up(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    }

    /// Kills it without a warning.
    pub fn kill(mut self) -> Ran {
        self.child.kill().unwrap();
        self.ended()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        poll("the end of a command", || self.child.try_wait().unwrap());
        self.ended()
    }

    fn ended(&mut self) -> Ran {
        let status: ExitStatus = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        Ran {
            code: status.code(),
            out: self.out.lock().unwrap().clone(),
            err: self.err.lock().unwrap().clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(
    stream: impl std::io::Read + Send + 'static,
    text: &Arc<Mutex<String>>,
) -> std::thread::JoinHandle<()> {
    let text = Arc::clone(text);
    std::thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
            text.lock().unwrap().push_str(&line);
            line.clear();
        }
    })
}

/// `firmdrop-cli demo` on a home.
pub struct Demo {
    running: Running,
    /// What it printed.
    pub world: Value,
}

impl Demo {
    /// The whole demo world, readers included.
    pub fn start(cli: &Cli) -> Self {
        Self::with(cli, &["demo", "--json"])
    }

    /// Without readers.
    pub fn pelion_only(cli: &Cli) -> Self {
        Self::with(cli, &["demo", "--json", "--pelion-only"])
    }

    /// With that many devices of one class in the account.
    pub fn of_fleet(cli: &Cli, devices: usize) -> Self {
        let devices = devices.to_string();
        Self::with(
            cli,
            &["demo", "--json", "--pelion-only", "--devices", &devices],
        )
    }

    fn with(cli: &Cli, arguments: &[&str]) -> Self {
        let running = cli.start(arguments);
        let world = running.until("the demo world", |line| Some(line.clone()));
        Self { running, world }
    }

    /// Address of its Pelion service.
    pub fn host(&self) -> &str {
        self.world["pelion"]["host"].as_str().unwrap()
    }

    /// Every request and every stored chunk.
    pub fn record(&self) -> Value {
        self.exchange("GET /simulator/record", "")
    }

    /// Puts a fault on the dial.
    pub fn fault(&self, effect: &str, method: &str, path: &str) {
        let rule = format!(
            r#"{{"add":[{{"effect":{effect},"method":"{method}","path_contains":"{path}"}}]}}"#
        );
        self.exchange("POST /simulator/faults", &rule);
    }

    /// Every chunk takes its time, so that something can happen meanwhile.
    pub fn slow_chunks(&self, milliseconds: u32) {
        let effect = format!(r#"{{"kind":"latency","milliseconds":{milliseconds}}}"#);
        self.fault(&effect, "POST", "/chunks");
    }

    /// Nothing goes wrong any more.
    pub fn no_faults(&self) {
        self.exchange("POST /simulator/faults", r#"{"clear":true}"#);
    }

    /// Chunks that one upload job stored twice, over all upload jobs.
    pub fn repeated_chunks(&self) -> usize {
        let record = self.record();
        let jobs = record["jobs"].as_object().unwrap();
        let repeated = |job: &Value| {
            let mut seen = std::collections::HashSet::new();
            let chunks = job["chunks"].as_array().unwrap();
            let twice = chunks
                .iter()
                .filter(|chunk| !seen.insert((chunk["length"].as_u64(), chunk["md5"].to_string())));
            twice.count()
        };
        jobs.values().map(repeated).sum()
    }

    /// Ends it with Ctrl+C.
    pub fn end(self) -> Ran {
        self.running.interrupt();
        self.running.wait()
    }

    fn exchange(&self, request: &str, body: &str) -> Value {
        let address = self.host().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }
}

/// Whether a job is *Verified*.
pub fn is_verified(job: &Value) -> bool {
    job["state"]["state"] == "finished" && job["state"]["outcome"]["outcome"] == "verified"
}
