//! Everything that the program's side can look at: pages with their headers, files, JSON, calendars, what an operator's
//! verbs print. Never looks behind a resident's link.

use holdspace::desk::admit::RosterOptions;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use super::script::Script;
use super::season::{THERAPISTS, json};
use crate::harness::house::{House, Page};
use crate::harness::town::tables;
use crate::program;

/// What was seen, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub moment: String,
    /// Where.
    pub place: String,
    /// What.
    pub text: String,
}

/// What the program's people keep between two looks.
pub struct Eyes {
    offering: String,
    /// The tokens for programs of a coordinator and of a director.
    tokens: [String; 2],
    /// The address for a calendar.
    feed: String,
}

type Shown = Vec<(String, String)>;

impl Eyes {
    /// A coordinator of Internal Medicine and a director make tokens, and an address for a calendar.
    pub async fn of(house: &House) -> Self {
        let director = house.director_again().await;
        let cory = house.therapist(program::COORDINATOR).signs_in().await;
        let mut tokens = Vec::new();
        for cookie in [cory.cookie.as_str(), director.cookie()] {
            let session = program::session(house, cookie).await;
            tokens.push(house.desk.make_token(&session).await.unwrap().to_string());
        }
        let session = program::session(house, &cory.cookie).await;
        let im = house.desk.program_of(&session, "IM").await.unwrap();
        house.desk.renew_coverage_address(&session, &im).await.unwrap();
        let feed = house.desk.coverage_address(&session, &im).await.unwrap().unwrap().to_string();
        let offering = house.desk.show_offering(None).await.unwrap().id.to_string();
        Self { offering, tokens: tokens.try_into().unwrap(), feed }
    }

    /// Looks at everything.
    pub async fn look(&self, house: &House, script: &Script, roster: &str) -> Shown {
        let mut shown = self.pages(house, script).await;
        shown.extend(self.operations(house).await);
        shown.extend(verbs(house, roster).await);
        for path in ["/health", "/ready", self.feed.as_str(), "/v/nobodys", "/survey/nobodys"] {
            shown.push((format!("GET {path}, by anybody"), told(&house.get(path).await)));
        }
        shown
    }

    /// Looks at some addresses, as a director and a director's program.
    pub async fn look_at(&self, house: &House, paths: &[&str]) -> String {
        let director = house.director_again().await;
        let mut shown = String::new();
        for path in paths {
            let page = if path.starts_with("/api/") {
                let token = format!("Bearer {}", self.tokens[1]);
                Page::of(house.request(Method::GET, path).header(AUTHORIZATION, token)).await
            } else {
                director.opens(path).await
            };
            shown += &told(&page);
        }
        shown
    }

    async fn pages(&self, house: &House, script: &Script) -> Shown {
        let mut shown = Shown::new();
        let cory = house.therapist(program::COORDINATOR).signs_in().await;
        let mut ids = Vec::new();
        for path in program::ADDRESSES {
            let own = format!("/program/IM{path}");
            let page = cory.opens(&own).await;
            if *path == "/roster" {
                ids = people(&page);
            }
            shown.push((format!("GET {own}, by its coordinator"), told(&page)));
        }
        let turned = usize::try_from(script.seed % 1024).unwrap();
        for id in ids.iter().cycle().skip(turned).take(2.min(ids.len())) {
            let path = format!("/program/IM/roster/person/{id}");
            shown.push((format!("GET {path}, by its coordinator"), told(&cory.opens(&path).await)));
        }
        let director = house.director_again().await;
        let mut paths = crate::director::every_path(house).await;
        paths.extend(program::ADDRESSES.iter().map(|path| format!("/program/NEPH{path}")));
        paths.extend(["", "/plan", "/releases"].map(|path| format!("/program/IM{path}")));
        paths.push(format!("/program/IM/releases/{}/release.csv", self.offering));
        paths.push(format!("/institution/releases/{}/release.csv", self.offering));
        paths.push(format!("/offering/{}/book", self.offering));
        paths.extend(["log", "log.csv", "retention"].map(|last| format!("/institution/{last}")));
        for path in paths {
            shown.push((format!("GET {path}, by a director"), told(&director.opens(&path).await)));
        }
        shown
    }

    async fn operations(&self, house: &House) -> Shown {
        let offering = &self.offering;
        let all = |program: &str| {
            let of_program = ["roster", "coverage", "releases", &format!("plan/{offering}")]
                .map(|last| format!("programs/{program}/{last}"));
            let rest = ["me", "programs", "offerings", "letters", "sites", "therapists", "staff", "agenda"];
            let of_offering = [format!("offerings/{offering}"), format!("offerings/{offering}/release")];
            of_program.into_iter().chain(rest.map(str::to_owned)).chain(of_offering).collect::<Vec<_>>()
        };
        let mut shown = Shown::new();
        for (token, program, who) in
            [(&self.tokens[0], "IM", "coordinator"), (&self.tokens[1], "NEPH", "director")]
        {
            for last in all(program) {
                let path = format!("/api/v1/{last}");
                let request =
                    house.request(Method::GET, &path).header(AUTHORIZATION, format!("Bearer {token}"));
                shown.push((format!("GET {path}, by a {who}'s program"), told(&Page::of(request).await)));
            }
        }
        shown
    }
}

/// What an operator's verbs print that name nobody, or count letters.
async fn verbs(house: &House, roster: &str) -> Shown {
    let desk = &house.desk;
    let mut db = house.store.read().await.unwrap();
    let counts = holdspace::storage::outbox::counts(&mut db).await.unwrap();
    drop(db);
    let counts: Vec<String> = counts
        .into_iter()
        .map(|one| format!("{} {} {} {}", one.letter, one.state, one.reason, one.count))
        .collect();
    let dry = RosterOptions { dry_run: true, ..RosterOptions::default() };
    let mut shown = vec![
        ("letters by state".to_owned(), counts.join("\n")),
        ("the figures of /metrics".to_owned(), house.metrics().await),
        ("letters that are due".to_owned(), format!("{:?}", house.post.due().await.ok())),
        ("holdspace plan".to_owned(), json(desk.plan(None, None).await)),
        ("holdspace offering show".to_owned(), json(desk.show_offering(None).await)),
        (
            "holdspace roster import --dry-run".to_owned(),
            json(desk.import_roster(&tables(roster), &dry).await),
        ),
    ];
    for therapist in THERAPISTS {
        let absence = desk.absence(None, &therapist.parse().unwrap(), (None, None)).await;
        shown.push((format!("holdspace plan --without {therapist}"), json(absence)));
    }
    for program in ["IM", "NEPH"] {
        let [csv, ics] = house.coverage(program).await;
        shown.push((format!("holdspace coverage --program {program}"), csv));
        shown.push((format!("holdspace coverage --program {program} --format ics"), ics));
    }
    shown
}

/// The identifiers of people whose pages a roster leads to.
fn people(roster: &Page) -> Vec<String> {
    let parts = roster.body.split("/roster/person/").skip(1);
    let mut ids: Vec<String> =
        parts.filter_map(|rest| rest.split(['"', '/', '?']).next()).map(str::to_owned).collect();
    ids.retain(|id| !id.is_empty());
    ids.dedup();
    ids
}

/// A page as bytes on the wire would tell it, without the date.
fn told(page: &Page) -> String {
    let headers: Vec<String> = page.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{}\n{}\n\n{}", page.status, headers.join("\n"), page.body)
}
