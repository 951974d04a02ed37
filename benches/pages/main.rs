//! What pages weigh, and how long a resident's page takes under load beside a file that never changes, served by the
//! same process. Never leaves a request out: what a page links to that a browser fetches counts.
//!
//! ```text
//! benches/run pages    on SQLite, 1,500 residents, in about two minutes
//! ```

#![expect(clippy::print_stdout, reason = "a bench exists to print its figures")]

#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/database.rs"]
mod database;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/latency.rs"]
mod latency;
#[path = "../season/made.rs"]
mod made;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/process.rs"]
mod process;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/visitors.rs"]
mod visitors;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;
use holdspace::desk::errand::Opened;
use holdspace::domain::letter::Letter;
use holdspace::storage::outbox;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;

use database::Databases;
use made::Size;
use process::Server;
use stages::Season;
use visitors::{Visits, get};

/// What no page may weigh, and what a resident's may not, in bytes.
const MOST: usize = 150_000;
const MOST_FOR_RESIDENTS: usize = 30_000;
/// Connections of visitors at once.
const VISITORS: usize = 16;

/// A page's name, its address, and the cookie of whoever looks.
type Page = (&'static str, String, Option<String>);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut databases = Databases::open(false)?;
    let database = databases.fresh("pages").await?;
    let mut season =
        Season::found(&database, Size { residents: 1500, therapists: 30, own_time: false }).await?;
    season.import().await?;
    season.plan().await?;
    season.book().await?;
    let links = season.pages().await?;
    let director = season.desk.director_entrance(&"director@example.edu".parse()?, false).await?;
    let therapist = way_in(&season, "therapist0@counseling.example.org").await?;
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = Server::start(home.path(), &database, &links[0], &[]).await?;
    let url = format!("http://{}", server.address);
    let director = enter(&url, director.reveal_link()).await?;
    let therapist = match therapist {
        Some(link) => Some(enter(&url, &link).await?),
        None => None,
    };
    let pages = pages(&season, &links[0], &director, therapist.as_deref()).await?;
    let weights = weighed(&url, pages).await?;
    let mut line = json!({ "bench": "pages", "weights": weights });
    under_load(&server, &links, &mut line).await?;
    println!("{line}");
    databases.remove().await?;
    Ok(())
}

/// Every page of everybody: its name, where it is, and who looks.
async fn pages(
    season: &Season,
    visit: &str,
    director: &str,
    therapist: Option<&str>,
) -> anyhow::Result<Vec<Page>> {
    let offering = season.desk.show_offering(None).await?.id;
    let mut pages: Vec<Page> = vec![
        ("front", "/".to_owned(), None),
        ("resident: visit", visit.to_owned(), None),
        ("resident: times", format!("{visit}/times"), None),
        ("resident: about", "/about".to_owned(), None),
        ("sign-in", "/sign-in".to_owned(), None),
    ];
    let code = "P01";
    for (name, path) in [
        ("coordinator: season", format!("/program/{code}")),
        ("coordinator: roster", format!("/program/{code}/roster")),
        ("coordinator: protected time", format!("/program/{code}/protected")),
        ("coordinator: plan", format!("/program/{code}/plan")),
        ("coordinator: coverage", format!("/program/{code}/coverage")),
        ("coordinator: releases", format!("/program/{code}/releases")),
        ("director: overview", "/overview".to_owned()),
        ("director: programs", "/institution/programs".to_owned()),
        ("director: therapists", "/institution/therapists".to_owned()),
        ("director: offering", format!("/institution/offerings/{offering}")),
        ("director: letters", "/institution/letters".to_owned()),
        ("director: capacity", "/institution/capacity".to_owned()),
        ("director: mail", "/institution/mail".to_owned()),
        ("director: people", "/institution/people".to_owned()),
    ] {
        pages.push((name, path, Some(director.to_owned())));
    }
    if let Some(cookie) = therapist {
        for (name, path) in [
            ("therapist: agenda", "/agenda"),
            ("therapist: hours", "/agenda/hours"),
            ("therapist: away", "/agenda/away"),
        ] {
            pages.push((name, path.to_owned(), Some(cookie.to_owned())));
        }
    }
    Ok(pages)
}

