//! Seals and opens what must not lie in a database in the clear, and derives the tokens of links. Never stores
//! anything: the keys come from outside the database and its backups, and the data keys that they wrap are handed in.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac};
use holdspace_aead::Cipher;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::id::{LetterId, LinkId};
use crate::domain::identity::Address;
use crate::entropy::Entropy;

mod key_ring;
mod sealed;

use key_ring::Root;
pub use key_ring::{KeyId, KeyRing, MasterKey};
pub use sealed::{DataKey, OVERHEAD};

/// What the vault refuses. Says nothing about what was inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key file holds something else.
    #[error("the key file does not hold a key of 64 hexadecimal digits, or holds something else too")]
    NotAKey,
    /// Sealed under another key, for another place, or changed since.
    #[error("a sealed value does not open: it belongs to another key or another row, or was changed")]
    DoesNotOpen,
    /// The value is longer than the size its column has room for.
    #[error("a value is too long to be sealed at the size of its column")]
    TooLong,
}

/// Where a sealed value lives: bound to it, so that a value moved to another row, column or table does not open.
#[derive(Debug, Clone, Copy)]
pub struct Location<'a> {
    /// `table.column`.
    pub column: &'static str,
    /// The row's identifier.
    pub row: &'a str,
}

/// Where the present key file is read again: none where it cannot be read just now.
pub type Source = Box<dyn Fn() -> Option<KeyRing> + Send + Sync>;

/// Holds the keys: those that seal and open, and one for each other purpose.
pub struct Vault {
    /// The first seals.
    ciphers: RwLock<Arc<Vec<(KeyId, Cipher)>>>,
    source: Option<Source>,
    /// Names of keys that the key file did not have when it was read for their sake.
    missed: Mutex<BTreeSet<KeyId>>,
    root: Root,
    entropy: Arc<dyn Entropy>,
}

/// For so many unknown keys the key file is read again: whoever can write into the database must not keep this process reading.
const MOST_MISSED: usize = 64;
/// Bytes of authentication in a link's token: 128 bits.
const TAG: usize = 16;
/// Bytes of authentication in a token of a letter: 80 bits, because an address has little room, and somebody who guesses
/// one could do no more than keep letters from their own mailbox.
const RETURN_TAG: usize = 10;

impl Vault {
    /// A vault of one key. `entropy` gives the nonces.
    #[must_use]
    pub fn new(master: &MasterKey, entropy: Arc<dyn Entropy>) -> Self {
        Self::of(&KeyRing::of(master.clone()), entropy)
    }

    /// A vault of the keys of a file.
    #[must_use]
    pub fn of(ring: &KeyRing, entropy: Arc<dyn Entropy>) -> Self {
        let (ciphers, missed) = (RwLock::new(Arc::new(ciphers(ring))), Mutex::default());
        Self { ciphers, source: None, missed, root: ring.root(), entropy }
    }

