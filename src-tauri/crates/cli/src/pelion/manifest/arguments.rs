//! The grammar of `manifest`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use firmdrop_manifest::PayloadFormat;

#[derive(Debug, Subcommand)]
pub(crate) enum Manifest {
    /// Keys that sign manifests, stored in this home.
    #[command(subcommand)]
    Key(Key),
    /// Make a manifest for an image and sign it.
    Create(Box<Create>),
    /// Show a manifest field by field, with the places of the fields and what devices take.
    Show {
        /// The manifest.
        file: PathBuf,
    },
    /// Verify a manifest, and compare it with an image.
    Verify(Verify),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key.
    New {
        /// What it is called here.
        name: String,
        /// Mark it as a development key.
        #[arg(long)]
        development: bool,
    },
    /// Take over a key from a PEM file (SEC 1 or PKCS#8, not encrypted).
    Import {
        /// What it is called here.
        name: String,
        /// The PEM file.
        file: PathBuf,
        /// Mark it as a development key.
        #[arg(long)]
        development: bool,
    },
    /// List the keys.
    List,
    /// Show a key's public half and its certificate.
    Show {
        /// Its name.
        name: String,
        /// Write the public key there: 65 bytes, as devices hold it.
        #[arg(long, value_name = "FILE")]
        public_key_out: Option<PathBuf>,
    },
    /// Give a key a certificate: one it signs itself, or one from a file.
    Certificate {
        /// The key's name.
        name: String,
        /// Vendor and class to note in the certificate.
        #[command(flatten)]
        ids: Ids,
        /// Days it is valid.
        #[arg(long, default_value_t = 7300, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        days: u32,
        /// Take over this certificate of the key instead of making one.
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
        /// Write the certificate there too, DER.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Whose devices, and which model. A new manifest takes those of the key's certificate when none
/// are given.
#[derive(Debug, Args)]
pub(crate) struct Ids {
    /// The vendor by its domain.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) vendor_domain: Option<String>,
    /// The vendor by its id, 32 hexadecimal digits.
    #[arg(long, value_name = "ID", conflicts_with = "vendor_domain")]
    pub(crate) vendor_id: Option<String>,
    /// The device class by the model's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// The device class by its id, 32 hexadecimal digits.
    #[arg(long, value_name = "ID", conflicts_with = "model")]
    pub(crate) class_id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The image, patch or package that the service holds (before its encryption).
    #[arg(required_unless_present = "signed_bytes")]
    pub(crate) image: Option<PathBuf>,
    /// Where devices download it: the firmware image's `datafile`.
    #[arg(long, required_unless_present = "signed_bytes")]
    pub(crate) url: Option<String>,
    /// Where the manifest is written.
    #[arg(
        long,
        short,
        value_name = "FILE",
        required_unless_present = "bytes_to_sign"
    )]
    pub(crate) output: Option<PathBuf>,
    /// Schema that the devices read.
    #[arg(long, default_value_t = 3, value_parser = schema)]
    pub(crate) schema: u8,
    /// Version, 0.0.1 to 999.999.999. In schema 1 it moves devices to schema 3.
    #[arg(long, value_name = "X.Y.Z")]
    pub(crate) fw_version: Option<String>,
    /// Version of schema 1: seconds since 1970; the present when absent.
    #[arg(long, value_name = "SECONDS", conflicts_with = "fw_version")]
    pub(crate) timestamp: Option<u64>,
    #[command(flatten)]
    pub(crate) ids: Ids,
    /// Urgency, as the devices' application understands it.
    #[arg(long, default_value_t = 0)]
    pub(crate) priority: u32,
    /// Part of the device; schema 3 only.
    #[arg(long, default_value = "MAIN")]
    pub(crate) component: String,
    /// File with bytes for the devices' application.
    #[arg(long, value_name = "FILE")]
    pub(crate) vendor_data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) payload: PayloadArguments,
    /// Manifest of the version before: the new version must be greater.
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// Name of the key that signs.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// PEM file of the key that signs.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) key_file: Option<PathBuf>,
    /// Sign the installed image's digest too; schema 3 only.
    #[arg(long)]
    pub(crate) sign_image: bool,
    /// Certificate that devices of schema 1 hold; the key's own when absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Mix random bytes into signatures; the same manifest is then signed differently each time.
    #[arg(long)]
    pub(crate) random: bool,
    /// Refuse a development key.
    #[arg(long)]
    pub(crate) production: bool,
    #[command(flatten)]
    pub(crate) elsewhere: SignedElsewhere,
}

