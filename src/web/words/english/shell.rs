//! English for the frame around the pages of those who work here. Sentences only: plain and true, and never one that names a person.

use crate::web::words::shell::ShellWords;

/// English as it is spoken in the United States.
pub static SHELL: ShellWords = ShellWords {
    shell_nav: "Pages",
    account: "Your account",
    home_title: "Where would you like to go?",
    home_program: "{name}, {code}",
    home_institution: "The whole institution",
    home_clinic: "The clinic",
    home_none_title: "Nothing is open to you yet",
    home_none: "A director can give you a program to look after. Then it stands here.",
    account_title: "Your account",
    account_devices_one: "You are signed in on this device only.",
    account_devices: "You are signed in on {count} devices.",
    account_limits: "A session ends after twelve hours, or after two hours without a page.",
    account_everywhere: "Sign out everywhere",
    token_title: "For programs",
    token_lead: "With a token, a program may do for you what you may do here. Give it to nobody whom you would not let sit \
        at your desk; a new one ends the one before, and each ends after a year.",
    token_make: "Make a token",
    token_again: "Make a new token",
    token_end: "End the token",
    token_shown: "Your token",
    token_once: "It is shown this once. Send it as “Authorization: Bearer …”.",
    token_described: "What programs can do",
    account_everywhere_why: "Ends every session of yours at once, on this device too. Sign in again with a fresh link.",
};
