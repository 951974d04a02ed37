//! Plan and book: the batch that gives every resident a default visit. Planning writes nothing; booking writes
//! everything in one transaction, and what residents did since changes neither.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use super::batch::{Batch, Decision};
use super::ground::Ground;
use super::lottery::{BatchShown, Lottery};
use super::mend::{Mend, MendShown, Which};
use super::offering::Offering;
use super::progress::{Progress, Tell};
use super::{Desk, Error, Result, TRIES};
use crate::domain::audit::Act;
use crate::domain::eligibility::{OpenSlot, SlotKey};
use crate::domain::id::ResidentId;
use crate::domain::plan::{self, Away, Question, Reason, Seed, Visits};
use crate::domain::seating::Pool;
use crate::domain::time::{Instant, wall};
use crate::storage::{Db, offerings, places, releases};

/// A plan as a coordinator sees it: who can be placed and why not, never who sits where.
#[derive(Debug, Clone, Serialize)]
pub struct PlanShown {
    /// The offering.
    pub offering: String,
    /// Residents who are on the roster and concern this offering.
    pub residents: usize,
    /// How many of them this plan places.
    pub placed: usize,
    /// How many a batch placed before.
    pub already: usize,
    /// Default visits that can no longer be held as they were booked, which booking would mend first; none where there is
    /// no such visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<MendShown>,
    /// Who cannot be placed, and why.
    pub unplaced: Vec<UnplacedShown>,
    /// Visits by day, in the residents' zones.
    pub per_day: BTreeMap<NaiveDate, usize>,
    /// Visits by therapist.
    pub per_therapist: BTreeMap<String, usize>,
    /// Seats that stay free.
    pub reserve: usize,
    /// SHA-256 of the seed that decides this plan: shown before rosters close, the seed once it is booked.
    pub seed_hash: String,
    /// What was done so that no more than a share of a program is away at once; none where that never was. A heuristic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
    /// What its plan weighs otherwise than usual, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<&'static str, u32>,
    /// Hash of who sits where, under this installation's key: the same input and seed give the same one.
    pub plan_hash: String,
    /// The batches that were booked, with their seeds.
    pub batches: Vec<BatchShown>,
}

/// Somebody without a seat. Holds a name, for the coordinator who keeps the roster.
#[derive(Clone, Serialize)]
pub struct UnplacedShown {
    /// Name as on the roster.
    pub resident: String,
    /// Program code.
    pub program: String,
    /// Cohort.
    pub cohort: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Why, for machines.
    pub detail: Reason,
}

impl std::fmt::Debug for UnplacedShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnplacedShown").field("detail", &self.detail).finish_non_exhaustive()
    }
}

/// What booking answers.
#[derive(Debug, Clone, Serialize)]
pub struct Booked {
    /// Residents who were given a visit now.
    pub booked: usize,
    /// Residents who had one.
    pub already: usize,
    /// Residents who wait, because no seat fits.
    pub waiting: usize,
    /// Default visits that could no longer be held as they were booked; none where there was no such visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<MendShown>,
    /// Letters for everyone that are owed now, to be sent in their time.
    pub letters_owed: usize,
    /// Hash of the seed that decides the next batch.
    pub seed_hash: String,
    /// The batch with its seed, now published; none where nobody was booked.
    pub batch: Option<BatchShown>,
}

/// The slots that are not stored yet with the seats that a batch may fill, and how many of each stay free.
pub(super) fn fresh_slots(
    ground: &Ground,
    offering: &Offering,
    lottery: &Lottery,
    earliest_start: Instant,
) -> (Vec<OpenSlot>, BTreeMap<SlotKey, u32>) {
    let fresh = ground.fresh_slots();
    let (percent, secret) = (offering.rules.reserve_percent, &lottery.reserve);
    let reserved = plan::reserve(&ground.people, &ground.hosts, &fresh, percent, secret, earliest_start);
    let open = fresh.into_iter().map(|slot| OpenSlot {
        seats: slot.seats - reserved.get(&slot.key).copied().unwrap_or(0).min(slot.seats),
        ..slot
    });
    (open.collect(), reserved)
}

/// What a mend is told as: nothing where nothing was lost.
fn told(mend: &Mend) -> Option<MendShown> {
    Some(mend.shown()).filter(|shown| shown.visits > 0)
}

