//! English for a director's pages. Sentences only: plain and true, and never one that names a person.

use crate::web::words::director::DirectorWords;

/// English as it is spoken in the United States.
pub static DIRECTOR: DirectorWords = DirectorWords {
    overview_title: "Overview",
    overview_lead: "Facts about the season that tell nothing about any one person.",
    check_title: "Addresses to check",
    check_lead: "The announcement could not be delivered to these people. It went out before anybody had anything \
        to decide, so this tells nothing but that the address on the roster is wrong.",
    overview_empty_title: "No offering yet",
    overview_empty: "Make one on the server with “holdspace offering create”.",
    season_period: "Visits",
    season_residents: "Residents on the roster",
    season_booked: "Booked",
    season_booked_yes: "Yes: everyone who could be placed has a time",
    season_booked_no: "Not yet",
    season_seed: "SHA-256 of the next lottery’s seed",
    season_seed_why: "Shown before rosters close: it fixes the lottery, so that nobody can choose one afterwards to \
        suit somebody. The seed itself is published once a batch is booked with it.",
    batches_title: "Lotteries that were drawn",
    batches_check: "Anybody can check that a seed is the one that was fixed: “printf SEED | xxd -r -p | sha256sum” \
        prints the hash that was shown before booking.",
    batches_who: "The same input and seed give the same plan. Only whoever holds this installation’s key and a backup \
        from before the batch can compute it again: identifiers and the key are shown nowhere, so a seed tells \
        nobody who sits where. The hashes depend on what was booked for everyone, and on nothing that anybody did \
        since.",
    batch_title: "Batch {number}, booked on {date} (UTC) by version {version}",
    batch_seed: "Seed",
    batch_seed_hash: "SHA-256 of the seed",
    batch_plan: "Hash of who sits where",
    release_title: "Release",
    release_waits: "One figure for each group of twelve or more, on {date}. It is drawn once and never changes.",
    release_fact: "The share of people who attended at least one visit by the closing date. Noise of known \
        strength was added on purpose, so that nobody can be sure from it about any one person. The bar is the \
        share; the line across it is its uncertainty.",
    release_people: "{people} people",
    release_table: "The same figures as a table",
    release_csv: "Download as CSV",
    release_none: "Fewer than twelve people took part, so no figure is shown.",
    mail_title: "Letters that everyone gets",
    mail_lead: "Counted by kind and state, never by person.",
    mail_empty: "No letter is owed yet.",
    mail_letter: "Letter",
    mail_state: "State",
    mail_count: "Count",
    mail_reason: "Reason",
};
