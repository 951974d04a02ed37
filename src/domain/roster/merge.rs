//! A roster beside what is on file -> what would be added, changed, left, asked. Never changes anything itself.
//!
//! A person is found again by address within their program or outside it; where no address fits, by program and
//! name, which is a question and not an answer. An empty cell says nothing: it leaves what is on file, because a
//! column that was forgotten and a cell that was cleared look alike. Who is missing from the file stays, unless
//! the file is said to be the whole roster; and only people of programs that the file has lines of are missed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Entry, Wishes};
use crate::domain::id::ResidentId;
use crate::domain::identity::Address;
use crate::domain::table::RowRefusal;

/// A resident on file. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Known {
    /// Who it is.
    pub id: ResidentId,
    /// The program's code.
    pub program_code: String,
    /// The given name; may be empty.
    pub given: String,
    /// The family name.
    pub family: String,
    /// Where mail goes.
    pub address: Address,
    /// The year of training.
    pub pgy: Option<u8>,
    /// The cohort.
    pub cohort: Option<String>,
    /// The site.
    pub site: Option<String>,
    /// First day on the roster.
    pub starts_on: Option<NaiveDate>,
    /// Last day on the roster.
    pub ends_on: Option<NaiveDate>,
    /// What they would rather have.
    pub wishes: Wishes,
    /// Whether they are on the roster now; who left is found again, too.
    pub active: bool,
}

/// What a coordinator answers to "is this the person on file, with a new address?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The same person, whose address has changed.
    Same,
    /// Another person of the same name.
    New,
}

/// What an import would do.
#[derive(Clone, Default)]
pub struct Diff {
    /// People who were not on file.
    pub added: Vec<Entry>,
    /// People of whom something changed: the entry as it is to be stored, and the fields that differ.
    pub changed: Vec<(ResidentId, Entry, Vec<&'static str>)>,
    /// People of whom the file says what is on file.
    pub unchanged: Vec<ResidentId>,
    /// Lines that wait for an answer.
    pub questions: Vec<RowRefusal>,
    /// The same lines, each with the people on file whom it may mean.
    pub asked: Vec<(Entry, Vec<ResidentId>)>,
    /// Active people of the file's programs whom it does not name; they stay.
    pub absent: Vec<ResidentId>,
    /// The same people where the file is the whole roster; they leave it.
    pub leaving: Vec<ResidentId>,
}

/// Compares a roster with what is on file. `answers` are by line; `replace` says that the file is the whole roster.
///
/// People whom an open question may mean are neither absent nor leaving. A caller that replaces should first
/// see that no line of the file was refused: a refused line may be somebody on file.
#[must_use]
pub fn merge(on_file: &[Known], entries: Vec<Entry>, answers: &BTreeMap<u32, Answer>, replace: bool) -> Diff {
    // Addresses are compared as text and not kept beyond this comparison.
    let by_address: BTreeMap<&str, usize> =
        on_file.iter().enumerate().map(|(at, known)| (known.address.reveal(), at)).collect();
    let mut met: BTreeSet<usize> =
        entries.iter().filter_map(|entry| by_address.get(entry.address.reveal()).copied()).collect();
    let programs: BTreeSet<String> = entries.iter().map(|entry| entry.program_code.to_lowercase()).collect();
    let mut by_name: BTreeMap<[String; 3], Vec<usize>> = BTreeMap::new();
    for (at, known) in on_file.iter().enumerate() {
        by_name.entry(name_key(&known.program_code, &known.family, &known.given)).or_default().push(at);
    }
    let mut asked: BTreeSet<usize> = BTreeSet::new();
    let mut diff = Diff::default();
    for entry in entries {
        if let Some(at) = by_address.get(entry.address.reveal()) {
            diff.put(&on_file[*at], entry);
            continue;
        }
        let same_name = by_name.get(&name_key(&entry.program_code, &entry.family, &entry.given));
        let namesakes: Vec<usize> =
            same_name.into_iter().flatten().copied().filter(|at| !met.contains(at)).collect();
        match (&namesakes[..], answers.get(&entry.line)) {
            ([], _) | (_, Some(Answer::New)) => diff.added.push(entry),
            ([one], Some(Answer::Same)) => {
                met.insert(*one);
                diff.put(&on_file[*one], entry);
            }
            (several, _) => {
                asked.extend(several);
                diff.questions.push(question(&entry, several.len()));
                diff.asked.push((entry, several.iter().map(|at| on_file[*at].id).collect()));
            }
        }
    }
    let missed = on_file.iter().enumerate().filter(|(at, known)| {
        known.active
            && !met.contains(at)
            && !asked.contains(at)
            && programs.contains(&known.program_code.to_lowercase())
    });
    let missed = missed.map(|(_, known)| known.id).collect();
    if replace {
        diff.leaving = missed;
    } else {
        diff.absent = missed;
    }
    diff
}

/// Who is a namesake of whom: program and name without regard to case.
fn name_key(program_code: &str, family: &str, given: &str) -> [String; 3] {
    [program_code, family, given].map(str::to_lowercase)
}

fn question(entry: &Entry, namesakes: usize) -> RowRefusal {
    let line = entry.line;
    let (problem, remedy) = if namesakes == 1 {
        (
            "somebody of this name is on file in this program with another address".to_owned(),
            format!("answer with --answer {line}=same if the address has changed, or --answer {line}=new"),
        )
    } else {
        (
            format!("{namesakes} people of this name are on file in this program with other addresses"),
            format!("answer with --answer {line}=new, or keep the old address until one of them has left"),
        )
    };
    RowRefusal { sheet: entry.sheet.clone(), line, column: None, problem, remedy }
}

impl Diff {
    fn put(&mut self, known: &Known, mut entry: Entry) {
        fill(&mut entry, known);
        let fields = differences(known, &entry);
        if fields.is_empty() {
            self.unchanged.push(known.id);
        } else {
            self.changed.push((known.id, entry, fields));
        }
    }
}

/// Takes over what is on file where the line says nothing.
fn fill(entry: &mut Entry, known: &Known) {
    fn keep<T: Clone>(said: &mut Option<T>, known: &Option<T>) {
        if said.is_none() {
            said.clone_from(known);
        }
    }
    keep(&mut entry.pgy, &known.pgy);
    keep(&mut entry.cohort, &known.cohort);
    keep(&mut entry.site, &known.site);
    keep(&mut entry.starts_on, &known.starts_on);
    keep(&mut entry.ends_on, &known.ends_on);
    keep(&mut entry.wishes.language, &known.wishes.language);
    keep(&mut entry.wishes.therapist_gender, &known.wishes.therapist_gender);
    keep(&mut entry.wishes.modality, &known.wishes.modality);
    if entry.wishes.avoid.is_empty() {
        entry.wishes.avoid.clone_from(&known.wishes.avoid);
    }
    if entry.given.is_empty() {
        entry.given.clone_from(&known.given);
    }
}

fn differences(known: &Known, entry: &Entry) -> Vec<&'static str> {
    let fields = [
        ("program", !known.program_code.eq_ignore_ascii_case(&entry.program_code)),
        ("name", known.given != entry.given || known.family != entry.family),
        ("address", known.address != entry.address),
        ("pgy", known.pgy != entry.pgy),
        ("cohort", known.cohort != entry.cohort),
        ("site", known.site != entry.site),
        ("starts_on", known.starts_on != entry.starts_on),
        ("ends_on", known.ends_on != entry.ends_on),
        ("wishes", known.wishes != entry.wishes),
        ("active", !known.active),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}
