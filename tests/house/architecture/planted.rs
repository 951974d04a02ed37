//! Planted violations: every wall is shown something that breaks it, and something like it that does not.
//! Without these a wall could be toothless and nobody would know.

use super::crates;
use super::walls::{Source, violations};

/// What the walls say of a file with this body below its first line.
fn said(file: &str, body: &str) -> Vec<String> {
    let text = format!("//! A planted file.\n{body}\n");
    violations(&[Source { file: file.to_owned(), text }], &crates())
}

/// Each body breaks one wall, once, with these words in the sentence.
#[track_caller]
fn breaks(file: &str, body: &str, words: &str) {
    let said = said(file, body);
    assert!(said.len() == 1 && said[0].contains(words), "{file}: {body}\nsaid {said:#?}\nnot {words:?}");
}

#[track_caller]
fn stands(file: &str, body: &str) {
    assert_eq!(said(file, body), Vec::<String>::new(), "{file}: {body}");
}

#[test]
fn an_arrow_that_the_table_lacks_is_named_with_its_line() {
    breaks(
        "web/resident.rs",
        "use crate::storage::Store;",
        "src/web/resident.rs:2 names crate::storage::Store",
    );
    breaks(
        "desk/admit.rs",
        "\nfn f() { crate::mail::send(); }",
        ":3 names crate::mail::send, but desk may use",
    );
    breaks("domain/booking.rs", "use crate::clock::Clock;", "domain may use nothing else of ours");
    breaks("vault.rs", "type A = Vec<crate::storage::Row>;", "crate::storage::Row");
    breaks("web/mod.rs", "fn f() { log(format!(\"{}\", crate::jobs::count())); }", "crate::jobs::count");
    breaks("mail/mod.rs", "macro_rules! m { () => { $crate::desk::x() } }", "crate::desk::x");
    stands(
        "desk/admit.rs",
        "use crate::{storage::Store, domain::{id, time::Span}};\nuse crate::desk::season;",
    );
}

#[test]
fn an_arrow_hidden_in_a_group_of_imports_is_seen() {
    breaks("web/mod.rs", "use crate::{desk, calendar::{self, feed}, vault::{self as v}};", "crate::vault");
    breaks("mail/mod.rs", "use crate::{domain::id,\n desk::{admit}};", "crate::desk");
}

#[test]
fn an_arrow_by_way_of_super_is_seen_where_it_leaves_the_room() {
    breaks("domain/plan/cost.rs", "use super::super::super::desk::admit;", "crate::desk::admit");
    breaks("clock.rs", "use super::storage;", "crate::storage");
    breaks("mail/mod.rs", "mod inner { use super::super::desk; }", "crate::desk");
    breaks("mail/mod.rs", "use super::{calendar, web};", "crate::web");
    breaks("mail/mod.rs", "fn f() { self::super::jobs::run() }", "crate::jobs::run");
    stands("domain/plan/cost.rs", "use super::super::id::Id;\nuse super::matching;\nuse self::inner::x;");
    stands("mail/mod.rs", "mod inner { use super::*; use super::super::domain; }");
}

#[test]
fn nobody_brings_in_the_whole_house() {
    breaks("web/mod.rs", "use crate::*;", "crate::*");
    breaks("clock.rs", "use super::*;", "crate::*");
    breaks("web/mod.rs", "use crate as house;", "names crate::");
}

#[test]
fn start_up_uses_the_command_line_and_telemetry_only() {
    breaks("main.rs", "fn main() { holdspace::desk::admit(); }", "main may use cli, telemetry");
    stands("main.rs", "use holdspace::telemetry;\nfn main() { holdspace::cli::run(); }");
}

#[test]
fn intake_knows_the_domains_table_and_nothing_else_of_it() {
    stands("intake/csv.rs", "use crate::domain::table::{Row, Table};");
    breaks("intake/csv.rs", "use crate::domain::people::Resident;", "intake may use domain::table");
    breaks("intake/csv.rs", "use crate::domain::{self};", "crate::domain,");
    breaks("intake/csv.rs", "use crate::domain::*;", "crate::domain::*");
}

#[test]
fn words_in_comments_and_strings_are_no_arrows() {
    stands(
        "domain/id.rs",
        "// crate::storage\n/* crate::web */\n/// [`crate::desk`]\nconst A: &str = \"crate::mail\";\n\
         const B: &str = r#\"\"crate::mail\"#; const C: char = '\"'; fn f<'a>(a: &'a str) {}",
    );
    stands("domain/id.rs", "pub(crate) fn f() {}\npub(in crate::domain) fn g() {}");
}

#[test]
fn a_room_that_is_not_in_the_table_is_refused() {
    breaks("helpers/mod.rs", "fn f() {}", "helpers is no room");
    breaks("lib.rs", "use sqlx::Any;", "only src/storage");
    stands("lib.rs", "pub mod helpers;\nuse crate::web::x;");
}

