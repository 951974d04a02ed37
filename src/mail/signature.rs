//! Signs a letter for the domain of its sender (DKIM: RFC 6376, and RFC 8463 for Ed25519), so that a mail server believes
//! whom it comes from. Never reads a clock: the same letter is signed to the same bytes. Keys cannot be printed.

use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256, SigningKey};
use mail_auth::common::headers::{HeaderStream, Writable, Writer};
use mail_auth::dkim::canonicalize::CanonicalHeaders;
use mail_auth::dkim::{Canonicalization, Signature};
use ring::signature::{Ed25519KeyPair, KeyPair, RsaKeyPair};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::record::public_key_info;
use crate::domain::time::Instant;

/// What a signature covers where a letter has it.
const SIGNED: [&str; 11] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
];
/// Covered only where a letter has them: a button that stops reminders must be ours.
const OF_REMINDERS: [&str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];
/// Covered once more than they occur, so that nobody on the way can add a second one, or a first (RFC 6376, section 8.15).
const SEALED: [&str; 7] = ["From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Cc"];

/// A text that is no key to sign with. Never repeats any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// No PEM.
    #[error(
        "not a private key in PEM form (`-----BEGIN PRIVATE KEY-----` or `-----BEGIN RSA PRIVATE KEY-----`)"
    )]
    NotPem,
    /// Another algorithm, or an RSA key of a size that receivers do not take.
    #[error("neither an Ed25519 key nor an RSA key of 2048 to 4096 bits")]
    NotUsable,
}

enum Pair {
    Rsa(RsaKey<Sha256>),
    Ed25519(Ed25519Key),
}

/// A private key, and what DNS must say of it.
pub struct SigningPair {
    pair: Pair,
    /// `rsa` or `ed25519`.
    pub kind: &'static str,
    /// Bits of an RSA key; 256 of an Ed25519 key.
    pub bits: usize,
    /// What stands after `p=` before it is written in Base64.
    pub public: Vec<u8>,
}

impl SigningPair {
    /// Reads a key in PEM form: PKCS#8, or PKCS#1 for RSA, as `openssl` and every other tool writes it.
    ///
    /// # Errors
    /// See [`KeyRefusal`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyRefusal> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyRefusal::NotPem)?;
        if let PrivateKeyDer::Pkcs8(bytes) = &der {
            let bytes = bytes.secret_pkcs8_der();
            if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes) {
                let public = key.public_key().as_ref().to_vec();
                let pair = Ed25519Key::from_pkcs8_maybe_unchecked_der(bytes);
                let pair = Pair::Ed25519(pair.map_err(|_| KeyRefusal::NotUsable)?);
                return Ok(Self { pair, kind: "ed25519", bits: 256, public });
            }
        }
        let key = match &der {
            PrivateKeyDer::Pkcs1(bytes) => RsaKeyPair::from_der(bytes.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(bytes) => RsaKeyPair::from_pkcs8(bytes.secret_pkcs8_der()),
            _ => return Err(KeyRefusal::NotUsable),
        };
        let key = key.map_err(|_| KeyRefusal::NotUsable)?;
        let (bits, public) = (key.public().modulus_len() * 8, public_key_info(key.public_key().as_ref()));
        let pair = RsaKey::<Sha256>::from_key_der(der).map_err(|_| KeyRefusal::NotUsable)?;
        Ok(Self { pair: Pair::Rsa(pair), kind: "rsa", bits, public })
    }

    /// The text for the file of a new Ed25519 key, made of 32 random bytes.
    #[must_use]
    pub fn ed25519_pem(seed: &[u8; 32]) -> Zeroizing<String> {
        // PKCS#8 without the public half (RFC 8410, section 7): a fixed beginning, then the seed.
        const BEGINNING: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let der = Zeroizing::new([BEGINNING.as_slice(), seed].concat());
        let body = Zeroizing::new(data_encoding::BASE64.encode(&der));
        Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *body))
    }
}

/// One key with the name under which its public half is found.
pub struct Signer {
    /// The name before `._domainkey.`.
    pub selector: String,
    /// The key.
    pub pair: SigningPair,
}

