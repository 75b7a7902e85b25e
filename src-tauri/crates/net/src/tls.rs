//! Which certificates of hosts are accepted when the account gives some of its own: those of the
//! system's authorities, those of the given ones, and a given certificate itself.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;

use crate::tls_fault::is_authority;

/// The certificates in this PEM text, at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|_| "the certificate is not PEM".to_owned())?;
    if read.is_empty() {
        return Err("there is no certificate in the PEM text".to_owned());
    }
    Ok(read)
}

/// TLS that trusts the system's authorities and the `given` certificates.
pub(crate) fn trusting(given: Vec<CertificateDer<'static>>) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let inner = Verifier::new_with_extra_roots(given.clone(), Arc::clone(&provider))
        .map_err(|error| format!("a certificate cannot be used: {error}"))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verifier = Arc::new(GivenCertificates {
        inner,
        provider,
        certificates: given,
    });
    let mut config = config
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's judgement, but for one case: a host that shows the very certificate that was given.
///
/// `openssl req -x509` makes a certificate of an authority, and many give it to a host itself. The
/// judgement refuses an authority as a host, whoever it is. Here it was named by its bytes; its
/// dates were judged before, its names are judged here, and that the host has its key is proved by
/// the handshake.
#[derive(Debug)]
struct GivenCertificates {
    inner: Verifier,
    provider: Arc<CryptoProvider>,
    certificates: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for GivenCertificates {
    fn verify_server_cert(
        &self,
        host: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = self
            .inner
            .verify_server_cert(host, between, name, ocsp, now);
        match judged {
            Err(Error::InvalidCertificate(refused)) if self.is_given(host, &refused) => {
                verify_server_name(&ParsedCertificate::try_from(host)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        host: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, host, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        host: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, host, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl GivenCertificates {
    fn is_given(&self, host: &CertificateDer<'_>, refused: &CertificateError) -> bool {
        is_authority(refused) && self.certificates.iter().any(|given| given == host)
    }
}
