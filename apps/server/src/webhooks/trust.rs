//! Whom we believe to be who they say: the roots that came with this version, and those of a file.
//!
//! The roots are Mozilla's, compiled in, so that a bare machine without ca-certificates can send; they are as old as the
//! version that runs. Nothing is read from the machine's own store.

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why encrypted connections cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file of roots cannot be read.
    #[error("{0}: {1}")]
    File(String, rustls::pki_types::pem::Error),
    /// There is no certificate in it.
    #[error("{0}: there is no certificate in it")]
    Empty(String),
    /// A certificate in it is not in order, or the cipher suites are not.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// How connections are encrypted: TLS 1.2 and 1.3, with the roots of this version and those of the file, if there is one.
pub fn trust(file: Option<&Path>) -> Result<Arc<ClientConfig>, TrustError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = file {
        add(&mut roots, file)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add(roots: &mut RootCertStore, file: &Path) -> Result<(), TrustError> {
    let name = file.display().to_string();
    let before = roots.len();
    let unreadable = |error| TrustError::File(name.clone(), error);
    for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
        roots.add(certificate.map_err(unreadable)?)?;
    }
    if roots.len() == before { Err(TrustError::Empty(name)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_come_with_the_program() {
        assert!(trust(None).is_ok());
        assert!(webpki_roots::TLS_SERVER_ROOTS.len() > 100);
    }

    #[test]
    fn a_file_that_holds_no_roots_is_a_start_up_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        assert!(matches!(trust(Some(&file)), Err(TrustError::File(..))));
        std::fs::write(&file, "not a certificate").unwrap();
        assert!(matches!(trust(Some(&file)), Err(TrustError::Empty(_))));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(matches!(trust(Some(&file)), Err(TrustError::Tls(_))));
    }
}
