//! What a season costs, as ratios to what the same machine does at best in the same run: bare inserts for booking,
//! a plain sender for delivery, bare commits for a button, a page of nothing for a page. Never tunes anything for it.
//!
//! ```text
//! benches/run season               on SQLite, in about two minutes
//! benches/run season --postgres    on a throw-away PostgreSQL; HOLDSPACE_TEST_POSTGRES names one that runs
//! benches/run season --plan        planning alone, with ample and with short supply
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

mod database;
mod figures;
mod floor;
mod latency;
mod made;
mod process;
mod stages;
mod visitors;

#[path = "../smtp_load/send.rs"]
mod send;
#[path = "../smtp_load/sink.rs"]
mod sink;

use std::path::Path;
use std::time::Duration;

use holdspace::storage::Store;

use database::Databases;
use figures::Figures;
use latency::Latencies;
use made::Size;
use process::Server;
use send::Load;
use sink::Sink;
use stages::Season;
use visitors::{Visits, get, post};

/// Connections of visitors at once.
const VISITORS: usize = 16;
/// Starts of the program, of which the one in the middle counts.
const STARTS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // cargo bench adds --bench to what it was given.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if let Some(other) =
        arguments.iter().find(|argument| !["--postgres", "--plan"].contains(&argument.as_str()))
    {
        anyhow::bail!("{other} is none of: --postgres, --plan");
    }
    let mut databases = Databases::open(has("--postgres"))?;
    let mut figures = Figures::new(databases.engine());
    if !has("--plan") {
        let program = Size { residents: 80, therapists: 3, own_time: false };
        let small = databases.fresh("program").await?;
        one_season(&mut figures, &mut databases, "80", &small, program).await?;
        let hospital = Size { residents: 1500, therapists: 30, own_time: false };
        let large = databases.fresh("hospital").await?;
        let pages = one_season(&mut figures, &mut databases, "1500", &large, hospital).await?;
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        program_itself(&mut figures, &mut databases, home.path(), &large, &pages).await?;
    }
    plans(&mut figures, &mut databases).await?;
    databases.remove().await?;
    figures.print();
    Ok(())
}

/// From the files to the last letter; gives the residents' pages.
async fn one_season(
    figures: &mut Figures,
    databases: &mut Databases,
    name: &str,
    database: &str,
    size: Size,
) -> anyhow::Result<Vec<String>> {
    let mut season = Season::found(database, size).await?;
    let import = season.import().await?;
    let plan = season.plan().await?;
    let book = season.book().await?;
    let empty = Store::open(&databases.fresh(&format!("floor_{name}")).await?).await?;
    empty.migrate().await?;
    let best = floor::inserts(&season.store, &empty).await?;
    figures.took(&format!("import_{name}"), &format!("{name} residents: import of all files"), import);
    figures.took(&format!("plan_{name}"), &format!("{name} residents: plan"), plan);
    let words = format!("{name} residents: book ({} rows)", best.rows);
    figures.against(&format!("book_{name}"), &words, book, best.took);
    figures.note(&format!("rows_{name}"), best.rows);
    figures.note(&format!("bytes_{name}"), best.bytes);
    let pages = season.pages().await?;
    let delivery = deliveries(figures, &season, name).await?;
    let commits = floor::commits(&empty, season.letters(), 1).await?;
    figures.say(&format!("{name} residents: letters sent"), &season.letters().to_string());
    figures.note(&format!("letters_{name}"), season.letters());
    let bare = Duration::from_secs_f64(f64::from(u32::try_from(season.letters())?) / commits.per_second());
    let words = format!("{name} residents: deliver over 4, against bare commits");
    figures.against(&format!("deliver_commits_{name}"), &words, delivery, bare);
    let whole = import + plan + book + delivery;
    figures.took(&format!("whole_{name}"), &format!("{name} residents: from files to mails accepted"), whole);
    season.store.close().await;
    empty.close().await;
    Ok(pages)
}

/// Delivers over 1, 4 and 8 connections, against the plain sender; gives how long four took.
async fn deliveries(figures: &mut Figures, season: &Season, name: &str) -> anyhow::Result<Duration> {
    let mut four = Duration::ZERO;
    for connections in [1_u32, 4, 8] {
        let sink = Sink::start("127.0.0.1:0").await?;
        let took = season.deliver(sink.address, connections).await?;
        let load = Load {
            count: sink.kept(),
            connections: usize::try_from(connections)?,
            bytes: sink.bytes() / sink.kept().max(1),
        };
        let best = send::send(&sink.address.to_string(), load).await?;
        let words = format!("{name} residents: deliver over {connections} ({} bytes each)", load.bytes);
        figures.against(&format!("deliver_{connections}_{name}"), &words, took, best);
        if connections == 4 {
            four = took;
        }
        season.owe_again().await?;
    }
    // The last time for good, so that a server started later finds nothing to do.
    let sink = Sink::start("127.0.0.1:0").await?;
    season.deliver(sink.address, 8).await?;
    Ok(four)
}

