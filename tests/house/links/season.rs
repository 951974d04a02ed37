//! A season that was booked, with its pages served on a port of its own. Never asserts anything about them.

use std::path::Path;
use std::sync::Arc;

use holdspace::clock::HandSetClock;
use holdspace::desk::Desk;
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::errand::{Opened, Parcel};
use holdspace::desk::protect::Format;
use holdspace::domain::id::{InstitutionId, StaffId};
use holdspace::domain::identity::Identity;
use holdspace::domain::letter::Letter;
use holdspace::domain::offering::Rules;
use holdspace::domain::plan::Weights;
use holdspace::domain::protection::Mapping;
use holdspace::domain::staff::Role;
use holdspace::domain::table::Table;
use holdspace::entropy::{Entropy, SeededEntropy};
use holdspace::storage::{Store, bookings, outbox, places, staff};
use holdspace::vault::{Location, MasterKey, Vault};
use holdspace::web::{self, WebState};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use tokio::sync::OnceCell;

use crate::harness::engines::TestDatabase;

/// A month before the sample season.
const NOW: &str = "2027-06-01T15:00:00Z";
/// The director's address.
pub const DIRECTOR: &str = "director@example.edu";

/// A season with its server.
pub struct Season {
    pub desk: Desk,
    pub clock: Arc<HandSetClock>,
    pub url: String,
    /// Follows no redirect and keeps no cookie, unless a test says so.
    pub client: Client,
    store: Store,
    _db: TestDatabase,
}

/// What a browser got.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The secret address that an agenda shows.
    pub fn feed_address(&self) -> String {
        self.text.split("readonly value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// The values of all radio buttons of a name.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let marker = format!("name=\"{name}\" value=\"");
        let values = self.text.split(&marker).skip(1);
        values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }
}

fn demo(name: &str) -> Vec<Table> {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)).unwrap();
    holdspace::intake::read(&bytes, name).unwrap()
}

fn rules() -> Rules {
    Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: "2027-07-05".parse().unwrap(),
        until: "2027-09-24".parse().unwrap(),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48],
        announce_days: None,
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    }
}

async fn furnish(desk: &Desk) {
    desk.import_programs(&demo("programs.csv"), false).await.unwrap();
    desk.import_sites(&demo("sites.csv"), false).await.unwrap();
    desk.import_therapists(&demo("therapists.csv"), false).await.unwrap();
    desk.import_availability(&demo("availability.csv"), false).await.unwrap();
    desk.import_roster(&demo("roster.csv"), &RosterOptions::default()).await.unwrap();
    let protected = demo("protected_time.csv");
    desk.import_protection(&protected, Format::Csv, &Mapping::default(), false).await.unwrap();
}

/// The database and its store of keys.
const FILES: [&str; 2] = ["holdspace.db", "holdspace.keys.db"];

/// Booking takes longest, so it is done once: every season begins as a copy of these files.
static BOOKED: OnceCell<[Vec<u8>; 2]> = OnceCell::const_new();

/// A desk over a database. Desks of one database draw from different streams, or they would draw the same names.
async fn desk(db: &TestDatabase, url: &str, stream: u64) -> (Desk, Store, Arc<HandSetClock>) {
    let store = Store::open(db.url()).await.unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(stream));
    let clock = Arc::new(HandSetClock::at(NOW.parse().unwrap()));
    let vault = vault(Arc::clone(&entropy));
    (Desk::new(store.clone(), vault, Arc::clone(&clock) as _, entropy, url), store, clock)
}

fn vault(entropy: Arc<dyn Entropy>) -> Arc<Vault> {
    Arc::new(Vault::new(&MasterKey::from_hex(&"07".repeat(32)).unwrap(), entropy))
}

/// The bytes of a database, and of its store of keys, in which the sample season is booked.
async fn booked() -> [Vec<u8>; 2] {
    let db = TestDatabase::sqlite();
    let (desk, store, _) = desk(&db, "http://127.0.0.1", 1).await;
    store.migrate().await.unwrap();
    install(&store).await;
    furnish(&desk).await;
    desk.create_offering(rules()).await.unwrap();
    desk.book(None).await.unwrap();
    desk.refresh_offers().await.unwrap();
    store.truncate_log().await.unwrap();
    store.close().await;
    FILES.map(|name| std::fs::read(db.directory().unwrap().join(name)).unwrap())
}

