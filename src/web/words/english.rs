//! English. Sentences only: kind, plain and true, and never one that names a person.

pub mod away;
pub mod busy;
pub mod capacity;
pub mod clinic;
pub mod dav;
pub mod director;
pub mod follow_up;
pub mod log;
pub mod protected;
pub mod roster;
pub mod season;
pub mod setup;
pub mod shell;
pub mod survey;
pub mod therapist;

use super::Words;
use crate::domain::language::Language;

/// English as it is spoken in the United States.
pub static ENGLISH: Words = Words {
    lang: "en",
    weekdays: Language::English.weekdays(),
    months: Language::English.months(),
    questions: [
        "One question",
        "Two questions",
        "Three questions",
        "Four questions",
        "Five questions",
        "Six questions",
    ],
    names: &[],
    date: "{weekday}, {month} {day}, {year}",
    am: " AM",
    pm: " PM",

    name: "Holdspace",
    sure: "Yes:",
    language_label: "Language",
    language_button: "Change",
    skip_to_content: "Skip to content",
    crisis: "Need to talk to somebody now?",
    crisis_call: "Call 988",
    crisis_text: "Text 988",
    crisis_where: "at any hour, in the United States and Canada.",
    other_language: "Español",
    other_language_code: "es",
    about_link: "What this is, and who learns what",

    front_title: "Time for you, held for you",
    front_what: "Holdspace holds one confidential visit for every resident, in time that is already protected.",
    front_link: "If you are a resident, use the link in your letter: there is no account and no password.",
    front_lost: "Lost the link? Every letter from us holds it: search your mail for our name. If you find none, \
        answer any letter of ours or ask the office that runs this. Nobody else can open your page for you.",
    front_staff: "If you hold visits or run the program,",
    front_sign_in: "sign in here",

    about_title: "What this is",
    about_what: "One talk with a licensed therapist who is not part of your program, held for every resident in time \
        that is already protected. Because everybody gets one, having one says nothing about anybody.",
    about_free: "It is free and voluntary. You can move it, opt out and come back, as often as you like, and nobody asks \
        for a reason. It is not an evaluation and not about your fitness for duty.",
    about_who: "It is confidential. Your program never learns whether you come, move, opt out or miss it. The therapist \
        sees your name. Nothing that was said is ever kept here.",
    about_records_title: "Your license",
    about_records: "Boards and hospitals ask different questions about health, and many have stopped asking about care \
        that somebody sought. We cannot promise what yours asks; you can look it up.",
    about_records_link: "What boards and hospitals ask: the list of the Dr. Lorna Breen Heroes’ Foundation",
    about_states_title: "By video, where you are",
    about_states: "A therapist must be licensed in the state where you are during a visit by video or telephone. Only such \
        therapists are offered to you there. If you will be in another state that day, choose another time.",
    about_states_link: "About licenses across state lines, at telehealth.hhs.gov",
    about_lost_title: "If you lost your link",
    about_lost: "It stands in every letter from us. If you have none left, answer to the sender of these letters or ask the \
        office that runs this. The link is a key: whoever has it can see and change your visit.",
    about_help_title: "If you need somebody now",
    about_help: "Do not wait for a visit. 988 answers calls and texts day and night, in the United States and Canada. In \
        danger, call 911.",
    about_help_link: "Chat with the 988 Lifeline, in the United States: 988lifeline.org",

    held_eyebrow: "Held for you",
    held_lead: "There is nothing you need to do. The visit is free, voluntary and confidential.",
    past_eyebrow: "Your visit was",
    past_lead: "This time has begun or is over. Nobody at your program is told whether you came.",
    waiting_title: "No time is held for you yet",
    waiting_lead: "No free time fell inside your protected time when times were given out. You can choose one \
        yourself as soon as one is free.",
    kept_title: "This time can be yours",
    kept_until: "It is kept for you until {until}. If you do nothing, it goes on to somebody else, and nothing else changes.",
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
    saved_moved: "Saved. Your visit is now at the time below.",
    saved_out: "Saved. Your visit was given up. You can undo that below.",
    saved_back: "Saved. The time below is held for you again.",
    saved_asked: "Saved. A letter is on its way to the new address; until the button in it is pressed, letters come to the \
        old one.",
    saved_roster: "Saved. Letters come to your old address again.",
    saved_way: "Saved. The time stays; how you attend it stands below.",
    moved_as_asked: "A free time came up that has what you wish for, and you were moved to it, as you had asked. A letter \
        with it went to you alone.",
    ways_title: "Attend it in another way",
    ways_button: "Attend it so",
    ways_lead: "The time and the therapist stay, and so does the entry on your calendar. Only the therapist is told.",
    undo_move: "Undo: back to {day}, {times}",
    to_calendar: "Add to my calendar",
    to_calendar_why: "The entry bears a neutral title. If the invitation is on your calendar already, it is not doubled.",
    calendar_entry: "This time is held for you.",
    answered_out: "You declined in your calendar on {day}, so your visit is not held.",
    answered_moved: "You proposed this time in your calendar on {day}, so your visit was moved here.",
    answer_title: "An answer from a calendar",
    answer_out: "It declines your visit.",
    answer_move: "It proposes another time for your visit: {day}, {times}.",
    answer_move_unread: "It proposes another time for your visit, but not one that could be read.",
    answer_held: "Held for you at present: {day}, {times}.",
    answer_sure: "We could not tell for sure that it came from you, so nothing was changed. If it did, tick the box and press the button; you \
        can undo it afterwards. If it did not, close this page: nothing happens.",
    answer_nothing: "There is nothing to do here any more: what was asked holds already, or can no longer be done.",
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
    address_title: "Another address for letters",
    address_lead: "You can have your letters and calendar updates sent to an address of your own. Nobody at your program \
        sees it, and a new roster does not change it.",
    address_here: "Letters go to {address}.",
    address_asked: "We asked {address} by letter. Nothing else goes there before the button in that letter is pressed.",
    address_label: "Your other address",
    address_ask: "Send the letter that confirms it",
    address_server: "Whoever runs the mail server of your old address could see that letters stopped there, and nothing \
        more. The entry on your old calendar stays.",
    address_undo: "Use the old address again",
    address_returned: "Our letters to your other address came back. Letters that everyone gets come to your old address until you \
        choose one again.",
    roster_returned: "Our letters to the address that your program gave us came back, so nothing is sent there at present.",
    other_address: "The office of your program gave us another address for you: {address}. Letters come to your old one until \
        {day}; from that day on they go to the new one. Nobody at your program sees what you choose here.",
    other_keep: "Keep the old address",
    other_take: "Use the new one now",
    saved_old: "Saved. Letters stay at your old address.",
    saved_new: "Saved. Letters go to the new address from now on.",
    address_wrong: "That is not a mail address; one like name@example.org is expected. Nothing was changed.",
    address_confirm_title: "Letters to this address?",
    address_confirm: "Tick the box and press the button if you asked for it yourself. From then on our letters come here. If it was not you, \
        close this page: nothing happens.",
    address_confirm_button: "Use this address",
    address_done_title: "Done",
    address_done: "Our letters come to this address from now on. You can undo it on your own page.",
    letters_title: "Letters to you",
    letters_why: "Everyone gets the same letters at the same moments, whether they come, move or opt out. That \
        way a letter tells nothing about you.",
    letters_confirm: "Mail me a confirmation of each change",
    letters_remind: "After a move, remind me of the new time",
    letters_none: "Send me no more letters",
    letters_none_why: "Whoever runs your mail server could then see that your letters stopped while others’ went \
        on, and nothing more.",
    letters_save: "Save",
    reminders_on_title: "Stop reminders?",
    reminders_on: "You can stop reminders alone. Your time and all other letters stay as they are.",
    reminders_off_button: "Stop reminders",
    reminders_off_title: "Reminders are off.",
    reminders_off: "No reminder comes any more. Your time and all other letters stay as they are.",
    reminders_on_button: "Send reminders again",
    reminders_server: "Whoever runs your mail server could then see that your reminders stopped while others’ went on, \
        and nothing more.",
    who_title: "Who learns what",
    who_program: "Your program never learns whether you come, move, opt out or miss a visit: not from a page, a \
        list, a letter or a calendar. It sees your protected time, which is the same whatever you do.",
    who_therapist: "The therapist who holds the visit sees your name and notes whether it took place. Nothing \
        about what was said is ever asked or kept here.",
    who_server: "Holdspace itself has to know who sits where. It keeps that sealed, and shows it to nobody else.",
    who_release: "Once, after the season, your program gets rounded figures about whole groups, blurred on purpose so \
        that nobody can be picked out of them.",
    survey_title: "{questions}, anonymous",
    survey_offer: "Everyone is asked the same, whether they came or not. It takes a minute, and you may leave it.",
    survey_code: "The button opens a page whose address is drawn by lot. It is yours alone, nothing that we store joins it to \
        you, and you can open it again by its address until {date}.",
    survey_button: "Answer anonymously",
    survey_has_code: "You were given your anonymous page. Which one it is we do not know; you can open it again by its \
        address until {date}.",
    survey_lead: "Nobody learns who answered, or what. Once, your program gets the share that agreed among everybody’s answers, \
        rounded and blurred on purpose; then the answers are destroyed.",
    survey_keep: "This page is yours alone. Keep its address if you may want to change your answers: that works until {date}.",
    survey_cannot: "Choose “I cannot say” wherever a sentence does not fit, for example because you did not come.",
    survey_save: "Hand in my answers",
    survey_saved: "Your answers are handed in. You can change them here until {date}.",
    survey_again: "This should be offered again.",
    survey_cares: "It shows me that my program cares how I am.",
    survey_easier: "It makes it easier for me to seek care, should I want to.",
    survey_satisfied: "All in all, I am satisfied with it.",
    survey_worth: "The time that is set aside for it is well spent.",
    survey_suited: "The day, the time and the way it was arranged suited me.",
    survey_5: "Strongly agree",
    survey_4: "Agree",
    survey_3: "Neither",
    survey_2: "Disagree",
    survey_1: "Strongly disagree",
    survey_0: "I cannot say",
    price_title: "What was published about your group",
    price_none: "Nothing so far. When a figure is published, this page says how much it could tell about you.",
    price_some: "Blurred figures were published; their privacy cost to you is {epsilon} of at most 1 this year \
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

    further_title: "Another visit was offered to you",
    further_lead: "It is as free, voluntary and confidential as the first, and counted nowhere. Only you and the \
        therapist know of it.",
    further_until: "The time is held for you until {day}, {time}.",
    further_answer: "Send my answer",
    further_take: "Take it",
    further_decline: "No, thank you",
    further_taken_title: "Another visit is held for you",
    further_taken_lead: "Counted nowhere; only you and the therapist know of it. It may lie outside your protected \
        time: nobody at your program keeps it free for you.",
    further_give_up: "Give it up",
    further_withdrawn: "We are sorry: the other visit on {day}, {times}, cannot be held. Your therapist can offer \
        another time.",
    further_lapsed: "The other visit on {day}, {times}, is no longer held for you, because the time to answer has \
        passed. Your therapist can offer another.",
    further_gone: "That time is no longer held for you. Nothing else changed.",
    further_meets: "Another time of yours is then. Nothing was changed; give that one up first, or say no to this \
        one.",
    saved_further: "Saved. The other visit below is yours.",
    saved_further_off: "Saved. The other visit is not held for you any more.",

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
    times_matching: "Times that match your wishes",
    times_others: "Other free times",
    times_no_match: "No free time matches your wishes right now. They are kept, and compared with every time that is \
        offered later.",
    wishes_title: "What would you rather have?",
    wishes_lead: "Only you see this, and it costs you nothing. It stays here and never gets onto the roster.",
    wishes_language: "Language",
    wishes_gender: "The therapist’s gender",
    wishes_how: "How you attend",
    wishes_any: "No preference",
    wishes_show: "Show times that match",
    wishes_clear: "Clear my wishes",
    wishes_saved: "Saved. Your wishes are kept, and only you see them.",
    wishes_cleared: "Saved. You have no wishes here any more.",
    wishes_move: "And move me if one comes free",
    wishes_move_why: "Times are looked through every six hours. When one in your protected time has all that you wish for, \
        you are moved to it, once, and get a letter with the new time, which you can undo. It never happens \
        shortly before a visit, nor while you get no letters from us.",
    better_time_lead: "Your present visit does not have all that you wish for. A free time has:",
    better_time: "Move me to {day}, {times}, {how}{with}",
    better_way_lead: "Your present visit can have all that you wish for, at the same time:",
    better_way: "Keep the time and attend {how}",
    better_language: ", with somebody who speaks {language}",
    better_gender: " (gender: {gender})",
    times_gone: "That time is no longer free. Nothing has changed for you; please choose another one.",

    sign_in_title: "Sign in",
    sign_in_lead: "For therapists and directors. We mail you a link; there is no password.",
    sign_in_address: "Your e-mail address",
    sign_in_button: "Mail me a link",
    sign_in_sent_title: "Look at your mail",
    sign_in_sent: "If that address is known here, a letter with a link is on its way. The link works once, for a \
        quarter of an hour.",
    sign_in_confirm_title: "Sign in to Holdspace",
    sign_in_confirm: "Tick the box and press the button to sign in on this device. You stay signed in for twelve hours, or until \
        you close the browser.",
    sign_in_mine: "I asked for this letter",
    sign_in_confirm_button: "Sign in",
    sign_out: "Sign out",
    sign_in_provider_lead: "For therapists and everybody who runs a program. Use the sign-in that you know from work.",
    sign_in_by_mail: "Or by mail",
    sign_in_by_mail_lead: "We mail you a link; there is no password.",
    sign_in_choice_title: "Where would you like to go?",
    sign_in_choice: "You hold visits here, and you look after programs. Sign in for one of them; for the other, sign in \
        again.",
    sign_in_as_therapist: "To my agenda",
    sign_in_as_staff: "To the programs",
    sign_in_refused_title: "This did not let you in",
    sign_in_refused: "Either nobody here has your e-mail address, or the sign-in took too long or was opened twice. Go \
        back and begin again. If that does not help, ask a director.",
    sign_in_outage_title: "Your institution’s sign-in does not answer",
    sign_in_outage: "Nothing is wrong with your account. Try again in a few minutes, or go back and have a link mailed to \
        you.",

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
    not_that_way: "This visit cannot be attended in that way.",
    not_yet: "A visit can be marked once it has begun.",
    no_such_visit: "There is no such visit to mark.",
    asked_just_now: "A letter to a new address has just been sent. Please look for it, or wait a minute and ask again.",
    asked_too_often: "Letters to new addresses were asked for too often from this page; please ask the office that runs this.",
    too_fast: "So many requests came from here at once that the next ones have to wait. Nothing was lost; please try \
        again in a few seconds.",
    too_often: "This was booked again several times; please speak to the clinic.",
};
