//! The bytes of a release: written once, stored, and served for ever. Never a second form of the same release:
//! the page, the chart and the CSV are rendered from these bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FACT, Release};

/// More bytes than any release has: some 2,000 units.
const MOST_BYTES: usize = 1 << 20;

/// The form that this program writes; a later one will still read it.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<T> {
    format: u32,
    fact: String,
    noise: String,
    release: T,
}

const NOISE: &str = "each unit's count plus one draw from P(x) proportional to exp(-epsilon |x|), epsilon in \
    thousandths; shown as a share in steps, from 10 (or less) to 90 (or more), with an interval of 90 percent";

/// The stored form of a release with its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    bytes: Vec<u8>,
}

/// Bytes that hold no release in a form that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes hold no release that this version can read; restore them from a backup or the mirror")]
pub struct NotADocument;

impl Document {
    /// Writes a release: JSON with its fields in one order, one line, a line break at the end.
    #[must_use]
    pub fn of(release: &Release) -> Self {
        let written = Written { format: FORMAT, fact: FACT.to_owned(), noise: NOISE.to_owned(), release };
        // Texts, numbers and lists always serialise.
        let mut bytes = serde_json::to_vec(&written).unwrap_or_default();
        bytes.push(b'\n');
        Self { bytes }
    }

    /// What is stored and served.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes, in lower-case hexadecimal: what the ledger keeps, and a strong entity tag.
    #[must_use]
    pub fn hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(&self.bytes))
    }

    /// Takes stored bytes and reads the release in them.
    ///
    /// # Errors
    /// [`NotADocument`] where they are too many, damaged, or of a form that this version does not know.
    pub fn read(bytes: Vec<u8>) -> Result<(Self, Release), NotADocument> {
        if bytes.len() > MOST_BYTES {
            return Err(NotADocument);
        }
        let written: Written<Release> = serde_json::from_slice(&bytes).map_err(|_| NotADocument)?;
        if written.format != FORMAT {
            return Err(NotADocument);
        }
        Ok((Self { bytes }, written.release))
    }
}
