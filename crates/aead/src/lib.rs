//! Seals and opens bytes under one key: XChaCha20-Poly1305, from the RustCrypto library, and nothing else of our own.
//!
//! A package of its own because the library is generic: its code is made wherever it is used, and would run unoptimised, at a
//! fiftieth of its speed, in every test of the house. It knows no place, no key file and no randomness; `src/vault` does.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of a nonce: enough that random ones never meet (draft-irtf-cfrg-xchacha-03, section 3.1).
pub const NONCE: usize = 24;
/// Bytes of the tag that sealing adds.
pub const TAG: usize = 16;

/// One key, ready to seal and open; wiped when dropped, and without a form that prints it.
pub struct Cipher(XChaCha20Poly1305);

impl Cipher {
    /// The cipher of a key.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// What is sealed, with its tag; bound to `associated`, which is not in it. None beyond 256 GB, which the cipher's counter cannot reach.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; NONCE], associated: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: associated }).ok()
    }

    /// What was sealed; none where key, nonce or `associated` are others, or anything was changed.
    #[must_use]
    pub fn open(&self, nonce: &[u8; NONCE], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: associated }).ok()
    }
}
