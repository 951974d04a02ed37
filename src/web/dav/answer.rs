//! Answers as calendar programs read them: a status for each address, and a refusal with its reason. Knows how they are
//! written, and not what they say.

use axum::Extension;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::xml::{CALDAV, DAV, ICAL, Name, SERVER};
use crate::web::refusal::Dressed;

/// An element of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    name: Name,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Self>,
}

impl Out {
    /// An empty element.
    pub fn empty(space: &str, local: &str) -> Self {
        Self::named(Name::new(space, local))
    }

    /// The same of a name that was asked for.
    pub const fn named(name: Name) -> Self {
        Self { name, attributes: Vec::new(), text: String::new(), children: Vec::new() }
    }

    /// One with a text.
    pub fn text(space: &str, local: &str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::empty(space, local) }
    }

    /// One with others in it.
    pub fn of(space: &str, local: &str, children: Vec<Self>) -> Self {
        Self { children, ..Self::empty(space, local) }
    }

    /// A link to an address.
    pub fn href(path: &str) -> Self {
        Self::text(DAV, "href", path)
    }

    /// The same element with an attribute.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// What it is called.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let prefix = match self.name.space.as_str() {
            DAV => "d",
            CALDAV => "c",
            SERVER => "cs",
            ICAL => "ic",
            SABRE => "s",
            // Bound by itself, and to nothing else (Namespaces in XML 1.0, section 3).
            "http://www.w3.org/XML/1998/namespace" => "xml",
            _ => "x",
        };
        let full = match self.name.space.is_empty() {
            true => self.name.local.clone(),
            false => format!("{prefix}:{}", self.name.local),
        };
        let mut start = BytesStart::new(full.as_str());
        if prefix == "x" && !self.name.space.is_empty() {
            start.push_attribute(("xmlns:x", self.name.space.as_str()));
        }
        for (name, value) in &self.attributes {
            start.push_attribute((*name, value.as_str()));
        }
        if self.text.is_empty() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if !self.text.is_empty() {
            writer.write_event(Event::Text(BytesText::new(&self.text)))?;
        }
        // As deep as this program nests its own answers.
        for child in &self.children {
            child.write(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(full)))
    }
}

/// Where programs look for a reason in words.
const SABRE: &str = "http://sabredav.org/ns";

fn document(mut root: Out) -> Vec<u8> {
    for (name, space) in [("xmlns:d", DAV), ("xmlns:c", CALDAV), ("xmlns:cs", SERVER), ("xmlns:ic", ICAL)] {
        root.attributes.push((name, space.to_owned()));
    }
    root.attributes.push(("xmlns:s", SABRE.to_owned()));
    let mut writer = Writer::new(Vec::new());
    let declared = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    // Writing into memory does not fail.
    let _written = declared.and_then(|()| root.write(&mut writer));
    writer.into_inner()
}

fn xml(status: StatusCode, root: Out) -> Response {
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"))];
    ready((status, kind, document(root)).into_response())
}

/// Marks an answer as whole, so that it is not dressed in a page.
pub fn ready(response: Response) -> Response {
    let mut response = (Extension(Dressed), response).into_response();
    response.headers_mut().insert(HeaderName::from_static("dav"), HeaderValue::from_static(ABILITIES));
    response
}

/// What this server can do (RFC 4918, section 10.1; RFC 4791, section 5.1). Scheduling is not among it: letters do that.
const ABILITIES: &str = "1, 3, calendar-access";
const METHODS: &str = "OPTIONS, GET, HEAD, PROPFIND, REPORT, PUT, DELETE";

/// What is said of one address.
pub enum Told {
    /// These properties, and those that it does not have.
    Properties(Vec<Out>, Vec<Name>),
    /// These properties cannot be changed.
    Unchangeable(Vec<Name>),
    /// There is nothing.
    Gone,
}

/// One address and what is said of it.
pub struct Said {
    /// The address.
    pub href: String,
    /// What.
    pub told: Told,
}

fn status_line(status: StatusCode) -> Out {
    let text = format!("HTTP/1.1 {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    Out::text(DAV, "status", text)
}

fn propstat(properties: Vec<Out>, status: StatusCode) -> Out {
    Out::of(DAV, "propstat", vec![Out::of(DAV, "prop", properties), status_line(status)])
}

fn response(said: Said) -> Out {
    let mut parts = vec![Out::href(&said.href)];
    match said.told {
        Told::Gone => parts.push(status_line(StatusCode::NOT_FOUND)),
        Told::Unchangeable(names) => {
            let names = names.into_iter().map(Out::named).collect();
            parts.push(propstat(names, StatusCode::FORBIDDEN));
        }
        Told::Properties(found, missing) => {
            let missing: Vec<Out> = missing.into_iter().map(Out::named).collect();
            if !found.is_empty() || missing.is_empty() {
                parts.push(propstat(found, StatusCode::OK));
            }
            if !missing.is_empty() {
                parts.push(propstat(missing, StatusCode::NOT_FOUND));
            }
        }
    }
    Out::of(DAV, "response", parts)
}

/// What is said of several addresses (RFC 4918, section 13), and the word for what changes later.
pub fn multistatus(all: Vec<Said>, word: Option<&str>) -> Response {
    xml(StatusCode::MULTI_STATUS, statuses(all, word))
}

fn statuses(all: Vec<Said>, word: Option<&str>) -> Out {
    let mut parts: Vec<Out> = all.into_iter().map(response).collect();
    parts.extend(word.map(|word| Out::text(DAV, "sync-token", word)));
    Out::of(DAV, "multistatus", parts)
}

/// The bytes of the same.
pub fn written(all: Vec<Said>) -> Vec<u8> {
    document(statuses(all, None))
}

/// A refusal: the condition that is not met (RFC 4918, section 16), and why, in words.
pub fn refused(status: StatusCode, condition: (&str, &str), why: &str) -> Response {
    let (space, local) = condition;
    let reasons = vec![
        Out::empty(space, local),
        Out::text(SABRE, "message", why),
        Out::text(DAV, "responsedescription", why),
    ];
    xml(status, Out::of(DAV, "error", reasons))
}

/// An answer of a status alone, with a line in words for whoever opens the address.
pub fn plain(status: StatusCode, why: &str) -> Response {
    ready((status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], why.to_owned()).into_response())
}

/// Nothing, and nothing to be said.
pub fn done(status: StatusCode) -> Response {
    ready((status, Body::empty()).into_response())
}

/// Who is asking? Alike for everybody who is not let in.
pub fn who_asks() -> Response {
    let mut response = plain(
        StatusCode::UNAUTHORIZED,
        "A calendar program comes in with the user name and a password of your calendars page.\n",
    );
    let ask = HeaderValue::from_static("Basic realm=\"Holdspace calendars\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, ask);
    response
}

/// What can be asked here.
pub fn abilities(status: StatusCode) -> Response {
    let mut response = done(status);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
    response
}
