//! The release: on its day, counts the one fact, has the domain draw the noise, charges the ledger and freezes the
//! bytes, all in one transaction. The count never leaves this file.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::mirror::name_of;
use super::offering::Offering;
use super::parts::Parts;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::{CycleId, ProgramId, ReleaseId, ResidentId};
use crate::domain::release::{
    Counted, Division, Document, Entry, Epsilon, Partition, Release, Terms, Unit, UnitKey, Units, budget,
    charge, draw, units,
};
use crate::domain::time::{Instant, Zone, day};
use crate::storage::releases::{self, Charge};
use crate::storage::{Db, bookings, places};

impl Desk {
    /// The release of an offering: the frozen one, or the one that is due now.
    ///
    /// # Errors
    /// [`Error::Refused`] before its day, where the cycle's privacy budget does not reach, where the mirror cannot say what
    /// was released before, and once it was withdrawn.
    pub async fn release(&self, offering: Option<&str>) -> Result<Release> {
        Ok(self.frozen_or_now(offering).await?.0)
    }

    /// The release, and whether it was frozen by this call: of several processes that find it due, one does it.
    async fn frozen_or_now(&self, offering: Option<&str>) -> Result<(Release, bool)> {
        self.catch_up().await?;
        let mut tx = self.store.write().await?;
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let offering = self.offering(&mut tx, offering).await?;
        if let Some(withdrawal) = self.withdrawal(&mut tx, &offering).await? {
            return Err(Error::Refused(withdrawal.words()));
        }
        if let Some(frozen) = self.frozen(&mut tx, &offering).await? {
            return Ok((frozen, false));
        }
        if self.now() < self.due(&mut tx, &offering).await? {
            return Err(Error::Refused(format!(
                "nothing is released before {}: that day was fixed so that nobody can choose a moment",
                offering.release_on()
            )));
        }
        let release = self.freeze(&mut tx, &offering).await?;
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok((release, true))
    }