/// One institution with its director.
async fn install(store: &Store) {
    let vault = vault(Arc::new(SeededEntropy::new(3)));
    let institution = InstitutionId::from_bytes([7; 16]);
    let identity = Identity::new("Dana", "Director", DIRECTOR.parse().unwrap());
    let key = vault.address_key(identity.address());
    let dana = StaffId::from_bytes([9; 16]);
    let row = dana.to_string();
    let sealed = vault.seal(Location { column: "staff.sealed", row: &row }, &identity.to_plain());
    let mut tx = store.write().await.unwrap();
    places::add_institution(&mut tx, institution, "Example Health").await.unwrap();
    staff::add(&mut tx, institution, dana, &key, sealed.unwrap()).await.unwrap();
    staff::grant(&mut tx, dana, Role::Director, "2027-06-01T15:00:00Z".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

impl Season {
    /// The sample season, booked, with offers for moves, behind a server on a port of its own.
    pub async fn open(db: TestDatabase) -> Self {
        Self::known_as(db, None).await
    }

    /// The same, where letters and cookies believe in another public address than the one that is listened on.
    pub async fn known_as(db: TestDatabase, public_url: Option<&str>) -> Self {
        let folder = db.directory().expect("a season lies in files");
        for (name, bytes) in FILES.into_iter().zip(BOOKED.get_or_init(booked).await) {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (desk, store, clock) = desk(&db, public_url.unwrap_or(&url), 2).await;
        let router = web::router(WebState::new(desk.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { desk, clock, url, client, store, _db: db }
    }

    /// Every letter that is due, opened and done with.
    pub async fn mail(&self) -> Vec<Parcel> {
        let now = self.desk.now();
        let mut tx = self.store.write().await.unwrap();
        let mut leased = Vec::new();
        for audience in outbox::Audience::ALL {
            let until = now + chrono::Duration::minutes(5);
            leased.extend(outbox::lease(&mut tx, audience, now, until, 1000).await.unwrap());
        }
        for letter in &leased {
            outbox::sent(&mut tx, &[letter.id]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut parcels = Vec::new();
        for letter in leased {
            if let Opened::Send(parcel) = self.desk.open_letter(&letter).await.unwrap() {
                parcels.push(*parcel);
            }
        }
        parcels
    }

    /// The links of residents who hold a visit, one each.
    pub async fn residents(&self) -> Vec<String> {
        let mail = self.mail().await;
        let invitations = mail.iter().filter(|parcel| parcel.errand.letter == Letter::Invitation);
        invitations.map(|parcel| parcel.link.to_string()).collect()
    }

    /// The cookie of somebody who came in by the link in their mail.
    pub async fn signs_in(&self, address: &str) -> String {
        self.post(&format!("{}/sign-in", self.url), &[("address", address)]).await;
        let mail = self.mail().await;
        let letter = mail.iter().find(|parcel| parcel.errand.letter == Letter::SignIn).expect("a letter");
        let page = self.post(&letter.link, &[("mine", "yes")]).await;
        page.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub async fn get(&self, url: &str) -> Page {
        Page::of(self.client.get(url).send().await.unwrap()).await
    }

    /// Sends a form as a browser does from our own page.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.client.post(url).header("sec-fetch-site", "same-origin").form(fields)).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Page {
        Page::of(request.send().await.unwrap()).await
    }

    /// The page of somebody who is signed in.
    pub async fn get_as(&self, cookie: &str, path: &str) -> Page {
        self.send(self.client.get(format!("{}{path}", self.url)).header("cookie", cookie)).await
    }

    pub async fn post_as(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.client.post(format!("{}{path}", self.url)).header("cookie", cookie);
        self.send(request.header("sec-fetch-site", "same-origin").form(fields)).await
    }

    /// Every booking's sealed bytes: the same bytes mean that nothing was written.
    pub async fn bookings(&self) -> Vec<Vec<u8>> {
        let mut db = self.store.read().await.unwrap();
        let offering = self.desk.offerings(&mut db).await.unwrap().pop().unwrap();
        bookings::of_offering(&mut db, offering.id())
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.sealed)
            .collect()
    }
}
