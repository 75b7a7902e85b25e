//! Manifests of schema 3 made by hand, with an empty signature: the service does not verify.

use firmdrop_core::Sha256;

/// What a manifest is to say.
pub(crate) struct ManifestFile {
    pub(crate) vendor_id: String,
    pub(crate) class_id: String,
    pub(crate) version: String,
    pub(crate) digest: Sha256,
    pub(crate) size_bytes: u32,
    pub(crate) uri: String,
    /// `arm-patch-stream`: digests of the new and of the old firmware.
    pub(crate) patch: Option<(Sha256, Sha256)>,
}

impl ManifestFile {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut parts = vec![
            element(4, &id(&self.vendor_id)),
            element(4, &id(&self.class_id)),
            element(2, &[7]),
            element(12, b"MAIN"),
            element(12, self.version.as_bytes()),
            element(4, self.digest.as_bytes()),
            number(self.size_bytes),
            element(12, self.uri.as_bytes()),
            element(10, &[if self.patch.is_some() { 5 } else { 1 }]),
            element(4, &[]),
        ];
        if let Some((installed, precursor)) = &self.patch {
            let metadata = [
                number(1000),
                element(4, installed.as_bytes()),
                element(4, precursor.as_bytes()),
            ];
            parts.push(element(0x30, &metadata.concat()));
        }
        let manifest = element(0x30, &parts.concat());
        let signed = [element(10, &[3]), manifest, element(4, &[0; 64])];
        element(0x30, &signed.concat())
    }
}

fn id(hex: &str) -> [u8; 16] {
    u128::from_str_radix(hex, 16).unwrap().to_be_bytes()
}

fn number(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    element(2, &[&[0][..], &bytes].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let header = match length {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&header[..], content].concat()
}
