//! Files of programs, sites and therapists -> drafts without ids, or refusals by line. Never puts the text of a
//! cell into a refusal.

use super::headings::{self, Headed, Record, Said, Usual, refuse_file};
use super::identity::Address;
use super::people::State;
use super::table::{RowRefusal, Table};
use super::time::Zone;
use super::written::plain;

mod therapist;

pub use therapist::{TherapistDraft, therapists};

/// Most characters of a code, a name or an address.
const LONGEST: usize = 200;

/// What a file gave.
#[derive(Clone)]
pub struct Drafts<T> {
    /// The lines that were taken, each with its number.
    pub taken: Vec<(u32, T)>,
    /// The lines that were not; a lone one of line 0 means the whole file.
    pub refused: Vec<RowRefusal>,
    /// What was taken with a doubt that somebody should look at.
    pub warnings: Vec<RowRefusal>,
    /// The headings of columns that were not read.
    pub ignored_columns: Vec<String>,
}

impl<T> Default for Drafts<T> {
    fn default() -> Self {
        Self { taken: Vec::new(), refused: Vec::new(), warnings: Vec::new(), ignored_columns: Vec::new() }
    }
}

impl<T> Drafts<T> {
    /// Reads a file whose headings hold all `needed` columns, line by line; `key` says which lines are one thing.
    fn read<C: Copy + Ord>(
        tables: &[Table],
        usual: &[Usual<C>],
        needed: (&[C], &str),
        mut line: impl FnMut(&Record<'_, '_, C>, &mut Vec<RowRefusal>) -> Result<T, RowRefusal>,
        key: impl Fn(&T) -> String,
    ) -> Self {
        let suffice = |has: &dyn Fn(C) -> bool| needed.0.iter().all(|column| has(*column));
        let mut drafts = Self::default();
        let Some(headed) = headings::find(tables, usual, &Said::default(), suffice) else {
            let problem = format!("no row of headings was found with {}", needed.1);
            drafts.refused.push(refuse_file(problem, "name the columns so in the first row of the table"));
            return drafts;
        };
        drafts.ignored_columns.clone_from(&headed.ignored);
        drafts.take_all(&headed, &mut line, key);
        drafts
    }

    fn take_all<C: Copy + Ord>(
        &mut self,
        headed: &Headed<'_, C>,
        line: &mut impl FnMut(&Record<'_, '_, C>, &mut Vec<RowRefusal>) -> Result<T, RowRefusal>,
        key: impl Fn(&T) -> String,
    ) {
        let mut seen = std::collections::BTreeMap::new();
        for record in headed.records().filter(|record| !record.is_blank()) {
            match line(&record, &mut self.warnings) {
                Err(refusal) => self.refused.push(refusal),
                Ok(draft) => {
                    if let Some(first) = seen.get(&key(&draft)) {
                        let problem = format!("means the same as line {first}, which was taken");
                        self.refused.push(record.refuse(None, problem, "remove one of the two lines"));
                    } else {
                        seen.insert(key(&draft), record.line());
                        self.taken.push((record.line(), draft));
                    }
                }
            }
        }
    }
}

/// A program as its file has it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgramDraft {
    /// What the office calls it.
    pub code: String,
    /// Its name in full; the code where the file has none.
    pub name: String,
    /// Where its residents live.
    pub zone: Zone,
    /// Where they are when they attend by video.
    pub state: State,
    /// The coordinator.
    pub coordinator: Address,
}

/// A site as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteDraft {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: Zone,
    /// Its state.
    pub state: State,
    /// The postal address; may be empty.
    pub address: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Code,
    Name,
    Zone,
    State,
    Mail,
    Address,
}

const ZONE: Usual<Column> = (Column::Zone, &["zone", "timezone", "tz"]);
const STATE: Usual<Column> = (Column::State, &["state", "province", "stateprovince", "territory"]);

/// Reads programs: `code,name,zone,state,coordinator_email`. Codes are compared without regard to case.
#[must_use]
pub fn programs(tables: &[Table]) -> Drafts<ProgramDraft> {
    let usual = [
        (Column::Code, &["code", "programcode", "program", "abbreviation"] as &[&str]),
        (Column::Name, &["name", "programname", "title", "fullname"]),
        ZONE,
        STATE,
        (Column::Mail, &["coordinatoremail", "coordinator", "coordinatoraddress", "email", "contact"]),
    ];
    let needed = (
        [Column::Code, Column::Zone, Column::State, Column::Mail],
        "a code, a zone, a state and a coordinator's e-mail",
    );
    Drafts::read(
        tables,
        &usual,
        (&needed.0, needed.1),
        |record, _| {
            let code = text(record, Column::Code, "no code")?;
            let name = record.text(Column::Name);
            Ok(ProgramDraft {
                name: if name.is_empty() { code.clone() } else { text(record, Column::Name, "no name")? },
                code,
                zone: zone(record, Column::Zone)?,
                state: state(record)?,
                coordinator: mail(record, Column::Mail)?,
            })
        },
        |draft| plain(&draft.code),
    )
}

/// Reads sites: `site,zone,state,address`. Names are compared without regard to case.
#[must_use]
pub fn sites(tables: &[Table]) -> Drafts<SiteDraft> {
    let usual = [
        (Column::Name, &["site", "name", "sitename", "location", "hospital"] as &[&str]),
        ZONE,
        STATE,
        (Column::Address, &["address", "postaladdress", "street", "streetaddress"]),
    ];
    let needed = ([Column::Name, Column::Zone, Column::State], "a site, a zone and a state");
    Drafts::read(
        tables,
        &usual,
        (&needed.0, needed.1),
        |record, _| {
            let address = record.text(Column::Address);
            Ok(SiteDraft {
                name: text(record, Column::Name, "no name")?,
                zone: zone(record, Column::Zone)?,
                state: state(record)?,
                address: if address.is_empty() {
                    String::new()
                } else {
                    text(record, Column::Address, "no address")?
                },
            })
        },
        |draft| plain(&draft.name),
    )
}

/// A text on one line, not empty, and not to be taken for a formula when it is exported again.
fn text<C: Copy + Ord>(record: &Record<'_, '_, C>, column: C, missing: &str) -> Result<String, RowRefusal> {
    let text = record.text(column);
    if text.is_empty() {
        return Err(record.refuse(Some(column), missing, "add it or remove the line"));
    }
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) || text.starts_with(['=', '@']) {
        let problem = "too long, on more than one line, or a formula";
        return Err(record.refuse(
            Some(column),
            problem,
            format!("write at most {LONGEST} characters on one line"),
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn zone<C: Copy + Ord>(record: &Record<'_, '_, C>, column: C) -> Result<Zone, RowRefusal> {
    record.text(column).parse().map_err(|_| {
        record.refuse(Some(column), "not a time zone", "use an IANA name such as America/Denver")
    })
}

fn state(record: &Record<'_, '_, Column>) -> Result<State, RowRefusal> {
    State::parse(record.text(Column::State)).ok_or_else(|| {
        record.refuse(Some(Column::State), "not a state or province", "use its two letters, such as CO")
    })
}

pub(super) fn mail<C: Copy + Ord>(record: &Record<'_, '_, C>, column: C) -> Result<Address, RowRefusal> {
    record.text(column).parse().map_err(|_| {
        let problem =
            if record.text(column).is_empty() { "no e-mail address" } else { "not an e-mail address" };
        record.refuse(Some(column), problem, "write one like name@hospital.org, or remove the line")
    })
}

#[cfg(test)]
mod tests;
