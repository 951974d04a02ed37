//! What a CalDAV server answers (RFC 4918, section 13; RFC 4791), as far as reading its calendars needs it. Never resolves an
//! entity of a document's own, and never goes deeper than a stated bound.

use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// Most elements inside one another.
const DEPTH: usize = 24;
/// Most responses of one answer.
const RESPONSES: usize = 5_000;

const DAV: Namespace<'static> = Namespace("DAV:");
const CALDAV: Namespace<'static> = Namespace("urn:ietf:params:xml:ns:caldav");

/// One response: a thing on the server, and what was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thing {
    /// Its address, as the server writes it.
    pub href: String,
    /// Whose things these are: the address of the principal.
    pub principal: Option<String>,
    /// Where the principal's calendars are.
    pub home: Option<String>,
    /// Whether it is a calendar.
    pub is_calendar: bool,
    /// The components that it says it holds.
    pub components: Vec<String>,
    /// The event itself.
    pub data: Option<String>,
}

impl Thing {
    /// Whether it is a calendar in which events may be: one that says nothing of its components takes all.
    pub fn holds_events(&self) -> bool {
        let events = self.components.iter().any(|name| name.eq_ignore_ascii_case("VEVENT"));
        self.is_calendar && (events || self.components.is_empty())
    }
}

/// The answer is no multistatus, or one beyond the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// An element that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Multistatus,
    Response,
    Href,
    Principal,
    Home,
    Calendar,
    Component,
    Data,
    Other,
}

fn name(namespace: &ResolveResult<'_>, element: &BytesStart<'_>, open: &[Name]) -> Name {
    let ResolveResult::Bound(namespace) = namespace else { return Name::Other };
    match (*namespace, element.local_name().as_ref()) {
        (DAV, "multistatus") => Name::Multistatus,
        // Anywhere else it is somebody's property of that name, and no thing of its own.
        (DAV, "response") if open == [Name::Multistatus] => Name::Response,
        (DAV, "href") => Name::Href,
        (DAV, "current-user-principal") => Name::Principal,
        (CALDAV, "calendar-home-set") => Name::Home,
        (CALDAV, "calendar") => Name::Calendar,
        (CALDAV, "comp") => Name::Component,
        (CALDAV, "calendar-data") => Name::Data,
        _ => Name::Other,
    }
}

/// Reads a multistatus.
///
/// # Errors
/// [`Unreadable`].
pub fn read(text: &str) -> Result<Vec<Thing>, Unreadable> {
    let mut reader = NsReader::from_str(text);
    let (mut things, mut open, mut words) = (Vec::<Thing>::new(), Vec::new(), String::new());
    let mut seen = false;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Unreadable)?;
        match event {
            Event::Start(element) => {
                let name = name(&namespace, &element, &open);
                begin(&mut things, name, &element)?;
                seen |= name == Name::Multistatus;
                open.push(name);
                words.clear();
                if open.len() > DEPTH {
                    return Err(Unreadable);
                }
            }
            Event::Empty(element) => begin(&mut things, name(&namespace, &element, &open), &element)?,
            Event::Text(text) => words.push_str(&text.xml10_content()),
            Event::CData(text) => words.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => words.push_str(&resolved(&entity)?),
            Event::End(_) => end(&mut things, &mut open, std::mem::take(&mut words)),
            Event::DocType(_) => return Err(Unreadable),
            Event::Eof => break,
            _ => {}
        }
    }
    if seen && open.is_empty() { Ok(things) } else { Err(Unreadable) }
}

/// A character, or one of the five entities that XML itself has.
fn resolved(entity: &BytesRef<'_>) -> Result<String, Unreadable> {
    if let Some(character) = entity.resolve_char_ref().map_err(|_| Unreadable)? {
        return Ok(character.to_string());
    }
    resolve_xml_entity(entity).map(str::to_owned).ok_or(Unreadable)
}

