//! Starting other programs: shown, run from the root, with an error that names what failed.
//!
//! No pipes between programs and no shell: arguments go over as they are.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::failure::{Doing, Done, Failure};
use crate::repository;

/// A program about to be started.
#[derive(Debug)]
pub(crate) struct Run {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: PathBuf,
}

impl Run {
    /// Starts `program` in the root of the repository, unless [`Run::folder`] says otherwise.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: repository::root(),
        }
    }

    /// The cargo that runs this tool.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        let added = arguments.into_iter().map(|one| one.as_ref().to_owned());
        self.arguments.extend(added);
        self
    }

    /// Adds another program with its arguments, which this one starts with the variables of both.
    pub(crate) fn starting(mut self, other: &Self) -> Self {
        self.arguments.push(other.program.clone());
        self.arguments.extend(other.arguments.iter().cloned());
        self.variables.extend(other.variables.iter().cloned());
        self
    }

    /// Sets an environment variable.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Runs in another folder.
    pub(crate) fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Runs with the terminal's own streams; an exit code other than zero is a failure.
    pub(crate) fn go(self) -> Done {
        eprintln!("$ {}", self.shown());
        let status = self
            .prepared()
            .status()
            .doing(format_args!("start {}", self.name()))?;
        self.judge(status, "")
    }

    /// Runs without a word and returns its standard output. A failure shows its standard error.
    pub(crate) fn output(self) -> Result<String, Failure> {
        let output = self
            .prepared()
            .stdin(Stdio::null())
            .output()
            .doing(format_args!("start {}", self.name()))?;
        self.judge(output.status, &String::from_utf8_lossy(&output.stderr))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether it starts and ends well; says nothing.
    pub(crate) fn works(self) -> bool {
        self.prepared()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Starts it and leaves it running, with its standard output to be read. Its standard input
    /// stays open and empty as long as the child is held.
    pub(crate) fn spawn(self) -> Result<Child, Failure> {
        self.prepared()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .doing(format_args!("start {}", self.name()))
    }

    fn prepared(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder);
        command
    }

    fn name(&self) -> String {
        Path::new(&self.program)
            .file_name()
            .unwrap_or(&self.program)
            .to_string_lossy()
            .into_owned()
    }

    /// The line a user would type, arguments with blanks in quotes.
    fn shown(&self) -> String {
        let arguments = self.arguments.iter().map(|one| {
            let text = one.to_string_lossy();
            if text.is_empty() || text.contains(char::is_whitespace) {
                format!("'{text}'")
            } else {
                text.into_owned()
            }
        });
        std::iter::once(self.name())
            .chain(arguments)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn judge(&self, status: ExitStatus, errors: &str) -> Done {
        if status.success() {
            return Ok(());
        }
        let shown = errors.trim();
        let shown = if shown.is_empty() {
            String::new()
        } else {
            format!("\n{shown}")
        };
        Err(Failure::new(format!("`{}`: {status}{shown}", self.shown())))
    }
}

/// Where a program is on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::var_os("PATH")
        .iter()
        .flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>())
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
