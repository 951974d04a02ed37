//! The house under test: a real server on a port of its own, a database of its own, a clock set by hand, seeded
//! entropy, and a mail server that keeps what it is sent. Never reaches into the product's rooms for an answer that a
//! page or a letter gives.

use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as StdDuration;

use axum::Router;
use chrono::Duration;
use holdspace::clock::{Clock, HandSetClock};
use holdspace::desk::Desk;
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::offering::Created;
use holdspace::desk::protect::Format;
use holdspace::desk::season::Booked;
use holdspace::domain::offering::Rules;
use holdspace::domain::pace::Shares;
use holdspace::domain::plan::Weights;
use holdspace::domain::protection::Mapping;
use holdspace::domain::time::Instant;
use holdspace::entropy::{Entropy, SeededEntropy};
use holdspace::jobs::post::{Delivered, Pace, PostOffice};
use holdspace::jobs::rounds;
use holdspace::jobs::writing::Writer;
use holdspace::mail::compose::Sender;
use holdspace::mail::smtp::Limits;
use holdspace::mail::template::Templates;
use holdspace::mail::transport::Transport;
use holdspace::storage::Store;
use holdspace::vault::{KeyRing, MasterKey, Vault};
use holdspace::web::metrics::{self, Watched};
use holdspace::web::{WebState, router};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::engines::TestDatabase;
use super::person::{Director, Resident, Therapist};
use super::smtp::{Received, SmtpSink};
use super::town::{Town, tables};

/// Where links in letters lead; [`House::get`] takes them to the port of this house.
pub const PUBLIC_URL: &str = "https://holdspace.example.org";
/// Who is the first director.
pub const DIRECTOR: &str = "director@gme.example.edu";

/// Seeded randomness that can be turned to another seed, so that two worlds draw alike from there on, and that can
/// kill whoever draws: a crash at a place that is the same in every run.
#[derive(Debug)]
pub struct Dice {
    stream: Mutex<SeededEntropy>,
    /// What sealing draws, apart from the rest: so that sealing one thing more makes no other lottery.
    sealing: Mutex<SeededEntropy>,
    left: Mutex<Option<u32>>,
}

/// The vault's part of them.
struct SealingDice(Arc<Dice>);

impl Entropy for SealingDice {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.one_less();
        held(&self.0.sealing).fill(buffer);
    }
}

impl Dice {
    /// The two streams of a seed.
    pub fn of(seed: u64) -> Self {
        let stream = |seed| Mutex::new(SeededEntropy::new(seed));
        Self { stream: stream(seed), sealing: stream(!seed), left: Mutex::default() }
    }

    /// A vault that draws from the second of them.
    pub fn vault(self: &Arc<Self>, keys: &KeyRing) -> Vault {
        Vault::of(keys, Arc::new(SealingDice(Arc::clone(self))))
    }

    /// Draws from the stream of `seed` from now on.
    pub fn turn_to(&self, seed: u64) {
        *held(&self.stream) = SeededEntropy::new(seed);
        *held(&self.sealing) = SeededEntropy::new(!seed);
    }

    /// Lets so many draws pass and panics at every later one; none for no end.
    pub fn die_after(&self, draws: Option<u32>) {
        *held(&self.left) = draws;
    }

    fn one_less(&self) {
        if let Some(left) = held(&self.left).as_mut() {
            // Without the words that a panic prints: thousands of crashes are wanted.
            *left =
                left.checked_sub(1).unwrap_or_else(|| resume_unwind(Box::new("the test wants a crash here")));
        }
    }

    /// How many draws are left of those that [`Dice::die_after`] allowed.
    pub fn left(&self) -> Option<u32> {
        *held(&self.left)
    }
}

impl Entropy for Dice {
    fn fill(&self, buffer: &mut [u8]) {
        self.one_less();
        held(&self.stream).fill(buffer);
    }
}

/// What a mutex holds, even after a crash that a test asked for.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A letter with the moment at which it came, by the house's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Instant,
    /// What.
    pub received: Received,
}

