//! An offering's rules as fields, and the fields as rules. Checks no bound: that is the domain's.

use chrono::NaiveDate;

use super::form::{Field, Typed};
use crate::domain::offering::{RuleRefusal, Rules};
use crate::domain::plan::{Setting, Weights};
use crate::web::told;
use crate::web::words::setup::{SetupWords, setup};

/// The fields of an offering: those that everybody looks at, and those that most people leave alone.
pub struct RuleFields {
    /// Title, period, lengths and letters.
    pub fields: Vec<Field>,
    /// Reserve, release and weights.
    pub more: Vec<Field>,
}

/// The value of a box that is ticked.
const YES: &str = "yes";

/// What a new offering begins with.
pub fn usual(name: &str) -> String {
    let text = match name {
        "length" => "50",
        "buffer" => "10",
        "notice" => "24",
        "reminders" => "48, 24",
        "announce" => "5",
        "reserve" => "15",
        "epsilon" => "1",
        "survey" => YES,
        name => {
            return Setting::named(name).map(|s| s.of(Weights::default()).to_string()).unwrap_or_default();
        }
    };
    text.to_owned()
}

/// The text of each field of an offering that exists.
pub fn written(rules: &Rules, name: &str) -> String {
    match name {
        "title" => rules.title.clone(),
        "from" => rules.from.to_string(),
        "until" => rules.until.to_string(),
        "length" => rules.visit_minutes.to_string(),
        "buffer" => rules.buffer_minutes.to_string(),
        "notice" => rules.notice_hours.to_string(),
        "reminders" => hours_in_words(rules),
        "announce" => rules.announce_days.map(|days| days.to_string()).unwrap_or_default(),
        "reserve" => rules.reserve_percent.to_string(),
        "release-on" => rules.release_on.map(|day| day.to_string()).unwrap_or_default(),
        "epsilon" => epsilon_in_words(rules),
        "breakdowns" => if rules.breakdowns { YES } else { "" }.to_owned(),
        "survey" => if rules.survey { YES } else { "" }.to_owned(),
        name => Setting::named(name).map(|s| s.of(rules.weights).to_string()).unwrap_or_default(),
    }
}

/// The hours of the reminders, with commas.
pub fn hours_in_words(rules: &Rules) -> String {
    rules.reminder_hours.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

/// The strength of the release, such as `0.5`.
pub fn epsilon_in_words(rules: &Rules) -> String {
    format!("{}", f64::from(rules.epsilon_millis) / 1000.0)
}

fn weight_words(s: &SetupWords, setting: &Setting) -> (&'static str, &'static str) {
    match setting.name {
        "language" => (s.w_language, ""),
        "gender" => (s.w_gender, ""),
        "modality" => (s.w_modality, ""),
        "site" => (s.w_site, ""),
        "earlier" => (s.w_earlier, s.w_earlier_hint),
        "day-load" => (s.w_day_load, ""),
        "therapist-load" => (s.w_therapist_load, ""),
        "site-load" => (s.w_site_load, ""),
        "away-percent" => (s.w_away, s.w_away_hint),
        _ => (setting.name, setting.meaning),
    }
}

impl RuleFields {
    /// The fields with their values.
    pub fn of(value: impl Fn(&str) -> String) -> Self {
        let s = setup();
        let field = |name, kind, words| Field::new(name, kind, words).with(value(name));
        let fields = vec![
            field("title", "text", (s.r_title, s.r_title_hint)).needed(),
            field("from", "date", (s.r_from, "")).needed(),
            field("until", "date", (s.r_until, "")).needed(),
            field("length", "number", (s.r_length, "")).needed(),
            field("buffer", "number", (s.r_buffer, "")).needed(),
            field("notice", "number", (s.r_notice, s.r_notice_hint)).needed(),
            field("announce", "number", (s.r_announce, s.r_announce_hint)),
            field("reminders", "text", (s.r_reminders, s.r_reminders_hint)),
        ];
        let mut more = vec![
            field("reserve", "number", (s.r_reserve, s.r_reserve_hint)).needed(),
            field("release-on", "date", (s.r_release, s.r_release_hint)),
            field("epsilon", "text", (s.r_epsilon, s.r_epsilon_hint)).needed(),
            Field::boxes(
                "survey",
                (s.r_survey, s.r_survey_hint),
                vec![(YES.to_owned(), s.r_survey_box.to_owned())],
                &[value("survey")],
            ),
            Field::boxes(
                "breakdowns",
                (s.r_breakdowns, s.r_breakdowns_hint),
                vec![(YES.to_owned(), s.r_breakdowns_box.to_owned())],
                &[value("breakdowns")],
            ),
        ];
        more.extend(Setting::ALL.iter().map(|setting| {
            let words = weight_words(s, setting);
            Field::new(setting.name, "number", words).needed().with(value(setting.name))
        }));
        Self { fields, more }
    }

    /// Puts a problem beside its field.
    pub fn mark(&mut self, name: &str, problem: &str) -> bool {
        let name = name.strip_prefix("weight ").unwrap_or(name);
        let field = self.fields.iter_mut().chain(&mut self.more).find(|field| field.name == name);
        field.map(|field| field.problem = told::sentence(problem)).is_some()
    }

    /// Puts a rule that cannot be beside its field; gives what is about none.
    pub fn refuse(&mut self, refusal: &RuleRefusal) -> String {
        if self.mark(refusal.setting, &refusal.problem) { String::new() } else { refusal.to_string() }
    }

    /// What was typed, as rules; nothing, with the problems marked, where it is no numbers or dates.
    pub fn read(typed: &Typed) -> (Self, Option<Rules>) {
        let mut read = Reading { fields: Self::of(|name| typed.get(name)), typed, wrong: false };
        let rules = read.rules();
        let rules = Some(rules).filter(|_| !read.wrong);
        (read.fields, rules)
    }
}

struct Reading<'a> {
    fields: RuleFields,
    typed: &'a Typed,
    wrong: bool,
}

