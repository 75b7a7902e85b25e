//! Requests and answers over a link.
//!
//! Sends while it receives, so that a frame is made ready while the one before is on the wire. How a link that broke
//! is opened again is said in `asking`.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use firmdrop_core::ImageHash;
use firmdrop_link::{Datagram, Link, LinkAddress, LinkError, Stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::yield_now,
    time::{Instant, timeout_at},
};

use super::{
    console::{self, Decoder},
    failure::Failure,
    heard::{self, Heard},
    packet::{Answer, Command, Fields, Version, request},
    refusal::Refusal,
    reopening::Reopening,
    timing::{STOOD_STILL, on_the_line},
};

/// Bytes taken from a stream at a time.
const READ_BYTES: usize = 2048;
/// Largest datagram that is looked at, bytes: a list of as many slots as are looked at, with hashes of 64 bytes,
/// has about 6000. A longer one is cut off and cannot be read.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024;

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

/// A session with one reader.
#[derive(Debug)]
pub(super) struct Session {
    /// `None` while a broken one is opened again.
    link: Option<Link>,
    /// The way to the next link, once the reader is known to be there.
    pub(super) reopening: Option<Reopening>,
    /// Until when a link that broke is opened again; `None` while one works.
    pub(super) broken_until: Option<Instant>,
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
    /// The question that is waited for: its kind, and the numbers under which it was asked.
    question: Option<(Command, Vec<u8>)>,
    /// An answer to it came that cannot be read.
    garbled: bool,
    /// What came besides answers.
    heard: Heard,
}

/// Ends whatever half line an earlier program left behind.
const HALF_LINE_END: &[u8] = b"\n";

impl Session {
    /// A session over this link that continues where an earlier one stopped.
    pub(super) fn over(link: Link, address: &LinkAddress, thread: Thread) -> Self {
        Self {
            link: Some(link),
            reopening: None,
            broken_until: None,
            place: address.to_string(),
            baud: address.baud(),
            sequence: thread.sequence,
            version: thread.version,
            settled: false,
            lines: HALF_LINE_END.to_vec(),
            written: 0,
            datagrams: VecDeque::new(),
            decoder: Decoder::default(),
            arrived: VecDeque::new(),
            question: None,
            garbled: false,
            heard: Heard::default(),
        }
    }

    /// From now on a link that breaks is opened again for a question.
    pub(super) fn reopened_by(&mut self, reopening: Reopening) {
        self.reopening = Some(reopening);
    }

    /// From now on the image with this hash may run, when the link was opened again.
    pub(super) fn may_start(&mut self, hash: ImageHash) {
        if let Some(reopening) = &mut self.reopening {
            reopening.may_start(hash);
        }
    }

    /// Lets the link go: a port can be used by one program at a time. What was on its way is lost.
    pub(super) fn close(&mut self) {
        self.link = None;
        self.settled = false;
        self.lines = HALF_LINE_END.to_vec();
        self.written = 0;
        self.datagrams.clear();
        self.decoder = Decoder::default();
        self.arrived.clear();
    }

    /// Continues over this link.
    pub(super) fn over_the_next(&mut self, link: Link) {
        self.link = Some(link);
    }

    /// Where the next session with this reader continues.
    pub(super) fn thread(&self) -> Thread {
        Thread {
            sequence: self.sequence,
            version: self.version,
        }
    }

    /// Largest packet the link carries for a reader with buffers of this size.
    pub(super) fn largest_packet_bytes(&self, buffer_bytes: usize) -> usize {
        match &self.link {
            // Zephyr's console collects length, packet and sum in one buffer.
            Some(Link::Stream(_)) => buffer_bytes.saturating_sub(console::FRAME_BYTES),
            Some(Link::Datagram(link)) => buffer_bytes.min(link.largest_bytes()),
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
        match &self.link {
            Some(Link::Stream(_)) => console::encode(&packet, &mut self.lines),
            Some(Link::Datagram(_)) => self.datagrams.push_back(packet),
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
                self.broken_until = None;
                return Ok(answer);
            }
            match self.link.as_mut() {
                Some(Link::Stream(stream)) => {
                    let mut bytes = [0; READ_BYTES];
                    let (lines, written) = (&mut self.lines, &mut self.written);
                    let exchanged =
                        poll_fn(|context| exchange(context, stream, lines, written, &mut bytes));
                    let count = exchanged
                        .await
                        .map_err(|source| LinkError::from_io(&self.place, source))?;
                    self.heard.bytes(count);
                    for byte in bytes.iter().take(count) {
                        if let Some(packet) = self.decoder.take(*byte) {
                            self.arrive(&packet);
                        }
                    }
                }
                Some(Link::Datagram(link)) => {
                    let packet = exchange_datagrams(link.as_ref(), &mut self.datagrams).await?;
                    self.arrive(&packet);
                }
                Some(link) => return Err(link.unsuitable(&self.place, "SMP")),
                None => {
                    let place = self.place.clone();
                    return Err(LinkError::Lost { place });
                }
            }
        }
    }

