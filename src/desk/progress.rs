//! How far a batch is, for whoever waits for it. Never holds a name, and changes nothing about the batch.

/// A step of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Another batch or import is under way, and this one waits for it.
    #[default]
    Waiting,
    /// The plan is computed and proved.
    Planning,
    /// The therapists' hours become times that can be taken.
    Preparing,
    /// Visits are written with their letters.
    Writing {
        /// How many are written.
        done: usize,
        /// Of how many.
        of: usize,
    },
}

/// Whoever is told how far a batch is; must answer at once, because the batch waits.
pub type Tell<'a> = &'a (dyn Fn(Progress) + Send + Sync);
