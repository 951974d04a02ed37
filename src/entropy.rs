//! The one place that asks the operating system for randomness, and the seeded form for tests.

use std::sync::Mutex;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Gives random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// An array of random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// Where the operating system has no randomness to give: going on without would make secrets guessable.
    #[expect(clippy::disallowed_methods, reason = "this is the file that may")]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(problem) = getrandom::fill(buffer) {
            panic!("the operating system gives no randomness: {problem}");
        }
    }
}

/// A reproducible stream for tests: HMAC-SHA-256 of a counter under a seed.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: [u8; 64],
    state: Mutex<(u64, Vec<u8>)>,
}

impl SeededEntropy {
    /// The stream of one seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        Self { seed: bytes, state: Mutex::new((0, Vec::new())) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for byte in buffer {
            if state.1.is_empty() {
                state.0 += 1;
                let mut mac = Hmac::<Sha256>::new((&self.seed).into());
                mac.update(&state.0.to_be_bytes());
                state.1 = mac.finalize().into_bytes().to_vec();
            }
            *byte = state.1.pop().unwrap_or_default();
        }
    }
}