/// The installed program over the large season: its start, its memory, its pages under load.
async fn program_itself(
    figures: &mut Figures,
    databases: &mut Databases,
    home: &Path,
    database: &str,
    pages: &[String],
) -> anyhow::Result<()> {
    let (mut starts, mut versions) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        starts.push(Server::start(home, database, &pages[0], &[]).await?.cold_start);
        versions.push(process::version()?);
    }
    starts.sort_unstable();
    versions.sort_unstable();
    let words = "cold start to first page, against --version";
    figures.against("cold_start", words, starts[STARTS / 2], versions[STARTS / 2]);
    let server = Server::start(home, database, &pages[0], &[]).await?;
    // The first round of the workers is over by then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let rest = server.memory();
    under_load(figures, databases, &server, pages).await?;
    for (name, words, bytes) in [
        ("memory_at_rest", "memory at rest", rest),
        ("memory_after_load", "memory after the load", server.memory()),
        ("binary", "size of the program", Some(process::size()?)),
    ] {
        let Some(bytes) = bytes else { continue };
        figures.say(words, &format!("{:.1} MB", f64::from(u32::try_from(bytes / 1024)?) / 1024.0));
        figures.note(&format!("{name}_bytes"), bytes);
    }
    Ok(())
}

async fn under_load(
    figures: &mut Figures,
    databases: &mut Databases,
    server: &Server,
    pages: &[String],
) -> anyhow::Result<()> {
    let ask = |requests, status, count| Visits {
        requests,
        status,
        count,
        patience: Duration::from_secs(5),
        connections: VISITORS,
    };
    let nothing = ask(vec![get("/robots.txt")], "HTTP/1.1 200", 5000);
    let nothing = visitors::visit(server.address, nothing).await?;
    let shown = ask(pages.iter().map(|page| get(page)).collect(), "HTTP/1.1 200", 5000);
    let shown = visitors::visit(server.address, shown).await?;
    compare(figures, "page", "resident page, against /robots.txt", &shown, &nothing);
    let form = |page: &String| post(&format!("{page}/opt-out"), "entry=keep");
    let buttons = ask(pages.iter().map(form).collect(), "HTTP/1.1 303", pages.len());
    let pressed = visitors::visit(server.address, buttons).await?;
    let empty = Store::open(&databases.fresh("floor_button").await?).await?;
    floor::table_of_rows(&empty, 1500).await?;
    let bare = floor::commits(&empty, pressed.count(), VISITORS).await?;
    compare(figures, "opt_out", "opt-out, against a bare commit", &pressed, &bare);
    empty.close().await;
    Ok(())
}

fn compare(figures: &mut Figures, name: &str, words: &str, measured: &Latencies, best: &Latencies) {
    for percent in [50, 99] {
        let (took, least) = (measured.percentile(percent), best.percentile(percent));
        figures.against(&format!("{name}_p{percent}"), &format!("{words}, p{percent}"), took, least);
    }
    figures.say(&format!("{name}: requests"), &measured.count().to_string());
    figures.say(&format!("{name}: requests a second"), &format!("{:.0}", measured.per_second()));
    figures.note(&format!("{name}_per_second"), measured.per_second().round());
    figures.note(&format!("{name}_share_of_best_rate"), measured.per_second() / best.per_second());
}

/// Planning for 1,500 with seats enough and with too few, by cohorts and with time of everybody's own.
async fn plans(figures: &mut Figures, databases: &mut Databases) -> anyhow::Result<()> {
    for (name, therapists, own_time) in [
        ("ample_by_cohort", 30, false),
        ("short_by_cohort", 6, false),
        ("ample_each_own", 30, true),
        ("short_each_own", 6, true),
    ] {
        let size = Size { residents: 1500, therapists, own_time };
        let mut season = Season::found(&databases.fresh(name).await?, size).await?;
        season.import().await?;
        let took = season.plan().await?;
        let words = format!("plan for 1500, {} ({} placed)", name.replace('_', " "), season.placed);
        figures.took(&format!("plan_{name}"), &words, took);
        season.store.close().await;
    }
    Ok(())
}
