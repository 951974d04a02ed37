//! What can be asked of a calendar at once: some objects by address, those of a stretch of time, and what changed. Bounds
//! every question before anything is loaded.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike, Duration, NaiveDateTime};

use super::answer::{Said, Told, multistatus, refused};
use super::place::Place;
use super::property::{Known, Wanted, said};
use super::xml::{CALDAV, DAV, Element};
use crate::desk::Desk;
use crate::desk::app_password::DavAccess;
use crate::desk::dav::{Collection, DavObject};
use crate::domain::busy;
use crate::domain::time::{Instant, Span, Zone};
use crate::intake::ics;
use crate::web::words::dav::dav;

/// Most objects that are asked for by address at once.
const MAX_HREFS: usize = 500;
/// Longest stretch of time that is asked for, in days: five years, two of them leap years.
const MAX_DAYS: i64 = 5 * 365 + 2;
/// Minutes by which a time without a zone may lie elsewhere.
const ANY_ZONE: u32 = 14 * 60;
/// What words for later changes begin with: they must be addresses (RFC 6578, section 6.4).
pub const WORD: &str = "urn:x-holdspace:sync:";

/// Why a question is not answered.
pub enum Unanswered {
    /// In the words of the protocol.
    Refused(Box<Response>),
    /// The desk cannot tell.
    Desk(crate::desk::Error),
}

impl From<crate::desk::Error> for Unanswered {
    fn from(error: crate::desk::Error) -> Self {
        Self::Desk(error)
    }
}

fn no(status: StatusCode, condition: (&str, &str), why: &str) -> Unanswered {
    Unanswered::Refused(Box::new(refused(status, condition, why)))
}

/// Answers a REPORT on a calendar.
pub async fn answer(
    desk: &Desk,
    access: &DavAccess,
    calendar: Collection,
    request: &Element,
) -> Result<Response, Unanswered> {
    let wanted = Wanted::of(Some(request));
    match (request.name.space.as_str(), request.name.local.as_str()) {
        (CALDAV, "calendar-multiget") => multiget(desk, access, calendar, request, &wanted).await,
        (CALDAV, "calendar-query") => query(desk, access, calendar, request, &wanted).await,
        (DAV, "sync-collection") => sync(desk, access, calendar, request, &wanted).await,
        _ => Err(no(StatusCode::FORBIDDEN, (DAV, "supported-report"), dav().report_unknown)),
    }
}

fn told(access: &DavAccess, calendar: Collection, object: &DavObject, wanted: &Wanted) -> Said {
    let place = Place::Object(calendar, object.name.clone());
    let known = Known { tag: Some(&object.tag), body: Some(&object.body), ..Known::default() };
    said(&place, access.login(), wanted, known)
}

async fn multiget(
    desk: &Desk,
    access: &DavAccess,
    calendar: Collection,
    request: &Element,
    wanted: &Wanted,
) -> Result<Response, Unanswered> {
    let hrefs = hrefs(request)?;
    let name_of = |href: &&str| match Place::of(path_of(href), access.login()) {
        Some(Place::Object(of, name)) if of == calendar => Some(name),
        _ => None,
    };
    let names: BTreeSet<String> = hrefs.iter().filter_map(name_of).collect();
    let objects = desk.dav_objects(access, calendar, &|name| names.contains(name)).await?;
    let one = |href: &&str| {
        let found = name_of(href).and_then(|name| objects.iter().find(|object| object.name == name));
        match found {
            // Said with the address that was asked for, however it was written.
            Some(object) => Said { href: (*href).to_owned(), ..told(access, calendar, object, wanted) },
            None => Said { href: (*href).to_owned(), told: Told::Gone },
        }
    };
    Ok(multistatus(hrefs.iter().map(one).collect(), None))
}

/// The addresses that are asked for.
pub fn hrefs(request: &Element) -> Result<Vec<&str>, Unanswered> {
    let hrefs: Vec<&str> = request.all(DAV, "href").map(|href| href.text.trim()).collect();
    if hrefs.len() > MAX_HREFS {
        let condition = (DAV, "number-of-matches-within-limits");
        return Err(no(StatusCode::FORBIDDEN, condition, dav().asks_too_much));
    }
    Ok(hrefs)
}