fn begin(things: &mut Vec<Thing>, name: Name, element: &BytesStart<'_>) -> Result<(), Unreadable> {
    if name == Name::Response {
        things.push(Thing::default());
        return if things.len() > RESPONSES { Err(Unreadable) } else { Ok(()) };
    }
    let Some(thing) = things.last_mut() else { return Ok(()) };
    if name == Name::Calendar {
        thing.is_calendar = true;
    }
    if name == Name::Component
        && let Ok(Some(component)) = element.try_get_attribute("name")
    {
        thing.components.push(component.value.to_string());
    }
    Ok(())
}

fn end(things: &mut [Thing], open: &mut Vec<Name>, words: String) {
    let name = open.pop().unwrap_or(Name::Other);
    let Some(thing) = things.last_mut() else { return };
    match (open.last(), name) {
        (Some(Name::Response), Name::Href) => thing.href = words.trim().to_owned(),
        (Some(Name::Principal), Name::Href) => thing.principal = Some(words.trim().to_owned()),
        (Some(Name::Home), Name::Href) => {
            thing.home.get_or_insert_with(|| words.trim().to_owned());
        }
        (_, Name::Data) => thing.data = Some(words),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_with_calendars_is_read_whatever_prefixes_a_server_likes() {
        let text = r#"<?xml version="1.0"?>
            <d:multistatus xmlns:d="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav">
              <d:response><d:href>/dav/cal/</d:href><d:propstat><d:prop>
                <d:resourcetype><d:collection/><cal:calendar/></d:resourcetype>
                <cal:supported-calendar-component-set><cal:comp name="VEVENT"/></cal:supported-calendar-component-set>
                </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
              <d:response><d:href>/dav/tasks/</d:href><d:propstat><d:prop>
                <d:resourcetype><d:collection/><cal:calendar/></d:resourcetype>
                <cal:supported-calendar-component-set><cal:comp name="VTODO"/></cal:supported-calendar-component-set>
                </d:prop></d:propstat></d:response>
              <d:response><d:href>/dav/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype>
                <d:current-user-principal><d:href>/me/</d:href></d:current-user-principal>
                <cal:calendar-home-set><d:href>/dav/</d:href></cal:calendar-home-set>
                </d:prop></d:propstat></d:response>
            </d:multistatus>"#;
        let things = read(text).unwrap();
        assert_eq!(things.iter().map(Thing::holds_events).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(things[0].href, "/dav/cal/");
        assert_eq!(
            (things[2].principal.as_deref(), things[2].home.as_deref()),
            (Some("/me/"), Some("/dav/"))
        );
    }

    #[test]
    fn a_property_that_is_called_like_a_response_is_none() {
        let text = r#"<multistatus xmlns="DAV:"><response><href>/a/</href><propstat><prop><response/><x><response><href>/b/</href>
            </response></x></prop></propstat></response><response><href>/c/</href></response></multistatus>"#;
        let things = read(text).unwrap();
        assert_eq!(things.iter().map(|thing| thing.href.as_str()).collect::<Vec<_>>(), ["/a/", "/c/"]);
    }

    #[test]
    fn an_event_is_read_whether_it_is_escaped_or_in_a_section_of_characters() {
        let of = |inner: &str| {
            let text = format!(
                r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response><href>/a.ics</href>
                <propstat><prop><C:calendar-data>{inner}</C:calendar-data></prop></propstat></response></multistatus>"#
            );
            read(&text).unwrap()[0].data.clone().unwrap()
        };
        assert_eq!(of("A &amp; B&#13;\nC"), "A & B\r\nC");
        assert_eq!(of("<![CDATA[A & B]]>"), "A & B");
    }

    #[test]
    fn what_would_eat_memory_or_is_something_else_is_not_read() {
        let laughs = r#"<!DOCTYPE x [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:">&a;</multistatus>"#;
        let deep = format!("<multistatus xmlns=\"DAV:\">{}", "<a>".repeat(100_000));
        for text in
            [laughs, &deep, "", "<html></html>", "<multistatus xmlns=\"DAV:\"><response>", "BEGIN:VCALENDAR"]
        {
            assert_eq!(read(text), Err(Unreadable));
        }
        let many = "<response><href>/a</href></response>".repeat(RESPONSES + 1);
        assert_eq!(read(&format!("<multistatus xmlns=\"DAV:\">{many}</multistatus>")), Err(Unreadable));
    }
}
