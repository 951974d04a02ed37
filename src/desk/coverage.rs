//! When a program's residents are free of duty, for whoever plans who covers whom. Reads residents and blocks and
//! nothing else: never a booking, so that the export is the same to the byte whatever anybody did.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use super::protect::kind_name;
use super::record::Resident;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::calendar::coverage::{self as calendar, CoverageRow};
use crate::domain::audit::Act;
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::protection::Kind;
use crate::domain::time::{Instant, Span, Zone};
use crate::storage::Db;
use crate::storage::people::{self, BlockRow};

/// One protected block of one resident. Cannot be printed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// Family name and given name.
    pub resident: String,
    /// Cohort; may be empty.
    pub cohort: String,
    /// The day on which it begins.
    pub date: NaiveDate,
    /// When it begins, by the clock on the wall, as `13:00`.
    pub start: String,
    /// When it ends; at or before the start it is on the next day.
    pub end: String,
    /// Where the clock hangs.
    pub zone: Zone,
    /// When, in UTC.
    #[serde(skip)]
    pub span: Span,
    /// Tells this entry from any other, and stays over exports.
    #[serde(skip)]
    uid: String,
    #[serde(skip)]
    whose: ResidentId,
}

impl Covered {
    /// Whether two blocks are the same resident's, who may bear somebody else's name.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.whose == other.whose
    }
}

/// The protected time of a program's residents, by name and then by time. Cannot be printed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The program's name in full.
    pub program: String,
    /// The blocks.
    pub rows: Vec<Covered>,
    /// When the newest of the residents came onto the roster: what the calendar's stamps say.
    #[serde(skip)]
    stamp: Instant,
}

impl Desk {
    /// The coverage of a program: every protected block of everyone who is on its roster.
    ///
    /// # Errors
    /// [`Error::UnknownProgram`], and those of loading.
    pub async fn coverage(&self, program_code: &str) -> Result<Coverage> {
        let mut db = self.store.read().await?;
        let program = self.program(&mut db, program_code).await?;
        self.covering(&mut db, program).await
    }

    /// The same for whoever looks after the program.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its coordinators and the directors.
    pub async fn coverage_of(&self, session: &Session, program: &Program) -> Result<Coverage> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        self.covering(&mut db, program.clone()).await
    }

    /// The same to be taken away as a file, which is written down.
    ///
    /// # Errors
    /// As [`Desk::coverage_of`].
    pub async fn coverage_fetched(&self, session: &Session, program: &Program) -> Result<Coverage> {
        let coverage = self.coverage_of(session, program).await?;
        let act = Act::Exported { what: "the coverage", program: program.code.clone() };
        self.note_fetched(session, &act).await?;
        Ok(coverage)
    }

    pub(super) async fn covering(&self, db: &mut Db, program: Program) -> Result<Coverage> {
        let around = self.surroundings(db).await?;
        let institution = self.institution(db).await?;
        let mut residents: Vec<Resident> = Vec::new();
        let rows = people::residents(db, institution).await?;
        for row in rows.iter().filter(|row| row.active && row.program == program.id) {
            residents.push(self.open_resident(row)?);
        }
        residents.sort_by_cached_key(|resident| {
            let identity = &resident.identity;
            let name = [identity.reveal_family(), identity.reveal_given()].map(str::to_lowercase);
            (name, resident.id)
        });
        let stamp = residents.iter().map(|resident| resident.admitted_at).max().unwrap_or_default();
        let rows = residents.iter().flat_map(|resident| covered(resident, around.blocks_of(resident)));
        Ok(Coverage { program: program.name, rows: rows.collect(), stamp })
    }
}

/// A resident's protected blocks, in order of time. A block that lies inside another one is not said twice.
fn covered(resident: &Resident, blocks: Vec<&BlockRow>) -> Vec<Covered> {
    let mut protected: Vec<&BlockRow> =
        blocks.into_iter().filter(|block| block.kind == kind_name(Kind::Protected)).collect();
    // Of two that begin together the longer one first.
    protected.sort_by_key(|block| (block.span.starts_at(), std::cmp::Reverse(block.span.ends_at())));
    let mut rows: Vec<Covered> = Vec::new();
    for block in protected {
        if rows.iter().any(|row| row.span.contains(&block.span)) {
            continue;
        }
        rows.push(Covered {
            resident: name(resident),
            cohort: resident.attributes.cohort.clone().unwrap_or_default(),
            date: block.local.on,
            start: hour(block.local.from),
            end: hour(block.local.to),
            zone: block.local.zone,
            span: block.span,
            whose: resident.id,
            uid: format!("{}-{}", block.span.starts_at().timestamp(), resident.id),
        });
    }
    rows
}

/// As rosters write it. Shown to the coordinator, whose roster it is.
fn name(resident: &Resident) -> String {
    match (resident.identity.reveal_family(), resident.identity.reveal_given()) {
        (family, "") => family.to_owned(),
        (family, given) => format!("{family}, {given}"),
    }
}

fn hour(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

impl Coverage {
    /// As a table (RFC 4180): `resident,cohort,date,start,end,zone`, in the form in which protected time is imported.
    ///
    /// # Errors
    /// [`Error::Refused`] where writing fails, which it does not in memory.
    pub fn csv(&self) -> Result<String> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        self.write(&mut writer).map_err(|problem| Error::Refused(problem.to_string()))?;
        let bytes = writer.into_inner().map_err(|problem| Error::Refused(problem.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn write(&self, writer: &mut csv::Writer<Vec<u8>>) -> csv::Result<()> {
        writer.write_record(["resident", "cohort", "date", "start", "end", "zone"])?;
        for row in &self.rows {
            let (resident, cohort, date) = (fenced(&row.resident), fenced(&row.cohort), row.date.to_string());
            let cells = [&resident, &cohort, &date, &row.start, &row.end, row.zone.name()];
            writer.write_record(cells)?;
        }
        Ok(())
    }

    /// As a calendar (RFC 5545).
    #[must_use]
    pub fn ics(&self) -> String {
        let row =
            |row: &Covered| CoverageRow { uid: row.uid.clone(), label: row.resident.clone(), span: row.span };
        let rows: Vec<CoverageRow> = self.rows.iter().map(row).collect();
        calendar::coverage(&self.program, &rows, self.stamp)
    }
}

/// A cell that no spreadsheet takes for a formula.
fn fenced(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("{}{cell}", if formula { "'" } else { "" })
}
