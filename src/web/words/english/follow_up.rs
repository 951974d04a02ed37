//! English for offering another visit. Sentences only: plain and true, and never one that names a person.

use crate::web::words::follow_up::FollowUpWords;

/// English as it is spoken in the United States.
pub static FOLLOW_UP: FollowUpWords = FollowUpWords {
    another_title: "Offer another visit",
    another_badge: "Another visit",
    another_lead: "To {name}, whom you saw on {day}, {times}.",
    another_private: "Privately: they find it behind their own link and take it or say no. It is counted nowhere, \
        and nobody at their program can see it.",
    another_inside: "Your free times inside their protected time",
    another_others: "Your other free times",
    another_others_why: "Nobody keeps these free for them: they would have to arrange that themselves.",
    another_none: "None of your times is free at present that they may take. You can type another one.",
    another_typed_legend: "Another time, outside the hours that you offer to everybody",
    another_typed: "This date and time",
    another_typed_why: "Times are in {zone}. A visit is {minutes} minutes long. Choose one that ends by {last}, \
        when their page closes.",
    another_date: "Date",
    another_time: "Begins at",
    another_mail: "They asked for it by mail",
    another_mail_why: "Tick this only if they asked you to: a calendar entry with a neutral title is mailed to \
        them. Otherwise nothing is mailed, so that no shared mailbox tells of it.",
    another_button: "Offer this visit",
    another_wait: "The time is held until they answer, for a week at most.",
    another_done: "Offered. They see it behind their link; tell them to look there.",
    another_withdrawn: "Taken back. Their page says so.",
    another_agenda: "Back to your agenda",
    another_known: "Offered to them",
    another_withdraw: "Take back",
    another_offered: "Offered; they have until {day}, {time}, to answer",
    another_taken: "Taken",
    another_declined: "They said no, thank you",
    another_given_up: "Given up; they cannot come",
    another_lapsed: "Nobody answered in time; not held any more",
    another_no_when: "Choose one of the times.",
    another_no_date: "Type the date, or choose one of the times above.",
    another_no_time: "Type when it begins, like 1:00 PM.",
    another_gone: "That time is no longer free. Choose another one.",
    another_too_soon: "That begins too soon for an answer. Choose a later time.",
    another_too_late: "By then their page is closed. Choose an earlier time.",
    another_skipped: "Clocks skip that time on that day. Choose another one.",
    another_in_hours: "That lies in hours that you offer to everybody, where somebody else could be booked. Choose \
        a time outside them, or take that time out of your hours first.",
    another_slot: "A visit may be booked with you then. Choose another time.",
    another_busy: "Your calendar is busy then. Choose another time.",
    another_away: "You blocked that time. Choose another one.",
    another_twice: "You offered that time to somebody already. Choose another one.",
    another_theirs: "They have another visit then. Choose another time.",
    another_enough_them: "Four more visits are held for them already. Wait until one was, or take one back.",
    another_enough_you: "You have sixty offers open. Wait until some were, or take some back.",
};