#[test]
fn tests_may_set_clock_and_entropy_by_hand_and_read_samples_and_no_more() {
    let in_tests = |line: &str| format!("#[cfg(test)]\nmod tests {{ use super::*; {line} }}");
    stands("mail/mod.rs", &in_tests("use crate::clock::HandSetClock; use crate::entropy::SeededEntropy;"));
    breaks("mail/mod.rs", &in_tests("use crate::storage::Store;"), "crate::storage::Store");
    breaks("mail/mod.rs", "#[cfg(not(test))]\nuse crate::clock::HandSetClock;", "crate::clock");
    breaks(
        "mail/mod.rs",
        "#[cfg(test)]\nuse crate::clock::A;\nuse crate::clock::B;",
        ":4 names crate::clock::B",
    );
    breaks(
        "mail/mod.rs",
        "#[cfg(test)]\nfn f() {}\nfn g() { crate::clock::x() }",
        ":4 names crate::clock::x",
    );
    stands("mail/tests.rs", "use crate::clock::HandSetClock;");
    stands("domain/roster/tests.rs", "fn f() { crate::intake::read(); }");
    breaks("domain/roster/mod.rs", "fn f() { crate::intake::read(); }", "crate::intake::read");
    breaks("mail/mod.rs", "mod tests;", "declares tests without #[cfg(test)]");
    stands("mail/mod.rs", "#[cfg(test)]\nmod tests;");
}

#[test]
fn the_domain_names_value_crates_only() {
    for body in [
        "use tokio::time::sleep;",
        "use tracing;",
        "fn f() { tracing::info!(\"booked\"); }",
        "#[tokio::main]\nfn f() {}",
        "fn f() -> ::anyhow::Result<()> { }",
        "use {serde::Serialize, secrecy::SecretString};",
        "use std::fs;",
        "fn f() { std::thread::sleep(x); }",
    ] {
        breaks("domain/roster.rs", body, "the domain names value crates only");
    }
    stands("domain/roster.rs", "use std::collections::HashMap;\nuse chrono::NaiveDate;\nuse rrule::RRule;");
    stands("domain/roster.rs", "use super::table;\nfn f() { table::x(); Vec::<u8>::new(); u64::from(1); }");
    stands(
        "domain/roster.rs",
        "#[cfg(test)]\nmod tests { use proptest::prelude::*; use insta::assert_snapshot; }",
    );
    stands("desk/admit.rs", "use tokio::time::sleep;");
}

#[test]
fn sqlx_lives_in_storage_and_lettre_in_mail() {
    breaks("desk/admit.rs", "use sqlx::AnyPool;", "only src/storage names sqlx");
    breaks("cli/mod.rs", "fn f() -> Result<(), sqlx::Error> {}", "only src/storage names sqlx");
    breaks("jobs/post.rs", "use lettre::Message;", "only src/mail names lettre");
    stands("storage/engine.rs", "use sqlx::AnyPool;");
    stands("mail/transport.rs", "use lettre::Message;");
}

#[test]
fn time_and_randomness_spring_from_their_two_files() {
    breaks("desk/admit.rs", "fn f() { chrono::Utc::now(); }", "only src/clock.rs may");
    breaks("cli/mod.rs", "use chrono::Utc; fn f() { let f = Utc::now; }", "names Utc::now");
    breaks("jobs/tidy.rs", "fn f() { std::time::SystemTime::now(); }", "only src/clock.rs may");
    breaks(
        "web/mod.rs",
        "#[cfg(test)]\nmod tests { fn f() { chrono::Local::now(); } }",
        "only src/clock.rs may",
    );
    breaks("vault.rs", "fn f() { getrandom::fill(x); }", "only src/entropy.rs may");
    breaks("vault.rs", "use chacha20poly1305::aead::OsRng;", "only src/entropy.rs may");
    stands("clock.rs", "fn f() { Utc::now(); }");
    stands("entropy.rs", "fn f() { getrandom::fill(x); }");
    stands("desk/admit.rs", "fn f(clock: &C) { clock.now(); }");
}

#[test]
fn no_address_is_added_past_the_list_of_doors() {
    breaks("web/front.rs", "use axum::{Json, Router};", "add the address through src/web/doors.rs");
    breaks(
        "web/api/me.rs",
        "use utoipa_axum::router::OpenApiRouter;",
        "add the address through src/web/doors.rs",
    );
    breaks("cli/serve.rs", "fn f() { axum::Router::new(); }", "names axum::Router");
    stands("web/doors.rs", "use axum::Router;");
    stands("web/front.rs", "use axum::routing::get;");
}

#[test]
fn only_the_command_line_prints() {
    breaks("web/mod.rs", "fn f() { println!(\"hello\"); }", "src/web/mod.rs:2 calls println!");
    breaks("domain/id.rs", "fn f() { if a { std::eprintln!(\"hello\"); } }", "calls eprintln!");
    breaks("desk/admit.rs", "fn f() { dbg!(x); }", "calls dbg!");
    stands("cli/mod.rs", "fn f() { println!(\"hello\"); }");
    stands("web/mod.rs", "fn f() { println != x; }\n#[cfg(test)]\nmod tests { fn f() { println!(); } }");
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let of = |text: String| violations(&[Source { file: "vault.rs".to_owned(), text }], &crates());
    assert!(of("use std::fmt;\n//! Too late.\n".to_owned())[0].contains("does not say what it is for"));
    assert_eq!(of(format!("//! Short.\n{}", "\n".repeat(399))), Vec::<String>::new());
    assert!(of(format!("//! Long.\n{}", "\n".repeat(400)))[0].contains("has 401 lines, more than 400"));
    assert!(of("//! Broken.\nfn f( {".to_owned())[0].contains("not Rust"));
}
