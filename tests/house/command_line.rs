//! What people and scripts rely on at the command line: words, exit codes, JSON. Runs the binary itself, in a
//! directory of its own and with no setting of this machine.

mod absence;
mod audit;
mod keep;
mod keys;
mod pace;
mod provider;
mod receive;
mod weights;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The files that coordinators would bring.
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo");

/// A directory in which somebody works at a terminal.
struct Terminal {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// What they got.
struct Got {
    code: i32,
    out: String,
    err: String,
}

impl Terminal {
    fn fresh() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    fn founded() -> Self {
        let terminal = Self::fresh();
        let got = terminal.types(&["init", "--institution", "Example", "--director", "lead@hospital.org"]);
        assert_eq!(got.code, 0, "{}", got.err);
        terminal
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn set(&mut self, variable: &str, value: &str) {
        self.variables.push((variable.to_owned(), value.to_owned()));
    }

    fn types(&self, words: &[&str]) -> Got {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdspace"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HOLDSPACE_") {
                command.env_remove(name);
            }
        }
        let Output { status, stdout, stderr } = command
            .current_dir(self.directory.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(words)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Got { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    /// The one line of JSON on standard output.
    fn asks(&self, words: &[&str]) -> (i32, Value) {
        let got = self.types(&[words, &["--json"]].concat());
        assert_eq!(got.out.lines().count(), 1, "{words:?}: {}{}", got.out, got.err);
        (got.code, serde_json::from_str(&got.out).unwrap())
    }

    /// Everything up to the plan.
    fn imports_the_demo(&self) {
        for (kind, file) in [
            ("programs", "programs.csv"),
            ("sites", "sites.csv"),
            ("roster", "roster.csv"),
            ("protect", "protected_time.csv"),
            ("therapists", "therapists.csv"),
            ("availability", "availability.csv"),
        ] {
            let got = self.types(&[kind, "import", &demo(file)]);
            assert_eq!(got.code, 0, "{kind}: {}", got.err);
        }
    }

    fn makes_an_offering(&self) -> String {
        let (code, made) = self.asks(&[
            "offering",
            "create",
            "--title",
            "Protected time",
            "--length",
            "50",
            "--from",
            "2027-07-05",
            "--until",
            "2027-09-24",
        ]);
        assert_eq!((code, made["seed_hash"].as_str().unwrap().len()), (0, 64));
        made["id"].as_str().unwrap().to_owned()
    }
}

fn demo(file: &str) -> String {
    Path::new(DEMO).join(file).display().to_string()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_unknown_verb_is_wrong_usage_and_the_nearest_is_named() {
    let got = Terminal::fresh().types(&["rooster"]);
    assert_eq!(got.code, 2);
    assert!(got.err.contains("roster"), "{}", got.err);
    assert_eq!(Terminal::fresh().types(&["offering", "create", "--title", "T"]).code, 2);
    let answer = Terminal::fresh().types(&["roster", "import", "x.csv", "--answer", "14=perhaps"]);
    assert!(answer.code == 2 && answer.err.contains("same or new"), "{}", answer.err);
}

#[test]
fn help_teaches_a_season_in_order_and_every_verb_has_help() {
    let help = Terminal::fresh().types(&["--help"]);
    let place = |word: &str| help.out.find(word).unwrap_or_else(|| panic!("{word} is not in the help"));
    let order =
        ["holdspace init", "programs import", "offering create", "holdspace plan\n", "holdspace book"];
    let places: Vec<usize> = order.iter().map(|word| place(word.trim_end())).collect();
    assert!(places.is_sorted() && help.code == 0, "{}", help.out);
    for verb in [
        "demo",
        "init",
        "director",
        "serve",
        "work",
        "programs",
        "sites",
        "roster",
        "protect",
        "therapists",
        "availability",
        "busy",
        "offering",
        "plan",
        "away",
        "book",
        "deliver",
        "receive",
        "coverage",
        "release",
        "letters",
        "doctor",
        "backup",
        "restore",
        "migrate-to",
        "completions",
    ] {
        assert_eq!(Terminal::fresh().types(&[verb, "--help"]).code, 0, "{verb}");
    }
}

#[test]
fn a_misspelt_setting_is_answered_with_the_nearest_right_one_and_its_line() {
    let mut terminal = Terminal::fresh();
    std::fs::write(terminal.path("holdspace.toml"), "office = \"x\"\nmail_form = \"a@hospital.org\"\n")
        .unwrap();
    let got = terminal.types(&["plan"]);
    assert_eq!(got.code, 1);
    let expected = "holdspace: holdspace.toml, line 2: unknown key `mail_form`; did you mean `mail_from`?";
    assert!(got.err.starts_with(expected), "{}", got.err);
    std::fs::remove_file(terminal.path("holdspace.toml")).unwrap();
    terminal.set("HOLDSPACE_DATABASE_ULR", "sqlite://x");
    let (code, refused) = terminal.asks(&["plan"]);
    assert_eq!(code, 1);
    assert!(refused["error"].as_str().unwrap().contains("did you mean `HOLDSPACE_DATABASE_URL`?"));
}

#[test]
fn who_sets_up_twice_keeps_what_there_is_and_is_told_what_to_do() {
    let terminal = Terminal::founded();
    let key = std::fs::read(terminal.path("holdspace.key")).unwrap();
    let again = terminal.types(&["init", "--institution", "Other", "--director", "other@hospital.org"]);
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.err.contains("was set up already") && again.err.contains("holdspace director link"));
    assert_eq!(std::fs::read(terminal.path("holdspace.key")).unwrap(), key);
    // Nor is a second key made beside a database that was sealed with the first.
    std::fs::remove_file(terminal.path("holdspace.key")).unwrap();
    let third = terminal.types(&["init", "--institution", "Other", "--director", "other@hospital.org"]);
    assert!(third.code == 1 && third.err.contains("restore it"), "{}", third.err);
    assert!(!terminal.path("holdspace.key").exists());
}

#[test]
fn only_a_director_gets_a_directors_link() {
    let terminal = Terminal::founded();
    let (code, known) = terminal.asks(&["director", "link", "LEAD@hospital.org"]);
    assert_eq!((code, known["valid_minutes"].as_u64()), (0, Some(15)));
    assert!(known["link"].as_str().unwrap().starts_with("http://localhost:8080/sign-in/"));
    let stranger = terminal.types(&["director", "link", "stranger@hospital.org"]);
    assert_eq!((stranger.code, stranger.out.as_str()), (1, ""));
    assert!(!stranger.err.contains("stranger@hospital.org"), "an address stays out of every error");
    assert_eq!(terminal.types(&["director", "link", "stranger@hospital.org", "--new"]).code, 0);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_opens_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let terminal = Terminal::founded();
    for name in ["holdspace.toml", "holdspace.key", "holdspace.db"] {
        let mode = std::fs::metadata(terminal.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(terminal.path("holdspace.key"), open).unwrap();
    let got = terminal.types(&["plan"]);
    assert!(got.code == 1 && got.err.contains("chmod 600 holdspace.key"), "{}", got.err);
}

#[test]
fn a_script_reads_a_whole_season_as_json() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let offering = terminal.makes_an_offering();
    let (code, plan) = terminal.asks(&["plan"]);
    assert_eq!((code, plan["offering"].as_str()), (0, Some(offering.as_str())));
    for key in ["placed", "unplaced", "per_day", "per_therapist", "seed_hash"] {
        assert!(keys(&plan).contains(&key), "{key}");
    }
    assert_eq!(terminal.asks(&["plan"]).1, plan, "a plan writes nothing and is always the same");
    let (_, booked) = terminal.asks(&["book", "--offering", &offering]);
    assert_eq!(booked["booked"], plan["placed"]);
    assert!(booked["letters_owed"].as_u64().unwrap() > booked["booked"].as_u64().unwrap());
    let (code, shown) = terminal.asks(&["offering", "show"]);
    assert_eq!((code, &shown["batches"][0]), (0, &booked["batch"]));
    assert_eq!(booked["batch"]["seed_hash"], plan["seed_hash"]);
    assert_eq!(
        (&shown["seed_hash"], booked["seed_hash"] == plan["seed_hash"]),
        (&booked["seed_hash"], false)
    );
    let told = terminal.types(&["offering", "show"]).out;
    for text in [&booked["batch"]["seed"], &booked["batch"]["plan_hash"], &booked["seed_hash"]] {
        assert!(told.contains(text.as_str().unwrap()) && told.contains("sha256sum"), "{told}");
    }
    let (_, again) = terminal.asks(&["book"]);
    assert_eq!((&again["booked"], &again["already"]), (&0.into(), &booked["booked"]));
    let (code, delivered) = terminal.asks(&["deliver", "--once"]);
    assert_eq!((code, &delivered["retrying"], &delivered["failed"]), (0, &0.into(), &0.into()));
    let letters = std::fs::read_dir(terminal.path("letters")).unwrap().count();
    assert!(letters > 0 && letters as u64 <= delivered["sent"].as_u64().unwrap());
    let release = terminal.types(&["release"]);
    assert!(release.code == 1 && release.err.contains("nothing is released before 2027-10-22"));
}

#[test]
fn a_roster_as_coordinators_keep_it_is_taken_line_by_line() {
    let terminal = Terminal::founded();
    terminal.types(&["programs", "import", &demo("programs.csv")]);
    let file = demo("roster_as_kept_in_excel.xlsx");
    let (code, dry) = terminal.asks(&["roster", "import", &file, "--program", "IM", "--dry-run"]);
    assert_eq!((code, &dry["applied"]), (1, &false.into()));
    for key in ["added", "changed", "unchanged", "refused", "ignored_columns"] {
        assert!(keys(&dry).contains(&key), "{key}");
    }
    let refusal = &dry["refused"][0];
    assert_eq!(keys(refusal), ["column", "line", "problem", "remedy", "sheet"]);
    assert!(dry["ignored_columns"].as_array().unwrap().contains(&"DOB".into()));
    let (_, strict) = terminal.asks(&["roster", "import", &file, "--program", "IM", "--strict"]);
    assert_eq!(strict["applied"], Value::Bool(false));
    // Good lines are taken although others are refused, and the exit code says that some were.
    let got = terminal.types(&["roster", "import", &file, "--program", "IM"]);
    assert_eq!(got.code, 1);
    assert!(
        got.err.lines().all(|line| line.starts_with("holdspace: ") && line.contains("xlsx: ")),
        "{}",
        got.err
    );
    assert!(got.err.contains(&format!("line {}", refusal["line"])), "{}", got.err);
    let (_, again) = terminal.asks(&["roster", "import", &file, "--program", "IM"]);
    assert_eq!((&again["added"], &again["unchanged"]), (&0.into(), &dry["added"]));
}

#[test]
fn a_program_that_is_not_there_leads_to_the_verb_that_makes_it() {
    let terminal = Terminal::founded();
    let got = terminal.types(&["roster", "import", &demo("roster.csv")]);
    assert!(got.code == 1 && got.err.contains("holdspace programs import"), "{}", got.err);
    let coverage = terminal.types(&["coverage", "--program", "NONE"]);
    assert!(coverage.code == 1 && coverage.err.contains("holdspace programs import"), "{}", coverage.err);
}

#[test]
fn coverage_is_a_table_or_a_calendar() {
    let terminal = Terminal::founded();
    terminal.imports_the_demo();
    let csv = terminal.types(&["coverage", "--program", "IM"]);
    assert!(csv.out.starts_with("resident,cohort,date,start,end,zone\r\n"), "{}", csv.out);
    let ics = terminal.types(&["coverage", "--program", "IM", "--format", "ics"]);
    assert!(ics.out.starts_with("BEGIN:VCALENDAR\r\n"));
    let (_, exported) = terminal.asks(&["coverage", "--program", "IM"]);
    assert_eq!(
        (&exported["format"], exported["file"].as_str().unwrap().trim_end()),
        (&"csv".into(), csv.out.trim_end())
    );
}

#[test]
fn a_file_that_is_missing_huge_or_no_table_is_refused_by_its_name() {
    let terminal = Terminal::founded();
    std::fs::write(terminal.path("huge.csv"), vec![b'x'; (2 << 20) + 1]).unwrap();
    std::fs::write(terminal.path("map.toml"), "[colums]\n").unwrap();
    for (words, expected) in [
        (vec!["roster", "import", "none.csv"], "holdspace: none.csv: cannot be opened"),
        (vec!["roster", "import", "huge.csv"], "holdspace: huge.csv: larger than 2097152 bytes"),
        (
            vec!["roster", "import", "map.toml", "--columns", "map.toml"],
            "holdspace: map.toml: line 1: unknown field",
        ),
    ] {
        let got = terminal.types(&words);
        assert!(got.code == 1 && got.err.starts_with(expected), "{words:?}: {}", got.err);
    }
}

#[test]
fn the_doctor_names_what_is_wrong_with_its_remedy() {
    let nothing = Terminal::fresh();
    let (code, report) = nothing.asks(&["doctor"]);
    assert_eq!((code, &report["healthy"]), (1, &false.into()));
    assert!(!nothing.path("holdspace.db").exists(), "the doctor makes nothing");
    let state = |report: &Value, check: &str| {
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["check"] == check);
        found.map(|finding| finding["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state(&report, "key file").as_deref(), Some("fail"));
    assert_eq!(state(&report, "database").as_deref(), Some("fail"));
    assert_eq!(state(&report, "zone data").as_deref(), Some("ok"));

    let mut founded = Terminal::founded();
    let (code, report) = founded.asks(&["doctor"]);
    assert_eq!((code, state(&report, "tables").as_deref()), (0, Some("ok")), "{report}");
    assert_eq!(state(&report, "mail server").as_deref(), Some("warn"));
    // Port 1 of this machine: nobody listens there.
    founded.set("HOLDSPACE_MAIL_URL", "smtp://127.0.0.1:1");
    founded.set("HOLDSPACE_MAIL_FROM", "Therapy Office <office@hospital.org>");
    let (code, report) = founded.asks(&["doctor"]);
    assert_eq!((code, state(&report, "mail server").as_deref()), (1, Some("fail")));
    assert_eq!(state(&report, "sender").as_deref(), Some("warn"), "colleagues see the name");
}

#[test]
fn a_key_of_another_database_is_found_out() {
    let terminal = Terminal::founded();
    terminal.makes_an_offering();
    let other = Terminal::founded();
    std::fs::copy(other.path("holdspace.key"), terminal.path("holdspace.key")).unwrap();
    let got = terminal.types(&["doctor"]);
    assert!(got.code == 1 && got.out.contains("restore the key file"), "{}", got.out);
}

#[test]
fn a_secret_is_never_printed() {
    let mut terminal = Terminal::fresh();
    terminal.set("HOLDSPACE_DATABASE_URL", "postgres://hold:s3cret@127.0.0.1:1/hold");
    terminal.set("HOLDSPACE_MAIL_URL", "smtp://hold:s3cret@127.0.0.1:1");
    terminal.set("HOLDSPACE_LOG", "trace");
    std::fs::write(terminal.path("holdspace.toml"), "").unwrap();
    let tries: [&[&str]; 5] = [
        &["doctor"],
        &["doctor", "--json"],
        &["plan"],
        &["deliver"],
        &["init", "--institution", "X", "--director", "a@hospital.org"],
    ];
    // Each waits ten seconds for a database that does not answer: all of them at once.
    std::thread::scope(|scope| {
        for words in tries {
            let terminal = &terminal;
            scope.spawn(move || {
                let got = terminal.types(words);
                assert_eq!(got.code, 1, "{words:?}");
                assert!(!format!("{}{}", got.out, got.err).contains("s3cret"), "{words:?}: {}", got.err);
            });
        }
    });
    terminal.variables.retain(|(name, _)| name != "HOLDSPACE_DATABASE_URL");
    terminal.set("HOLDSPACE_MAIL_URL", "smtp://s3cret@");
    let got = terminal.types(&["doctor"]);
    assert!(got.code == 1 && !got.out.contains("s3cret"), "{}", got.out);
}

#[test]
fn anybody_can_audit_the_noise_without_an_installation() {
    let terminal = Terminal::fresh();
    let (code, audit) = terminal.asks(&["release", "audit", "--draws", "1000"]);
    let number = |key: &str| audit[key].as_f64().unwrap();
    assert_eq!((code, number("epsilon_declared")), (0, 1.0), "{audit}");
    assert!(number("epsilon_lower_bound") > 0.4 && number("epsilon_lower_bound") <= 1.0, "{audit}");
    assert!(number("draws") > 10_000.0 && audit["divisions"].as_array().unwrap().len() > 5, "{audit}");
    assert_eq!(terminal.types(&["release", "--withdraw"]).code, 2, "a withdrawal without a reason");
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let got = Terminal::fresh().types(&["completions", shell]);
        assert_eq!(got.code, 0);
        assert!(got.out.len() > 1000 && got.out.contains("availability"), "{shell}");
    }
}

#[test]
fn letters_can_be_looked_at_before_anybody_gets_one() {
    let mut terminal = Terminal::fresh();
    let got = terminal.types(&["letters", "preview", "--out", "preview"]);
    assert_eq!(got.code, 0, "{}", got.err);
    assert!(terminal.path("preview/invitation.eml").exists());
    assert!(terminal.types(&["letters", "preview"]).out.contains("── invitation.txt ──"));
    std::fs::create_dir_all(terminal.path("words/invitation")).unwrap();
    std::fs::write(terminal.path("words/invitation/subject.txt"), "{{ nobody }}").unwrap();
    terminal.set("HOLDSPACE_TEMPLATES", "words");
    let broken = terminal.types(&["letters", "preview"]);
    assert!(broken.code == 1 && broken.err.contains("invitation/subject.txt"), "{}", broken.err);
}
