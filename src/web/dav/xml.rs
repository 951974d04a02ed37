//! What a calendar program sends, as a tree that is bounded in depth and size. Knows no document type, no entity but the
//! five that XML itself has, and not what any element means; never recurses while it reads.

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

/// Deepest nesting: requests of calendar programs have seven levels.
const MAX_DEPTH: usize = 24;
/// Most elements: a request for five hundred objects has little more.
const MAX_ELEMENTS: usize = 2_000;

/// WebDAV (RFC 4918, section 14).
pub const DAV: &str = "DAV:";
/// CalDAV (RFC 4791, section 3).
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// What Apple's calendar server added, and everybody asks for.
pub const SERVER: &str = "http://calendarserver.org/ns/";
/// Colours of calendars.
pub const ICAL: &str = "http://apple.com/ns/ical/";

/// The namespace of what binds namespaces: no element has a name in it, and no prefix stands for it (Namespaces in XML 1.0,
/// section 3).
const BINDING: &str = "http://www.w3.org/2000/xmlns/";

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The namespace; empty for none.
    pub space: String,
    /// The name in it.
    pub local: String,
}

impl Name {
    /// A name.
    pub fn new(space: &str, local: &str) -> Self {
        Self { space: space.to_owned(), local: local.to_owned() }
    }

    /// Whether it is this one.
    pub fn is(&self, space: &str, local: &str) -> bool {
        self.space == space && self.local == local
    }
}

/// An element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// What it is called.
    pub name: Name,
    /// Attributes without a namespace.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Self>,
}

impl Element {
    /// The first child of a name.
    pub fn child(&self, space: &str, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.is(space, local))
    }

    /// Every child of a name.
    pub fn all<'a>(&'a self, space: &'a str, local: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name.is(space, local))
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Bytes that are no tree within the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATree;

/// Reads the one element of a document; none for an empty body.
pub fn read(bytes: &[u8]) -> Result<Option<Element>, NotATree> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotATree)?.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(None);
    }
    if !text.chars().all(is_character) {
        return Err(NotATree);
    }
    let mut reader = NsReader::from_str(text);
    let (mut open, mut whole, mut count): (Vec<Element>, Option<Element>, usize) = (Vec::new(), None, 0);
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|_| NotATree)?;
        match event {
            Event::Start(start) | Event::Empty(start) if open.len() >= MAX_DEPTH || count >= MAX_ELEMENTS => {
                drop(start);
                return Err(NotATree);
            }
            Event::Start(start) => {
                count += 1;
                open.push(element(&space, &start)?);
            }
            Event::Empty(start) => {
                count += 1;
                let element = element(&space, &start)?;
                put(&mut open, &mut whole, element)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(NotATree)?;
                put(&mut open, &mut whole, element)?;
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content())?,
            Event::CData(text) => add_text(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref().map_err(|_| NotATree)? {
                    Some(c) if is_character(c) => c,
                    Some(_) => return Err(NotATree),
                    None => match &*reference.xml10_content() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(NotATree),
                    },
                };
                add_text(&mut open, known.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(NotATree),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if open.is_empty() { whole.map(Some).ok_or(NotATree) } else { Err(NotATree) }
}

fn put(open: &mut [Element], whole: &mut Option<Element>, element: Element) -> Result<(), NotATree> {
    match (open.last_mut(), whole.is_some()) {
        (Some(parent), _) => parent.children.push(element),
        (None, false) => *whole = Some(element),
        (None, true) => return Err(NotATree),
    }
    Ok(())
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), NotATree> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(NotATree),
    }
    Ok(())
}

fn element(space: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, NotATree> {
    let space = match space {
        ResolveResult::Unbound => String::new(),
        ResolveResult::Bound(space) => {
            let space: &str = space.as_ref();
            let meant =
                unescape(space).ok().filter(|space| space.chars().all(is_character) && *space != BINDING);
            meant.ok_or(NotATree)?.into_owned()
        }
        ResolveResult::Unknown(_) => return Err(NotATree),
    };
    let name = start.local_name();
    let local: &str = name.as_ref();
    // Names are said again in answers: one that is none would make them unreadable.
    if !is_name(local) {
        return Err(NotATree);
    }
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| NotATree)?;
        let key: &str = attribute.key.as_ref();
        if !key.starts_with("xmlns") {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| NotATree)?;
            attributes.push((key.to_owned(), value.into_owned()));
        }
    }
    Ok(Element {
        name: Name { space, local: local.to_owned() },
        attributes,
        text: String::new(),
        children: Vec::new(),
    })
}

/// Whether XML 1.0 has a character at all: what is said again with another is read by nobody.
const fn is_character(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text is a name without a prefix: those of programs and people are of letters, digits and three signs.
fn is_name(text: &str) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_' || (c.is_alphabetic() && is_letter(c));
    let goes_on = |c: char| begins(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    text.starts_with(begins) && text.chars().all(goes_on)
}

/// Whether a character beyond ASCII may begin a name (XML 1.0, `NameStartChar`).
const fn is_letter(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{1fff}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_is_read_whatever_its_prefixes() {
        let one = r#"<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><a:b xmlns:a="x:y"/></D:prop></D:propfind>"#;
        let other = r#"<propfind xmlns="DAV:"><prop><b xmlns="x:y"></b></prop></propfind>"#;
        let tree = read(one.as_bytes()).unwrap().unwrap();
        assert_eq!(Some(&tree), read(other.as_bytes()).unwrap().as_ref());
        assert!(tree.name.is(DAV, "propfind"));
        assert_eq!(tree.child(DAV, "prop").unwrap().children[0].name, Name::new("x:y", "b"));
        let text = read(b"<a b='1 &lt; 2'>x &amp; <![CDATA[<y>]]>&#65;</a>").unwrap().unwrap();
        assert_eq!((text.text.as_str(), text.attribute("b")), ("x & <y>A", Some("1 < 2")));
        assert_eq!(read(b" \n"), Ok(None));
        let escaped = read("<é xmlns='x:y?a&amp;b'/>".as_bytes()).unwrap().unwrap();
        assert_eq!(escaped.name, Name::new("x:y?a&b", "é"));
    }

    #[test]
    fn what_could_not_be_said_again_in_xml_is_not_read() {
        for text in [
            "<a>\0</a>",
            "<a>&#1;</a>",
            "<a b='\u{b}'/>",
            "<a xmlns='x:&#2;'/>",
            "<1a/>",
            "<-/>",
            "<a\u{b2}/>",
        ] {
            assert_eq!(read(text.as_bytes()), Err(NotATree), "{text:?}");
        }
    }

    #[test]
    fn what_a_program_never_sends_is_refused_before_it_costs_anything() {
        let deep = format!("{}{}", "<a>".repeat(1_000), "</a>".repeat(1_000));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        let bomb = "<!DOCTYPE a [<!ENTITY x \"yy\"><!ENTITY z \"&x;&x;\">]><a>&z;</a>";
        let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
        for text in [
            deep.as_str(),
            &wide,
            bomb,
            outside,
            "<a>&x;</a>",
            "<a>",
            "</a>",
            "<a/><a/>",
            "<n:a/>",
            "x",
            "<a&b/>",
        ] {
            assert_eq!(read(text.as_bytes()), Err(NotATree), "{}", &text[..text.len().min(60)]);
        }
        assert_eq!(read(&[0xff, 0xfe]), Err(NotATree));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in "(<[/a-z:]{0,3}( [a-z]{1,2}=\"[&a-z;]{0,4}\")?/?>|&[#a-z0-9]{0,4};|.){0,40}") {
            let _ = read(text.as_bytes());
        }
    }
}