    /// The same, reading its key file again when it meets a key that it does not know.
    #[must_use]
    pub fn reading(self, source: Source) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Goes on with the keys of a file that was read again. What hangs on the root stays as it was.
    pub fn take(&self, ring: &KeyRing) {
        *self.ciphers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ciphers(ring));
    }

    /// The name of the key that seals now.
    #[must_use]
    pub fn sealing(&self) -> Option<KeyId> {
        self.held().first().map(|(id, _)| *id)
    }

    fn held(&self) -> Arc<Vec<(KeyId, Cipher)>> {
        Arc::clone(&self.ciphers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the key file, read again, may hold a key that was unknown a moment ago.
    fn looked_again(&self, unknown: KeyId) -> bool {
        let Some(source) = &self.source else { return false };
        {
            let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
            // A key is in its file before anything is sealed by it: looking once is enough.
            if missed.len() >= MOST_MISSED || !missed.insert(unknown) {
                return false;
            }
        }
        let read = source();
        read.inspect(|ring| self.take(ring)).is_some()
    }

    /// Seals bytes for one place.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] beyond what the cipher takes, which no row of ours reaches.
    pub fn seal(&self, location: Location<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let held = self.held();
        let (id, cipher) = held.first().ok_or(VaultError::NotAKey)?;
        sealed::seal(cipher, id.bytes(), &*self.entropy, location, plain)
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open(&self, location: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let id = KeyId::of(sealed).ok_or(VaultError::DoesNotOpen)?;
        let mut held = self.held();
        let known = |held: &[(KeyId, Cipher)]| held.iter().any(|(known, _)| *known == id);
        if !known(&held) && self.looked_again(id) {
            held = self.held();
        }
        let cipher = held.iter().find(|(known, _)| *known == id).ok_or(VaultError::DoesNotOpen)?;
        sealed::open(&cipher.1, location, sealed)
    }

    /// The same value under the key that seals now; none where it is sealed by that one already.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn reseal(&self, location: Location<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        if KeyId::of(sealed) == self.sealing() {
            return Ok(None);
        }
        self.seal(location, &self.open(location, sealed)?).map(Some)
    }

    /// Draws a data key of a name; answers it wrapped.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub fn draw_key(&self, id: &str) -> Result<Vec<u8>, VaultError> {
        let key = Zeroizing::new(self.entropy.bytes::<32>());
        self.seal(wrapped_at(id), &*key)
    }

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] for one of another name too.
    pub fn unwrap(&self, id: &str, wrapped: &[u8]) -> Result<DataKey<'_>, VaultError> {
        let plain = self.open(wrapped_at(id), wrapped)?;
        let key: Zeroizing<[u8; 32]> =
            Zeroizing::new(plain.as_slice().try_into().map_err(|_| VaultError::DoesNotOpen)?);
        Ok(DataKey::new(&key, &*self.entropy))
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
        self.seal(location, &sealed::filled(value, size)?)
    }

    /// Seals a value of any length.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub fn seal_value<T: Serialize>(&self, location: Location<'_>, value: &T) -> Result<Vec<u8>, VaultError> {
        self.seal(location, &sealed::written(value)?)
    }

    /// Opens a value that [`Vault::seal_at_size`] or [`Vault::seal_value`] sealed.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open_value<T: DeserializeOwned>(
        &self,
        location: Location<'_>,
        sealed: &[u8],
    ) -> Result<T, VaultError> {
        sealed::read(&self.open(location, sealed)?)
    }

    /// A keyed hash by which an address is found again without being readable.
    #[must_use]
    pub fn address_key(&self, address: &Address) -> String {
        self.blind("address", &[address.reveal().as_bytes()])
    }

    /// A keyed hash of any words of one kind, for finding what is sealed.
    #[must_use]
    pub fn blind(&self, kind: &str, words: &[&[u8]]) -> String {
        let mut parts = vec![kind.as_bytes()];
        parts.extend_from_slice(words);
        HEXLOWER.encode(&mac(&self.root.index, &parts)[..TAG])
    }

    /// 256 bits that only this vault can derive, for one purpose and these words. Stored nowhere; those of one purpose
    /// tell nothing of another's, so that one may be a secret and another be shown.
    #[must_use]
    pub fn derived(&self, purpose: &'static str, words: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut parts = vec![purpose.as_bytes()];
        parts.extend_from_slice(words);
        Zeroizing::new(mac(&self.root.derived, &parts))
    }

    /// Lots of one drawing that only this vault can hold, for one purpose and these words.
    #[must_use]
    pub fn lots(&self, purpose: &'static str, words: &[&[u8]]) -> Lots {
        Lots(self.derived(purpose, words))
    }

    /// The token of a link: its identifier, and a tag that only this vault can make. Stored nowhere.
    #[must_use]
    pub fn token(&self, link: LinkId, purpose: &str, generation: i64) -> Zeroizing<String> {
        let bytes = [link.as_bytes().as_slice(), &self.tag(link, purpose, generation)].concat();
        Zeroizing::new(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }

    /// The link that a token names, before its tag is checked.
    #[must_use]
    pub fn link_of(token: &str) -> Option<LinkId> {
        let bytes: [u8; 32] = token_bytes(token)?;
        bytes[..16].try_into().ok().map(LinkId::from_bytes)
    }

    /// Whether a token's tag is the one of this link, compared in constant time.
    #[must_use]
    pub fn fits(&self, token: &str, link: LinkId, purpose: &str, generation: i64) -> bool {
        token_bytes(token)
            .is_some_and(|bytes| bytes[TAG..].ct_eq(&self.tag(link, purpose, generation)).into())
    }

    /// What stands for a letter to an address in the address to which it comes back: its identifier, and 80 bits that
    /// only this vault can make. Stored nowhere; tells nothing to the servers that carry it.
    #[must_use]
    pub fn return_token(&self, letter: LetterId, to: &Address) -> String {
        let bytes = [letter.as_bytes().as_slice(), &self.return_tag(letter, to)].concat();
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// The letter that such a token names, before its tag is checked.
    #[must_use]
    pub fn returned_letter(token: &str) -> Option<LetterId> {
        let bytes: [u8; 26] = return_bytes(token)?;
        bytes[..16].try_into().ok().map(LetterId::from_bytes)
    }

    /// Whether a token was made for this letter to this address, compared in constant time.
    #[must_use]
    pub fn returns(&self, token: &str, letter: LetterId, to: &Address) -> bool {
        return_bytes(token).is_some_and(|bytes| bytes[16..].ct_eq(&self.return_tag(letter, to)).into())
    }

    fn return_tag(&self, letter: LetterId, to: &Address) -> [u8; RETURN_TAG] {
        let whole = self.derived("return", &[letter.as_bytes(), to.reveal().as_bytes()]);
        let mut tag = [0; RETURN_TAG];
        tag.copy_from_slice(&whole[..RETURN_TAG]);
        tag
    }

    fn tag(&self, link: LinkId, purpose: &str, generation: i64) -> [u8; TAG] {
        let mac = mac(&self.root.links, &[purpose.as_bytes(), link.as_bytes(), &generation.to_be_bytes()]);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac[..TAG]);
        tag
    }
}

