//! Settings and control signals of a serial line.
//!
//! A driver may accept a setting and ignore it (a pseudo terminal drops parity, `ftdi_sio` answers
//! 12 Mbaud with 9600). Whoever implements [`LineControl`] reads back what was set.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::LinkError;

/// Longest break that is sent. Longer ones are a mistake: bootloaders want tens of milliseconds.
pub const LONGEST_BREAK: Duration = Duration::from_secs(1);

/// How bytes are framed on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineSettings {
    /// Bits per second.
    pub baud: u32,
    /// Data bits of a character, 5 to 8.
    pub data_bits: u8,
    /// The parity bit.
    pub parity: Parity,
    /// Stop bits.
    pub stop_bits: StopBits,
}

/// The parity bit of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// There is none.
    None,
    /// Makes the number of ones even. ST's AN3155 wants it.
    Even,
    /// Makes the number of ones odd.
    Odd,
}

/// Stop bits of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopBits {
    /// One.
    One,
    /// Two.
    Two,
}

/// A signal that this side drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Data Terminal Ready.
    Dtr,
    /// Request To Send.
    Rts,
}

/// Controls the line under a stream. Nothing else may use the stream meanwhile.
///
/// Every call answers [`LinkError::NotSupported`] when the port or its driver cannot do it, also when
/// the driver accepted the call and changed nothing.
#[async_trait]
pub trait LineControl: Send {
    /// The settings the driver reports.
    async fn settings(&mut self) -> Result<LineSettings, LinkError>;

    /// Changes the settings and reads them back. On an error they are what [`Self::settings`]
    /// reports, not necessarily what they were.
    async fn configure(&mut self, wanted: LineSettings) -> Result<(), LinkError>;

    /// Raises or lowers a signal.
    async fn set_signal(&mut self, signal: Signal, on: bool) -> Result<(), LinkError>;

    /// Holds the line in its break state for a while, at most [`LONGEST_BREAK`]. A cancel does not
    /// leave it there: the break ends when its time is over.
    async fn send_break(&mut self, duration: Duration) -> Result<(), LinkError>;

    /// Drops bytes that arrived and were not read.
    async fn discard_input(&mut self) -> Result<(), LinkError>;

    /// Drops bytes that were written and are not on the line yet.
    async fn discard_output(&mut self) -> Result<(), LinkError>;

    /// Waits until every byte that was written is on the line, at most so long. Returns how many are not; those are
    /// dropped when the link is.
    async fn sent(&mut self, longest: Duration) -> Result<usize, LinkError>;
}

impl LineSettings {
    /// Eight data bits, no parity, one stop bit.
    pub const fn at(baud: u32) -> Self {
        Self {
            baud,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: StopBits::One,
        }
    }

    /// The same with another parity.
    #[must_use]
    pub const fn with_parity(mut self, parity: Parity) -> Self {
        self.parity = parity;
        self
    }

    /// Time one character takes, start bit included.
    pub fn character_time(&self) -> Duration {
        let parity = u32::from(self.parity != Parity::None);
        let stop = match self.stop_bits {
            StopBits::One => 1,
            StopBits::Two => 2,
        };
        let bits = 1 + u32::from(self.data_bits) + parity + stop;
        Duration::from_secs(bits.into()) / self.baud.max(1)
    }
}

impl fmt::Display for LineSettings {
    /// As the trade writes it: `115200 8N1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        let stop = match self.stop_bits {
            StopBits::One => 1,
            StopBits::Two => 2,
        };
        write!(f, "{} {}{parity}{stop}", self.baud, self.data_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_written_and_timed_as_the_trade_does() {
        let plain = LineSettings::at(115_200);
        assert_eq!(plain.to_string(), "115200 8N1");
        assert_eq!(plain.character_time(), Duration::from_secs(10) / 115_200);
        let even = plain.with_parity(Parity::Even);
        assert_eq!(even.to_string(), "115200 8E1");
        assert_eq!(even.character_time(), Duration::from_secs(11) / 115_200);
    }
}
