//! A therapist's calendars for calendar programs: CalDAV (RFC 4791) with collection synchronization (RFC 6578), as far as
//! such programs need it. Never takes a session for a password, and never shows anybody but the one whose password it is.

mod answer;
mod change;
mod place;
mod property;
pub mod rehearsal;
mod report;
mod xml;

use axum::body::{Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::WebState;
use super::refusal::Refusal;
use super::words::dav::dav;
use crate::desk::Error;
use crate::desk::app_password::DavAccess;
use crate::desk::dav::{Collection, etag};
use crate::web::doors::Doors;
use answer::{Said, Told, abilities, done, multistatus, plain, ready, refused, who_asks};
use place::{Place, ROOT};
pub use property::OBJECT_BYTES;
use property::{Known, Wanted, said};
use report::Unanswered;
use xml::{DAV, Element, Name};

/// The routes of calendar programs.
pub fn routes() -> Doors {
    Doors::new()
        .route("/.well-known/caldav", any(well_known))
        .route("/dav", any(answered))
        .route("/dav/", any(answered))
        .route("/dav/{*rest}", any(answered))
}

/// Whether an address is one of a calendar program's.
pub fn is_here(path: &str) -> bool {
    path == "/dav" || path.starts_with(ROOT)
}

/// The user name that a request comes in with, whoever sent it.
pub fn login(headers: &HeaderMap) -> Option<String> {
    credentials(headers).map(|(login, _)| login)
}

/// User name and password (RFC 7617).
fn credentials(headers: &HeaderMap) -> Option<(String, Zeroizing<String>)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, coded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || coded.len() > 512 {
        return None;
    }
    let bytes = Zeroizing::new(BASE64.decode(coded.trim().as_bytes()).ok()?);
    let text = std::str::from_utf8(&bytes).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), Zeroizing::new(password.to_owned())))
}

/// Leads to where the calendars are (RFC 6764, section 5).
async fn well_known() -> Response {
    let mut response = done(StatusCode::MOVED_PERMANENTLY);
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(ROOT));
    response
}

async fn answered(State(state): State<WebState>, request: Request) -> Response {
    if request.method().as_str() == "OPTIONS" {
        return abilities(StatusCode::OK);
    }
    let access = match credentials(request.headers()) {
        Some((login, password)) => state.desk.dav_access(&login, &password).await,
        None => Err(Error::Link),
    };
    let access = match access {
        Ok(access) => access,
        Err(Error::Link) => return not_let_in(&state, &request),
        Err(other) => return Refusal::from(other).into_response(),
    };
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some(place) = Place::of(&path, access.login()) else { return gone() };
    // What a GET brings along is never read; everything else was read within its bounds before.
    let body = match body.is_end_stream() {
        true => Bytes::new(),
        false => match axum::body::to_bytes(body, OBJECT_BYTES).await {
            Ok(bytes) => bytes,
            Err(_) => return Refusal::too_large().into_response(),
        },
    };
    let asked = Asked { state: &state, access: &access, place, headers: &parts.headers, body: &body };
    let result = match parts.method.as_str() {
        "GET" | "HEAD" => asked.get().await,
        "PROPFIND" => asked.find().await,
        "REPORT" => asked.report().await,
        "PUT" => asked.put().await,
        "DELETE" => asked.delete().await,
        "PROPPATCH" => asked.leave_properties(),
        // Nothing can be made, moved, locked or opened to others.
        "MKCOL" | "MKCALENDAR" | "COPY" | "MOVE" | "LOCK" | "UNLOCK" | "ACL" => {
            let why = dav().not_yours_to_change;
            Ok(refused(StatusCode::FORBIDDEN, (DAV, "need-privileges"), why))
        }
        _ => Ok(abilities(StatusCode::METHOD_NOT_ALLOWED)),
    };
    match result {
        Ok(response) => response,
        Err(Unanswered::Refused(response)) => *response,
        Err(Unanswered::Desk(Error::Link)) => gone(),
        Err(Unanswered::Desk(error)) => Refusal::from(error).into_response(),
    }
}

fn not_let_in(state: &WebState, request: &Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    match state.limits.was_wrong(peer.map(|ConnectInfo(peer)| peer.ip()), request.headers()) {
        Some(seconds) => Refusal::too_often(seconds).into_response(),
        None => who_asks(),
    }
}

/// The same for what is not there and for what is somebody else's.
fn gone() -> Response {
    plain(StatusCode::NOT_FOUND, "There is nothing here.\n")
}

