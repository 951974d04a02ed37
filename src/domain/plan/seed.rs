//! The seed of a plan: every order and every tie comes from it by a keyed hash of opaque identifiers.
//! Never draws randomness; the caller brings 256 bits.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::domain::eligibility::SlotKey;
use crate::domain::id::ResidentId;

/// 256 bits that decide one batch: drawn before the roster closes, secret until the batch is booked, published then.
///
/// Its hash is published first, so that nobody can choose a seed to suit somebody once the roster is known.
/// Has no `Display`, and its `Debug` shows the hash alone.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

/// A text that is no seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a seed: 64 hexadecimal digits are expected")]
pub struct NotASeed;

/// A place in an order that the seed alone decides.
pub type Lot = [u8; 32];

impl Seed {
    /// A seed of bits that the caller drew.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits in either case.
    ///
    /// # Errors
    /// [`NotASeed`] where the text is something else.
    pub fn from_hex(text: &str) -> Result<Self, NotASeed> {
        if text.len() != 64 {
            return Err(NotASeed);
        }
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| NotASeed)?;
        bytes.try_into().map(Self).map_err(|_| NotASeed)
    }

    /// The seed itself, to be stored sealed, and published once the plan is booked.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// What is published beforehand: SHA-256 of the 32 bytes, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0))
    }

    /// Where a resident stands in the lottery: the smallest lot is placed first.
    #[must_use]
    pub fn resident(&self, id: ResidentId) -> Lot {
        self.lot(b"resident", &[id.as_bytes()])
    }

    /// Where a slot stands among slots that are equally good.
    pub(super) fn slot(&self, key: SlotKey) -> Lot {
        self.lot(b"slot", &[key.therapist.as_bytes(), &key.starts_at.timestamp().to_be_bytes()])
    }

    /// Where a seat stands among those that may stay free.
    pub(super) fn seat(&self, key: SlotKey, seat: u32) -> Lot {
        let starts_at = key.starts_at.timestamp().to_be_bytes();
        self.lot(b"reserve", &[key.therapist.as_bytes(), &starts_at, &seat.to_be_bytes()])
    }

    /// HMAC-SHA-256 over the purpose and parts of fixed length, so that no two inputs run into one another.
    fn lot(&self, purpose: &[u8], parts: &[&[u8]]) -> Lot {
        // A key of any length will do (RFC 2104, section 2).
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!());
        mac.update(purpose);
        mac.update(&[0]);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed(hash {})", self.hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_reads_back_and_shows_only_its_hash() {
        let seed = Seed::from_bytes([0xab; 32]);
        assert_eq!(Seed::from_hex(&seed.to_hex()), Ok(seed.clone()));
        assert_eq!(Seed::from_hex(&seed.to_hex().to_uppercase()), Ok(seed.clone()));
        assert!(!format!("{seed:?}").contains("abab"));
        // sha256 of 32 zero bytes, as published elsewhere.
        let zeros = Seed::from_bytes([0; 32]);
        assert_eq!(zeros.hash(), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
        for text in ["", "ab", &"g".repeat(64), &"ab".repeat(33), &"é".repeat(32)] {
            assert_eq!(Seed::from_hex(text), Err(NotASeed), "{text}");
        }
    }

    #[test]
    fn the_lottery_is_the_same_on_every_machine() {
        let lot = Seed::from_bytes([7; 32]).resident(ResidentId::from_bytes(*b"sixteen bytes ok"));
        // `printf 'resident\0sixteen bytes ok' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707..07`
        assert_eq!(HEXLOWER.encode(&lot), "04c9f156ca0270d1572a3399987d3ec09471d55cc9edec7cdea1074e5bc1a827");
    }
}
