//! Templates as people edit them: mistakes are found at start, and hostile ones end.

use proptest::prelude::*;

use super::*;
use crate::domain::letter::{purpose_word, telling_word};
use crate::mail::context::{BehindTheLink, Frame, HeldTime};

fn rendered(letter: Letter) -> Rendered {
    rendered_in(letter, Language::English)
}

fn rendered_in(letter: Letter, language: Language) -> Rendered {
    Templates::embedded().unwrap().render(&Context::sample(letter, language), language).unwrap()
}

/// Every letter to a resident in every language.
fn to_residents() -> impl Iterator<Item = (Letter, Language)> {
    written().filter(|(letter, _)| letter.for_residents())
}

#[test]
fn no_letter_to_a_resident_has_a_subject_that_tells() {
    for (letter, language) in to_residents() {
        let subject = rendered_in(letter, language).subject;
        assert_eq!(telling_word(&subject), None, "{letter}: {subject}");
    }
}

#[test]
fn no_letter_but_the_announcement_says_what_the_time_is_for() {
    for (letter, language) in to_residents() {
        let Rendered { text, html, .. } = rendered_in(letter, language);
        let plain = letter == Letter::Announcement;
        assert_eq!(purpose_word(&text).is_some(), plain, "{letter} {language}");
        assert_eq!(purpose_word(&html).is_some(), plain, "{letter} {language}");
    }
}

#[test]
fn the_announcement_bears_no_personal_link() {
    for language in Language::ALL {
        let Rendered { text, html, .. } = rendered_in(Letter::Announcement, language);
        assert!(!text.contains("://") && !html.contains("href"));
    }
}

#[test]
fn everyone_reads_before_booking_that_they_need_not_come_and_that_nobody_hears_of_it() {
    let english = [
        "voluntary",
        "free",
        "confidential",
        "program never learns whether you come",
        "opt out",
        "nobody asks for a reason",
    ];
    let spanish = [
        "voluntari",
        "gratuit",
        "confidencial",
        "programa nunca sabe si usted acude",
        "renunciar",
        "nadie pregunta por qué",
    ];
    for (language, all) in [(Language::English, english), (Language::Spanish, spanish)] {
        for letter in [Letter::Announcement, Letter::Invitation] {
            let Rendered { text, html, .. } = rendered_in(letter, language);
            for part in [text.split_whitespace().collect::<Vec<_>>().join(" "), html] {
                for words in all {
                    assert!(part.contains(words), "{letter}: {words}");
                }
            }
        }
    }
}

/// The values that a template asks for, each once.
fn gaps(source: &str) -> std::collections::BTreeSet<&str> {
    let gaps = source.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    gaps.map(str::trim).collect()
}

#[test]
fn a_letter_in_spanish_says_all_that_it_says_in_english() {
    let source = |name: &str| {
        let found = embedded::FILES.iter().find(|(file, _)| *file == name);
        found.unwrap_or_else(|| panic!("{name} is not there")).1
    };
    for (letter, _) in to_residents().filter(|(_, language)| *language == Language::Spanish) {
        for part in ["subject.txt", "body.txt", "body.html"] {
            let (english, spanish) =
                (source(&format!("{letter}/{part}")), source(&format!("es/{letter}/{part}")));
            assert_eq!(gaps(english), gaps(spanish), "{letter}/{part}");
            assert_eq!(english.matches("<p ").count(), spanish.matches("<p ").count(), "{letter}/{part}");
            assert!(part == "subject.txt" || english != spanish, "{letter}/{part}");
        }
    }
    for base in ["base.html", "base.txt"] {
        assert_eq!(gaps(source(base)), gaps(source(&format!("es/{base}"))));
    }
}

#[test]
fn a_reminder_is_the_same_whatever_somebody_did() {
    // The context of a letter for everyone has no field in which an outcome could arrive, so two residents with
    // names of one length get letters of one length.
    let letter = |greeting: &str| {
        let frame = Frame { greeting: greeting.to_owned(), ..Frame::sample() };
        let context = Context::Reminder(HeldTime { frame, ..HeldTime::sample_in(Language::English) });
        Templates::embedded().unwrap().render(&context, Language::English).unwrap()
    };
    let (ann, bob) = (letter("Ann"), letter("Bob"));
    assert_eq!(ann.subject, bob.subject);
    assert_eq!((ann.text.len(), ann.html.len()), (bob.text.len(), bob.html.len()));
    assert!(ann.text.replace("Ann", "Bob") == bob.text);
}

