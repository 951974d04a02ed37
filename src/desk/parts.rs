//! Training years and sites, for breakdowns: frozen with the cohort from the roster alone, and drawn where the offering asked for
//! them before its first booking. Never a part of fewer than 100 people.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ground::Ground;
use super::offering::Offering;
use super::{Desk, Error, Result};
use crate::domain::id::{CycleId, ProgramId, ResidentId};
use crate::domain::release::{Breakdown, Cell, Cells, Division, Epsilon, Traits, draw_breakdowns};
use crate::storage::{Db, places, releases};
use crate::vault::Location;

/// Bytes for each member of what is sealed of a cohort's traits: room for two identifiers and a year.
const MEMBER_BYTES: usize = 160;
/// Bytes beside: what sealing adds, and the brackets.
const BESIDE_BYTES: usize = 256;

/// The parts of one offering's cohort: none where it asked for no breakdown, or where no part is large enough.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) cells: Cells,
    traits: HashMap<ResidentId, Traits>,
}

impl Parts {
    /// Whether a member of the cohort is counted in a division, and so charged for it.
    pub(super) fn counts(&self, resident: ResidentId, division: Division) -> bool {
        match division {
            Division::Units | Division::Survey => true,
            Division::TrainingYear | Division::Site => {
                self.traits.get(&resident).is_some_and(|traits| self.cells.counts(traits, division))
            }
        }
    }
}

const fn place(cycle: &str) -> Location<'_> {
    Location { column: "cohort_traits.sealed", row: cycle }
}

impl Desk {
    /// Freezes the traits of a cycle's cohort: whatever the offering asks for, because another one of the cycle may ask more.
    pub(super) async fn freeze_traits(&self, db: &mut Db, cycle: CycleId, ground: &Ground) -> Result<()> {
        let of = |id: &ResidentId, site| {
            let pgy = ground.residents.get(id).and_then(|resident| resident.attributes.pgy);
            Traits { pgy, site }
        };
        let traits: BTreeMap<ResidentId, Traits> =
            ground.people.iter().map(|person| (person.id, of(&person.id, person.site))).collect();
        let size = MEMBER_BYTES * traits.len() + BESIDE_BYTES;
        let sealed = self.vault.seal_at_size(place(&cycle.to_string()), &traits, size)?;
        Ok(releases::add_traits(db, cycle, &sealed).await?)
    }

    /// Forgets the training year and site of a member who is erased: they count in no part of a release that is yet to come.
    pub(super) async fn forget_traits(&self, db: &mut Db, resident: ResidentId) -> Result<()> {
        for (cycle, sealed) in releases::traits_of(db, resident).await? {
            let text = cycle.to_string();
            let mut traits: BTreeMap<ResidentId, Traits> = self.vault.open_value(place(&text), &sealed)?;
            traits.insert(resident, Traits::default());
            let after = self.vault.seal_at_size(place(&text), &traits, sealed.len())?;
            releases::set_traits(db, cycle, &after).await?;
        }
        Ok(())
    }

    /// The parts that an offering's release has.
    pub(super) async fn parts(
        &self,
        db: &mut Db,
        offering: &Offering,
        members: &[(ResidentId, ProgramId)],
    ) -> Result<Parts> {
        if !offering.rules.breakdowns {
            return Ok(Parts::default());
        }
        let cycle = offering.row.cycle;
        let Some(sealed) = releases::traits(db, cycle).await? else { return Ok(Parts::default()) };
        let traits: HashMap<ResidentId, Traits> =
            self.vault.open_value(place(&cycle.to_string()), &sealed)?;
        let cells = Cells::of(members.iter().filter_map(|(resident, _)| traits.get(resident)));
        Ok(Parts { cells, traits })
    }

    /// Counts who attended by part, and draws. The counts end here.
    pub(super) async fn draw_parts(
        &self,
        db: &mut Db,
        offering: &Offering,
        parts: &Parts,
        attended: &HashSet<ResidentId>,
        epsilon: Option<Epsilon>,
    ) -> Result<Vec<Breakdown>> {
        let Some(epsilon) = epsilon else { return Ok(Vec::new()) };
        let mut counts: BTreeMap<Cell, usize> = BTreeMap::new();
        for traits in attended.iter().filter_map(|resident| parts.traits.get(resident)) {
            for division in [Division::TrainingYear, Division::Site] {
                if let Some(cell) = traits.cell(division) {
                    *counts.entry(cell).or_default() += 1;
                }
            }
        }
        let sites = places::sites(db, offering.row.institution).await?;
        let names = sites.into_iter().map(|site| (site.id, site.name)).collect();
        let random = &mut |buffer: &mut [u8]| self.entropy.fill(buffer);
        let drawn = draw_breakdowns(epsilon, &parts.cells, &counts, &names, random);
        drawn.map_err(|why| Error::Refused(why.to_string()))
    }
}
