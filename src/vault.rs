//! Seals and opens what must not lie in a database in the clear, and derives the tokens of links. Never stores
//! anything: the one key comes from outside the database and its backups.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::domain::id::{LetterId, LinkId};
use crate::domain::identity::Address;
use crate::entropy::Entropy;

/// The one secret of an installation: 256 random bits. Cannot be printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Draws a new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Reads 64 hexadecimal digits, as a key file holds them.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(
            HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| VaultError::NotAKey)?,
        );
        bytes.as_slice().try_into().map(Self).map_err(|_| VaultError::NotAKey)
    }

    /// The text for a key file. Say nearby why it must be seen.
    #[must_use]
    pub fn reveal_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(&self.0))
    }
}

/// What the vault refuses. Says nothing about what was inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key file holds something else.
    #[error("the key file does not hold a key of 64 hexadecimal digits")]
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

/// Holds the keys. One for each purpose, all derived from the master key.
pub struct Vault {
    seal: XChaCha20Poly1305,
    links: [u8; 32],
    index: [u8; 32],
    derived: [u8; 32],
    entropy: Arc<dyn Entropy>,
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.links.zeroize();
        self.index.zeroize();
        self.derived.zeroize();
    }
}

/// Bytes of authentication in a link's token: 128 bits.
const TAG: usize = 16;
/// Bytes of authentication in a token of a letter: 80 bits, because an address has little room, and somebody who guesses
/// one could do no more than keep letters from their own mailbox.
const RETURN_TAG: usize = 10;
/// What sealing adds to a value: a nonce of 24 and a tag of 16 bytes.
const OVERHEAD: usize = 24 + 16;

impl Vault {
    /// Derives the keys. `entropy` gives the nonces.
    #[must_use]
    pub fn new(master: &MasterKey, entropy: Arc<dyn Entropy>) -> Self {
        let derived = |purpose: &str| mac(&master.0, &[b"holdspace/1", purpose.as_bytes()]);
        let mut key = derived("seal");
        let seal = XChaCha20Poly1305::new((&key).into());
        key.zeroize();
        let (links, index) = (derived("links"), derived("index"));
        Self { seal, links, index, derived: derived("derived"), entropy }
    }