/// Everything that letters are signed with: one domain, and one key or two.
pub struct Signing {
    /// Whose signature it is.
    pub domain: String,
    /// The keys. Receivers that do not know the kind of one take the other.
    pub signers: Vec<Signer>,
}

impl Signing {
    /// The letter with a signature of every key before its headers. `date` is the letter's own, so that a second copy is
    /// signed to the same bytes.
    ///
    /// # Errors
    /// [`NotSigned`] where the library refuses, which no letter of ours makes it do.
    pub fn sign(&self, letter: &[u8], date: Instant) -> Result<Vec<u8>, NotSigned> {
        let mut signed = Vec::with_capacity(letter.len() + 1024 * self.signers.len());
        for signer in &self.signers {
            let signature = match &signer.pair.pair {
                Pair::Rsa(key) => self.signature(key, &signer.selector, letter, date),
                Pair::Ed25519(key) => self.signature(key, &signer.selector, letter, date),
            };
            signature?.write(&mut signed, true);
        }
        signed.extend_from_slice(letter);
        Ok(signed)
    }

    /// What the library's own `sign` does, but for the moment, which it would read from the system's clock.
    fn signature<K: SigningKey<Hasher = Sha256>>(
        &self,
        key: &K,
        selector: &str,
        letter: &[u8],
        date: Instant,
    ) -> Result<Signature, NotSigned> {
        let mut signature = Signature {
            v: 1,
            a: key.algorithm(),
            d: self.domain.clone(),
            s: selector.to_owned(),
            h: covered(letter),
            t: u64::try_from(date.timestamp()).unwrap_or_default(),
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        let (_, headers, covered, body) = signature.canonicalize(Headers::of(letter));
        signature.bh = key.hash(body).as_ref().to_vec();
        signature.h = covered;
        let whole = Signable { headers, signature: &signature };
        signature.b = key.sign(whole).map_err(|_| NotSigned)?;
        Ok(signature)
    }
}

/// The library refused to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the letter cannot be signed; `holdspace doctor` looks at the keys")]
pub struct NotSigned;

/// What the signature covers: what the letter has, and what nobody may add.
fn covered(letter: &[u8]) -> Vec<String> {
    let mut headers = Headers::of(letter);
    let there: Vec<&[u8]> = std::iter::from_fn(|| headers.next_header()).map(|(name, _)| name).collect();
    let has = |name: &&str| there.iter().any(|one| one.eq_ignore_ascii_case(name.as_bytes()));
    let there = SIGNED.into_iter().chain(OF_REMINDERS).filter(has);
    there.chain(SEALED).map(str::to_owned).collect()
}

struct Signable<'a> {
    headers: CanonicalHeaders<'a>,
    signature: &'a Signature,
}

impl Writable for Signable<'_> {
    fn write(self, writer: &mut impl Writer) {
        self.headers.write(writer);
        self.signature.write(writer, false);
    }
}

/// The headers of a letter that [`super::message::mime`] wrote, one after the other, each with its folds and its line end.
struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    const fn of(letter: &'a [u8]) -> Self {
        Self { rest: letter }
    }
}

impl<'a> HeaderStream<'a> for Headers<'a> {
    fn next_header(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let colon = self.rest.iter().position(|byte| matches!(byte, b':' | b'\r'))?;
        let (name, after) = self.rest.split_at(colon);
        let value = after.strip_prefix(b":")?;
        // A line that begins with a space or a tab belongs to the one before.
        let ends = |at: usize| !matches!(value.get(at + 2), Some(b' ' | b'\t'));
        let end = (0..value.len()).find(|at| value[*at..].starts_with(b"\r\n") && ends(*at))? + 2;
        let (value, rest) = value.split_at(end);
        self.rest = rest;
        Some((name, value))
    }

    fn body(&mut self) -> &'a [u8] {
        self.rest.strip_prefix(b"\r\n").unwrap_or(self.rest)
    }
}

#[cfg(test)]
mod tests;
