//! A coordinator looks at the protected time of one program, week by week, and changes it. Never moves a visit, and never
//! knows whether anybody uses the time.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use super::ground::{whose_cohort, whose_resident};
use super::protect::kind_name;
use super::record::Resident;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::audit::Act;
use crate::domain::id::BlockId;
use crate::domain::people::Program;
use crate::domain::protection::Kind;
use crate::domain::time::{Instant, LocalSpan, Span, Zone, wall};
use crate::storage::people::{self, BlockRow};
use crate::storage::{self, Db};

/// Whose time is looked at. Holds a name: cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// How it is filed: what a form sends back.
    pub whose: String,
    /// The cohort or the person, as the roster writes it.
    pub name: String,
    /// Residents whose time it is.
    pub residents: usize,
    /// Whether it is one person.
    pub is_person: bool,
}

/// One block of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockShown {
    /// Free of duty, or never booked.
    pub kind: Kind,
    /// By the clock on the wall of the program.
    pub from: NaiveTime,
    /// When it ends; at or before the start it is on the next day.
    pub to: NaiveTime,
    /// In UTC: what a form sends back.
    pub span: Span,
}

/// A week of protected time.
pub struct Week {
    /// The cohorts of the roster, by name.
    pub cohorts: Vec<Holder>,
    /// Whose week it is; none where nobody is on the roster.
    pub holder: Option<Holder>,
    /// The Monday.
    pub monday: NaiveDate,
    /// Seven days with their blocks, in order of time.
    pub days: Vec<(NaiveDate, Vec<BlockShown>)>,
    /// Those who have no protected time at all, by name: in no cohort that has some, and none of their own.
    pub without: Vec<Holder>,
}

/// Time that somebody writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBlock {
    /// Free of duty, or never booked.
    pub kind: Kind,
    /// The first day.
    pub on: NaiveDate,
    /// When it begins.
    pub from: NaiveTime,
    /// When it ends; at or before the start it is on the next day.
    pub to: NaiveTime,
    /// The same every week up to this day; none for once.
    pub weekly_until: Option<NaiveDate>,
}

/// Weekly time is written down for at most so many weeks: two years.
const MOST_WEEKS: u64 = 104;
/// Days that a calendar of this program can show.
const YEARS: std::ops::Range<i32> = 2000..2200;

impl Desk {
    /// A week of a cohort or a person: the asked one, or the first cohort; the asked week, or the first that has something
    /// from today on.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and directors, and for a cohort or person that is not of
    /// this program.
    pub async fn protected_week(
        &self,
        session: &Session,
        program: &Program,
        whose: Option<&str>,
        week: Option<NaiveDate>,
    ) -> Result<Week> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let residents = self.of_program(&mut db, program).await?;
        let blocks = people::blocks_of_program(&mut db, program.id).await?;
        let cohorts = cohorts(&residents);
        let holder = match whose {
            Some(whose) => Some(holder(&cohorts, &residents, whose).ok_or(Error::Link)?),
            None => cohorts.first().cloned().or_else(|| residents.first().map(person)),
        };
        let own: Vec<&BlockRow> = match &holder {
            Some(holder) => blocks.iter().filter(|block| block.whose == holder.whose).collect(),
            None => Vec::new(),
        };
        let asked = week.filter(|day| YEARS.contains(&day.year()));
        let monday = asked.unwrap_or_else(|| first_week(&own, self.now(), program.zone));
        let monday = monday.week(chrono::Weekday::Mon).first_day();
        let days = monday.iter_days().take(7).map(|day| (day, shown(&own, day))).collect();
        Ok(Week { without: without(&residents, &blocks), cohorts, holder, monday, days })
    }

    /// Writes time down for a cohort or a person; says how many blocks are new.
    ///
    /// # Errors
    /// As [`Desk::protected_week`]; [`Error::Refused`] for time that cannot be, in words for whoever wrote it.
    pub async fn add_protected(
        &self,
        session: &Session,
        program: &Program,
        whose: &str,
        new: NewBlock,
    ) -> Result<usize> {
        session.coordinator(program.id)?;
        let spans = spans(&new, program.zone)?;
        let mut tx = self.store.write().await?;
        let residents = self.of_program(&mut tx, program).await?;
        let holder = holder(&cohorts(&residents), &residents, whose).ok_or(Error::Link)?;
        let mut added = 0;
        for (local, span) in spans {
            let kind = kind_name(new.kind).to_owned();
            let row = BlockRow { program: program.id, whose: holder.whose.clone(), kind, local, span };
            let id = BlockId::from_bytes(self.draw());
            added += usize::from(people::add_block(&mut tx, id, &row).await?);
        }
        let act = Act::Protected { program: program.code.clone(), blocks: added };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(added)
    }

    /// Removes one block. Removed twice, it says what already holds.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but the program's coordinators and directors.
    pub async fn remove_protected(
        &self,
        session: &Session,
        program: &Program,
        whose: &str,
        kind: Kind,
        span: Span,
    ) -> Result<()> {
        session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        if people::remove_block(&mut tx, program.id, whose, kind_name(kind), span).await? {
            let act = Act::Unprotected { program: program.code.clone() };
            self.note_of(&mut tx, session, &act).await?;
        }
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(())
    }

    /// Everybody on a program's roster, by name.
    async fn of_program(&self, db: &mut Db, program: &Program) -> Result<Vec<Resident>> {
        let institution = self.institution(db).await?;
        let rows = people::residents(db, institution).await?;
        let rows = rows.iter().filter(|row| row.active && row.program == program.id);
        let mut residents = rows.map(|row| self.open_resident(row)).collect::<Result<Vec<_>>>()?;
        residents.sort_by_cached_key(|one| (one.identity.reveal_family().to_lowercase(), name(one), one.id));
        Ok(residents)
    }
}

