//! Busy time that therapists publish elsewhere: which calendars are read, what a reading found, and when one is too old to
//! book anybody by. Never asks anybody over the network, never keeps what an event is about, and never moves a visit.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::busy::BusySource;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::busy::{self, Busy};
use crate::domain::id::{BusyCalendarId, TherapistId};
use crate::domain::published::{self, Account, CALENDARS_MAX, Published, Refusal};
use crate::domain::table::Table;
use crate::domain::time::{Instant, Span};
use crate::storage::busy_calendars::{self, BusyCalendarRow};
use crate::storage::{self, Db, therapists};
use crate::vault::Location;

/// Bytes of a sealed calendar: three entries of the greatest length, with what JSON adds.
const CALENDAR_BYTES: usize = 4096;
/// So many are asked in one round.
const DUE_MAX: i64 = 40;
/// Whoever asks has so long before somebody else may, in minutes.
const CLAIM_MINUTES: i64 = 10;
/// One that says it is unchanged is read whole again after so many days: recurrences reach further by then.
const WHOLE_DAYS: i64 = 7;
/// Longest version that is kept.
const VERSION_MAX: usize = 200;

/// A calendar as its owner sees it. Holds of its address only the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCalendar {
    /// Identifier.
    pub id: BusyCalendarId,
    /// The host that it is asked of.
    pub host: String,
    /// When it was last read.
    pub read_at: Option<Instant>,
    /// Why it could not be read the last time; empty where it was.
    pub trouble: String,
    /// Events that could not be read.
    pub refused: u32,
    /// Stretches of busy time that it tells.
    pub spans: usize,
    /// Whether it is too old to book anybody by.
    pub stale: bool,
}

/// A calendar to be asked now. Holds secrets: cannot be printed.
pub struct Due {
    /// Identifier.
    pub id: BusyCalendarId,
    /// Where it is.
    pub published: Published,
    /// The version that is known here; empty where it is to be read whole.
    pub version: String,
}

/// What asking came to.
pub enum Found {
    /// Nothing new since the version that was known.
    Unchanged,
    /// Its events, one table each.
    Whole {
        /// The events.
        events: Vec<Table>,
        /// Their version; empty for none.
        version: String,
    },
    /// It could not be read, in words.
    Trouble(String),
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    address: String,
    account: Option<(String, String)>,
}

