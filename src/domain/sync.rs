//! What one calendar program has been told of one collection, as a numbered list of changes: so that whoever asks with an
//! older number gets exactly the difference. Knows names and tags, and never what stands behind them.

use std::collections::BTreeMap;

/// Longest name of an entry, in bytes.
pub const MAX_NAME: usize = 200;
/// Bytes of a tag.
pub const TAG: usize = 16;

/// A tag of an entry: two entries with one tag have the same content.
pub type Tag = [u8; TAG];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    tag: Tag,
    /// The number of the change that brought it to what it is.
    since: u32,
    gone: bool,
}

/// A numbered list of changes. Entries that are gone stay in it as long as there is room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncLog {
    /// Differs from list to list, so that a number of one means nothing to another.
    epoch: [u8; 8],
    now: u32,
    /// The oldest number from which the difference is still known.
    floor: u32,
    entries: BTreeMap<String, Entry>,
}

/// What changed since a number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Names that are new or other than they were.
    pub changed: Vec<String>,
    /// Names that are gone; whoever asks may never have heard of some.
    pub gone: Vec<String>,
}

/// Bytes before the first entry.
const HEAD: usize = 8 + 4 + 4 + 4;

impl SyncLog {
    /// A list of an empty collection.
    #[must_use]
    pub const fn new(epoch: [u8; 8]) -> Self {
        Self { epoch, now: 0, floor: 0, entries: BTreeMap::new() }
    }

    /// Notes what the collection holds now; says whether that is news. Names beyond [`MAX_NAME`] bytes are not noted.
    pub fn note(&mut self, present: &BTreeMap<String, Tag>) -> bool {
        let next = self.now.saturating_add(1);
        let mut news = false;
        for (name, entry) in &mut self.entries {
            if !entry.gone && !present.contains_key(name) {
                // What it was is nobody's business any more: it may have told a name.
                *entry = Entry { tag: [0; TAG], since: next, gone: true };
                news = true;
            }
        }
        for (name, tag) in present.iter().filter(|(name, _)| name.len() <= MAX_NAME) {
            let known = self.entries.get(name);
            if known.is_none_or(|known| known.gone || known.tag != *tag) {
                self.entries.insert(name.clone(), Entry { tag: *tag, since: next, gone: false });
                news = true;
            }
        }
        self.now = if news { next } else { self.now };
        news
    }

    /// The word for the present state.
    #[must_use]
    pub fn token(&self) -> String {
        let epoch = u64::from_be_bytes(self.epoch);
        format!("{epoch:016x}-{}", self.now)
    }

    /// What changed since a word was given; none for a word of another list, or one from before what is still known.
    #[must_use]
    pub fn since(&self, token: &str) -> Option<Difference> {
        let (_, number) = token.split_once('-')?;
        let number: u32 = number.parse().ok()?;
        let own = Self { now: number, ..Self::new(self.epoch) };
        if own.token() != token || number < self.floor || number > self.now {
            return None;
        }
        Some(self.after(number))
    }

    /// Everything that is there, for whoever brings no word.
    #[must_use]
    pub fn whole(&self) -> Difference {
        let here = self.entries.iter().filter(|(_, entry)| !entry.gone);
        Difference { changed: here.map(|(name, _)| name.clone()).collect(), gone: Vec::new() }
    }

    fn after(&self, number: u32) -> Difference {
        let mut difference = Difference::default();
        for (name, entry) in self.entries.iter().filter(|(_, entry)| entry.since > number) {
            let list = if entry.gone { &mut difference.gone } else { &mut difference.changed };
            list.push(name.clone());
        }
        difference
    }

