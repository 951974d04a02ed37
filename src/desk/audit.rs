//! Logs whose entries hang on each other: each is sealed at one size and carries a keyed hash of itself and of the entry
//! before it, and a sealed head remembers the last. An entry is written in the transaction that does the deed. Never
//! names a resident, and never says what one of them did.

use std::sync::Arc;

use chrono::DateTime;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::session::{Session, Who};
use super::{Desk, Result};
use crate::domain::audit::{Act, Entry, short};
use crate::domain::id::{InstitutionId, StaffId};
use crate::storage::{self, Db, audit, staff};
use crate::vault::{Location, VaultError};

/// What staff and whoever keeps the server did.
pub(super) const STAFF: &str = "staff";
/// What the fixed hours vouch for in the histories of bookings.
pub(super) const OUTCOMES: &str = "outcomes";

/// Bytes of a sealed entry: room for the longest name and the longest details, however they are written.
const ENTRY_BYTES: usize = 2048;
/// Bytes of the longest details.
const LONGEST: usize = 600;
/// Among so many of the newest entries one is looked for that stands in the place of another.
const TRIED: i64 = 5000;
/// Bytes of a sealed head.
const HEAD_BYTES: usize = 512;

/// In whose name a desk acts.
#[derive(Clone)]
pub(super) enum Actor {
    /// Nobody's: the service does by itself what is due.
    Service,
    /// A therapist's: what they do is no act of the staff, and is not written down here.
    Therapist,
    /// A member of staff.
    Staff(StaffId),
    /// Whoever keeps the server, by their name there.
    Operator(Arc<str>),
}

/// What an entry says.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) who: String,
    pub(super) act: String,
    pub(super) details: String,
}

/// What is remembered of a log beside its entries.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Head {
    /// The last entry that was destroyed because its time was up; 0 for none.
    pub(super) base: i64,
    /// What it ended in.
    pub(super) base_mac: String,
    /// The last entry.
    pub(super) last: i64,
    /// What it ends in.
    pub(super) mac: String,
    /// Whether an earlier head was lost, so that nothing vouches for what stands before `base`.
    pub(super) anew: bool,
}

const fn entry_at(institution: &str) -> Location<'_> {
    Location { column: "audit_entries.sealed", row: institution }
}

const fn head_at(institution: &str) -> Location<'_> {
    Location { column: "audit_heads.sealed", row: institution }
}

impl Written {
    pub(super) fn entry(self) -> Entry {
        let Self { number, at, who, act, details } = self;
        Entry { number, at: DateTime::from_timestamp(at, 0).unwrap_or_default(), who, act, details }
    }
}

impl Desk {
    /// The same desk for whoever keeps the server, by their name there.
    #[must_use]
    pub fn operated_by(mut self, user: &str) -> Self {
        self.actor = Actor::Operator(short(user).into());
        self
    }

    /// The same desk in the name of whoever is signed in.
    pub(super) fn acting(&self, session: &Session) -> Self {
        let actor = match &session.who {
            Who::Staff(id, _) => Actor::Staff(*id),
            Who::Therapist(_) => Actor::Therapist,
        };
        Self { actor, ..self.clone() }
    }

    /// Writes an act down, in the transaction that does it and as the last thing there: whoever appends waits for whoever
    /// is about to.
    pub(super) async fn note(&self, db: &mut Db, act: &Act) -> Result<()> {
        let who = match &self.actor {
            Actor::Therapist => return Ok(()),
            Actor::Service => "the service".to_owned(),
            Actor::Operator(name) => format!("{name}, at the command line"),
            Actor::Staff(id) => match staff::sealed(db, *id).await? {
                Some(sealed) => super::invite::called(&self.open_staff(&id.to_string(), &sealed)?),
                None => "a colleague".to_owned(),
            },
        };
        self.append(db, STAFF, short(&who), act.word(), act.told()).await
    }

    /// The same of somebody's deed, by their session.
    pub(super) async fn note_of(&self, db: &mut Db, session: &Session, act: &Act) -> Result<()> {
        self.acting(session).note(db, act).await
    }