/// The house.
pub struct House {
    /// The desk that all doors share.
    pub desk: Desk,
    /// Its database.
    pub store: Store,
    /// What opens sealed rows, for tests that look at what is at rest.
    pub vault: Arc<Vault>,
    /// Its key file, which it reads again when it meets a key that it does not know.
    pub keys: Arc<Mutex<KeyRing>>,
    /// Its clock.
    pub clock: Arc<HandSetClock>,
    /// Its randomness.
    pub dice: Arc<Dice>,
    /// The mail server.
    pub sink: SmtpSink,
    /// The post.
    pub post: PostOffice,
    /// The files of the season.
    pub town: Town,
    director_link: String,
    browser: reqwest::Client,
    address: SocketAddr,
    serving: JoinHandle<()>,
    arrivals: Mutex<Vec<Arrival>>,
}

impl House {
    /// A house with an institution and a director, and nothing else, on the first of June 2027.
    pub async fn on(db: &TestDatabase) -> Self {
        Self::with_seed(db, 1).await
    }

    /// The same with another seed of its randomness.
    pub async fn with_seed(db: &TestDatabase, seed: u64) -> Self {
        Self::seen_through(db, seed, |routes, _, _| routes).await
    }

    /// The same with something between the service and whoever looks at it, which may open what is sealed.
    pub async fn seen_through(
        db: &TestDatabase,
        seed: u64,
        pane: impl FnOnce(Router, &Store, &Arc<Vault>) -> Router,
    ) -> Self {
        let store = Store::open(db.url()).await.unwrap();
        store.migrate().await.unwrap();
        let dice = Arc::new(Dice::of(seed));
        let entropy = Arc::clone(&dice) as Arc<dyn Entropy>;
        let keys = Arc::new(Mutex::new(KeyRing::of(MasterKey::draw(&*entropy))));
        let vault = dice.vault(&held(&keys));
        let file = Arc::clone(&keys);
        let vault = Arc::new(vault.reading(Box::new(move || Some(held(&file).clone()))));
        let clock = Arc::new(HandSetClock::at("2027-06-01T12:00:00Z".parse().unwrap()));
        let watch = Arc::clone(&clock) as Arc<dyn Clock>;
        let desk = Desk::new(store.clone(), Arc::clone(&vault), watch, entropy, PUBLIC_URL);
        let entrance = desk.found("Example Health", &DIRECTOR.parse().unwrap()).await.unwrap();
        let sink = SmtpSink::start().await;
        let post = post_office(desk.clone(), &sink, Templates::embedded().unwrap());
        let routes =
            pane(router(WebState::new(desk.clone()).with_pace(Some(Shares::of(30)))), &store, &vault);
        let (address, serving) = serve(routes).await;
        Self {
            desk,
            store,
            vault,
            keys,
            clock,
            dice,
            sink,
            post,
            town: Town::small(),
            director_link: entrance.reveal_link().to_owned(),
            browser: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            address,
            serving,
            arrivals: Mutex::default(),
        }
    }

    /// The clock's time.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Imports the files of the small town.
    pub async fn imports_the_sample_files(&self) {
        self.imports(&self.town).await;
    }

    /// Imports the files of a town; no line of them is refused.
    pub async fn imports(&self, town: &Town) {
        let desk = &self.desk;
        for refused in [
            desk.import_programs(&tables(&town.programs), false).await.unwrap().refused,
            desk.import_sites(&tables(&town.sites), false).await.unwrap().refused,
            desk.import_therapists(&tables(&town.therapists), false).await.unwrap().refused,
            desk.import_availability(&tables(&town.availability), false).await.unwrap().refused,
            desk.import_roster(&tables(&town.roster), &RosterOptions::default()).await.unwrap().refused,
            desk.import_protection(&tables(&town.protected), Format::Csv, &Mapping::default(), false)
                .await
                .unwrap()
                .refused,
        ] {
            assert_eq!(refused, []);
        }
    }

    /// Makes the small town's offering: two weeks of July.
    pub async fn opens_an_offering(&self) -> Created {
        self.opens(fortnight()).await
    }

    /// Makes an offering of these rules.
    pub async fn opens(&self, rules: Rules) -> Created {
        self.desk.create_offering(rules).await.unwrap()
    }

    /// Books the only offering.
    pub async fn books(&self) -> Booked {
        self.desk.book(None).await.unwrap()
    }

