//! The keys of a key file: the first seals, every other one only opens. Written and read as text; never opens a file.

use std::fmt::{self, Write as _};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{VaultError, mac};
use crate::domain::time::Instant;
use crate::entropy::Entropy;

/// Most keys of one file: the one that seals, and the one before it until nothing is sealed by it any more.
const MOST: usize = 2;
/// The word before the secrets that rotation leaves as they are.
const ROOT: &str = "root";

/// A secret of an installation: 256 random bits. Cannot be printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Draws a new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, VaultError> {
        read_hex(text.trim()).map(|bytes| Self(*bytes))
    }

    /// The text for a key file. Say nearby why it must be seen.
    #[must_use]
    pub fn reveal_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(&self.0))
    }

    /// What names it in every value that it seals.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let whole = Zeroizing::new(self.derived("id"));
        let mut id = [0; KeyId::BYTES];
        id.copy_from_slice(&whole[..KeyId::BYTES]);
        KeyId(id)
    }

    pub(super) fn derived(&self, purpose: &str) -> [u8; 32] {
        mac(&self.0, &[b"holdspace/1", purpose.as_bytes()])
    }
}

/// Names a key, and tells nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// So many bytes stand before everything that is sealed.
    pub const BYTES: usize = 4;

    /// The key by which something is sealed; none for what is too short to be.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Option<Self> {
        sealed.first_chunk().copied().map(Self)
    }

    /// As it stands before what is sealed.
    #[must_use]
    pub const fn bytes(self) -> [u8; Self::BYTES] {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// What links, keyed hashes and derived values hang on. Rotation leaves it as it is, or every letter that was sent would
/// lead nowhere. Opens nothing that is sealed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct Root {
    pub(super) links: [u8; 32],
    pub(super) index: [u8; 32],
    pub(super) derived: [u8; 32],
}

impl Root {
    fn of(key: &MasterKey) -> Self {
        Self { links: key.derived("links"), index: key.derived("index"), derived: key.derived("derived") }
    }
}

/// A key of a file.
#[derive(Clone)]
struct Held {
    key: MasterKey,
    /// Since when it seals, where that was written down.
    since: Option<Instant>,
}

/// The keys of a key file. Cannot be printed.
#[derive(Clone)]
pub struct KeyRing {
    held: Vec<Held>,
    root: Root,
}

impl KeyRing {
    /// The ring of a new installation.
    #[must_use]
    pub fn of(key: MasterKey) -> Self {
        let root = Root::of(&key);
        Self { held: vec![Held { key, since: None }], root }
    }

    /// Reads a key file: one key a line as 64 hexadecimal digits, with its name before it and since when it seals behind it where
    /// they are known; and from the first rotation on a line `root`. Lines that begin with # say something to people.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`] for anything else.
    pub fn read(text: &str) -> Result<Self, VaultError> {
        let (mut held, mut root) = (Vec::new(), None);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [ROOT, secrets] if root.is_none() => root = Some(read_root(secrets)?),
                [key] => held.push(Held { key: MasterKey::from_hex(key)?, since: None }),
                [id, key, since @ ..] if since.len() <= 1 => {
                    let key = MasterKey::from_hex(key)?;
                    if key.id().to_string() != *id {
                        return Err(VaultError::NotAKey);
                    }
                    let since = since.first().map(|at| at.parse()).transpose();
                    held.push(Held { key, since: since.map_err(|_| VaultError::NotAKey)? });
                }
                _ => return Err(VaultError::NotAKey),
            }
        }
        match (held.as_slice(), root) {
            ([only], None) => Ok(Self::of(only.key.clone())),
            ([_, ..], Some(root)) if held.len() <= MOST => Ok(Self { held, root }),
            _ => Err(VaultError::NotAKey),
        }
    }

    /// The text of a key file. Say nearby why it must be seen.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# The first key seals, a second one only opens. Keep a copy apart from the database and its backups.\n",
        ));
        for Held { key, since } in &self.held {
            let since = since.map(|at| at.format(" %Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{} {}{since}", key.id(), *key.reveal_hex());
        }
        let Root { links, index, derived } = &self.root;
        let secrets = Zeroizing::new([links.as_slice(), index, derived].concat());
        let _ = writeln!(text, "{ROOT} {}", *Zeroizing::new(HEXLOWER.encode(&secrets)));
        text
    }

    /// The names of its keys; the first one seals.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        self.held.iter().map(|held| held.key.id()).collect()
    }

    /// Since when its first key seals, where that was written down.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.held.first().and_then(|held| held.since)
    }

    /// The same with a new key before the others; none where two are held already.
    #[must_use]
    pub fn with(&self, key: MasterKey, since: Instant) -> Option<Self> {
        if self.held.len() >= MOST {
            return None;
        }
        let mut held = vec![Held { key, since: Some(since) }];
        held.extend(self.held.iter().cloned());
        Some(Self { held, root: self.root.clone() })
    }

    /// The same without the keys that only open.
    #[must_use]
    pub fn without_old(&self) -> Self {
        Self { held: self.held.iter().take(1).cloned().collect(), root: self.root.clone() }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        self.held.iter().map(|held| &held.key)
    }

    pub(super) fn root(&self) -> Root {
        self.root.clone()
    }
}

