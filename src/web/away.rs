//! Blocking time, for a therapist and for whoever leads the clinic: what was typed, what is wrong with it, and what it would
//! do. Never says whom it concerns.

use axum::http::StatusCode;
use chrono::{Duration, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::refusal::Refusal as Refused;
use super::words::away::{AwayWords, away};
use super::words::{Words, filled, words};
use super::{WebState, told};
use crate::desk::Error;
use crate::desk::away::OnFile;
use crate::desk::own_away::Ahead;
use crate::desk::session::Session;
use crate::domain::absence::{Absence, Refusal, Typed};
use crate::domain::id::{AbsenceId, TherapistId};
use crate::domain::written;

/// A form as it is sent. Times may be empty, and so may the end where it is until further notice.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct AwayFields {
    /// Whose time it is; empty for one's own.
    pub whose: String,
    /// The first day.
    pub from: String,
    /// From when on that day.
    pub from_time: String,
    /// The last day.
    pub until: String,
    /// Until when on that day.
    pub until_time: String,
    /// Whether it has no end.
    pub open: Option<String>,
    /// Whether what it would do was read.
    pub sure: Option<String>,
    /// Whether it is to be changed instead.
    pub again: Option<String>,
}

/// The longest entry of a field that is looked at, in bytes.
const TEXT_MAX: usize = 40;

/// A field that is wrong, with a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong.
    pub text: &'static str,
}

impl AwayFields {
    /// What was typed.
    ///
    /// # Errors
    /// The first field that says nothing.
    fn typed(&self) -> Result<(Typed, Option<Typed>), Problem> {
        let a = away();
        let from =
            typed(&self.from, &self.from_time, ("from", a.away_no_day), ("from_time", a.away_no_time))?;
        if self.open.is_some() {
            return Ok((from, None));
        }
        let (day, time) = (("until", a.away_no_end), ("until_time", a.away_no_time));
        Ok((from, Some(typed(&self.until, &self.until_time, day, time)?)))
    }
}

fn typed(
    on: &str,
    at: &str,
    day: (&'static str, &'static str),
    time: (&'static str, &'static str),
) -> Result<Typed, Problem> {
    let problem = |(field, text)| Problem { field, text };
    let short = |text: &&str| text.len() <= TEXT_MAX;
    let on = Some(on).filter(short).and_then(written::date).ok_or_else(|| problem(day))?;
    let at = match at.trim() {
        "" => None,
        text => Some(Some(text).filter(short).and_then(written::time_of_day).ok_or_else(|| problem(time))?),
    };
    Ok(Typed { on, at })
}

/// What the desk refuses about an absence, beside its field; other refusals are no matter of the form.
fn problem_of(error: Error) -> Result<Problem, Error> {
    let a = away();
    match error {
        Error::Absence(Refusal::Backwards) => Ok(Problem { field: "until", text: a.away_backwards }),
        Error::Absence(Refusal::Over) => Ok(Problem { field: "until", text: a.away_over }),
        Error::Absence(Refusal::FarOff) => Ok(Problem { field: "from", text: a.away_far }),
        other => Err(other),
    }
}

/// What an address says after something was done.
pub fn note(query: Option<&str>) -> &'static str {
    let a = away();
    let said = |what| query.is_some_and(|query| query.split('&').any(|part| part == what));
    match (said("done"), said("undone")) {
        (true, _) => a.away_done,
        (_, true) => a.away_undone,
        _ => "",
    }
}

/// The form of a page.
pub struct AwayForm {
    /// Its sentences.
    pub a: &'static AwayWords,
    /// Where it is sent.
    pub action: String,
    /// The therapist whom somebody else blocks time for; empty for one's own.
    pub whose: String,
    /// What was typed.
    pub fields: AwayFields,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// In whose zone it is meant.
    pub zone: String,
    /// What it would do, once it can be carried out.
    pub ahead: Option<AheadTold>,
    /// Absences on file.
    pub known: Vec<KnownTold>,
}

impl AwayForm {
    /// A form with what is on file; `whose` is none for one's own time.
    ///
    /// # Errors
    /// For somebody who may not block that time.
    pub async fn load(
        state: &WebState,
        session: &Session,
        whose: Option<TherapistId>,
        action: &str,
        fields: AwayFields,
    ) -> Result<Self, Refused> {
        let (zone, on_file) = state.desk.blocked(session, whose).await?;
        Ok(Self {
            a: away(),
            action: action.to_owned(),
            whose: whose.map(|id| id.to_string()).unwrap_or_default(),
            fields,
            problem: None,
            zone: filled(away().away_zone, &[("zone", zone.name())]),
            ahead: None,
            known: known(words(), &on_file),
        })
    }

    /// Does what was typed where it was confirmed, and says otherwise what it would do or what is wrong with it. Nothing once
    /// it is done.
    ///
    /// # Errors
    /// Those that are no matter of the form.
    pub async fn carried_out(
        self,
        state: &WebState,
        session: &Session,
        whose: Option<TherapistId>,
    ) -> Result<Option<(StatusCode, Self)>, Refused> {
        if self.fields.again.is_some() {
            return Ok(Some((StatusCode::OK, self)));
        }
        let (from, until) = match self.fields.typed() {
            Ok(typed) => typed,
            Err(problem) => return Ok(Some(self.refused(problem))),
        };
        let done = match self.fields.sure {
            Some(_) => state.desk.block(session, whose, from, until).await.map(|()| None),
            None => state.desk.ahead(session, whose, from, until).await.map(Some),
        };
        match done {
            Ok(None) => Ok(None),
            Ok(Some(ahead)) => {
                let ahead = Some(AheadTold::of(words(), &ahead));
                Ok(Some((StatusCode::OK, Self { ahead, ..self })))
            }
            Err(error) => Ok(Some(self.refused(problem_of(error)?))),
        }
    }

