//! A therapist holds no visits for a while, or until further notice: their slots are closed, and everybody who loses a
//! default visit by it is given another one in the same transaction. Never tells whom it concerned.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::batch::Batch;
use super::ground::Ground;
use super::mend::{MendShown, Which};
use super::offering::Offering;
use super::season::fresh_slots;
use super::{Desk, Error, Result, TRIES};
use crate::domain::absence::{Absence, Typed};
use crate::domain::audit::Act;
use crate::domain::id::{AbsenceId, InstitutionId, TherapistId};
use crate::domain::identity::Address;
use crate::domain::plan::Visits;
use crate::domain::time::{Instant, Zone};
use crate::storage::absences::{self, AbsenceRow};
use crate::storage::therapists::TherapistRow;
use crate::storage::{self, Db, offerings, places, therapists};

/// An absence with what it did, in numbers of default visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwayShown {
    /// When it begins, by the clock on the therapist's wall.
    pub from: NaiveDateTime,
    /// The first moment after it; none until further notice.
    pub until: Option<NaiveDateTime>,
    /// Where that clock hangs.
    pub zone: Zone,
    /// What was lost and given again.
    #[serde(flatten)]
    pub mend: MendShown,
}

/// An absence as its therapist sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnFile {
    /// Identifier.
    pub id: AbsenceId,
    /// When.
    pub absence: Absence,
}

/// How the desk knows a therapist: by the row that a session or an address leads to.
enum Whose<'a> {
    Id(TherapistId),
    Address(&'a Address),
}

impl Desk {
    /// Closes a therapist's slots, and gives another default visit to everybody who loses theirs. Said twice, it does nothing.
    /// The therapist learns that it is done, and nothing of whom it concerned.
    ///
    /// # Errors
    /// [`Error::UnknownTherapist`]; [`Error::Absence`]; those of loading and saving; then nothing is done.
    pub async fn absent(&self, therapist: TherapistId, from: Typed, until: Option<Typed>) -> Result<()> {
        self.closes(&Whose::Id(therapist), from, until).await.map(drop)
    }

    /// The same by address, for whoever keeps the installation.
    ///
    /// # Errors
    /// As [`Desk::absent`].
    pub async fn away(&self, therapist: &Address, from: Typed, until: Option<Typed>) -> Result<AwayShown> {
        self.closes(&Whose::Address(therapist), from, until).await
    }

