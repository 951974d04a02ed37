//! The properties that an address has. Each is worked out here and never stored, so none can be changed.

use super::answer::{Out, Said, Told};
use super::place::Place;
use super::xml::{CALDAV, DAV, Element, ICAL, Name, SERVER};
use crate::desk::dav::{Collection, Listing, etag, state};
use crate::domain::sync::Tag;
use crate::web::words::dav::dav;

/// What a program wants to know of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Some properties.
    These(Vec<Name>),
    /// What everything has (RFC 4918, section 9.1).
    Usual,
    /// What the properties are called.
    Names,
}

impl Wanted {
    /// What a request asks for; everything where it says nothing.
    pub fn of(request: Option<&Element>) -> Self {
        let Some(request) = request else { return Self::Usual };
        if request.child(DAV, "propname").is_some() {
            return Self::Names;
        }
        let names = |list: &Element| list.children.iter().map(|child| child.name.clone()).collect();
        request.child(DAV, "prop").map_or(Self::Usual, |list| Self::These(names(list)))
    }

    /// Whether a property is asked for.
    pub fn has(&self, space: &str, local: &str) -> bool {
        matches!(self, Self::These(names) if names.iter().any(|name| name.is(space, local)))
    }
}

/// What is known of an address, as far as it was asked for.
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// What a calendar holds.
    pub listing: Option<&'a Listing>,
    /// The word for what changes in it later.
    pub word: Option<&'a str>,
    /// The hash of an object.
    pub tag: Option<&'a Tag>,
    /// The text of an object.
    pub body: Option<&'a str>,
}

/// The largest object, in bytes.
pub const OBJECT_BYTES: usize = 64 * 1024;

/// Every property that something here has.
const ALL: [(&str, &str); 20] = [
    (DAV, "resourcetype"),
    (DAV, "displayname"),
    (DAV, "getetag"),
    (DAV, "getcontenttype"),
    (DAV, "getcontentlength"),
    (DAV, "current-user-principal"),
    (DAV, "principal-URL"),
    (DAV, "principal-collection-set"),
    (DAV, "owner"),
    (DAV, "current-user-privilege-set"),
    (DAV, "supported-report-set"),
    (DAV, "sync-token"),
    (SERVER, "getctag"),
    (ICAL, "calendar-color"),
    (CALDAV, "calendar-home-set"),
    (CALDAV, "calendar-user-address-set"),
    (CALDAV, "supported-calendar-component-set"),
    (CALDAV, "supported-calendar-data"),
    (CALDAV, "max-resource-size"),
    (CALDAV, "calendar-description"),
];

/// What is said of an address.
pub fn said(place: &Place, login: &str, wanted: &Wanted, known: Known<'_>) -> Said {
    let href = place.href(login);
    let find = |name: &Name| property(place, login, name, known);
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    match wanted {
        Wanted::These(names) => {
            for name in names {
                match find(name) {
                    Some(property) => found.push(property),
                    None => missing.push(name.clone()),
                }
            }
        }
        Wanted::Usual => {
            let usual = ALL[..5].iter().map(|(space, local)| Name::new(space, local));
            found.extend(usual.filter_map(|name| find(&name)));
        }
        Wanted::Names => {
            let all = ALL.iter().map(|(space, local)| Name::new(space, local));
            found.extend(
                all.filter_map(|name| find(&name)).map(|property| Out::named(property.name().clone())),
            );
        }
    }
    Said { href, told: Told::Properties(found, missing) }
}

