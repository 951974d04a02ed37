//! What calendar programs ask of the calendars of a therapist with 500 visits, beside Radicale with the same events in the
//! same run: both must tell of as many events, or the bench fails. Never tunes either side, and counts processor time
//! beside the clock, because a shared machine lends the clock to others.
//!
//! ```text
//! benches/run feed    on SQLite, in about three minutes
//! ```
//!
//! The first time it installs Radicale into the target directory: that needs python3 and the network.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench exists to print its figures")]

mod asked;
mod crowd;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/database.rs"]
mod database;
#[path = "../season/latency.rs"]
mod latency;
#[path = "../season/made.rs"]
mod made;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/process.rs"]
mod process;
#[expect(dead_code, reason = "shared with the plan's bench, which uses all of it")]
#[path = "../plan/python.rs"]
mod python;
mod questions;
mod radicale;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/stages.rs"]
mod stages;
mod table;
#[expect(dead_code, reason = "shared with the season's bench, which uses all of it")]
#[path = "../season/visitors.rs"]
mod visitors;

use std::path::Path;

use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode};
use serde_json::{Map, json};

use asked::{CONNECTIONS, once, over_and_over};
use crowd::{Calendar, Crowd, THERAPISTS, VISITS};
use database::Databases;
use process::Server;
use questions::{FIFTY, Learned, Place, Question, identifiers, paths, word};
use radicale::{PACKAGES, Radicale};
use table::Row;

/// One calendar program may ask for a feed so often at once, and for calendars: more would be held back as a flood. Less
/// what the warm-up and a try take; the server is started anew for each question.
const FEED_MOST: usize = 115 * THERAPISTS;
const CALENDAR_MOST: usize = 290 * THERAPISTS;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = python::Python::ready(&place.join("feed"), &PACKAGES)?;
    let mut databases = Databases::open(false)?;
    let database = databases.fresh("feed").await?;
    let crowd = Crowd::booked(&database).await?;
    let (home, theirs) = (tempfile::tempdir_in(place)?, tempfile::tempdir_in(place)?);
    let radicale = Radicale::start(&python, theirs.path(), &crowd.calendars).await?;
    let bench = Bench { crowd, database, home: home.path(), radicale };
    let (mut ours, mut others) = bench.same_events().await?;
    table::head();
    let mut rows = Vec::new();
    for question in Question::ALL {
        if question == Question::OneGone {
            bench.one_goes(&others).await?;
        }
        let row = bench.measured(question, &mut ours, &mut others).await?;
        row.print();
        rows.push(row);
    }
    let mut line = Map::new();
    line.insert("bench".to_owned(), "feed".into());
    line.insert("against".to_owned(), PACKAGES[0].into());
    line.insert("events".to_owned(), json!(VISITS));
    line.insert("calendars".to_owned(), json!(THERAPISTS));
    line.insert("connections".to_owned(), json!(CONNECTIONS));
    table::print(&rows, line);
    databases.remove().await?;
    Ok(())
}

/// Both servers with the same calendars.
struct Bench<'a> {
    crowd: Crowd,
    database: String,
    home: &'a Path,
    radicale: Radicale,
}

impl Bench<'_> {
    async fn serve(&self) -> anyhow::Result<Server> {
        Server::start(self.home, &self.database, "/", &[]).await
    }

    fn places(&self, server: &Server, calendar: &Calendar) -> [Place; 2] {
        let held = format!("/{}/held/", calendar.login);
        let ours = Place {
            server: format!("http://{}", server.address),
            whole: calendar.feed.clone(),
            open: true,
            calendar: format!("/dav{held}"),
        };
        let server = format!("http://{}", self.radicale.address);
        [ours, Place { server, whole: held.clone(), open: false, calendar: held }]
    }

    /// Gives Radicale what our feeds show, and makes sure that both have the same.
    async fn same_events(&self) -> anyhow::Result<(Vec<Learned>, Vec<Learned>)> {
        let server = self.serve().await?;
        let client = Client::new();
        for (number, calendar) in self.crowd.calendars.iter().enumerate() {
            let [ours, theirs] = self.places(&server, calendar);
            let ask = Question::Whole.request(&ours, calendar, &Learned::default());
            let feed = once(&client, &ask, number).await?.body;
            self.radicale.take_over(calendar, feed.clone()).await?;
            let ask = Question::Whole.request(&theirs, calendar, &Learned::default());
            let taken = once(&client, &ask, number).await?.body;
            ensure!(identifiers(&feed).len() == VISITS, "our feed has {} events", identifiers(&feed).len());
            ensure!(identifiers(&feed) == identifiers(&taken), "Radicale has other events");
        }
        let nothing = || (0..THERAPISTS).map(|_| Learned::default()).collect();
        Ok((nothing(), nothing()))
    }

    /// Takes one event off every calendar of both.
    async fn one_goes(&self, theirs: &[Learned]) -> anyhow::Result<()> {
        self.crowd.one_opts_out_of_each().await?;
        for (calendar, learned) in self.crowd.calendars.iter().zip(theirs) {
            let path = learned.paths.get(FIFTY).context("a calendar has events")?;
            self.radicale.remove(calendar, path).await?;
        }
        Ok(())
    }

    /// Asks both, one after the other.
    async fn measured(
        &self,
        question: Question,
        ours: &mut [Learned],
        theirs: &mut [Learned],
    ) -> anyhow::Result<Row> {
        let server = self.serve().await?;
        let (mut to_us, mut to_them, mut status) = (Vec::new(), Vec::new(), [StatusCode::OK; 2]);
        for (number, calendar) in self.crowd.calendars.iter().enumerate() {
            let places = self.places(&server, calendar);
            let sides = [(&mut to_us, &mut ours[number]), (&mut to_them, &mut theirs[number])];
            for (side, ((requests, learned), place)) in sides.into_iter().zip(&places).enumerate() {
                let request = question.request(place, calendar, learned);
                status[side] = tried(question, &request, number, learned).await?;
                requests.push(request);
            }
        }
        ensure!(
            question != Question::Known || status[0] == StatusCode::NOT_MODIFIED,
            "our feed is sent again to who has it"
        );
        let most = match question {
            Question::Whole | Question::Known => FEED_MOST,
            _ => CALENDAR_MOST,
        };
        let ours = over_and_over(server.id(), to_us, status[0], most).await?;
        let theirs = over_and_over(self.radicale.id(), to_them, status[1], most).await?;
        Ok(Row { question, ours, theirs, status: status[1].as_u16() })
    }
}

/// Asks once, looks at the answer, and notes what a calendar program would.
async fn tried(
    question: Question,
    request: &questions::Request,
    number: usize,
    learned: &mut Learned,
) -> anyhow::Result<StatusCode> {
    let answer = once(&Client::new(), request, number).await?;
    let (status, told) = (answer.status, question.told(&answer));
    // A server may send everything to who has it: that is a longer answer, and not a wrong one.
    let again = question == Question::Known && status == StatusCode::OK && told == VISITS;
    ensure!(
        again || told == question.events(),
        "{}: {} tells of {told} events, and {} were due ({status})",
        question.words(),
        request.url,
        question.events()
    );
    match question {
        Question::Whole => learned.etag = answer.etag.context("everything has a tag")?,
        Question::Tags => learned.paths = paths(&answer.body),
        Question::First => learned.word = word(&answer.body).context("an answer has a word for later")?,
        _ => {}
    }
    Ok(status)
}
