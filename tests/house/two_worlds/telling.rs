//! Words that tell: every artefact that leaves the service is searched for them, in every language, strictest where a
//! colleague reads over somebody's shoulder. The lists are this test's own, so that a gap in the product's own list shows.

use holdspace::domain::language::Language;
use holdspace::domain::letter::{Letter, telling_word};
use holdspace::mail::preview::previews;
use holdspace::mail::template::Templates;

use super::deeds::Deed;
use super::leaks::Planted;
use super::on_a_thread;
use super::script::{ASKED, Behaviour, Placed, Script};
use crate::harness::engines::Engine;
use crate::harness::letter::ReadLetter;
use crate::harness::person::kind;
use crate::harness::smtp::Received;

/// Beginnings of words that say what the time is for. Told nowhere but where a letter that everyone gets explains itself.
const PURPOSE: [&[&str]; 2] = [
    &[
        "therap",
        "couns",
        "mental",
        "psych",
        "wellness",
        "well-being",
        "wellbeing",
        "clinic",
        "patient",
        "doctor",
        "burnout",
        "stress",
        "anxi",
        "depress",
        "resilien",
        "coach",
        "treatment",
        "diagnos",
        "crisis",
    ],
    &[
        "terap",
        "consej",
        "salud",
        "psic",
        "psiq",
        "bienestar",
        "clínic",
        "paciente",
        "médic",
        "agotamiento",
        "estrés",
        "ansiedad",
        "depresi",
        "consulta",
        "tratamiento",
        "diagnós",
        "emocional",
        "terapeut",
    ],
];

/// Beginnings of words that say that somebody meets somebody, or what somebody did about it. Never in a subject, a
/// title, a name of a file, a sender or an address.
const CONDUCT: [&[&str]; 2] = [
    &[
        "appointment",
        "appt",
        "visit",
        "session",
        "opt out",
        "opt-out",
        "opted",
        "cancel",
        "declin",
        "missed",
        "no-show",
        "no show",
        "attend",
        "kept",
        "absen",
        "gave up",
        "given up",
        "confidential",
        "private",
        "secret",
        "refus",
    ],
    &[
        "cita",
        "visita",
        "sesión",
        "sesion",
        "renunci",
        "cancel",
        "rechaz",
        "faltó",
        "falta",
        "asist",
        "acudi",
        "ausen",
        "inasist",
        "confidencial",
        "privad",
        "secret",
        "perdi",
    ],
];

/// What a letter that only some get never says of them in its body, which is mail too.
const TOLD_OF_SOMEBODY: [&[&str]; 2] = [
    &["opt out", "opted", "cancel", "declin", "missed", "no-show", "attended", "you moved", "did not come"],
    &["renunci", "cancel", "rechaz", "faltó", "asistió", "no asist", "no acudi", "no vino", "se movió"],
];

/// The first word of a list at the beginning of a word of a text.
fn found<'w>(words: &[&'w str], text: &str) -> Option<&'w str> {
    let lower = text.to_lowercase();
    let begins = |at: usize| lower[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    words.iter().copied().find(|word| lower.match_indices(word).any(|(at, _)| begins(at)))
}

/// Everything that tells, of both languages: a letter in one may hold a word of the other.
pub fn tells(text: &str) -> Option<&'static str> {
    let all = PURPOSE.iter().chain(&CONDUCT).find_map(|words| found(words, text));
    all.or_else(|| telling_word(text))
}

pub fn purpose(text: &str) -> Option<&'static str> {
    PURPOSE.iter().find_map(|words| found(words, text))
}

/// What somebody sees of a letter without opening it, or of its entry in a calendar; with the place.
fn outside(letter: &ReadLetter, which: Letter) -> Vec<(String, String)> {
    let mut seen = vec![("subject".to_owned(), letter.subject.clone())];
    // A recipient's own name is whatever it is; and that a therapist's letters go to a therapist is no secret.
    let unread: &[&str] = if which.for_residents() {
        &["to", "date", "subject"]
    } else {
        &["to", "date", "subject", "message-id", "in-reply-to", "references"]
    };
    let header = letter.header.iter().filter(|(name, _)| !unread.contains(&name.to_lowercase().as_str()));
    seen.extend(header.map(|(name, value)| (format!("header {name}"), value.clone())));
    for part in &letter.calendar {
        // METHOD and STATUS must say what becomes of an entry; ATTENDEE names the recipient.
        let said = ["METHOD", "STATUS", "ATTENDEE", "DTSTART", "DTEND", "DTSTAMP", "BEGIN", "END", "CLASS"];
        let text = part.text.replace("\r\n ", "");
        let lines = text.lines().filter(|line| !said.iter().any(|name| line.starts_with(name)));
        seen.extend(lines.map(|line| ("calendar".to_owned(), line.to_owned())));
        seen.extend(part.file_name.iter().map(|name| ("name of a file".to_owned(), name.clone())));
    }
    for link in letter.links() {
        // The token is random letters, in which chance writes short words.
        let without = link.split('/').map(|part| if part.len() == 52 { "token" } else { part });
        seen.push(("link".to_owned(), without.collect::<Vec<_>>().join("/")));
    }
    seen
}

