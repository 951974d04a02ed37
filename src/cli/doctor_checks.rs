//! What the doctor looks at, a function each. Never changes anything: a missing database stays missing.

use std::time::Duration;

use chrono::{DateTime, NaiveDate};

use super::doctor::Finding;
use super::files;
use super::house::{self, House, open_store};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::desk::Desk;
use crate::desk::found::Standing;
use crate::desk::received::Received;
use crate::domain::language::Language;
use crate::domain::letter::telling_word;
use crate::domain::time::{Instant, Zone, resolve, zone_data_version};
use crate::mail::preview::previews;
use crate::mail::smtp::Limits;
use crate::mail::transport::Transport;
use crate::storage::{Engine, Store};

/// Where the settings come from.
pub fn configuration(config: &Config) -> Finding {
    const CHECK: &str = "configuration";
    match &config.file {
        Some(file) => Finding::ok(CHECK, file.display().to_string()),
        None => Finding::warn(
            CHECK,
            "no holdspace.toml here: variables and defaults only",
            "that is well in a container; elsewhere run `holdspace init`, or name the file with --config",
        ),
    }
}

/// Zone data, with a rule that old data has wrong: British Columbia stays on summer time from 2026 on.
pub fn zones() -> Finding {
    const CHECK: &str = "zone data";
    let noon = NaiveDate::from_ymd_opt(2026, 12, 1).and_then(|day| day.and_hms_opt(12, 0, 0));
    let zone = "America/Vancouver".parse::<Zone>().ok();
    let probe = noon.zip(zone).map(|(noon, zone)| resolve(noon, zone));
    let right: Option<Instant> = DateTime::from_timestamp(1_796_151_600, 0);
    if probe.is_some() && probe == right {
        return Finding::ok(
            CHECK,
            format!("{}, built in; Vancouver's new rule is known", zone_data_version()),
        );
    }
    let says = format!("{} does not know Vancouver's new rule", zone_data_version());
    Finding::fail(CHECK, says, "install a newer holdspace: visits would be an hour off")
}

/// The clock, which decides when links open and letters go.
pub fn clock() -> Finding {
    const CHECK: &str = "clock";
    let now = SystemClock.now();
    let shown = now.format("%Y-%m-%d %H:%M:%SZ").to_string();
    let year = now.format("%Y").to_string().parse().unwrap_or(0);
    if (2026..2100).contains(&year) {
        return Finding::ok(CHECK, shown);
    }
    Finding::fail(CHECK, format!("shows {shown}"), "set it, and keep it with NTP")
}

/// Where links lead.
pub fn public_url(config: &Config) -> Finding {
    const CHECK: &str = "public URL";
    if config.is_local() {
        let remedy = "set public_url, such as https://holdspace.hospital.org, before letters go to anybody";
        return Finding::warn(CHECK, format!("{} opens on this machine only", config.public_url), remedy);
    }
    Finding::ok(CHECK, config.public_url.clone())
}

/// The key's file.
pub fn key(config: &Config) -> Finding {
    match files::read_key(&files::key_path(&config.key_file)) {
        Ok(_) => Finding::ok("key file", format!("{}, for its owner only", config.key_file.display())),
        Err(problem) => Finding::refused("key file", &problem),
    }
}

