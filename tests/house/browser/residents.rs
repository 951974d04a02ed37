//! Residents on a phone of 390 points: from the link in the mail to what they want, and back.

use crate::harness::browser::Browser;
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, fortnight};

async fn invited(db: &TestDatabase) -> House {
    let house = House::on(db).await;
    house.has_invited_everybody().await;
    house
}

/// The first time that is offered, among all that can be chosen.
async fn first_time(browser: &Browser) -> String {
    browser.choices().await.into_iter().find(|choice| choice.contains('–')).expect("a time is offered")
}

/// The errand that every resident can do with and without scripts: moves in three taps, opts out, comes back.
async fn moves_opts_out_and_comes_back(house: &House, phone: &mut Browser) {
    let resident = house.somebody_offered().await;
    phone.visit(&resident.link()).await;
    phone.sees("Held for you").await;

    let before = phone.presses();
    phone.press("Choose another time").await;
    let time = first_time(phone).await;
    phone.choose(&time).await;
    phone.press("Move my visit").await;
    phone.sees("Saved. Your visit is now at the time below.").await;
    assert!(phone.presses() - before <= 3, "moved in {} taps", phone.presses() - before);
    let hours = time.split(" By ").next().unwrap().split(" In ").next().unwrap();
    phone.sees(hours).await;

    phone.choose("Keep it").await;
    phone.press("Opt out of this visit").await;
    phone.sees("You have opted out").await;
    phone.sees("The entry is still on your calendar, as protected time.").await;

    phone.choose("Yes: Come back to this time").await;
    phone.press("Come back to this time").await;
    phone.sees("Held for you").await;
    phone.sees(hours).await;
    phone.console_is_clean().await;
}

#[tokio::test]
async fn a_resident_moves_in_three_taps_opts_out_and_comes_back_on_a_phone() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let mut phone = Browser::open(&house.url()).phone().await;
    moves_opts_out_and_comes_back(&house, &mut phone).await;
}

#[tokio::test]
async fn a_resident_whose_phone_runs_no_scripts_does_the_same() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let mut phone = Browser::open(&house.url()).phone().without_scripts().await;
    moves_opts_out_and_comes_back(&house, &mut phone).await;
}

#[tokio::test]
async fn a_resident_who_has_only_a_keyboard_does_the_same() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let resident = house.somebody_offered().await;
    let mut browser = Browser::open(&house.url()).await;
    browser.visit(&resident.link()).await;
    browser.tabs_to("Choose another time").await;
    browser.enter().await;
    let time = first_time(&browser).await;
    browser.tabs_to(&time).await;
    browser.keys("Space").await;
    browser.tabs_to("Move my visit").await;
    browser.enter().await;
    browser.sees("Saved. Your visit is now at the time below.").await;

    browser.tabs_to("Keep it").await;
    browser.keys("ArrowDown").await;
    browser.tabs_to("Opt out of this visit").await;
    browser.enter().await;
    browser.sees("You have opted out").await;
    browser.does_not_see("The entry is still on your calendar").await;

    browser.tabs_to("Yes: Come back to this time").await;
    browser.keys("Space").await;
    browser.tabs_to("Come back to this time").await;
    browser.enter().await;
    browser.sees("Held for you").await;
    browser.tabs_to("Letters to you").await;
    browser.enter().await;
    browser.tabs_to("Send me no more letters").await;
    browser.keys("Space").await;
    browser.tabs_to("Save").await;
    browser.enter().await;
    browser.sees("Saved. This page shows what now holds.").await;
}

#[tokio::test]
async fn a_resident_learns_why_this_time_and_who_learns_what() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let resident = house.somebody_offered().await;
    let mut phone = Browser::open(&house.url()).phone().dark().await;
    phone.visit(&resident.link()).await;
    for (question, answer) in [
        ("Why this time?", "It lies in your protected time."),
        ("What this is", "A talk with a licensed therapist who is not part of your program."),
        ("Who learns what", "Your program never learns whether you come, move, opt out or miss a visit"),
        ("What was published about your group", "Nothing so far."),
    ] {
        phone.does_not_see(answer).await;
        phone.press(question).await;
        phone.sees(answer).await;
    }
    phone.has_no_axe_violations().await;
    let weight = phone.weight();
    assert!(weight.requests <= 2 && weight.bytes < 30_000, "a resident's page stays light: {weight:?}");
}

#[tokio::test]
async fn a_link_that_is_over_or_wrong_says_so_in_words() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let link = house.somebody_offered().await.link();
    house.clock.advance(chrono::Duration::days(400));
    let mut phone = Browser::open(&house.url()).phone().await;
    phone.visit(&link).await;
    assert_eq!(phone.status(), 404);
    let over = phone.words().await;
    phone.visit(&format!("{link}x")).await;
    assert_eq!(phone.words().await, over, "whether a link ever was one is not told");
    phone.has_no_axe_violations().await;
    phone.visit("/nowhere").await;
    assert_eq!(phone.status(), 404);
    phone.has_no_axe_violations().await;
    phone.console_is_clean().await;
}

/// The errand in Spanish: switches the language, wishes, moves, takes it back, and asks for another address.
#[tokio::test]
async fn a_resident_does_it_all_in_spanish_on_a_phone() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let resident = house.somebody_offered().await;
    let mut phone = Browser::open(&house.url()).phone().await;
    phone.visit(&resident.link()).await;
    phone.choose_from("Language", "Español").await;
    phone.press("Change").await;
    phone.sees("Reservado para usted").await;
    phone.has_no_axe_violations().await;
    phone.press("Elegir otra hora").await;
    phone.press("¿Qué preferiría?").await;
    phone.press("Mostrar las horas que los cumplen").await;
    phone.sees("Guardado.").await;
    let time = first_time(&phone).await;
    phone.choose(&time).await;
    phone.press("Mover mi visita").await;
    phone.sees("Guardado. Su visita es ahora a la hora de abajo.").await;
    phone.has_no_axe_violations().await;
    phone.fits_its_window().await;
    phone.console_is_clean().await;
}

/// From the letter's page to an answer that is changed, on a phone that runs no scripts.
#[tokio::test]
async fn a_resident_answers_anonymously_on_a_phone_without_scripts_and_changes_it() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_a_cohort_of(150, fortnight()).await;
    house.it_becomes("2027-07-20T12:00:00Z").await;
    let resident = house.resident(&house.town.people()[0].address);
    let mut phone = Browser::open(&house.url()).phone().without_scripts().await;
    phone.visit(&resident.link()).await;
    phone.sees("One question, anonymous").await;
    let before = phone.presses();
    phone.choose("Yes: Answer anonymously").await;
    phone.press("Answer anonymously").await;
    phone.sees("This should be offered again.").await;
    phone.choose("Strongly agree").await;
    phone.press("Hand in my answers").await;
    phone.sees("Your answers are handed in.").await;
    assert!(phone.presses() - before <= 4, "answered in {} taps", phone.presses() - before);
    phone.choose("I cannot say").await;
    phone.press("Hand in my answers").await;
    phone.sees("Your answers are handed in.").await;
    phone.fits_its_window().await;
    phone.visit(&resident.link()).await;
    phone.sees("You were given your anonymous page.").await;
    phone.console_is_clean().await;
}
