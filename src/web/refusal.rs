//! What is answered where a page cannot be: the one place that knows which refusal has which status code. Never
//! says a name, and never why a link opens nothing.

use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::words::{Words, words_in};
use crate::desk::Error;
use crate::domain::booking;
use crate::domain::follow_up;
use crate::domain::language::Language;

/// A sentence, whatever the language.
type Sentence = fn(&'static Words) -> &'static str;

/// A page that says what is so instead of what was asked for.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    title: Sentence,
    text: Sentence,
    back: Option<String>,
    retry_after: Option<u64>,
    /// The language that the reader chose; none where nobody knows who reads.
    language: Option<Language>,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    w: &'static Words,
    title: &'a str,
    text: &'a str,
    back: Option<&'a str>,
}

/// Marks an answer that is a page of ours: what a library answers without one is dressed in one.
#[derive(Debug, Clone, Copy)]
pub struct Dressed;

impl Refusal {
    const fn new(status: StatusCode, title: Sentence, text: Sentence) -> Self {
        Self { status, title, text, back: None, retry_after: None, language: None }
    }

    /// The one page for a link that is unknown, expired, used, rotated or for something else.
    pub const fn nothing() -> Self {
        Self::new(StatusCode::NOT_FOUND, |w| w.nothing_title, |w| w.nothing)
    }

    /// A form without the choice that it asks for.
    pub const fn no_choice() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, |w| w.no_choice_title, |w| w.no_choice)
    }

    /// A text that is no mail address.
    pub const fn no_address() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, |w| w.conflict_title, |w| w.address_wrong)
    }

    /// A body beyond what a form can have.
    pub const fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, |w| w.too_large_title, |w| w.too_large)
    }

    /// A form that was sent from another site.
    pub const fn foreign_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, |w| w.foreign_title, |w| w.foreign)
    }

    /// What should not happen.
    pub const fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, |w| w.broken_title, |w| w.broken)
    }

    /// The one page for whoever a sign-in through the provider does not let in.
    pub fn not_let_in() -> Self {
        Self::new(StatusCode::FORBIDDEN, |w| w.sign_in_refused_title, |w| w.sign_in_refused)
            .back_to("/sign-in".to_owned())
    }

    /// A provider that does not work.
    pub fn no_provider() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, |w| w.sign_in_outage_title, |w| w.sign_in_outage)
            .back_to("/sign-in".to_owned())
    }

    /// What passes by itself.
    pub fn busy() -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, |w| w.busy_title, |w| w.busy);
        Self { retry_after: Some(10), ..refusal }
    }

    /// Somebody who comes more often than people do.
    pub fn too_often(seconds: u64) -> Self {
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, |w| w.busy_title, |w| w.too_fast);
        Self { retry_after: Some(seconds), ..refusal }
    }

    const fn conflict(text: Sentence) -> Self {
        Self::new(StatusCode::CONFLICT, |w| w.conflict_title, text)
    }

    /// With a way back to a page that still stands.
    pub fn back_to(self, path: String) -> Self {
        // From a link that opens nothing, nothing leads back.
        let back = Some(path).filter(|_| self.status != StatusCode::NOT_FOUND);
        Self { back, ..self }
    }

    /// In the language that the reader chose.
    pub fn in_language(self, language: Option<Language>) -> Self {
        Self { language, ..self }
    }

    /// A page in the place of a bare status code that a library answered; other answers stay.
    ///
    /// A page of ours is said again in `asked`, the language of the browser, where nobody knew who reads it.
    pub fn dress(bare: Response, asked: Language) -> Response {
        let status = bare.status();
        let unspoken = bare.extensions().get::<Self>().filter(|refusal| refusal.language.is_none());
        if let Some(refusal) = unspoken.filter(|_| asked != Language::English) {
            return refusal.clone().in_language(Some(asked)).into_response();
        }
        let refused = status.is_client_error() || status.is_server_error();
        if !refused || bare.extensions().get::<Dressed>().is_some() {
            return bare;
        }
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(status, |w| w.method_title, |w| w.method),
            _ if status.is_server_error() => Self::broken(),
            _ => Self::nothing(),
        }
        .in_language(Some(asked))
        .into_response()
    }
}

/// The answer to an address that leads nowhere: the same as for a link that opens nothing.
pub async fn nothing_here() -> Refusal {
    Refusal::nothing()
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Link => Self::nothing(),
            Error::Taken => Self::conflict(|w| w.taken),
            Error::Contended => Self::conflict(|w| w.contended),
            Error::Booking(refusal) => Self::conflict(said(refusal)),
            Error::FollowUp(refusal) => Self::conflict(told(refusal)),
            Error::Storage(problem) => {
                tracing::error!(%problem, "a page met trouble with the database");
                Self::busy()
            }
            Error::NotSetUp | Error::NoOffering => Self::busy(),
            other => {
                tracing::error!(problem = %other, "a page could not be made");
                Self::broken()
            }
        }
    }
}

/// A booking's refusal in the words of the catalogue.
const fn said(refusal: booking::Refusal) -> Sentence {
    match refusal {
        booking::Refusal::NotThatWay => |w| w.not_that_way,
        booking::Refusal::NothingHeld => |w| w.nothing_held,
        booking::Refusal::HasBegun => |w| w.has_begun,
        booking::Refusal::TookPlace => |w| w.took_place,
        booking::Refusal::TooSoon => |w| w.too_soon,
        booking::Refusal::NotYet => |w| w.not_yet,
        booking::Refusal::NoSuchVisit => |w| w.no_such_visit,
        booking::Refusal::TooOften => |w| w.too_often,
        booking::Refusal::AskedJustNow => |w| w.asked_just_now,
        booking::Refusal::AskedTooOften => |w| w.asked_too_often,
    }
}

/// What a resident can be refused of a follow-up; the others are said beside the field of a therapist's form.
const fn told(refusal: follow_up::Refusal) -> Sentence {
    match refusal {
        follow_up::Refusal::HasBegun => |w| w.has_begun,
        follow_up::Refusal::Theirs => |w| w.further_meets,
        _ => |w| w.further_gone,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let w = words_in(self.language.unwrap_or_default());
        let (title, text) = ((self.title)(w), (self.text)(w));
        let page = RefusalPage { w, title, text, back: self.back.as_deref() };
        // Where even this page fails, its sentence is still true.
        let html = page.render().unwrap_or_else(|_| text.to_owned());
        let mut response = (self.status, Html(html)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Dressed);
        response.extensions_mut().insert(self);
        response
    }
}