fn property(place: &Place, login: &str, name: &Name, known: Known<'_>) -> Option<Out> {
    let Name { space, local } = name;
    let own = || Out::href(&Place::Own.href(login));
    let calendar = match place {
        Place::Calendar(calendar) => Some(*calendar),
        _ => None,
    };
    match (space.as_str(), local.as_str()) {
        (DAV, "resourcetype") => Some(Out::of(space, local, kinds(place))),
        (DAV, "displayname") => display_name(place).map(|text| Out::text(space, local, text)),
        (DAV, "current-user-principal" | "owner" | "principal-URL") => {
            Some(Out::of(space, local, vec![own()]))
        }
        (DAV, "principal-collection-set") => {
            Some(Out::of(space, local, vec![Out::href(&Place::Root.href(login))]))
        }
        (DAV, "current-user-privilege-set") => Some(Out::of(space, local, privileges(place))),
        (DAV, "supported-report-set") => calendar.map(|_| Out::of(space, local, reports())),
        (DAV, "sync-token") => known.word.map(|word| Out::text(space, local, word)),
        (DAV, "getetag") => known.tag.map(|tag| Out::text(space, local, etag(tag))),
        (DAV, "getcontenttype") => {
            let object = matches!(place, Place::Object(..));
            object.then(|| Out::text(space, local, "text/calendar; charset=utf-8; component=vevent"))
        }
        (DAV, "getcontentlength") => known.body.map(|body| Out::text(space, local, body.len().to_string())),
        (SERVER, "getctag") => known.listing.map(|listing| Out::text(space, local, state(listing))),
        (ICAL, "calendar-color") => {
            let colour = calendar.map(|calendar| match calendar {
                Collection::Held => "#2F6B5EFF",
                Collection::Busy => "#8A8A8AFF",
            });
            colour.map(|colour| Out::text(space, local, colour))
        }
        (CALDAV, "calendar-home-set" | "calendar-user-address-set") => {
            let person = matches!(place, Place::Own | Place::Root);
            person.then(|| Out::of(space, local, vec![own()]))
        }
        (CALDAV, "calendar-data") => known.body.map(|body| Out::text(space, local, body)),
        (CALDAV, _) => calendar.and_then(|calendar| of_calendar(calendar, local)),
        _ => None,
    }
}

fn of_calendar(calendar: Collection, local: &str) -> Option<Out> {
    let words = dav();
    Some(match local {
        "supported-calendar-component-set" => {
            Out::of(CALDAV, local, vec![Out::empty(CALDAV, "comp").with("name", "VEVENT")])
        }
        "supported-calendar-data" => {
            let data = Out::empty(CALDAV, "calendar-data");
            Out::of(CALDAV, local, vec![data.with("content-type", "text/calendar").with("version", "2.0")])
        }
        "max-resource-size" => Out::text(CALDAV, local, OBJECT_BYTES.to_string()),
        "calendar-description" => {
            let text = match calendar {
                Collection::Held => words.held_about,
                Collection::Busy => words.busy_about,
            };
            Out::text(CALDAV, local, text)
        }
        _ => return None,
    })
}

fn kinds(place: &Place) -> Vec<Out> {
    let collection = Out::empty(DAV, "collection");
    match place {
        Place::Root => vec![collection],
        Place::Own => vec![collection, Out::empty(DAV, "principal")],
        Place::Calendar(_) => vec![collection, Out::empty(CALDAV, "calendar")],
        Place::Object(..) => Vec::new(),
    }
}

fn display_name(place: &Place) -> Option<&'static str> {
    let words = dav();
    match place {
        Place::Root | Place::Own => Some("Holdspace"),
        Place::Calendar(Collection::Held) => Some(words.held_name),
        Place::Calendar(Collection::Busy) => Some(words.busy_name),
        Place::Object(..) => None,
    }
}

/// What a therapist may do: move a visit, but neither add nor remove one (RFC 3744, section 3).
fn privileges(place: &Place) -> Vec<Out> {
    let granted: &[&str] = match place {
        Place::Root | Place::Own => &["read", "read-current-user-privilege-set"],
        Place::Calendar(Collection::Held) | Place::Object(Collection::Held, _) => {
            &["read", "read-current-user-privilege-set", "write-content"]
        }
        Place::Calendar(Collection::Busy) | Place::Object(Collection::Busy, _) => {
            &["read", "read-current-user-privilege-set", "write-content", "bind", "unbind"]
        }
    };
    granted.iter().map(|name| Out::of(DAV, "privilege", vec![Out::empty(DAV, name)])).collect()
}

/// What can be asked of a calendar (RFC 3253, section 3.1.5).
fn reports() -> Vec<Out> {
    let known = [(CALDAV, "calendar-multiget"), (CALDAV, "calendar-query"), (DAV, "sync-collection")];
    let one = |(space, local)| {
        let report = Out::of(DAV, "report", vec![Out::empty(space, local)]);
        Out::of(DAV, "supported-report", vec![report])
    };
    known.into_iter().map(one).collect()
}
