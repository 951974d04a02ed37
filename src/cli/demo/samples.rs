//! The invented people of the demo: the sample files, carried inside the program. Never a file of the machine's.

use anyhow::Context;

use crate::domain::table::Table;
use crate::intake;

/// A sample file, under the name that its refusals bear.
pub struct Sample {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! samples {
    ($($(#[$doc:meta])* $constant:ident = $file:literal;)+) => {
        $(
            $(#[$doc])*
            pub const $constant: Sample = Sample {
                name: $file,
                bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/", $file)),
            };
        )+
    };
}

samples! {
    /// Four programs in four zones, one of them of five residents.
    PROGRAMS = "programs.csv";
    /// Their sites.
    SITES = "sites.csv";
    /// Who holds visits.
    THERAPISTS = "therapists.csv";
    /// Weekly hours.
    AVAILABILITY = "availability.csv";
    /// The first therapist's calendar.
    BUSY = "busy_therapist_1.ics";
    /// One program as its coordinator keeps it.
    ROSTER_IN_EXCEL = "roster_as_kept_in_excel.xlsx";
    /// All four programs, clean.
    ROSTER = "roster.csv";
    /// A season of protected half-days.
    PROTECTED_TIME = "protected_time.csv";
}

/// A therapist whom the demo lets one be.
pub struct Host {
    /// As on the list.
    pub name: String,
    /// For the sign-in letter.
    pub address: String,
}

impl Sample {
    /// The rows of a table.
    ///
    /// # Errors
    /// None, as long as the samples are what they are.
    pub fn table(&self) -> anyhow::Result<Vec<Table>> {
        intake::read(self.bytes, self.name).context(self.name)
    }

    /// The events of a calendar.
    ///
    /// # Errors
    /// As [`Self::table`].
    pub fn calendar(&self) -> anyhow::Result<Vec<Table>> {
        intake::ics::read(self.bytes).context(self.name)
    }
}

/// The therapists in the order of their file; the first is the one with the busy calendar.
///
/// # Errors
/// As [`Sample::table`].
pub fn hosts() -> anyhow::Result<Vec<Host>> {
    let tables = THERAPISTS.table()?;
    let rows = tables.iter().flat_map(|table| &table.rows).skip(1);
    let host = |row: &crate::domain::table::Row| Host {
        name: row.cell(0).to_owned(),
        address: row.cell(1).to_owned(),
    };
    Ok(rows.map(host).collect())
}
