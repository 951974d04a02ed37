//! Encryption of the line to a relay, over the public authorities and one of the house's own. Never accepts an
//! invalid certificate.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::url::MailUrlRefusal;

/// Largest file of an authority in bytes.
const AUTHORITY_BYTES: u64 = 1024 * 1024;

/// How to encrypt the line to one host: from the first byte, or after STARTTLS.
#[derive(Clone)]
pub(super) struct Encryption {
    name: ServerName<'static>,
    connector: TlsConnector,
    upgrade: TlsParameters,
}

impl Encryption {
    /// Trusts the public authorities, and those in a PEM file.
    pub(super) fn with(host: &str, authority: Option<&Path>) -> Result<Self, MailUrlRefusal> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let mut upgrade = TlsParameters::builder(host.to_owned());
        if let Some(path) = authority {
            let pem = read(path)?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|_| MailUrlRefusal::Authority)?;
                roots.add(certificate).map_err(|_| MailUrlRefusal::Authority)?;
            }
            let own = Certificate::from_pem(&pem).map_err(|_| MailUrlRefusal::Authority)?;
            upgrade = upgrade.add_root_certificate(own);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| MailUrlRefusal::Name)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            name: ServerName::try_from(host.to_owned()).map_err(|_| MailUrlRefusal::Name)?,
            connector: TlsConnector::from(Arc::new(config)),
            upgrade: upgrade.build_rustls().map_err(|_| MailUrlRefusal::Name)?,
        })
    }

    /// For the library's STARTTLS.
    pub(super) fn for_upgrade(&self) -> TlsParameters {
        self.upgrade.clone()
    }

    /// Encrypts from the first byte.
    pub(super) async fn wrap(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

fn read(path: &Path) -> Result<Vec<u8>, MailUrlRefusal> {
    let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= AUTHORITY_BYTES);
    let pem = if small { std::fs::read(path).ok() } else { None };
    // A file without a certificate would otherwise be ignored in silence.
    pem.filter(|pem| CertificateDer::pem_slice_iter(pem).next().is_some()).ok_or(MailUrlRefusal::Authority)
}

/// An encrypted stream as the library wants it.
#[derive(Debug)]
pub(super) struct TlsWire(Box<TlsStream<TcpStream>>);

impl From<TlsStream<TcpStream>> for TlsWire {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Self(Box::new(stream))
    }
}

impl AsyncTokioStream for TlsWire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for TlsWire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for TlsWire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
