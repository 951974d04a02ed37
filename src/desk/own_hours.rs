//! A therapist's own hours: the week, and dates that differ. Never touches a slot: whoever is booked stays.

use super::session::Session;
use super::{Desk, Error, Result, hours};
use crate::domain::availability::typed::{self, Flaw, TypedDate, TypedHours};
use crate::domain::availability::{Exception, Offered, Pattern};
use crate::domain::id::{BlockId, TherapistId};
use crate::domain::time::{Zone, wall};
use crate::storage::{self, Db, therapists};

/// A therapist's own hours, as far as they are not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHours {
    /// The zone in which they are told, and in which new ones are meant.
    pub zone: Zone,
    /// The week, Monday first.
    pub weekly: Vec<Pattern>,
    /// Dates that differ, in order.
    pub once: Vec<(BlockId, Exception)>,
}

/// A week of more stretches than this is a mistake.
pub const WEEK_MAX: usize = 60;
/// More dates that differ than this are a mistake.
const DATES_MAX: usize = 200;

impl Desk {
    /// The therapist's own hours.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn own_hours(&self, session: &Session) -> Result<OwnHours> {
        let therapist = session.therapist()?;
        self.hours_of(&mut *self.store.read().await?, therapist).await
    }

    /// Puts a week in the place of the one that was known; dates that differ stay. Answers what is wrong with which
    /// line, and then nothing is saved.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist; [`Error::Refused`] for a week of too many lines.
    pub async fn replace_week(&self, session: &Session, lines: &[TypedHours]) -> Result<Vec<(usize, Flaw)>> {
        let therapist = session.therapist()?;
        if lines.len() > WEEK_MAX {
            return Err(Error::Refused(format!("a week has at most {WEEK_MAX} stretches of hours")));
        }
        let mut tx = self.store.write().await?;
        self.lock_for_import(&mut tx).await?;
        let known = self.hours_of(&mut tx, therapist).await?;
        let patterns = match typed::week(lines, known.zone) {
            Ok(patterns) => patterns,
            Err(flaws) => return Ok(flaws),
        };
        let mut bodies = Vec::new();
        for pattern in patterns {
            bodies.push((BlockId::from_bytes(self.draw()), hours::written(&Offered::Weekly(pattern))?));
        }
        for (id, exception) in known.once {
            bodies.push((id, hours::written(&Offered::Once(exception))?));
        }
        therapists::replace_availability(&mut tx, therapist, &bodies).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(Vec::new())
    }

    /// Adds a date that differs; said twice, it is there once. Answers what is wrong with it, and then nothing is saved.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist; [`Error::Refused`] where there are too many.
    pub async fn add_date(&self, session: &Session, line: &TypedDate) -> Result<Option<Flaw>> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        self.lock_for_import(&mut tx).await?;
        let known = self.hours_of(&mut tx, therapist).await?;
        let exception = match typed::date(line, known.zone, wall(self.now(), known.zone).date()) {
            Ok(exception) => exception,
            Err(flaw) => return Ok(Some(flaw)),
        };
        if known.once.len() >= DATES_MAX {
            return Err(Error::Refused(format!("at most {DATES_MAX} dates can differ from the week")));
        }
        if !known.once.iter().any(|(_, one)| *one == exception) {
            let body = hours::written(&Offered::Once(exception))?;
            let id = BlockId::from_bytes(self.draw());
            therapists::add_availability(&mut tx, therapist, id, &body).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(None)
    }

    /// Takes a date that differs away. One that is not there is away already.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a therapist.
    pub async fn remove_date(&self, session: &Session, id: BlockId) -> Result<()> {
        let therapist = session.therapist()?;
        let mut tx = self.store.write().await?;
        self.lock_for_import(&mut tx).await?;
        therapists::remove_availability(&mut tx, therapist, id).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    async fn hours_of(&self, db: &mut Db, therapist: TherapistId) -> Result<OwnHours> {
        let row = therapists::therapist(db, therapist).await?.ok_or(Error::Link)?;
        let zone = self.own_zone(db, &row).await?;
        let today = wall(self.now(), zone).date();
        let mut own = OwnHours { zone, weekly: Vec::new(), once: Vec::new() };
        for (id, body) in therapists::availability_of(db, therapist).await? {
            match hours::read(&body)? {
                Offered::Weekly(pattern) if pattern.last.is_none_or(|last| today <= last) => {
                    own.weekly.push(pattern);
                }
                Offered::Once(exception) if today <= exception.on => own.once.push((id, exception)),
                Offered::Weekly(_) | Offered::Once(_) => {}
            }
        }
        own.weekly.sort_by_key(|one| (one.weekday.num_days_from_monday(), one.from, one.to, one.first));
        own.once.sort_by_key(|(id, one)| (one.on, one.hours, *id));
        Ok(own)
    }
}
