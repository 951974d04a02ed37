//! What stands between the service and whoever looks at it: nothing, or a careless feature, which opens what is sealed
//! as the service does. Never in the product.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, ETAG, HeaderName};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use holdspace::domain::booking::{Booking, Standing};
use holdspace::domain::owed::{Errand, Recipient};
use holdspace::domain::seating::Seat;
use holdspace::storage::{Store, bookings, offerings};
use holdspace::vault::{Location, Vault};

use super::leaks::{Leak, Planted};
use crate::harness::house::{Arrival, House};
use crate::harness::person::kind;

/// What stands between the service and whoever looks at it: nothing, or one careless feature.
pub struct Pane {
    planted: Planted,
    switched: Mutex<Option<Leak>>,
    store: Store,
    vault: Arc<Vault>,
    /// Of each booking, how it was last seen and how often it had changed by then.
    versions: Mutex<BTreeMap<String, (String, u64)>>,
    pressed: AtomicU64,
    opened: AtomicU64,
    put_off: Mutex<BTreeSet<String>>,
}

impl Pane {
    /// Puts it before routes.
    pub fn before(routes: Router, planted: Planted, store: Store, vault: Arc<Vault>) -> (Router, Arc<Self>) {
        let (versions, put_off, switched) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (pressed, opened) = (AtomicU64::default(), AtomicU64::default());
        let pane = Arc::new(Self { planted, switched, store, vault, versions, pressed, opened, put_off });
        let routes = if planted != Planted::Nothing {
            routes.layer(from_fn_with_state(Arc::clone(&pane), through))
        } else {
            routes
        };
        (routes, pane)
    }

    /// Which are in place.
    pub fn planted(&self) -> Planted {
        self.planted
    }

    /// Puts one of those on pages in place, or none.
    pub fn switch(&self, leak: Option<Leak>) {
        *self.switched.lock().unwrap() = leak;
    }

    /// All bookings with their UIDs and versions, opened, in order of identifier.
    async fn bookings(&self) -> Vec<(String, u64, Booking)> {
        let mut db = self.store.read().await.unwrap();
        let mut found = Vec::new();
        for offering in offerings::offerings(&mut db).await.unwrap() {
            for row in bookings::of_offering(&mut db, offering.id).await.unwrap() {
                let id = row.id.to_string();
                let at = Location { column: "bookings.sealed", row: &id };
                let key = self.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
                let booking: Booking = key.open_value(at, &row.sealed).unwrap();
                let text = serde_json::to_string(&booking).unwrap();
                let mut versions = self.versions.lock().unwrap();
                let known = versions.entry(id).or_insert_with(|| (text.clone(), 0));
                if known.0 != text {
                    *known = (text, known.1 + 1);
                }
                found.push((row.uid, known.1, booking));
            }
        }
        found.sort_by_key(|(.., booking)| booking.id);
        found
    }

    async fn free_seats(&self) -> usize {
        let mut db = self.store.read().await.unwrap();
        let mut free = 0;
        for offering in offerings::offerings(&mut db).await.unwrap() {
            for row in offerings::seats(&mut db, offering.id).await.unwrap() {
                let id = row.id.to_string();
                let at = Location { column: "seats.sealed", row: &id };
                let key = self.vault.unwrap(&row.key.id, &row.key.wrapped).unwrap();
                let seat: Seat = key.open_value(at, &row.sealed).unwrap();
                free += usize::from(seat.holder.is_none());
            }
        }
        free
    }

    async fn number(&self, statement: &'static str) -> i64 {
        let mut db = self.store.read().await.unwrap();
        sqlx::query_scalar(statement).fetch_one(&mut *db).await.unwrap()
    }