/// The database: reachable, migrated, every statement fits, opened by this key, and what it holds.
pub async fn database(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "database";
    if let Some(file) = config.database_file().filter(|file| !file.exists()) {
        let says = format!("{} is not there", file.display());
        return vec![Finding::fail(CHECK, says, "run `holdspace init`, or correct database_url")];
    }
    let store = match open_store(config).await {
        Ok(store) => store,
        Err(problem) => return vec![Finding::refused(CHECK, &problem)],
    };
    let engine = match store.engine() {
        Engine::Sqlite => "a sound version of SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let mut findings = vec![Finding::ok(CHECK, format!("{} answers: {engine}", config.database_shown()))];
    match store.check_statements().await {
        Ok(number) => {
            findings.push(Finding::ok("tables", format!("up to date: {number} statements fit")));
            findings.extend(holdings(config, store).await);
        }
        Err(problem) => findings.push(Finding::fail(
            "tables",
            problem.to_string(),
            "any verb brings older tables up to date, such as `holdspace init`; for newer ones, install a newer \
             holdspace",
        )),
    }
    findings
}

async fn holdings(config: &Config, store: Store) -> Vec<Finding> {
    // What is wrong with the key stands in a line of its own.
    let Ok(key) = files::read_key(&files::key_path(&config.key_file)) else { return Vec::new() };
    let desk = House::with(config.clone(), store, &key).desk;
    match desk.standing().await {
        Ok(standing) => {
            let mut findings = in_season(&standing);
            findings.extend(desk.without_keys().await.ok().and_then(left_behind));
            findings.push(mirror(&desk, standing.founded).await);
            findings.extend(desk.received().await.ok().and_then(|received| came_in(config, received)));
            findings
        }
        Err(problem) => vec![Finding::fail(
            "sealed values",
            problem.to_string(),
            "restore the key file that belongs to this database",
        )],
    }
}

/// Rows whose keys are not there: nobody can open them.
fn left_behind([residents, bookings]: [i64; 2]) -> Option<Finding> {
    if residents + bookings == 0 {
        return None;
    }
    let says = format!("{residents} residents and {bookings} bookings have no data key, so nobody sees them");
    let remedy = "if the database was restored from before they were erased, erase them again by `holdspace erase`; if not, \
        restore the newest copy of the store of keys";
    Some(Finding::warn("data keys", says, remedy))
}

/// The mirror of releases: whole, ours, and not behind the database.
async fn mirror(desk: &Desk, founded: bool) -> Finding {
    const CHECK: &str = "release mirror";
    if !founded {
        return Finding::ok(CHECK, "begins with the first booking");
    }
    match desk.mirror_stand().await {
        Err(problem) => Finding::refused(CHECK, &anyhow::Error::new(problem)),
        Ok(None) => Finding::warn(CHECK, "there is none", "set release_mirror"),
        Ok(Some(stand)) if stand.is_new => {
            Finding::ok(CHECK, format!("{}, begins with the first booking", stand.path))
        }
        Ok(Some(stand)) => {
            let count = crate::cli::answer::count;
            let holds = format!("{}, holds {}", stand.path, count(stand.releases, "release"));
            match stand.unknown {
                0 => Finding::ok(CHECK, holds),
                lines => Finding::warn(
                    CHECK,
                    format!("{holds}; {} the database lacks", count(lines, "line")),
                    "an older copy of the database was restored, or a crash came between: the next round puts them back",
                ),
            }
        }
    }
}

fn in_season(standing: &Standing) -> Vec<Finding> {
    const CHECK: &str = "season";
    let Standing { founded, programs, residents, therapists, offerings } = standing;
    let missing = [
        (*founded, "no institution", "run `holdspace init`"),
        (*programs > 0, "no programs", "`holdspace programs import programs.csv`"),
        (*residents > 0, "no residents", "`holdspace roster import roster.csv`"),
        (*therapists > 0, "no therapists", "`holdspace therapists import therapists.csv`"),
        (*offerings > 0, "no offering", "`holdspace offering create --help`"),
    ];
    match missing.into_iter().find(|(there, _, _)| !there) {
        Some((_, says, remedy)) => vec![Finding::warn(CHECK, format!("{says} yet"), remedy)],
        None => vec![Finding::ok(
            CHECK,
            format!(
                "programs {programs}, residents {residents}, therapists {therapists}, offerings {offerings}"
            ),
        )],
    }
}

/// Mail that came in, where any did. By kind, and never by what somebody answered.
fn came_in(config: &Config, received: Received) -> Option<Finding> {
    const CHECK: &str = "answers";
    let Received { calendar_answers, unreadable, returned, strangers, nothing } = received;
    let says = format!(
        "{calendar_answers} of calendars, {unreadable} unreadable, {returned} of mail servers, {strangers} of strangers, {nothing} of no use here"
    );
    if received == Received::default() {
        return None;
    }
    Some(match config.mail_authserv {
        Some(_) => Finding::ok(CHECK, says),
        None => Finding::warn(
            CHECK,
            format!("{says}; nobody's From is believed, so each is asked about by letter"),
            "set mail_authserv to the name by which your mail server signs; docs/mail.md says how",
        ),
    })
}

/// The letters' words.
pub fn templates(config: &Config) -> Finding {
    const CHECK: &str = "templates";
    let rendered =
        house::templates(config).and_then(|templates| Ok(previews(&templates, Language::English)?));
    match (rendered, &config.templates) {
        (Err(problem), _) => Finding::refused(CHECK, &problem),
        (Ok(_), Some(directory)) => {
            Finding::ok(CHECK, format!("{}, all letters render", directory.display()))
        }
        (Ok(_), None) => Finding::ok(CHECK, "built in, all letters render"),
    }
}

/// Who letters come from.
pub fn sender(config: &Config) -> Finding {
    const CHECK: &str = "sender";
    let Some(sender) = &config.mail_from else {
        let remedy = "set mail_from, such as Holdspace <holdspace@hospital.org>";
        return match config.mail_is_local() {
            true => Finding::warn(CHECK, "no sender", remedy),
            false => Finding::fail(CHECK, "no sender", remedy),
        };
    };
    // The domain of the installation's own address names nobody.
    let domain = sender.address.reveal().rsplit('@').next().unwrap_or_default().to_owned();
    let ends = |ending: &str| domain == ending || domain.ends_with(&format!(".{ending}"));
    if ["example.org", "example.com", "example.net", "test", "invalid", "localhost"].into_iter().any(ends) {
        return Finding::warn(
            CHECK,
            format!("{domain} is nobody's domain"),
            "set mail_from to an address of yours",
        );
    }
    if let Some(word) = telling_word(&sender.name) {
        let says = format!("the name “{}” holds “{}”, and colleagues see it", sender.name, word.trim());
        return Finding::warn(
            CHECK,
            says,
            "give mail_from a neutral name; keep it, so that people come to know it",
        );
    }
    Finding::ok(CHECK, format!("{}, of {domain}", sender.name))
}

/// The way out: connects, greets, encrypts and logs in, and hands over nothing.
pub async fn way_out(config: &Config, patience: Duration) -> Finding {
    const CHECK: &str = "mail server";
    let limits =
        Limits { connect: patience, greeting: patience, command: patience, data: patience, letter: patience };
    let (url, transport) =
        match house::mail_url(config).and_then(|url| Ok((url, house::transport(config, limits)?))) {
            Ok(found) => found,
            Err(problem) => return Finding::refused(CHECK, &problem),
        };
    if !matches!(transport, Transport::Smtp(_)) {
        let remedy = "set mail_url, such as smtp://user:password@mail.hospital.org:587";
        return Finding::warn(CHECK, format!("letters reach nobody: {url}"), remedy);
    }
    match transport.connect().await {
        Ok(session) => {
            session.close().await;
            Finding::ok(CHECK, format!("{url} answers"))
        }
        Err(failure) => Finding::fail(
            CHECK,
            format!("{url}: {}", failure.reason()),
            "correct mail_url, or have the relay allow this machine",
        ),
    }
}
