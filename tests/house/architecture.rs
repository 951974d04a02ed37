//! The walls of the house: reads every file under src and fails with a sentence for each that breaks one.
//! Never looks at behaviour. A new arrow is a decision: make it in [`TABLE`], with its reason.

mod planted;
mod scan;
mod walls;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use walls::{Source, violations};

/// Which room may use which others. No circle, no arrow back up.
pub const TABLE: &[(&str, &[&str])] = &[
    ("main", &["cli", "telemetry"]),
    // Where clock, entropy, vault, storage, mail and doors are put together.
    (
        "cli",
        &[
            "calendar",
            "clock",
            "config",
            "desk",
            "domain",
            "entropy",
            "intake",
            "jobs",
            "mail",
            "remote",
            "solve",
            "storage",
            "telemetry",
            "vault",
            "web",
        ],
    ),
    // Mail for previews and the demo's mailbox.
    ("web", &["desk", "calendar", "domain", "intake", "mail"]),
    ("jobs", &["desk", "mail", "storage", "vault", "remote", "clock", "domain"]),
    ("desk", &["storage", "calendar", "vault", "clock", "entropy", "domain"]),
    // The one bounded reader of calendars, for answers that come in.
    ("mail", &["calendar", "domain", "intake"]),
    ("storage", &["domain"]),
    ("calendar", &["domain"]),
    ("config", &["domain"]),
    ("vault", &["domain", "entropy"]),
    // Reads an instance of numbers and has the engine of the plan answer it: an audit needs no house around it.
    ("solve", &["domain"]),
    // Rows with their places are the one word that the readers of bytes share with the domain.
    ("intake", &["domain::table"]),
    ("domain", &[]),
    ("clock", &[]),
    ("entropy", &[]),
    ("remote", &[]),
    ("telemetry", &[]),
];

/// Every file under src.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            sources.push(Source { file, text: fs::read_to_string(path).unwrap() });
        }
    }
    sources.sort_by(|one, other| one.file.cmp(&other.file));
    sources
}

/// The crates that this package may name, as code writes them.
fn crates() -> BTreeSet<String> {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let sections = ["dependencies", "dev-dependencies"].map(|name| manifest[name].as_table().unwrap());
    let named = sections.into_iter().flat_map(toml::Table::keys).map(|name| name.replace('-', "_"));
    named.chain(["std", "core", "alloc"].map(str::to_owned)).collect()
}

#[test]
fn every_wall_of_the_house_stands() {
    let found = violations(&sources(), &crates());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_walls_are_held_against_the_real_files() {
    let sources = sources();
    let time =
        sources.iter().find(|source| source.file == "domain/time.rs").expect("src is read, folders too");
    let scan = scan::scan(&time.file, &time.text).unwrap();
    assert!(scan.namings.iter().any(|naming| naming.path.starts_with(&["jiff".to_owned(), "tz".to_owned()])));
    assert!(crates().is_superset(&["sqlx", "mail_parser"].map(str::to_owned).into()));
}

/// Not a wall: shows with `--no-capture` which files will soon need a second room.
#[test]
fn files_beyond_the_aim_are_listed() {
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > walls::AIM {
            println!("src/{}: {lines} lines; the aim is {}", source.file, walls::AIM);
        }
    }
}

#[test]
fn the_table_has_no_circle() {
    // Takes away, again and again, every room whose arrows all lead to rooms already taken away.
    let mut left: Vec<_> = TABLE.to_vec();
    while !left.is_empty() {
        let rooms: Vec<&str> = left.iter().map(|(room, _)| *room).collect();
        let waits = |(_, uses): &(&str, &[&str])| {
            uses.iter().any(|used| rooms.contains(&used.split("::").next().unwrap_or_default()))
        };
        let next: Vec<_> = left.iter().copied().filter(waits).collect();
        assert!(next.len() < left.len(), "a circle among {rooms:?}");
        left = next;
    }
}
