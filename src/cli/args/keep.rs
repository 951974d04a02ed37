//! The words of `backup`, `restore` and `migrate-to`. Never does anything.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use crate::domain::time::Instant;

/// What `backup --help` teaches besides.
pub const BACKUP_HELP: &str = "\
Example, every night:
  holdspace backup /var/backups/holdspace

The service goes on meanwhile. Each backup is a folder named by its moment, and is looked through before the command ends;
exit code 1 if something in it does not hold together. Copies of the store of keys (holdspace.keys.db) are deleted after
seven days by the next backup in the same place, or whoever was erased could be read in them: let whatever carries backups
elsewhere delete them there too. The key file and the mirror of releases are never in a backup; keep copies of both apart.";

/// See [`super::Verb::Backup`].
#[derive(Debug, Args)]
pub struct Backup {
    /// A directory for backups and nothing else; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub place: PathBuf,
}

/// What `restore --help` teaches besides.
pub const RESTORE_HELP: &str = "\
Examples:
  holdspace restore /var/backups/holdspace/20270711T020000Z
  holdspace restore /var/backups/holdspace/20270611T020000Z --keys aside/holdspace.keys.db
  holdspace restore --settle 2027-07-11T02:00:00Z      (after pg_restore, before the service starts)

Stop the service and move the old database aside first: it is put only where nothing lies. The configuration, the key file
and the newest mirror of releases must be there. With --keys the copy opens by another store of keys: by the present one
whoever was erased since the backup stays erased, and it is the only way with a backup older than seven days.";

/// See [`super::Verb::Restore`].
#[derive(Debug, Args)]
pub struct Restore {
    /// A folder that `holdspace backup` made
    #[arg(value_name = "DIR", required_unless_present = "settle")]
    pub folder: Option<PathBuf>,
    /// Another store of keys than the one in the backup
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Also if something in it does not hold together
    #[arg(long)]
    pub even_so: bool,
    /// Put nothing anywhere, but bring a database up that PostgreSQL's own tools have put back from this moment
    #[arg(long, value_name = "MOMENT", conflicts_with_all = ["folder", "keys", "even_so"])]
    pub settle: Option<Instant>,
}

/// What `migrate-to --help` teaches besides.
pub const MIGRATE_HELP: &str = "\
Example:
  holdspace migrate-to postgres://holdspace@db.hospital.org/holdspace

The service goes on while everything is brought over. Then nobody can change anything for as long as the differences and the
comparison of every row take (pages stay readable, a change is answered with 503), and from then on the old database
refuses every change: set database_url to the new one and start the service again. Broken off anywhere, it is called again
and goes on. A password in the address shows in the list of processes; PGPASSFILE or ~/.pgpass keep it out.";

/// See [`super::Verb::MigrateTo`].
#[derive(Debug, Args)]
pub struct MigrateTo {
    /// An empty PostgreSQL database
    #[arg(value_name = "URL", value_parser = secret)]
    pub url: SecretString,
}

fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.into())
}

/// See [`super::Verb::Doctor`].
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also look through everything in the database: that every sealed value opens, and that all of it holds together
    #[arg(long)]
    pub data: bool,
}