impl Desk {
    /// Mends first what can no longer be held; whoever has no seat after that is placed with what is left.
    pub(super) fn decide(
        &self,
        (ground, offering): (&Ground, &Offering),
        lottery: &Lottery,
        visits: Visits<'_>,
        now: Instant,
    ) -> Result<Decision> {
        let earliest_start = offering.rules.earliest_start(now);
        let opens = ground.opens(&offering.rules);
        let seed = &lottery.seed;
        let (fresh, reserved) = fresh_slots(ground, offering, lottery, earliest_start);
        let mend = self.decide_mend((ground, offering), &fresh, visits, Which::Broken, now)?;
        let mut open = ground.open(Pool::Plan);
        open.extend(fresh);
        let taken = &mut mend.taken();
        let open = mend.leaves(open, taken);
        let late = mend.leaves(ground.open(Pool::Late), taken);
        let people = ground.unseated();
        let ask = |people: &[_], slots: &[OpenSlot]| {
            let (hosts, rules) = (&ground.hosts, &offering.rules);
            let weights = &rules.weights;
            plan::plan(&Question { people, hosts, slots, seed, earliest_start, opens, weights, visits })
        };
        let mut plan = ask(&people, &open)?;
        let Some(booked_at) = offering.row.booked_at else {
            return Ok(Decision { mend, plan, reserved, late: BTreeSet::new() });
        };
        // Who came onto the roster after the first batch may use the seats kept for that.
        let short: BTreeSet<ResidentId> = plan.unplaced.iter().map(|unplaced| unplaced.resident).collect();
        let came_late = |id: &ResidentId| ground.residents.get(id).is_some_and(|r| r.admitted_at > booked_at);
        let late_ones: Vec<_> =
            people.into_iter().filter(|person| short.contains(&person.id) && came_late(&person.id)).collect();
        let second = ask(&late_ones, &late)?;
        let late: BTreeSet<ResidentId> = second.placed.iter().map(|placement| placement.resident).collect();
        plan.unplaced.retain(|unplaced| !late.contains(&unplaced.resident));
        // Whose visit could not be given again waits from now on like everybody who waits.
        plan.unplaced.extend(mend.plan.unplaced.iter().cloned());
        plan.placed.extend(second.placed);
        plan.away = Away::both(plan.away, second.away);
        plan.placed.sort_unstable_by_key(|placement| placement.resident);
        Ok(Decision { mend, plan, reserved, late })
    }
}

impl Desk {
    /// Shows what booking would do, and writes nothing. `seed` asks what another lottery would give.
    ///
    /// # Errors
    /// Those of loading; [`Error::Unproved`].
    pub async fn plan(&self, offering: Option<&str>, seed: Option<Seed>) -> Result<PlanShown> {
        let mut db = self.store.read().await?;
        let offering = self.offering(&mut db, offering).await?;
        let ground = self.ground(&mut db, &offering).await?;
        self.plan_on(&mut db, (&ground, &offering), seed).await
    }

    /// The same on a ground that is loaded already: to load one opens the seal of everybody on the rosters.
    pub(super) async fn plan_on(
        &self,
        db: &mut Db,
        (ground, offering): (&Ground, &Offering),
        seed: Option<Seed>,
    ) -> Result<PlanShown> {
        let lottery = self.lottery(offering, seed)?;
        let visits = Visits {
            minutes: offering.rules.visit_minutes,
            buffer_minutes: offering.rules.buffer_minutes,
            engaged: &ground.engaged,
        };
        let decision = self.decide((ground, offering), &lottery, visits, self.now())?;
        let mut names = HashMap::new();
        let institution = offering.row.institution;
        for row in crate::storage::therapists::therapists(db, institution).await? {
            // The therapist's name is public inside the program; who sits with them is not shown.
            names.insert(row.id, self.open_therapist(&row)?.identity.reveal_name());
        }
        let hashes = (lottery.seed.hash(), self.plan_hash(offering.id(), &decision.plan));
        let batches = self.batches(db, offering.id()).await?;
        let mut shown = show(ground, offering, &decision, hashes, batches);
        for (therapist, visits) in decision.plan.per_therapist() {
            shown.per_therapist.insert(names.remove(&therapist).unwrap_or_default(), visits);
        }
        Ok(shown)
    }

    /// Books exactly what [`Desk::plan`] shows for the offering's own seed. Books nobody twice, and moves nobody whose visit
    /// can be held.
    ///
    /// A batch that books somebody publishes its seed and draws the next. One that books nobody keeps it: the seed
    /// decided nothing, and whoever repeats `book` must not be able to draw until the lottery suits.
    ///
    /// # Errors
    /// Those of loading and saving, and [`Error::Unproved`]; then nothing is booked.
    pub async fn book(&self, offering: Option<&str>) -> Result<Booked> {
        self.book_telling(offering, &|_| {}).await
    }

    /// The same, and tells how far it is.
    pub(super) async fn book_telling(&self, offering: Option<&str>, tell: Tell<'_>) -> Result<Booked> {
        for _ in 0..TRIES {
            match self.book_once(offering, tell).await {
                // A resident was faster with one of the visits that are mended.
                Err(Error::Contended | Error::Storage(crate::storage::Error::Contended)) => {}
                done => return done,
            }
        }
        Err(Error::Contended)
    }

