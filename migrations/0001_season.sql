-- One set for SQLite and PostgreSQL: TEXT, BIGINT and BYTEA only, instants as UTC seconds, flags as 0 or 1.
-- Who somebody is, and what they did, lies in sealed columns; what stands here in the clear is public in a program.

CREATE TABLE institutions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Raised by whoever books: on PostgreSQL its row lock makes batches of one institution wait for each other.
    batches BIGINT NOT NULL
);

CREATE TABLE cycles (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name TEXT NOT NULL,
    -- When the roster froze for reporting: the first booking of the cycle.
    frozen_at BIGINT,
    UNIQUE (institution_id, name)
);

CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (institution_id, name_key)
);

CREATE TABLE programs (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    code_key TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    coordinator BYTEA NOT NULL,
    UNIQUE (institution_id, code_key)
);

CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    address_key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    UNIQUE (institution_id, address_key)
);

-- What members of staff may see and do: read at every request, so that a row taken away counts at once.
CREATE TABLE grants (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL,
    -- The program of a coordinator; empty for a role of the whole institution.
    program_id TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, role, program_id)
);

CREATE TABLE residents (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    program_id TEXT NOT NULL REFERENCES programs (id),
    address_key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    admitted_at BIGINT NOT NULL,
    active BIGINT NOT NULL,
    UNIQUE (institution_id, address_key)
);

CREATE TABLE blocks (
    id TEXT PRIMARY KEY,
    program_id TEXT NOT NULL REFERENCES programs (id),
    -- `cohort:` and a cohort in lower case, or `resident:` and an identifier.
    whose TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What was typed, kept beside what it means, so that a changed zone rule can be worked out again.
    on_date TEXT NOT NULL,
    from_time TEXT NOT NULL,
    to_time TEXT NOT NULL,
    zone TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    UNIQUE (program_id, whose, kind, starts_at, ends_at)
);

CREATE TABLE therapists (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    address_key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    practice BYTEA NOT NULL,
    UNIQUE (institution_id, address_key)
);

-- What therapists offer to those they have seen, outside every plan and release: one row each from their beginning on, at one
-- size, so that the file tells nobody whether anything was ever offered or asked for.
CREATE TABLE follow_ups (
    therapist_id TEXT PRIMARY KEY REFERENCES therapists (id),
    sealed BYTEA NOT NULL
);

CREATE TABLE availability (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    body TEXT NOT NULL
);
CREATE INDEX availability_by_therapist ON availability (therapist_id);

