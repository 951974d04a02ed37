//! OpenID Connect with one provider: where its pages are, the way to them, and the code that comes back for a token
//! (authorization code flow with PKCE). Keeps no secret of a sign-in; state, nonce and verifier come from whoever asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use jsonwebtoken::jwk::Jwk;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

use super::token::{self, Expected, Flaw, Said};
use super::{Reach, Remote, Trouble};

/// What a provider says of itself is believed for so long.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// One that cannot be asked is left alone for so long, so that many who come at once do not wait for one another.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(5);
/// No provider publishes more keys.
const MAX_KEYS: usize = 64;

/// Why a sign-in through a provider does not go on. Never says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not reached.
    #[error("the provider cannot be asked: {0}")]
    Remote(#[from] Trouble),
    /// It answers with something else.
    #[error("the provider answered {what} with status {status}; correct oidc_issuer")]
    Status {
        /// What was asked for.
        what: &'static str,
        /// The answer's status code.
        status: u16,
    },
    /// What it answers cannot be read.
    #[error("the provider's {0} cannot be read; correct oidc_issuer")]
    Unreadable(&'static str),
    /// The document is somebody else's.
    #[error("the discovery document names another issuer; write oidc_issuer exactly as the provider does")]
    OtherIssuer,
    /// Its pages are elsewhere.
    #[error(
        "the provider's sign-in page is at another host than its issuer, which browsers would not be let to"
    )]
    OtherHost,
    /// It cannot do what is needed.
    #[error(
        "the provider does not know PKCE with S256, or no way to identify Holdspace by a secret; allow both there"
    )]
    Unable,
    /// It does not take the code.
    #[error(
        "the provider took the code for no token (status {0}); look at oidc_client_id, oidc_client_secret and the redirect address that is registered there"
    )]
    Code(u16),
    /// The answer is of another provider.
    #[error("the answer is from another issuer")]
    Answer,
    /// The token is not what it must be.
    #[error(transparent)]
    Token(#[from] Flaw),
}

impl Problem {
    /// Whether the provider does not work, in difference to what it says.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        !matches!(self, Self::Token(_) | Self::Answer | Self::Code(400))
    }
}

/// What a provider says of itself.
#[derive(Debug, Deserialize)]
struct Written {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// The same, checked.
#[derive(Debug)]
struct Known {
    authorization: Url,
    token: Url,
    keys: Url,
    /// Where it says of a person what its token does not.
    person: Option<Url>,
    /// Whether the secret goes into the form, for a provider that knows no other way.
    secret_in_form: bool,
}

#[derive(Deserialize)]
struct Granted {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

/// What goes along on the way to the provider.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// Comes back with the code.
    pub state: &'a str,
    /// Comes back inside the token.
    pub nonce: &'a str,
    /// Hash of the verifier.
    pub challenge: &'a str,
}

/// What came back, and what it is held against.
#[derive(Debug, Clone, Copy)]
pub struct Back<'a> {
    /// The code.
    pub code: &'a str,
    /// Whose answer this is, where the provider says so (RFC 9207).
    pub issuer: Option<&'a str>,
    /// What the challenge was the hash of.
    pub verifier: &'a str,
    /// What the token must hold.
    pub nonce: &'a str,
    /// When, in UTC seconds.
    pub now: i64,
}

/// When a provider was asked for what it says of itself, and what came of it.
type Discovered = (Instant, Result<Arc<Known>, Problem>);

/// One provider, and who we are to it.
pub struct Provider {
    issuer: Url,
    /// As it was written: it must be the same to the letter.
    issuer_text: String,
    client_id: String,
    client_secret: SecretString,
    redirect: String,
    remote: Remote,
    known: Mutex<Option<Discovered>>,
}

impl Provider {
    /// A provider by its issuer; `redirect` is where it sends people back.
    ///
    /// # Errors
    /// [`Problem::Remote`] for an issuer that is no address.
    pub fn new(
        issuer: &str,
        client_id: &str,
        client_secret: SecretString,
        redirect: String,
    ) -> Result<Self, Problem> {
        let url: Url = issuer.parse().map_err(|_| Trouble::Address)?;
        Ok(Self {
            remote: Remote::new(Reach::to(&url))?,
            issuer: url,
            issuer_text: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            redirect,
            known: Mutex::default(),
        })
    }

    /// Scheme, host and port of the provider's pages.
    #[must_use]
    pub fn origin(&self) -> String {
        self.issuer.origin().ascii_serialization()
    }

