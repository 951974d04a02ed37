//! The only place that names sqlx: rows in, rows out, one set of statements for both engines. Never decides, and
//! sees of identities and outcomes nothing but sealed bytes.

pub mod absences;
pub mod app_passwords;
pub mod audit;
pub mod backup;
pub mod batches;
pub mod bookings;
pub mod bounces;
pub mod busy_calendars;
pub mod busy_events;
pub mod changing;
pub mod copies;
pub mod drafts;
pub mod engine;
pub mod follow_ups;
mod handing;
pub mod histories;
pub mod keys;
mod laid_out;
pub mod links;
pub mod mailboxes;
pub mod mirror;
pub mod moving;
pub mod offerings;
pub mod outbox;
pub mod people;
pub mod places;
pub mod received;
pub mod releases;
pub mod restore;
pub mod retention;
pub mod sealed;
pub mod seats;
mod server;
pub mod sessions;
pub mod sign_ins;
pub mod staff;
pub mod survey_codes;
pub mod therapists;
pub mod writing;
pub mod zones;

pub use engine::{Engine, Store};
pub use writing::Writing;

/// A connection or an open transaction: what every function of this room works on.
pub type Db = sqlx::AnyConnection;

/// What can go wrong with a database. Never holds a value of a row.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address names no engine that Holdspace knows.
    #[error("the database address must begin with sqlite:// or postgres://")]
    Url,
    /// An SQLite with a known bug.
    #[error("SQLite {0} can corrupt its write-ahead log; 3.51.3 or newer is needed")]
    OldSqlite(String),
    /// Two transactions stood in each other's way and this one was broken off: to be tried again.
    #[error("the database broke this off in favour of somebody else; try again")]
    Contended,
    /// It does not answer, or refuses.
    #[error("the database does not answer as it should: {0}")]
    Unavailable(sqlx::Error),
    /// It says nothing at all: it may have died without hanging up.
    #[error("the database has said nothing for a long time")]
    Silent,
    /// The tables could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A later version changed the tables, and did more than add.
    #[error(
        "the database was brought to a state that this version does not know (migration {0}); upgrade this program, or \
         restore the backup from before the upgrade"
    )]
    Newer(i64),
    /// A statement of this program does not fit the tables.
    #[error("the database refuses the statement “{text}”: {problem}")]
    Statement {
        /// The statement.
        text: &'static str,
        /// What the engine says.
        problem: sqlx::Error,
    },
    /// A backup is being put in this place.
    #[error("a backup is being put in the place of this database; wait until `holdspace restore` is done")]
    Held,
    /// The database was moved away, or another one is still being moved here.
    #[error("{0}")]
    Moved(&'static str),
    /// A move that cannot be.
    #[error("{0}")]
    Move(String),
    /// A stored value that this program never writes.
    #[error("the database holds a value in {0} that this program never writes")]
    Unreadable(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(problem: sqlx::Error) -> Self {
        // PostgreSQL's classes for a deadlock and for a serialization failure (Appendix A, class 40).
        let code = problem.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            Some("40P01" | "40001") => Self::Contended,
            _ => Self::Unavailable(problem),
        }
    }
}

/// What every function of this room answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every statement of this room, for the check that the engine can prepare each.
fn all_statements(engine: Engine) -> Vec<&'static str> {
    let one_engines = match engine {
        Engine::Sqlite => &[][..],
        Engine::Postgres => changing::OF_POSTGRES,
    };
    [
        absences::ALL,
        app_passwords::ALL,
        audit::ALL,
        batches::ALL,
        bookings::ALL,
        busy_calendars::ALL,
        bounces::ALL,
        busy_events::ALL,
        changing::ALL,
        copies::ALL,
        drafts::ALL,
        follow_ups::ALL,
        histories::ALL,
        keys::ALL,
        links::ALL,
        mailboxes::ALL,
        offerings::ALL,
        outbox::ALL,
        people::ALL,
        therapists::ALL,
        places::ALL,
        received::ALL,
        releases::ALL,
        seats::ALL,
        retention::ALL,
        sessions::ALL,
        sign_ins::ALL,
        staff::ALL,
        survey_codes::ALL,
        zones::ALL,
        one_engines,
    ]
    .concat()
    .into_iter()
    .chain(sealed::all())
    .collect()
}

/// Reads an identifier, a zone or another text that this program wrote.
fn read<T: std::str::FromStr>(text: &str, column: &'static str) -> Result<T> {
    text.parse().map_err(|_| Error::Unreadable(column))
}

/// Reads UTC seconds.
fn instant(seconds: i64, column: &'static str) -> Result<crate::domain::time::Instant> {
    chrono::DateTime::from_timestamp(seconds, 0).ok_or(Error::Unreadable(column))
}

/// Reads a span of UTC seconds.
fn span(starts_at: i64, ends_at: i64, column: &'static str) -> Result<crate::domain::time::Span> {
    crate::domain::time::Span::new(instant(starts_at, column)?, instant(ends_at, column)?)
        .ok_or(Error::Unreadable(column))
}

/// So many rows are asked for by their identifiers at once: the places of [`together`].
const TOGETHER: usize = 64;

/// [`TOGETHER`] places in a statement; what else it is given comes after them.
macro_rules! together {
    () => {
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, \
         $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, \
         $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64)"
    };
}
pub(crate) use together;

/// The identifiers of a statement with [`TOGETHER`] places, the last ones empty where there are fewer.
fn places_of(ids: &[String]) -> impl Iterator<Item = &str> {
    ids.iter().map(String::as_str).chain(std::iter::repeat("")).take(TOGETHER)
}

/// Declares a room's statements as constants, and the list of them that the check goes through.
macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        $(const $name: &str = $text;)+
        /// Every statement of this room.
        pub(super) const ALL: &[&str] = &[$($name),+];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests;
