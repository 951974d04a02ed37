//! One line of a roster -> one entry, or the first reason why not. Never looks at another line.

use super::{Column, Entry, KnownPlaces, Wishes};
use crate::domain::headings;
use crate::domain::identity::{Address, Identity};
use crate::domain::people::Modality;
use crate::domain::table::{Reader, RowRefusal};
use crate::domain::written::{self, Name, plain};

type Record<'h, 't> = headings::Record<'h, 't, Column>;

/// Most characters of a cohort or a wish.
const SHORT: usize = 60;

pub(super) fn read(
    record: &Record<'_, '_>,
    program: Option<&str>,
    known: &KnownPlaces,
    warnings: &mut Vec<RowRefusal>,
) -> Result<Entry, RowRefusal> {
    let address = address(record)?;
    let name = name(record, warnings)?;
    // Through an identity, so that a name is cleaned here as it is where it is sealed.
    let identity = Identity::new(&name.given, &name.family, address.clone());
    let starts_on = date(record, Column::StartsOn)?;
    let ends_on = date(record, Column::EndsOn)?;
    if matches!((starts_on, ends_on), (Some(starts), Some(ends)) if ends < starts) {
        let remedy = "correct one of the two dates";
        return Err(record.refuse(Some(Column::EndsOn), "the last day is before the first", remedy));
    }
    Ok(Entry {
        line: record.line(),
        sheet: record.refuse(None, "", "").sheet,
        program_code: program_code(record, program, known)?,
        given: identity.reveal_given().to_owned(),
        family: identity.reveal_family().to_owned(),
        address,
        pgy: pgy(record, warnings),
        cohort: short(record, Column::Cohort)?,
        site: site(record, known, warnings),
        starts_on,
        ends_on,
        wishes: wishes(record, warnings)?,
    })
}

fn address(record: &Record<'_, '_>) -> Result<Address, RowRefusal> {
    let column = Some(Column::Email);
    match record.text(Column::Email) {
        "" => Err(record.refuse(column, "no e-mail address", "add one or remove the line")),
        text if text.matches('@').count() > 1 => {
            Err(record.refuse(column, "more than one e-mail address", "keep the one that is read at work"))
        }
        text => text.parse().map_err(|_| {
            let remedy = "correct it; one like name@hospital.org is expected";
            record.refuse(column, "not an e-mail address", remedy)
        }),
    }
}

fn name(record: &Record<'_, '_>, warnings: &mut Vec<RowRefusal>) -> Result<Name, RowRefusal> {
    let (family, given) = (record.text(Column::Family), record.text(Column::Given));
    let (column, name) = if family.is_empty() {
        (Column::Name, written::name(record.text(Column::Name)))
    } else {
        // As `Last, First MD`, so that degrees behind either name are set aside.
        let first = written::name(&format!("{}, {}", family.replace(',', " "), given.replace(',', " ")));
        (Column::Family, first)
    };
    if name.family.is_empty() {
        return Err(record.refuse(Some(column), "no name", "add one or remove the line"));
    }
    if [&name.family, &name.given].iter().any(|part| part.starts_with(['=', '+', '-', '@', '#'])) {
        return Err(record.refuse(
            Some(column),
            "the name begins with a sign that spreadsheets take for a formula",
            "type the name itself",
        ));
    }
    if name.family.contains(['?', '\u{fffd}']) || name.given.contains(['?', '\u{fffd}']) {
        warnings.push(record.refuse(
            Some(column),
            "a letter of the name was lost when the file was saved, and stands as a question mark",
            "the line was taken; mend the name, save as .xlsx or as CSV in UTF-8, and import again",
        ));
    }
    Ok(name)
}

fn program_code(
    record: &Record<'_, '_>,
    program: Option<&str>,
    known: &KnownPlaces,
) -> Result<String, RowRefusal> {
    let column = Some(Column::Program);
    match (record.text(Column::Program), program) {
        ("", Some(program)) => Ok(program.to_owned()),
        ("", None) => Err(record.refuse(
            column,
            "no program",
            known.reader.choose("add its code, or give one for such lines with --program", "add its code"),
        )),
        (code, _) => known.program(code).cloned().ok_or_else(|| {
            let (problem, remedy) = match known.reader {
                Reader::Terminal => (
                    "this program is not known",
                    "correct the code, or import the program first with `holdspace programs import`",
                ),
                Reader::Page => (
                    "this line names another program",
                    "leave it to that program’s coordinator, or correct the code",
                ),
            };
            record.refuse(column, problem, remedy)
        }),
    }
}

