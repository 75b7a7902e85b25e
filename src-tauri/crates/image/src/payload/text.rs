//! Records of the text formats, Intel HEX and S-record.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use super::records::{Record, Records, Take};
use crate::limits::{PAYLOAD_PIECE_BYTES, STREAM_BUFFER_BYTES};
use crate::text_records::{Decoded, Decoder, Line, for_each_line_from, new_record};
use crate::{ImageError, Source};

/// A text format.
pub(super) struct Text<D>(PhantomData<D>);

/// Where a line begins, and what the lines before it said.
#[derive(Clone)]
pub(super) struct Mark<D> {
    offset: u64,
    number: u64,
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
            decoder: D::default(),
        });
        let mut decoder = begin.decoder;
        let mut bad = None;
        let mut buffer = new_record();
        let piece_bytes = match from {
            Some(_) => PAYLOAD_PIECE_BYTES,
            None => STREAM_BUFFER_BYTES,
        };
        for_each_line_from(
            source,
            begin.offset,
            piece_bytes,
            &mut |number, offset, line| {
                let number = begin.number + number;
                let Line::Whole(line) = line else {
                    bad = Some((number, "is too long".to_owned()));
                    return ControlFlow::Break(());
                };
                let before = decoder.clone();
                match decoder.decode(line, &mut buffer) {
                    Decoded::Nothing => ControlFlow::Continue(()),
                    Decoded::Data { address, data } => take(Record {
                        group: None,
                        address,
                        data,
                        mark: Mark {
                            offset,
                            number: number - 1,
                            decoder: before,
                        },
                    }),
                    Decoded::Checksum(why) | Decoded::Malformed(why) => {
                        bad = Some((number, why));
                        ControlFlow::Break(())
                    }
                }
            },
        )?;
        match bad {
            None => Ok(()),
            Some((number, why)) => Err(ImageError::Damaged {
                what: D::WHAT,
                why: format!("Line {number}: {why}."),
            }),
        }
    }
}
