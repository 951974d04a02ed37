//! English for the page of calendars elsewhere. Sentences only: plain and true.

use crate::web::words::busy::BusyWords;

/// English as it is spoken in the United States.
pub static BUSY: BusyWords = BusyWords {
    door: "Busy times",
    title: "Busy times",
    lead: "When your own calendar says that you are busy, nobody new is booked with you then. Visits that are booked \
        already stay: nothing in your calendar cancels or moves one.",
    read_title: "Calendars that are read",
    read: "Read {time}. Busy times found: {count}.",
    unread: "It will be read within a minute.",
    never: "It could not be read yet.",
    trouble: "The last try failed: {reason}.",
    refused: "Events that could not be read, and count as free: {count}.",
    stale: "Nobody new is booked with you until this calendar can be read again, because it is not known when you are busy. \
        If it is no longer yours, remove it.",
    now: "Read it now",
    soon: "It will be read within a minute.",
    remove: "Stop reading it",
    removed: "It is no longer read, and its busy times are forgotten.",
    add_title: "Read one more calendar",
    address: "Address of the calendar",
    address_why: "It begins with https:// or webcal://.",
    account: "It asks for a user name and a password (CalDAV)",
    account_why: "Best make a password for this alone, where your calendar's settings call it an app password.",
    user: "User name",
    password: "Password",
    add: "Read this calendar",
    added: "Added. It will be read within a minute, and then every quarter of an hour.",
    no_address: "This is no address that can be read. Give the whole address; it begins with https:// or webcal://.",
    insecure: "This address begins with http://, so that others could read it on its way. Look for one with https://.",
    credentials: "Leave user name and password out of the address, and type them into their own fields.",
    too_long: "This is longer than any address or password. Copy it again.",
    enough: "Five calendars are read already. Stop reading one first.",
    half: "Give both the user name, without a colon, and the password; or leave both empty.",
    how_title: "Where the address stands",
    google_title: "Google Calendar",
    google: "Settings, then your calendar on the left, then “Integrate calendar”: copy the “Secret address in iCal format”.",
    outlook_title: "Outlook",
    outlook: "Settings, Calendar, “Shared calendars”, “Publish a calendar”: choose “Can view when I'm busy”, and copy the \
        ICS link.",
    apple_title: "iCloud",
    apple: "Give https://caldav.icloud.com/ with your Apple account and an app-specific password from account.apple.com.",
    privacy: "Kept are only the times at which you are busy, never what an event is about. Your program does not see which \
        calendars are read.",
};
