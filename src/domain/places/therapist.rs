//! A file of therapists -> drafts without ids, checked against known sites and programs. Never reads what they
//! offer: that is availability.

use super::{Drafts, mail, text};
use crate::domain::headings::{Record, Usual};
use crate::domain::identity::Identity;
use crate::domain::people::{Modality, Places, State};
use crate::domain::roster::KnownPlaces;
use crate::domain::table::{RowRefusal, Table};
use crate::domain::written;

/// A therapist as their file has them. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TherapistDraft {
    /// Name (with credentials, in the family name) and address.
    pub identity: Identity,
    /// How they hold visits.
    pub modalities: Vec<Modality>,
    /// Names of the sites they serve in person, spelled as they are known.
    pub sites: Vec<String>,
    /// Languages, as the file has them.
    pub languages: Vec<String>,
    /// Gender, as the file has it; may be empty.
    pub gender: String,
    /// Where they are licensed.
    pub licensed_states: Vec<State>,
    /// Codes of programs whose residents they supervise, spelled as they are known.
    pub supervises: Vec<String>,
    /// How their visits are attended.
    pub places: Places,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Name,
    Family,
    Given,
    Mail,
    Gender,
    Sites,
    Modality,
    Languages,
    States,
    Video,
    Phone,
    Room,
    Supervises,
}

const USUAL: [Usual<Column>; 13] = [
    (Column::Name, &["name", "therapist", "therapistname", "fullname", "clinician"]),
    (Column::Family, &["lastname", "familyname", "surname", "last"]),
    (Column::Given, &["firstname", "givenname", "first"]),
    (Column::Mail, &["email", "emailaddress", "therapistemail", "mail"]),
    (Column::Gender, &["gender"]),
    (Column::Sites, &["sites", "site", "locations", "location"]),
    (Column::Modality, &["modality", "modalities", "visittype", "visittypes"]),
    (Column::Languages, &["languages", "language"]),
    (Column::States, &["licensedstates", "states", "licenses", "licensedin", "licensure", "state"]),
    (Column::Video, &["videourl", "video", "videolink", "videoaddress", "zoom", "zoomlink"]),
    (Column::Phone, &["phone", "telephone", "tel", "phonenumber"]),
    (Column::Room, &["room", "office"]),
    (Column::Supervises, &["supervises", "supervisesprogram", "supervisesprograms", "teaches"]),
];

/// Reads therapists: `name,email,gender,sites,modality,languages,licensed_states,video_url,phone,room,supervises`,
/// lists with semicolons. One address is one therapist.
///
/// A way of holding visits that lacks its place is taken with a warning, and nobody is booked by it.
#[must_use]
pub fn therapists(tables: &[Table], known: &KnownPlaces) -> Drafts<TherapistDraft> {
    let needed =
        ([Column::Mail, Column::Modality, Column::States], "an e-mail, a modality and licensed states");
    Drafts::read(
        tables,
        &USUAL,
        (&needed.0, needed.1),
        |record, warnings| read(record, known, warnings),
        // Compared and not kept.
        |draft| draft.identity.address().reveal().to_owned(),
    )
}

fn read(
    record: &Record<'_, '_, Column>,
    known: &KnownPlaces,
    warnings: &mut Vec<RowRefusal>,
) -> Result<TherapistDraft, RowRefusal> {
    let address = mail(record, Column::Mail)?;
    let (given, family) = name(record)?;
    let modalities = list(record, Column::Modality, crate::domain::roster::modality, || {
        ("not a way of holding visits".to_owned(), "write video, in person or phone, with semicolons between")
    })?;
    let sites = list(
        record,
        Column::Sites,
        |text| known.site(text).cloned(),
        || {
            let remedy = known.reader.choose(
                "import the site first with `holdspace sites import`, or correct its name",
                "add the site first, or correct its name",
            );
            ("a site that is not known".to_owned(), remedy)
        },
    )?;
    let supervises = list(
        record,
        Column::Supervises,
        |text| known.program(text).cloned(),
        || {
            let remedy = known.reader.choose(
                "import the program first with `holdspace programs import`, or correct its code",
                "add the program first, or correct its code",
            );
            ("a program that is not known".to_owned(), remedy)
        },
    )?;
    let licensed_states = list(record, Column::States, State::parse, || {
        ("not a state or province".to_owned(), "use two letters each, such as CO;NM")
    })?;
    if modalities.is_empty() {
        let remedy = "write video, in person or phone";
        return Err(record.refuse(Some(Column::Modality), "no way of holding visits", remedy));
    }
    let draft = TherapistDraft {
        identity: Identity::new(&given, &family, address),
        modalities,
        sites,
        languages: list(record, Column::Languages, |text| Some(text.to_owned()), Default::default)?,
        gender: record.text(Column::Gender).chars().take(40).collect(),
        licensed_states,
        supervises,
        places: places(record)?,
    };
    warn(record, &draft, warnings);
    Ok(draft)
}