    fn refused(self, problem: Problem) -> (StatusCode, Self) {
        (StatusCode::UNPROCESSABLE_ENTITY, Self { problem: Some(problem), ..self })
    }

    /// What is wrong with a field.
    pub fn wrong(&self, field: &str) -> Option<&'static str> {
        self.problem.filter(|problem| problem.field == field).map(|problem| problem.text)
    }
}

/// What an absence would do.
pub struct AheadTold {
    /// When it is.
    pub when: String,
    /// What becomes of visits.
    pub visits: String,
    /// What becomes of follow-ups; empty where there is none.
    pub follow_ups: String,
}

/// An absence on file.
pub struct KnownTold {
    /// Identifier.
    pub id: AbsenceId,
    /// When it is.
    pub when: String,
}

impl AheadTold {
    /// In words.
    fn of(w: &Words, ahead: &Ahead) -> Self {
        let a = away();
        let visits = match ahead.visits {
            0 => a.away_visits_none.to_owned(),
            1 => a.away_visits_one.to_owned(),
            many => filled(a.away_visits, &[("count", &many.to_string())]),
        };
        let follow_ups = match ahead.follow_ups {
            0 => String::new(),
            1 => a.away_further_one.to_owned(),
            many => filled(a.away_further, &[("count", &many.to_string())]),
        };
        Self { when: when(w, &ahead.absence), visits, follow_ups }
    }
}

/// Absences on file in words.
fn known(w: &Words, on_file: &[OnFile]) -> Vec<KnownTold> {
    on_file.iter().map(|one| KnownTold { id: one.id, when: when(w, &one.absence) }).collect()
}

/// When an absence is: whole days as days, anything else to the minute.
fn when(w: &Words, absence: &Absence) -> String {
    let a = away();
    let zone = absence.zone.name();
    let begins = moment(w, absence.from);
    let Some(until) = absence.until else {
        return filled(a.away_open, &[("from", &begins), ("zone", zone)]);
    };
    let midnight = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
    let last = if midnight(until) { moment(w, until - Duration::days(1)) } else { moment(w, until) };
    if midnight(absence.from) && midnight(until) && last == begins {
        return filled(a.away_day, &[("from", &begins), ("zone", zone)]);
    }
    let sentence = if midnight(until) { a.away_days } else { a.away_until };
    filled(sentence, &[("from", &begins), ("until", &last), ("zone", zone)])
}

/// A day, with the time of day where it is not its beginning.
fn moment(w: &Words, at: NaiveDateTime) -> String {
    let on = told::date(w, at.date());
    if at.time() == NaiveTime::MIN { on } else { format!("{on}, {}", told::time(w, at)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(from: &str, until: &str) -> AwayFields {
        let part = |text: &str, second: bool| {
            let mut parts = text.split('T');
            let first = parts.next().unwrap_or_default();
            if second { parts.next().unwrap_or_default() } else { first }.to_owned()
        };
        AwayFields {
            from: part(from, false),
            from_time: part(from, true),
            until: part(until, false),
            until_time: part(until, true),
            ..AwayFields::default()
        }
    }

    fn told(from: &str, until: &str, open: bool) -> String {
        let fields = AwayFields { open: open.then(String::new), ..fields(from, until) };
        let (from, until) = fields.typed().unwrap();
        let zone = "America/Denver".parse().unwrap();
        when(words(), &Absence::new(from, until, zone, "2027-07-01T12:00:00Z".parse().unwrap()).unwrap())
    }

    #[test]
    fn a_day_some_days_some_hours_and_no_end_are_told_as_they_were_meant() {
        assert_eq!(
            told("2027-07-12", "2027-07-12", false),
            "Monday, July 12, 2027, the whole day (America/Denver)"
        );
        assert_eq!(
            told("2027-07-12", "2027-07-16", false),
            "Monday, July 12, 2027, to Friday, July 16, 2027, both days included (America/Denver)"
        );
        assert_eq!(
            told("2027-07-12T09:00", "2027-07-12T12:30", false),
            "Monday, July 12, 2027, 9:00 AM, until Monday, July 12, 2027, 12:30 PM (America/Denver)"
        );
        assert_eq!(
            told("2027-07-12", "", true),
            "From Monday, July 12, 2027, until further notice (America/Denver)"
        );
    }

    #[test]
    fn a_field_that_says_nothing_is_named() {
        let field = |from: &str, until: &str| fields(from, until).typed().unwrap_err().field;
        assert_eq!(field("", "2027-07-12"), "from");
        assert_eq!(field("2027-07-12", ""), "until");
        assert_eq!(field("2027-07-12Tsoon", "2027-07-12"), "from_time");
        assert_eq!(field(&"2".repeat(100_000), "2027-07-12"), "from");
    }
}
