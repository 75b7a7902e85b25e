//! Room for bytes that a system call writes, where the processor copies at full speed.

use std::fmt;

/// Start of a cache line of every processor this runs on, bytes.
const LINE_BYTES: usize = 64;

/// A buffer that begins at a cache line.
///
/// Allocators hand large rooms out 16 bytes behind the start of a page, and to that place processors of AMD copy at a
/// third of their speed: 1 GiB from the system's cache took 0.54 s there and 0.16 s at any multiple of 32 (EPYC, Linux
/// 6.18, `pread` of 256 KiB). Others measured the same: xuanwo.io, *Rust std fs slower than Python!? No, it's hardware!*, 2023.
pub struct AlignedBuffer {
    room: Box<[u8]>,
    begin: usize,
    length: usize,
}

impl AlignedBuffer {
    /// A buffer of so many bytes, all zero.
    pub fn new(length: usize) -> Self {
        let room = vec![0; length + LINE_BYTES].into_boxed_slice();
        // Where that is not known, any place will do.
        let begin = room.as_ptr().align_offset(LINE_BYTES).min(LINE_BYTES);
        Self {
            room,
            begin,
            length,
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        let bytes = self.room.get(self.begin..self.begin + self.length);
        bytes.unwrap_or_default()
    }

    /// Its bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.room.get_mut(self.begin..self.begin + self.length);
        bytes.unwrap_or_default()
    }
}

impl fmt::Debug for AlignedBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.length;
        f.debug_struct("AlignedBuffer")
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_has_its_length_and_begins_at_a_cache_line_wherever_it_lies() {
        let buffers: Vec<AlignedBuffer> = [0, 1, 63, 64, 65_536, 262_144, 1 << 20]
            .into_iter()
            .map(|length| {
                let mut buffer = AlignedBuffer::new(length);
                assert_eq!(buffer.bytes().len(), length);
                buffer.bytes_mut().fill(7);
                buffer
            })
            .collect();
        for buffer in &buffers {
            assert_eq!(buffer.bytes().as_ptr().align_offset(LINE_BYTES), 0);
            assert!(buffer.bytes().iter().all(|byte| *byte == 7));
        }
    }
}
