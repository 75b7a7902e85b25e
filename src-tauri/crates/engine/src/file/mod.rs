//! Files on disk as sources of images: opened once, and watched while they are read.

mod identity;
mod source;

pub use identity::FileIdentity;
pub use source::FileSource;