    /// Freezes every release that is due; says how many that were. What one of them refuses does not hold up others.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn release_due(&self) -> Result<usize> {
        match self.catch_up_on_news().await {
            Err(Error::Refused(why)) => tracing::error!(why, "the mirror of releases cannot be used"),
            other => other?,
        }
        let mut due = Vec::new();
        {
            let mut db = self.store.read().await?;
            for offering in self.offerings(&mut db).await? {
                let open = offering.row.booked_at.is_some()
                    && offering.row.key.is_some()
                    && releases::release(&mut db, offering.id()).await?.is_none();
                if open && self.due(&mut db, &offering).await? <= self.now() {
                    due.push(offering.id().to_string());
                }
            }
        }
        let mut frozen = 0;
        for id in due {
            match self.frozen_or_now(Some(&id)).await {
                Ok((_, now)) => frozen += usize::from(now),
                Err(Error::Refused(why)) => {
                    tracing::error!(offering = id, why, "a release is refused");
                    self.forget_answers(&id).await?;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(frozen)
    }

    /// The frozen release, if there is one that is shown.
    pub(super) async fn frozen(&self, db: &mut Db, offering: &Offering) -> Result<Option<Release>> {
        if releases::withdrawal(db, offering.id()).await?.is_some() {
            return Ok(None);
        }
        let Some(bytes) = releases::release(db, offering.id()).await? else { return Ok(None) };
        let read =
            Document::read(bytes).map_err(|_| crate::storage::Error::Unreadable("releases.document"))?;
        Ok(Some(read.1))
    }

    /// The first moment of the day of release, in the zone in which that day begins last.
    pub(super) async fn due(&self, db: &mut Db, offering: &Offering) -> Result<Instant> {
        let programs = places::programs(db, offering.row.institution).await?;
        let first = |zone: Zone| day(offering.release_on(), zone).starts_at();
        Ok(programs.iter().map(|program| first(program.zone)).max().unwrap_or_else(|| first(Zone::UTC)))
    }

    async fn freeze(&self, db: &mut Db, offering: &Offering) -> Result<Release> {
        if offering.row.booked_at.is_none() {
            return Err(Error::Refused("nothing was booked, so there is nothing to release".into()));
        }
        // Of a season that was erased, nothing would be counted but noise.
        offering.key()?;
        let members = releases::members(db, offering.row.cycle).await?;
        let units = units(&sizes(&members));
        let refused = |why: String| Error::Refused(why);
        let parts = self.parts(db, offering, &members).await?;
        let asks = offering.row.survey_questions > 0;
        let share = budget(!parts.cells.is_empty(), asks, offering.rules.epsilon_millis)
            .map_err(|why| refused(why.to_string()))?;
        let names = self.names(db, offering).await?;
        let terms = Terms {
            id: ReleaseId::from_bytes(self.draw()),
            offering: offering.id(),
            cycle: offering.row.cycle,
            title: offering.rules.title.clone(),
            institution: places::institution_name(db, offering.row.institution).await?,
            closing_date: offering.release_on(),
            released_on: self.now().date_naive(),
            epsilon: share.units,
        };
        let attended = self.attended(db, offering).await?;
        let counted = count(&units, &members, &attended);
        let random = &mut |buffer: &mut [u8]| self.entropy.fill(buffer);
        let release = draw(terms, &units, counted, &names, random).map_err(|why| refused(why.to_string()))?;
        let release =
            release.with_breakdowns(self.draw_parts(db, offering, &parts, &attended, share.breakdown).await?);
        let release = release.with_survey(self.draw_survey(db, offering, members.len(), share.survey).await?);
        let document = Document::of(&release);
        let entries = self.charge(db, offering, (&members, &parts), &release, &document.hash()).await?;
        let (id, now) = (release.terms.id, self.now());
        if !releases::add(db, id, offering.id(), now, document.bytes(), &document.hash()).await? {
            return Err(Error::Contended);
        }
        self.note(db, &Act::Released { title: offering.rules.title.clone() }).await?;
        // Last of all: once the mirror has it, only the commit is left.
        self.note_release(db, offering.row.institution, &release, &document, &entries).await?;
        Ok(release)
    }

    async fn names(&self, db: &mut Db, offering: &Offering) -> Result<BTreeMap<ProgramId, String>> {
        let programs = places::programs(db, offering.row.institution).await?;
        Ok(programs.into_iter().map(|program| (program.id, program.name)).collect())
    }

    /// Who attended. Lives until the noise is drawn.
    async fn attended(&self, db: &mut Db, offering: &Offering) -> Result<HashSet<ResidentId>> {
        let mut attended = HashSet::new();
        for row in bookings::of_offering(db, offering.id()).await? {
            if self.open_booking(&row)?.attended() {
                attended.insert(row.resident);
            }
        }
        Ok(attended)
    }

    /// The ledger of a cycle.
    pub(super) async fn ledger(&self, db: &mut Db, cycle: CycleId) -> Result<Vec<Entry>> {
        let unreadable = || crate::storage::Error::Unreadable("ledger");
        let mut standing = Vec::new();
        for (partition, resident, millis) in releases::ledger(db, cycle).await? {
            let partition: Partition = serde_json::from_str(&partition).map_err(|_| unreadable())?;
            let millis = u32::try_from(millis).map_err(|_| unreadable())?;
            let epsilon = millis.try_into().map_err(|_| unreadable())?;
            standing.push(Entry { cycle, partition, resident, epsilon });
        }
        Ok(standing)
    }

    /// Charges everybody whom a release counts; gives the new lines of the ledger.
    async fn charge(
        &self,
        db: &mut Db,
        offering: &Offering,
        (members, parts): (&[(ResidentId, ProgramId)], &Parts),
        release: &Release,
        sha256: &str,
    ) -> Result<Vec<Entry>> {
        let cycle = offering.row.cycle;
        let mut standing = self.ledger(db, cycle).await?;
        let before = standing.len();
        for (division, epsilon) in charges(release)? {
            let partition = Partition { offering: offering.id(), division };
            let counted = members.iter().map(|(resident, _)| *resident);
            let residents: BTreeSet<ResidentId> = counted.filter(|it| parts.counts(*it, division)).collect();
            let entries = charge(&standing, cycle, partition, &residents, epsilon)
                .map_err(|why| Error::Refused(why.to_string()))?;
            let name = name_of(partition)?;
            for entry in &entries {
                let line = Charge {
                    cycle,
                    partition: &name,
                    resident: entry.resident,
                    epsilon_millis: entry.epsilon.thousandths(),
                    at: self.now(),
                    sha256,
                };
                // The database's own uniqueness is the last wall: who was charged is never charged twice.
                if !releases::charge(db, &line).await? {
                    return Err(Error::Contended);
                }
            }
            standing.extend(entries);
        }
        Ok(standing.split_off(before))
    }
}

/// Who attended, by unit.
fn count(units: &Units, members: &[(ResidentId, ProgramId)], attended: &HashSet<ResidentId>) -> Vec<Counted> {
    let mut counts: HashMap<UnitKey, usize> = HashMap::new();
    for (_, program) in members.iter().filter(|(resident, _)| attended.contains(resident)) {
        if let Some(unit) = units.of_program(*program) {
            *counts.entry(unit.key()).or_default() += 1;
        }
    }
    let counted = |unit: &Unit| Counted {
        unit: unit.key(),
        size: unit.size(),
        count: counts.get(&unit.key()).copied().unwrap_or(0),
    };
    units.iter().map(counted).collect()
}

/// What a release costs each member of its cohort, division by division.
fn charges(release: &Release) -> Result<Vec<(Division, Epsilon)>> {
    let mut charges = Vec::new();
    if !release.figures.is_empty() {
        charges.push((Division::Units, release.terms.epsilon));
    }
    charges.extend(release.breakdowns.iter().map(|it| (it.division, it.epsilon)));
    if let Some(survey) = &release.survey {
        let spent =
            Epsilon::try_from(survey.spent_millis()).map_err(|why| Error::Refused(why.to_string()))?;
        charges.push((Division::Survey, spent));
    }
    Ok(charges)
}

fn sizes(members: &[(ResidentId, ProgramId)]) -> Vec<(ProgramId, usize)> {
    let mut sizes: BTreeMap<ProgramId, usize> = BTreeMap::new();
    for (_, program) in members {
        *sizes.entry(*program).or_default() += 1;
    }
    sizes.into_iter().collect()
}
