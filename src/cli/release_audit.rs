//! `release audit`: draws from the operating system's randomness, and prints what the draws prove. Needs no installation, and
//! publishes nothing.

use indicatif::ProgressBar;

use super::answer::{Answer, table};
use super::args::release::Audit as Words;
use crate::domain::release::{Division, ERROR_PERCENT, audit};
use crate::entropy::{Entropy, SystemEntropy};

/// Bytes that are asked for at once: a draw takes some hundred, eight at a time.
const POOL: usize = 1 << 16;

/// Audits the noise of releases.
///
/// # Errors
/// None but that the answer cannot be written: what tells too much is said in it, and in the exit code.
pub fn release_audit(words: &Words) -> anyhow::Result<Answer> {
    let bar = ProgressBar::new(0);
    let mut random = pooled(&SystemEntropy);
    let told = audit(words.draws as usize, &mut random, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let named = |division: Option<Division>| match division {
        Some(Division::Units) => "programs and the total",
        Some(Division::TrainingYear) => "training years",
        Some(Division::Site) => "sites",
        Some(Division::Survey) => "the survey, all figures",
        None => "a whole release, all figures",
    };
    let verdict = |bound: f64, declared: f64| if bound <= declared { "holds" } else { "TELLS TOO MUCH" };
    let rows = told.divisions.iter().map(|one| {
        let (declared, bound) = (one.epsilon_declared, one.epsilon_lower_bound);
        [
            named(one.division).to_owned(),
            format!("{declared:.3}"),
            format!("{bound:.3}"),
            verdict(bound, declared).to_owned(),
        ]
    });
    let text = format!(
        "{}\nDrawn: {} releases in {} pairs of worlds that differ in one person. With {} % certainty for all rows together, what is \
         published tells at least what the third column says, and the ledger charges what the second says.\n",
        table(["Released", "Epsilon charged", "Epsilon proved", ""], rows),
        told.draws,
        told.pairs.len(),
        100 - ERROR_PERCENT,
    );
    Ok(Answer::new(&told, text)?.refused_if(!told.holds))
}

/// The same randomness, asked for in larger portions. No byte is used twice.
fn pooled(entropy: &dyn Entropy) -> impl FnMut(&mut [u8]) + '_ {
    let (mut pool, mut used) = (vec![0; POOL], POOL);
    move |buffer| {
        for byte in buffer {
            if used == POOL {
                entropy.fill(&mut pool);
                used = 0;
            }
            *byte = pool[used];
            used += 1;
        }
    }
}
