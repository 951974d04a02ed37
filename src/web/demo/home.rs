//! The demo's home: its clock, what the last move did, and the doors to every side. Moves nothing itself.

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::coverage::{Compared, compare};
use super::{Demo, Glance, Jump, Moved, Person, dressed, moment};
use crate::domain::letter::Letter;
use crate::web::body::Fields;
use crate::web::doors::Doors;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, words};

/// The routes of the home page and its buttons.
pub fn routes() -> Doors<Demo> {
    Doors::new()
        .route("/demo", get(show))
        .route("/demo/clock", post(move_clock))
        .route("/demo/live", post(let_live))
}

#[derive(Template)]
#[template(path = "demo/home.html")]
struct HomePage<'a> {
    w: &'static Words,
    now: String,
    moving_to: Option<String>,
    next_letter: Option<String>,
    release_at: String,
    told: Vec<String>,
    glance: Glance,
    director: &'a str,
    coordinator: &'a Person,
    therapists: &'a [Person],
    coverage: Vec<Compared>,
}

async fn show(State(demo): State<Demo>) -> Result<Response, Refusal> {
    let glance = demo.0.hand.glance().await?;
    Ok(dressed(page::ok(&HomePage {
        w: words(),
        now: moment(glance.now),
        moving_to: glance.moving_to.map(moment),
        next_letter: glance.next_letter.map(moment),
        release_at: moment(glance.release_at),
        told: glance.last.as_ref().map(in_words).unwrap_or_default(),
        director: &demo.0.director,
        coordinator: &demo.0.coordinator,
        therapists: &demo.0.therapists,
        coverage: compare(&demo).await?,
        glance,
    })))
}

#[derive(Deserialize)]
struct Move {
    to: Jump,
}

async fn move_clock(State(demo): State<Demo>, Fields(form): Fields<Move>) -> Result<Redirect, Refusal> {
    demo.0.hand.move_clock(form.to).await?;
    Ok(Redirect::to("/demo"))
}

async fn let_live(State(demo): State<Demo>) -> Result<Redirect, Refusal> {
    demo.0.hand.let_live().await?;
    Ok(Redirect::to("/demo"))
}

/// What a move came to, a sentence each.
fn in_words(moved: &Moved) -> Vec<String> {
    let mut told = Vec::new();
    if moved.letters.is_empty() {
        told.push("No letter was due.".to_owned());
    } else {
        let letters: Vec<String> = moved
            .letters
            .iter()
            .map(|(letter, count)| format!("{count} {}", name(*letter, *count)))
            .collect();
        told.push(format!("Delivered: {}.", letters.join(", ")));
    }
    if moved.refreshed {
        let why = "The times offered for moves were refreshed: by the clock, and never because of anybody.";
        told.push(why.to_owned());
    }
    if let Some([opted_out, moves, kept, missed]) = moved.lived {
        told.push(format!(
            "People lived: {opted_out} opted out, {moves} moved; {kept} visits were kept and {missed} missed. \
             Only the demo can say so."
        ));
    }
    if moved.frozen {
        told.push("The release was drawn and frozen; see it as the director.".to_owned());
    }
    told
}

/// What a letter is called, for one or several.
pub fn name(letter: Letter, count: usize) -> String {
    let one = match letter {
        Letter::Announcement => "announcement",
        Letter::Invitation => "invitation",
        Letter::Reminder => "reminder",
        Letter::Afterwards => "letter after the visit",
        Letter::Rearranged => "new time",
        Letter::Retimed => "letter about changed clocks",
        Letter::Released => "letter without a new time",
        Letter::Moved => "move",
        Letter::Removed => "removal",
        Letter::Replaced => "new time for a chosen one",
        Letter::Lapsed => "letter that a chosen time is gone",
        Letter::FreeTime => "letter about a free time",
        Letter::Confirmation => "confirmation",
        Letter::MovedReminder => "reminder of a new time",
        Letter::Further => "further time",
        Letter::FurtherOff => "letter that a further time is gone",
        Letter::NewAddress => "question to a new address",
        Letter::OtherAddress => "letter to an old address",
        Letter::CalendarAnswer => "question about a calendar answer",
        Letter::CalendarUnread => "answer to what could not be read",
        Letter::NearTimes => "letter with near times",
        Letter::TherapistDay => "evening note to a therapist",
        Letter::TherapistToday => "same-day note to a therapist",
        Letter::TherapistWelcome => "welcome to a therapist",
        Letter::StaffWelcome => "welcome to a colleague",
        Letter::SignIn => "sign-in link",
    };
    match (count, letter) {
        (1, _) => one.to_owned(),
        (_, Letter::Afterwards) => "letters after the visit".to_owned(),
        (_, Letter::Released) => "letters without a new time".to_owned(),
        (_, Letter::Replaced) => "new times for chosen ones".to_owned(),
        (_, Letter::Lapsed) => "letters that a chosen time is gone".to_owned(),
        (_, Letter::FurtherOff) => "letters that a further time is gone".to_owned(),
        (_, Letter::FreeTime) => "letters about free times".to_owned(),
        (_, Letter::MovedReminder) => "reminders of a new time".to_owned(),
        (_, Letter::NewAddress) => "questions to new addresses".to_owned(),
        (_, Letter::OtherAddress) => "letters to old addresses".to_owned(),
        (_, Letter::CalendarAnswer) => "questions about calendar answers".to_owned(),
        (_, Letter::CalendarUnread) => "answers to what could not be read".to_owned(),
        (_, Letter::NearTimes) => "letters with near times".to_owned(),
        (_, Letter::TherapistDay) => "evening notes to therapists".to_owned(),
        (_, Letter::TherapistToday) => "same-day notes to therapists".to_owned(),
        (_, Letter::TherapistWelcome) => "welcomes to therapists".to_owned(),
        (_, Letter::StaffWelcome) => "welcomes to colleagues".to_owned(),
        _ => format!("{one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_in_sentences_and_an_idle_one_too() {
        let at = "2027-06-14T15:00:00Z".parse().unwrap();
        let idle =
            Moved { from: at, to: at, letters: Vec::new(), refreshed: false, frozen: false, lived: None };
        assert_eq!(in_words(&idle), ["No letter was due."]);
        let letters = vec![(Letter::Invitation, 2), (Letter::Reminder, 1)];
        let told = in_words(&Moved { letters, refreshed: true, lived: Some([3, 1, 5, 2]), ..idle });
        assert_eq!(told[0], "Delivered: 2 invitations, 1 reminder.");
        assert!(told[1].contains("refreshed") && told[2].contains("3 opted out"));
    }
}
