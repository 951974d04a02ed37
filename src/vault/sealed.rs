//! Sealing and opening under one key, each value for one place: the name of the key, a nonce, and what is sealed with its tag.
//! Knows no key file.

use holdspace_aead::{Cipher, NONCE, TAG};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{KeyId, Location, VaultError};
use crate::entropy::Entropy;

/// What sealing adds to a value: the name of the key, a nonce and a tag.
pub const OVERHEAD: usize = KeyId::BYTES + NONCE + TAG;
/// Stands where the name of a key stands, before what is sealed by a data key: the row says which, and its wrapped form bears
/// the name of the key that wraps it.
const BY_DATA_KEY: [u8; KeyId::BYTES] = *b"data";

pub(super) fn seal(
    cipher: &Cipher,
    name: [u8; KeyId::BYTES],
    entropy: &dyn Entropy,
    location: Location<'_>,
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let nonce: [u8; NONCE] = entropy.bytes();
    let sealed = cipher.seal(&nonce, &location.associated(), plain).ok_or(VaultError::TooLong)?;
    Ok([name.as_slice(), &nonce, &sealed].concat())
}

pub(super) fn open(
    cipher: &Cipher,
    location: Location<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (head, body) = sealed.split_at_checked(KeyId::BYTES + NONCE).ok_or(VaultError::DoesNotOpen)?;
    let nonce: [u8; NONCE] = head[KeyId::BYTES..].try_into().map_err(|_| VaultError::DoesNotOpen)?;
    let opened = cipher.open(&nonce, &location.associated(), body);
    opened.map(Zeroizing::new).ok_or(VaultError::DoesNotOpen)
}

pub(super) fn written<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    serde_json::to_vec(value).map(Zeroizing::new).map_err(|_| VaultError::TooLong)
}

/// A value that is sealed at `size` bytes.
pub(super) fn filled<T: Serialize>(value: &T, size: usize) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut plain = written(value)?;
    let room = size.checked_sub(OVERHEAD).filter(|room| plain.len() <= *room).ok_or(VaultError::TooLong)?;
    // White space after a JSON value is part of it, so the reader needs no length.
    plain.resize(room, b' ');
    Ok(plain)
}

pub(super) fn read<T: DeserializeOwned>(plain: &[u8]) -> Result<T, VaultError> {
    // What fills a value up to its size is most of it, and passed by in strides, quicker than a parser would.
    let filling = plain.rchunks_exact(64).take_while(|some| **some == [b' '; 64]).count();
    serde_json::from_slice(&plain[..plain.len() - 64 * filling]).map_err(|_| VaultError::DoesNotOpen)
}

/// The key of one resident, booking or season: where it is destroyed, nothing opens what it sealed. Cannot be printed.
pub struct DataKey<'a> {
    cipher: Cipher,
    entropy: &'a dyn Entropy,
}

impl<'a> DataKey<'a> {
    pub(super) fn new(key: &[u8; 32], entropy: &'a dyn Entropy) -> Self {
        Self { cipher: Cipher::new(key), entropy }
    }

    /// Seals a value of any length.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] beyond what the cipher takes, which no row of ours reaches.
    pub fn seal_value<T: Serialize>(&self, location: Location<'_>, value: &T) -> Result<Vec<u8>, VaultError> {
        seal(&self.cipher, BY_DATA_KEY, self.entropy, location, &written(value)?)
    }

    /// Seals a value at exactly `size` bytes, so that its length tells nothing.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] where it does not fit.
    pub fn seal_at_size<T: Serialize>(
        &self,
        location: Location<'_>,
        value: &T,
        size: usize,
    ) -> Result<Vec<u8>, VaultError> {
        seal(&self.cipher, BY_DATA_KEY, self.entropy, location, &filled(value, size)?)
    }

    /// Opens a value that this key sealed for the same place.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open_value<T: DeserializeOwned>(
        &self,
        location: Location<'_>,
        sealed: &[u8],
    ) -> Result<T, VaultError> {
        read(&open(&self.cipher, location, sealed)?)
    }
}
