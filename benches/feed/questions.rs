//! What calendar programs ask, in the same words of both servers, and how many events an answer tells of.

use reqwest::{Method, StatusCode};

use crate::crowd::{Calendar, VISITS};

/// A request, ready to be sent again and again.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    /// User name and password, where it needs them.
    pub login: Option<(String, String)>,
    pub body: String,
}

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub body: String,
}

/// A question of calendar programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Everything as one text.
    Whole,
    /// The same by who has it already.
    Known,
    /// The entity tag of each event.
    Tags,
    /// What changed, by who comes for the first time.
    First,
    /// Fifty events by address.
    Fifty,
    /// What changed, where nothing did.
    Nothing,
    /// What changed, where one event went.
    OneGone,
}

/// Events that are asked for by address.
pub const FIFTY: usize = 50;

const TAGS: &str = r#"<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>"#;
const SYNC: &str = r#"<?xml version="1.0"?><sync-collection xmlns="DAV:"><sync-token>WORD</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"#;
const FETCH: &str = r#"<?xml version="1.0"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>HREFS</C:calendar-multiget>"#;

/// What a program learned of a calendar before.
#[derive(Default, Clone)]
pub struct Learned {
    /// The entity tag of everything.
    pub etag: String,
    /// Paths of events.
    pub paths: Vec<String>,
    /// The word for what it was told last.
    pub word: String,
}

/// Where a calendar lies on a server.
pub struct Place {
    /// Without a path.
    pub server: String,
    /// Path of everything as one text.
    pub whole: String,
    /// Whether that asks for no password.
    pub open: bool,
    /// Path of the calendar.
    pub calendar: String,
}

impl Question {
    /// In the order in which they are asked: the change comes before the last.
    pub const ALL: [Self; 7] =
        [Self::Whole, Self::Known, Self::Tags, Self::First, Self::Fifty, Self::Nothing, Self::OneGone];

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Whole => "GET of everything",
            Self::Known => "GET, If-None-Match",
            Self::Tags => "PROPFIND of tags",
            Self::First => "sync-collection, first",
            Self::Fifty => "calendar-multiget of 50",
            Self::Nothing => "sync-collection, nothing new",
            Self::OneGone => "sync-collection, one gone",
        }
    }

    /// For machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "get",
            Self::Known => "get_if_none_match",
            Self::Tags => "propfind_getetag",
            Self::First => "sync_first",
            Self::Fifty => "multiget_50",
            Self::Nothing => "sync_nothing_new",
            Self::OneGone => "sync_one_gone",
        }
    }

    /// How many events an answer tells of.
    pub const fn events(self) -> usize {
        match self {
            Self::Whole | Self::Tags | Self::First => VISITS,
            Self::Fifty => FIFTY,
            Self::Known | Self::Nothing => 0,
            Self::OneGone => 1,
        }
    }

    /// The question as a request.
    pub fn request(self, place: &Place, calendar: &Calendar, learned: &Learned) -> Request {
        let login = (calendar.login.clone(), calendar.password.clone());
        let get = |headers| Request {
            method: Method::GET,
            url: format!("{}{}", place.server, place.whole),
            headers,
            login: Some(login.clone()).filter(|_| !place.open),
            body: String::new(),
        };
        let dav = |method: &[u8], depth: &str, body: String| Request {
            // Both methods are words of capital letters.
            method: Method::from_bytes(method).unwrap_or_default(),
            url: format!("{}{}", place.server, place.calendar),
            headers: vec![("depth", depth.to_owned()), ("content-type", "application/xml".to_owned())],
            login: Some(login.clone()),
            body,
        };
        let hrefs = || learned.paths.iter().take(FIFTY).map(|path| format!("<href>{path}</href>"));
        match self {
            Self::Whole => get(Vec::new()),
            Self::Known => get(vec![("if-none-match", learned.etag.clone())]),
            Self::Tags => dav(b"PROPFIND", "1", TAGS.to_owned()),
            Self::First => dav(b"REPORT", "0", SYNC.replace("WORD", "")),
            Self::Fifty => dav(b"REPORT", "1", FETCH.replace("HREFS", &hrefs().collect::<String>())),
            Self::Nothing | Self::OneGone => dav(b"REPORT", "0", SYNC.replace("WORD", &learned.word)),
        }
    }

    /// How many events an answer really tells of.
    pub fn told(self, answer: &Answer) -> usize {
        match self {
            Self::Whole | Self::Known | Self::Fifty => answer.body.matches("BEGIN:VEVENT").count(),
            _ => paths(&answer.body).len(),
        }
    }
}

/// Paths of the events that an answer names.
pub fn paths(body: &str) -> Vec<String> {
    let hrefs = body.split("href>").filter(|part| part.starts_with('/'));
    hrefs.filter_map(|part| part.split_once(".ics<")).map(|(path, _)| format!("{path}.ics")).collect()
}

/// The word for what an answer told.
pub fn word(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("sync-token>")?;
    rest.split_once('<').map(|(word, _)| word.to_owned())
}

/// The identifiers of all events of a text.
pub fn identifiers(body: &str) -> Vec<&str> {
    let mut all: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("UID:")).collect();
    all.sort_unstable();
    all
}