/// As rosters write it. Shown to the coordinator, whose roster it is.
fn name(resident: &Resident) -> String {
    resident.identity.reveal_name()
}

fn person(resident: &Resident) -> Holder {
    Holder { whose: whose_resident(resident.id), name: name(resident), residents: 1, is_person: true }
}

fn cohorts(residents: &[Resident]) -> Vec<Holder> {
    let mut found: BTreeMap<String, Holder> = BTreeMap::new();
    for cohort in residents.iter().filter_map(|resident| resident.attributes.cohort.as_ref()) {
        let whose = whose_cohort(cohort);
        let fresh = || Holder { whose: whose.clone(), name: cohort.clone(), residents: 0, is_person: false };
        found.entry(whose.clone()).or_insert_with(fresh).residents += 1;
    }
    found.into_values().collect()
}

fn holder(cohorts: &[Holder], residents: &[Resident], whose: &str) -> Option<Holder> {
    let cohort = cohorts.iter().find(|holder| holder.whose == whose).cloned();
    cohort.or_else(|| residents.iter().find(|one| whose_resident(one.id) == whose).map(person))
}

/// The week in which the first block from now on lies, or this one.
fn first_week(blocks: &[&BlockRow], now: Instant, zone: Zone) -> NaiveDate {
    let coming = blocks.iter().filter(|block| block.span.ends_at() > now).map(|block| block.local.on).min();
    coming.unwrap_or_else(|| wall(now, zone).date())
}

fn shown(blocks: &[&BlockRow], day: NaiveDate) -> Vec<BlockShown> {
    let of_day = blocks.iter().filter(|block| block.local.on == day);
    let mut shown: Vec<BlockShown> = of_day
        .map(|block| BlockShown {
            kind: if block.kind == kind_name(Kind::Never) { Kind::Never } else { Kind::Protected },
            from: block.local.from,
            to: block.local.to,
            span: block.span,
        })
        .collect();
    shown.sort_by_key(|block| (block.span, block.kind));
    shown
}

fn without(residents: &[Resident], blocks: &[BlockRow]) -> Vec<Holder> {
    let protected = kind_name(Kind::Protected);
    let filed: std::collections::HashSet<&str> =
        blocks.iter().filter(|block| block.kind == protected).map(|block| block.whose.as_str()).collect();
    let has = |resident: &&Resident| {
        let cohort = resident.attributes.cohort.as_ref().map(|cohort| whose_cohort(cohort));
        let own = whose_resident(resident.id);
        cohort.is_some_and(|cohort| filed.contains(cohort.as_str())) || filed.contains(own.as_str())
    };
    residents.iter().filter(|resident| !has(resident)).map(person).collect()
}

/// The spans that somebody means, each resolved where the program is.
fn spans(new: &NewBlock, zone: Zone) -> Result<Vec<(LocalSpan, Span)>> {
    let refuse = |problem: &str| Err(Error::Refused(problem.to_owned()));
    let until = new.weekly_until.unwrap_or(new.on);
    if !YEARS.contains(&new.on.year()) || !YEARS.contains(&until.year()) {
        return refuse("give a day between the years 2000 and 2199");
    }
    if until < new.on {
        return refuse("the last day lies before the first; swap them, or leave the last day empty");
    }
    if new.from == new.to {
        return refuse("it ends when it begins; give another hour");
    }
    let weeks = u64::try_from((until - new.on).num_days() / 7).unwrap_or(0);
    if weeks >= MOST_WEEKS {
        return refuse("that is more than two years of weeks; give an earlier last day");
    }
    let days = (0..=weeks).filter_map(|week| new.on.checked_add_days(Days::new(7 * week)));
    let spans: Vec<_> = days
        .filter_map(|on| {
            let local = LocalSpan { on, from: new.from, to: new.to, zone };
            local.resolve().map(|span| (local, span))
        })
        .collect();
    if spans.is_empty() {
        refuse("the clocks change on that day and leave no time between")
    } else {
        Ok(spans)
    }
}
