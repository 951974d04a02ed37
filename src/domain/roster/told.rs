//! What the roster says of somebody, as texts that read back: for forms, for files, and for telling what changed. Never
//! anything that is not on the roster.

use std::collections::BTreeMap;

use super::merge::Known;
use super::{Column, Entry, Typed, Wishes};
use crate::domain::identity::Address;
use crate::domain::people::Modality;

/// What differs between what is on file and what is to be.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub column: Column,
    /// As it is; may be empty.
    pub from: String,
    /// As it is to be; may be empty.
    pub to: String,
}

impl Known {
    /// Every field as a text. Shown to the coordinator, whose roster it is.
    #[must_use]
    pub fn written(&self) -> Typed {
        let mut typed = written(&self.program_code, &self.family, &self.given, &self.address, &self.wishes);
        let pgy = self.pgy.map(|pgy| pgy.to_string());
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        put(&mut typed, pgy, &self.cohort, &self.site, [day(self.starts_on), day(self.ends_on)]);
        typed
    }

    /// What an entry would change.
    #[must_use]
    pub fn differences(&self, entry: &Entry) -> Vec<Difference> {
        let (before, after) = (self.written(), entry.written());
        let text = |typed: &Typed, column| typed.get(&column).cloned().unwrap_or_default();
        let all = Column::ALL.into_iter().map(|column| Difference {
            column,
            from: text(&before, column),
            to: text(&after, column),
        });
        all.filter(|one| one.from != one.to).collect()
    }
}

impl Entry {
    /// Every field as a text.
    #[must_use]
    pub fn written(&self) -> Typed {
        let mut typed = written(&self.program_code, &self.family, &self.given, &self.address, &self.wishes);
        let pgy = self.pgy.map(|pgy| pgy.to_string());
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        put(&mut typed, pgy, &self.cohort, &self.site, [day(self.starts_on), day(self.ends_on)]);
        typed
    }
}

fn written(program: &str, family: &str, given: &str, address: &Address, wishes: &Wishes) -> Typed {
    let avoid: Vec<&str> = wishes.avoid.iter().map(Address::reveal).collect();
    let modality = wishes.modality.map(|modality| match modality {
        Modality::Video => "video",
        Modality::InPerson => "in person",
        Modality::Phone => "phone",
    });
    let texts = [
        (Column::Program, program),
        (Column::Family, family),
        (Column::Given, given),
        (Column::Email, address.reveal()),
        (Column::Language, wishes.language.as_deref().unwrap_or_default()),
        (Column::TherapistGender, wishes.therapist_gender.as_deref().unwrap_or_default()),
        (Column::Modality, modality.unwrap_or_default()),
        (Column::Avoid, &avoid.join("; ")),
    ];
    texts.into_iter().map(|(column, text)| (column, text.to_owned())).collect::<BTreeMap<_, _>>()
}

fn put(
    typed: &mut Typed,
    pgy: Option<String>,
    cohort: &Option<String>,
    site: &Option<String>,
    [starts_on, ends_on]: [Option<String>; 2],
) {
    let rest = [
        (Column::Pgy, pgy),
        (Column::Cohort, cohort.clone()),
        (Column::Site, site.clone()),
        (Column::StartsOn, starts_on),
        (Column::EndsOn, ends_on),
    ];
    typed.extend(rest.into_iter().map(|(column, text)| (column, text.unwrap_or_default())));
}
