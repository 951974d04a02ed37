//! How a program's season stands: roster, protected time, booking and dates. Reads rosters, blocks, settings and what
//! batches wrote: never a seat, a booking or an outcome.

use chrono::{Days, Duration, NaiveDate};

use super::offering::Offering;
use super::session::Session;
use super::{Desk, Result};
use crate::domain::id::OfferingId;
use crate::domain::people::Program;
use crate::domain::time::{Instant, Zone, wall};
use crate::storage::{batches, people, releases};

/// An offering by its name and dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeasonName {
    /// Identifier.
    pub offering: OfferingId,
    /// Its title.
    pub title: String,
    /// First day of visits.
    pub from: NaiveDate,
    /// Last day of visits.
    pub until: NaiveDate,
    /// The day of its release.
    pub release_on: NaiveDate,
    /// Whether its release is frozen or its day is past: an earlier season.
    pub over: bool,
}

/// How one season of one program stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which season.
    pub season: SeasonName,
    /// Residents on the program's roster.
    pub residents: usize,
    /// Those of them with protected time between the first and the last day.
    pub protected: usize,
    /// Whoever came onto the roster after the last batch.
    pub came_since: usize,
    /// When the first batch was booked.
    pub booked_at: Option<Instant>,
    /// The day of the last booking, in the program's zone.
    pub booked_on: Option<NaiveDate>,
    /// Until this day booking leaves everybody the whole announcement and notice.
    pub book_by: NaiveDate,
    /// Days from the announcement to the invitation; none without an announcement.
    pub announce_days: Option<u32>,
    /// The day on which the first batch's invitations go out.
    pub invites_on: Option<NaiveDate>,
    /// Today, in the program's zone.
    pub today: NaiveDate,
    /// Whether the release is frozen.
    pub released: bool,
}

impl Desk {
    /// Every season, the newest first.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but the program's coordinators and the directors.
    pub async fn seasons_of(&self, session: &Session, program: &Program) -> Result<Vec<SeasonName>> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let today = wall(self.now(), program.zone).date();
        let mut seasons = Vec::new();
        for offering in self.offerings(&mut db).await? {
            let released = releases::release(&mut db, offering.id()).await?.is_some();
            seasons.push(named(&offering, released, today));
        }
        seasons.sort_by_key(|season| std::cmp::Reverse((season.from, season.offering)));
        Ok(seasons)
    }

    /// How one season stands for a program.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but the program's coordinators and the directors, and for an
    /// offering that there is not.
    pub async fn standing_of(
        &self,
        session: &Session,
        program: &Program,
        offering: &str,
    ) -> Result<Standing> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let offering = self.known_offering(&mut db, offering).await?;
        let around = self.surroundings(&mut db).await?;
        let released = releases::release(&mut db, offering.id()).await?.is_some();
        let last = batches::batches(&mut db, offering.id()).await?.last().map(|batch| batch.booked_at);
        let last = last.or(offering.row.booked_at);
        let (mut residents, mut protected, mut came_since) = (0, 0, 0);
        for row in people::residents(&mut db, offering.row.institution).await? {
            if !row.active || row.program != program.id {
                continue;
            }
            residents += 1;
            came_since += usize::from(last.is_some_and(|at| row.admitted_at > at));
            let person = around.person(&self.open_resident(&row)?, &offering);
            let some = person
                .is_some_and(|person| person.protected.iter().any(|block| block.overlaps(&person.period)));
            protected += usize::from(some);
        }
        let rules = &offering.rules;
        let lead = u64::from(rules.announce_days.unwrap_or(0));
        let notice = u64::from(rules.notice_hours.div_ceil(24)) + 1;
        let first = offering.row.booked_at;
        let today = wall(self.now(), program.zone).date();
        let on = |at: Instant, zone: Zone| wall(at, zone).date();
        Ok(Standing {
            residents,
            protected,
            came_since,
            booked_at: first,
            booked_on: last.map(|at| on(at, program.zone)),
            book_by: rules.from.checked_sub_days(Days::new(lead + notice)).unwrap_or(rules.from),
            announce_days: rules.announce_days,
            invites_on: first.map(|at| on(at + Duration::days(lead.cast_signed()), program.zone)),
            today,
            released,
            season: named(&offering, released, today),
        })
    }
}

fn named(offering: &Offering, released: bool, today: NaiveDate) -> SeasonName {
    SeasonName {
        offering: offering.id(),
        title: offering.rules.title.clone(),
        from: offering.rules.from,
        until: offering.rules.until,
        release_on: offering.release_on(),
        over: released || today > offering.release_on(),
    }
}