/// Fails with the place at which a letter tells.
fn tells_nothing(letter: &ReadLetter, which: Letter, of: &str) {
    let mut places = 0;
    for (place, text) in outside(letter, which) {
        assert_eq!(tells(&text), None, "{of}: {which}, {place}: {text}");
        places += 1;
    }
    assert!(places > 5, "{of}: {which}: hardly anything was looked at");
    // Staff and therapists are told what they need; the announcement explains itself to everyone alike.
    if !which.for_residents() || which == Letter::Announcement {
        return;
    }
    for (place, body) in [("text", &letter.text), ("page", &letter.html)] {
        assert_eq!(purpose(body), None, "{of}: {which}, {place}: {body}");
        let told = TOLD_OF_SOMEBODY.iter().find_map(|words| found(words, body));
        assert!(which.for_everyone() || told.is_none(), "{of}: {which}, {place} says {told:?}: {body}");
    }
}

fn read(bytes: &[u8]) -> ReadLetter {
    Received { from: String::new(), to: vec![], bytes: bytes.to_vec() }.read()
}

/// Letters that therapists and staff get are about their work; these words stand in their bodies alone.
fn which(name: &str) -> Letter {
    name.parse().unwrap()
}

#[test]
fn no_letter_tells_in_any_language_from_outside_or_of_somebody() {
    let templates = Templates::embedded().unwrap();
    let mut looked_at = Vec::new();
    for language in Language::ALL {
        for file in previews(&templates, language).unwrap() {
            let Some(name) = file.name.strip_suffix(".eml") else { continue };
            tells_nothing(&read(&file.bytes), which(name), &format!("the preview in {language}"));
            looked_at.push((which(name), language));
        }
    }
    for letter in Letter::ALL {
        let languages = if letter.for_residents() { Language::ALL.len() } else { 1 };
        let found = looked_at.iter().filter(|(one, _)| *one == letter).count();
        assert_eq!(found, languages, "{letter} was not looked at in every language");
    }
}

/// What deeds make be sent, as it arrives, in both languages.
#[test]
fn no_letter_tells_whatever_makes_it_be_sent() {
    let mut script = Script::plain(17);
    script.cohort = Some(ASKED);
    let at = |deed: Deed, way| Placed { phase: deed.early(), deed, way };
    let all: Vec<Behaviour> = [
        &[Deed::WantsConfirmations, Deed::OptsOutAndRemovesTheEntry, Deed::ComesBack, Deed::Moves][..],
        &[Deed::AnswersAndIsAskedByLetter, Deed::AnswersUnreadably, Deed::HasLettersSentHome],
        &[
            Deed::ProposesATimeInTheCalendar,
            Deed::IsMarkedMissed,
            Deed::IsOfferedAnotherVisit,
            Deed::TakesTheOtherVisit,
        ],
    ]
    .into_iter()
    .map(|deeds| Behaviour(deeds.iter().map(|deed| at(*deed, 1)).collect()))
    .collect();
    let mut kinds = std::collections::BTreeSet::new();
    for spanish in [false, true] {
        let behaviours: Vec<Behaviour> = all
            .iter()
            .map(|behaviour| {
                let first = spanish.then(|| at(Deed::ChoosesALanguage, 0));
                Behaviour(first.into_iter().chain(behaviour.0.iter().copied()).collect())
            })
            .collect();
        let world = on_a_thread(&script, &behaviours, Planted::Nothing, Engine::Sqlite).unwrap();
        for arrival in &world.mail {
            let letter = arrival.received.read();
            let name = kind(&letter);
            tells_nothing(&letter, which(&name), if spanish { "a season in Spanish" } else { "a season" });
            kinds.insert(name);
        }
    }
    assert!(kinds.len() >= 14, "only these came: {kinds:?}");
}

#[test]
fn a_telling_word_is_found_wherever_it_stands() {
    for text in ["Your VISIT", "Re: cita con ella", "counseling.ics", "/opt-out/", "Sesión 2", "x-missed"] {
        assert!(tells(text).is_some(), "{text}");
    }
    for text in ["Protected time: Tuesday", "invite.ics", "Su calendario", "/v/token", "Recordatorio"] {
        assert_eq!(tells(text), None, "{text}");
    }
}
