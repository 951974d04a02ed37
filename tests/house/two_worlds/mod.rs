//! The test that decides: two worlds that differ in what one resident did look the same from the program's side. Never a
//! checklist of pages: whatever the program, its mail server or whoever runs the server can see is compared whole.
//!
//! | module | holds |
//! | --- | --- |
//! | [`draw`] | draws from one seed |
//! | [`script`] | what a pair of worlds is made of: town, events, who acts, when one looks |
//! | [`deeds`], [`acts`] | what residents do and what is noted of them, and how |
//! | [`season`] | what happens to both worlds alike |
//! | [`world`], [`life`] | one world, lived through |
//! | [`seen`] | what can be looked at |
//! | [`differ`] | where two worlds differ |
//! | [`leaks`], [`pane`] | careless features that must be found, and how they are put in place |
//! | [`telling`], [`titles`] | words that tell, in whatever leaves the service |
//! | [`tests`], [`random`] | what runs with every change, and at night |
//!
//! A pair is told by its seed: `HOLDSPACE_TWO_WORLDS_SEED=7 cargo test --test house two_worlds::random -- --ignored
//! --nocapture` lives through it again. `tests/nightly two-worlds --count N` draws N new ones.

mod acts;
mod deeds;
mod differ;
pub mod draw;
mod leaks;
mod life;
mod pane;
mod random;
mod script;
mod season;
mod seen;
mod telling;
mod tests;
mod titles;
mod world;

use std::thread;

use leaks::Planted;
use script::{Behaviour, Script};
use world::World;

use crate::harness::engines::{Engine, TestDatabase};
use crate::harness::postgres::drop_database;

/// What one world needs of the stack: seasons are long chains of futures, and unoptimized ones are large.
const STACK: usize = 32 << 20;

/// Lives through a world on a thread of its own, where its log is its own too; says why where it could not.
fn on_a_thread(
    script: &Script,
    behaviours: &[Behaviour],
    planted: Planted,
    engine: Engine,
) -> Result<World, String> {
    let live = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = match engine {
                Engine::Sqlite => TestDatabase::sqlite_in_memory(),
                Engine::Postgres => TestDatabase::postgres().await,
            };
            let world = world::lives(script, behaviours, planted, &db).await;
            if engine == Engine::Postgres {
                drop_database(db.url()).await;
            }
            world
        })
    };
    thread::scope(|scope| {
        let lived = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, live).unwrap().join();
        lived.map_err(|why| {
            let text = why.downcast_ref::<String>().cloned();
            let text = text.or_else(|| why.downcast_ref::<&str>().map(|&text| text.to_owned()));
            format!("a world fell over: {}", text.unwrap_or_default())
        })
    })
}

/// Lives through two worlds, and says where they differ.
fn pair(
    script: &Script,
    behaviours: &[&[Behaviour]; 2],
    planted: Planted,
    engine: Engine,
) -> Result<(), String> {
    let [one, other] = thread::scope(|scope| {
        let worlds = behaviours.map(|all| scope.spawn(move || on_a_thread(script, all, planted, engine)));
        worlds.map(|world| world.join().unwrap())
    });
    let (one, other) = (one?, other?);
    match differ::difference(&one, &other, behaviours) {
        None => Ok(()),
        Some(where_) => Err(where_),
    }
}