fn token_bytes(token: &str) -> Option<[u8; 32]> {
    if token.len() != 52 || token.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).ok()?.try_into().ok()
}

fn return_bytes(token: &str) -> Option<[u8; 16 + RETURN_TAG]> {
    BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).ok()?.try_into().ok()
}

/// A drawing of lots, for as many as there are.
pub struct Lots(Zeroizing<[u8; 32]>);

impl Lots {
    /// The lot of one identifier. Key and identifier fill one block of the hash, and their lengths are fixed, so that nothing
    /// more is needed to make it a keyed one.
    #[must_use]
    pub fn of(&self, id: &[u8; 16]) -> u64 {
        let hash = Sha256::new().chain_update(*self.0).chain_update(id).finalize();
        let (first, _) = hash.split_at(8);
        first.iter().fold(0, |lot, byte| lot << 8 | u64::from(*byte))
    }
}

/// HMAC-SHA-256 over parts, each with its length before it, so that no two lists of parts look alike.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key shorter than the hash's block is filled with zeros (RFC 2104, section 2): done here, nothing can fail.
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The keys of a file that seal and open.
fn ciphers(ring: &KeyRing) -> Vec<(KeyId, Cipher)> {
    let cipher = |key: &MasterKey| {
        let mut bytes = key.derived("seal");
        let cipher = Cipher::new(&bytes);
        bytes.zeroize();
        (key.id(), cipher)
    };
    ring.keys().map(cipher).collect()
}

/// Where a data key of a name lies, wrapped.
#[must_use]
pub const fn wrapped_at(id: &str) -> Location<'_> {
    Location { column: "data_keys.wrapped", row: id }
}

impl Location<'_> {
    fn associated(&self) -> Vec<u8> {
        [self.column.as_bytes(), b"|", self.row.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests;