/// The path of an address that may be a whole one.
pub fn path_of(href: &str) -> &str {
    match href.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => href,
    }
}

/// What a filter lets through.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Some of it must be in this stretch of time.
    pub within: Option<Span>,
    uid: Option<String>,
    /// It asks for what is never here, such as tasks.
    nothing: bool,
}

async fn query(
    desk: &Desk,
    access: &DavAccess,
    calendar: Collection,
    request: &Element,
    wanted: &Wanted,
) -> Result<Response, Unanswered> {
    let filter = filter(request, desk.now())?;
    if filter.nothing {
        return Ok(multistatus(Vec::new(), None));
    }
    let objects = desk.dav_objects(access, calendar, &|_| true).await?;
    let fits = objects.iter().filter(|object| fits(object, &filter));
    Ok(multistatus(fits.map(|object| told(access, calendar, object, wanted)).collect(), None))
}

fn fits(object: &DavObject, filter: &Filter) -> bool {
    let events = match (object.span, &filter.uid) {
        (Some(span), None) => return filter.within.is_none_or(|within| span.overlaps(&within)),
        _ => ics::read(object.body.as_bytes()).unwrap_or_default(),
    };
    let by_uid = filter.uid.as_ref().is_none_or(|uid| busy::uid(&events) == Some(uid));
    let by_time = || match (object.span, filter.within) {
        (_, None) => true,
        (Some(span), Some(within)) => span.overlaps(&within),
        (None, Some(within)) => busy::reaches(&events, Zone::UTC, within.padded(ANY_ZONE)),
    };
    by_uid && by_time()
}

/// What a query lets through; everything where it has no filter.
pub fn filter(request: &Element, now: Instant) -> Result<Filter, Unanswered> {
    request.child(CALDAV, "filter").map_or_else(|| Ok(Filter::default()), |filter| read_filter(filter, now))
}

/// Reads a filter (RFC 4791, section 9.7): by the kind of component, its time, and its UID.
fn read_filter(filter: &Element, now: Instant) -> Result<Filter, Unanswered> {
    let unknown = || no(StatusCode::FORBIDDEN, (CALDAV, "supported-filter"), dav().filter_unknown);
    let whole = filter.child(CALDAV, "comp-filter").ok_or_else(unknown)?;
    let [inner] = whole.children.as_slice() else {
        return if whole.children.is_empty() { Ok(Filter::default()) } else { Err(unknown()) };
    };
    if !inner.name.is(CALDAV, "comp-filter") {
        return Err(unknown());
    }
    if inner.attribute("name") != Some("VEVENT") {
        return Ok(Filter { nothing: true, ..Filter::default() });
    }
    let mut read = Filter::default();
    for part in &inner.children {
        if part.name.is(CALDAV, "time-range") && read.within.is_none() {
            read.within = Some(range(part, now)?);
        } else if part.name.is(CALDAV, "prop-filter") && part.attribute("name") == Some("UID") {
            let text = part.child(CALDAV, "text-match").ok_or_else(unknown)?;
            read.uid = Some(text.text.trim().to_owned());
        } else {
            return Err(unknown());
        }
    }
    Ok(read)
}

/// A stretch of time; one without an end is as long as one may be.
fn range(element: &Element, now: Instant) -> Result<Span, Unanswered> {
    let wrong = || no(StatusCode::FORBIDDEN, (CALDAV, "valid-filter"), dav().range_wrong);
    let moment = |name: &str| {
        let text = element.attribute(name);
        text.map(|text| {
            let read = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ");
            // Years far from ours are nobody's calendar, and could not be added to.
            let read = read.ok().filter(|naive| (1900..2300).contains(&naive.year()));
            read.map(|naive| naive.and_utc()).ok_or_else(wrong)
        })
        .transpose()
    };
    let longest = Duration::days(MAX_DAYS);
    let past_and_future = |from: Instant, until: Instant| Span::new(from, until).ok_or_else(wrong);
    match (moment("start")?, moment("end")?) {
        (Some(from), Some(until)) if until - from > longest => Err(wrong()),
        (Some(from), Some(until)) => past_and_future(from, until),
        (Some(from), None) => past_and_future(from, from + longest),
        (None, Some(until)) => past_and_future(until - longest, until),
        (None, None) => past_and_future(now - longest / 2, now + longest / 2),
    }
}

