//! The one PostgreSQL, asked by connections of its own: what it works, what it holds, how much room that takes. Never changes
//! anything in it.

use std::fs;
use std::ops::AddAssign;
use std::time::Duration;

use anyhow::Context;
use sqlx::{Connection, PgConnection};

use crate::database::Databases;

/// Of a second: what Linux counts the time of processes in, for everybody who asks.
const TICKS: u64 = 100;

/// The server.
pub struct Server {
    url: String,
    /// The process whose children are the server's connections, where they are processes of this machine.
    postmaster: Option<u32>,
}

impl Server {
    pub async fn of(databases: &Databases) -> anyhow::Result<Self> {
        let Databases::Postgres { url, .. } = databases else { anyhow::bail!("this is for PostgreSQL") };
        let mut connection = PgConnection::connect(url).await?;
        let own: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        let postmaster = process(u32::try_from(own)?).filter(|process| process.name == "postgres");
        connection.close().await?;
        Ok(Self { url: url.clone(), postmaster: postmaster.map(|process| process.parent) })
    }

    /// Whether its processor time can be told.
    pub const fn told(&self) -> bool {
        self.postmaster.is_some()
    }

    /// Processor time of the whole server so far: of those who work for it now, and of those who did.
    pub fn processor(&self) -> Option<Duration> {
        let postmaster = self.postmaster?;
        let now = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| {
            let other = process(entry.file_name().to_str()?.parse().ok()?)?;
            (other.parent == postmaster).then_some(other.own)
        });
        let ticks = now.sum::<u64>() + process(postmaster).map(|process| process.own + process.gone)?;
        Some(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// Bytes of these databases on the disk.
    pub async fn bytes(&self, urls: &[String]) -> anyhow::Result<i64> {
        let names: Vec<&str> = urls.iter().filter_map(|url| Some(url.rsplit_once('/')?.1)).collect();
        let mut connection = PgConnection::connect(&self.url).await?;
        let all = "SELECT CAST(COALESCE(SUM(pg_database_size(datname)), 0) AS BIGINT) FROM pg_database WHERE datname = ANY($1)";
        let bytes = sqlx::query_scalar(all).bind(names).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(bytes)
    }
}

/// A process as Linux tells of it.
struct Process {
    name: String,
    parent: u32,
    /// Ticks of its own.
    own: u64,
    /// Ticks of its children that have ended.
    gone: u64,
}

fn process(id: u32) -> Option<Process> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // A name may hold anything, a bracket too: so the last one ends it.
    let (name, rest) = line.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        name: name.to_owned(),
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(11)? + ticks(12)?,
        gone: ticks(13)? + ticks(14)?,
    })
}

/// What an institution's database holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// On its rosters.
    pub residents: i64,
    /// One each.
    pub bookings: i64,
    /// Owed, now or later.
    pub letters: i64,
}

impl Held {
    /// What so many of them hold.
    pub fn times(self, count: usize) -> anyhow::Result<Self> {
        let count = i64::try_from(count)?;
        Ok(Self {
            residents: self.residents * count,
            bookings: self.bookings * count,
            letters: self.letters * count,
        })
    }
}

impl AddAssign for Held {
    fn add_assign(&mut self, other: Self) {
        self.residents += other.residents;
        self.bookings += other.bookings;
        self.letters += other.letters;
    }
}

/// Counts it.
pub async fn held(url: &str) -> anyhow::Result<Held> {
    let mut connection =
        PgConnection::connect(url).await.context("an institution's database is not there")?;
    let all = "SELECT (SELECT COUNT(*) FROM residents WHERE active = 1), (SELECT COUNT(*) FROM bookings), \
        (SELECT COUNT(*) FROM outbox WHERE state = 'owed')";
    let (residents, bookings, letters) = sqlx::query_as(all).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(Held { residents, bookings, letters })
}