    /// The list as bytes, at most `room` of them: what went longest ago is forgotten first. None where what is there does
    /// not fit.
    #[must_use]
    pub fn written(&mut self, room: usize) -> Option<Vec<u8>> {
        let mut gone: Vec<(u32, String)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.gone)
            .map(|(name, entry)| (entry.since, name.clone()))
            .collect();
        gone.sort_unstable();
        let mut gone = gone.into_iter();
        let mut size = HEAD + self.entries.keys().map(|name| length(name)).sum::<usize>();
        while size > room {
            let (since, name) = gone.next()?;
            size -= length(&name);
            self.entries.remove(&name);
            self.floor = self.floor.max(since);
        }
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(&self.epoch);
        for number in [self.now, self.floor, u32::try_from(self.entries.len()).ok()?] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        for (name, entry) in &self.entries {
            bytes.push(u8::try_from(name.len()).ok()?);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&entry.tag);
            bytes.extend_from_slice(&entry.since.to_be_bytes());
            bytes.push(u8::from(entry.gone));
        }
        Some(bytes)
    }

    /// Reads what [`SyncLog::written`] wrote; whatever follows is not looked at. None for anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let epoch: [u8; 8] = take(&mut rest)?;
        let [now, floor, count] =
            [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?].map(u32::from_be_bytes);
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let [length] = take(&mut rest)?;
            let (name, after) = rest.split_at_checked(usize::from(length))?;
            rest = after;
            let (tag, since) = (take(&mut rest)?, u32::from_be_bytes(take(&mut rest)?));
            let [gone] = take(&mut rest)?;
            let name = std::str::from_utf8(name).ok()?.to_owned();
            entries.insert(name, Entry { tag, since, gone: gone == 1 });
        }
        Some(Self { epoch, now, floor, entries })
    }
}

fn length(name: &str) -> usize {
    1 + name.len() + TAG + 4 + 1
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Held = BTreeMap<String, Tag>;

    fn held(entries: &[(u8, u8)]) -> Held {
        entries.iter().map(|(name, tag)| (format!("{name:026}"), [*tag; TAG])).collect()
    }

    /// What a program has that was told a difference, and fetched what changed.
    fn told(mut known: Held, difference: &Difference, present: &Held) -> Held {
        for name in &difference.gone {
            known.remove(name);
        }
        known.extend(difference.changed.iter().map(|name| (name.clone(), present[name])));
        known
    }

    #[test]
    fn a_word_of_another_list_or_of_the_future_means_nothing() {
        let mut log = SyncLog::new([1; 8]);
        assert!(log.note(&held(&[(1, 1)])));
        assert!(!log.note(&held(&[(1, 1)])));
        assert_eq!(log.since(&log.token()), Some(Difference::default()));
        assert_eq!(SyncLog::new([2; 8]).since(&log.token()), None);
        assert_eq!(SyncLog::new([1; 8]).since(&log.token()), None);
        for wrong in ["", "-", "0101010101010101", "0101010101010101-01", "101010101010101-1", "x-1"] {
            assert_eq!(log.since(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written_and_what_is_not_ours_is_not_read() {
        let mut log = SyncLog::new([1; 8]);
        log.note(&held(&[(1, 1), (2, 1)]));
        assert_eq!(log.written(HEAD + 48), None);
        let bytes = log.written(HEAD + 2 * 48).unwrap();
        assert_eq!(SyncLog::read(&bytes).as_ref(), Some(&log));
        assert_eq!(SyncLog::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(SyncLog::read(&[]), None);
    }

    proptest! {
        /// Programs ask now and then, with whatever word they have, between any changes; room is scarce.
        #[test]
        fn whoever_applies_the_differences_has_what_is_there(
            steps in prop::collection::vec((prop::collection::vec((0u8..8, 0u8..3), 0..8), 0usize..3), 1..40),
            spare in 0usize..6,
        ) {
            let mut log = SyncLog::new([7; 8]);
            let mut programs: [(Option<String>, Held); 3] = Default::default();
            for (entries, who) in steps {
                let present = held(&entries);
                log.note(&present);
                let room = HEAD + (present.len() + spare) * 48;
                let bytes = log.written(room).unwrap();
                prop_assert!(bytes.len() <= room);
                log = SyncLog::read(&bytes).unwrap();
                let (token, known) = &mut programs[who];
                *known = match token.as_ref().and_then(|token| log.since(token)) {
                    Some(difference) => told(std::mem::take(known), &difference, &present),
                    None => told(Held::new(), &log.whole(), &present),
                };
                *token = Some(log.token());
                prop_assert_eq!(&*known, &present);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = SyncLog::read(&bytes);
        }
    }
}
