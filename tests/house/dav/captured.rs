//! Requests in the shape in which programs send them. Never what this server would like to be asked.

/// Apple Calendar, at the account's first address.
pub const APPLE_PRINCIPAL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop><A:current-user-principal/><A:principal-URL/><A:resourcetype/></A:prop></A:propfind>"#;

/// Apple Calendar, at the principal.
pub const APPLE_HOME: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop><B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
<B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/><A:current-user-principal/><A:displayname/>
<C:dropbox-home-URL xmlns:C="http://calendarserver.org/ns/"/><C:email-address-set xmlns:C="http://calendarserver.org/ns/"/>
<C:notification-URL xmlns:C="http://calendarserver.org/ns/"/><A:principal-collection-set/><A:principal-URL/><A:resource-id/>
<B:schedule-inbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/><A:supported-report-set/></A:prop></A:propfind>"#;

/// DAVx5, at the home.
pub const DAVX_CALENDARS: &str = r#"<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns="DAV:" xmlns:CAL="urn:ietf:params:xml:ns:caldav" xmlns:CARD="urn:ietf:params:xml:ns:carddav"><prop><resourcetype /><displayname /><CARD:addressbook-description /><CAL:calendar-description /><calendar-color xmlns="http://apple.com/ns/ical/" /><CAL:calendar-timezone /><CAL:supported-calendar-component-set /><source xmlns="http://calendarserver.org/ns/" /><current-user-privilege-set /><owner /><getctag xmlns="http://calendarserver.org/ns/" /><sync-token /><supported-report-set /></prop></propfind>"#;

/// vdirsyncer and Thunderbird, in a calendar.
pub const ETAGS: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<propfind xmlns="DAV:"><prop><resourcetype/><getcontenttype/><getetag/></prop></propfind>"#;

/// Thunderbird and DAVx5, for what changed.
pub const SYNC: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<sync-collection xmlns="DAV:"><sync-token>WORD</sync-token><sync-level>1</sync-level><prop><getcontenttype/><getetag/></prop></sync-collection>"#;

/// vdirsyncer, which sends no Depth with it.
pub const MULTIGET: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>HREFS</C:calendar-multiget>"#;

/// Evolution and python-caldav, for a stretch of time.
pub const QUERY: &str = r#"<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="FROM" end="UNTIL"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#;

/// A colour that Apple Calendar wants to keep.
pub const APPLE_COLOUR: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<A:propertyupdate xmlns:A="DAV:"><A:set><A:prop><D:calendar-color xmlns:D="http://apple.com/ns/ical/" symbolic-color="custom">#FF2968FF</D:calendar-color></A:prop></A:set></A:propertyupdate>"#;

/// An event as Thunderbird writes one.
pub fn event(uid: &str, from: &str, until: &str, more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nPRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n\
         CREATED:20270601T120000Z\r\nLAST-MODIFIED:20270601T120000Z\r\nDTSTAMP:20270601T120000Z\r\nUID:{uid}\r\n\
         SUMMARY:Dentist\r\nDTSTART:{from}\r\nDTEND:{until}\r\n{more}BEGIN:VALARM\r\nACTION:DISPLAY\r\n\
         TRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}
