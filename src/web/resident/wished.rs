//! What would give a resident what they wish for, as one button; and the form that changes how the same visit is attended.
//! Never names a therapist.

use axum::extract::State;
use axum::response::Redirect;
use axum::routing::post;
use serde::Deserialize;

use super::times::{named, way};
use super::visit::how;
use super::{done, said};
use crate::desk::visit::Offers;
use crate::desk::waiting::KeptTime;
use crate::desk::wished::Better;
use crate::domain::eligibility::Wishes;
use crate::domain::people::Modality;
use crate::domain::time::Zone;
use crate::web::body::{Fields, Token};
use crate::web::doors::Doors;
use crate::web::refusal::Refusal;
use crate::web::words::{Words, filled};
use crate::web::{WebState, told};

/// The routes of what is wished for.
pub fn routes() -> Doors {
    Doors::new().route("/v/{token}/way", post(attend))
}

/// A proposal in words, with what its one button sends.
pub(super) struct BetterTold {
    pub lead: &'static str,
    pub button: String,
    /// Where the button leads, behind the link.
    pub path: &'static str,
    /// The field that it sends, and its value.
    pub field: &'static str,
    pub value: String,
}

impl BetterTold {
    pub(super) fn of(w: &'static Words, offers: &Offers) -> Option<Self> {
        Some(match offers.better.as_ref()? {
            Better::Way(modality) => Self {
                lead: w.better_way_lead,
                button: filled(w.better_way, &[("how", &inside(how(w, *modality)))]),
                path: "way",
                field: "way",
                value: way(*modality).to_owned(),
            },
            Better::Time(offer) => {
                let (day, times) =
                    (told::day_of(w, offer.span, offers.zone), told::times(w, offer.span, offers.zone));
                let how = inside(how(w, offer.modality));
                let with = with(w, &offers.prefers);
                let values = [("day", &*day), ("times", &times), ("how", &how), ("with", &with)];
                Self {
                    lead: w.better_time_lead,
                    button: filled(w.better_time, &values),
                    path: "times",
                    field: "seat",
                    value: offer.seat.to_string(),
                }
            }
        })
    }
}

/// With whom, of what was wished for.
fn with(w: &Words, wishes: &Wishes) -> String {
    // A language is written with a capital in English, and as another word in Spanish.
    let language = wishes.language.as_ref().map(|language| {
        let name = named(w, language);
        let name = if w.lang == "en" { name } else { inside(&name) };
        filled(w.better_language, &[("language", &name)])
    });
    let gender = wishes
        .gender
        .as_ref()
        .map(|gender| filled(w.better_gender, &[("gender", &inside(&named(w, gender)))]));
    language.into_iter().chain(gender).collect()
}

/// A phrase as it stands inside a sentence.
fn inside(phrase: &str) -> String {
    let mut signs = phrase.chars();
    signs.next().map(|first| first.to_lowercase().chain(signs).collect()).unwrap_or_default()
}

/// A time that is kept for whoever waits, in words.
pub(super) struct KeptTold {
    pub seat: String,
    pub day: String,
    pub times: String,
    pub how: &'static str,
    pub until: String,
}

impl KeptTold {
    pub(super) fn of(w: &'static Words, kept: &KeptTime, zone: Zone) -> Self {
        Self {
            seat: kept.seat.to_string(),
            day: told::day_of(w, kept.shown.span, zone),
            times: told::times(w, kept.shown.span, zone),
            how: how(w, kept.shown.modality),
            until: filled(w.kept_until, &[("until", &told::moment(w, kept.until, zone))]),
        }
    }
}

/// A way in which the visit can be attended instead.
pub(super) struct WayTold {
    pub value: &'static str,
    pub label: &'static str,
}

pub(super) fn ways(w: &Words, ways: &[Modality]) -> Vec<WayTold> {
    ways.iter().map(|modality| WayTold { value: way(*modality), label: how(w, *modality) }).collect()
}

#[derive(Deserialize)]
struct Attend {
    way: Modality,
}

/// The way must be in the form: a scanner that merely posts to an address says nothing.
async fn attend(
    State(state): State<WebState>,
    Token(token): Token,
    form: Result<Fields<Attend>, Refusal>,
) -> Result<Redirect, Refusal> {
    let Fields(Attend { way }) = match form {
        Ok(form) => form,
        Err(refusal) => return Err(said(&state, refusal, &token).await),
    };
    match state.desk.attend_by(&token, way).await {
        Ok(()) => Ok(done(&token, "way")),
        Err(error) => Err(said(&state, error, &token).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::domain::time::Span;
    use crate::web::words::words_in;

    #[test]
    fn the_button_says_when_how_and_with_whom_in_both_languages() {
        let span =
            Span::new("2027-07-13T20:00:00Z".parse().unwrap(), "2027-07-13T20:50:00Z".parse().unwrap());
        let offer = crate::desk::visit::Offer {
            seat: crate::domain::id::SeatId::from_bytes([1; 16]),
            span: span.unwrap(),
            modality: Modality::Video,
            matches: true,
        };
        let offers = Offers {
            title: String::new(),
            zone: "America/Denver".parse().unwrap_or(Zone::UTC),
            times: Vec::new(),
            holds_one: true,
            remind: true,
            language: None,
            prefers: Wishes {
                language: Some("Spanish".to_owned()),
                gender: Some("female".to_owned()),
                modality: None,
            },
            choices: crate::desk::own::Choices::default(),
            better: Some(Better::Time(offer)),
            move_me: false,
        };
        let button = |language| BetterTold::of(words_in(language), &offers).unwrap().button;
        assert_eq!(
            button(Language::English),
            "Move me to Tuesday, July 13, 2027, 2:00–2:50 PM MDT, by video, with somebody who speaks Spanish \
             (gender: female)"
        );
        assert_eq!(
            button(Language::Spanish),
            "Mover mi visita al martes, 13 de julio de 2027, 2:00–2:50 p. m. MDT, por video, con alguien que habla \
             español (género: mujer)"
        );
    }
}
