//! Draws of a harness from one number, so that a pair is told and replayed by that number alone. Never the randomness of
//! the service, which has its own.

/// A stream of draws (SplitMix64, Steele, Lea and Flood 2014): small, quick, and good enough to choose with.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed; `what` tells several streams of one seed apart.
    pub fn of(seed: u64, what: u64) -> Self {
        let mut draw = Self(seed ^ what.wrapping_mul(0xd1b5_4a32_d192_ed03));
        draw.number();
        draw
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0. The bias is below one in 2^50 for what is chosen here.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    /// True so often in a hundred.
    pub fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
