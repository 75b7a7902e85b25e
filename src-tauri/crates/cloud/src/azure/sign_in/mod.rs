//! Who is signed in: tokens for the service and for storage, however they are obtained.

mod pasted;

pub use pasted::PastedToken;
