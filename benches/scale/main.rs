//! What an institution costs when a thousand share one PostgreSQL: 160,000 residents in databases of their own, each founded,
//! imported, planned and booked (which queues the letters) as the command line does it, one after the other. The cost of a
//! resident must stay the same from the first ten institutions to the last; and because a machine is not equally busy all the
//! while, the last ten are made in turn with ten on a second, empty server. Never uses SQLite, and never spares an institution a
//! step: each makes its tables itself and is copied from no template. All are of one shape, so that nothing else can differ; none
//! is removed before the end.
//!
//! ```text
//! benches/run scale                        1,000 institutions on a throw-away PostgreSQL, with 14 GB in /tmp
//! benches/run scale --institutions 20      a quick look
//! HOLDSPACE_TEST_POSTGRES=postgres://…     a server that runs, without an empty one beside it
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

mod cost;
#[path = "../season/database.rs"]
mod database;
#[path = "../season/made.rs"]
mod made;
mod server;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;
mod table;

use anyhow::{Context, ensure};

use cost::{Cost, Watch};
use database::Databases;
use made::Size;
use server::{Held, Server};
use stages::Season;
use table::Whole;

/// What every institution is: two programs of eighty.
const SIZE: Size = Size { residents: 160, therapists: 4, own_time: false };
/// What every institution holds once it is booked. Everyone is owed an invitation, a reminder and a letter after the visit;
/// a therapist is owed a welcome.
const HELD: Held = Held { residents: 160, bookings: 160, letters: 3 * 160 + 4 };
/// Institutions whose costs are compared, of which the one in the middle counts.
const GROUP: usize = 10;
/// Institutions, unless told otherwise.
const INSTITUTIONS: usize = 1000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count = institutions()?;
    let mut databases = Databases::open(true)?;
    let measured = whole(&mut databases, count).await.map(Whole::print);
    // A server that was there before must be rid of them also when something failed; ours goes with all that it holds.
    if !ours(&databases) {
        databases.remove().await?;
    }
    measured
}

/// Whether the server lives for this run alone.
const fn ours(databases: &Databases) -> bool {
    matches!(databases, Databases::Postgres { _server: Some(_), .. })
}

/// How many were asked for.
fn institutions() -> anyhow::Result<usize> {
    // cargo bench adds --bench to what it was given.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let count = match arguments.as_slice() {
        [] => INSTITUTIONS,
        [name, number] if name == "--institutions" => {
            number.parse().context("--institutions takes a number")?
        }
        _ => anyhow::bail!("there is --institutions NUMBER, and nothing else"),
    };
    ensure!(count >= 2 * GROUP, "at least {}, so that the first {GROUP} are not the last", 2 * GROUP);
    Ok(count)
}

/// Founds them all and counts what is there in the end.
async fn whole(databases: &mut Databases, count: usize) -> anyhow::Result<Whole> {
    let server = Server::of(databases).await?;
    let (mut urls, mut costs, mut beside) = (Vec::new(), Vec::new(), None);
    table::begin(count, &server);
    for number in 1..=count {
        let (url, cost) = institution(databases, &server, number).await?;
        urls.push(url);
        costs.push(cost);
        if number % (count / 10) == 0 {
            table::tenth(&costs, count / 10);
        }
        if number == count - GROUP {
            beside = Empty::beside(databases).await?;
        } else if let Some(empty) = &mut beside {
            empty.costs.push(institution(&mut empty.databases, &empty.server, number).await?.1);
        }
    }
    // Not multiplied but counted, in each of them, now that all are there.
    let mut held = Held::default();
    for url in &urls {
        held += server::held(url).await?;
    }
    ensure!(held == HELD.times(count)?, "{count} institutions hold {held:?}");
    let empty = beside.map(|empty| empty.costs).unwrap_or_default();
    Ok(Whole { engine: databases.engine(), costs, empty, held, bytes: server.bytes(&urls).await? })
}

/// A second server, on which there was nobody.
struct Empty {
    databases: Databases,
    server: Server,
    costs: Vec<Cost>,
}

impl Empty {
    /// None beside a server that is not ours: there is nothing alike to compare it with.
    async fn beside(full: &Databases) -> anyhow::Result<Option<Self>> {
        if !ours(full) {
            return Ok(None);
        }
        let databases = Databases::open(true)?;
        let server = Server::of(&databases).await?;
        Ok(Some(Self { databases, server, costs: Vec::new() }))
    }
}

/// One institution from an empty database to letters that wait, with no connection left open.
async fn institution(
    databases: &mut Databases,
    server: &Server,
    number: usize,
) -> anyhow::Result<(String, Cost)> {
    let watch = Watch::start(server);
    let url = databases.fresh(&format!("institution_{number}")).await?;
    let mut season = Season::found(&url, SIZE).await?;
    let found = watch.clock();
    let import = season.import().await?;
    let plan = season.plan().await?;
    let book = season.book().await?;
    season.store.close().await;
    let cost = watch.stop([found, import, plan, book]);
    ensure!(season.placed == SIZE.residents, "institution {number} has a seat for {} only", season.placed);
    let held = server::held(&url).await?;
    ensure!(held == HELD, "institution {number} holds {held:?}");
    Ok((url, cost))
}
