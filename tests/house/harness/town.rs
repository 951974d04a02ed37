//! The files that a season begins with: the sample files as they stand, or a small town cut out of them. Never
//! invents a shape of its own that no coordinator's file has.

use std::path::Path;

use holdspace::domain::table::Table;

/// The files of one institution, as text.
#[derive(Debug, Clone)]
pub struct Town {
    /// Programs with their coordinators.
    pub programs: String,
    /// Sites.
    pub sites: String,
    /// Therapists.
    pub therapists: String,
    /// Their hours.
    pub availability: String,
    /// Residents.
    pub roster: String,
    /// Their protected time.
    pub protected: String,
}

/// A line of the roster, as a test speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnRoster {
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Address.
    pub address: String,
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name);
    std::fs::read_to_string(path).expect("the sample files lie in demo/")
}

/// The heading of a file and the lines that `fits` chooses.
fn cut(file: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut lines = file.lines();
    let heading = lines.next().unwrap_or_default();
    let kept = lines.filter(|line| fits(line));
    std::iter::once(heading).chain(kept).map(|line| format!("{line}\n")).collect()
}

/// A cell of a line that holds no quoted comma before it.
fn cell(line: &str, number: usize) -> &str {
    line.split(',').nth(number).unwrap_or_default()
}

/// The tables of a text.
pub fn tables(text: &str) -> Vec<Table> {
    holdspace::intake::read(text.as_bytes(), "file.csv").expect("the file can be read")
}

impl Town {
    /// All sample files: 149 residents of four programs.
    pub fn whole() -> Self {
        Self {
            programs: sample("programs.csv"),
            sites: sample("sites.csv"),
            therapists: sample("therapists.csv"),
            availability: sample("availability.csv"),
            roster: sample("roster.csv"),
            protected: sample("protected_time.csv"),
        }
    }

    /// Sixteen residents of two programs, one of fourteen and one of two, and three therapists with hours on the days
    /// on which somebody of these is free.
    pub fn small() -> Self {
        let whole = Self::whole();
        let here = |line: &str| matches!(cell(line, 0), "IM" | "NEPH") && matches!(cell(line, 1), "A" | "B");
        let therapist = |line: &str| ["mxiong@", "pmbeki@", "tdsouza@"].iter().any(|who| line.contains(who));
        let roster = |program: &str, cohort: &str, most: usize| {
            let fits = |line: &&str| cell(line, 0) == program && cell(line, 5) == cohort;
            let lines: Vec<&str> = whole.roster.lines().filter(fits).take(most).collect();
            lines.iter().map(|line| format!("{line}\n")).collect::<String>()
        };
        Self {
            programs: cut(&whole.programs, |line| matches!(cell(line, 0), "IM" | "NEPH")),
            therapists: cut(&whole.therapists, therapist),
            availability: cut(&whole.availability, |line| {
                let days: &[&str] = if line.starts_with("pmbeki@") { &["WE", "TH"] } else { &["MO", "TU"] };
                therapist(line) && days.contains(&cell(line, 1))
            }),
            roster: [
                cut(&whole.roster, |_| false),
                roster("IM", "A", 7),
                roster("IM", "B", 7),
                roster("NEPH", "A", 1),
                roster("NEPH", "B", 1),
            ]
            .concat(),
            protected: cut(&whole.protected, here),
            sites: whole.sites.clone(),
        }
    }

    /// The small town with other people: those lines of the sample roster of its programs and cohorts that `stays` keeps.
    pub fn of(mut stays: impl FnMut(&str) -> bool) -> Self {
        let here = |line: &str| matches!(cell(line, 0), "IM" | "NEPH") && matches!(cell(line, 5), "A" | "B");
        let whole = sample("roster.csv");
        let mut roster = cut(&whole, |_| false);
        for line in whole.lines().filter(|line| here(line) && stays(line)) {
            roster += &format!("{line}\n");
        }
        Self { roster, ..Self::small() }
    }

    /// One program of `people` residents who are all free at the same times, and two therapists with as many hours.
    pub fn crowd(people: usize) -> Self {
        let small = Self::small();
        let mut roster = cut(&small.roster, |_| false);
        for n in 0..people {
            roster +=
                &format!("IM,Crowd{n},Resident{n},crowd{n}@im.example.edu,1,A,Denver Main,2027-07-01\n");
        }
        let mut protected = cut(&small.protected, |_| false);
        for day in 5..=9 {
            protected += &format!("IM,A,2027-07-{day:02},08:00,18:00\n");
        }
        let of_two = |line: &str| line.starts_with("mxiong@") || line.starts_with("tdsouza@");
        let availability = cut(&Self::whole().availability, of_two);
        Self { availability: availability.replace("12:00,17:00", "08:00,18:00"), roster, protected, ..small }
    }

    /// The lines of the roster.
    pub fn people(&self) -> Vec<OnRoster> {
        let person = |line: &str| OnRoster {
            family: cell(line, 1).to_owned(),
            given: cell(line, 2).to_owned(),
            address: cell(line, 3).to_owned(),
        };
        self.roster.lines().skip(1).map(person).collect()
    }

    /// Names and addresses that nobody outside may read anywhere: of residents, therapists and coordinators. Short
    /// names are left out, because chance writes them too.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        for person in self.people() {
            secrets.extend([format!("{} {}", person.given, person.family), person.address, person.family]);
        }
        for line in self.therapists.lines().skip(1) {
            let name = line.trim_start_matches('"').split(',').next().unwrap_or_default();
            secrets.push(name.to_owned());
        }
        let files = [&self.therapists, &self.programs];
        let words = files.iter().flat_map(|file| file.split([',', '\n', '"']));
        secrets.extend(words.filter(|word| word.contains('@')).map(str::to_owned));
        secrets.retain(|secret| secret.chars().count() >= 5);
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }
}