    /// Takes a packet apart.
    fn arrive(&mut self, packet: &[u8]) {
        let answer = Answer::parse(packet);
        self.heard.packet(answer.as_ref());
        if let Some(answer) = answer {
            self.arrived.push_back(answer);
        } else if let Some((command, sequences)) = &self.question {
            self.garbled |= Answer::is_garbled(packet, *command, sequences.iter().copied());
        }
    }

    /// The next answer, as [`Self::receive`], or `None` when none came until then. A program that was stopped meanwhile
    /// (SIGSTOP, a frozen computer) learns that the time is over before it learns what came: it looks once more,
    /// when the system was asked again.
    pub(super) async fn receive_until(
        &mut self,
        deadline: Instant,
    ) -> Option<Result<Answer, LinkError>> {
        if let Ok(answer) = timeout_at(deadline, self.receive()).await {
            return Some(answer);
        }
        yield_now().await;
        timeout_at(deadline, self.receive()).await.ok()
    }

    /// Has the reader do one thing and waits for its answer, for so long each time: silence repeats the request
    /// as often as there are times, in both versions of the protocol until the reader answered one. Never asked
    /// again over another link, over which a reader may answer that restarted meanwhile. What must not be done
    /// twice has one time only.
    pub(super) async fn have_done(
        &mut self,
        command: Command,
        fields: &Fields,
        timeouts: &[Duration],
    ) -> Result<Fields, Failure> {
        let mut asked: Vec<(u8, Version)> = Vec::new();
        let mut version_refused = false;
        self.garbled = false;
        for timeout in timeouts {
            if !self.settled && !asked.is_empty() {
                self.version = self.version.other();
            }
            asked.push((self.queue(command, fields), self.version));
            self.question = Some((command, asked.iter().map(|(number, _)| *number).collect()));
            let mut until = Instant::now() + *timeout + self.line_time();
            let mut stood_still = false;
            loop {
                let Some(answer) = self.receive_until(until).await else {
                    let now = Instant::now();
                    if !stood_still && now.saturating_duration_since(until) >= STOOD_STILL {
                        (stood_still, until) = (true, now + *timeout);
                        continue;
                    }
                    break;
                };
                let answer = answer?;
                let to = |(sequence, _): &&(u8, Version)| *sequence == answer.sequence;
                let Some((_, version)) = asked.iter().find(to).filter(|_| answer.is_to(command))
                else {
                    continue;
                };
                self.version = *version;
                self.heard.answered();
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
        // One that is asked although a reader may not know it has no answer then.
        if self.garbled && !command.is_optional() {
            return Err(Failure::Protocol("in a way that cannot be read".into()));
        }
        Err(self.no_answer().into())
    }

    /// The failure of a reader that did not give its list of images when this session began, with what came instead.
    /// Over datagrams it is asked once more, for so long, to see whether the answer comes from elsewhere.
    pub(super) async fn without_a_list(&mut self, failure: Failure, within: Duration) -> Failure {
        match failure {
            Failure::Link(LinkError::Timeout { .. }) => {}
            Failure::Refused(refusal) if refusal.is_of_an_unknown_command() => {
                return Failure::NoImageManagement(refusal);
            }
            failure => return failure,
        }
        let question = request(
            Command::ReadState,
            self.version,
            self.sequence,
            &Fields::default(),
        );
        self.sequence = self.sequence.wrapping_add(1);
        let elsewhere = match self.link.as_mut() {
            Some(Link::Datagram(link)) => link.answers_elsewhere(&question, within).await,
            _ => None,
        };
        Failure::Link(match elsewhere {
            Some(from) => heard::from_another_address(&self.place, &from),
            None => self.heard.instead_of_an_answer(&self.place),
        })
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

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
