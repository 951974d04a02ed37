//! A season from its files to the last letter, through the library as the command line uses it, each stage timed.
//! Never skips a part to look better: every commit is as durable as in service.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Context, ensure};
use holdspace::clock::{Clock, SystemClock};
use holdspace::desk::Desk;
use holdspace::desk::admit::RosterOptions;
use holdspace::desk::errand::Opened;
use holdspace::desk::protect::Format;
use holdspace::domain::letter::Letter;
use holdspace::domain::protection::Mapping;
use holdspace::domain::table::Table;
use holdspace::entropy::{Entropy, SeededEntropy};
use holdspace::jobs::post::{Pace, PostOffice};
use holdspace::jobs::writing::Writer;
use holdspace::mail::compose::Sender;
use holdspace::mail::signature::Signing;
use holdspace::mail::smtp::Limits;
use holdspace::mail::template::Templates;
use holdspace::mail::transport::Transport;
use holdspace::storage::{Store, outbox};
use holdspace::vault::{MasterKey, Vault};

use crate::made::{self, Size};

/// The key of every measured installation.
pub const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// An installation with its season.
pub struct Season {
    pub store: Store,
    pub desk: Desk,
    /// How many residents have a seat; none before planning.
    pub placed: usize,
    size: Size,
}

impl Season {
    /// An installation without anybody in it.
    pub async fn found(database: &str, size: Size) -> anyhow::Result<Self> {
        let store = Store::open(database).await?;
        store.migrate().await?;
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(size.residents as u64));
        let vault = Arc::new(Vault::new(&MasterKey::from_hex(KEY)?, Arc::clone(&entropy)));
        let desk =
            Desk::new(store.clone(), vault, Arc::new(SystemClock), entropy, "https://holdspace.example.org");
        desk.found("Example Health", &"director@example.edu".parse()?).await?;
        Ok(Self { store, desk, placed: 0, size })
    }

    /// Imports every file and makes the offering.
    pub async fn import(&self) -> anyhow::Result<Duration> {
        let from = made::first_day(SystemClock.now());
        let files = made::files(self.size, from)?;
        let read = |text: &str| -> anyhow::Result<Vec<Table>> {
            Ok(holdspace::intake::read(text.as_bytes(), "season.csv")?)
        };
        let watch = Stopwatch::now();
        self.desk.import_programs(&read(&files.programs)?, false).await?;
        self.desk.import_sites(&read(&files.sites)?, false).await?;
        self.desk.import_therapists(&read(&files.therapists)?, false).await?;
        self.desk.import_availability(&read(&files.availability)?, false).await?;
        let roster = self.desk.import_roster(&read(&files.roster)?, &RosterOptions::default()).await?;
        let protected = read(&files.protected)?;
        let protected =
            self.desk.import_protection(&protected, Format::Csv, &Mapping::default(), false).await?;
        self.desk.create_offering(made::rules(from)).await?;
        let took = watch.elapsed();
        ensure!(roster.refused.is_empty() && protected.refused.is_empty(), "a made-up file was refused");
        Ok(took)
    }

    /// Asks for the plan, reasons included.
    pub async fn plan(&mut self) -> anyhow::Result<Duration> {
        let watch = Stopwatch::now();
        let plan = self.desk.plan(None, None).await?;
        let took = watch.elapsed();
        ensure!(
            plan.placed + plan.unplaced.len() == self.size.residents,
            "a resident is missing in the plan"
        );
        self.placed = plan.placed;
        Ok(took)
    }

    /// Books it.
    pub async fn book(&self) -> anyhow::Result<Duration> {
        let watch = Stopwatch::now();
        let booked = self.desk.book(None).await?;
        let took = watch.elapsed();
        ensure!(booked.booked == self.placed, "what was booked is not what was planned");
        Ok(took)
    }

    /// How many letters are due at once: the invitations, and a welcome for every therapist.
    pub const fn letters(&self) -> usize {
        self.placed + self.size.therapists
    }

    /// Sends what is due over so many connections.
    pub async fn deliver(&self, sink: std::net::SocketAddr, connections: u32) -> anyhow::Result<Duration> {
        self.deliver_signed(sink, connections, None).await
    }

    /// The same, signed.
    pub async fn deliver_signed(
        &self,
        sink: std::net::SocketAddr,
        connections: u32,
        signing: Option<Signing>,
    ) -> anyhow::Result<Duration> {
        let post = PostOffice {
            writer: Arc::new(Writer {
                templates: Templates::embedded()?,
                sender: Sender { name: "Holdspace".to_owned(), address: "holdspace@example.org".parse()? },
                signing,
                office: "the Wellness Office".to_owned(),
                contact: "wellness@example.org".to_owned(),
            }),
            desk: self.desk.clone(),
            transport: Transport::open(&format!("smtp://{sink}").parse()?, Limits::default())?,
            bounces: None,
            pace: Pace { per_minute: None, connections },
        };
        let watch = Stopwatch::now();
        // As the rounds of the service do: by the threads that hear of sockets.
        let delivered = tokio::spawn(async move { post.deliver(&|_| {}).await }).await??;
        let took = watch.elapsed();
        // Therapists are welcomed once.
        let all = [self.letters(), self.placed].contains(&delivered.sent);
        ensure!(all && delivered.waiting == 0, "of {} letters {delivered:?}", self.letters());
        Ok(took)
    }

    /// Owes every letter again that residents got, so that it can be sent another way. A therapist's welcome goes its own way,
    /// over one connection that waits for each mark, and would be all that is measured.
    pub async fn owe_again(&self) -> anyhow::Result<()> {
        let mut tx = self.store.write().await?;
        let again = "UPDATE outbox SET state = 'owed', attempts = 0, tried_at = 0 \
            WHERE state = 'sent' AND audience = 'everyone'";
        sqlx::query(again).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The paths of residents' pages, read off letters that are due and stay so.
    pub async fn pages(&self) -> anyhow::Result<Vec<String>> {
        let now = self.desk.now();
        let limit = i64::try_from(self.letters())?;
        let mut tx = self.store.write().await?;
        let due = outbox::lease(
            &mut tx,
            outbox::Audience::Everyone,
            now,
            now + chrono::Duration::minutes(5),
            limit,
        )
        .await?;
        tx.rollback().await?;
        let mut pages = Vec::new();
        for letter in due {
            let Opened::Send(parcel) = self.desk.open_letter(&letter).await? else { continue };
            if parcel.errand.letter == Letter::Invitation {
                let at = parcel.link.find("/v/").context("an invitation leads to a resident's page")?;
                pages.push(parcel.link[at..].to_owned());
            }
        }
        Ok(pages)
    }
}