CREATE TABLE busy (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    -- Where it is known from: `import`, `fetched:` and a calendar that is read on a schedule, or `dav:` and the identifier of
    -- an event of their own calendar.
    source TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX busy_by_therapist ON busy (therapist_id);
CREATE INDEX busy_by_time ON busy (starts_at, ends_at);

-- Calendars that therapists keep elsewhere, read on a schedule. Where they are and what opens them is sealed.
CREATE TABLE busy_calendars (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    sealed BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    -- When it is asked next: whoever asks moves it first, so that two processes do not ask at once.
    due_at BIGINT NOT NULL,
    -- When its content was last known to be the present one; none before the first time.
    read_at BIGINT,
    -- When it was last read whole, and the version that it was given there.
    whole_at BIGINT NOT NULL,
    version TEXT NOT NULL,
    -- Failures since it was last read, and the reason of the newest.
    failures BIGINT NOT NULL,
    trouble TEXT NOT NULL,
    -- Events that could not be read the last time.
    refused BIGINT NOT NULL
);
CREATE INDEX busy_calendars_by_due ON busy_calendars (due_at);
CREATE INDEX busy_calendars_by_therapist ON busy_calendars (therapist_id);

-- Events that therapists put into the calendar of their busy time: sealed, found by keyed hashes.
CREATE TABLE busy_events (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    name_key TEXT NOT NULL,
    uid_key TEXT NOT NULL,
    name BYTEA NOT NULL,
    -- A keyed hash of the event.
    tag TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    UNIQUE (therapist_id, name_key)
);

-- What a calendar program of a therapist comes in with, found by a keyed hash; what it is called, and whether it is
-- told names, is sealed at one size.
CREATE TABLE app_passwords (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    secret_key TEXT NOT NULL UNIQUE,
    sealed BYTEA NOT NULL
);
CREATE INDEX app_passwords_by_therapist ON app_passwords (therapist_id);

-- What such a program was told of a collection. The rows are there from the start; what is in them is sealed at one
-- size, so that the file does not tell how often visits changed.
CREATE TABLE sync_logs (
    password_id TEXT NOT NULL REFERENCES app_passwords (id),
    collection TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (password_id, collection)
);

-- Spans in which a therapist holds no visits. What was typed stands beside what it means, so that a changed zone rule
-- can be worked out again; without an end, until further notice.
CREATE TABLE absences (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    from_local TEXT NOT NULL,
    until_local TEXT,
    zone TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT
);
CREATE INDEX absences_by_therapist ON absences (therapist_id);

CREATE TABLE offerings (
    id TEXT PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    rules TEXT NOT NULL,
    -- Of the next batch: sealed, and the hash that is shown beforehand.
    seed BYTEA NOT NULL,
    seed_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    booked_at BIGINT,
    -- Fixed at the first booking, and never moved.
    release_on TEXT,
    -- The fixed hour to which the offers of free seats belong.
    offers_of BIGINT NOT NULL,
    -- How many questions its survey asks: fixed at the first booking by the size of the cohort alone; 0 where none is asked.
    survey_questions BIGINT NOT NULL
);

-- Batches that booked somebody. Their seeds are published, and stand here in the clear: they decide nothing any
-- more, and no seed decides twice. `plan_hash` is keyed, so that the file alone does not tell who sits where.
CREATE TABLE batches (
    offering_id TEXT NOT NULL REFERENCES offerings (id),
    number BIGINT NOT NULL,
    booked_at BIGINT NOT NULL,
    seed TEXT NOT NULL UNIQUE,
    seed_hash TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    solver TEXT NOT NULL,
    PRIMARY KEY (offering_id, number)
);

CREATE TABLE slots (
    id TEXT PRIMARY KEY,
    offering_id TEXT NOT NULL REFERENCES offerings (id),
    therapist_id TEXT NOT NULL REFERENCES therapists (id),
    zone TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- What the clock on the wall shows then, by the rules of the day on which the slot was made: it is what people agreed
    -- on, and stays where a zone's rules change.
    starts_local TEXT NOT NULL,
    ends_local TEXT NOT NULL,
    UNIQUE (therapist_id, starts_at)
);
CREATE INDEX slots_by_time ON slots (offering_id, starts_at);

-- Seats and bookings exist from the start; what they hold is sealed at one size, and every change is a
-- compare-and-swap of the sealed bytes. So nobody is booked twice by construction, and the file tells nothing.
CREATE TABLE seats (
    id TEXT PRIMARY KEY,
    slot_id TEXT NOT NULL REFERENCES slots (id),
    -- Who may be put there: `plan` the batch, `late` a later batch, `moves` residents themselves.
    pool TEXT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX seats_by_slot ON seats (slot_id);

CREATE TABLE bookings (
    id TEXT PRIMARY KEY,
    offering_id TEXT NOT NULL REFERENCES offerings (id),
    resident_id TEXT NOT NULL REFERENCES residents (id),
    uid TEXT NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    -- Why the batch chose the default visit: for the resident alone, at one size too, empty for who waits.
    why BYTEA NOT NULL,
    -- What happened to it, at one size: changed by the statement that changes it, and by no other.
    history BYTEA NOT NULL,
    UNIQUE (offering_id, resident_id)
);

CREATE TABLE links (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    generation BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX links_by_subject ON links (purpose, subject);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    -- `therapist` or `staff`, and whose identifier it is.
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    -- The last use, written down at most every few minutes.
    used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_subject ON sessions (kind, subject);

-- A sign-in that is under way through the institution's provider: for minutes, and taken once.
CREATE TABLE sign_ins (
    token_hash TEXT PRIMARY KEY,
    -- Set once the provider has spoken, for somebody who may come in as either and is asked as which.
    therapist_id TEXT,
    staff_id TEXT,
    ends_at BIGINT NOT NULL
);

-- A file that somebody of the staff is looking through before it is taken: sealed, and gone after an hour.
CREATE TABLE drafts (
    id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    purpose TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    ends_at BIGINT NOT NULL
);

-- A program whose coordinator said that roster and protected time are complete: for whoever books all programs at once.
CREATE TABLE readiness (
    offering_id TEXT NOT NULL REFERENCES offerings (id),
    program_id TEXT NOT NULL REFERENCES programs (id),
    said_at BIGINT NOT NULL,
    PRIMARY KEY (offering_id, program_id)
);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    -- A keyed hash of who, which letter and which occasion: owed once.
    occasion_key TEXT NOT NULL UNIQUE,
    -- `everyone` for the letters that all residents of an offering get alike; `someone` for all others.
    audience TEXT NOT NULL,
    -- Which letter; empty where naming it would tell something.
    letter TEXT NOT NULL,
    errand BYTEA NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- Of an announcement that could not be delivered, the keyed hash of the address; empty for every other letter.
    failed_for TEXT NOT NULL
);
CREATE INDEX outbox_by_due ON outbox (state, audience, due_at, id);
CREATE INDEX outbox_by_try ON outbox (tried_at);

-- How much mail came in, by kind: one row, sealed at one size.
CREATE TABLE received (
    id TEXT PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Letters for everyone that came back from an address of the roster, once for each reason; and reports of no letter of
-- ours. Counted by reason; leads to nobody without the key, because whom a letter was for is sealed.
CREATE TABLE bounces (
    letter_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (letter_id, reason)
);

-- How far a mailbox was looked into, by a keyed hash of its address. Whoever looks holds it until `held_until`.
CREATE TABLE mailboxes (
    id TEXT PRIMARY KEY,
    uid_validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);

-- Who belongs to which reporting unit, frozen when the cycle opens; depends on no outcome.
CREATE TABLE cohort_members (
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    resident_id TEXT NOT NULL,
    program_id TEXT NOT NULL,
    PRIMARY KEY (cycle_id, resident_id)
);

-- The training year and site of each member, as the roster had them when the cycle froze: for breakdowns. Sealed together, at a size
-- that follows from the number of members.
CREATE TABLE cohort_traits (
    cycle_id TEXT PRIMARY KEY REFERENCES cycles (id),
    sealed BYTEA NOT NULL
);

-- One row for each member of the cohort, made at the first booking, without a word of whose it is. What it holds (whether
-- it was given out, and the answers) is sealed at one size; the rows go when the release is frozen.
CREATE TABLE survey_codes (
    id TEXT PRIMARY KEY,
    offering_id TEXT NOT NULL REFERENCES offerings (id),
    sealed BYTEA NOT NULL
);
CREATE INDEX survey_codes_by_offering ON survey_codes (offering_id);

CREATE TABLE releases (
    id TEXT PRIMARY KEY,
    offering_id TEXT NOT NULL UNIQUE REFERENCES offerings (id),
    released_at BIGINT NOT NULL,
    document BYTEA NOT NULL,
    sha256 TEXT NOT NULL
);

-- Releases that are no longer shown, and why. Their bytes and charges stay; none is ever drawn again.
CREATE TABLE withdrawals (
    offering_id TEXT PRIMARY KEY REFERENCES offerings (id),
    withdrawn_at BIGINT NOT NULL,
    reason TEXT NOT NULL
);

-- How far the mirror of releases, a file outside this database, is known: so that a shorter or another one is noticed.
CREATE TABLE release_mirror (
    institution_id TEXT PRIMARY KEY REFERENCES institutions (id),
    lines BIGINT NOT NULL,
    head TEXT NOT NULL
);

CREATE TABLE ledger (
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    partition_name TEXT NOT NULL,
    resident_id TEXT NOT NULL,
    epsilon_millis BIGINT NOT NULL,
    charged_at BIGINT NOT NULL,
    release_sha256 TEXT NOT NULL,
    PRIMARY KEY (cycle_id, partition_name, resident_id)
);

-- What staff did, and what the fixed hours vouch for in what happened to bookings: sealed at one size, each entry bound by a
-- keyed hash to all before it.
CREATE TABLE audit_entries (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    -- `staff` or `outcomes`.
    log TEXT NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (institution_id, log, number)
);

-- The first and the last entry of each, sealed at one size: a log that was cut off does not end where its head says.
CREATE TABLE audit_heads (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    log TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (institution_id, log)
);

-- How far the histories of an offering's bookings had come at the last fixed hour: one row, of a size that hangs on the number
-- of bookings alone.
CREATE TABLE witnesses (
    offering_id TEXT PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- When it was last looked what is past its time: one row.
CREATE TABLE retention_turns (
    id BIGINT PRIMARY KEY,
    looked_at BIGINT NOT NULL
);

-- Residents who are on no roster any more, and when that was noticed. A roster is public in its program.
CREATE TABLE departures (
    resident_id TEXT PRIMARY KEY,
    left_at BIGINT NOT NULL
);

-- By which version of the zone rules everything above was worked out: one row, and none before the first time.
CREATE TABLE zone_data (
    id BIGINT PRIMARY KEY,
    version TEXT NOT NULL
);