fn read_root(text: &str) -> Result<Root, VaultError> {
    let whole: Zeroizing<[u8; 96]> = read_hex(text)?;
    let part = |at: usize| -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&whole[at..at + 32]);
        bytes
    };
    Ok(Root { links: part(0), index: part(32), derived: part(64) })
}

fn read_hex<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, VaultError> {
    let bytes = Zeroizing::new(HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| VaultError::NotAKey)?);
    bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| VaultError::NotAKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn key(seed: u64) -> MasterKey {
        MasterKey::draw(&SeededEntropy::new(seed))
    }

    #[test]
    fn a_key_file_of_one_key_reads_as_it_always_did() {
        let alone = format!("{}\n", *key(2).reveal_hex());
        let ring = KeyRing::read(&alone).ok().unwrap();
        assert_eq!(ring.ids(), [key(2).id()]);
        assert!(MasterKey::from_hex("not a key").is_err_and(|e| e == VaultError::NotAKey));
    }

    #[test]
    fn a_ring_reads_back_with_its_moment_and_without_the_old_key_the_root_stays() {
        let at: Instant = "2027-07-01T10:00:00Z".parse().unwrap();
        let old = KeyRing::of(key(1));
        let both = old.with(key(2), at).unwrap();
        assert!(both.with(key(3), at).is_none());
        let again = KeyRing::read(&both.reveal()).ok().unwrap();
        assert_eq!((again.ids(), again.since()), (vec![key(2).id(), key(1).id()], Some(at)));
        let new = KeyRing::read(&again.without_old().reveal()).ok().unwrap();
        assert_eq!(new.ids(), [key(2).id()]);
        assert_eq!((new.root().links, new.root().index), (old.root().links, old.root().index));
        assert!(!new.reveal().contains(key(1).reveal_hex().as_str()), "the old key is gone from the file");
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let one = key(1).reveal_hex();
        let wrong_name = format!("00000000 {}", *one);
        for text in
            ["", "# nothing", "abc", &format!("{}\n{}", *one, *one), &wrong_name, &format!("root {}", *one)]
        {
            assert!(KeyRing::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_file_that_somebody_put_together_from_two_is_refused() {
        let at: Instant = "2027-07-01T10:00:00Z".parse().unwrap();
        let both = KeyRing::of(key(1)).with(key(2), at).unwrap().reveal();
        let named = |key: &MasterKey| format!("{} {}", key.id(), *key.reveal_hex());
        let root = both.lines().find(|line| line.starts_with(ROOT)).unwrap();
        let three_keys = format!("{}{}\n", *both, named(&key(3)));
        let two_roots = format!("{}{root}\n", *both);
        let two_moments = format!("{} 2027-07-01T10:00:00Z 2027-07-02T10:00:00Z\n{root}\n", named(&key(1)));
        for text in [three_keys, two_roots, two_moments] {
            assert!(KeyRing::read(&text).is_err_and(|why| why == VaultError::NotAKey));
        }
        let apart = format!("\n{}\n\n# a note\n{root}\n", named(&key(1)));
        assert_eq!(
            KeyRing::read(&apart).ok().unwrap().ids(),
            [key(1).id()],
            "empty lines and notes say nothing"
        );
    }
}