    /// Writes down, by itself, that somebody fetched or read something.
    ///
    /// # Errors
    /// Those of saving; then whoever fetches should get nothing.
    pub async fn note_fetched(&self, session: &Session, act: &Act) -> Result<()> {
        let mut tx = self.store.write().await?;
        self.note_of(&mut tx, session, act).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// The same of whoever keeps the server.
    ///
    /// # Errors
    /// As [`Desk::note_fetched`].
    pub async fn note_alone(&self, act: &Act) -> Result<()> {
        let mut tx = self.store.write().await?;
        self.note(&mut tx, act).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// Adds an entry to a log.
    pub(super) async fn append(
        &self,
        db: &mut Db,
        log: &'static str,
        who: String,
        act: &str,
        details: String,
    ) -> Result<()> {
        // Before there is an institution there is nobody to whom anything would be told.
        let Some(institution) = storage::places::institution(db).await? else { return Ok(()) };
        let which = (institution, log);
        if !audit::hold_head(db, which).await? {
            let head = self.head_after(db, which).await?;
            audit::add_head(db, which, self.seal_head(which, &head)?).await?;
            audit::hold_head(db, which).await?;
        }
        let head = match self.head(db, which).await? {
            Some(head) => head,
            // Somebody destroyed it: what comes now is still written down, and the check says what was lost.
            None => self.head_after(db, which).await?,
        };
        let details = within(details, LONGEST);
        let written =
            Written { number: head.last + 1, at: self.now().timestamp(), who, act: act.to_owned(), details };
        let mac = self.chained(which, &head.mac, &written);
        let place = place(which, written.number);
        let sealed = self.vault.seal_at_size(entry_at(&place), &written, ENTRY_BYTES)?;
        let entry = audit::EntryRow { number: written.number, sealed, mac: mac.clone() };
        audit::add(db, which, entry).await?;
        let head = Head { last: written.number, mac, ..head };
        audit::set_head(db, which, self.seal_head(which, &head)?).await?;
        Ok(())
    }

    /// A head for entries that lost theirs; of an empty log nothing was lost.
    async fn head_after(&self, db: &mut Db, which: audit::Which<'_>) -> Result<Head> {
        let newest = audit::newest(db, which).await?;
        Ok(Head { base: newest, last: newest, anew: newest > 0, ..Head::default() })
    }

    /// The head of a log; none where there is none or it does not open.
    pub(super) async fn head(&self, db: &mut Db, which: audit::Which<'_>) -> Result<Option<Head>> {
        let Some(sealed) = audit::head(db, which).await? else { return Ok(None) };
        Ok(self.vault.open_value(head_at(&row(which)), &sealed).ok())
    }

    pub(super) fn seal_head(&self, which: audit::Which<'_>, head: &Head) -> Result<Vec<u8>> {
        Ok(self.vault.seal_at_size(head_at(&row(which)), head, HEAD_BYTES)?)
    }

    pub(super) fn open_entry(
        &self,
        which: audit::Which<'_>,
        entry: &audit::EntryRow,
    ) -> Result<Written, VaultError> {
        self.vault.open_value(entry_at(&place(which, entry.number)), &entry.sealed)
    }

    /// Which entry really stands where one does not open; none where it was changed.
    pub(super) fn really(&self, which: audit::Which<'_>, entry: &audit::EntryRow, last: i64) -> Option<i64> {
        let from = last.saturating_sub(TRIED).max(1);
        let opens = |number: &i64| self.vault.open(entry_at(&place(which, *number)), &entry.sealed).is_ok();
        (from..=last).find(opens)
    }

    /// What binds an entry to all entries before it. Hangs on what it says and not on how that was sealed, so that it stays
    /// the same when rows are sealed anew.
    pub(super) fn chained(&self, which: audit::Which<'_>, before: &str, entry: &Written) -> String {
        let (log, number, at) = (row(which), entry.number.to_be_bytes(), entry.at.to_be_bytes());
        let said = [&entry.who, &entry.act, &entry.details].map(|text| text.as_bytes());
        let words = [log.as_bytes(), before.as_bytes(), &number, &at, said[0], said[1], said[2]];
        HEXLOWER.encode(&*self.vault.derived("audit chain", &words))
    }

    /// At most `limit` entries of the staff log before a number, the newest first; `None` begins at its end.
    ///
    /// # Errors
    /// [`super::Error::Link`] for anybody but a director.
    pub async fn staff_log(&self, session: &Session, before: Option<i64>, limit: i64) -> Result<Vec<Entry>> {
        session.director()?;
        self.staff_entries(before, limit).await
    }

    /// The same for whoever keeps the server.
    ///
    /// # Errors
    /// Those of loading. An entry that does not open is left out: the check tells of it.
    pub async fn staff_entries(&self, before: Option<i64>, limit: i64) -> Result<Vec<Entry>> {
        let mut db = self.store.read().await?;
        let which = (self.institution(&mut db).await?, STAFF);
        let rows = audit::before(&mut db, which, before.unwrap_or(i64::MAX), limit).await?;
        Ok(rows.iter().filter_map(|row| self.open_entry(which, row).ok()).map(Written::entry).collect())
    }
}

/// A text of at most so many bytes.
fn within(mut text: String, bytes: usize) -> String {
    while text.len() > bytes {
        text.pop();
    }
    text
}

/// How a rotation of keys names the row of an entry.
fn place(which: audit::Which<'_>, number: i64) -> String {
    format!("{}/{number}", row(which))
}

fn row((institution, log): (InstitutionId, &str)) -> String {
    format!("{institution}/{log}")
}
