//! One program's roster as its coordinator sees it: who is on it, and what keeps somebody from being reached or placed.
//! Never anything of visits.

use std::collections::HashSet;

use super::admit::known;
use super::ground::{whose_cohort, whose_resident};
use super::record::Resident;
use super::session::Session;
use super::{Desk, Error, Result};
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::roster::Column;
use crate::domain::roster::merge::Known;
use crate::storage::people;

/// People on one page of a roster.
pub const PAGE: usize = 100;

/// Which part of a roster is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What a name or an address contains, without regard to case; empty for everybody.
    pub search: String,
    /// Whether those who left are meant, and not those who are there.
    pub left: bool,
    /// Which page, from 0.
    pub page: usize,
}

/// Somebody on a roster.
pub struct Listed {
    /// What the roster says.
    pub known: Known,
    /// Whether the announcement, which everybody gets, could not be delivered.
    pub unreached: bool,
    /// Whether no protected time is on file for them or their cohort.
    pub unprotected: bool,
}

/// One page of a roster.
pub struct RosterPage {
    /// By family name.
    pub people: Vec<Listed>,
    /// How many there are on all pages.
    pub found: usize,
    /// The page, from 0: the last one where a later one was asked for.
    pub page: usize,
    /// People on the roster now.
    pub active: usize,
    /// People who left it.
    pub left: usize,
    /// How many of those on it could not be reached.
    pub unreached: usize,
    /// How many of those on it have no protected time.
    pub unprotected: usize,
}

impl Desk {
    /// A page of a program's roster.
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its coordinators and the directors.
    pub async fn roster(&self, session: &Session, program: &Program, asked: &Asked) -> Result<RosterPage> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let rows = people::residents_of(&mut db, program.id).await?;
        let protected: HashSet<String> = people::protected(&mut db, program.id).await?.into_iter().collect();
        let failed = self.unannounced(&mut db).await?;
        drop(db);
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let resident = self.open_resident(row)?;
            all.push(Listed {
                unreached: failed.contains(&row.address_key),
                unprotected: !is_protected(&resident, &protected),
                known: known(&resident, &program.code),
            });
        }
        Ok(RosterPage::of(all, asked))
    }

    /// The roster of a program as a file that reads back (RFC 4180).
    ///
    /// # Errors
    /// [`Error::Link`] for anybody but its coordinators and the directors.
    pub async fn roster_csv(&self, session: &Session, program: &Program) -> Result<String> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let rows = people::residents_of(&mut db, program.id).await?;
        drop(db);
        let mut all = Vec::with_capacity(rows.len());
        for row in rows.iter().filter(|row| row.active) {
            all.push(known(&self.open_resident(row)?, &program.code));
        }
        all.sort_by_cached_key(by_name);
        csv(&all).map_err(|problem| Error::Refused(problem.to_string()))
    }
}

fn is_protected(resident: &Resident, protected: &HashSet<String>) -> bool {
    let cohort = resident.attributes.cohort.as_deref().map(whose_cohort);
    protected.contains(&whose_resident(resident.id)) || cohort.is_some_and(|key| protected.contains(&key))
}

/// By family name, and always in one order.
fn by_name(known: &Known) -> (String, String, ResidentId) {
    (known.family.to_lowercase(), known.given.to_lowercase(), known.id)
}

impl RosterPage {
    fn of(mut all: Vec<Listed>, asked: &Asked) -> Self {
        let count =
            |which: fn(&Listed) -> bool| all.iter().filter(|one| one.known.active && which(one)).count();
        let (active, unreached, unprotected) =
            (count(|_| true), count(|one| one.unreached), count(|one| one.unprotected));
        let left = all.len() - active;
        let words: Vec<String> = asked.search.split_whitespace().map(str::to_lowercase).collect();
        all.retain(|one| one.known.active != asked.left && has(&one.known, &words));
        all.sort_by_cached_key(|one| by_name(&one.known));
        let found = all.len();
        let page = asked.page.min(found.saturating_sub(1) / PAGE);
        let people = all.into_iter().skip(page * PAGE).take(PAGE).collect();
        Self { people, found, page, active, left, unreached, unprotected }
    }
}

/// Whether name and address hold every word.
fn has(known: &Known, words: &[String]) -> bool {
    // Revealed to be searched, on behalf of whoever keeps this roster.
    let text = format!("{} {} {}", known.given, known.family, known.address.reveal()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// The columns of a file, in its order.
const WRITTEN: [Column; 13] = [
    Column::Program,
    Column::Family,
    Column::Given,
    Column::Email,
    Column::Pgy,
    Column::Cohort,
    Column::Site,
    Column::StartsOn,
    Column::EndsOn,
    Column::Language,
    Column::TherapistGender,
    Column::Modality,
    Column::Avoid,
];

fn csv(people: &[Known]) -> csv::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(WRITTEN.map(Column::heading))?;
    for known in people {
        let typed = known.written();
        writer.write_record(
            WRITTEN.map(|column| typed.get(&column).map_or_else(String::new, |text| fenced(text))),
        )?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    // The mark tells spreadsheets that the letters are UTF-8.
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

/// A cell that no spreadsheet takes for a formula; rosters read it without the mark.
fn fenced(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@']);
    format!("{}{cell}", if formula { "'" } else { "" })
}
