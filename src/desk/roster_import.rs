//! A coordinator's file beside the roster of one program: shown before anything is saved, and saved exactly as shown.
//! Never touches anybody of another program.

use std::collections::{BTreeMap, HashMap, HashSet};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::admit::OnFile;
use super::session::Session;
use super::{Desk, Result};
use crate::domain::audit::Act;
use crate::domain::id::ResidentId;
use crate::domain::people::Program;
use crate::domain::roster::merge::{Answer, Diff, Known, merge};
use crate::domain::roster::{self, Chosen, Column, ColumnMap, Difference, Entry, Layout, Typed};
use crate::domain::table::{Reader, RowRefusal, Table};
use crate::storage::{self, Db, people};

/// What a coordinator says of a file.
#[derive(Clone, Default)]
pub struct Choices {
    /// Which sheet is meant.
    pub sheet: Option<String>,
    /// In which line the headings stand.
    pub line: Option<u32>,
    /// What the columns hold, by place; none said, as they are taken for.
    pub columns: Chosen,
    /// Who is who, by line.
    pub answers: BTreeMap<u32, Answer>,
    /// Whether everybody else whose name is on file is the same person with a new address.
    pub all_same: bool,
    /// Whether the file is the whole roster, so that who is missing leaves it.
    pub whole: bool,
}

/// Somebody of whom the file says something new.
pub struct Change {
    /// The line.
    pub line: u32,
    /// Who it is on file.
    pub known: Known,
    /// What differs.
    pub fields: Vec<Difference>,
}

/// A line of a name that is on file with another address.
pub struct Question {
    /// As the file has it.
    pub entry: Entry,
    /// The one or several on file.
    pub namesakes: Vec<Known>,
}

/// What a file would do.
#[derive(Default)]
pub struct Proposal {
    /// What the file looks like; nothing where it is empty.
    pub layout: Option<Layout>,
    /// People who were not on file.
    pub added: Vec<Entry>,
    /// People of whom something changes.
    pub changed: Vec<Change>,
    /// How many stay as they are.
    pub unchanged: usize,
    /// People who leave the roster.
    pub leaving: Vec<Known>,
    /// People whom the file does not name, and who stay.
    pub absent: Vec<Known>,
    /// Lines that wait for an answer.
    pub questions: Vec<Question>,
    /// Lines that are not taken.
    pub refused: Vec<RowRefusal>,
    /// What is taken with a doubt.
    pub doubts: Vec<RowRefusal>,
    /// Whether people stay only because a refused line may be one of them.
    pub withheld: bool,
    /// Stands for all that would be saved: whoever brings it saw this and nothing else.
    pub shown: String,
}

/// What was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// People who were not on file.
    pub added: usize,
    /// People of whom something changed.
    pub changed: usize,
    /// People who left.
    pub left: usize,
}

impl Proposal {
    /// Whether there is nothing to save.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.leaving.is_empty()
    }
}

impl Desk {
    /// What a file would do to a program's roster. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Link`](super::Error::Link) for anybody but its coordinators and the directors.
    pub async fn look_through(
        &self,
        session: &Session,
        program: &Program,
        tables: &[Table],
        choices: &Choices,
    ) -> Result<Proposal> {
        session.coordinator(program.id)?;
        let mut db = self.store.read().await?;
        let (proposal, ..) = self.propose(&mut db, program, tables, choices).await?;
        Ok(proposal)
    }

    /// Saves what a file would do, if that is still what was shown; nothing else, and nothing by half. Answers
    /// nothing where it is not.
    ///
    /// # Errors
    /// As [`Desk::look_through`].
    pub async fn take_roster(
        &self,
        session: &Session,
        program: &Program,
        tables: &[Table],
        choices: &Choices,
        shown: &str,
    ) -> Result<Option<Taken>> {
        session.coordinator(program.id)?;
        let mut tx = self.store.write().await?;
        self.lock_for_import(&mut tx).await?;
        let (proposal, file, diff) = self.propose(&mut tx, program, tables, choices).await?;
        if proposal.shown != shown {
            return Ok(None);
        }
        let (added, changed, left) = (diff.added.len(), diff.changed.len(), diff.leaving.len());
        self.admit(&mut tx, &file, diff).await?;
        let counts = vec![("added", added), ("changed", changed), ("left", left)];
        let act = Act::Imported { what: "a roster", program: Some(program.code.clone()), counts };
        self.note_of(&mut tx, session, &act).await?;
        tx.commit().await.map_err(storage::Error::from)?;
        Ok(Some(Taken { added, changed, left }))
    }

