//! Time in which a therapist holds no visits, entered by themselves or by who leads the clinic. Never tells whom it
//! concerned: only how many visits of their own lie in it, which both see anyway.

use super::away::OnFile;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::absence::{Absence, Typed};
use crate::domain::id::{AbsenceId, TherapistId};
use crate::domain::time::{Span, Zone, wall};
use crate::storage::{Db, therapists};

/// What an absence would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// When.
    pub absence: Absence,
    /// Visits that are held in it now and have not begun.
    pub visits: usize,
    /// Follow-ups that would be taken back.
    pub follow_ups: usize,
}

/// How far ahead an absence without an end is looked through, in days.
const AHEAD_DAYS: u64 = 800;

impl Desk {
    /// The absences of a therapist that are not over, with the zone in which they are typed. `whose` is none for one's
    /// own, and somebody for who leads the clinic.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody else, and for a therapist that there is not, alike.
    pub async fn blocked(
        &self,
        session: &Session,
        whose: Option<TherapistId>,
    ) -> Result<(Zone, Vec<OnFile>)> {
        let therapist = permitted(session, whose)?;
        let zone = self.zone_of(&mut *self.store.read().await?, therapist).await?;
        Ok((zone, self.absences(therapist).await?))
    }

    /// What an absence would be. Writes nothing.
    ///
    /// # Errors
    /// As [`Desk::blocked`]; [`Error::Absence`].
    pub async fn ahead(
        &self,
        session: &Session,
        whose: Option<TherapistId>,
        from: Typed,
        until: Option<Typed>,
    ) -> Result<Ahead> {
        let therapist = permitted(session, whose)?;
        let now = self.now();
        let mut db = self.store.read().await?;
        let zone = self.zone_of(&mut db, therapist).await?;
        let absence = Absence::new(from, until, zone, now)?;
        let within = super::agenda::stretch(wall(now, zone).date(), AHEAD_DAYS, zone);
        let places = self.places(&mut db, therapist, within).await?;
        let lies = |span: &Span| now < span.starts_at() && absence.closes(span);
        let held = places.iter().filter(|place| place.seat.holder.is_some() && lies(&place.slot.span));
        let visits = held.count();
        let offered = self.follow_ups(&mut db, therapist).await?;
        let (_, closed) = offered.all.closed(lies, now);
        Ok(Ahead { absence, visits, follow_ups: closed.len() })
    }

    /// Blocks a span, and gives everybody who loses a visit by it another one. Said twice, it does nothing.
    ///
    /// # Errors
    /// As [`Desk::blocked`]; [`Error::Absence`].
    pub async fn block(
        &self,
        session: &Session,
        whose: Option<TherapistId>,
        from: Typed,
        until: Option<Typed>,
    ) -> Result<()> {
        let therapist = permitted(session, whose)?;
        match self.acting(session).absent(therapist, from, until).await {
            Err(Error::UnknownTherapist) => Err(Error::Link),
            done => done,
        }
    }

    /// Takes an absence back: its hours are open again. Who lost a visit by it keeps the other one.
    ///
    /// # Errors
    /// As [`Desk::blocked`].
    pub async fn unblock(
        &self,
        session: &Session,
        whose: Option<TherapistId>,
        absence: AbsenceId,
    ) -> Result<()> {
        self.acting(session).present_again(permitted(session, whose)?, absence).await
    }

    async fn zone_of(&self, db: &mut Db, therapist: TherapistId) -> Result<Zone> {
        let row = therapists::therapist(db, therapist).await?.ok_or(Error::Link)?;
        self.own_zone(db, &row).await
    }
}

/// Whose time somebody may block: their own, or as who leads the clinic anybody's.
fn permitted(session: &Session, whose: Option<TherapistId>) -> Result<TherapistId> {
    match whose {
        None => session.therapist(),
        Some(therapist) => session.lead().map(|_| therapist),
    }
}
