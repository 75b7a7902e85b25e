//! How much of a foreign manifest, key or certificate is believed, and how large our own may be.
//!
//! What a *device* takes is in `device_limits.rs`.

/// Largest manifest that is read, bytes. The service takes 2 KB, the largest device build less than
/// one; the rest is room for files that somebody else made for another service.
pub(crate) const READ_BYTES: usize = 64 * 1024;

/// Largest manifest the update service stores, bytes: "manifest larger than 2 KB" is answered with
/// 400 (Device Management Update contract, January 2021, `POST /v3/firmware-manifests`).
pub const SERVICE_BYTES: usize = 2048;

/// Signature blocks, certificate references, aliases and dependencies in one v1 manifest. Real ones
/// have one or none.
pub(crate) const ENTRIES: usize = 16;

/// Largest key or certificate file, bytes. Real ones have one or two kilobytes.
pub(crate) const KEY_FILE_BYTES: usize = 64 * 1024;

/// Images in a combined package that are listed. Devices have a handful of components.
pub(crate) const PACKAGE_ENTRIES: usize = 64;

/// Size of a combined package's description, bytes. An entry has about forty.
pub(crate) const PACKAGE_DESCRIPTION_BYTES: usize = 16 * 1024;

/// Characters of a foreign text that are shown.
pub(crate) const SHOWN_CHARACTERS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_limit_is_two_kilobytes() {
        assert_eq!(SERVICE_BYTES, 2 * 1024);
        const { assert!(READ_BYTES > SERVICE_BYTES) };
    }
}
