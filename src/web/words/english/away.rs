//! English for blocking time. Sentences only: plain and true, and never one that names a person.

use crate::web::words::away::AwayWords;

/// English as it is spoken in the United States.
pub static AWAY: AwayWords = AwayWords {
    away_lead: "Enter when you hold no visits. Everybody who has a visit with you then is given another time, \
        where one can be found, and gets a letter about it; nobody is told why.",
    away_lead_lead: "Enter when this therapist holds no visits. Everybody who has a visit with them then is given \
        another time, where one can be found, and gets a letter about it; nobody is told why.",
    away_zone: "Days and times are in {zone}.",
    away_from: "First day",
    away_from_time: "From (optional)",
    away_until: "{from}, until {until} ({zone})",
    away_last: "Last day, included",
    away_until_time: "Until (optional)",
    away_times_hint: "Leave the times empty for whole days.",
    away_no_end_label: "Until further notice",
    away_no_end_why: "No end: also the way to stop holding visits for good. The last day is not needed then.",
    away_look: "See what this would do",
    away_sure_title: "Block this time?",
    away_sure: "Block this time",
    away_change: "Change it",
    away_visits_none: "No visit is booked then. No new one will be.",
    away_visits_one: "One visit is booked then. Whoever comes is given another time, where one can be found, as soon \
        as you press the button; that cannot be taken back.",
    away_visits: "{count} visits are booked then. Whoever comes is given another time, where one can be found, as \
        soon as you press the button; that cannot be taken back.",
    away_further_one: "One other visit that was offered or taken is taken back, and their page says so.",
    away_further: "{count} other visits that were offered or taken are taken back, and the pages of those who were to \
        come say so.",
    away_done: "Done. Nobody is booked in this time any more, and nobody will be.",
    away_undone: "Taken back. The time can be booked again; visits that were given another time stay where they \
        are now.",
    away_known_title: "Blocked time",
    away_known_none: "Nothing is blocked.",
    away_undo: "Take back",
    away_undo_why: "The time can be booked again from then on. Visits that were given another time do not come \
        back.",
    away_day: "{from}, the whole day ({zone})",
    away_days: "{from}, to {until}, both days included ({zone})",
    away_open: "From {from}, until further notice ({zone})",
    away_no_day: "This is not a date. Choose the first day.",
    away_no_end: "Choose the last day, or tick “Until further notice”.",
    away_no_time: "This is not a time of day. Write it like 1:00 PM, or leave it empty.",
    away_backwards: "This ends before it begins. Choose a later end.",
    away_over: "This is over already. What has begun is not changed any more.",
    away_far: "This is more than ten years away. Check the year.",
};