/// A request of somebody who was let in.
struct Asked<'a> {
    state: &'a WebState,
    access: &'a DavAccess,
    place: Place,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Asked<'_> {
    fn tree(&self) -> Result<Option<Element>, Unanswered> {
        xml::read(self.body).map_err(|_| {
            let refused = refused(StatusCode::BAD_REQUEST, (DAV, "well-formed"), dav().not_xml);
            Unanswered::Refused(Box::new(refused))
        })
    }

    async fn get(&self) -> Result<Response, Unanswered> {
        let Place::Object(calendar, name) = &self.place else {
            return Ok(plain(StatusCode::OK, "This address is for calendar programs.\n"));
        };
        let Some(object) = self.state.desk.dav_object(self.access, *calendar, name).await? else {
            return Ok(gone());
        };
        let tag = etag(&object.tag);
        let known =
            tags(self.headers, IF_NONE_MATCH.as_str()).iter().any(|known| *known == tag || known == "*");
        let mut response = match known {
            true => done(StatusCode::NOT_MODIFIED),
            false => {
                let kind = [(CONTENT_TYPE, "text/calendar; charset=utf-8; component=vevent")];
                ready((StatusCode::OK, kind, object.body).into_response())
            }
        };
        // A tag is digits in quotes.
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            response.headers_mut().insert(ETAG, tag);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        Ok(response)
    }

    async fn find(&self) -> Result<Response, Unanswered> {
        let request = self.tree()?;
        if request.as_ref().is_some_and(|request| !request.name.is(DAV, "propfind")) {
            return Ok(refused(StatusCode::BAD_REQUEST, (DAV, "well-formed"), dav().not_xml));
        }
        let wanted = Wanted::of(request.as_ref());
        let deep = match self.headers.get("depth").map(HeaderValue::as_bytes) {
            Some(b"0") | None => false,
            Some(b"1") => true,
            Some(_) => {
                let why = dav().only_the_root;
                return Ok(refused(StatusCode::FORBIDDEN, (DAV, "propfind-finite-depth"), why));
            }
        };
        let mut all = Vec::new();
        match &self.place {
            Place::Root => {
                all.push(self.said(&Place::Root, &wanted));
                all.extend(deep.then(|| self.said(&Place::Own, &wanted)));
            }
            Place::Own => {
                all.push(self.said(&Place::Own, &wanted));
                for calendar in Collection::ALL.into_iter().filter(|_| deep) {
                    all.extend(self.calendar(calendar, &wanted, false).await?);
                }
            }
            Place::Calendar(calendar) => all = self.calendar(*calendar, &wanted, deep).await?,
            Place::Object(calendar, name) => {
                let object = self.state.desk.dav_object(self.access, *calendar, name).await?;
                let Some(object) = object else { return Ok(gone()) };
                let known = Known { tag: Some(&object.tag), body: Some(&object.body), ..Known::default() };
                // The text itself is for reports (RFC 4791, section 9.6).
                let mut said = said(&self.place, self.access.login(), &wanted, known);
                without_data(&mut said);
                all.push(said);
            }
        }
        Ok(multistatus(all, None))
    }

    fn said(&self, place: &Place, wanted: &Wanted) -> Said {
        said(place, self.access.login(), wanted, Known::default())
    }

    /// What is said of a calendar, and of what is in it.
    async fn calendar(
        &self,
        calendar: Collection,
        wanted: &Wanted,
        deep: bool,
    ) -> Result<Vec<Said>, Unanswered> {
        let (desk, login) = (&self.state.desk, self.access.login());
        let (listing, word) = match wanted.has(DAV, "sync-token") {
            true => match desk.dav_changes(self.access, calendar, None).await? {
                Some((_, listing, word)) => (listing, Some(format!("{}{word}", report::WORD))),
                None => (desk.dav_listing(self.access, calendar).await?, None),
            },
            false => (desk.dav_listing(self.access, calendar).await?, None),
        };
        let known = Known { listing: Some(&listing), word: word.as_deref(), ..Known::default() };
        let mut all = vec![said(&Place::Calendar(calendar), login, wanted, known)];
        for (name, tag) in listing.iter().filter(|_| deep) {
            let known = Known { tag: Some(tag), ..Known::default() };
            all.push(said(&Place::Object(calendar, name.clone()), login, wanted, known));
        }
        Ok(all)
    }

    async fn report(&self) -> Result<Response, Unanswered> {
        let Some(request) = self.tree()? else {
            return Ok(refused(StatusCode::BAD_REQUEST, (DAV, "well-formed"), dav().not_xml));
        };
        let Place::Calendar(calendar) = self.place else {
            return Ok(refused(StatusCode::FORBIDDEN, (DAV, "supported-report"), dav().report_unknown));
        };
        report::answer(&self.state.desk, self.access, calendar, &request).await
    }

    /// No property can be changed; each is refused by name, so that programs go on without (RFC 4918, section 9.2).
    fn leave_properties(&self) -> Result<Response, Unanswered> {
        let request = self.tree()?;
        let href = self.place.href(self.access.login());
        let names = request.as_ref().map(to_be_changed).unwrap_or_default();
        Ok(multistatus(vec![Said { href, told: Told::Unchangeable(names) }], None))
    }
}

/// The properties that a PROPPATCH would change.
fn to_be_changed(request: &Element) -> Vec<Name> {
    let lists = request.children.iter().flat_map(|change| &change.children);
    lists.flat_map(|list| &list.children).map(|property| property.name.clone()).collect()
}

fn without_data(said: &mut Said) {
    if let Told::Properties(found, _) = &mut said.told {
        found.retain(|property| !property.name().is(xml::CALDAV, "calendar-data"));
    }
}

/// The entity tags of a condition, each as a strong one: weak ones are what proxies make of ours.
fn tags(headers: &HeaderMap, name: &str) -> Vec<String> {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let tags =
        texts.flat_map(|text| text.split(',')).map(|tag| tag.trim().trim_start_matches("W/").to_owned());
    tags.collect()
}
