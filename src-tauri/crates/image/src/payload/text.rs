//! Records of the text formats, Intel HEX and S-record.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use super::records::{Record, Records, Take};
use crate::limits::{PAYLOAD_PIECE_BYTES, STREAM_BUFFER_BYTES};
use crate::lines::{Line, for_each_line_from};
use crate::text_records::{Decoded, Decoder, RecordBuffer, new_record};
use crate::{ImageError, Source};

/// A text format.
pub(super) struct Text<D>(PhantomData<D>);

/// Where a record begins, and what the records before it said.
#[derive(Clone)]
pub(super) struct Mark<D> {
    offset: u64,
    number: u64,
    /// The second half of data that wraps at the end of a segment.
    is_wrapped: bool,
    decoder: D,
}

impl<D: Decoder + Clone + Send + Sync + 'static> Records for Text<D> {
    const WHAT: &'static str = D::WHAT;
    const SEGMENT: &'static str = "data";
    type Mark = Mark<D>;

    fn each(
        source: &dyn Source,
        from: Option<&Mark<D>>,
        take: Take<'_, Mark<D>>,
    ) -> Result<(), ImageError> {
        let begin = from.cloned().unwrap_or(Mark {
            offset: 0,
            number: 0,
            is_wrapped: false,
            decoder: D::default(),
        });
        let mut walk = Walk {
            decoder: begin.decoder,
            skip_first_half: begin.is_wrapped,
            buffer: new_record(),
            bad: None,
        };
        let piece_bytes = match from {
            Some(_) => PAYLOAD_PIECE_BYTES,
            None => STREAM_BUFFER_BYTES,
        };
        for_each_line_from(
            source,
            begin.offset,
            D::MARK,
            piece_bytes,
            &mut |number, offset, line| walk.line(begin.number + number, offset, line, take),
        )?;
        match walk.bad {
            None => Ok(()),
            Some((number, why)) => Err(ImageError::Damaged {
                what: D::WHAT,
                why: format!("Line {number}: {why}."),
            }),
        }
    }
}

struct Walk<D> {
    decoder: D,
    skip_first_half: bool,
    buffer: RecordBuffer,
    bad: Option<(u64, String)>,
}

impl<D: Decoder + Clone> Walk<D> {
    fn line(
        &mut self,
        number: u64,
        offset: u64,
        line: Line<'_>,
        take: Take<'_, Mark<D>>,
    ) -> ControlFlow<()> {
        let line = match line {
            Line::Whole(line) => line,
            Line::Padding => return ControlFlow::Continue(()),
            Line::TooLong if self.decoder.has_ended() => return ControlFlow::Break(()),
            Line::TooLong => {
                self.bad = Some((number, "is too long".to_owned()));
                return ControlFlow::Break(());
            }
        };
        let mut rest = line;
        while !rest.is_empty() {
            if self.decoder.has_ended() {
                return ControlFlow::Break(());
            }
            let before = self.decoder.clone();
            let offset = offset + (line.len() - rest.len()) as u64;
            let (decoded, more) = self.decoder.decode(rest, &mut self.buffer);
            rest = more.trim_ascii_start();
            match decoded {
                Decoded::Nothing | Decoded::Comment | Decoded::UnknownType(_) => {}
                Decoded::Data {
                    group,
                    piece,
                    wrapped,
                } => {
                    let skip = std::mem::take(&mut self.skip_first_half);
                    let pieces = [(!skip).then_some(piece), wrapped];
                    for ((address, data), half) in pieces
                        .into_iter()
                        .zip(0..)
                        .filter_map(|(p, h)| Some((p?, h)))
                    {
                        take(Record {
                            group,
                            address,
                            data,
                            mark: Mark {
                                offset,
                                number: number - 1,
                                is_wrapped: half == 1,
                                decoder: before.clone(),
                            },
                        })?;
                    }
                }
                Decoded::Checksum(why) | Decoded::Malformed(why) => {
                    self.bad = Some((number, why));
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }
}
