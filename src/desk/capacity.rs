//! Whether the hours that are offered are enough, before a season and during it: the plan's own answer with what it found
//! would help, and how need and offer lie over the weeks. Never who, and never what is taken.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, SEATS_PER_SLOT, open_slot};
use super::session::Session;
use super::{Desk, Result};
use crate::domain::capacity::{Capacity, Reach, Season, capacity};
use crate::domain::eligibility::OpenSlot;
use crate::domain::offering::Rules;
use crate::domain::plan::Reason;
use crate::storage::places;

/// A group of residents who cannot be placed for one reason.
pub struct Need {
    /// How many.
    pub people: usize,
    /// Codes of their programs.
    pub programs: Vec<String>,
    /// Why, and what was found to help.
    pub reason: String,
}

/// What a director is told of a season's hours.
pub struct CapacityShown {
    /// Identifier of the offering.
    pub offering: String,
    /// Its rules.
    pub rules: Rules,
    /// Residents on the rosters.
    pub residents: usize,
    /// Those for whom there is a place, or to whom a batch gave one.
    pub placed: usize,
    /// How many visits are missing: one for each who has protected time and no place.
    pub missing: usize,
    /// How many have no protected time, or are not here in the season.
    pub without_time: usize,
    /// Why, the largest group first.
    pub needs: Vec<Need>,
    /// Need and offer over the season.
    pub capacity: Capacity,
    /// The sites by name.
    pub sites: Vec<(String, Reach)>,
}

impl Desk {
    /// Whether the hours of an offering are enough.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but a director, and for an offering that there is not;
    /// [`Error::Unproved`](super::Error::Unproved).
    pub async fn capacity(&self, session: &Session, offering: &str) -> Result<CapacityShown> {
        session.director()?;
        let mut db = self.store.read().await?;
        let found = self.offering_named(&mut db, offering).await?;
        let sites = places::sites(&mut db, found.row.institution).await?;
        let names: BTreeMap<_, _> = sites.into_iter().map(|site| (site.id, site.name)).collect();
        let ground = self.ground(&mut db, &found).await?;
        let plan = self.plan_on(&mut db, (&ground, &found), None).await?;
        drop(db);
        let rules = found.rules;
        let slots = slots(&ground);
        let capacity = capacity(&Season {
            people: &ground.people,
            hosts: &ground.hosts,
            slots: &slots,
            visit_minutes: rules.visit_minutes,
            from: rules.from,
            until: rules.until,
        });
        let named = |(id, reach): (&_, &Reach)| Some((names.get(id)?.clone(), *reach));
        let mut sites: Vec<_> = capacity.sites.iter().filter_map(named).collect();
        sites.sort_by(|one, other| one.0.cmp(&other.0));
        let no_time =
            |reason: &Reason| matches!(reason, Reason::NoProtectedTime { .. } | Reason::NotHere { .. });
        let without_time = plan.unplaced.iter().filter(|one| no_time(&one.detail)).count();
        let mut needs: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
        for one in plan.unplaced.iter() {
            let need = needs.entry(one.reason.clone()).or_default();
            need.0 += 1;
            need.1.insert(one.program.clone());
        }
        let need = |(reason, (people, programs)): (String, (usize, BTreeSet<String>))| Need {
            people,
            programs: programs.into_iter().collect(),
            reason,
        };
        let mut needs: Vec<Need> = needs.into_iter().map(need).collect();
        needs.sort_by(|one, other| (other.people, &one.reason).cmp(&(one.people, &other.reason)));
        Ok(CapacityShown {
            offering: offering.to_owned(),
            rules,
            residents: plan.residents,
            placed: plan.placed + plan.already,
            missing: plan.unplaced.len() - without_time,
            without_time,
            needs,
            capacity,
            sites,
        })
    }
}

/// Every visit that hours give, whether it is stored already or not, and whoever sits in it.
fn slots(ground: &Ground) -> Vec<OpenSlot> {
    let stored = ground.stored.iter().map(|(slot, _)| open_slot(slot.therapist, slot.span, SEATS_PER_SLOT));
    stored.chain(ground.fresh_slots()).collect()
}