    /// Seals bytes for one place.
    ///
    /// # Errors
    /// [`VaultError::TooLong`] beyond what the cipher takes, which no row of ours reaches.
    pub fn seal(&self, location: Location<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce: [u8; 24] = self.entropy.bytes();
        let aad = location.associated();
        let payload = Payload { msg: plain, aad: &aad };
        let sealed = self.seal.encrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::TooLong)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open(&self, location: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, body) = sealed.split_at_checked(24).ok_or(VaultError::DoesNotOpen)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| VaultError::DoesNotOpen)?;
        let aad = location.associated();
        self.seal
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| VaultError::DoesNotOpen)
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
        let mut plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| VaultError::TooLong)?);
        let room =
            size.checked_sub(OVERHEAD).filter(|room| plain.len() <= *room).ok_or(VaultError::TooLong)?;
        // White space after a JSON value is part of it, so the reader needs no length.
        plain.resize(room, b' ');
        self.seal(location, &plain)
    }

    /// Seals a value of any length.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub fn seal_value<T: Serialize>(&self, location: Location<'_>, value: &T) -> Result<Vec<u8>, VaultError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| VaultError::TooLong)?);
        self.seal(location, &plain)
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
        let plain = self.open(location, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| VaultError::DoesNotOpen)
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
        HEXLOWER.encode(&mac(&self.index, &parts)[..TAG])
    }

    /// 256 bits that only this vault can derive, for one purpose and these words. Stored nowhere; those of one purpose
    /// tell nothing of another's, so that one may be a secret and another be shown.
    #[must_use]
    pub fn derived(&self, purpose: &'static str, words: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut parts = vec![purpose.as_bytes()];
        parts.extend_from_slice(words);
        Zeroizing::new(mac(&self.derived, &parts))
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
        let mac = mac(&self.links, &[purpose.as_bytes(), link.as_bytes(), &generation.to_be_bytes()]);
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

impl Location<'_> {
    fn associated(&self) -> Vec<u8> {
        [self.column.as_bytes(), b"|", self.row.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn vault() -> Vault {
        let entropy = Arc::new(SeededEntropy::new(1));
        Vault::new(&MasterKey::draw(&*entropy), entropy)
    }

    const HERE: Location<'_> = Location { column: "bookings.sealed", row: "a" };

    #[test]
    fn a_sealed_value_opens_in_its_own_place_and_nowhere_else() {
        let vault = vault();
        let sealed = vault.seal_value(HERE, &"kept").unwrap();
        assert_eq!(vault.open_value::<String>(HERE, &sealed).as_deref(), Ok("kept"));
        for elsewhere in [Location { row: "b", ..HERE }, Location { column: "seats.sealed", ..HERE }] {
            assert_eq!(vault.open_value::<String>(elsewhere, &sealed), Err(VaultError::DoesNotOpen));
        }
        let mut changed = sealed;
        changed[30] ^= 1;
        assert_eq!(vault.open_value::<String>(HERE, &changed), Err(VaultError::DoesNotOpen));
        assert_eq!(vault.open_value::<String>(HERE, b"short"), Err(VaultError::DoesNotOpen));
    }

    #[test]
    fn long_and_short_outcomes_are_sealed_at_one_size() {
        let vault = vault();
        let short = vault.seal_at_size(HERE, &"", 256).unwrap();
        let long = vault.seal_at_size(HERE, &"x".repeat(200), 256).unwrap();
        assert_eq!((short.len(), long.len()), (256, 256));
        assert_eq!(vault.open_value::<String>(HERE, &short).as_deref(), Ok(""));
        assert_eq!(vault.seal_at_size(HERE, &"x".repeat(300), 256), Err(VaultError::TooLong));
    }

    #[test]
    fn a_token_fits_its_link_purpose_and_generation_only() {
        let vault = vault();
        let link = LinkId::from_bytes([7; 16]);
        let token = vault.token(link, "visit", 1);
        assert_eq!(Vault::link_of(&token), Some(link));
        assert!(vault.fits(&token, link, "visit", 1));
        assert!(!vault.fits(&token, link, "visit", 2));
        assert!(!vault.fits(&token, link, "feed", 1));
        assert!(!vault.fits(&token.to_uppercase(), link, "visit", 1));
        assert_eq!(Vault::link_of("é"), None);
    }

    #[test]
    fn a_letter_that_comes_back_is_known_by_its_token_whatever_the_case_and_a_guess_is_not() {
        let vault = vault();
        let address = |text: &str| text.parse::<Address>().ok().unwrap();
        let (letter, to) = (LetterId::from_bytes([7; 16]), address("a@x.org"));
        let token = vault.return_token(letter, &to);
        assert_eq!(token.len(), crate::domain::bounce::TOKEN);
        assert_eq!(Vault::returned_letter(&token.to_uppercase()), Some(letter));
        assert!(vault.returns(&token.to_uppercase(), letter, &to));
        assert!(!vault.returns(&token, letter, &address("b@x.org")));
        assert!(!vault.returns(&token, LetterId::from_bytes([8; 16]), &to));
        let guessed = format!("{}{}", &token[..40], if token.ends_with("aa") { "ba" } else { "aa" });
        assert!(!vault.returns(&guessed, letter, &to));
        assert_eq!(Vault::returned_letter("é"), None);
    }

    #[test]
    fn what_is_derived_hangs_on_the_key_the_purpose_and_every_word() {
        let (vault, again) = (vault(), vault());
        let other = Vault::new(&MasterKey::draw(&SeededEntropy::new(2)), Arc::new(SeededEntropy::new(1)));
        let all = [
            vault.derived("reserve", &[b"ab"]),
            vault.derived("plan", &[b"ab"]),
            vault.derived("reserve", &[b"a", b"b"]),
            other.derived("reserve", &[b"ab"]),
        ];
        assert_eq!(again.derived("reserve", &[b"ab"]), all[0]);
        for (at, one) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|before| before != one), "{at}");
        }
    }

    #[test]
    fn a_key_file_reads_back() {
        let key = MasterKey::draw(&SeededEntropy::new(2));
        assert!(MasterKey::from_hex(&format!("{}\n", *key.reveal_hex())).is_ok());
        assert!(MasterKey::from_hex("not a key").is_err_and(|e| e == VaultError::NotAKey));
    }
}
