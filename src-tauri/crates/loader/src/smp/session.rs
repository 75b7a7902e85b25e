//! Requests and answers over one link.
//!
//! Sends while it receives, so that a frame is made ready while the one before is on the wire.
//! Knows nothing of images.

use std::{
    borrow::BorrowMut,
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use firmdrop_link::{Datagram, Link, LinkAddress, LinkError, Stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, timeout_at},
};

use super::{
    console::{self, Decoder},
    failure::Failure,
    packet::{Answer, Command, Fields, Version, request},
    refusal::Refusal,
    timing::on_the_line,
};

/// Bytes taken from a stream at a time.
const READ_BYTES: usize = 2048;
/// Largest datagram that is looked at, bytes; a longer one is cut off and so no packet.
const LARGEST_ANSWER_BYTES: usize = 4096;

/// What a session hands on to the next one with the same reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thread {
    /// Of the next request: late answers to the earlier session are not taken for new ones.
    sequence: u8,
    /// What the reader answered to last.
    version: Version,
}

impl Thread {
    /// The first session with a reader.
    pub(super) const NEW: Self = Self {
        sequence: 0,
        version: Version::Two,
    };
}

/// A session. It owns its link, or borrows it for a probe.
#[derive(Debug)]
pub(super) struct Session<L> {
    link: L,
    place: String,
    baud: Option<u32>,
    sequence: u8,
    /// The version that is spoken.
    version: Version,
    /// The reader answered to this version. Until then both are tried in turn.
    settled: bool,
    /// Lines for a stream; the part before `written` is with the system already.
    lines: Vec<u8>,
    written: usize,
    datagrams: VecDeque<Vec<u8>>,
    decoder: Decoder,
    arrived: VecDeque<Answer>,
}

impl<L: BorrowMut<Link> + Send> Session<L> {
    /// A session over this link that goes on where an earlier one stopped.
    pub(super) fn over(link: L, address: Option<&LinkAddress>, thread: Thread) -> Self {
        Self {
            link,
            place: address.map_or_else(|| "the reader".to_owned(), LinkAddress::to_string),
            baud: address.and_then(LinkAddress::baud),
            sequence: thread.sequence,
            version: thread.version,
            settled: false,
            // Ends whatever half line an earlier program left behind.
            lines: b"\n".to_vec(),
            written: 0,
            datagrams: VecDeque::new(),
            decoder: Decoder::default(),
            arrived: VecDeque::new(),
        }
    }

    /// Where the next session with this reader goes on.
    pub(super) fn thread(&self) -> Thread {
        Thread {
            sequence: self.sequence,
            version: self.version,
        }
    }

    /// Largest packet the link carries for a reader with buffers of this size.
    pub(super) fn largest_packet_bytes(&self, buffer_bytes: usize) -> usize {
        match self.link.borrow() {
            // Zephyr's console collects length, packet and sum in one buffer.
            Link::Stream(_) => buffer_bytes.saturating_sub(console::FRAME_BYTES),
            Link::Datagram(link) => buffer_bytes.min(link.largest_bytes()),
            _ => 0,
        }
    }

    /// How long everything that waits to be sent takes on the line.
    pub(super) fn line_time(&self) -> Duration {
        on_the_line(self.lines.len(), self.baud)
    }

    /// Makes a request ready; [`Self::receive`] sends it. Returns its sequence.
    pub(super) fn queue(&mut self, command: Command, fields: &Fields) -> u8 {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        let packet = request(command, self.version, sequence, fields);
        match self.link.borrow() {
            Link::Stream(_) => console::encode(&packet, &mut self.lines),
            Link::Datagram(_) => self.datagrams.push_back(packet),
            // Nothing is sent: receiving refuses such a link.
            _ => {}
        }
        sequence
    }

    /// Sends what is ready and waits for the next answer, whatever it answers. Cancelling it loses
    /// nothing.
    pub(super) async fn receive(&mut self) -> Result<Answer, LinkError> {
        loop {
            if let Some(answer) = self.arrived.pop_front() {
                return Ok(answer);
            }
            match self.link.borrow_mut() {
                Link::Stream(stream) => {
                    let mut bytes = [0; READ_BYTES];
                    let (lines, written) = (&mut self.lines, &mut self.written);
                    let exchanged =
                        poll_fn(|context| exchange(context, stream, lines, written, &mut bytes));
                    let count = exchanged
                        .await
                        .map_err(|source| LinkError::from_io(&self.place, source))?;
                    for byte in bytes.iter().take(count) {
                        let packet = self.decoder.take(*byte);
                        self.arrived.extend(packet.and_then(|p| Answer::parse(&p)));
                    }
                }
                Link::Datagram(link) => {
                    let packet = exchange_datagrams(link.as_ref(), &mut self.datagrams).await?;
                    self.arrived.extend(Answer::parse(&packet));
                }
                link => {
                    return Err(link.unsuitable(&self.place, "SMP"));
                }
            }
        }
    }

