//! Looks whether a log still is what was written: every entry, their order, the beginning and the end. Changes nothing.

use serde::Serialize;

use super::audit::{Head, STAFF, Written};
use super::{Desk, Result};
use crate::storage::{Db, audit};

/// Entries read at once.
const AT_ONCE: i64 = 500;
/// So many findings are told of one log; a database that was destroyed has more.
const TOLD: usize = 50;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which log: `staff`, `outcomes`, or `history` for a booking's own.
    pub log: &'static str,
    /// At which entry; for a history at which booking.
    pub at: String,
    /// What was found, in words.
    pub found: String,
}

/// What a log ends in, to be kept where nobody who can change the database can change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadShown {
    /// Which log.
    pub log: &'static str,
    /// How many entries were ever written.
    pub entries: i64,
    /// What stands for all of them.
    pub mac: String,
}

/// A head that somebody kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which log.
    pub log: String,
    /// How many entries it had.
    pub entries: i64,
    /// What stood for all of them.
    pub mac: String,
}

/// What came of looking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Entries of the staff log that were read.
    pub staff: usize,
    /// Entries of the fixed hours.
    pub outcomes: usize,
    /// Histories of bookings.
    pub histories: usize,
    /// What is not as it was written.
    pub findings: Vec<Finding>,
    /// Kept heads that can no longer be compared, because what they stood for was destroyed when its time was up.
    pub too_old: usize,
}

/// How far the looking has come in one log.
struct Walk<'k> {
    log: &'static str,
    head: Head,
    /// The number that comes next.
    next: i64,
    /// What the entry before ended in; unknown after a gap.
    before: Option<String>,
    read: usize,
    kept: Vec<&'k Kept>,
    too_old: usize,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn found(&mut self, at: impl ToString, found: impl Into<String>) {
        if self.findings.len() < TOLD {
            self.findings.push(Finding { log: self.log, at: at.to_string(), found: found.into() });
        }
    }

    fn missing(&mut self, from: i64, through: i64, why: &str) {
        let found = if from == through {
            format!("entry {from} is missing: {why}")
        } else {
            format!("entries {from} to {through} are missing: {why}")
        };
        self.found(from, found);
    }

    /// An entry as it stands there; `chained` is what it should end in, given what the one before ended in.
    fn entry(
        &mut self,
        row: &audit::EntryRow,
        opened: Result<Written, Option<i64>>,
        chained: impl Fn(&str, &Written) -> String,
    ) {
        let number = row.number;
        self.read += 1;
        if number < self.next || number > self.head.last {
            self.found(number, format!("entry {number} was never written: it was inserted"));
            return;
        }
        if number > self.next {
            self.missing(self.next, number - 1, "removed");
            self.before = None;
        }
        self.next = number + 1;
        let before = self.before.take();
        let mut ends_in = row.mac.clone();
        match opened {
            Err(None) => self.found(number, format!("entry {number} does not open: it was changed")),
            Err(Some(is)) => {
                let problem =
                    format!("in the place of entry {number} stands entry {is}: the order was changed");
                self.found(number, problem);
            }
            Ok(entry) => {
                if let Some(before) = before {
                    ends_in = chained(&before, &entry);
                    if ends_in != row.mac {
                        let problem = "it does not follow from the entry before: one of the two was changed";
                        self.found(number, format!("entry {number}: {problem}"));
                    }
                }
            }
        }
        self.compare(number, &ends_in);
        self.before = Some(ends_in);
    }

    /// Holds what an entry ends in against heads that were kept.
    fn compare(&mut self, number: i64, ends_in: &str) {
        if self.kept.iter().any(|kept| kept.entries == number && kept.mac != ends_in) {
            let problem =
                "is not what it was when a head was kept: the log was written anew from somewhere before";
            self.found(number, format!("entry {number} {problem}"));
        }
    }

    fn end(&mut self) {
        let last = self.head.last;
        if self.next <= last {
            self.missing(self.next, last, "the end of the log was cut off");
        } else if self.before.as_ref().is_some_and(|before| *before != self.head.mac) {
            self.found(last, format!("entry {last} is not the one that the head remembers"));
        }
        for kept in std::mem::take(&mut self.kept) {
            if kept.entries > last {
                let had = kept.entries;
                self.found(last, format!(
                    "a kept head says that there were {had} entries, and there are {last}: the end was cut off, or an older copy of \
                     the database was put back"
                ));
            } else if kept.entries < self.head.base {
                self.too_old += 1;
            } else if kept.entries == self.head.base && kept.mac != self.head.base_mac {
                self.found(kept.entries, "the beginning of the log is not what it was when a head was kept");
            }
        }
    }
}