impl Desk {
    /// A therapist's own calendars elsewhere.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn own_calendars(&self, session: &Session) -> Result<Vec<OwnCalendar>> {
        let therapist = session.therapist()?;
        let mut db = self.store.read().await?;
        let mut own = Vec::new();
        for row in busy_calendars::of_therapist(&mut db, therapist).await? {
            let spans = self.busy_from(&mut db, therapist, &BusySource::Fetched(row.id)).await?.len();
            own.push(self.shown(&row, spans)?);
        }
        Ok(own)
    }

    fn shown(&self, row: &BusyCalendarRow, spans: usize) -> Result<OwnCalendar> {
        let address = self.open_calendar(row)?.address;
        let host = address.trim_start_matches("https://").split(['/', '?', '#']).next().unwrap_or_default();
        Ok(OwnCalendar {
            id: row.id,
            host: host.to_owned(),
            read_at: row.read_at,
            trouble: row.trouble.clone(),
            refused: row.refused,
            spans,
            stale: published::is_stale(row.read_at, row.added_at, self.now()),
        })
    }

    /// Has a calendar read from now on. Typed twice, it is there once.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist; [`Error::Published`] for an entry that cannot be taken.
    pub async fn add_calendar(
        &self,
        session: &Session,
        address: &str,
        user: &str,
        password: &str,
    ) -> Result<()> {
        let therapist = session.therapist()?;
        let published = Published::typed(address, user, password)?;
        let mut tx = self.store.write().await?;
        let known = busy_calendars::of_therapist(&mut tx, therapist).await?;
        for row in &known {
            if self.open_calendar(row)? == published {
                return Ok(());
            }
        }
        if known.len() >= CALENDARS_MAX {
            return Err(Refusal::Enough.into());
        }
        let id = BusyCalendarId::from_bytes(self.draw());
        let account = published.account.map(|Account { user, password }| (user, password));
        let sealed = Sealed { address: published.address, account };
        let (text, column) = (id.to_string(), "busy_calendars.sealed");
        let sealed = self.vault.seal_at_size(Location { column, row: &text }, &sealed, CALENDAR_BYTES)?;
        busy_calendars::add(&mut tx, id, therapist, sealed, self.now()).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// Forgets a calendar and what it told. One that there is not, or somebody else's, is forgotten already.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn remove_calendar(&self, session: &Session, id: BusyCalendarId) -> Result<()> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        if busy_calendars::forget(&mut tx, therapist, id).await? {
            let source = BusySource::Fetched(id);
            self.replace_busy_from(&mut tx, therapist, &source, BTreeSet::new()).await?;
            tx.commit().await.map_err(storage::Error::from)?;
        }
        Ok(())
    }

    /// Has a calendar asked in the next round, instead of at its hour.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its owner.
    pub async fn read_calendar_soon(&self, session: &Session, id: BusyCalendarId) -> Result<()> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        let row = busy_calendars::one(&mut tx, id).await?.filter(|row| row.therapist == therapist);
        let row = row.ok_or(Error::Link)?;
        busy_calendars::claim(&mut tx, id, row.due_at, self.now()).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// Takes the calendars that are due, so that nobody else asks them at the same moment.
    ///
    /// # Errors
    /// Those of loading and saving.
    pub async fn calendars_due(&self) -> Result<Vec<Due>> {
        let now = self.now();
        if busy_calendars::due(&mut *self.store.read().await?, now, 1).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.write().await?;
        let mut due = Vec::new();
        for row in busy_calendars::due(&mut tx, now, DUE_MAX).await? {
            let next = now + Duration::minutes(CLAIM_MINUTES);
            if busy_calendars::claim(&mut tx, row.id, row.due_at, next).await? {
                let known = now - row.whole_at < Duration::days(WHOLE_DAYS);
                let version = if known { row.version.clone() } else { String::new() };
                due.push(Due { id: row.id, published: self.open_calendar(&row)?, version });
            }
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(due)
    }

    /// Writes down what asking came to. What could not be read leaves the last good copy as it is.
    ///
    /// # Errors
    /// Those of loading and saving; then it is asked again after its claim.
    pub async fn calendar_asked(&self, id: BusyCalendarId, found: Found) -> Result<()> {
        let mut tx = self.store.write().await?;
        // Removed while it was asked: what was found is nobody's.
        let Some(mut row) = busy_calendars::one(&mut tx, id).await? else { return Ok(()) };
        let now = self.now();
        match found {
            Found::Unchanged => row.read_at = Some(now),
            Found::Whole { events, version } => {
                if let Err(problem) = self.take_events(&mut tx, &mut row, events).await? {
                    row.trouble = problem;
                } else {
                    (row.read_at, row.whole_at) = (Some(now), now);
                    row.version = if version.len() > VERSION_MAX { String::new() } else { version };
                }
            }
            Found::Trouble(problem) => row.trouble = problem,
        }
        row.failures = if row.read_at == Some(now) { 0 } else { row.failures.saturating_add(1) };
        if row.failures == 0 {
            row.trouble.clear();
        }
        row.due_at = published::due_after(now, row.failures);
        busy_calendars::keep(&mut tx, &row).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// Puts the busy time of some events in the place of what the calendar told before; says why not where it is too much.
    async fn take_events(
        &self,
        db: &mut Db,
        row: &mut BusyCalendarRow,
        mut events: Vec<Table>,
    ) -> Result<std::result::Result<(), String>> {
        let Some(therapist) = therapists::therapist(db, row.therapist).await? else { return Ok(Ok(())) };
        let zone = self.own_zone(db, &therapist).await?;
        let within = self.busy_period()?;
        self.without_own(db, row.therapist, within, &mut events).await?;
        let Busy { spans, refused, complete } = busy::busy(&events, zone, within);
        if !complete {
            return Ok(Err("it holds more than can be read; publish a shorter period".to_owned()));
        }
        row.refused = u32::try_from(refused.len()).unwrap_or(u32::MAX);
        let (source, spans) = (BusySource::Fetched(row.id), BTreeSet::from_iter(spans));
        if self.busy_from(db, row.therapist, &source).await? != spans {
            self.replace_busy_from(db, row.therapist, &source, spans).await?;
        }
        Ok(Ok(()))
    }

    /// Leaves out the visits that a therapist's calendar copied from the feed: they would be busy for themselves.
    async fn without_own(
        &self,
        db: &mut Db,
        therapist: TherapistId,
        within: Span,
        events: &mut Vec<Table>,
    ) -> Result<()> {
        let seats = storage::offerings::seats_of_therapist(db, therapist, within).await?;
        let own: HashSet<String> = seats.iter().map(|seat| seat.id.to_string()).collect();
        events.retain(|event| {
            let uid = event.rows.iter().find(|row| row.cell(0) == "UID").map(|row| row.cell(2));
            // The feed's UIDs are a seat's identifier, with or without what follows an at sign.
            !uid.is_some_and(|uid| own.contains(uid.split('@').next().unwrap_or_default().trim()))
        });
        Ok(())
    }

    fn open_calendar(&self, row: &BusyCalendarRow) -> Result<Published> {
        let text = row.id.to_string();
        let at = Location { column: "busy_calendars.sealed", row: &text };
        let Sealed { address, account } = self.vault.open_value(at, &row.sealed)?;
        Ok(Published { address, account: account.map(|(user, password)| Account { user, password }) })
    }

    /// What is known elsewhere of some span.
    pub(super) async fn elsewhere_between(&self, db: &mut Db, within: Span) -> Result<Elsewhere> {
        let mut busy: HashMap<TherapistId, Vec<Span>> = HashMap::new();
        let found = therapists::elsewhere(db, within).await?;
        for (therapist, span) in found.busy {
            busy.entry(therapist).or_default().push(span);
        }
        let now = self.now();
        let stale = found.calendars.iter().filter(|it| published::is_stale(it.read_at, it.added_at, now));
        Ok(Elsewhere { busy, unknown: stale.map(|it| it.therapist).collect() })
    }

    /// The therapists of whom a calendar is too old to book anybody new with them.
    pub(super) async fn unknown_busy(&self, db: &mut Db) -> Result<BTreeSet<TherapistId>> {
        let now = self.now();
        let rows = busy_calendars::all(db).await?;
        let stale = rows.iter().filter(|row| published::is_stale(row.read_at, row.added_at, now));
        Ok(stale.map(|row| row.therapist).collect())
    }
}

/// When therapists are busy elsewhere, or may be.
pub(super) struct Elsewhere {
    busy: HashMap<TherapistId, Vec<Span>>,
    unknown: BTreeSet<TherapistId>,
}

impl Elsewhere {
    /// Whether nobody new is booked with a therapist then.
    pub(super) fn is_closed(&self, therapist: TherapistId, visit: &Span) -> bool {
        let busy =
            || self.busy.get(&therapist).is_some_and(|all| all.iter().any(|span| span.overlaps(visit)));
        self.unknown.contains(&therapist) || busy()
    }
}