    /// Asks one thing and waits for its answer. Silence of `timeout` repeats the question up to
    /// `repetitions` times, as long as the reader has not answered anything in the other version of the
    /// protocol: never ask something that must not be done twice with more than none.
    pub(super) async fn ask(
        &mut self,
        command: Command,
        fields: &Fields,
        timeout: Duration,
        repetitions: u32,
    ) -> Result<Fields, Failure> {
        let timeouts = vec![timeout; repetitions.saturating_add(1) as usize];
        self.ask_within(command, fields, &timeouts).await
    }

    /// The same, waiting so long each time. For a reader that may be busy erasing or decrypting.
    pub(super) async fn ask_within(
        &mut self,
        command: Command,
        fields: &Fields,
        timeouts: &[Duration],
    ) -> Result<Fields, Failure> {
        let mut asked: Vec<(u8, Version)> = Vec::new();
        let mut version_refused = false;
        for timeout in timeouts {
            if !self.settled && !asked.is_empty() {
                self.version = self.version.other();
            }
            asked.push((self.queue(command, fields), self.version));
            let until = Instant::now() + *timeout + self.line_time();
            while let Ok(answer) = timeout_at(until, self.receive()).await {
                let answer = answer?;
                let to = |(sequence, _): &&(u8, Version)| *sequence == answer.sequence;
                let Some((_, version)) = asked.iter().find(to).filter(|_| answer.is_to(command))
                else {
                    continue;
                };
                self.version = *version;
                match Refusal::of(&answer.fields) {
                    Some(refusal) if refusal.is_of_the_version() && !version_refused => {
                        version_refused = true;
                        self.version = self.version.other();
                        asked.push((self.queue(command, fields), self.version));
                    }
                    Some(refusal) if refusal.is_busy() && timeouts.len() > asked.len() => {
                        self.settled = true;
                        // It did nothing: the question is repeated when its time is over.
                        tokio::time::sleep_until(until).await;
                        break;
                    }
                    Some(refusal) => {
                        self.settled = true;
                        return Err(Failure::Refused(refusal));
                    }
                    None => {
                        self.settled = true;
                        return Ok(answer.fields);
                    }
                }
            }
        }
        Err(self.no_answer().into())
    }

    /// The failure of a reader that does not answer.
    pub(super) fn no_answer(&self) -> LinkError {
        LinkError::Timeout {
            place: self.place.clone(),
        }
    }
}

/// Writes as much as the stream takes, then reads what has come; ready once something was read.
fn exchange(
    context: &mut Context<'_>,
    stream: &mut Box<dyn Stream>,
    lines: &mut Vec<u8>,
    written: &mut usize,
    bytes: &mut [u8],
) -> Poll<io::Result<usize>> {
    while let Some(rest) = lines.get(*written..).filter(|rest| !rest.is_empty()) {
        match Pin::new(&mut *stream).poll_write(context, rest) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Poll::Ready(Ok(count)) => *written += count,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => break,
        }
    }
    if *written >= lines.len() {
        lines.clear();
        *written = 0;
    }
    let mut buffer = ReadBuf::new(bytes);
    match Pin::new(stream).poll_read(context, &mut buffer) {
        // Nothing was read: the other end is gone.
        Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
            Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()))
        }
        Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        Poll::Pending => Poll::Pending,
    }
}

async fn exchange_datagrams(
    link: &dyn Datagram,
    waiting: &mut VecDeque<Vec<u8>>,
) -> Result<Vec<u8>, LinkError> {
    while let Some(datagram) = waiting.front() {
        link.send(datagram).await?;
        waiting.pop_front();
    }
    let mut packet = vec![0; LARGEST_ANSWER_BYTES];
    let count = link.receive(&mut packet).await?;
    packet.truncate(count);
    Ok(packet)
}
