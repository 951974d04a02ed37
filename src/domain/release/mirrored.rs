//! What the mirror of releases holds, line by line: each authenticated together with everything before it. Knows neither the
//! file nor the key: the caller gives the function that authenticates.
//!
//! A line is written before the transaction that it belongs to is committed. So there are three ways to crash: before
//! the line is whole, and then nothing was released; after it, and then the same bytes are released from the mirror; after
//! the commit, and then both hold the same.

use serde::{Deserialize, Serialize};

use super::geometric::Epsilon;
use super::ledger::Division;
use crate::domain::id::{CycleId, InstitutionId, OfferingId};

/// The form that this program writes.
pub const MIRROR_FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Note {
    /// The first one: whose mirror it is.
    Founded {
        /// Of which form the lines are.
        format: u32,
        /// Whose.
        institution: InstitutionId,
        /// When, in UTC seconds.
        at: i64,
    },
    /// A release, whole: drawn, and never to be drawn again.
    Release {
        /// Of which offering.
        offering: OfferingId,
        /// Whose budget it uses.
        cycle: CycleId,
        /// When, in UTC seconds.
        at: i64,
        /// SHA-256 of the frozen bytes.
        sha256: String,
        /// Whom it charges.
        charges: Vec<MirroredCharge>,
        /// The frozen bytes, which are a text.
        document: String,
    },
    /// A release that is no longer shown.
    Withdrawal {
        /// Of which offering.
        offering: OfferingId,
        /// When, in UTC seconds.
        at: i64,
        /// Why, in words.
        reason: String,
    },
}

/// What a release charges for one division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirroredCharge {
    /// For what.
    pub division: Division,
    /// How much each of them.
    pub epsilon: Epsilon,
    /// Keyed hashes of those who are charged: they lead to nobody without the key.
    pub members: Vec<String>,
}

/// A mirror that is not what was written; nothing can be learned from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenMirror {
    /// From this line on, counted from 1, it is not what was written with this key.
    #[error("from line {0} on it is not what this installation wrote")]
    Changed(usize),
    /// It is of another form, or begins in the middle.
    #[error("it is of a form that this version does not know")]
    OtherForm,
}

/// A mirror that was read and verified.
#[derive(Debug, Default)]
pub struct Mirrored {
    /// What the lines say.
    pub notes: Vec<Note>,
    /// The authentication of each.
    pub heads: Vec<String>,
}

impl Mirrored {
    /// Reads lines. `authenticate` is given what stood in front of the line before (nothing for the first) and the text.
    ///
    /// # Errors
    /// [`BrokenMirror`].
    pub fn read(lines: &[String], authenticate: impl Fn(&str, &str) -> String) -> Result<Self, BrokenMirror> {
        let mut read = Self::default();
        for (at, line) in lines.iter().enumerate() {
            let changed = BrokenMirror::Changed(at + 1);
            let (head, text) = line.split_once(' ').ok_or(changed)?;
            if authenticate(read.head(), text) != head {
                return Err(changed);
            }
            read.notes.push(serde_json::from_str(text).map_err(|_| BrokenMirror::OtherForm)?);
            read.heads.push(head.to_owned());
        }
        match read.notes.first() {
            None | Some(Note::Founded { format: MIRROR_FORMAT, .. }) => Ok(read),
            Some(_) => Err(BrokenMirror::OtherForm),
        }
    }

    /// The authentication of the last line; nothing where there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.heads.last().map_or("", String::as_str)
    }

    /// Adds a note; gives its line.
    pub fn add(&mut self, note: Note, authenticate: impl Fn(&str, &str) -> String) -> String {
        // Texts, numbers and lists always serialise.
        let text = serde_json::to_string(&note).unwrap_or_default();
        let head = authenticate(self.head(), &text);
        let line = format!("{head} {text}");
        self.notes.push(note);
        self.heads.push(head);
        line
    }

    /// Whose mirror it is.
    #[must_use]
    pub fn institution(&self) -> Option<InstitutionId> {
        match self.notes.first() {
            Some(Note::Founded { institution, .. }) => Some(*institution),
            _ => None,
        }
    }

    /// Whether an offering was released, by what the mirror knows.
    #[must_use]
    pub fn released(&self, of: OfferingId) -> bool {
        self.notes.iter().any(|note| matches!(note, Note::Release { offering, .. } if *offering == of))
    }

    /// Whether a database that knows so many lines, up to this authentication, knows a beginning of this mirror.
    #[must_use]
    pub fn continues(&self, lines: usize, head: &str) -> bool {
        let at = lines.checked_sub(1).and_then(|last| self.heads.get(last));
        at.map_or(lines == 0, |known| known == head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authenticate(before: &str, text: &str) -> String {
        use sha2::{Digest, Sha256};
        data_encoding::HEXLOWER.encode(&Sha256::digest(format!("{before}|{text}")))
    }

    fn offering(number: u8) -> OfferingId {
        OfferingId::from_bytes([number; 16])
    }

    fn written() -> Vec<String> {
        let mut mirror = Mirrored::default();
        let institution = InstitutionId::from_bytes([1; 16]);
        let charge = MirroredCharge {
            division: Division::Units,
            epsilon: Epsilon::try_from(700).unwrap(),
            members: vec!["ab".to_owned()],
        };
        let release = Note::Release {
            offering: offering(2),
            cycle: CycleId::from_bytes([3; 16]),
            at: 5,
            sha256: "00".to_owned(),
            charges: vec![charge],
            document: "{\"a\":\"ü\"}\n".to_owned(),
        };
        let withdrawal =
            Note::Withdrawal { offering: offering(2), at: 6, reason: "a wrong roster".to_owned() };
        [Note::Founded { format: 1, institution, at: 4 }, release, withdrawal]
            .map(|note| mirror.add(note, authenticate))
            .to_vec()
    }

    #[test]
    fn what_is_written_reads_back_and_goes_on() {
        let lines = written();
        assert!(lines.iter().all(|line| !line.contains('\n')));
        let read = Mirrored::read(&lines, authenticate).unwrap();
        assert_eq!((read.notes.len(), read.institution()), (3, Some(InstitutionId::from_bytes([1; 16]))));
        assert!(read.released(offering(2)) && !read.released(offering(9)));
        assert!(read.continues(0, "") && read.continues(2, &read.heads[1]) && read.continues(3, read.head()));
        assert!(!read.continues(4, read.head()) && !read.continues(2, &read.heads[0]));
    }

    #[test]
    fn no_line_can_be_changed_taken_out_moved_or_put_in() {
        let lines = written();
        let broken = |lines: &[String]| Mirrored::read(lines, authenticate).map(|read| read.notes.len());
        for at in 0..lines.len() {
            for byte in 0..lines[at].len() {
                let mut spoilt = lines.clone();
                let mut bytes = spoilt[at].clone().into_bytes();
                bytes[byte] ^= 1;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                spoilt[at] = text;
                assert_eq!(broken(&spoilt), Err(BrokenMirror::Changed(at + 1)), "byte {byte}");
            }
        }
        let without = |at: usize| [&lines[..at], &lines[at + 1..]].concat();
        assert_eq!(broken(&without(0)), Err(BrokenMirror::Changed(1)));
        assert_eq!(broken(&without(1)), Err(BrokenMirror::Changed(2)));
        let mut twice = lines.clone();
        twice.insert(2, lines[1].clone());
        assert_eq!(broken(&twice), Err(BrokenMirror::Changed(3)));
        // A shorter one is a mirror too: that it was longer, the database knows.
        assert_eq!(broken(&lines[..2]), Ok(2));
    }
}