    /// Imports the small town, opens its offering, books everybody, and stays until the invitations are out.
    pub async fn has_invited_everybody(&self) {
        self.has_invited_everybody_by(fortnight()).await;
    }

    /// The same for an offering of other rules.
    pub async fn has_invited_everybody_by(&self, rules: Rules) {
        self.imports_the_sample_files().await;
        self.opens(rules).await;
        let booked = self.books().await;
        assert_eq!((booked.booked, booked.waiting), (self.town.people().len(), 0));
        self.post_goes().await;
        self.sleeps(5).await;
    }

    /// Sends what is due, and notes what came.
    pub async fn post_goes(&self) -> Delivered {
        let delivered = self.post.deliver(&|_| {}).await.unwrap();
        self.note_arrivals();
        delivered
    }

    /// The post of another process of this house, with a desk of its own.
    pub fn another_office(&self, desk: Desk) -> PostOffice {
        post_office(desk, &self.sink, Templates::embedded().unwrap())
    }

    /// Goes one round, as a server does by itself, and notes what came.
    pub async fn round(&self) -> rounds::Round {
        let round = rounds::round(&self.post).await.unwrap();
        self.note_arrivals();
        round
    }

    /// Lets hours pass, with a round in each.
    pub async fn hours_pass(&self, hours: u32) {
        for _ in 0..hours {
            self.clock.advance(Duration::hours(1));
            self.round().await;
        }
    }

    /// Lets days pass, with a round every hour.
    pub async fn days_pass(&self, days: u32) {
        self.hours_pass(24 * days).await;
    }

    /// Lets hours pass with a round after every four of them, for walks in which the very hour does not matter.
    pub async fn hours_fly(&self, hours: u32) {
        for _ in 0..hours.div_ceil(4) {
            self.clock.advance(Duration::hours(4));
            self.round().await;
        }
    }

    /// Sets the clock forward by days and goes one round, as a server does that was off meanwhile.
    pub async fn sleeps(&self, days: i64) -> rounds::Round {
        self.clock.advance(Duration::days(days));
        self.round().await
    }

    /// Time passes as it does under a server that runs, so that nothing is too late when its moment comes.
    pub async fn it_passes_until(&self, moment: &str) {
        let until = moment.parse().unwrap();
        while self.clock.now() < until {
            self.clock.advance((until - self.clock.now()).min(Duration::hours(12)));
            self.round().await;
        }
    }

    /// Sets the clock and goes one round.
    pub async fn it_becomes(&self, moment: &str) -> rounds::Round {
        self.clock.set(moment.parse().unwrap());
        self.round().await
    }

    fn note_arrivals(&self) {
        let mut arrivals = self.arrivals.lock().unwrap();
        let seen = arrivals.len();
        let at = self.now();
        arrivals.extend(self.sink.received().into_iter().skip(seen).map(|received| Arrival { at, received }));
    }

    /// Every letter so far with its moment, in order of moment, recipient and bytes: connections race.
    pub fn arrivals(&self) -> Vec<Arrival> {
        let mut arrivals = self.arrivals.lock().unwrap().clone();
        arrivals.sort_by(|a, b| {
            (a.at, &a.received.to, &a.received.bytes).cmp(&(b.at, &b.received.to, &b.received.bytes))
        });
        arrivals
    }