impl Create {
    /// The file that is written.
    pub(crate) fn written(&self) -> Option<&Path> {
        let to_sign = self.elsewhere.bytes_to_sign.as_deref();
        self.output.as_deref().or(to_sign)
    }

    /// Every file that is read for it.
    pub(crate) fn sources(&self) -> Vec<&Path> {
        let (payload, elsewhere) = (&self.payload, &self.elsewhere);
        let files = [
            &self.image,
            &self.vendor_data,
            &payload.new_image,
            &payload.old_image,
            &self.previous,
            &self.key_file,
            &self.certificate,
            &elsewhere.signed_bytes,
            &elsewhere.signature,
            &elsewhere.signer,
        ];
        files.into_iter().flatten().map(|file| &**file).collect()
    }
}

/// What is downloaded, where it is not the image itself.
#[derive(Debug, Args)]
pub(crate) struct PayloadArguments {
    /// How the payload is packed; recognised from the file when absent.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatName>,
    /// The image a patch makes.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_image: Option<PathBuf>,
    /// The image a patch starts from.
    #[arg(long, value_name = "FILE")]
    pub(crate) old_image: Option<PathBuf>,
    /// SHA-256 of the payload as the service encrypted it.
    #[arg(long, value_name = "HEX", requires = "encrypted_size")]
    pub(crate) encrypted_digest: Option<String>,
    /// Size of the payload as the service encrypted it, bytes.
    #[arg(long, value_name = "BYTES", requires = "encrypted_digest")]
    pub(crate) encrypted_size: Option<u64>,
}

/// Signing with a key this computer does not hold: first the bytes out, then the signature in.
#[derive(Debug, Args)]
pub(crate) struct SignedElsewhere {
    /// Write the bytes to sign there and make no manifest yet.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "key_file", "output", "signed_bytes"])]
    pub(crate) bytes_to_sign: Option<PathBuf>,
    /// The bytes that were signed elsewhere.
    #[arg(long, value_name = "FILE", requires_all = ["signature", "signer"], conflicts_with_all = ["image", "key", "key_file"])]
    pub(crate) signed_bytes: Option<PathBuf>,
    /// Their signature: DER, or 64 bytes.
    #[arg(long, value_name = "FILE", requires = "signed_bytes")]
    pub(crate) signature: Option<PathBuf>,
    /// Who signed: public key or certificate.
    #[arg(long, value_name = "FILE", requires = "signed_bytes")]
    pub(crate) signer: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The manifest.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) trusted: Trusted,
    /// The image, to compare digest and size.
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// Where the service offers the image, to compare the address.
    #[arg(long, requires = "image")]
    pub(crate) url: Option<String>,
    /// Manifest of the version before: the version must be greater.
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
}

/// Whom to trust; one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Trusted {
    /// Name of a key of this home, with its certificate.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Public key: 65 bytes, DER or PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// Certificate: DER or PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
}

/// Names of payload formats, as the vendor's tools write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    RawBinary,
    ArmPatchStream,
    Combined,
    EncryptedRaw,
    EncryptedCombined,
}

impl From<FormatName> for PayloadFormat {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::RawBinary => Self::Raw,
            FormatName::ArmPatchStream => Self::Patch,
            FormatName::Combined => Self::Combined,
            FormatName::EncryptedRaw => Self::EncryptedRaw,
            FormatName::EncryptedCombined => Self::EncryptedCombined,
        }
    }
}

fn schema(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => Err("there are schema 1 and schema 3".to_owned()),
    }
}
