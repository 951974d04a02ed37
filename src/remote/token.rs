//! Whether an ID token is the provider's own, for us, for this sign-in and of this hour, and what it says of somebody's
//! address. Never asks anybody: keys and time are given.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Validation, decode, decode_header};
use ring::signature as seal;
use serde::Deserialize;
use serde_json::Value;

/// What clocks may differ by, in seconds.
const LEEWAY: i64 = 60;
/// A longer token is not read, in bytes.
const MAX_TOKEN: usize = 32 * 1024;
/// So many keys are tried where a token does not name its own.
const MAX_KEYS: usize = 8;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose token.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// For which sign-in.
    pub nonce: &'a str,
    /// When, in UTC seconds.
    pub now: i64,
}

/// What is wrong with a token. Never says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// No token at all, or none that can be read.
    #[error("the token cannot be read")]
    Unreadable,
    /// Not signed by a key of the provider.
    #[error("the token is not signed by a key that the provider publishes")]
    Signature,
    /// Of somebody else.
    #[error("the token is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another client")]
    Audience,
    /// For another sign-in.
    #[error("the token belongs to another sign-in")]
    Nonce,
    /// Past its end, or from the future: perhaps a clock is wrong.
    #[error("the token is not of this hour; look at both clocks")]
    Time,
    /// About another than the token is.
    #[error("what the provider says of the person is about another than its token")]
    Subject,
    /// Without an address.
    #[error("the token holds no e-mail address; have the provider put the claim email into it")]
    NoAddress,
    /// Without the provider's word that the address is theirs.
    #[error("the provider does not say that the e-mail address is verified (claim email_verified)")]
    Unverified,
}

#[derive(Deserialize)]
struct Claims {
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// What a provider says of a person, in a token or when asked.
#[derive(Debug, Deserialize)]
pub struct Said {
    sub: String,
    email: Option<String>,
    email_verified: Option<Value>,
    /// Entra ID says this instead: the domain of the address is proved to be the tenant's.
    xms_edov: Option<Value>,
}

impl Said {
    /// Whether it holds no address, so that the provider is to be asked.
    pub fn lacks_address(&self) -> bool {
        self.email.is_none()
    }

    /// What the provider says when asked, which must be about the same person.
    ///
    /// # Errors
    /// [`Flaw::Subject`].
    pub fn completed_by(self, answer: Self) -> Result<Self, Flaw> {
        if self.sub == answer.sub { Ok(answer) } else { Err(Flaw::Subject) }
    }

    /// The address, if the issuer vouches for it.
    ///
    /// # Errors
    /// [`Flaw::NoAddress`], [`Flaw::Unverified`].
    pub fn address(self, issuer: &str) -> Result<String, Flaw> {
        let verified = [self.email_verified, self.xms_edov.filter(|_| is_entra(issuer))];
        let address = self.email.filter(|address| !address.trim().is_empty()).ok_or(Flaw::NoAddress)?;
        if verified.iter().flatten().any(says_yes) { Ok(address) } else { Err(Flaw::Unverified) }
    }
}

/// What a token says of whom, once it has said everything else that it must.
///
/// # Errors
/// [`Flaw`].
pub fn person(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Said, Flaw> {
    let claims = claims(token, keys, expected)?;
    // More than one audience, or a party, is said to be ours by `azp` alone (OpenID Connect Core, 3.1.3.7).
    let several = claims.aud.as_array().is_some_and(|all| all.len() > 1);
    if claims.azp.as_deref().map_or(several, |party| party != expected.client_id) {
        return Err(Flaw::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Flaw::Nonce);
    }
    if expected.now >= claims.exp.saturating_add(LEEWAY) || claims.iat > expected.now + LEEWAY {
        return Err(Flaw::Time);
    }
    Ok(claims.said)
}

/// Some providers write their flags as text.
fn says_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => text == "true" || text == "1",
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    }
}

fn is_entra(issuer: &str) -> bool {
    ["https://login.microsoftonline.com/", "https://login.microsoftonline.us/"]
        .iter()
        .any(|begin| issuer.starts_with(begin))
}

fn claims(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Flaw> {
    // Installed once a process; a second time it is refused and stays as it is.
    let _ = RING.install_default();
    if token.len() > MAX_TOKEN {
        return Err(Flaw::Unreadable);
    }
    let header = decode_header(token).map_err(|_| Flaw::Unreadable)?;
    if scheme(header.alg).is_none() {
        return Err(Flaw::Signature);
    }
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    // By our own clock, which is not the system's in a test.
    validation.validate_exp = false;
    let fits = |key: &&Jwk| {
        let named = header.kid.is_none() || key.common.key_id == header.kid;
        named && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
    };
    let mut flaw = Flaw::Signature;
    for key in keys.iter().filter(fits).take(MAX_KEYS) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        match decode::<Claims>(token, &key, &validation) {
            Ok(found) => return Ok(found.claims),
            Err(problem) => flaw = told(&problem).unwrap_or(flaw),
        }
    }
    Err(flaw)
}

/// What a library's refusal means, where it is not that the key does not fit.
fn told(problem: &Error) -> Option<Flaw> {
    match problem.kind() {
        ErrorKind::InvalidIssuer => Some(Flaw::Issuer),
        ErrorKind::InvalidAudience => Some(Flaw::Audience),
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => Some(Flaw::Unreadable),
        _ => None,
    }
}

/// The library's own ways to verify bring a second set of cryptography; ring is here already.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        if key.family() != algorithm.family() {
            return Err(ErrorKind::InvalidKeyFormat.into());
        }
        let scheme = scheme(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
        Ok(Box::new(Check { algorithm: *algorithm, scheme, key: key.clone() }) as Box<dyn JwtVerifier>)
    },
    key_utils: KeyUtils::new_unimplemented(),
};

#[derive(Clone, Copy)]
enum Scheme {
    Rsa(&'static seal::RsaParameters),
    Point(&'static dyn seal::VerificationAlgorithm),
}

/// How an algorithm is checked; none for those that sign with a shared secret, or not at all.
fn scheme(algorithm: Algorithm) -> Option<Scheme> {
    Some(match algorithm {
        Algorithm::RS256 => Scheme::Rsa(&seal::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Scheme::Rsa(&seal::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Scheme::Rsa(&seal::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Scheme::Rsa(&seal::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Scheme::Rsa(&seal::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Scheme::Rsa(&seal::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Scheme::Point(&seal::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Scheme::Point(&seal::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Scheme::Point(&seal::ED25519),
        _ => return None,
    })
}

struct Check {
    algorithm: Algorithm,
    scheme: Scheme,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let checked = match (self.scheme, self.key.kind()) {
            (Scheme::Rsa(how), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                seal::RsaPublicKeyComponents { n, e }.verify(how, message, signature)
            }
            (Scheme::Point(how), DecodingKeyKind::SecretOrDer(point)) => {
                seal::UnparsedPublicKey::new(how, point).verify(message, signature)
            }
            _ => return Err(signature::Error::new()),
        };
        checked.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests;
