//! Asks over HTTP for what an outsider published: the provider of sign-ins, and whatever else has an address that somebody
//! typed. Never follows a redirect, never reads more or waits longer than its bounds, and never reaches into the
//! institution's own network: the address that was checked is the address that is connected to.
//!
//! | file | holds |
//! | --- | --- |
//! | `remote/reach.rs` | which addresses may be connected to |
//! | `remote/provider.rs` | OpenID Connect: discovery, the way to the provider, the code for a token |
//! | `remote/token.rs` | whether a token says what it must |
//! | `remote/published.rs` | calendars: a published file, or an account by CalDAV |
//! | `remote/multistatus.rs` | what a CalDAV server answers |

pub mod multistatus;
pub mod provider;
pub mod published;
mod reach;
mod token;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Position, Url};

pub use reach::Reach;
use reach::{LookUp, of_the_system};

/// No answer is read beyond so many bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// No answer is waited for longer, from the name's look-up to its last byte.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Headers of an answer have so much room, in bytes.
const HEADER_BYTES: usize = 64 * 1024;

/// Why there is no answer. Says nothing of the address, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Not an address that is asked.
    #[error("its address must begin with https://")]
    Address,
    /// It leads into a network that is not public.
    #[error("its name leads to a private address, which is never asked")]
    Private,
    /// Its name is not known.
    #[error("its name is not known to the name service")]
    Name,
    /// Nobody listens.
    #[error("it does not answer")]
    Silent,
    /// Its certificate does not hold.
    #[error(
        "it cannot be reached over TLS: its certificate is for another name, expired, or not from a public authority"
    )]
    Certificate,
    /// Too much.
    #[error("its answer is larger than 1 MB")]
    TooLarge,
    /// Too late.
    #[error("its answer took longer than 10 seconds")]
    TooSlow,
    /// Something else than HTTP.
    #[error("its answer is not HTTP")]
    NotHttp,
}

/// Asks outsiders.
pub struct Remote {
    reach: Reach,
    tls: TlsConnector,
    patience: Duration,
    look_up: LookUp,
}

impl Remote {
    /// Asks within a reach.
    ///
    /// # Errors
    /// [`Trouble::Certificate`] where TLS itself cannot be set up, which does not happen.
    pub fn new(reach: Reach) -> Result<Self, Trouble> {
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| Trouble::Certificate)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            reach,
            tls: TlsConnector::from(Arc::new(config)),
            patience: PATIENCE,
            look_up: of_the_system(),
        })
    }

    /// Reads what an address gives. A redirect is an answer like any other.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Response<Bytes>, Trouble> {
        self.exchange(Method::GET, url, headers, String::new()).await
    }

    /// Sends a body to an address and reads what it gives.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> Result<Response<Bytes>, Trouble> {
        self.exchange(Method::POST, url, headers, body).await
    }

    /// Does something else than reading or sending, such as WebDAV's `PROPFIND`, and reads the answer.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn exchange(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> Result<Response<Bytes>, Trouble> {
        let request = request(method, url, headers, body)?;
        tokio::time::timeout(self.patience, self.ask(url, request)).await.map_err(|_| Trouble::TooSlow)?
    }

    async fn ask(&self, url: &Url, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Trouble> {
        let addresses = self.reach.addresses(url, &self.look_up).await?;
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|_| Trouble::Silent)?;
        if url.scheme() == "http" {
            return talk(stream, request).await;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| Trouble::Address)?;
        let told = |problem: io::Error| match problem.kind() {
            io::ErrorKind::InvalidData => Trouble::Certificate,
            _ => Trouble::Silent,
        };
        talk(self.tls.connect(name, stream).await.map_err(told)?, request).await
    }
}

fn request(
    method: Method,
    url: &Url,
    headers: HeaderMap,
    body: String,
) -> Result<Request<Full<Bytes>>, Trouble> {
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
    let request = Request::builder().method(method).uri(&url[Position::BeforePath..Position::AfterQuery]);
    let mut request = request.body(Full::new(Bytes::from(body))).map_err(|_| Trouble::Address)?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(HOST, host.map_err(|_| Trouble::Address)?);
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("holdspace"));
    Ok(request)
}

/// One request over one connection, which ends with the answer, or with whoever stopped waiting for it.
async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Trouble> {
    let mut talking = http1::Builder::new();
    talking.max_buf_size(HEADER_BYTES);
    let (mut sender, connection) =
        talking.handshake(TokioIo::new(stream)).await.map_err(|_| Trouble::NotHttp)?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let told = |problem: hyper::Error| match problem.is_parse() {
        true => Trouble::NotHttp,
        false => Trouble::Silent,
    };
    let (parts, body) = sender.send_request(request).await.map_err(told)?.into_parts();
    let body = Limited::new(body, MAX_BYTES).collect().await.map_err(|problem| {
        if problem.is::<LengthLimitError>() { Trouble::TooLarge } else { Trouble::Silent }
    })?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

#[cfg(test)]
mod tests;
