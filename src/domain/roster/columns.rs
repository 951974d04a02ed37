//! The columns of a roster, their usual headings, and the mapping file that overrides them. Never reads a row.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};

use crate::domain::headings::{Said, Usual};
use crate::domain::written::plain;

/// What a column of a roster means. In a mapping file: the name in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The program's code.
    Program,
    /// The whole name, as `Last, First MD` or `First Last`.
    Name,
    /// The family name.
    Family,
    /// The given name.
    Given,
    /// The mail address.
    Email,
    /// The year of training.
    Pgy,
    /// The cohort, or "plus-one" group.
    Cohort,
    /// The site, as the sites' file names it.
    Site,
    /// First day on the roster.
    StartsOn,
    /// Last day on the roster.
    EndsOn,
    /// The preferred language of visits.
    Language,
    /// The preferred gender of the therapist.
    TherapistGender,
    /// The preferred way of holding visits.
    Modality,
    /// Addresses of therapists with whom this person is not booked, separated by semicolons.
    Avoid,
}

impl Column {
    /// Every column, in the order in which a roster is written.
    pub const ALL: [Self; 14] = [
        Self::Program,
        Self::Name,
        Self::Family,
        Self::Given,
        Self::Email,
        Self::Pgy,
        Self::Cohort,
        Self::Site,
        Self::StartsOn,
        Self::EndsOn,
        Self::Language,
        Self::TherapistGender,
        Self::Modality,
        Self::Avoid,
    ];

    /// Its name in a mapping file and in a form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Name => "name",
            Self::Family => "family",
            Self::Given => "given",
            Self::Email => "email",
            Self::Pgy => "pgy",
            Self::Cohort => "cohort",
            Self::Site => "site",
            Self::StartsOn => "starts_on",
            Self::EndsOn => "ends_on",
            Self::Language => "language",
            Self::TherapistGender => "therapist_gender",
            Self::Modality => "modality",
            Self::Avoid => "avoid",
        }
    }

    /// The column of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Its heading in a file that is written: the first of its usual ones, so that the file reads as it stands.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Family => "last_name",
            Self::Given => "first_name",
            Self::StartsOn => "start_date",
            Self::EndsOn => "end_date",
            other => other.name(),
        }
    }
}

pub(super) const USUAL: [Usual<Column>; 14] = [
    (
        Column::Program,
        &["program", "programcode", "residency", "residencyprogram", "trainingprogram", "programid"],
    ),
    (
        Column::Name,
        &[
            "name",
            "fullname",
            "residentname",
            "lastfirst",
            "lastnamefirstname",
            "namelastfirst",
            "resident",
            "traineename",
            "trainee",
            "staffname",
            "internname",
            "fellowname",
        ],
    ),
    (
        Column::Family,
        &["lastname", "last", "familyname", "surname", "stafflname", "lname", "residentlastname"],
    ),
    (
        Column::Given,
        &[
            "firstname",
            "first",
            "givenname",
            "forename",
            "stafffname",
            "fname",
            "preferredfirstname",
            "residentfirstname",
        ],
    ),
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "mail",
            "mailaddress",
            "workemail",
            "institutionalemail",
            "hospitalemail",
            "programemail",
            "residentemail",
            "staffemail",
            "primaryemail",
            "eaddress",
        ],
    ),
    (
        Column::Pgy,
        &[
            "pgy",
            "pgylevel",
            "level",
            "pgyyear",
            "traininglevel",
            "yearoftraining",
            "trainingyear",
            "postgraduateyear",
            "currentpgy",
            "stafftype",
            "class",
        ],
    ),
    (Column::Cohort, &["cohort", "plusonegroup", "xyweek", "firm", "clinicgroup", "team", "group", "block"]),
    (Column::Site, &["site", "location", "clinicsite", "primarysite", "hospital", "clinic", "campus"]),
    (
        Column::StartsOn,
        &["startdate", "start", "starts", "startson", "begins", "begindate", "programstart", "hiredate"],
    ),
    (
        Column::EndsOn,
        &["enddate", "end", "ends", "endson", "graduationdate", "graduation", "lastday", "programend"],
    ),
    (Column::Language, &["language", "preferredlanguage", "visitlanguage", "languagepreference"]),
    (
        Column::TherapistGender,
        &["therapistgender", "preferredtherapistgender", "preferredgender", "genderpreference"],
    ),
    (Column::Modality, &["modality", "preferredmodality", "visittype", "modalitypreference"]),
    (
        Column::Avoid,
        &["avoid", "avoidtherapist", "avoidtherapists", "conflicts", "conflictofinterest", "notwith"],
    ),
];

/// What a coordinator's mapping file says about a roster; an empty one says nothing. As TOML:
///
/// ```toml
/// sheet = "Interns 27-28"   # which sheet to read; otherwise the one with most known headings
/// header_line = 4           # the row of headings; otherwise found
///
/// [columns]                 # what a column means, and its heading in the file
/// name = "Trainee (last, first)"
/// email = "Hospital account"
/// starts_on = "Orientation"
/// ```
///
/// Keys of `[columns]`: `program`, `name`, `family`, `given`, `email`, `pgy`, `cohort`, `site`, `starts_on`,
/// `ends_on`, `language`, `therapist_gender`, `modality`, `avoid`. Unknown keys are errors; so is a heading of
/// birth dates, social security numbers or telephones, which are never read. An empty heading means that the
/// file's column of the usual heading is not to be read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// The sheet to read.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The row of headings, from 1.
    #[serde(default)]
    pub header_line: Option<u32>,
    /// Headings by meaning.
    #[serde(default, deserialize_with = "readable")]
    pub columns: BTreeMap<Column, String>,
}

/// Births, numbers and telephones are nothing to a roster.
const NEVER: [&str; 12] = [
    "dob",
    "dateofbirth",
    "birthdate",
    "birthday",
    "ssn",
    "socialsecurity",
    "socialsecuritynumber",
    "phone",
    "pager",
    "cell",
    "cellphone",
    "mobile",
];

/// Whether a column of this heading is never read, whatever anybody says.
pub(super) fn is_never_read(heading: &str) -> bool {
    NEVER.contains(&plain(heading).as_str())
}

fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Column, String>, D::Error> {
    let columns = BTreeMap::<Column, String>::deserialize(deserializer)?;
    match columns.values().find(|heading| is_never_read(heading)) {
        Some(heading) => Err(D::Error::custom(format!("the column “{heading}” is never read; name another"))),
        None => Ok(columns),
    }
}

impl ColumnMap {
    pub(super) fn said(&self) -> Said<Column> {
        Said { sheet: self.sheet.clone(), line: self.header_line, headings: self.columns.clone() }
    }
}
