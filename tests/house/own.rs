//! What residents keep for themselves behind their link: a language, wishes, another address, an entry for their own
//! calendar, and the way back from a move. Never looks at how it is stored, but that no row tells.

use holdspace::domain::booking::Entry;
use reqwest::Method;
use reqwest::header::ACCEPT_LANGUAGE;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};
use crate::harness::letter::ReadLetter;
use crate::harness::person::{Resident, kind};
use crate::harness::rest::at_rest;
use crate::harness::smtp::{ALWAYS, Deed, Received, Stage};

/// Somebody on the roster.
const ANN: &str = "tcastellanos@im.example.edu";
/// Where she would rather get her letters.
const HOME: &str = "ann@home.example.org";

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

fn at_home(house: &House) -> Vec<ReadLetter> {
    let received = house.sink.received();
    received.iter().filter(|received| received.to == [HOME]).map(Received::read).collect()
}

/// Asks for letters to come home; the letter that asks back.
async fn asks(house: &House, ann: &Resident<'_>) -> ReadLetter {
    let page = house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    house.post_goes().await;
    at_home(house).pop().expect("a letter asks back")
}

fn line(text: &str, name: &str) -> String {
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    found.unwrap_or_else(|| panic!("no {name} in {text}")).trim().to_owned()
}

on_both_engines! {
    async fn a_resident_reads_spanish_on_pages_and_in_letters_and_english_again(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let speak = format!("{}/language", ann.link());
        assert_eq!(house.form(&speak, &[("language", "es")]).await.status, 303);
        let page = ann.opens_link().await;
        assert!(page.body.contains("<html lang=\"es\">") && page.body.contains("Reservado para usted"), "{}", page.body);
        assert!(page.body.contains(" de julio de 2027"), "{}", page.body);
        for english in ["Opt out", "protected time", "Saved", " PM", "Monday", "Tuesday"] {
            assert!(!page.body.contains(english), "{english}: {}", page.body);
        }
        let refused = house.form(&format!("{}/opt-out", ann.link()), &[]).await;
        assert!(refused.status == 422 && refused.body.contains("Falta una elección"), "{}", refused.body);
        house.it_passes_until("2027-07-12T12:00:00Z").await;
        let reminder = ann.newest("reminder");
        assert!(reminder.subject.starts_with("Recordatorio: "), "{}", reminder.subject);
        assert!(reminder.text.starts_with("Hola "), "{}", reminder.text);
        assert_eq!(house.form(&speak, &[("language", "en")]).await.status, 303);
        assert!(ann.opens_link().await.body.contains("<html lang=\"en\">"));
    }

    async fn what_a_resident_wishes_for_decides_which_times_come_first_and_names_nobody(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let (link, all) = (ann.link(), ann.is_offered().await);
        let wish = |language, gender, way| [("language", language), ("gender", gender), ("way", way)];
        let times = format!("{link}/times");
        let form = house.get(&times).await.body;
        assert!(form.contains("<option value=\"Spanish\">") && !form.contains("Xiong"), "{form}");
        let asked = house.form(&format!("{link}/preferences"), &wish("", "", "video")).await;
        assert_eq!((asked.status, asked.header("location").ends_with("/times?saved")), (303, true));
        let page = house.get(&format!("{times}?saved")).await.body;
        assert!(page.contains("Your wishes are kept") && page.contains("Times that match your wishes"), "{page}");
        house.form(&format!("{link}/preferences"), &wish("Spanish", "female", "phone")).await;
        let page = house.get(&times).await.body;
        assert!(page.contains("Times that match your wishes") && !page.contains("counseling"), "{page}");
        // What nobody has is not noted.
        house.form(&format!("{link}/preferences"), &wish("Klingon", "", "")).await;
        assert!(!house.get(&times).await.body.contains("Times that match your wishes"));
        assert_eq!(ann.is_offered().await, all);
        assert_eq!(ann.moves_to(0).await.status, 303);
    }

    async fn letters_go_to_another_address_only_once_it_is_confirmed_and_come_back_when_asked(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let invitation = ann.newest("invitation");
        let question = asks(&house, &ann).await;
        assert_eq!(kind(&question), "new-address");
        // Its reader may be a stranger.
        let whole = format!("{}{}{:?}", question.subject, question.text, question.field("to"));
        for secret in ["Thuy", "Castellanos", "Protected", "2027", &ann.token()] {
            assert!(!whole.contains(secret), "{secret}: {whole}");
        }
        assert!(question.calendar.is_empty() && question.field("in-reply-to").is_empty());
        let link = question.link("/v/");
        let before = at_rest(&db).await;
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(Page::of(house.request(method, &link)).await.status, 200);
        }
        assert_eq!(house.form(&link, &[]).await.status, 422, "a scanner presses without the button's word");
        let opens = link.strip_suffix("/new-address").unwrap();
        assert_eq!(house.get(opens).await.status, 404, "the key to one button opens nothing else");
        assert_eq!(at_rest(&db).await, before);
        for _ in 0..2 {
            let done = house.form(&link, &[("address", "yes")]).await;
            assert!(done.status == 200 && done.body.contains("Done"), "{}", done.body);
        }
        assert_eq!(ann.opts_out(Entry::Remove).await.status, 303);
        house.post_goes().await;
        let removed = at_home(&house).pop().unwrap();
        assert_eq!(kind(&removed), "removed");
        assert_eq!(line(&removed.calendar[0].text, "UID"), line(&invitation.calendar[0].text, "UID"));
        assert!(removed.calendar[0].text.replace("\r\n ", "").contains(&format!("mailto:{HOME}")));
        // A new roster changes nothing of it.
        let options = holdspace::desk::admit::RosterOptions::default();
        let roster = crate::harness::town::tables(&house.town.roster);
        house.desk.import_roster(&roster, &options).await.unwrap();
        assert!(ann.opens_link().await.body.contains(HOME));
        let undo = house.form(&format!("{}/roster-address", ann.link()), &[("address", "roster")]).await;
        assert_eq!(undo.status, 303);
        assert!(!ann.opens_link().await.body.contains(HOME));
        assert_eq!(house.get(&link).await.status, 404, "what was taken back is not confirmed by an old letter");
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert_eq!(ann.kinds(), ["announcement", "invitation", "reminder", "afterwards"]);
    }

    async fn an_address_that_refuses_letters_shows_in_no_count_and_the_letter_comes_to_the_old_one(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let link = asks(&house, &ann).await.link("/v/");
        house.form(&link, &[("address", "yes")]).await;
        house.sink.fails(Stage::Recipient(HOME), Deed::Answer(550), ALWAYS);
        house.it_passes_until("2027-07-13T12:00:00Z").await;
        assert!(ann.kinds().ends_with(&["reminder".to_owned(), "afterwards".to_owned()]), "{:?}", ann.kinds());
        let page = house.director_again().await.overview().await;
        assert!(!page.body.contains("550"), "{}", page.body);
    }

    async fn a_move_is_undone_with_one_button_to_the_very_seat(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.somebody_offered().await;
        let day = |page: &Page| page.body.split("<h1 class=\"when\">").nth(1).unwrap().split("</h1>").next().unwrap().to_owned();
        let before = day(&ann.opens_link().await);
        assert_eq!(ann.moves_to(0).await.header("location"), format!("/v/{}?saved=moved", ann.token()));
        let moved = house.get(&format!("{}?saved=moved", ann.link())).await;
        assert!(moved.body.contains("/move-back\"") && day(&moved) != before, "{}", moved.body);
        assert_eq!(house.form(&format!("{}/move-back", ann.link()), &[("back", "yes")]).await.status, 303);
        assert_eq!(day(&ann.opens_link().await), before);
        house.everyone_sits_once().await;
    }

    async fn the_calendar_file_is_the_invitation_again_without_asking_anybody(db: TestDatabase) {
        let house = invited(&db).await;
        let ann = house.resident(ANN);
        let file = house.get(&format!("{}/time.ics", ann.link())).await;
        assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
        let invitation = ann.newest("invitation").calendar[0].text.clone();
        for name in ["UID", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE"] {
            assert_eq!(line(&file.body, name), line(&invitation, name), "{name}");
        }
        for word in ["METHOD", "ATTENDEE", "ORGANIZER", "LOCATION", "URL"] {
            assert!(!file.body.contains(word), "{}", file.body);
        }
        assert_eq!(ann.opts_out(Entry::Keep).await.status, 303);
        assert_eq!(house.get(&format!("{}/time.ics", ann.link())).await.status, 409);
    }
}

