//! Programs, sites and therapists as a director looks at them: who looks after them, and what is offered. Never what of
//! it is taken.

use std::collections::{BTreeMap, HashMap};

use super::invite::called;
use super::offering::Offering;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::availability::{self, Exception, Offered, Pattern};
use crate::domain::id::{ProgramId, StaffId, TherapistId};
use crate::domain::people::{Program, Site, Therapist};
use crate::domain::staff::Role;
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::{Db, people, places, staff, therapists};

/// A program with what is known of it. Holds names: cannot be printed.
pub struct ProgramShown {
    /// The program.
    pub program: Program,
    /// The address in its coverage calendar.
    pub contact: String,
    /// Who looks after it.
    pub coordinators: Vec<String>,
    /// Residents on its roster.
    pub residents: usize,
    /// Since when it is ready for the season that comes next.
    pub ready: Option<Instant>,
}

/// Programs and sites.
pub struct Furniture {
    /// By code.
    pub programs: Vec<ProgramShown>,
    /// By name.
    pub sites: Vec<Site>,
    /// The title of the season that programs are ready for.
    pub season: Option<String>,
}

/// A therapist with what they offer. Holds a name: cannot be printed.
pub struct TherapistShown {
    /// The therapist.
    pub therapist: Therapist,
    /// Half-hours a week that they offer on average in the season that comes next, away or busy as they may be of
    /// others' making; none where they gave no hours.
    pub half_hours: Option<f64>,
}

/// Therapists, and what their rows refer to.
pub struct Therapists {
    /// By name.
    pub therapists: Vec<TherapistShown>,
    /// All programs, by code.
    pub programs: Vec<Program>,
    /// All sites, by name.
    pub sites: Vec<Site>,
}

/// Without an offering, hours are counted over so many days from now.
const USUAL_DAYS: i64 = 84;

impl Desk {
    /// Programs and sites.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn furniture(&self, session: &Session) -> Result<Furniture> {
        session.director()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let (programs, sites) = self.programs_and_sites(&mut db).await?;
        let contacts: HashMap<_, _> = places::coordinators(&mut db, institution).await?.into_iter().collect();
        let mut residents: HashMap<ProgramId, usize> = HashMap::new();
        for row in people::residents(&mut db, institution).await?.into_iter().filter(|row| row.active) {
            *residents.entry(row.program).or_default() += 1;
        }
        let mut coordinators = self.coordinators_by_name(&mut db).await?;
        let next = self.next_season(&mut db).await?;
        let ready: HashMap<_, _> = match &next {
            Some(offering) => staff::readiness(&mut db, offering.id()).await?.into_iter().collect(),
            None => HashMap::new(),
        };
        let programs = programs.into_iter().map(|program| {
            let sealed = contacts.get(&program.id);
            Ok(ProgramShown {
                contact: sealed
                    .map(|sealed| self.open_coordinator(program.id, sealed))
                    .transpose()?
                    .unwrap_or_default(),
                coordinators: coordinators.remove(&program.id).unwrap_or_default(),
                residents: residents.get(&program.id).copied().unwrap_or(0),
                ready: ready.get(&program.id).copied(),
                program,
            })
        });
        Ok(Furniture {
            programs: programs.collect::<Result<_>>()?,
            sites,
            season: next.map(|offering| offering.rules.title),
        })
    }

    /// Therapists with the hours that they offer.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but a director.
    pub async fn therapists_shown(&self, session: &Session) -> Result<Therapists> {
        session.director()?;
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let (programs, sites) = self.programs_and_sites(&mut db).await?;
        let within = match self.next_season(&mut db).await? {
            Some(offering) => Some(offering.rules.period(programs.first().map_or(Zone::UTC, |one| one.zone))),
            None => Span::new(self.now(), self.now() + chrono::Duration::days(USUAL_DAYS)),
        };
        let mut hours: BTreeMap<TherapistId, (Vec<Pattern>, Vec<Exception>)> = BTreeMap::new();
        for (therapist, body) in therapists::availability(&mut db).await? {
            let own = hours.entry(therapist).or_default();
            match serde_json::from_str(&body) {
                Ok(Offered::Weekly(pattern)) => own.0.push(pattern),
                Ok(Offered::Once(exception)) => own.1.push(exception),
                Err(_) => return Err(crate::storage::Error::Unreadable("availability.body").into()),
            }
        }
        let mut shown = Vec::new();
        for row in therapists::therapists(&mut db, institution).await? {
            let therapist = self.open_therapist(&row)?;
            let own = hours.get(&row.id).zip(within);
            let half_hours = own.map(|((patterns, exceptions), within)| a_week(patterns, exceptions, within));
            shown.push(TherapistShown { therapist, half_hours });
        }
        shown.sort_by_cached_key(|one| {
            let identity = &one.therapist.identity;
            (
                identity.reveal_family().to_lowercase(),
                identity.reveal_given().to_lowercase(),
                one.therapist.id,
            )
        });
        Ok(Therapists { therapists: shown, programs, sites })
    }

    async fn programs_and_sites(&self, db: &mut Db) -> Result<(Vec<Program>, Vec<Site>)> {
        let institution = self.institution(db).await?;
        let mut programs = places::programs(db, institution).await?;
        programs.sort_by_cached_key(|program| program.code.to_lowercase());
        let mut sites = places::sites(db, institution).await?;
        sites.sort_by_cached_key(|site| site.name.to_lowercase());
        Ok((programs, sites))
    }

    /// Who looks after which program, by name.
    async fn coordinators_by_name(&self, db: &mut Db) -> Result<HashMap<ProgramId, Vec<String>>> {
        let institution = self.institution(db).await?;
        let mut names: HashMap<StaffId, String> = HashMap::new();
        for row in staff::all(db, institution).await? {
            names.insert(row.id, called(&self.open_staff(&row.id.to_string(), &row.sealed)?));
        }
        let mut coordinators: HashMap<ProgramId, Vec<String>> = HashMap::new();
        for (id, role) in staff::grants_of_all(db, institution).await? {
            if let Role::Coordinator(program) = role {
                coordinators.entry(program).or_default().extend(names.get(&id).cloned());
            }
        }
        coordinators.values_mut().for_each(|names| names.sort());
        Ok(coordinators)
    }

    /// The newest offering: what programs get ready for, and what therapists offer hours to.
    async fn next_season(&self, db: &mut Db) -> Result<Option<Offering>> {
        Ok(self.offerings(db).await?.pop())
    }
}

/// Half-hours a week, on average over a span: what is offered, whether or not a calendar is in the way.
fn a_week(patterns: &[Pattern], exceptions: &[Exception], within: Span) -> f64 {
    let offered = availability::slots(patterns, exceptions, &[], 30, 0, within).len();
    // A season that ends on a Friday has as many weeks as Mondays.
    let weeks = within.minutes().div_euclid(24 * 60).max(1) as u64;
    offered as f64 / weeks.div_ceil(7) as f64
}

impl Therapists {
    /// One of them.
    ///
    /// # Errors
    /// [`Error::Link`] for one that there is not.
    pub fn one(&self, id: TherapistId) -> Result<&Therapist> {
        let found = self.therapists.iter().find(|shown| shown.therapist.id == id);
        found.map(|shown| &shown.therapist).ok_or(Error::Link)
    }
}
