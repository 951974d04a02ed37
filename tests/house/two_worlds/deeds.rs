//! What residents do, or what is noted of them: everything that the program must not learn of. Never does it.

/// Something that tells two worlds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    Looks,
    OptsOutAndKeepsTheEntry,
    OptsOutAndRemovesTheEntry,
    ComesBack,
    Moves,
    MovesBack,
    IsMarkedKept,
    IsMarkedMissed,
    LosesTheMark,
    WantsConfirmations,
    WantsNoLetters,
    ChoosesALanguage,
    WishesForATherapist,
    AsksToBeMoved,
    AttendsInAnotherWay,
    HasLettersSentHome,
    HasLettersSentHere,
    IsOfferedAnotherVisit,
    TakesTheOtherVisit,
    GivesUpTheOtherVisit,
    AnswersTheSurvey,
    DeclinesInTheCalendar,
    IsTentativeInTheCalendar,
    ProposesATimeInTheCalendar,
    AnswersUnreadably,
    AnswersAndIsAskedByLetter,
    StopsReminders,
    KeepsTheOldAddress,
    UsesTheNewAddress,
}

impl Deed {
    /// All that can be done in any season: the others need somebody who gives another address for whoever does them.
    pub const ALL: [Self; 27] = [
        Self::Looks,
        Self::OptsOutAndKeepsTheEntry,
        Self::OptsOutAndRemovesTheEntry,
        Self::ComesBack,
        Self::Moves,
        Self::MovesBack,
        Self::IsMarkedKept,
        Self::IsMarkedMissed,
        Self::LosesTheMark,
        Self::WantsConfirmations,
        Self::WantsNoLetters,
        Self::ChoosesALanguage,
        Self::WishesForATherapist,
        Self::AsksToBeMoved,
        Self::AttendsInAnotherWay,
        Self::HasLettersSentHome,
        Self::HasLettersSentHere,
        Self::IsOfferedAnotherVisit,
        Self::TakesTheOtherVisit,
        Self::GivesUpTheOtherVisit,
        Self::AnswersTheSurvey,
        Self::DeclinesInTheCalendar,
        Self::IsTentativeInTheCalendar,
        Self::ProposesATimeInTheCalendar,
        Self::AnswersUnreadably,
        Self::AnswersAndIsAskedByLetter,
        Self::StopsReminders,
    ];

    /// The first phase in which it is likely to be allowed.
    pub const fn early(self) -> usize {
        match self {
            Self::IsMarkedKept
            | Self::IsMarkedMissed
            | Self::LosesTheMark
            | Self::IsOfferedAnotherVisit
            | Self::TakesTheOtherVisit
            | Self::GivesUpTheOtherVisit => 3,
            Self::AnswersTheSurvey => 4,
            Self::KeepsTheOldAddress | Self::UsesTheNewAddress => 1,
            _ => 0,
        }
    }

    /// What must have been done before.
    pub const fn prepared_by(self) -> &'static [Self] {
        match self {
            Self::ComesBack => &[Self::OptsOutAndRemovesTheEntry],
            Self::MovesBack => &[Self::Moves],
            Self::LosesTheMark => &[Self::IsMarkedKept],
            Self::WantsConfirmations => &[Self::OptsOutAndKeepsTheEntry],
            Self::HasLettersSentHere => &[Self::HasLettersSentHome],
            Self::TakesTheOtherVisit => &[Self::IsOfferedAnotherVisit],
            Self::GivesUpTheOtherVisit => &[Self::IsOfferedAnotherVisit, Self::TakesTheOtherVisit],
            _ => &[],
        }
    }

    /// Whether it changes how the letters look that everyone gets, in one's own mailbox, or in which one they arrive.
    pub const fn shapes_letters(self) -> bool {
        let elsewhere = matches!(self, Self::KeepsTheOldAddress | Self::UsesTheNewAddress);
        elsewhere || matches!(self, Self::ChoosesALanguage | Self::HasLettersSentHome)
    }

    /// Whether letters that everyone gets stop in one's own mailbox.
    pub const fn stops_letters(self) -> bool {
        matches!(self, Self::StopsReminders | Self::WantsNoLetters)
    }

    /// Whether it decides to which address letters for everyone go, if anywhere.
    pub const fn routes_letters(self) -> bool {
        self.stops_letters() || matches!(self, Self::HasLettersSentHome | Self::HasLettersSentHere)
    }

    /// Whether it hangs on which seats are free, so that what somebody else does can be seen in the letters asked for.
    pub const fn hangs_on_seats(self) -> bool {
        !matches!(
            self,
            Self::Looks
                | Self::ChoosesALanguage
                | Self::HasLettersSentHome
                | Self::HasLettersSentHere
                | Self::StopsReminders
                | Self::KeepsTheOldAddress
                | Self::UsesTheNewAddress
                | Self::WantsConfirmations
                | Self::WantsNoLetters
                | Self::OptsOutAndKeepsTheEntry
                | Self::OptsOutAndRemovesTheEntry
                | Self::DeclinesInTheCalendar
                | Self::AnswersUnreadably
                | Self::AnswersAndIsAskedByLetter
        )
    }
}