async fn sync(
    desk: &Desk,
    access: &DavAccess,
    calendar: Collection,
    request: &Element,
    wanted: &Wanted,
) -> Result<Response, Unanswered> {
    let asked = request.child(DAV, "sync-token").map_or("", |word| word.text.trim());
    let word = if asked.is_empty() { None } else { Some(asked.strip_prefix(WORD).unwrap_or("-")) };
    let changes = desk.dav_changes(access, calendar, word).await?;
    let Some((difference, listing, word)) = changes else {
        return Err(no(StatusCode::FORBIDDEN, (DAV, "valid-sync-token"), dav().word_unknown));
    };
    let limit = request.child(DAV, "limit").and_then(|limit| limit.child(DAV, "nresults"));
    let limit = limit.and_then(|limit| limit.text.trim().parse::<usize>().ok());
    if limit.is_some_and(|limit| difference.changed.len() + difference.gone.len() > limit) {
        let condition = (DAV, "number-of-matches-within-limits");
        return Err(no(StatusCode::INSUFFICIENT_STORAGE, condition, dav().asks_too_much));
    }
    let objects = match wanted.has(CALDAV, "calendar-data") {
        true => {
            let changed: BTreeSet<&str> = difference.changed.iter().map(String::as_str).collect();
            desk.dav_objects(access, calendar, &|name| changed.contains(name)).await?
        }
        false => Vec::new(),
    };
    let mut all = Vec::new();
    for name in difference.changed {
        let body = objects.iter().find(|object| object.name == name).map(|object| object.body.as_str());
        let known = Known { tag: listing.get(&name), body, ..Known::default() };
        all.push(said(&Place::Object(calendar, name), access.login(), wanted, known));
    }
    all.extend(difference.gone.into_iter().map(|name| {
        let href = Place::Object(calendar, name).href(access.login());
        Said { href, told: Told::Gone }
    }));
    Ok(multistatus(all, Some(&format!("{WORD}{word}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::dav::xml;

    fn filter(inner: &str) -> Result<Filter, StatusCode> {
        let text =
            format!("<filter xmlns='{CALDAV}'><comp-filter name='VCALENDAR'>{inner}</comp-filter></filter>");
        let tree = xml::read(text.as_bytes()).unwrap().unwrap();
        read_filter(&tree, "2027-07-01T00:00:00Z".parse().unwrap()).map_err(|no| match no {
            Unanswered::Refused(response) => response.status(),
            Unanswered::Desk(_) => StatusCode::OK,
        })
    }

    #[test]
    fn a_stretch_of_time_is_bounded_before_anything_is_loaded() {
        let event =
            |range: &str| filter(&format!("<comp-filter name='VEVENT'><time-range {range}/></comp-filter>"));
        let within = event("start='20270701T000000Z' end='20270702T000000Z'").unwrap().within.unwrap();
        assert_eq!(within.minutes(), 24 * 60);
        assert!(event("start='20270701T000000Z'").unwrap().within.is_some());
        for wrong in [
            "start='20270701T000000Z' end='20330702T000000Z'",
            "start='20270702T000000Z' end='20270701T000000Z'",
            "start='yesterday'",
            "start='+2621420101T000000Z'",
            "end='00010101T000000Z'",
        ] {
            assert_eq!(event(wrong), Err(StatusCode::FORBIDDEN), "{wrong}");
        }
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused_and_never_passed_over() {
        assert_eq!(filter("").unwrap(), Filter::default());
        assert!(filter("<comp-filter name='VTODO'/>").unwrap().nothing);
        let by_uid = "<comp-filter name='VEVENT'><prop-filter name='UID'><text-match>abc</text-match></prop-filter></comp-filter>";
        assert_eq!(filter(by_uid).unwrap().uid.as_deref(), Some("abc"));
        for unknown in [
            "<comp-filter name='VEVENT'><prop-filter name='SUMMARY'><text-match>x</text-match></prop-filter></comp-filter>",
            "<comp-filter name='VEVENT'><comp-filter name='VALARM'/></comp-filter>",
            "<prop-filter name='X-A'/>",
        ] {
            assert_eq!(filter(unknown), Err(StatusCode::FORBIDDEN), "{unknown}");
        }
    }
}
