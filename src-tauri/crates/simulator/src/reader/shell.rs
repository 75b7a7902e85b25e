//! The text of a reader beside its frames: a banner when it starts, a prompt, and an answer to each line that is typed.
//!
//! Zephyr's shell shares its line with SMP frames in the same way.

/// What stands before a line that is typed, with the colours of Zephyr's shell.
const PROMPT: &str = "\u{1b}[1;32muart:~$ \u{1b}[m";
/// Longest line that is held, bytes.
const LONGEST_LINE_BYTES: usize = 256;

/// What a reader prints when it starts.
pub(super) fn banner(name: &str) -> Vec<u8> {
    format!("*** Booting {name} ***\r\n{PROMPT}").into_bytes()
}

/// Collects lines that are typed.
#[derive(Debug, Default)]
pub(super) struct Shell {
    line: Vec<u8>,
}

impl Shell {
    /// What is printed in answer to these bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut printed = Vec::new();
        for byte in bytes {
            if !matches!(byte, b'\r' | b'\n') {
                if self.line.len() < LONGEST_LINE_BYTES {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            // A frame begins with a control character; no command does.
            if line.first().is_some_and(|first| *first >= b' ') {
                printed.extend_from_slice(&line);
                printed.extend_from_slice(b": command not found\r\n");
                printed.extend_from_slice(PROMPT.as_bytes());
            }
        }
        printed
    }
}