    /// Asks the provider for what it says of itself, and holds it against the settings.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn check(&self) -> Result<(), Problem> {
        self.known().await.map(|_| ())
    }

    /// Where somebody goes in order to sign in.
    ///
    /// # Errors
    /// [`Problem`], where the provider does not say.
    pub async fn door(&self, way: Way<'_>) -> Result<String, Problem> {
        let mut url = self.known().await?.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", "openid email")
            .append_pair("state", way.state)
            .append_pair("nonce", way.nonce)
            .append_pair("code_challenge", way.challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// The verified address of whoever comes back.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn address(&self, back: Back<'_>) -> Result<String, Problem> {
        if back.issuer.is_some_and(|issuer| issuer != self.issuer_text) {
            return Err(Problem::Answer);
        }
        let known = self.known().await?;
        let granted = self.granted(&known, back).await?;
        // Asked for anew every time: a provider changes its keys when it likes.
        let keys = read::<Keys>("keys", &self.remote.get(&known.keys, accepting()).await?)?;
        // A key of a kind that we do not know is no reason to refuse the others.
        let keys = keys.keys.into_iter().take(MAX_KEYS);
        let keys: Vec<Jwk> = keys.filter_map(|key| serde_json::from_value(key).ok()).collect();
        let expected = Expected {
            issuer: &self.issuer_text,
            client_id: &self.client_id,
            nonce: back.nonce,
            now: back.now,
        };
        let said = token::person(&granted.id_token, &keys, &expected)?;
        let said = match (&known.person, &granted.access_token) {
            // A provider may keep it out of a token that others could read on their way (OpenID Connect Core, 5.4).
            (Some(url), Some(token)) if said.lacks_address() => {
                said.completed_by(self.said(url, token).await?)?
            }
            _ => said,
        };
        Ok(said.address(&self.issuer_text)?)
    }

    async fn said(&self, url: &Url, access_token: &str) -> Result<Said, Problem> {
        let mut headers = accepting();
        let mut value = HeaderValue::try_from(format!("Bearer {access_token}"))
            .map_err(|_| Problem::Unreadable("token"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        read("word about the person", &self.remote.get(url, headers).await?)
    }

    async fn granted(&self, known: &Known, back: Back<'_>) -> Result<Granted, Problem> {
        let mut headers = accepting();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if !known.secret_in_form {
            headers.insert(AUTHORIZATION, self.credentials()?);
        }
        let form = self.form(known, back);
        let answer = self.remote.post(&known.token, headers, form).await?;
        if answer.status() != StatusCode::OK {
            return Err(Problem::Code(answer.status().as_u16()));
        }
        read("token", &answer)
    }

    fn form(&self, known: &Known, back: Back<'_>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", back.code)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", back.verifier);
        if known.secret_in_form {
            form.append_pair("client_id", &self.client_id)
                .append_pair("client_secret", self.client_secret.expose_secret());
        }
        form.finish()
    }

    /// Both parts are written as in a form before they are joined (RFC 6749, 2.3.1).
    fn credentials(&self) -> Result<HeaderValue, Problem> {
        let written = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let both = format!("{}:{}", written(&self.client_id), written(self.client_secret.expose_secret()));
        let value = HeaderValue::try_from(format!("Basic {}", BASE64.encode(both.as_bytes())));
        let mut value = value.map_err(|_| Problem::Unable)?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn known(&self) -> Result<Arc<Known>, Problem> {
        // Whoever comes meanwhile waits for the same answer.
        let mut held = self.known.lock().await;
        let fresh = |since: &Instant, known: &Result<_, _>| {
            since.elapsed() < if known.is_ok() { KNOWN_FOR } else { LEFT_ALONE_FOR }
        };
        if let Some((_, known)) = held.as_ref().filter(|(since, known)| fresh(since, known)) {
            return known.clone();
        }
        let known = self.discovered().await.map(Arc::new);
        *held = Some((Instant::now(), known.clone()));
        known
    }

    async fn discovered(&self) -> Result<Known, Problem> {
        let text = format!("{}/.well-known/openid-configuration", self.issuer_text.trim_end_matches('/'));
        let url: Url = text.parse().map_err(|_| Trouble::Address)?;
        let written: Written = read("discovery document", &self.remote.get(&url, accepting()).await?)?;
        self.judged(&written)
    }

    fn judged(&self, written: &Written) -> Result<Known, Problem> {
        if written.issuer != self.issuer_text {
            return Err(Problem::OtherIssuer);
        }
        let url = |text: &str| Url::parse(text).map_err(|_| Problem::Unreadable("discovery document"));
        let authorization = url(&written.authorization_endpoint)?;
        if authorization.origin() != self.issuer.origin() {
            return Err(Problem::OtherHost);
        }
        let lists = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|one| one == word))
        };
        // A provider that is silent about PKCE may know it (Entra ID does), and one that does not ignores it.
        let ways = &written.token_endpoint_auth_methods_supported;
        let (in_header, in_form) = (lists(ways, "client_secret_basic"), lists(ways, "client_secret_post"));
        if !lists(&written.code_challenge_methods_supported, "S256") || !(in_header || in_form) {
            return Err(Problem::Unable);
        }
        Ok(Known {
            authorization,
            token: url(&written.token_endpoint)?,
            keys: url(&written.jwks_uri)?,
            person: written.userinfo_endpoint.as_deref().map(url).transpose()?,
            secret_in_form: !in_header,
        })
    }
}

fn accepting() -> HeaderMap {
    [(ACCEPT, HeaderValue::from_static("application/json"))].into_iter().collect()
}

fn read<T: DeserializeOwned>(what: &'static str, answer: &Response<Bytes>) -> Result<T, Problem> {
    if answer.status() != StatusCode::OK {
        return Err(Problem::Status { what, status: answer.status().as_u16() });
    }
    serde_json::from_slice(answer.body()).map_err(|_| Problem::Unreadable(what))
}

#[cfg(test)]
mod tests;
