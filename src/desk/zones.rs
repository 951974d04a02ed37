//! Changed zone rules: everything stored in UTC is worked out anew from what was typed, and whoever's visit is at another
//! moment by it is told once. One transaction: broken off, nothing has happened; done, the version is noted and the next
//! start finds nothing to do.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::{Desk, Error, Result, TRIES};
use crate::domain::audit::Act;
use crate::domain::booking::{Hand, Retimed, Visit};
use crate::domain::id::{BookingId, ProgramId, ResidentId, SlotId};
use crate::domain::owed;
use crate::domain::retiming::{Agreed, Rules, settled};
use crate::domain::time::{Instant, Span};
use crate::storage::{Db, bookings, people, zones};

/// What changed rules come to, in numbers that depend on nothing that residents did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ZonesShown {
    /// The version by which everything stored was worked out before; empty where none was noted.
    pub before: String,
    /// The version of this program.
    pub now: String,
    /// Protected and never-bookable blocks that are at other moments.
    pub blocks: usize,
    /// Absences that are.
    pub absences: usize,
    /// Slots that are, and have not begun.
    pub slots: usize,
    /// Slots that stay where they were, because two of a therapist's would fall together.
    pub left: usize,
    /// Default visits that are at another moment: so many letters go to everyone concerned.
    pub visits: usize,
}

/// Where everything is from now on.
#[derive(Default)]
struct Moved {
    slots: HashMap<SlotId, Span>,
    blocks: HashMap<(ProgramId, Span), Span>,
}

impl Desk {
    /// Works everything out anew by these rules. Without `apply` only says what would change.
    ///
    /// # Errors
    /// Those of loading and saving; then nothing has changed.
    pub async fn follow_zones(&self, rules: &Rules<'_>, apply: bool) -> Result<ZonesShown> {
        for _ in 0..TRIES {
            match self.followed(rules, apply).await {
                Err(Error::Contended | Error::Storage(crate::storage::Error::Contended)) => {}
                other => return other,
            }
        }
        Err(Error::Contended)
    }

    /// The same where the version is another one than everything stored was worked out by; says nothing where it is not.
    ///
    /// # Errors
    /// As [`Desk::follow_zones`].
    pub async fn follow_new_zones(&self, rules: &Rules<'_>) -> Result<Option<ZonesShown>> {
        let before = zones::version(&mut *self.store.read().await?).await?;
        if before == rules.version {
            return Ok(None);
        }
        self.follow_zones(rules, true).await.map(Some)
    }

    async fn followed(&self, rules: &Rules<'_>, apply: bool) -> Result<ZonesShown> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let before = zones::version(&mut tx).await?;
        if apply && !zones::take_over(&mut tx, &before, rules.version).await? {
            return Err(Error::Contended);
        }
        let mut shown = ZonesShown { before, now: rules.version.to_owned(), ..ZonesShown::default() };
        let mut moved = Moved::default();
        self.move_blocks(&mut tx, rules, &mut moved, &mut shown).await?;
        move_absences(&mut tx, rules, &mut shown).await?;
        move_slots(&mut tx, rules, now, &mut moved, &mut shown).await?;
        self.move_visits(&mut tx, &moved, now, &mut shown).await?;
        if apply {
            // The first time nothing was worked out by older rules.
            if !shown.before.is_empty() {
                self.note(&mut tx, &Act::ZonesFollowed).await?;
            }
            tx.commit().await.map_err(crate::storage::Error::from)?;
        }
        Ok(shown)
    }

    /// Two blocks that mean the same span from now on are one: the time stays protected.
    async fn move_blocks(
        &self,
        db: &mut Db,
        rules: &Rules<'_>,
        moved: &mut Moved,
        shown: &mut ZonesShown,
    ) -> Result<()> {
        let mut changed = Vec::new();
        for row in people::blocks(db).await? {
            // A block that clock changes leave no time in stays as it was.
            let Some(span) = rules.local_span(&row.local).filter(|span| *span != row.span) else { continue };
            people::remove_block(db, row.program, &row.whose, &row.kind, row.span).await?;
            moved.blocks.insert((row.program, row.span), span);
            changed.push(people::BlockRow { span, ..row });
        }
        shown.blocks = changed.len();
        for row in changed {
            people::add_block(db, crate::domain::id::BlockId::from_bytes(self.draw()), &row).await?;
        }
        Ok(())
    }