/// What a browser asks for is the language of who has chosen none, and of a page that opens nothing.
#[tokio::test]
async fn a_browser_that_asks_for_spanish_gets_it_everywhere_a_resident_may_come() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let link = house.resident(ANN).link();
    let times = format!("{link}/times");
    for (path, words) in [
        ("/", "Un tiempo para usted"),
        ("/about", "Qué es esto"),
        ("/nowhere", "Este enlace no abre nada"),
        ("/v/nobodys", "Este enlace no abre nada"),
        (link.as_str(), "Reservado para usted"),
        (times.as_str(), "hora"),
    ] {
        let request = house.request(Method::GET, path).header(ACCEPT_LANGUAGE, "es-MX,es;q=0.9,en;q=0.5");
        let page = Page::of(request).await;
        assert!(
            page.body.contains("<html lang=\"es\">") && page.body.contains(words),
            "{path}: {}",
            page.body
        );
        assert!(page.body.contains("tel:988") && page.body.contains("sms:988"), "{path}");
        assert!(!page.body.contains("<script"), "{path}");
        assert!(house.get(path).await.body.contains("<html lang=\"en\">"), "{path}");
    }
}

/// One round trip of a page and one of its sheet, on a telephone in a stairwell.
#[tokio::test]
async fn a_residents_page_with_its_sheet_is_light() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let ann = house.somebody_offered().await;
    let page = ann.opens_link().await.body;
    let sheet = page.split("href=\"/style.css").nth(1).unwrap().split('"').next().unwrap();
    let sheet = house.get(&format!("/style.css{sheet}")).await.body;
    let times = house.get(&format!("{}/times", ann.link())).await.body;
    println!("visit {} bytes, times {} bytes, sheet {} bytes", page.len(), times.len(), sheet.len());
    assert!(page.len() + sheet.len() < 30_000, "{} + {}", page.len(), sheet.len());
    assert!(times.len() + sheet.len() < 30_000, "{} + {}", times.len(), sheet.len());
}
