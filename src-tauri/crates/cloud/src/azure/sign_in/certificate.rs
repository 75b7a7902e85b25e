//! Sign-in of an application with a certificate: an assertion that its private key signs.

use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    rand::SystemRandom,
    rsa,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use firmdrop_core::{Clock, Sha256, SystemClock};
use firmdrop_net::Secret;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{
    BoundSecret, SignInSettings,
    error::{failed, unusable},
    issuer::{Field, Granted, Issuer, NoGrant},
    renewing::{Grant, Renewing},
};
use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// How long an assertion is valid.
const LIFE: Duration = Duration::from_mins(10);

/// Largest file of certificate and key.
const PEM_BYTES: usize = 64 * 1024;

/// How an assertion is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssertionAlgorithm {
    /// RSA-PSS with SHA-256: what Microsoft recommends.
    #[default]
    Ps256,
    /// RSA with PKCS #1 v1.5 and SHA-256: for older issuers.
    Rs256,
}

/// An application with a certificate.
#[derive(Debug)]
pub struct ClientCertificate(Renewing<CertificateGrant>);

impl ClientCertificate {
    /// `pem` has a certificate and its private key (RSA, PKCS #8 or PKCS #1, not encrypted), in any
    /// order. Refused when it was entered for another issuer, tenant or application, or when key and
    /// certificate do not belong together. Sends nothing.
    pub fn new(
        settings: SignInSettings,
        pem: &BoundSecret,
        algorithm: AssertionAlgorithm,
    ) -> Result<Self, TokenError> {
        let pem = pem.for_settings(&settings)?;
        let signer = Signer::read(pem.expose_secret(), algorithm)?;
        Ok(Self(Renewing::new(CertificateGrant {
            issuer: Issuer::new(&settings)?,
            settings,
            signer,
        })))
    }
}

#[async_trait]
impl TokenSource for ClientCertificate {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        self.0.token(resource).await
    }

    fn refused(&self, resource: Resource) {
        self.0.refused(resource);
    }
}

#[derive(Debug)]
struct CertificateGrant {
    issuer: Issuer,
    settings: SignInSettings,
    signer: Signer,
}

#[async_trait]
impl Grant for CertificateGrant {
    async fn grant(&self, resource: Resource) -> Result<Granted, TokenError> {
        let client_id = self.settings.client_id.trim();
        let now = SystemClock.now().as_millisecond() / 1000;
        let audience = self.issuer.token_url().as_str();
        let assertion = self.signer.assertion(client_id, audience, now)?;
        let scope = self.settings.app_scope(resource);
        let fields = [
            Field::Plain("client_id", client_id),
            Field::Plain(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            Field::Secret("client_assertion", &assertion),
            Field::Plain("grant_type", "client_credentials"),
            Field::Plain("scope", &scope),
        ];
        let granted = self.issuer.grant(&fields).await;
        Ok(granted.map_err(NoGrant::of_an_application)?)
    }
}

/// The private key and the thumbprints of its certificate.
struct Signer {
    key: rsa::KeyPair,
    sha256: String,
    sha1: String,
    algorithm: AssertionAlgorithm,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("sha256", &self.sha256)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Signer {
    fn read(pem: &str, algorithm: AssertionAlgorithm) -> Result<Self, TokenError> {
        let wrong = |why: &str| unusable("The certificate cannot be used to sign in.", why);
        if pem.len() > PEM_BYTES {
            return Err(wrong(
                "The file is larger than any certificate with its key.",
            ));
        }
        if section(pem, "ENCRYPTED PRIVATE KEY").is_some() || pem.contains("Proc-Type: 4,ENCRYPTED")
        {
            return Err(wrong(
                "Its private key is protected by a passphrase. Remove that first: openssl pkey.",
            ));
        }
        if section(pem, "EC PRIVATE KEY").is_some() {
            return Err(wrong(
                "Its key is an elliptic curve. The issuer takes RSA keys only.",
            ));
        }
        let certificate = section(pem, "CERTIFICATE")
            .ok_or_else(|| wrong("It has no certificate in PEM form (BEGIN CERTIFICATE)."))?;
        let key = match (section(pem, "PRIVATE KEY"), section(pem, "RSA PRIVATE KEY")) {
            (Some(der), _) => rsa::KeyPair::from_pkcs8(&der),
            (None, Some(der)) => rsa::KeyPair::from_der(&der),
            (None, None) => return Err(wrong("It has no private key in PEM form.")),
        };
        let key = key.map_err(|_| wrong("Its private key is no RSA key of 2048 to 8192 bits."))?;
        // The key's own DER stands inside the certificate that belongs to it.
        let public = key.public_key().as_ref();
        if !certificate
            .windows(public.len())
            .any(|window| window == public)
        {
            return Err(wrong(
                "The private key is not that of the first certificate in the file.",
            ));
        }
        Ok(Self {
            key,
            sha256: URL_SAFE_NO_PAD.encode(Sha256::of(&certificate).as_bytes()),
            sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate)),
            algorithm,
        })
    }

    /// A signed statement that this is the application (RFC 7523, section 3).
    fn assertion(&self, client_id: &str, audience: &str, now: i64) -> Result<Secret, TokenError> {
        let (name, encoding): (_, &'static dyn RsaEncoding) = match self.algorithm {
            AssertionAlgorithm::Ps256 => ("PS256", &RSA_PSS_SHA256),
            AssertionAlgorithm::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
        };
        let mut header = json!({ "alg": name, "typ": "JWT", "x5t#S256": self.sha256 });
        if self.algorithm == AssertionAlgorithm::Rs256 {
            header["x5t"] = json!(self.sha1);
        }
        let end = now.saturating_add(i64::try_from(LIFE.as_secs()).unwrap_or(0));
        let claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": Uuid::new_v4().to_string(),
            "iat": now,
            // The issuer's clock may be behind.
            "nbf": now.saturating_sub(60),
            "exp": end,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                encoding,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| {
                failed(
                    "The assertion could not be signed.",
                    "The private key did not sign.",
                    "Give the certificate with its key again.",
                )
            })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
    }
}

/// The bytes of the first section of this label (RFC 7468).
fn section(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let digits: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(digits).ok()
}
