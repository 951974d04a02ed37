//! The season simulator: one seeded thread drives a real house through thirty days, with a mail server and a disk that
//! fail and a process that dies in the midst of things, and asks after every step whether what must hold does. Never a
//! double of the domain: desk, storage on a file, doors, post and rounds are the product's.
//!
//! | module | holds |
//! | --- | --- |
//! | [`base`] | the installation that every season begins with |
//! | [`life`], [`disk`] | a process, how it dies, and what fails beneath it |
//! | [`season`] | one season: whose turn it is, and what is looked at after every step |
//! | [`acts`], [`residents`] | what people do |
//! | [`truth`], [`mailbox`] | what the database holds, and what arrived |
//! | [`checks`], [`letters`] | what must hold |
//! | [`breaks`] | broken behaviours that must be caught |
//! | [`tests`], [`random`] | what runs with every change, and at night |
//!
//! Safety is asked after every step; at the end everything is healed, the queue is emptied, and then liveness is asked: what
//! was owed has arrived. A season is told by its seed: `HOLDSPACE_SIMULATOR_SEED=7 cargo test --test house simulator::random
//! -- --ignored --nocapture` lives through it again, step by step.

mod acts;
mod base;
mod breaks;
mod checks;
mod disk;
mod letters;
mod life;
mod mailbox;
mod random;
mod residents;
mod season;
mod tests;
mod truth;

use std::thread;

/// What a season needs of the stack: seasons are long chains of futures, and unoptimized ones are large.
const STACK: usize = 16 << 20;

/// Does something on a thread of its own, with a runtime of its own; says why where it fell over.
fn on_a_thread<T, F>(work: impl FnOnce() -> F + Send) -> Result<T, String>
where
    T: Send,
    F: Future<Output = T>,
{
    let live = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work())
    };
    thread::scope(|scope| {
        let lived = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, live).unwrap().join();
        lived.map_err(|why| {
            let text = why.downcast_ref::<String>().cloned();
            let text = text.or_else(|| why.downcast_ref::<&str>().map(|&text| text.to_owned()));
            format!("the simulator fell over: {}", text.unwrap_or_default())
        })
    })
}
