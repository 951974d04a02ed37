//! Careless features, as somebody would write them: each tells what one resident did. They prove that the comparison of
//! worlds finds such a thing. Never product code, and never how they are put in place.

/// One careless feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// When something of a person last changed, on the roster.
    UpdatedAt,
    /// How many free slots there are, on the page of the season.
    FreeSeats,
    /// Who opted out is spared the reminder.
    SkippedReminder,
    /// Letters that somebody asked for and that did not arrive, where staff see how the post does.
    BounceShown,
    /// An entity tag made of the versions of rows.
    EtagOfTheRows,
    /// Coverage that lists visits in the place of blocks.
    CoverageOfVisits,
    /// Whoever changed something last stands first.
    OrderOfLastChange,
    /// A number that residents' requests and staff's drafts draw from one sequence.
    SharedSequence,
    /// One sentence more for who opted out.
    SizeOfALetter,
    /// A change puts one's letters off by two hours.
    MomentOfALetter,
    /// A header that says whether something is new.
    HeaderForTheChanged,
    /// A line in the log for each who opts out.
    LogLine,
    /// How many have no visit at present, beside the plan.
    WithoutAVisit,
    /// A field `state` in the JSON of a roster.
    StateInJson,
    /// How many opened their link.
    LastSeen,
    /// All letters that were sent lately, where health is told.
    LettersOfSomeone,
    /// A file that is named for how many visits are held.
    FileName,
    /// How many attended so far, where the figures will be.
    AttendedSoFar,
}

/// Which of them are in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// None.
    Nothing,
    /// One, all the time.
    One(Leak),
    /// Those on pages, each in its turn while somebody looks.
    Pages,
}

impl Leak {
    /// Those that show on pages or in files.
    pub const ON_PAGES: [Self; 14] = [
        Self::UpdatedAt,
        Self::FreeSeats,
        Self::BounceShown,
        Self::EtagOfTheRows,
        Self::CoverageOfVisits,
        Self::OrderOfLastChange,
        Self::SharedSequence,
        Self::HeaderForTheChanged,
        Self::WithoutAVisit,
        Self::StateInJson,
        Self::LastSeen,
        Self::LettersOfSomeone,
        Self::FileName,
        Self::AttendedSoFar,
    ];
    /// Those in letters and logs.
    pub const ELSEWHERE: [Self; 4] =
        [Self::SkippedReminder, Self::SizeOfALetter, Self::MomentOfALetter, Self::LogLine];

    /// The addresses whose answers it changes; none for those that do not show on pages.
    pub const fn shows_at(self) -> &'static [&'static str] {
        match self {
            Self::UpdatedAt | Self::LastSeen => &["/program/IM/roster"],
            Self::FreeSeats => &["/program/IM"],
            Self::BounceShown => &["/institution/mail"],
            Self::EtagOfTheRows | Self::OrderOfLastChange => &["/program/IM/roster/export.csv"],
            Self::CoverageOfVisits | Self::FileName => &["/program/IM/coverage/coverage.csv"],
            Self::SharedSequence => &["/program/IM/roster/import"],
            Self::HeaderForTheChanged => &["/program/IM", "/program/IM/plan"],
            Self::WithoutAVisit => &["/program/IM/plan"],
            Self::StateInJson => &["/api/v1/programs/IM/roster"],
            Self::LettersOfSomeone => &["/health"],
            Self::AttendedSoFar => &["/program/IM/releases"],
            Self::SkippedReminder | Self::SizeOfALetter | Self::MomentOfALetter | Self::LogLine => &[],
        }
    }
}
