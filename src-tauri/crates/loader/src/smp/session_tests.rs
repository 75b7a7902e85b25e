//! What a session makes of a stream that says late that something came.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use super::*;

/// A stream whose answer lies there all the time. It is found when the stream is asked once more after the time is over,
/// as with a port whose readiness the system tells after the timer's.
#[derive(Debug)]
struct LateNews {
    until: Instant,
    looked_since: bool,
    answer: Vec<u8>,
}

impl Stream for LateNews {}

impl AsyncRead for LateNews {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if Instant::now() < self.until {
            return Poll::Pending;
        }
        if !self.looked_since {
            self.looked_since = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let answer = std::mem::take(&mut self.answer);
        if answer.is_empty() {
            return Poll::Pending;
        }
        buffer.put_slice(&answer);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LateNews {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_while_the_program_stood_still_is_read() {
    let mut answer = Vec::new();
    console::encode(b"\x01\x00\x00\x01\x00\x01\x00\x00\xa0", &mut answer);
    let timeout = Duration::from_secs(2);
    let stream = LateNews {
        until: Instant::now() + timeout,
        looked_since: false,
        answer,
    };
    let link = Link::Stream(Box::new(stream));
    let address = LinkAddress::simulated("late");
    let mut session = Session::over(link, &address, Thread::NEW);
    let fields = Fields::default();
    let timeouts = [timeout];
    let asked = session.have_done(Command::ReadState, &fields, &timeouts);
    assert!(asked.await.is_ok());
}

/// What a reader that gives this answer to a question of the kind is said to have done.
async fn asked_of_one_that_answers(command: Command, packet: &[u8]) -> Failure {
    let mut answer = Vec::new();
    console::encode(packet, &mut answer);
    let timeout = Duration::from_secs(2);
    let stream = LateNews {
        until: Instant::now(),
        looked_since: true,
        answer,
    };
    let link = Link::Stream(Box::new(stream));
    let mut session = Session::over(link, &LinkAddress::simulated("odd"), Thread::NEW);
    let (fields, timeouts) = (Fields::default(), [timeout]);
    let asked = session.have_done(command, &fields, &timeouts);
    asked.await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_reader_whose_answer_cannot_be_read_is_not_called_silent() {
    // A list of lists, deeper than any answer.
    let mut deep = b"\x01\x00\x00\x20\x00\x01\x00\x00".to_vec();
    deep.resize(8 + 32, 0x81);
    let failure = asked_of_one_that_answers(Command::ReadState, &deep).await;
    assert!(matches!(failure, Failure::Protocol(_)), "{failure:?}");
    // Of another number, or to a question that it may not know, it says nothing.
    let mut late = deep.clone();
    late[6] = 9;
    let failure = asked_of_one_that_answers(Command::ReadState, &late).await;
    assert!(matches!(failure, Failure::Link(_)), "{failure:?}");
    let parameters = b"\x01\x00\x00\x03\x00\x00\x00\x06\x82\x01\x02";
    let failure = asked_of_one_that_answers(Command::Parameters, parameters).await;
    assert!(matches!(failure, Failure::Link(_)), "{failure:?}");
}
