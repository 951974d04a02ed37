//! Files that were changed here and there: bytes and stretches taken away, doubled, replaced, or brought in from other files
//! of their kind. The same number gives the same files on every machine.

/// Changed files, without an end.
pub struct Changed<'c> {
    corpus: &'c [Vec<u8>],
    state: u64,
}

/// Most changes of one file.
const CHANGES: usize = 6;
/// Longest stretch that is taken, in bytes.
const STRETCH: usize = 64;
/// Bytes on which readers decide something.
const TELLING: &[u8] = b"\0\t\n\r \"'&,;:<>=/()[]-.0159TZPa\x7f\x80\xc3\xff";

impl<'c> Changed<'c> {
    /// Files made from those of a corpus.
    pub const fn of(corpus: &'c [Vec<u8>], number: u64) -> Self {
        Self { corpus, state: number }
    }

    /// A number below a bound (`SplitMix64`).
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn stretch(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len());
        let length = self.below(STRETCH) + 1;
        from..(from + length).min(bytes.len())
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        match self.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = TELLING[self.below(TELLING.len())],
            2 => bytes.insert(at, TELLING[self.below(TELLING.len())]),
            3 => drop(bytes.drain(self.stretch(bytes))),
            4 => {
                let doubled = bytes[self.stretch(bytes)].to_vec();
                drop(bytes.splice(at..at, doubled));
            }
            _ => {
                let other = &self.corpus[self.below(self.corpus.len())];
                let brought = other[self.stretch(other)].to_vec();
                let until = (at + self.below(brought.len() + 1)).min(bytes.len());
                drop(bytes.splice(at..until, brought));
            }
        }
    }
}

impl Iterator for Changed<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.corpus[self.below(self.corpus.len())].clone();
        for _ in 0..=self.below(CHANGES) {
            self.change(&mut bytes);
        }
        Some(bytes)
    }
}
