//! Reads manifests of both schemas: what the service and a device need of them. Nothing is
//! verified; that takes a certificate the service does not have.
//!
//! The layouts are those of the ASN.1 modules in the vendor's manifest-tool 2.6.2.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::der::{BOOLEAN, Broken, ENUMERATED, Elements, INTEGER, OCTETS, SEQUENCE, TEXT, number};

/// Payload format of an image that is written as it comes, in either schema.
pub(crate) const RAW: u64 = 1;
/// Payload formats of patches: `arm-patch-stream` (schema 3), `bsdiff-stream` (schema 1).
const PATCHES: [u64; 1] = [5];
/// In schema 1 a version can be written into the timestamp; this bit says so.
const MIGRATED: u64 = 1 << 55;

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(crate) schema: u8,
    pub(crate) vendor_id: [u8; 16],
    pub(crate) class_id: [u8; 16],
    pub(crate) priority: u64,
    pub(crate) component: String,
    /// `x.y.z`; absent in schema 1 unless it was written into the timestamp.
    pub(crate) version: Option<[u64; 3]>,
    /// Schema 1 only: Unix seconds, or a version.
    pub(crate) timestamp: Option<u64>,
    pub(crate) description: String,
    pub(crate) nonce: Vec<u8>,
    pub(crate) apply_immediately: bool,
    pub(crate) encryption_mode: Option<u64>,
    pub(crate) payload: Payload,
}

/// The file a device is to download.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) format: u64,
    pub(crate) digest: Vec<u8>,
    pub(crate) size_bytes: u64,
    pub(crate) uri: String,
    pub(crate) installed_digest: Option<Vec<u8>>,
    pub(crate) precursor_digest: Option<Vec<u8>>,
}

impl Contents {
    /// The version, where it is a time: schema 1 without a version in its place.
    pub(crate) fn time(&self) -> Option<Moment> {
        let seconds = self.timestamp.filter(|_| self.version.is_none())?;
        let milliseconds = i64::try_from(seconds).ok()?.checked_mul(1000)?;
        Some(Moment::from_millisecond(milliseconds))
    }
}

impl Payload {
    pub(crate) fn is_patch(&self) -> bool {
        PATCHES.contains(&self.format)
    }

    /// SHA-256 of the firmware once it is installed.
    pub(crate) fn firmware_digest(&self) -> &[u8] {
        self.installed_digest.as_deref().unwrap_or(&self.digest)
    }
}

/// Reads a manifest. Bytes behind it are legal: the service itself appends keys there.
pub(crate) fn read(bytes: &[u8]) -> Result<Contents, Broken> {
    let mut signed = Elements::new(bytes).sequence()?;
    match signed.next_tag() {
        Some(ENUMERATED) => match signed.number(ENUMERATED)? {
            3 => read_v3(signed.sequence()?),
            _ => Err(Broken),
        },
        Some(SEQUENCE) => {
            let mut resource = signed.sequence()?;
            resource.take_if(TEXT)?;
            match resource.number(ENUMERATED)? {
                0 => read_v1(resource.sequence()?),
                _ => Err(Broken),
            }
        }
        _ => Err(Broken),
    }
}

fn read_v3(mut manifest: Elements<'_>) -> Result<Contents, Broken> {
    let vendor_id = id(manifest.take(OCTETS)?)?;
    let class_id = id(manifest.take(OCTETS)?)?;
    let priority = manifest.number(INTEGER)?;
    let component = manifest.text()?.to_owned();
    let version = version(manifest.text()?).ok_or(Broken)?;
    let mut payload = Payload {
        digest: manifest.take(OCTETS)?.to_vec(),
        size_bytes: manifest.number(INTEGER)?,
        uri: manifest.text()?.to_owned(),
        format: manifest.number(ENUMERATED)?,
        ..Payload::default()
    };
    manifest.take(OCTETS)?;
    if manifest.next_tag() == Some(SEQUENCE) {
        let mut metadata = manifest.sequence()?;
        metadata.number(INTEGER)?;
        payload.installed_digest = Some(metadata.take(OCTETS)?.to_vec());
        payload.precursor_digest = metadata.take_if(OCTETS)?.map(<[u8]>::to_vec);
    }
    manifest.take_if(OCTETS)?;
    Ok(Contents {
        schema: 3,
        vendor_id,
        class_id,
        priority,
        component,
        version: Some(version),
        timestamp: None,
        description: String::new(),
        nonce: Vec::new(),
        apply_immediately: false,
        encryption_mode: None,
        payload,
    })
}

fn read_v1(mut manifest: Elements<'_>) -> Result<Contents, Broken> {
    manifest.number(ENUMERATED)?;
    let description = match manifest.next_tag() {
        Some(TEXT) => manifest.text()?.to_owned(),
        _ => String::new(),
    };
    let timestamp = manifest.number(INTEGER)?;
    let vendor_id = id(manifest.take(OCTETS)?)?;
    let class_id = id(manifest.take(OCTETS)?)?;
    manifest.take(OCTETS)?;
    let nonce = manifest.take(OCTETS)?.to_vec();
    manifest.take(OCTETS)?;
    let precursor_digest = manifest.take_if(OCTETS)?.map(<[u8]>::to_vec);
    manifest.take_if(SEQUENCE)?;
    let apply_immediately = manifest.take(BOOLEAN)? != [0];
    let priority = manifest.take_if(INTEGER)?;
    let priority = priority.map_or(Ok(0), number)?;
    let encryption_mode = Some(manifest.number(ENUMERATED)?);
    manifest.sequence()?;
    manifest.sequence()?;
    let mut payload = match manifest.next_tag() {
        Some(SEQUENCE) => payload_v1(manifest.sequence()?)?,
        _ => Payload::default(),
    };
    payload.precursor_digest = precursor_digest;
    Ok(Contents {
        schema: 1,
        vendor_id,
        class_id,
        priority,
        component: "MAIN".to_owned(),
        version: (timestamp & MIGRATED != 0).then(|| {
            let bits = timestamp & !MIGRATED;
            [bits >> 40, (bits >> 16) & 0xff_ffff, bits & 0xffff]
        }),
        timestamp: Some(timestamp),
        description,
        nonce,
        apply_immediately,
        encryption_mode,
        payload,
    })
}

