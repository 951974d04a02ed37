//! Reads a calendar that somebody published: a file at an address, or the calendars of an account by CalDAV (RFC 4791). Never
//! changes anything there, and never knows what an event means.

use data_encoding::BASE64;
use hyper::body::Bytes;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use hyper::{Method, Response, StatusCode};
use url::Url;

use super::multistatus::{self, Thing};
use super::{Reach, Remote, Trouble};

/// So many calendars of one account are read.
const CALENDARS: usize = 8;

/// Why a calendar could not be read, in words for whoever gave its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not reached.
    #[error("{0}")]
    Remote(#[from] Trouble),
    /// The server does not let it be read.
    #[error("the server asks for a password, or does not take this one")]
    Locked,
    /// The server knows no such thing.
    #[error("there is no calendar at this address any more; publish it again, and give the new address")]
    Gone,
    /// Elsewhere, which is never followed: it could lead anywhere.
    #[error("the address leads on to another one; give that one")]
    Moved,
    /// Something else.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// An answer that is no CalDAV.
    #[error("what the server answers is not CalDAV; give the address that it names for calendar programs")]
    NotCalDav,
    /// An account without calendars.
    #[error("the account has no calendar that can be read")]
    NoCalendar,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendar {
    /// As it was at the version that is known.
    Unchanged,
    /// All of it.
    Whole {
        /// Its files; of an account, one for each event.
        files: Vec<Vec<u8>>,
        /// The version: an entity tag or a date, as it came; empty for none.
        version: String,
    },
}

/// Reads published calendars.
pub struct Published {
    remote: Remote,
    reach: Reach,
}

impl Published {
    /// Reads within a reach.
    ///
    /// # Errors
    /// As [`Remote::new`].
    pub fn new(reach: Reach) -> Result<Self, Trouble> {
        Ok(Self { remote: Remote::new(reach)?, reach })
    }

    /// Reads what is at an address, unless it still is the version that is known.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn read(
        &self,
        address: &str,
        account: Option<(&str, &str)>,
        version: &str,
    ) -> Result<Calendar, Problem> {
        let mut url = Url::parse(address).map_err(|_| Trouble::Address)?;
        if self.reach == Reach::Loopback {
            // On this machine nobody listens in, and no authority certifies it. A host is there, so the scheme changes.
            let _ = url.set_scheme("http");
        }
        match account {
            None => self.file(&url, version).await,
            Some((user, password)) => {
                let files = Account { remote: &self.remote, authorization: basic(user, password)? };
                Ok(Calendar::Whole { files: files.events(&url).await?, version: String::new() })
            }
        }
    }

    async fn file(&self, url: &Url, version: &str) -> Result<Calendar, Problem> {
        let mut headers = HeaderMap::new();
        if let (false, Ok(known)) = (version.is_empty(), HeaderValue::from_str(version)) {
            let is_tag = version.starts_with('"') || version.starts_with("W/");
            headers.insert(if is_tag { IF_NONE_MATCH } else { IF_MODIFIED_SINCE }, known);
        }
        let answer = self.remote.get(url, headers).await?;
        match answer.status() {
            StatusCode::NOT_MODIFIED if !version.is_empty() => Ok(Calendar::Unchanged),
            StatusCode::OK => {
                let version = [ETAG, LAST_MODIFIED].iter().find_map(|name| answer.headers().get(name));
                let version = version.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
                Ok(Calendar::Whole { files: vec![answer.into_body().to_vec()], version })
            }
            status => Err(refused(status)),
        }
    }
}

fn basic(user: &str, password: &str) -> Result<HeaderValue, Problem> {
    let text = format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Problem::Locked)?;
    value.set_sensitive(true);
    Ok(value)
}

fn refused(status: StatusCode) -> Problem {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Problem::Locked,
        StatusCode::NOT_FOUND | StatusCode::GONE => Problem::Gone,
        status if status.is_redirection() => Problem::Moved,
        status => Problem::Status(status.as_u16()),
    }
}

/// One account on a CalDAV server.
struct Account<'r> {
    remote: &'r Remote,
    authorization: HeaderValue,
}

const PRINCIPAL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><current-user-principal/><resourcetype/></prop></propfind>"#;
const HOME: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-home-set/></prop></propfind>"#;
const CALENDARS_IN: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><resourcetype/><C:supported-calendar-component-set/></prop></propfind>"#;
const EVENTS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>"#;