    async fn propose(
        &self,
        db: &mut Db,
        program: &Program,
        tables: &[Table],
        choices: &Choices,
    ) -> Result<(Proposal, OnFile, Diff)> {
        let institution = self.institution(db).await?;
        let rows = people::residents_of(db, program.id).await?;
        let elsewhere = people::keys_elsewhere(db, institution, program.id).await?;
        let mut file = self.roster_on_file(db, institution, rows, Reader::Page).await?;
        file.programs.retain(|known| known.id == program.id);
        file.places.programs.retain(|code| *code == program.code);
        let (layout, map) = looked_at(tables, choices);
        let mut reading = roster::read(tables, &map, Some(&program.code), &file.places);
        let elsewhere: HashSet<String> = elsewhere.into_iter().collect();
        let is_ours = |entry: &Entry| !elsewhere.contains(&self.vault.address_key(&entry.address));
        let (ours, theirs): (Vec<_>, Vec<_>) = reading.entries.into_iter().partition(is_ours);
        reading.refused.extend(theirs.iter().map(is_elsewhere));
        reading.refused.sort_by_key(|refusal| refusal.line);
        // A line that was refused may be somebody on file, who would be taken off the roster by a slip.
        let replace = choices.whole && reading.refused.is_empty();
        let on_file = file.known();
        let diff = compared(&on_file, ours, choices, replace);
        let mut proposal = Proposal {
            layout,
            refused: reading.refused,
            doubts: reading.warnings,
            withheld: choices.whole && !replace,
            ..told(&on_file, &diff)
        };
        proposal.shown = digest(&proposal);
        Ok((proposal, file, diff))
    }
}

/// What the file looks like, and how it is to be read.
fn looked_at(tables: &[Table], choices: &Choices) -> (Option<Layout>, ColumnMap) {
    let asked = ColumnMap { sheet: choices.sheet.clone(), header_line: choices.line, ..ColumnMap::default() };
    let Some(guessed) = roster::layout(tables, &asked) else { return (None, asked) };
    let map = guessed.map(&choices.columns);
    (roster::layout(tables, &map), map)
}

fn is_elsewhere(entry: &Entry) -> RowRefusal {
    RowRefusal {
        sheet: entry.sheet.clone(),
        line: entry.line,
        column: None,
        problem: "this address is on the roster of another program".to_owned(),
        remedy: "correct the address, or ask the director to move the person".to_owned(),
    }
}

fn compared(on_file: &[Known], entries: Vec<Entry>, choices: &Choices, replace: bool) -> Diff {
    let diff = merge(on_file, entries.clone(), &choices.answers, replace);
    if !choices.all_same || diff.asked.is_empty() {
        return diff;
    }
    let mut answers = choices.answers.clone();
    // Whoever has several namesakes still needs an answer of their own.
    let clear = diff.asked.iter().filter(|(_, namesakes)| namesakes.len() == 1);
    answers.extend(clear.map(|(entry, _)| (entry.line, Answer::Same)));
    merge(on_file, entries, &answers, replace)
}

fn told(on_file: &[Known], diff: &Diff) -> Proposal {
    let by_id: HashMap<ResidentId, &Known> = on_file.iter().map(|known| (known.id, known)).collect();
    let all = |ids: &[ResidentId]| -> Vec<Known> {
        let mut all: Vec<Known> = ids.iter().filter_map(|id| by_id.get(id).copied().cloned()).collect();
        all.sort_by_cached_key(|known| (known.family.to_lowercase(), known.given.to_lowercase(), known.id));
        all
    };
    let change = |(id, entry, _): &(ResidentId, Entry, Vec<&'static str>)| {
        let known = (*by_id.get(id)?).clone();
        Some(Change { line: entry.line, fields: known.differences(entry), known })
    };
    let question = |(entry, namesakes): &(Entry, Vec<ResidentId>)| Question {
        entry: entry.clone(),
        namesakes: all(namesakes),
    };
    Proposal {
        added: diff.added.clone(),
        changed: diff.changed.iter().filter_map(change).collect(),
        unchanged: diff.unchanged.len(),
        leaving: all(&diff.leaving),
        absent: all(&diff.absent),
        questions: diff.asked.iter().map(question).collect(),
        ..Proposal::default()
    }
}

/// One text for everything that would be saved, and for whom it stays the same.
fn digest(proposal: &Proposal) -> String {
    let mut sum = Sha256::new();
    let mut put = |kind: &str, id: Option<ResidentId>, typed: &Typed| {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let texts = Column::ALL.iter().map(|column| typed.get(column).map_or("", String::as_str));
        for text in [kind, &id].into_iter().chain(texts) {
            sum.update(text.len().to_be_bytes());
            sum.update(text.as_bytes());
        }
    };
    for entry in &proposal.added {
        put("added", None, &entry.written());
    }
    for change in &proposal.changed {
        put("before", Some(change.known.id), &change.known.written());
        let after = change.fields.iter().map(|field| (field.column, field.to.clone())).collect();
        put(if change.known.active { "after" } else { "back" }, None, &after);
    }
    for known in &proposal.leaving {
        put("leaving", Some(known.id), &Typed::new());
    }
    HEXLOWER.encode(&sum.finalize())
}
