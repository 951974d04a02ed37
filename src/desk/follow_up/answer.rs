//! What a resident sees of follow-ups behind their link, and answers: take it, say no, give it up. Never anybody else's:
//! an identifier that is not theirs is answered like one that does not exist.

use super::{Row, held_for};
use crate::desk::own::OwnEntry;
use crate::desk::visit::{Loaded, Shown};
use crate::desk::{Desk, Error, Result, TRIES};
use crate::domain::booking::{Deed, Hand};
use crate::domain::follow_up::{Changed, FollowUp, State};
use crate::domain::id::{FollowUpId, TherapistId};
use crate::domain::owed;
use crate::domain::time::Instant;
use crate::storage::{self, Db};

/// A follow-up as its resident sees it, until its time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Further {
    /// What an answer names.
    pub id: FollowUpId,
    /// When and where.
    pub shown: Shown,
    /// Where it stands.
    pub state: State,
    /// Whether it has begun.
    pub begun: bool,
}

/// What a resident answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it.
    Take,
    /// Says no, or gives it up.
    Leave,
}

impl Desk {
    /// The follow-ups that a resident's page shows, soonest first.
    pub(in crate::desk) async fn further(
        &self,
        db: &mut Db,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Vec<Further>> {
        let mut all = Vec::new();
        for Row { therapist, all: known, .. } in self.follow_ups_for(db, &loaded.booking).await? {
            let lasting = known.of(loaded.row.id).filter(|one| now < one.span.ends_at());
            for one in lasting {
                all.push(told(loaded, one, therapist, now)?);
            }
        }
        all.sort_unstable_by_key(|one| (one.shown.span, one.id));
        Ok(all)
    }

    /// Answers an offer, or gives up what was taken. Done twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`] for a link that opens nothing and for an offer that is somebody else's; [`Error::FollowUp`].
    pub async fn answer_further(&self, token: &str, id: FollowUpId, answer: Answer) -> Result<()> {
        for _ in 0..TRIES {
            match self.answer_once(token, id, answer).await {
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                done => return done,
            }
        }
        Err(Error::Contended)
    }

    async fn answer_once(&self, token: &str, id: FollowUpId, answer: Answer) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let loaded = self.load(&mut tx, token).await?;
        let rows = self.follow_ups_for(&mut tx, &loaded.booking).await?;
        let row = theirs(&loaded, &rows, id)?.0;
        let changed = match answer {
            Answer::Take => row.all.take(id, &held_for(&loaded.booking, &rows, Some(id), now).0, now)?,
            Answer::Leave => row.all.leave(id, now)?,
        };
        let Some(Changed { all, one }) = changed else { return Ok(()) };
        // Sealed anew though it stays as it is: who compares two backups sees no more of a follow-up than of a move.
        let deed = if one.state == State::Taken { Deed::FurtherTaken } else { Deed::FurtherLeft };
        let did = Some((deed, Some(one.span.starts_at().timestamp())));
        if !self.put_booking_with(&mut tx, &loaded.row, &loaded.booking, Hand::Resident, did).await? {
            return Err(Error::Contended);
        }
        if one.stands() {
            self.keep_seat_of(&mut tx, &one, now).await?;
            self.swap_follow_ups(&mut tx, row, &all).await?;
        } else {
            self.end_follow_ups(&mut tx, row, &all, std::slice::from_ref(&one), now).await?;
        }
        if matches!(one.state, State::Taken | State::GivenUp) {
            let visit = one.as_visit(row.therapist);
            self.owe(&mut tx, &owed::to_therapist(&visit, &loaded.booking, now)).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// A follow-up that was taken, as an entry for the resident's own calendar.
    ///
    /// # Errors
    /// As [`Desk::answer_further`]; [`Error::Link`] too for one that was not taken.
    pub async fn further_entry(&self, token: &str, id: FollowUpId) -> Result<OwnEntry> {
        let mut db = self.store.read().await?;
        let loaded = self.load(&mut db, token).await?;
        let rows = self.follow_ups_for(&mut db, &loaded.booking).await?;
        let one = theirs(&loaded, &rows, id)?.1;
        if one.state != State::Taken {
            return Err(Error::Link);
        }
        Ok(OwnEntry {
            uid: one.id.to_string(),
            sequence: one.changes,
            span: one.span,
            title: loaded.offering.rules.title.clone(),
            now: self.now(),
            language: loaded.booking.wishes.language,
        })
    }
}

/// The row of a follow-up and itself, where it is for this resident.
fn theirs<'r>(loaded: &Loaded, rows: &'r [Row], id: FollowUpId) -> Result<(&'r Row, &'r FollowUp)> {
    let own = |row: &'r Row| row.all.of(loaded.row.id).find(|one| one.id == id).map(|one| (row, one));
    rows.iter().find_map(own).ok_or(Error::Link)
}

fn told(loaded: &Loaded, one: &FollowUp, therapist: TherapistId, now: Instant) -> Result<Further> {
    let state = match one.state {
        State::Offered(until) if until <= now => State::Lapsed,
        state => state,
    };
    let shown = loaded.shown(&one.as_visit(therapist))?;
    Ok(Further { id: one.id, shown, state, begun: one.span.starts_at() <= now })
}