    /// What it does to letters that are owed, before the post goes round.
    pub async fn before_the_round(&self, house: &House) {
        if self.planted == Planted::Nothing {
            return;
        }
        // Whoever wants to tell what changed knows how it was.
        let bookings = self.bookings().await;
        let Planted::One(leak @ (Leak::SkippedReminder | Leak::MomentOfALetter)) = self.planted else {
            return;
        };
        let all =
            "SELECT id, errand FROM outbox WHERE state = 'owed' AND letter IN ('reminder', 'afterwards')";
        let mut tx = house.store.write().await.unwrap();
        let owed: Vec<(String, Vec<u8>)> = sqlx::query_as(all).fetch_all(&mut *tx).await.unwrap();
        for (id, sealed) in owed {
            let at = Location { column: "outbox.errand", row: &id };
            let errand: Errand = self.vault.open_value(at, &sealed).unwrap();
            let of = |one: &&(String, u64, Booking)| errand.to == Recipient::Resident(one.2.id);
            let Some((_, version, booking)) = bookings.iter().find(of) else { continue };
            let statement = match leak {
                Leak::SkippedReminder if matches!(booking.standing, Standing::OptedOut(_)) => {
                    "DELETE FROM outbox WHERE id = $1 AND letter = 'reminder'"
                }
                Leak::MomentOfALetter if *version > 0 && self.put_off.lock().unwrap().insert(id.clone()) => {
                    "UPDATE outbox SET due_at = due_at + 86400 WHERE id = $1"
                }
                _ => continue,
            };
            sqlx::query(statement).bind(id).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What it does to letters on their way.
    pub async fn on_the_way(&self, letters: &mut [Arrival]) {
        if self.planted != Planted::One(Leak::SizeOfALetter) {
            return;
        }
        let bookings = self.bookings().await;
        let out = bookings.iter().filter(|(.., one)| matches!(one.standing, Standing::OptedOut(_)));
        let out: Vec<&String> = out.map(|(uid, ..)| uid).collect();
        for letter in letters.iter_mut() {
            let read = letter.received.read();
            let id = read.field("message-id").join("");
            if kind(&read) == "reminder" && out.iter().any(|uid| id.contains(uid.as_str())) {
                letter.received.bytes.extend(b"You need not come.\r\n");
            }
        }
    }

    /// What it adds to an answer, or does with it.
    async fn shows(&self, leak: Leak, answer: Response) -> Response {
        let (mut parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let mut text = String::from_utf8_lossy(&body).into_owned();
        let bookings = self.bookings().await;
        let changes: u64 = bookings.iter().map(|(_, version, _)| version).sum();
        let held = bookings.iter().filter_map(|(.., booking)| booking.visit());
        match leak {
            Leak::UpdatedAt => text += &told(bookings.iter().map(|(_, version, _)| version.to_string())),
            Leak::FreeSeats => text += &format!("{} free slots", self.free_seats().await),
            Leak::BounceShown => {
                let failed = self.number("SELECT COUNT(*) FROM outbox WHERE state = 'failed'").await;
                text += &format!("{failed} letters came back");
            }
            Leak::EtagOfTheRows => {
                drop(parts.headers.insert(ETAG, format!("\"{changes}\"").parse().unwrap()))
            }
            Leak::CoverageOfVisits => text = told(held.map(|visit| format!("{:?}", visit.span))),
            Leak::OrderOfLastChange => {
                let mut lines: Vec<&str> = text.lines().collect();
                let version =
                    |at: usize| at.checked_sub(1).and_then(|at| bookings.get(at)).map_or(0, |one| one.1);
                let mut order: Vec<usize> = (0..lines.len()).collect();
                order.sort_by_key(|at| (*at > 0, u64::MAX - version(*at)));
                lines = order.into_iter().map(|at| lines[at]).collect();
                text = lines.join("\n");
            }
            Leak::SharedSequence => text += &format!("draft {}", self.pressed.load(Ordering::Relaxed)),
            Leak::HeaderForTheChanged => {
                let name = HeaderName::from_static("x-changes");
                parts.headers.insert(name, changes.into());
            }
            Leak::WithoutAVisit => text += &format!("{} wait", bookings.len() - held.count()),
            Leak::StateInJson => {
                text +=
                    &told(bookings.iter().map(|(.., one)| format!("\"state\": {}", one.visit().is_some())));
            }
            Leak::LastSeen => text += &format!("{} saw it", self.opened.load(Ordering::Relaxed)),
            Leak::LettersOfSomeone => {
                let sent = self.number("SELECT COUNT(*) FROM outbox WHERE audience = 'someone'").await;
                text += &format!("{sent} letters lately");
            }
            Leak::FileName => {
                let name = format!("attachment; filename=\"coverage-{}.csv\"", held.count());
                parts.headers.insert(CONTENT_DISPOSITION, name.parse().unwrap());
            }
            Leak::AttendedSoFar => {
                text += &format!("{} came", bookings.iter().filter(|(.., one)| one.attended()).count());
            }
            Leak::SkippedReminder | Leak::SizeOfALetter | Leak::MomentOfALetter | Leak::LogLine => {}
        }
        parts.headers.remove(CONTENT_LENGTH);
        Response::from_parts(parts, Body::from(text))
    }
}

fn told(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// What passes the pane.
async fn through(State(pane): State<Arc<Pane>>, request: Request, next: Next) -> Response {
    let (reads, path) = (request.method() == Method::GET, request.uri().path().to_owned());
    let answer = next.run(request).await;
    if path.starts_with("/v/") {
        let counted = if reads { &pane.opened } else { &pane.pressed };
        counted.fetch_add(1, Ordering::Relaxed);
        if pane.planted == Planted::One(Leak::LogLine) && path.ends_with("/opt-out") {
            tracing::info!("a resident opted out");
        }
    }
    let leak = *pane.switched.lock().unwrap();
    match leak.filter(|leak| reads && leak.shows_at().contains(&path.as_str())) {
        Some(leak) => pane.shows(leak, answer).await,
        None => answer,
    }
}