impl Reading<'_> {
    fn value<T>(&mut self, name: &str, problem: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = read(&self.typed.get(name));
        if value.is_none() {
            self.wrong = true;
            self.fields.mark(name, problem);
        }
        value
    }

    fn number(&mut self, name: &str) -> u32 {
        self.value(name, setup().wrong_number, |text| text.parse().ok()).unwrap_or_default()
    }

    fn day(&mut self, name: &str) -> NaiveDate {
        self.value(name, setup().wrong_day, |text| text.parse().ok()).unwrap_or_default()
    }

    fn rules(&mut self) -> Rules {
        let s = setup();
        let mut weights = Weights::default();
        for setting in &Setting::ALL {
            let value = self.number(setting.name);
            setting.set(&mut weights, value);
        }
        Rules {
            title: self.typed.get("title"),
            visit_minutes: self.number("length"),
            buffer_minutes: self.number("buffer"),
            from: self.day("from"),
            until: self.day("until"),
            notice_hours: self.number("notice"),
            // What does not fit is over every bound that the domain knows.
            reserve_percent: u8::try_from(self.number("reserve")).unwrap_or(u8::MAX),
            reminder_hours: self.value("reminders", s.wrong_hours, hours).unwrap_or_default(),
            announce_days: self.value("announce", s.wrong_number, or_none).flatten(),
            release_on: self.value("release-on", s.wrong_day, or_none).flatten(),
            epsilon_millis: self.value("epsilon", s.wrong_decimal, thousandths).unwrap_or_default(),
            survey: self.typed.get("survey") == YES,
            breakdowns: self.typed.get("breakdowns") == YES,
            weights,
        }
    }
}

fn hours(text: &str) -> Option<Vec<u32>> {
    let parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

fn or_none<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// Reads up to three decimals exactly: 0.5 is 500.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let all = (digits(whole) && digits(decimals)).then(|| format!("{whole}{decimals:0<3}"))?;
    all.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_decimals_are_read_as_people_write_them() {
        assert_eq!(hours("48, 24"), Some(vec![48, 24]));
        assert_eq!((hours(""), hours("two days")), (Some(Vec::new()), None));
        for (text, millis) in [("1", Some(1000)), ("0.5", Some(500)), ("0.125", Some(125)), ("1e3", None)] {
            assert_eq!(thousandths(text), millis, "{text}");
        }
        assert_eq!(or_none::<u32>(""), Some(None));
        assert_eq!((or_none::<u32>("5"), or_none::<u32>("x")), (Some(Some(5)), None));
    }
}