    /// A person on the roster.
    pub fn resident(&self, address: &str) -> Resident<'_> {
        Resident::at(self, address)
    }

    /// Residents to whom times are offered, whoever the lottery made that, with the seats; in order of the roster.
    pub async fn who_are_offered(&self) -> Vec<(Resident<'_>, Vec<String>)> {
        let mut offered = Vec::new();
        for person in self.town.people() {
            let resident = self.resident(&person.address);
            // Who has no seat has no link yet.
            if resident.kinds().iter().any(|kind| kind == "invitation") {
                offered.push((resident, Vec::new()));
            }
        }
        for (resident, seats) in &mut offered {
            *seats = resident.is_offered().await;
        }
        offered.retain(|(_, seats)| !seats.is_empty());
        offered
    }

    /// The first of those.
    pub async fn somebody_offered(&self) -> Resident<'_> {
        self.who_are_offered().await.into_iter().next().expect("nobody is offered a time").0
    }

    /// A therapist.
    pub fn therapist(&self, address: &str) -> Therapist<'_> {
        Therapist::at(self, address)
    }

    /// The first director, signed in by the link that founding gave.
    pub async fn director(&self) -> Director<'_> {
        Director::enter(self, &self.director_link).await
    }

    /// The first director, let in anew by whoever has the key file.
    pub async fn director_again(&self) -> Director<'_> {
        let entrance = self.desk.director_entrance(&DIRECTOR.parse().unwrap(), false).await.unwrap();
        Director::enter(self, entrance.reveal_link()).await
    }

    /// What a monitoring system is told.
    pub async fn metrics(&self) -> String {
        let (_told, stopping) = watch::channel(false);
        let watched = Watched { desk: self.desk.clone(), stopping, logged: || [0, 0] };
        let (address, serving) = serve(metrics::router(watched)).await;
        let asked = self.browser.get(format!("http://{address}/metrics")).send().await.unwrap();
        let text = asked.text().await.unwrap();
        serving.abort();
        text
    }

    /// Where the house is served, for a browser.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request to the path of a link of this house.
    pub fn request(&self, method: reqwest::Method, link: &str) -> reqwest::RequestBuilder {
        let path = link.strip_prefix(PUBLIC_URL).unwrap_or(link);
        assert!(path.starts_with('/'), "this link leads out of the house: {link}");
        self.browser.request(method, format!("http://{}{path}", self.address))
    }

    /// Opens a page.
    pub async fn get(&self, link: &str) -> Page {
        Page::of(self.request(reqwest::Method::GET, link)).await
    }

    /// Sends a form.
    pub async fn form(&self, link: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(self.request(reqwest::Method::POST, link).form(fields)).await
    }

    /// The coverage of a program in both forms, as its coordinator exports it.
    pub async fn coverage(&self, program: &str) -> [String; 2] {
        let coverage = self.desk.coverage(program).await.unwrap();
        [coverage.csv().unwrap(), coverage.ics()]
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The status code.
    pub status: u16,
    /// The headers without `date`, in order of name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Page {
    /// Sends a request and reads the answer to its end.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let named = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap_or_default().to_owned())
        };
        let mut headers: Vec<_> =
            response.headers().iter().map(named).filter(|(name, _)| name != "date").collect();
        headers.sort();
        Self { status: response.status().as_u16(), headers, body: response.text().await.unwrap() }
    }

    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    /// The value of every field `name` of the page's forms, in order.
    pub fn values(&self, name: &str) -> Vec<String> {
        let before = format!("name=\"{name}\" value=\"");
        let parts = self.body.split(&before).skip(1);
        parts.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    }
}

/// Two weeks of visits of fifty minutes, reminded two days before.
pub fn fortnight() -> Rules {
    Rules {
        title: "Protected time".to_owned(),
        visit_minutes: 50,
        buffer_minutes: 10,
        from: "2027-07-05".parse().unwrap(),
        until: "2027-07-16".parse().unwrap(),
        notice_hours: 24,
        reserve_percent: 15,
        reminder_hours: vec![48],
        announce_days: Some(5),
        release_on: None,
        epsilon_millis: 1000,
        survey: true,
        breakdowns: false,
        weights: Weights::default(),
    }
}

/// The post as a server has it, but for its patience: a relay that hangs must not hang a test.
pub fn post_office(desk: Desk, sink: &SmtpSink, templates: Templates) -> PostOffice {
    let patience = StdDuration::from_millis(1500);
    let limits =
        Limits { connect: patience, greeting: patience, command: patience, data: patience, letter: patience };
    PostOffice {
        writer: Arc::new(Writer {
            templates,
            sender: Sender {
                name: "Protected time".to_owned(),
                address: "office@holdspace.example.org".parse().unwrap(),
            },
            signing: None,
            office: "The GME office of Example Health".to_owned(),
            contact: "gme@example.edu".to_owned(),
        }),
        desk,
        transport: Transport::open(&sink.url().parse().unwrap(), limits).unwrap(),
        bounces: None,
        pace: Pace { per_minute: None, connections: 4 },
    }
}

async fn serve(routes: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() }))
}