/// Given and family name, the latter with credentials behind it.
fn name(record: &Record<'_, '_, Column>) -> Result<(String, String), RowRefusal> {
    if !record.text(Column::Family).is_empty() {
        return Ok((record.text(Column::Given).to_owned(), text(record, Column::Family, "no name")?));
    }
    let name = written::name(&text(record, Column::Name, "no name")?);
    let family = if name.credentials.is_empty() {
        name.family
    } else {
        format!("{}, {}", name.family, name.credentials)
    };
    Ok((name.given, family))
}

/// Every entry of a list in one cell, each once; the first that means nothing refuses the line.
fn list<T: PartialEq>(
    record: &Record<'_, '_, Column>,
    column: Column,
    read: impl Fn(&str) -> Option<T>,
    wrong: impl Fn() -> (String, &'static str),
) -> Result<Vec<T>, RowRefusal> {
    let mut entries = Vec::new();
    for text in written::list(record.text(column)) {
        let entry = read(text).ok_or_else(|| {
            let (problem, remedy) = wrong();
            record.refuse(Some(column), problem, remedy)
        })?;
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn places(record: &Record<'_, '_, Column>) -> Result<Places, RowRefusal> {
    let given = |column| -> Result<Option<String>, RowRefusal> {
        if record.text(column).is_empty() { Ok(None) } else { text(record, column, "").map(Some) }
    };
    let video_url = given(Column::Video)?;
    let is_address = |url: &String| url.starts_with("https://") && !url.contains(char::is_whitespace);
    if video_url.as_ref().is_some_and(|url| !is_address(url)) {
        let remedy = "write the whole address, beginning with https://";
        return Err(record.refuse(Some(Column::Video), "not a video address", remedy));
    }
    let phone = given(Column::Phone)?;
    if phone.as_ref().is_some_and(|phone| phone.chars().filter(char::is_ascii_digit).count() < 7) {
        let remedy = "write the whole number, such as +1-555-010-0000";
        return Err(record.refuse(Some(Column::Phone), "not a telephone number", remedy));
    }
    Ok(Places { video_url, phone, room: given(Column::Room)? })
}

fn warn(record: &Record<'_, '_, Column>, draft: &TherapistDraft, warnings: &mut Vec<RowRefusal>) {
    for modality in &draft.modalities {
        let (column, problem) = match modality {
            Modality::Video => (Column::Video, "nobody will be booked by video: no video address"),
            Modality::Phone => (Column::Phone, "nobody will be booked by telephone: no number"),
            Modality::InPerson => (Column::Room, "nobody will be booked in person: no room"),
        };
        if draft.places.of(*modality).is_none() {
            warnings.push(record.refuse(Some(column), problem, "add it and import again"));
        }
    }
    if draft.modalities.contains(&Modality::InPerson) && draft.sites.is_empty() {
        let problem = "nobody will be booked in person: no site";
        warnings.push(record.refuse(Some(Column::Sites), problem, "add one and import again"));
    }
    if draft.licensed_states.is_empty() {
        let problem = "nobody will be booked: no licensed state";
        warnings.push(record.refuse(Some(Column::States), problem, "add one and import again"));
    }
}
