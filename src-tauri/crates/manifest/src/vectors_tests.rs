//! The known-answer vectors: made by `manifest-tool` 2.6.2 with a key that was thrown away.
//!
//! Each is read, verified, made again from its own fields, and damaged in every bit.

mod damage;
mod image;
mod making;
mod reading;
mod vectors;