/// Prints what each page weighs, and how long one alone takes beside a file that never changes.
async fn weighed(url: &str, pages: Vec<Page>) -> anyhow::Result<serde_json::Map<String, serde_json::Value>> {
    let mut weights = serde_json::Map::new();
    let file = alone(url, "/style.css", None).await?;
    println!("{:<32} {:>10} {:>10} {:>10} {:>10}", "page", "bytes", "requests", "of most", "of a file");
    for (name, path, cookie) in pages {
        let (bytes, requests) = weigh(url, &path, cookie.as_deref()).await.with_context(|| path.clone())?;
        let most = if name.starts_with("resident") { MOST_FOR_RESIDENTS } else { MOST };
        let share = bytes * 100 / most;
        let ratio = alone(url, &path, cookie.as_deref()).await?.as_secs_f64() / file.as_secs_f64();
        let ratio = (ratio * 10.0).round() / 10.0;
        println!("{name:<32} {bytes:>10} {requests:>10} {share:>9}% {ratio:>9.1}x");
        weights.insert(name.to_owned(), json!({ "bytes": bytes, "requests": requests, "ratio": ratio }));
    }
    Ok(weights)
}

/// How long a page takes that is asked for alone: the median of nine.
async fn alone(url: &str, path: &str, cookie: Option<&str>) -> anyhow::Result<Duration> {
    let client = reqwest::Client::new();
    let mut took = Vec::new();
    for visitor in 1..=9 {
        // Each with an address of its own: all from one would be held back as a flood.
        let mut request =
            client.get(format!("{url}{path}")).header("x-forwarded-for", format!("198.19.0.{visitor}"));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let begun = Instant::now();
        request.send().await?.error_for_status()?.bytes().await?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took[took.len() / 2])
}

/// A resident's page and a file of the same process under the same load.
async fn under_load(server: &Server, links: &[String], line: &mut serde_json::Value) -> anyhow::Result<()> {
    let ask = |paths: Vec<String>, count| Visits {
        requests: paths,
        status: "HTTP/1.1 200",
        count,
        patience: Duration::from_secs(10),
        connections: VISITORS,
    };
    let fixed = visitors::visit(server.address, ask(vec![get("/style.css")], 5000)).await?;
    let shown = links.iter().map(|link| get(link)).collect();
    let shown = visitors::visit(server.address, ask(shown, 5000)).await?;
    for percent in [50, 99] {
        let (page, file) = (shown.percentile(percent), fixed.percentile(percent));
        let ratio = page.as_secs_f64() / file.as_secs_f64();
        println!(
            "resident page beside the style sheet, p{percent:<3} {page:>10.2?} {file:>10.2?} {ratio:>7.1}x"
        );
        line[format!("p{percent}_ratio")] = json!((ratio * 10.0).round() / 10.0);
    }
    Ok(())
}

/// The sign-in link of somebody, read off the letter that is owed and stays so.
async fn way_in(season: &Season, address: &str) -> anyhow::Result<Option<String>> {
    season.desk.ask_to_sign_in(address).await?;
    let now = season.desk.now();
    let mut tx = season.store.write().await?;
    let due =
        outbox::lease(&mut tx, outbox::Audience::Someone, now, now + chrono::Duration::minutes(5), 5000)
            .await?;
    tx.rollback().await?;
    for letter in due {
        let Opened::Send(parcel) = season.desk.open_letter(&letter).await? else { continue };
        if parcel.errand.letter == Letter::SignIn {
            return Ok(Some(parcel.link.to_string()));
        }
    }
    Ok(None)
}

/// Comes in by a link; gives the cookie.
async fn enter(url: &str, link: &str) -> anyhow::Result<String> {
    let path = &link[link.find("/sign-in/").context("a sign-in link")?..];
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = client.post(format!("{url}{path}")).form(&[("mine", "yes")]).send().await?;
    let cookie = answer.headers().get(SET_COOKIE).context("the link lets nobody in")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Bytes over the wire and requests of a page with all that a browser fetches for it.
async fn weigh(url: &str, path: &str, cookie: Option<&str>) -> anyhow::Result<(usize, usize)> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let fetch = async |path: &str| -> anyhow::Result<(usize, String)> {
        let mut request = client.get(format!("{url}{path}"));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = request.send().await?;
        anyhow::ensure!(answer.status() == 200, "{path} answered {}", answer.status());
        // Name, value and four characters between and behind them, as RFC 9112 writes a field line.
        let head: usize =
            answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let body = answer.text().await?;
        Ok((head + body.len(), body))
    };
    let (mut bytes, body) = fetch(path).await?;
    let mut others = BTreeSet::new();
    for (tag, attribute) in
        [("<link rel=\"stylesheet\" ", "href=\""), ("<script ", "src=\""), ("<img ", "src=\"")]
    {
        for part in body.split(tag).skip(1) {
            let address = part.split_once(attribute).and_then(|(_, rest)| rest.split('"').next());
            others.extend(address.filter(|address| address.starts_with('/')).map(str::to_owned));
        }
    }
    for other in &others {
        bytes += fetch(other).await?.0;
    }
    Ok((bytes, 1 + others.len()))
}
