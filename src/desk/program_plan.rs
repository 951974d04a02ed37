//! The plan as one program's coordinator sees it: who of their residents can be placed and why not. Never who sits
//! where or with whom, and nothing that depends on what residents did.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::ground::Ground;
use super::lottery::BatchShown;
use super::offering::Offering;
use super::season::{UnplacedShown, name_unplaced};
use super::session::Session;
use super::{Desk, Result};
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::plan::{Away, Plan, Reason, Visits};
use crate::domain::release::SMALLEST_UNIT;
use crate::domain::time::wall;
use crate::storage::Db;
use crate::storage::therapists;

/// Visits are counted by day and by therapist from so many on: of fewer, a count soon tells where somebody sits, and
/// after a late starter's batch of one it would tell it outright.
pub const FEWEST_COUNTED: usize = SMALLEST_UNIT;

/// The plan of one program's residents.
pub struct ProgramPlan {
    /// Which season.
    pub offering: Offering,
    /// Residents on the program's roster.
    pub residents: usize,
    /// How many of them this plan places.
    pub placed: usize,
    /// How many a batch placed before.
    pub already: usize,
    /// Who cannot be placed, by name, and why.
    pub unplaced: Vec<UnplacedShown>,
    /// How the visits of this plan lie; none of fewer than [`FEWEST_COUNTED`].
    pub load: Option<Load>,
    /// What was done so that no more than a share of a program is away at once, over all programs.
    pub away: Option<Away>,
    /// SHA-256 of the seed that decides this plan.
    pub seed_hash: String,
    /// Hash of who sits where, over all programs.
    pub plan_hash: String,
    /// The batches that were booked, with their seeds.
    pub batches: Vec<BatchShown>,
}

/// How visits lie: by day and by therapist, never both together.
pub struct Load {
    /// By day, in the program's zone.
    pub per_day: BTreeMap<NaiveDate, usize>,
    /// By therapist, in order of name.
    pub per_therapist: BTreeMap<String, usize>,
}

impl Desk {
    /// What booking would do for one program. Writes nothing.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but the program's coordinators and the directors, and for an
    /// offering that there is not; [`Error::Unproved`](super::Error::Unproved).
    pub async fn plan_of(&self, session: &Session, program: &Program, offering: &str) -> Result<ProgramPlan> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let offering = self.known_offering(&mut db, offering).await?;
        let ground = self.ground(&mut db, &offering).await?;
        let lottery = self.lottery(&offering, None)?;
        let visits = Visits {
            minutes: offering.rules.visit_minutes,
            buffer_minutes: offering.rules.buffer_minutes,
            engaged: &ground.engaged,
        };
        let decision = self.decide((&ground, &offering), &lottery, visits, self.now())?;
        let plan = &decision.plan;
        let own: HashSet<ResidentId> = own(&ground, program);
        let placed = plan.placed.iter().filter(|one| own.contains(&one.resident)).count();
        let unplaced = unplaced(&ground, &offering, plan, &own);
        let load = match placed {
            FEWEST_COUNTED.. => Some(self.load_of(&mut db, &offering, program, (plan, &own)).await?),
            _ => None,
        };
        Ok(ProgramPlan {
            residents: own.len(),
            placed,
            already: own.len().saturating_sub(placed + unplaced.len()),
            unplaced,
            load,
            away: plan.away,
            seed_hash: lottery.seed.hash(),
            plan_hash: self.plan_hash(offering.id(), plan),
            batches: self.batches(&mut db, offering.id()).await?,
            offering,
        })
    }

    async fn load_of(
        &self,
        db: &mut Db,
        offering: &Offering,
        program: &Program,
        (plan, own): (&Plan, &HashSet<ResidentId>),
    ) -> Result<Load> {
        let mut names = BTreeMap::new();
        for row in therapists::therapists(db, offering.row.institution).await? {
            // The therapist's name is public inside the program; who sits with them is not shown.
            names.insert(row.id, self.open_therapist(&row)?.identity.reveal_name());
        }
        let mut load = Load { per_day: BTreeMap::new(), per_therapist: BTreeMap::new() };
        for placement in plan.placed.iter().filter(|one| own.contains(&one.resident)) {
            let slot = &placement.slot;
            *load.per_day.entry(wall(slot.starts_at, program.zone).date()).or_insert(0) += 1;
            let name = names.get(&slot.therapist).cloned().unwrap_or_default();
            *load.per_therapist.entry(name).or_insert(0) += 1;
        }
        Ok(load)
    }
}

/// Whoever is on the program's roster.
fn own(ground: &Ground, program: &Program) -> HashSet<ResidentId> {
    let people = ground.people.iter().filter(|person| person.program == program.id).map(|person| person.id);
    let of_program = |id: &&ResidentId| ground.residents.get(id).is_some_and(|one| one.program == program.id);
    people.chain(ground.not_here.iter().filter(of_program).copied()).collect()
}

fn unplaced(
    ground: &Ground,
    offering: &Offering,
    plan: &Plan,
    own: &HashSet<ResidentId>,
) -> Vec<UnplacedShown> {
    let (from, until) = (offering.rules.from, offering.rules.until);
    let not_here = ground.not_here.iter().map(|id| (*id, Reason::NotHere { from, until }));
    let short = plan.unplaced.iter().map(|one| (one.resident, one.reason.clone()));
    name_unplaced(ground, short.chain(not_here).filter(|(id, _)| own.contains(id)))
}