#[test]
fn a_time_is_never_without_its_zone_and_a_page_never_asks_another_host() {
    for (letter, language) in written() {
        let Rendered { text, html, .. } = rendered_in(letter, language);
        if [" PM", " AM", " p. m.", " a. m."].iter().any(|half| text.contains(half)) {
            assert!(text.contains(" MDT"), "{letter}");
        }
        assert!(html.contains(&format!("<html lang=\"{language}\">")), "{letter}");
        for remote in ["<img", "src=", "url(", "<link", "<script", "@import", "<iframe"] {
            assert!(!html.contains(remote), "{letter}: {remote}");
        }
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(longest <= 76 || text.contains("://"), "{letter}: {longest}");
    }
}

#[test]
fn a_link_stands_whole_in_both_forms() {
    let link = "https://holdspace.example.org/l/hq3jz7m2vyt4c6dkwnbsx5pfae";
    for letter in [Letter::Invitation, Letter::Reminder, Letter::Afterwards, Letter::Moved] {
        let Rendered { text, html, .. } = rendered(letter);
        assert!(text.lines().any(|line| line == link), "{letter}");
        assert_eq!(html.matches(&format!("href=\"{link}\"")).count(), 1, "{letter}");
    }
}

#[test]
fn one_set_of_templates_serves_every_post_at_once() {
    const fn shared<T: Send + Sync>() {}
    shared::<Templates>();
    shared::<Context>();
}

#[test]
fn a_coordinator_replaces_one_file_and_keeps_the_others() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::create_dir(temp.path().join("sign-in")).unwrap();
    std::fs::write(temp.path().join("sign-in/subject.txt"), "Way in,\n {{ minutes }} minutes").unwrap();
    let templates = Templates::with_overrides(temp.path()).unwrap();
    let letter =
        templates.render(&Context::sample(Letter::SignIn, Language::English), Language::English).unwrap();
    assert_eq!(letter.subject, "Way in, 15 minutes");
    assert!(letter.text == rendered(Letter::SignIn).text);
}

fn refusal(file: &str, source: &[u8]) -> String {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, source).unwrap();
    match Templates::with_overrides(temp.path()) {
        Ok(_) => panic!("{file} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_mistake_in_a_template_is_found_at_start_with_its_file_and_line() {
    let unknown = refusal("reminder/body.txt", b"Hello\n{{ visit_tiem }}");
    assert!(unknown.starts_with("template reminder/body.txt, line 2: undefined value"), "{unknown}");
    let syntax = refusal("reminder/body.html", b"{% if %}");
    assert!(syntax.starts_with("template reminder/body.html, line 1: syntax error"), "{syntax}");
    let endless = refusal(
        "reminder/body.txt",
        b"{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    );
    assert!(endless.contains("runs too long"), "{endless}");
    assert!(refusal("reminder/subject.txt", b" \n").contains("nothing at all"));
    assert!(refusal("reminder/body.txt", &b"x ".repeat(50_000)).contains("64 KiB"));
    assert!(refusal("reminder/body.txt", b"\xff\xfe").contains("UTF-8"));
    assert!(refusal("remindr/body.txt", b"x").contains("no such letter"));
    assert!(refusal("es/remindr/body.txt", b"x").contains("no such letter"));
    assert!(refusal("es/reminder/body.txt", b"{{ visit_tiem }}").contains("es/reminder/body.txt, line 1"));
}

#[test]
fn a_failure_with_a_real_person_says_nothing_of_them() {
    let mut templates = Templates::embedded().unwrap();
    let source = "{{ greeting | upper(1, 2) }}{{ greeting + 1 }}".to_owned();
    templates.environment.add_template_owned("removed/body.txt", source).unwrap();
    let frame = Frame { greeting: "Zebulon".to_owned(), ..Frame::sample() };
    let context = Context::Removed(BehindTheLink { frame, ..BehindTheLink::sample() });
    let Err(error) = templates.render(&context, Language::English) else { panic!("rendered") };
    assert!(!format!("{error} {error:?}").contains("Zebulon"), "{error}");
}

proptest! {
    #[test]
    fn no_name_leaves_its_place_in_a_letter(greeting in "(?s).{0,80}") {
        let hostile = format!("{greeting}\r\nSubject: x</p><script>alert(1)</script>\" onclick='x' {{{{ link }}}}");
        let frame = Frame { greeting: hostile, ..Frame::sample() };
        let context = Context::Removed(BehindTheLink { frame, ..BehindTheLink::sample() });
        let letter = Templates::embedded().unwrap().render(&context, Language::English).unwrap();
        prop_assert!(!letter.subject.contains(['\r', '\n']));
        prop_assert!(!letter.html.contains("<script") && letter.html.contains("{{ link }}"));
        prop_assert!(!letter.html.contains("\" onclick"));
        prop_assert!(!letter.text.chars().chain(letter.html.chars()).any(|c| c.is_control() && c != '\n'));
    }
}
