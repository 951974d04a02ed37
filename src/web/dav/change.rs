//! What a calendar program writes: a visit at another time, and busy time. Whatever else it would change is refused or not
//! kept, and then it is not given an entity tag, so that it looks again (RFC 4791, section 5.3.4).

use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::{done, refused};
use super::place::Place;
use super::report::Unanswered;
use super::xml::{CALDAV, DAV};
use super::{Asked, tags};
use crate::desk::dav::{Collection, etag};
use crate::desk::dav_busy::{BusyRefusal, Condition};
use crate::desk::dav_move::MoveRefusal;
use crate::domain::table::Table;
use crate::intake::ics;
use crate::web::words::dav::dav;

/// What is not met where something else holds meanwhile.
const PRECONDITION: (&str, &str) = (DAV, "precondition-failed");

impl Asked<'_> {
    pub(super) async fn put(&self) -> Result<Response, Unanswered> {
        let Place::Object(calendar, name) = &self.place else { return Ok(not_yours()) };
        let (text, events) = match self.events() {
            Ok(read) => read,
            Err(refusal) => return Ok(*refusal),
        };
        match calendar {
            Collection::Held => self.put_visit(name, &events).await,
            Collection::Busy => self.put_busy(name, text, &events).await,
        }
    }

    /// The events that were sent; a calendar holds nothing else.
    fn events(&self) -> Result<(&str, Vec<Table>), Box<Response>> {
        let refuse = |condition, why| Box::new(refused(StatusCode::FORBIDDEN, (CALDAV, condition), why));
        let not_read = || refuse("valid-calendar-data", dav().not_a_calendar);
        let text = std::str::from_utf8(self.body).map_err(|_| not_read())?;
        let events = ics::read(self.body).map_err(|_| not_read())?;
        let others = ["VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"];
        let begins = |line: &str| {
            let (name, kind) = line.split_once(':').unwrap_or_default();
            let other = others.iter().any(|other| kind.trim().eq_ignore_ascii_case(other));
            name.eq_ignore_ascii_case("BEGIN") && other
        };
        if text.lines().any(begins) {
            return Err(refuse("supported-calendar-component", dav().only_events));
        }
        if events.is_empty() {
            return Err(refuse("valid-calendar-object-resource", dav().one_uid));
        }
        Ok((text, events))
    }

    fn condition(&self) -> Condition {
        if self.headers.contains_key(IF_NONE_MATCH) {
            return Condition::New;
        }
        match tags(self.headers, IF_MATCH.as_str()) {
            tags if tags.is_empty() => Condition::Any,
            tags if tags.iter().any(|tag| tag == "*") => Condition::There,
            tags => Condition::Same(tags),
        }
    }

    async fn put_visit(&self, name: &str, events: &[Table]) -> Result<Response, Unanswered> {
        let known = match self.condition() {
            Condition::Same(known) => known,
            // Without the tag of what was changed nobody knows whether this is news.
            Condition::New | Condition::There | Condition::Any => Vec::new(),
        };
        let d = dav();
        let moved = self.state.desk.move_visit(self.access, name, &known, events).await;
        let refusal = match moved {
            Ok(Ok(_)) => return Ok(done(StatusCode::NO_CONTENT)),
            Err(crate::desk::Error::Contended) => return Ok(conflict(d.moved_meanwhile)),
            Err(other) => return Err(other.into()),
            Ok(Err(refusal)) => refusal,
        };
        let forbidden = |why| refused(StatusCode::FORBIDDEN, (CALDAV, "valid-calendar-object-resource"), why);
        Ok(match refusal {
            MoveRefusal::NoSuch => {
                refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), d.visit_cannot_be_made)
            }
            MoveRefusal::Changed => {
                refused(StatusCode::PRECONDITION_FAILED, PRECONDITION, d.changed_meanwhile)
            }
            MoveRefusal::NotOneEvent => forbidden(d.not_one_event),
            MoveRefusal::Length => forbidden(d.length_fixed),
            MoveRefusal::HasBegun => forbidden(d.has_begun_already),
            MoveRefusal::NotFree => conflict(d.not_free),
        })
    }

    async fn put_busy(&self, name: &str, text: &str, events: &[Table]) -> Result<Response, Unanswered> {
        let condition = self.condition();
        match self.state.desk.put_busy(self.access, name, (text, events), &condition).await? {
            Err(refusal) => Ok(not_kept(refusal)),
            Ok(kept) => {
                let status = if kept.new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
                let mut response = done(status);
                // Kept to the byte, so the tag holds.
                if let Ok(tag) = HeaderValue::from_str(&etag(&kept.tag)) {
                    response.headers_mut().insert(ETAG, tag);
                }
                Ok(response)
            }
        }
    }

    pub(super) async fn delete(&self) -> Result<Response, Unanswered> {
        match &self.place {
            Place::Object(Collection::Busy, name) => {
                let removed = self.state.desk.remove_busy(self.access, name, &self.condition()).await?;
                Ok(removed.map_or_else(not_kept, |()| done(StatusCode::NO_CONTENT)))
            }
            Place::Object(Collection::Held, _) => {
                let why = dav().visit_cannot_be_deleted;
                Ok(refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), why))
            }
            _ => Ok(not_yours()),
        }
    }
}

fn not_yours() -> Response {
    refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), dav().not_yours_to_change)
}

fn conflict(why: &str) -> Response {
    refused(StatusCode::CONFLICT, (CALDAV, "valid-calendar-object-resource"), why)
}

fn not_kept(refusal: BusyRefusal) -> Response {
    let d = dav();
    let forbidden = |condition, why| refused(StatusCode::FORBIDDEN, (CALDAV, condition), why);
    match refusal {
        BusyRefusal::NoSuch => refused(StatusCode::NOT_FOUND, (DAV, "resource-must-exist"), d.no_such),
        BusyRefusal::Condition => refused(StatusCode::PRECONDITION_FAILED, PRECONDITION, d.changed_meanwhile),
        BusyRefusal::Uid => forbidden("valid-calendar-object-resource", d.one_uid),
        BusyRefusal::UidTaken => forbidden("no-uid-conflict", d.uid_taken),
        BusyRefusal::Full => {
            refused(StatusCode::INSUFFICIENT_STORAGE, (DAV, "quota-not-exceeded"), d.too_many)
        }
        BusyRefusal::Unreadable => forbidden("valid-calendar-data", d.unreadable),
    }
}
