//! English for calendar programs and their page. Sentences only: plain and true, and never one that names a person.

use crate::web::words::dav::DavWords;

/// English as it is spoken in the United States.
pub static DAV: DavWords = DavWords {
    held_name: "Held times",
    held_about: "The visits that you hold. Move one to another free time of yours; the other person gets a letter.",
    busy_name: "Busy",
    busy_about: "Times at which you are busy. No new visits are booked then.",
    not_xml: "This request cannot be read.",
    asks_too_much: "At most 500 events can be asked for at once.",
    range_wrong: "A stretch of time begins before it ends, and has at most five years.",
    filter_unknown: "Events can be asked for by their time and their UID.",
    report_unknown: "This cannot be asked for here.",
    only_the_root: "Ask for one level at a time, with Depth: 0 or 1.",
    word_unknown: "What changed since then is not known any more; ask for everything.",
    changed_meanwhile: "This was changed meanwhile. Let your calendar look again, and then repeat the change.",
    no_such: "There is nothing here.",
    not_yours_to_change: "This cannot be changed here.",
    visit_cannot_be_made: "Visits are booked on the site; nothing can be added to this calendar.",
    visit_cannot_be_deleted: "A visit cannot be deleted here. If you will be away, open “Away” on the site: everybody \
        whose visit is then gets another time.",
    length_fixed: "Not moved: visits keep their length. Move the event without making it longer or shorter.",
    not_one_event: "Not moved: a visit is one event that does not repeat.",
    has_begun_already: "Not moved: this visit has already begun.",
    not_free: "Not moved: you have no free visit at that time which this person could come to. Free visits lie in your \
        hours, a day or more ahead, and inside the other person's protected time.",
    moved_meanwhile: "Not moved: somebody changed this visit or took that time just now. Let your calendar look again.",
    not_a_calendar: "This is no calendar that can be read.",
    only_events: "This calendar holds events and nothing else.",
    one_uid: "An object of a calendar holds one event, with a UID.",
    uid_taken: "Another event here has this UID.",
    too_many: "This calendar is full: it holds 2,000 events. Remove old ones.",
    unreadable: "It cannot be told when this event is: use a simpler repetition, or a time zone by its common name.",
    has_clash: "Your calendar says that you are busy then. Nothing was changed: move the visit, or block the time under “Away”.",
    title: "Your visits in a calendar account",
    lead: "Most calendar programs can hold your visits as an account of their own: changes arrive within minutes, a visit \
        can be moved by moving its event, and a second calendar tells Holdspace when you are busy.",
    names_why: "With names, every server and every device that your program copies its calendar to holds the names of those \
        who see you; without, it holds times and codes.",
    server: "Server",
    user: "User name",
    password: "The new password",
    shown_once: "It is shown this once. Type it into the one program that it is for, with the user name below; hyphens do not \
        matter.",
    new_name: "What is the program called?",
    new_names: "Show names in this program",
    make: "Make a password",
    made_on: "made on {date}",
    sees_names: "sees names",
    sees_codes: "sees codes, no names",
    end: "End it",
    full: "You have as many passwords as there can be. End one that is not used before you make another.",
    none: "No program is let in yet.",
    programs_title: "What to type where",
    apple: "Apple Calendar",
    apple_steps: "Settings, Calendar accounts, Add account, Other, CalDAV account: server, user name, password.",
    thunderbird: "Thunderbird",
    thunderbird_steps: "New Calendar, On the Network: user name, and the server as location; choose both calendars.",
    davx: "DAVx⁵ (Android)",
    davx_steps: "Add account, Login with URL and user name: the server with https:// before it.",
    evolution: "Evolution",
    evolution_steps: "New, Calendar, type CalDAV: the server with https:// before it, Find Calendars.",
    outlook: "Outlook with CalDAV Synchronizer",
    outlook_steps: "Synchronization profiles, Add, Generic CalDAV: the server as DAV URL, then Test or discover settings.",
    moving_title: "What you can do there",
    moving: "Move a visit to another free time of yours that lies in the other person's protected time: they get a letter \
        with the new time. Other moves are refused, with the reason. Titles, alarms and notes that you add are not kept. \
        Deleting a visit is refused; use “Away”.",
    moving_back: "The time that you moved it from becomes free for others. Block it under “Away” if you cannot hold a visit \
        then.",
    busy_title: "The calendar “Busy”",
    busy: "Events that you put there keep new visits away. If one falls on a visit that is booked already, your agenda says \
        so, and nothing is moved.",
};