impl Account<'_> {
    /// The events of the calendar at an address, or of all calendars of the account behind it (RFC 6764, section 6, from
    /// the address on).
    async fn events(&self, url: &Url) -> Result<Vec<Vec<u8>>, Problem> {
        let here = self.propfind(url, "0", PRINCIPAL).await?;
        if here.iter().any(|thing| thing.is_calendar) {
            return self.events_of(url).await;
        }
        let principal = here.iter().find_map(|thing| thing.principal.as_deref()).ok_or(Problem::NotCalDav)?;
        let principal = beside(url, principal)?;
        let about = self.propfind(&principal, "0", HOME).await?;
        let home = about.iter().find_map(|thing| thing.home.as_deref()).ok_or(Problem::NotCalDav)?;
        let home = beside(&principal, home)?;
        let listed = self.propfind(&home, "1", CALENDARS_IN).await?;
        let calendars: Vec<&Thing> =
            listed.iter().filter(|thing| thing.holds_events()).take(CALENDARS).collect();
        if calendars.is_empty() {
            return Err(Problem::NoCalendar);
        }
        let mut events = Vec::new();
        for calendar in calendars {
            events.extend(self.events_of(&beside(&home, &calendar.href)?).await?);
        }
        Ok(events)
    }

    async fn events_of(&self, calendar: &Url) -> Result<Vec<Vec<u8>>, Problem> {
        let things = self.ask("REPORT", calendar, "1", EVENTS).await?;
        Ok(things.into_iter().filter_map(|thing| thing.data).map(String::into_bytes).collect())
    }

    async fn propfind(&self, url: &Url, depth: &'static str, body: &str) -> Result<Vec<Thing>, Problem> {
        self.ask("PROPFIND", url, depth, body).await
    }

    async fn ask(
        &self,
        method: &str,
        url: &Url,
        depth: &'static str,
        body: &str,
    ) -> Result<Vec<Thing>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        headers.insert(HeaderName::from_static("depth"), HeaderValue::from_static(depth));
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Problem::NotCalDav)?;
        let answer: Response<Bytes> = self.remote.exchange(method, url, headers, body.to_owned()).await?;
        if answer.status() != StatusCode::MULTI_STATUS {
            return Err(match refused(answer.status()) {
                Problem::Status(200..=499) => Problem::NotCalDav,
                problem => problem,
            });
        }
        let text = std::str::from_utf8(answer.body()).map_err(|_| Problem::NotCalDav)?;
        multistatus::read(text).map_err(|multistatus::Unreadable| Problem::NotCalDav)
    }
}

/// An address that a server gave, beside the one that was asked. The password goes to the same host, or to another one of
/// the same domain (iCloud keeps each account on its own), over the same scheme, and nowhere else.
fn beside(asked: &Url, given: &str) -> Result<Url, Problem> {
    let url = asked.join(given).map_err(|_| Problem::NotCalDav)?;
    let same =
        url.scheme() == asked.scheme() && url.host_str() == asked.host_str() && url.port() == asked.port();
    let domain = |url: &Url| -> Option<String> {
        let (_, domain) = url.domain()?.split_once('.')?;
        domain.contains('.').then(|| domain.to_owned())
    };
    let near = url.scheme() == "https" && domain(asked).is_some_and(|own| domain(&url) == Some(own));
    if same || near { Ok(url) } else { Err(Problem::Moved) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_to_the_same_domain_and_nowhere_else() {
        let asked: Url = "https://caldav.icloud.com/".parse().unwrap();
        let to = |given| beside(&asked, given).map(|url| url.to_string());
        assert_eq!(to("/me/").unwrap(), "https://caldav.icloud.com/me/");
        assert_eq!(to("https://p42-caldav.icloud.com/1/").unwrap(), "https://p42-caldav.icloud.com/1/");
        for given in
            ["https://evil.example/", "http://caldav.icloud.com/", "https://icloud.com.evil.example/"]
        {
            assert_eq!(to(given), Err(Problem::Moved), "{given}");
        }
        let own: Url = "https://example.org/dav/".parse().unwrap();
        assert_eq!(beside(&own, "https://other.org/"), Err(Problem::Moved));
    }
}
