//! English. Sentences only: kind, plain and true, and never one that names a person.

pub mod director;
pub mod roster;
pub mod season;
pub mod shell;
pub mod therapist;

use super::Words;

/// English as it is spoken in the United States.
pub static ENGLISH: Words = Words {
    lang: "en",
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{weekday}, {month} {day}, {year}",
    am: " AM",
    pm: " PM",

    name: "Holdspace",
    skip_to_content: "Skip to content",
    crisis: "Need to talk to somebody now? Call or text 988, at any hour, in the United States and Canada.",

    front_title: "Time for you, held for you",
    front_what: "Holdspace holds one confidential visit for every resident, in time that is already protected.",
    front_link: "If you are a resident, use the link in your letter: there is no account and no password.",
    front_staff: "If you hold visits or run the program,",
    front_sign_in: "sign in here",

    held_eyebrow: "Held for you",
    held_lead: "There is nothing you need to do. The visit is free, voluntary and confidential.",
    past_eyebrow: "Your visit was",
    past_lead: "This time has begun or is over. Nobody at your program is told whether you came.",
    waiting_title: "No time is held for you yet",
    waiting_lead: "No free time fell inside your protected time when times were given out. You can choose one \
        yourself as soon as one is free.",
    waiting_empty: "Your protected time is yours all the same.",
    out_title: "You have opted out",
    out_lead: "Nobody at your program is told, and your protected time stays yours. You can come back whenever \
        you like.",
    out_letters: "Letters go on as before, because everyone gets the same ones at the same moments: if yours \
        stopped, that would tell.",
    out_visit: "The time that was held for you",
    by_video: "By video",
    by_phone: "By telephone",
    in_person: "In person",
    open_video: "Open the video visit",
    call: "Call",
    saved: "Saved. This page shows what now holds.",
    choose_time: "Choose another time",
    choose_again: "Choose a time",
    move_lead: "Does another hour suit you better?",
    opt_out_title: "Opt out",
    opt_out_lead: "Nobody asks for a reason, nobody at your program is told, and your protected time stays yours.",
    entry_legend: "What should happen to the entry in your calendar?",
    entry_keep: "Keep it",
    entry_keep_why: "The time stays on your calendar as protected time, and no mail is sent.",
    entry_remove: "Remove it",
    entry_remove_why: "A mail to you takes the entry off your calendar; whoever can see your calendar may notice.",
    opt_out_button: "Opt out of this visit",
    come_back_button: "Come back to this time",
    entry_still: "The entry is still on your calendar, as protected time.",
    entry_remove_button: "Remove the entry",
    letters_title: "Letters to you",
    letters_why: "Everyone gets the same letters at the same moments, whether they come, move or opt out. That \
        way a letter tells nothing about you.",
    letters_confirm: "Mail me a confirmation of each change",
    letters_remind: "After a move, remind me of the new time",
    letters_none: "Send me no more letters",
    letters_none_why: "Whoever runs your mail server could then see that your letters stopped while others’ went \
        on, and nothing more.",
    letters_save: "Save",
    who_title: "Who learns what",
    who_program: "Your program never learns whether you come, move, opt out or miss a visit: not from a page, a \
        list, a letter or a calendar. It sees your protected time, which is the same whatever you do.",
    who_therapist: "The therapist who holds the visit sees your name and notes whether it took place. Nothing \
        about what was said is ever asked or kept here.",
    who_server: "Holdspace itself has to know who sits where. It keeps that sealed, and shows it to nobody else.",
    who_release: "Once, after the season, your program gets one rounded figure about its whole group, blurred on \
        purpose so that nobody can be picked out of it.",
    price_title: "What was published about your group",
    price_none: "Nothing so far. When a figure is published, this page says how much it could tell about you.",
    price_some: "One blurred figure was published; its privacy cost to you is {epsilon} of at most 1 this year \
        (epsilon). In words: somebody who already knew what everyone else did, and would have tossed a coin about \
        you, could now be at most {percent} % sure.",
    kind_title: "What this is",
    kind_words: "A talk with a licensed therapist who is not part of your program. It is free, it is not put on \
        your training record, and you may leave it at any time.",

    why_title: "Why this time?",
    why_chosen: "{day}, {times}, was chosen for you together with everybody else’s time, by fixed rules: as many \
        people as possible get a time, and then as many wishes as possible are met. Nobody at your program chose it.",
    why_protected: "It lies in your protected time.",
    why_met: "It meets your wish for {wishes}.",
    why_unmet: "It does not meet your wish for {wishes}.",
    why_language: "the language",
    why_gender: "the therapist’s gender",
    why_modality: "how you attend",
    why_and: " and ",
    why_costs: "The rules count in points; fewer are better. This time counts {points}: {parts}.",
    why_costs_nothing: "The rules count in points; fewer are better. This time counts none.",
    why_wish: "{points} for {wish}",
    why_site: "{points} because the therapist does not serve your site",
    why_earlier: "{points} for how late in the season it is",
    why_day: "{points} for how full that day is for the therapist",
    why_therapist: "{points} for how full the season is for the therapist",
    why_points: "{count} points",
    why_point: "1 point",
    why_next: "The next best times for you would have been:",
    why_next_none: "No other time would have fitted your protected time.",
    why_next_time: "{day}, {times}: {more}",
    why_more: "everybody’s times together would have counted at least {points} more",
    why_no_more: "as good; only chance chose between them",
    why_leaves_out: "somebody else would have been left without a time",
    why_stays: "This is about the time that was chosen at first. It stays as it is whatever you do, and only you see it.",

    times_move_title: "Choose another time",
    times_take_title: "Choose a time",
    times_lead: "Every time below lies inside your protected time. Your program sees no difference.",
    times_remind: "Remind me of the new time",
    times_remind_why: "One more mail before it, to you alone.",
    times_move: "Move my visit",
    times_take: "Hold this time for me",
    times_back: "Keep things as they are",
    times_empty_title: "No other time is free right now",
    times_empty: "Times are looked through every six hours. Come back later; your link keeps working.",
    times_gone: "That time is no longer free. Nothing has changed for you; please choose another one.",

    sign_in_title: "Sign in",
    sign_in_lead: "For therapists and directors. We mail you a link; there is no password.",
    sign_in_address: "Your e-mail address",
    sign_in_button: "Mail me a link",
    sign_in_sent_title: "Look at your mail",
    sign_in_sent: "If that address is known here, a letter with a link is on its way. The link works once, for a \
        quarter of an hour.",
    sign_in_confirm_title: "Sign in to Holdspace",
    sign_in_confirm: "Press the button to sign in on this device. You stay signed in for twelve hours, or until \
        you close the browser.",
    sign_in_confirm_button: "Sign in",
    sign_out: "Sign out",

    nothing_title: "This link opens nothing",
    nothing: "It may be mistyped, too old or already used. Open the newest letter you have and use the link there; \
        if that does not help, answer that letter.",
    no_choice_title: "One choice is missing",
    no_choice: "The form did not say what you want, so nothing was changed. Please go back and choose again.",
    too_large_title: "That is too much",
    too_large: "The form was larger than any form here can be, so it was not read and nothing was changed.",
    foreign_title: "This came from another page",
    foreign: "For your safety only forms from our own pages are heard. Nothing was changed; please open your link \
        again and press the button there.",
    method_title: "That cannot be done here",
    method: "This address can be read but not changed, or the other way round. Nothing was changed.",
    busy_title: "One moment, please",
    busy: "The service cannot answer just now. Nothing was lost; please try again in a few seconds.",
    broken_title: "Something went wrong on our side",
    broken: "What you asked for may not have happened. Please try again; whoever runs this service was told.",
    conflict_title: "Nothing was changed",
    back: "Back",
    taken: "That time is no longer free; please choose another one.",
    contended: "Somebody else changed the same thing at the same moment. Please try again.",
    nothing_held: "No visit is held for you at present.",
    has_begun: "This visit has already begun.",
    took_place: "This visit took place; your therapist can offer you another one.",
    too_soon: "That time begins too soon; please choose a later one.",
    not_yet: "A visit can be marked once it has begun.",
    no_such_visit: "There is no such visit to mark.",
    too_fast: "So many requests came from here at once that the next ones have to wait. Nothing was lost; please try \
        again in a few seconds.",
    too_often: "This was booked again several times; please speak to the clinic.",
};