    async fn book_once(&self, offering: Option<&str>, tell: Tell<'_>) -> Result<Booked> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        // The lock comes first: what another batch wrote must be seen by this one.
        let institution = self.institution(&mut tx).await?;
        places::lock_institution(&mut tx, institution).await?;
        let offering = self.offering(&mut tx, offering).await?;
        tell(Progress::Planning);
        let ground = self.ground(&mut tx, &offering).await?;
        self.freeze_cohort(&mut tx, &offering, &ground, now).await?;
        if offering.row.booked_at.is_none() {
            // From here on there will be outcomes: from here on the mirror must not be forgotten.
            self.follow_mirror(&mut tx, institution).await?;
        }
        let release_on = offering.release_on().to_string();
        let questions = self.survey_questions(&mut tx, &offering).await?;
        offerings::open(&mut tx, offering.id(), now, &release_on, questions).await?;
        let lottery = self.lottery(&offering, None)?;
        // What would help is looked for where somebody reads it, not while a batch waits to be booked.
        let decision = self.decide((&ground, &offering), &lottery, Visits::default(), now)?;
        let mut batch = Batch::of(self, &offering, &ground, now);
        tell(Progress::Preparing);
        let fresh = batch.lay_out(&mut tx, &decision.reserved).await?;
        batch.seat_everyone(&mut tx, &decision, fresh, tell).await?;
        let letters_owed = batch.letters;
        let (mut seed_hash, mut published) = (offering.row.seed_hash.clone(), None);
        if !decision.plan.placed.is_empty() {
            let decided = (&lottery.seed, &decision.plan);
            let (batch, next) = self.publish_seed(&mut tx, &offering, decided, now).await?;
            (seed_hash, published) = (next, Some(batch));
        }
        if questions > 0 && offering.row.booked_at.is_none() {
            self.make_codes(&mut tx, &offering).await?;
        }
        // Who presses the button again books nobody, and nothing was done.
        if letters_owed > 0 {
            let (title, placed) = (offering.rules.title.clone(), decision.plan.placed.len());
            self.note(&mut tx, &Act::Booked { title, placed }).await?;
        }
        tx.commit().await.map_err(crate::storage::Error::from)?;
        Ok(Booked {
            booked: decision.plan.placed.len(),
            already: ground.people.len() - decision.plan.placed.len() - decision.plan.unplaced.len(),
            mend: told(&decision.mend),
            waiting: decision.plan.unplaced.len() + ground.not_here.len(),
            letters_owed,
            seed_hash,
            batch: published,
        })
    }

    /// Freezes the cycle's roster for reporting, at its first batch.
    async fn freeze_cohort(
        &self,
        db: &mut Db,
        offering: &Offering,
        ground: &Ground,
        now: Instant,
    ) -> Result<()> {
        if places::freeze_cycle(db, offering.row.cycle, now.timestamp()).await? {
            for person in &ground.people {
                releases::add_member(db, offering.row.cycle, person.id, person.program).await?;
            }
            self.freeze_traits(db, offering.row.cycle, ground).await?;
        }
        Ok(())
    }
}

fn show(
    ground: &Ground,
    offering: &Offering,
    decision: &Decision,
    (seed_hash, plan_hash): (String, String),
    batches: Vec<BatchShown>,
) -> PlanShown {
    let plan = &decision.plan;
    let zones: HashMap<ResidentId, _> = ground.people.iter().map(|p| (p.id, p.zone)).collect();
    let mut per_day = BTreeMap::new();
    for placement in &plan.placed {
        if let Some(zone) = zones.get(&placement.resident) {
            *per_day.entry(wall(placement.slot.starts_at, *zone).date()).or_insert(0) += 1;
        }
    }
    let (from, until) = (offering.rules.from, offering.rules.until);
    let not_here = ground.not_here.iter().map(|id| (*id, Reason::NotHere { from, until }));
    let short = plan.unplaced.iter().map(|unplaced| (unplaced.resident, unplaced.reason.clone()));
    let unplaced = name_unplaced(ground, short.chain(not_here));
    PlanShown {
        offering: offering.id().to_string(),
        residents: ground.people.len() + ground.not_here.len(),
        placed: plan.placed.len(),
        already: ground.people.len() - plan.placed.len() - plan.unplaced.len(),
        mend: told(&decision.mend),
        unplaced,
        per_day,
        per_therapist: BTreeMap::new(),
        reserve: decision.reserved.values().map(|seats| *seats as usize).sum(),
        seed_hash,
        away: plan.away,
        weights: offering.rules.weights.unusual().into_iter().collect(),
        plan_hash,
        batches,
    }
}

/// Those without a seat by name, in order of program, cohort and name.
pub(super) fn name_unplaced(
    ground: &Ground,
    unplaced: impl Iterator<Item = (ResidentId, Reason)>,
) -> Vec<UnplacedShown> {
    let mut named: Vec<UnplacedShown> =
        unplaced.filter_map(|(id, reason)| name_one(ground, id, reason)).collect();
    named.sort_by(|a, b| (&a.program, &a.cohort, &a.resident).cmp(&(&b.program, &b.cohort, &b.resident)));
    named
}

fn name_one(ground: &Ground, id: ResidentId, reason: Reason) -> Option<UnplacedShown> {
    let resident = ground.residents.get(&id)?;
    Some(UnplacedShown {
        // For the coordinator who keeps the roster: who has no seat is part of the plan and no outcome.
        resident: resident.identity.reveal_name(),
        program: ground.programs.get(&resident.program).map(|p| p.code.clone()).unwrap_or_default(),
        cohort: resident.attributes.cohort.clone(),
        reason: reason.to_string(),
        detail: reason,
    })
}