    /// The absences of a therapist that are not over, in order.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn absences(&self, therapist: TherapistId) -> Result<Vec<OnFile>> {
        let mut db = self.store.read().await?;
        self.on_file(&mut db, therapist).await
    }

    /// Takes an absence back: the slots that it closed are open again, as new. Who lost a visit by it keeps the other one.
    /// An absence that is not there is taken back already.
    ///
    /// # Errors
    /// Those of saving.
    pub async fn present_again(&self, therapist: TherapistId, absence: AbsenceId) -> Result<()> {
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        if absences::forget(&mut tx, therapist, absence).await? {
            self.note(&mut tx, &Act::BackAgain).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// The same by address and by the words with which the absence was typed.
    ///
    /// # Errors
    /// [`Error::UnknownTherapist`]; [`Error::Refused`] where no absence on file was typed so, with those that are.
    pub async fn back(&self, therapist: &Address, from: Typed, until: Option<Typed>) -> Result<()> {
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let row = self.therapist_row(&mut db, institution, &Whose::Address(therapist)).await?;
        let zone = self.therapist_zone(&mut db, institution, &row).await?;
        let meant = Absence::new(from, until, zone, self.now())?;
        let on_file = self.on_file(&mut db, row.id).await?;
        drop(db);
        match on_file.iter().find(|one| one.absence == meant) {
            Some(one) => self.present_again(row.id, one.id).await,
            None => Err(Error::Refused(none_so(&on_file))),
        }
    }

    async fn closes(&self, whose: &Whose<'_>, from: Typed, until: Option<Typed>) -> Result<AwayShown> {
        for _ in 0..TRIES {
            match self.closes_once(whose, from, until).await {
                // A resident was faster with one of the visits.
                Err(Error::Contended | Error::Storage(storage::Error::Contended)) => {}
                done => return done,
            }
        }
        Err(Error::Contended)
    }

    async fn closes_once(&self, whose: &Whose<'_>, from: Typed, until: Option<Typed>) -> Result<AwayShown> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let row = self.therapist_row(&mut tx, institution, whose).await?;
        let zone = self.therapist_zone(&mut tx, institution, &row).await?;
        let absence = Absence::new(from, until, zone, now)?;
        let Absence { from, until, zone } = absence;
        let mut mend = MendShown::default();
        let known = self.on_file(&mut tx, row.id).await?;
        if !known.iter().any(|one| one.absence.contains(&absence)) {
            let id = AbsenceId::from_bytes(self.draw());
            absences::add(&mut tx, &AbsenceRow { id, therapist: row.id, absence }).await?;
            for offering in self.offerings(&mut tx).await?.iter().filter(|o| o.row.booked_at.is_some()) {
                mend = mend.and(self.mend_closed(&mut tx, offering, now).await?);
            }
            self.close_follow_ups(&mut tx, row.id, &absence, now).await?;
            self.note(&mut tx, &Act::Away).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(AwayShown { from, until, zone, mend })
    }

    /// Mends the default visits of one offering that are in closed slots; those that the rules no longer allow wait for the
    /// next batch, because whoever changes the rules may not be done.
    async fn mend_closed(&self, db: &mut Db, offering: &Offering, now: Instant) -> Result<MendShown> {
        let ground: Ground = self.ground(db, offering).await?;
        let earliest_start = offering.rules.earliest_start(now);
        let lottery = self.lottery(offering, None)?;
        let (open, reserved) = fresh_slots(&ground, offering, &lottery, earliest_start);
        let whole = (&ground, offering);
        let mend = self.decide_mend(whole, &open, Visits::default(), Which::Closed, now)?;
        let mut batch = Batch::of(self, offering, &ground, now);
        let uses = |key| mend.plan.placed.iter().any(|placement| placement.slot == key);
        let mut fresh = match open.iter().any(|slot| uses(slot.key)) {
            true => batch.lay_out(db, &reserved).await?,
            false => Default::default(),
        };
        batch.mend(db, &mend, &mut fresh).await?;
        batch.leave_free(db, fresh).await?;
        Ok(mend.shown())
    }

    async fn therapist_row(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        whose: &Whose<'_>,
    ) -> Result<TherapistRow> {
        let found = match whose {
            Whose::Id(id) => therapists::therapist(db, *id).await?,
            Whose::Address(address) => {
                let key = self.vault.address_key(address);
                let rows = therapists::therapists(db, institution).await?;
                rows.into_iter().find(|row| row.address_key == key)
            }
        };
        found.ok_or(Error::UnknownTherapist)
    }

    async fn on_file(&self, db: &mut Db, therapist: TherapistId) -> Result<Vec<OnFile>> {
        let now = self.now();
        let rows = absences::of_therapist(db, therapist).await?;
        let lasting = rows.into_iter().filter(|row| row.absence.ends_at().is_none_or(|end| now < end));
        Ok(lasting.map(|AbsenceRow { id, absence, .. }| OnFile { id, absence }).collect())
    }

    /// The zone in which a therapist's days begin and end: that of their hours, or else of the slots that
    /// they hold.
    pub(super) async fn therapist_zone(
        &self,
        db: &mut Db,
        institution: InstitutionId,
        row: &TherapistRow,
    ) -> Result<Zone> {
        match self.home_zone(db, institution, row).await {
            Err(Error::Refused(problem)) => {
                let slots = offerings::all_slots(db).await?;
                let last = slots.into_iter().rfind(|slot| slot.therapist == row.id);
                last.map(|slot| slot.zone).ok_or(Error::Refused(problem))
            }
            known => known,
        }
    }
}

impl MendShown {
    fn and(self, other: Self) -> Self {
        Self {
            visits: self.visits + other.visits,
            another_time: self.another_time + other.another_time,
            without: self.without + other.without,
        }
    }
}

fn none_so(on_file: &[OnFile]) -> String {
    let told = |one: &OnFile| {
        let Absence { from, until, zone } = one.absence;
        let until =
            until.map_or("until further notice".to_owned(), |until| format!("until {until}, exclusive"));
        format!("from {from} {until}, {zone}")
    };
    let known: Vec<String> = on_file.iter().map(told).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join("; ") };
    format!("no absence of this therapist was entered so; give --from and --until as then. On file: {known}")
}
