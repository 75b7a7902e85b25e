//! The CRC-64 with which the storage checks what it takes.

use crc_fast::{CrcAlgorithm, Digest};

/// The CRC-64 of some bytes. It guards against damage on the way, never against an adversary.
///
/// It is that of `NVMe`. Source: learn.microsoft.com, "Put Block", `x-ms-content-crc64`; the polynomial is
/// the one of Microsoft's clients, 0x9A6C9329AC4BC9B5 reflected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crc64(u64);

impl Crc64 {
    /// As its header carries it before base64: the lowest byte first.
    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }
}

impl std::fmt::Display for Crc64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Computes it piece by piece.
pub(super) struct Crc64Hasher(Digest);

impl Default for Crc64Hasher {
    fn default() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }
}

impl Crc64Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(&self) -> Crc64 {
        Crc64(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_of_the_catalogue_in_any_pieces() {
        // Source: "Catalogue of parametrised CRC algorithms", CRC-64/NVME, its check value.
        let mut hasher = Crc64Hasher::default();
        hasher.update(b"1234");
        hasher.update(b"56789");
        let crc64 = hasher.finish();
        assert_eq!(crc64.to_string(), "ae8b14860a799888");
        assert_eq!(
            crc64.to_bytes(),
            [0x88, 0x98, 0x79, 0x0a, 0x86, 0x14, 0x8b, 0xae]
        );
    }
}