/// `PGY-1`, `R1`, `PL-1`, `1`, `PGY1`, `Intern`: the first year. What is none of these is left out with a warning.
fn pgy(record: &Record<'_, '_>, warnings: &mut Vec<RowRefusal>) -> Option<u8> {
    let text = plain(record.text(Column::Pgy));
    let digits = text.trim_start_matches(|c: char| c.is_alphabetic());
    let words = &text[..text.len() - digits.len()];
    let year = match (words, digits.parse::<u8>()) {
        ("intern" | "interns", Err(_)) => Some(1),
        ("" | "pgy" | "pg" | "py" | "pl" | "r" | "year" | "yr" | "y" | "level" | "resident", Ok(year)) => {
            Some(year)
        }
        _ => None,
    };
    let year = year.filter(|year| (1..=10).contains(year));
    if year.is_none() && !text.is_empty() {
        let remedy = "the line was taken without it; write 1, PGY-1 or R1";
        warnings.push(record.refuse(Some(Column::Pgy), "not a year of training", remedy));
    }
    year
}

fn site(record: &Record<'_, '_>, known: &KnownPlaces, warnings: &mut Vec<RowRefusal>) -> Option<String> {
    let text = record.text(Column::Site);
    let site = known.site(text).cloned();
    if site.is_none() && !text.is_empty() {
        let remedy = known.reader.choose(
            "the line was taken without it; import the site with `holdspace sites import`, or correct its name, and \
             import again",
            "the line is taken without it; correct its name, or ask the director to add the site",
        );
        warnings.push(record.refuse(Some(Column::Site), "this site is not known", remedy));
    }
    site
}

fn date(record: &Record<'_, '_>, column: Column) -> Result<Option<chrono::NaiveDate>, RowRefusal> {
    let text = record.text(column);
    if text.is_empty() {
        return Ok(None);
    }
    written::date(text).map(Some).ok_or_else(|| {
        record.refuse(Some(column), "not a date", "write it like 2027-07-01 or 7/1/2027, or leave it empty")
    })
}

fn short(record: &Record<'_, '_>, column: Column) -> Result<Option<String>, RowRefusal> {
    let text = record.text(column);
    if text.starts_with('=') {
        let remedy = "type the value, or save the workbook so that the formula has one";
        return Err(record.refuse(Some(column), "a formula without its value", remedy));
    }
    if text.chars().count() > SHORT || text.chars().any(char::is_control) {
        let remedy = format!("at most {SHORT} characters on one line are read here");
        return Err(record.refuse(Some(column), "too long, or more than one line", remedy));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn wishes(record: &Record<'_, '_>, warnings: &mut Vec<RowRefusal>) -> Result<Wishes, RowRefusal> {
    let modality = modality(record.text(Column::Modality));
    if modality.is_none() && !record.text(Column::Modality).is_empty() {
        let remedy = "the line was taken without it; write video, in person or phone";
        warnings.push(record.refuse(Some(Column::Modality), "not a way of holding visits", remedy));
    }
    // Overlooking one of these would book somebody with a person they must not meet: the line waits.
    let avoid = record.text(Column::Avoid).split([';', ',', '\n']).filter(|text| !text.trim().is_empty());
    let avoid = avoid.map(str::parse::<Address>).collect::<Result<Vec<_>, _>>().map_err(|_| {
        let remedy = "write therapists' e-mail addresses, separated by semicolons";
        record.refuse(Some(Column::Avoid), "not an e-mail address of a therapist", remedy)
    })?;
    Ok(Wishes {
        language: short(record, Column::Language)?,
        therapist_gender: short(record, Column::TherapistGender)?,
        modality,
        avoid,
    })
}

/// `video`, `in person`, `phone`, and what people write for them.
pub(in crate::domain) fn modality(text: &str) -> Option<Modality> {
    match plain(text).as_str() {
        "video" | "zoom" | "telehealth" | "virtual" | "online" | "videovisit" => Some(Modality::Video),
        "inperson" | "person" | "onsite" | "office" | "room" | "facetoface" => Some(Modality::InPerson),
        "phone" | "telephone" | "call" | "audio" => Some(Modality::Phone),
        _ => None,
    }
}
