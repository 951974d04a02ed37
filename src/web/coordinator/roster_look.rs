//! How a file that is looked through is told: what it would do, what it cannot, and what its columns are taken for. Never
//! decides any of it.

use std::collections::BTreeSet;

use askama::Template;

use super::lines::Lines;
use super::roster::{day, name};
use super::roster_person::labelled;
use crate::desk::roster_import::{Change, Choices, Proposal, Question};
use crate::domain::roster::merge::Answer;
use crate::domain::roster::{Column, Entry, Layout, Readable};
use crate::web::shell::Shell;
use crate::web::words::roster::{RosterWords, roster};
use crate::web::words::{Words, filled, words};

/// Most rows of one kind that are shown; the rest are counted.
const MOST: usize = 300;

/// What is said of a file beside what it would do.
pub(super) struct Told<'a> {
    pub(super) file: &'a str,
    /// Whether what was shown is so no more.
    pub(super) again: bool,
    pub(super) choices: &'a Choices,
}

#[derive(Template)]
#[template(path = "coordinator/roster-look.html")]
pub(super) struct LookPage {
    w: &'static Words,
    r: &'static RosterWords,
    shell: Shell,
    path: String,
    action: String,
    lead: String,
    again: bool,
    shown: String,
    facts: Vec<(&'static str, usize)>,
    questions: Vec<QuestionTold>,
    all_same: bool,
    /// Answers to lines that ask no more.
    answered: Vec<(u32, &'static str)>,
    /// What is not taken, and what is taken with a doubt.
    lists: [Lines; 2],
    added: Listed<AddedTold>,
    changed: Listed<ChangedTold>,
    leaving: Listed<String>,
    absent: Listed<String>,
    absent_title: String,
    whole: bool,
    withheld: bool,
    columns: Option<ColumnsTold>,
    /// Whether somebody has to look at the columns: not a line was read.
    unread: bool,
    empty: bool,
    nothing: &'static str,
}

/// The first of many, and how many more there are in words.
struct Listed<T> {
    rows: Vec<T>,
    more: String,
}

struct QuestionTold {
    line: u32,
    legend: String,
    about: String,
    answer: &'static str,
    one: bool,
}

struct AddedTold {
    line: u32,
    name: String,
    email: String,
    cells: [String; 5],
}

struct ChangedTold {
    name: String,
    fields: Vec<(&'static str, String, String)>,
    back: bool,
}

struct ColumnsTold {
    sheet: String,
    sheets: Vec<String>,
    line: u32,
    columns: Vec<ColumnTold>,
    rows: Vec<(u32, Vec<String>)>,
}

struct ColumnTold {
    at: usize,
    heading: String,
    label: String,
    fixed: &'static str,
    options: Vec<(&'static str, &'static str, bool)>,
}

fn listed<S, T>(r: &RosterWords, all: &[S], told: impl Fn(&S) -> T) -> Listed<T> {
    let more = match all.len().saturating_sub(MOST) {
        0 => String::new(),
        count => filled(r.look_more, &[("count", &count.to_string())]),
    };
    Listed { rows: all.iter().take(MOST).map(told).collect(), more }
}

impl LookPage {
    /// The page of what a file would do.
    pub(super) fn of(
        shell: Shell,
        path: String,
        action: String,
        proposal: Proposal,
        told: &Told<'_>,
    ) -> Self {
        let r = roster();
        let facts = vec![
            (r.look_added, proposal.added.len()),
            (r.look_changed, proposal.changed.len()),
            (r.look_same, proposal.unchanged),
            (r.look_leaving, proposal.leaving.len()),
            (r.look_refused, proposal.refused.len()),
            (r.look_asked, proposal.questions.len()),
        ];
        let absent = proposal.absent.len().to_string();
        let question = |question: &Question| QuestionTold::of(r, question, told.choices);
        let known_name = |one: &crate::domain::roster::merge::Known| name(&one.family, &one.given);
        let read =
            proposal.added.len() + proposal.changed.len() + proposal.unchanged + proposal.questions.len();
        Self {
            lead: filled(r.look_lead, &[("file", told.file)]),
            again: told.again,
            facts: facts.into_iter().filter(|(_, count)| *count > 0).collect(),
            all_same: told.choices.all_same,
            answered: answered(&proposal, told.choices),
            whole: told.choices.whole,
            withheld: proposal.withheld,
            lists: [
                Lines::of(r.look_refused_title, r.look_refused_lead, &proposal.refused),
                Lines::of(r.look_doubts_title, "", &proposal.doubts),
            ],
            added: listed(r, &proposal.added, AddedTold::of),
            changed: listed(r, &proposal.changed, |one| ChangedTold::of(r, one)),
            leaving: listed(r, &proposal.leaving, known_name),
            absent: listed(r, &proposal.absent, known_name),
            absent_title: filled(r.look_absent_title, &[("count", &absent)]),
            questions: proposal.questions.iter().take(MOST).map(question).collect(),
            unread: read == 0,
            empty: proposal.is_empty(),
            nothing: if proposal.unchanged > 0 { r.look_nothing_to_save } else { r.look_nothing_taken },
            columns: proposal.layout.map(|layout| ColumnsTold::of(r, layout)),
            shown: proposal.shown,
            w: words(),
            r,
            shell,
            path,
            action,
        }
    }
}

/// What was answered and has settled its question: the form says it again.
fn answered(proposal: &Proposal, choices: &Choices) -> Vec<(u32, &'static str)> {
    let open: BTreeSet<u32> = proposal.questions.iter().map(|question| question.entry.line).collect();
    let settled = choices.answers.iter().filter(|(line, _)| !open.contains(line));
    settled.map(|(line, answer)| (*line, written(*answer))).collect()
}

const fn written(answer: Answer) -> &'static str {
    match answer {
        Answer::Same => "same",
        Answer::New => "new",
    }
}

impl QuestionTold {
    fn of(r: &RosterWords, question: &Question, choices: &Choices) -> Self {
        let Question { entry, namesakes } = question;
        let addresses: Vec<&str> = namesakes.iter().map(|known| known.address.reveal()).collect();
        let gaps = [("line", &*entry.line.to_string()), ("name", &*name(&entry.family, &entry.given))];
        let about = [("addresses", &*addresses.join(", ")), ("address", entry.address.reveal())];
        Self {
            line: entry.line,
            legend: filled(r.look_question, &gaps),
            about: filled(r.look_on_file, &about),
            answer: choices.answers.get(&entry.line).map_or("", |answer| written(*answer)),
            one: namesakes.len() == 1,
        }
    }
}

impl AddedTold {
    fn of(entry: &Entry) -> Self {
        let told = |date: Option<chrono::NaiveDate>| date.map(|date| day(words(), date)).unwrap_or_default();
        Self {
            line: entry.line,
            name: name(&entry.family, &entry.given),
            email: entry.address.reveal().to_owned(),
            cells: [
                entry.pgy.map(|pgy| pgy.to_string()).unwrap_or_default(),
                entry.cohort.clone().unwrap_or_default(),
                entry.site.clone().unwrap_or_default(),
                told(entry.starts_on),
                told(entry.ends_on),
            ],
        }
    }
}

impl ChangedTold {
    fn of(r: &RosterWords, change: &Change) -> Self {
        let text = |text: &String| if text.is_empty() { r.look_nothing.to_owned() } else { text.clone() };
        let fields = change.fields.iter();
        Self {
            name: name(&change.known.family, &change.known.given),
            fields: fields.map(|one| (labelled(r, one.column).0, text(&one.from), text(&one.to))).collect(),
            back: !change.known.active,
        }
    }
}

impl ColumnsTold {
    fn of(r: &RosterWords, layout: Layout) -> Self {
        let columns = layout.columns.iter().map(|place| {
            let heading = if place.heading.is_empty() { r.look_unheaded } else { &place.heading };
            let option =
                |column: Column| (column.name(), labelled(r, column).0, place.meaning == Some(column));
            let mut options = vec![("", r.look_out, place.meaning.is_none())];
            options.extend(Column::ALL.into_iter().map(option));
            ColumnTold {
                at: place.at,
                heading: heading.to_owned(),
                label: filled(r.look_meaning, &[("heading", heading)]),
                fixed: match place.readable {
                    Readable::Yes => "",
                    Readable::Never => r.look_never,
                    Readable::Unnamed => r.look_unnamed,
                },
                options,
            }
        });
        Self {
            columns: columns.collect(),
            sheet: layout.sheet.unwrap_or_default(),
            sheets: layout.sheets,
            line: layout.line,
            rows: layout.first,
        }
    }
}