impl Desk {
    /// What the logs end in now.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn audit_heads(&self) -> Result<Vec<HeadShown>> {
        let mut db = self.store.read().await?;
        let institution = self.institution(&mut db).await?;
        let mut shown = Vec::new();
        for log in [STAFF, super::audit::OUTCOMES] {
            let head = self.head(&mut db, (institution, log)).await?.unwrap_or_default();
            shown.push(HeadShown { log, entries: head.last, mac: head.mac });
        }
        Ok(shown)
    }

    /// Looks through one log.
    pub(super) async fn check_log(
        &self,
        db: &mut Db,
        log: &'static str,
        kept: &[Kept],
        checked: &mut Checked,
    ) -> Result<usize> {
        let which = (self.institution(db).await?, log);
        let kept: Vec<&Kept> = kept.iter().filter(|kept| kept.log == log && kept.entries > 0).collect();
        let head = self.head(db, which).await?;
        let newest = audit::newest(db, which).await?;
        let mut findings = Vec::new();
        let lost = |found: &str| Finding { log, at: "head".to_owned(), found: found.to_owned() };
        let head = match head {
            Some(head) => head,
            None if newest == 0 && log != STAFF && kept.is_empty() => return Ok(0),
            None => {
                findings
                    .push(lost("the head was removed or changed: nothing vouches for the end of this log"));
                Head { last: newest, ..Head::default() }
            }
        };
        if head.anew {
            findings.push(lost(&format!(
                "the head was removed or changed and then begun anew behind entry {}: nothing vouches for what stands before",
                head.base
            )));
        }
        let known = findings.is_empty();
        let before = known.then(|| head.base_mac.clone());
        let next = head.base + 1;
        let mut walk = Walk { log, head, next, before, read: 0, kept, too_old: 0, findings };
        let mut after = if walk.head.anew { walk.head.base } else { i64::MIN };
        loop {
            let rows = audit::after(db, which, after, AT_ONCE).await?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in &rows {
                let opened = self.open_entry(which, row);
                let opened = opened.map_err(|_| self.really(which, row, walk.head.last));
                walk.entry(row, opened, |before, entry| self.chained(which, before, entry));
            }
        }
        if known || walk.head.anew {
            walk.end();
        }
        checked.findings.append(&mut walk.findings);
        checked.too_old += walk.too_old;
        Ok(walk.read)
    }
}

impl Desk {
    /// Looks whether both logs still are what was written, and holds them against heads that somebody kept.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn check_audit(&self, kept: &[Kept]) -> Result<Checked> {
        // Rolled back: whoever appends meanwhile waits, so that nothing looks inserted that was written just now.
        let mut db = self.store.write().await?;
        let institution = self.institution(&mut db).await?;
        for log in [STAFF, super::audit::OUTCOMES] {
            audit::hold_head(&mut db, (institution, log)).await?;
        }
        self.check_logs(&mut db, kept).await
    }

    /// The same of what a connection sees, which nobody may change meanwhile.
    pub(super) async fn check_logs(&self, db: &mut Db, kept: &[Kept]) -> Result<Checked> {
        let mut checked = Checked::default();
        checked.staff = self.check_log(db, STAFF, kept, &mut checked).await?;
        checked.outcomes = self.check_log(db, super::audit::OUTCOMES, kept, &mut checked).await?;
        self.check_histories(db, &mut checked).await?;
        Ok(checked)
    }
}