    async fn move_visits(
        &self,
        db: &mut Db,
        moved: &Moved,
        now: Instant,
        shown: &mut ZonesShown,
    ) -> Result<()> {
        if moved.slots.is_empty() && moved.blocks.is_empty() {
            return Ok(());
        }
        let programs: HashMap<ResidentId, ProgramId> = match self.institution(db).await {
            Ok(institution) => people::residents(db, institution).await?,
            Err(_) => return Ok(()),
        }
        .into_iter()
        .map(|row| (row.id, row.program))
        .collect();
        for offering in self.offerings(db).await? {
            // In the order of their identifiers, as every other change of many goes.
            let rows: BTreeMap<BookingId, _> = bookings::of_offering(db, offering.id())
                .await?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
            for row in rows.into_values() {
                let booking = self.open_booking(&row)?;
                let program = programs.get(&row.resident).copied();
                let at = |visit: &Visit| moved.of(visit, program, now);
                // Whether it moves at all does not hang on who was told.
                if booking.retimed(at, true).is_none() {
                    continue;
                }
                let rules = &offering.rules;
                let default = booking.default_visit.as_ref().is_some_and(|visit| at(visit).is_some());
                let invitation = match default {
                    true => self.take_back(db, &booking, rules).await?,
                    false => None,
                };
                for (letter, occasion) in owed::own_filed(&booking, rules) {
                    self.take_back_own(db, booking.id, letter, &occasion).await?;
                }
                let Some(retimed) = booking.retimed(at, invitation.is_none()) else { continue };
                let Retimed { booking, default, .. } = &retimed;
                if !self.put_booking(db, &row, booking, Hand::Service).await? {
                    return Err(Error::Contended);
                }
                for errand in owed::with_retimed(&retimed, invitation, rules, now) {
                    self.owe(db, &errand).await?;
                }
                shown.visits += usize::from(*default);
            }
        }
        Ok(())
    }
}

impl Moved {
    /// A visit at its new moment; none where it stays, or has begun.
    fn of(&self, visit: &Visit, program: Option<ProgramId>, now: Instant) -> Option<Visit> {
        if visit.span.starts_at() <= now {
            return None;
        }
        let span = self.slots.get(&visit.slot).copied().unwrap_or(visit.span);
        let block = program.and_then(|program| self.blocks.get(&(program, visit.block)).copied());
        let block = block.unwrap_or(visit.block);
        let stays = span == visit.span && block == visit.block;
        (!stays).then(|| Visit { span, block, ..visit.clone() })
    }
}

async fn move_absences(db: &mut Db, rules: &Rules<'_>, shown: &mut ZonesShown) -> Result<()> {
    for row in zones::absences(db).await? {
        let from = rules.instant(row.absence.from, row.absence.zone);
        let until = row.absence.until.map(|until| rules.instant(until, row.absence.zone));
        if row.stored != (from.timestamp(), until.map(|until| until.timestamp())) {
            zones::move_absence(db, &row.id, from, until).await?;
            shown.absences += 1;
        }
    }
    Ok(())
}

/// Slots that have begun stay. Where two of a therapist's would fall together, both stay where they were.
async fn move_slots(
    db: &mut Db,
    rules: &Rules<'_>,
    now: Instant,
    moved: &mut Moved,
    shown: &mut ZonesShown,
) -> Result<()> {
    let rows = zones::slots(db).await?;
    let agreed: Vec<Agreed> = rows
        .iter()
        .map(|row| {
            let begun = row.span.starts_at() <= now;
            let means = rules.span(row.local, row.zone).filter(|_| !begun).unwrap_or(row.span);
            Agreed { therapist: row.therapist, stored: row.span, means }
        })
        .collect();
    let stays: HashSet<usize> = settled(&agreed);
    for (at, (row, agreed)) in rows.iter().zip(&agreed).enumerate() {
        match agreed.means == agreed.stored {
            true => {}
            false if stays.contains(&at) => shown.left += 1,
            false => {
                moved.slots.insert(row.id, agreed.means);
            }
        }
    }
    let list: Vec<(SlotId, Span)> = moved.slots.iter().map(|(id, span)| (*id, *span)).collect();
    shown.slots = list.len();
    Ok(zones::move_slots(db, &list).await?)
}
