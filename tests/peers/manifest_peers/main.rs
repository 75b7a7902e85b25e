//! Programs of others judge our manifests, keys and certificates, and we judge theirs:
//! `manifest-tool` 2.6.2 and 1.5.2 of the vendor, and `openssl`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bench;
mod openssl;
mod ours;
mod theirs;