fn payload_v1(mut payload: Elements<'_>) -> Result<Payload, Broken> {
    let format = payload.number(ENUMERATED)?;
    // How it is encrypted comes between; the one supported mode writes an empty sequence or none.
    while payload.next_tag() == Some(SEQUENCE) {
        payload.take(SEQUENCE)?;
    }
    payload.text()?;
    let mut reference = payload.sequence()?;
    let digest = reference.take(OCTETS)?.to_vec();
    let uri = match reference.next_tag() {
        Some(TEXT) => reference.text()?.to_owned(),
        _ => String::new(),
    };
    let size_bytes = reference.number(INTEGER)?;
    payload.take_if(INTEGER)?;
    Ok(Payload {
        format,
        digest,
        size_bytes,
        uri,
        installed_digest: payload.take_if(OCTETS)?.map(<[u8]>::to_vec),
        precursor_digest: None,
    })
}

fn id(content: &[u8]) -> Result<[u8; 16], Broken> {
    content.try_into().map_err(|_| Broken)
}

/// Reads `x.y.z`.
pub(crate) fn version(text: &str) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
    parts?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by hand with a throw-away key; all three verify with manifest-tool 2.6.2.
    const V3: &str = "3081c50a0103307e0410cfbff0d193755685968c48ce8b15ae170410c9e5e8a4dd02584fbcad\
        02e9cd816d210201010c044d41494e0c05312e322e330420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf\
        2e479ea537c3a1c32ee1aa02030186a00c1c687474703a2f2f3132372e302e302e313a383038302f66772f6162\
        630a01010400044091c2a94a235512429d22cb0ff09c02aa0d836999de78e329e49091e2ef387592989f5bccea\
        44d4e3adc0097c6e285391d2737343568195d323815179bd416cba";
    const V1: &str = "3082013830819b0a01003081950a010102046553f1000410cfbff0d193755685968c48ce8b15\
        ae170410c9e5e8a4dd02584fbcad02e9cd816d210400040004000101ff0201010a01023000300030530a01010c\
        0764656661756c7430450420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa0c\
        1c687474703a2f2f3132372e302e302e313a383038302f66772f61626302030186a0308197042041585470f882\
        2a18b5363ecd92fdbe4b79a672c332cde5a3830160aa4e87e7c13073307104473045022100e2a7e33e0a7716c4\
        21ccca325370269fb5a4c798be9561552c12eacc7ef4cc640220075cece4bddd2603984135d52738ea12634b41\
        203ef406f14c3f93830b53b8e3302630240420c2b97373086a7c4b8d7a\
        db8e570073663989e6cd4d5c80ed44737d1b8ba8e8a00c00";

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let pair = |pair: &[u32]| u8::try_from(pair[0] << 4 | pair[1]).unwrap();
        digits.chunks(2).map(pair).collect()
    }

    #[test]
    fn both_schemas_say_what_is_to_be_installed_where() {
        for (hex, schema) in [(V3, 3), (V1, 1)] {
            let contents = read(&bytes(hex)).unwrap();
            assert_eq!(contents.schema, schema);
            assert_eq!(contents.vendor_id[..4], [0xcf, 0xbf, 0xf0, 0xd1]);
            assert_eq!(contents.class_id[..4], [0xc9, 0xe5, 0xe8, 0xa4]);
            assert_eq!(contents.priority, 1);
            assert_eq!(contents.component, "MAIN");
            assert_eq!(contents.payload.size_bytes, 100_000);
            assert_eq!(contents.payload.format, RAW);
            assert_eq!(contents.payload.uri, "http://127.0.0.1:8080/fw/abc");
            assert_eq!(contents.payload.digest[..2], [0xcd, 0x2d]);
        }
        assert_eq!(read(&bytes(V3)).unwrap().version, Some([1, 2, 3]));
        assert_eq!(read(&bytes(V1)).unwrap().timestamp, Some(1_700_000_000));
    }

    #[test]
    fn a_manifest_cut_short_anywhere_is_refused_without_a_panic() {
        for hex in [V3, V1] {
            let whole = bytes(hex);
            for length in 0..whole.len() {
                assert!(read(&whole[..length]).is_err(), "{length}");
            }
        }
        let longer = [bytes(V3), vec![1, 2, 3]].concat();
        assert!(read(&longer).is_ok());
    }

    #[test]
    fn damaged_bytes_never_panic() {
        for hex in [V3, V1] {
            let whole = bytes(hex);
            for index in 0..whole.len() {
                for value in [0, 0x7f, 0x80, 0x84, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[index] = value;
                    let _ = read(&damaged);
                }
            }
        }
    }
}
