//! What arrived over a link although no request was answered, in words.

use firmdrop_core::grouped;
use firmdrop_link::LinkError;

use super::packet::Answer;

/// What arrived since a session began, besides the answers to its requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Of a stream, everything; most of it is of no frame when there are no packets.
    bytes: u64,
    /// Requests: the line returns what is sent to it.
    requests: u64,
    /// Packets that answer something else, and what is no packet.
    others: u64,
    /// A request was answered: then the reader spoke, and what it was silent to is all that is known.
    is_answered: bool,
}

impl Heard {
    /// So many bytes came over a stream.
    pub(super) fn bytes(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_add(count as u64);
    }

    /// A whole packet or datagram came.
    pub(super) fn packet(&mut self, answer: Option<&Answer>) {
        match answer {
            Some(answer) if answer.is_request() => self.requests += 1,
            Some(_) | None => self.others += 1,
        }
    }

    /// A request was answered, also by a refusal.
    pub(super) fn answered(&mut self) {
        self.is_answered = true;
    }

    /// The failure of a reader at this place that does not answer, with what came instead of an answer.
    pub(super) fn instead_of_an_answer(self, place: &str) -> LinkError {
        let place = place.to_owned();
        let (heard, why, advice) = match self {
            Self {
                is_answered: true, ..
            } => return LinkError::Timeout { place },
            Self { others: 1.., .. } => (
                match self.others {
                    1 => "one packet came, and it answers none of the requests".to_owned(),
                    count => format!(
                        "{} packets came, and none answers one of the requests",
                        grouped(count)
                    ),
                },
                "Another program uses the reader at the same time, or the reader numbers its answers in a way of its own.",
                "Close other programs that use the reader, then try again.",
            ),
            Self { requests: 1.., .. } => (
                "what was sent came back, and no answer".to_owned(),
                "The line or its adapter returns what is sent. Nothing was heard of a reader.",
                "Check that the reader has power and is connected, and switch off the echo of the adapter.",
            ),
            Self { bytes: 1.., .. } => (
                format!(
                    "{} bytes came, and no frame of SMP among them",
                    grouped(self.bytes)
                ),
                "The port prints something else, a shell or a log, or has another rate; or a program on the way changes control characters.",
                "Check that this is the port for SMP, and its rate.",
            ),
            Self { .. } => return LinkError::Timeout { place },
        };
        LinkError::Unanswered {
            place,
            heard,
            why,
            advice,
        }
    }
}

/// The failure of a reader that answers from another address than the request went to.
pub(super) fn from_another_address(place: &str, from: &str) -> LinkError {
    LinkError::Unanswered {
        place: place.to_owned(),
        heard: format!("an answer came from {from}, another address"),
        why: "The reader answers from another address or port, or a router on the way translates addresses. Answers from another address are not accepted.",
        advice: "Give the address from which it answers, if that is the reader's.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(heard: Heard) -> String {
        heard.instead_of_an_answer("p").to_string()
    }

    #[test]
    fn silence_text_echo_and_foreign_packets_are_told_apart() {
        let mut heard = Heard::default();
        assert!(matches!(
            heard.instead_of_an_answer("p"),
            LinkError::Timeout { .. }
        ));
        heard.bytes(5120);
        assert!(said(heard).contains("5,120 bytes"), "{}", said(heard));
        let request = Answer::parse(b"\x08\0\0\x01\0\x01\0\0\xa0");
        heard.packet(request.as_ref());
        assert!(said(heard).contains("came back"), "{}", said(heard));
        let answer = Answer::parse(b"\x09\0\0\x01\0\x01\x07\0\xa0");
        heard.packet(answer.as_ref());
        assert!(said(heard).contains("one packet"), "{}", said(heard));
    }
}
