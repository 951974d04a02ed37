//! The anonymous survey as residents meet it, what lies at rest meanwhile, and what a release tells of it. Never asks the
//! desk what a page says.

use std::collections::BTreeSet;

use holdspace::desk::admit::RosterOptions;
use holdspace::domain::booking::Entry;
use holdspace::domain::offering::Rules;
use holdspace::vault::Vault;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page, fortnight};
use crate::harness::log::CapturedLog;
use crate::harness::person::Resident;
use crate::harness::rest::at_rest;
use crate::harness::town::tables;
use crate::program::{self, COORDINATOR};

/// The small town's visits are over, and the survey is open.
const AFTER: &str = "2027-07-20T12:00:00Z";
/// The release of the small town is drawn from here on; answers are taken until a day before.
const DRAWN: &str = "2027-08-13T06:00:00Z";
/// So many residents are asked all six questions; so many, one.
const ALL_SIX: usize = 640;
const ONE: usize = 150;

async fn invited(db: &TestDatabase, people: usize) -> House {
    let house = House::on(db).await;
    house.has_invited_a_cohort_of(people, fortnight()).await;
    house
}

/// Presses the button on somebody's own page.
async fn presses(house: &House, who: &Resident<'_>) -> Page {
    house.form(&format!("{}/survey", who.link()), &[("survey", "yes")]).await
}

/// The address of the anonymous page that somebody is given.
async fn is_given_a_page(house: &House, who: &Resident<'_>) -> String {
    let page = presses(house, who).await;
    assert_eq!((page.status, page.header("referrer-policy")), (303, "no-referrer"), "{}", page.body);
    let address = page.header("location").to_owned();
    assert!(address.starts_with("/survey/") && address.ends_with("?en"), "{address}");
    address
}

fn token(address: &str) -> &str {
    address.strip_prefix("/survey/").unwrap().split('?').next().unwrap()
}

/// Which answer of each question is chosen on a page.
fn chosen(page: &Page) -> Vec<String> {
    let parts: Vec<&str> = page.body.split("\" checked>").collect();
    let before = parts[..parts.len() - 1].iter();
    before.map(|text| text.rsplit("<input ").next().unwrap().to_owned()).collect()
}

async fn opted_in_out_and_not_there(house: &House) -> [Resident<'_>; 3] {
    let people = house.town.people();
    let [one, other, third] = [0, 5, 9].map(|at| house.resident(&people[at].address));
    assert_eq!(other.opts_out(Entry::Remove).await.status, 303);
    [one, other, third]
}

on_both_engines! {
    async fn everyone_is_offered_the_same_questions_after_the_default_visit_whatever_they_did(db: TestDatabase) {
        let house = invited(&db, ALL_SIX).await;
        let all = opted_in_out_and_not_there(&house).await;
        for who in &all {
            assert!(!who.opens_link().await.body.contains("anonymous"), "nothing is asked before the visit");
            assert_eq!(presses(&house, who).await.header("location"), format!("/v/{}", who.token()));
        }
        house.it_becomes(AFTER).await;
        let offers = |page: &Page| {
            let begin = page.body.find("<h2>Six questions, anonymous").expect("the questions are offered");
            let end = page.body[begin..].find("<form").unwrap();
            page.body[begin..begin + end].to_owned()
        };
        let mut shown = BTreeSet::new();
        let mut letters = BTreeSet::new();
        for who in &all {
            let page = who.opens_link().await;
            assert!(page.body.contains("until Wednesday, August 11, 2027"), "{}", page.body);
            shown.insert(offers(&page));
            let letter = who.newest("afterwards").text;
            assert!(letter.contains("A few anonymous questions wait there, too."), "{letter}");
            letters.insert(letter.replace(&who.token(), ""). lines().skip(1).collect::<String>());
        }
        assert_eq!(shown.len(), 1, "{shown:?}");

        // From the button to the answers, changed once.
        let [ann, ..] = &all;
        let address = is_given_a_page(&house, ann).await;
        let page = house.get(&address).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        assert_eq!((page.body.matches("<fieldset>").count(), page.body.matches("type=\"radio\"").count()), (6, 36));
        assert!(!page.body.contains("textarea") && !page.body.contains("type=\"text\""));
        let person = house.town.people().remove(0);
        assert!(!page.body.contains(&person.family) && !page.body.contains("Protected time"), "it names nobody");
        for (first, second) in [("5", "4"), ("1", "0")] {
            let saved = house.form(&address, &[("again", first), ("cares", second)]).await;
            assert_eq!((saved.status, saved.header("location")), (303, format!("{address}&saved").as_str()));
            let page = house.get(saved.header("location")).await;
            assert!(page.body.contains("Your answers are handed in."), "{}", page.body);
            let chosen = chosen(&page);
            assert!(chosen[0].ends_with(&format!("name=\"again\" value=\"{first}")), "{chosen:?}");
            assert!(chosen[1].ends_with(&format!("name=\"cares\" value=\"{second}")), "{chosen:?}");
            assert_eq!(chosen.len(), 2);
        }
        // The own page says that a code was given, and gives no second one.
        let own = ann.opens_link().await.body;
        assert!(own.contains("You were given your anonymous page.") && !own.contains(token(&address)), "{own}");
        assert_eq!(presses(&house, ann).await.header("location"), format!("/v/{}", ann.token()));
        assert_eq!(house.sheets().await.iter().filter(|(_, _, sheet)| sheet.given).count(), 1);
    }

    async fn who_presses_twice_at_once_is_given_one_page(db: TestDatabase) {
        let house = invited(&db, ONE).await;
        house.it_becomes(AFTER).await;
        let ann = house.resident(&house.town.people()[0].address);
        let (one, other) = tokio::join!(presses(&house, &ann), presses(&house, &ann));
        let given = [one, other].iter().filter(|page| page.header("location").starts_with("/survey/")).count();
        assert_eq!((given, house.sheets().await.iter().filter(|(_, _, sheet)| sheet.given).count()), (1, 1));
        // And many at once are given one each.
        let people = house.town.people();
        let others: Vec<_> = people[1..9].iter().map(|person| house.resident(&person.address)).collect();
        let pages = futures(others.iter().map(|who| presses(&house, who)).collect()).await;
        let addresses: BTreeSet<_> = pages.iter().map(|page| page.header("location").to_owned()).collect();
        assert!(addresses.len() == 8 && addresses.iter().all(|it| it.starts_with("/survey/")), "{addresses:?}");
    }

    async fn nothing_at_rest_joins_a_code_to_anybody_and_two_backups_differ_in_every_row(db: TestDatabase) {
        let house = invited(&db, ONE).await;
        house.it_becomes(AFTER).await;
        let (before, codes) = (at_rest(&db).await, house.sheets().await);
        assert_eq!(codes.len(), ONE);
        let ann = house.resident(&house.town.people()[0].address);
        let address = is_given_a_page(&house, &ann).await;
        house.form(&address, &[("again", "5")]).await;
        let after = at_rest(&db).await;
        let changed: BTreeSet<&str> =
            after.iter().filter(|(name, rows)| before[*name] != **rows).map(|(name, _)| name.as_str()).collect();
        assert_eq!(changed, BTreeSet::from(["bookings", "survey_codes"]));
        for row in after["survey_codes"].iter().chain(&before["survey_codes"]) {
            let cells: Vec<&str> = row.split(' ').map(|cell| cell.split('=').next().unwrap()).collect();
            assert_eq!(cells, ["id", "offering_id", "sealed"]);
            assert_eq!(row.len(), before["survey_codes"][0].len(), "rows of two sizes");
        }
        // No identifier of a booking, a resident or a link stands in a sheet, even opened; nor does a moment.
        let sheet = house.sheets().await.into_iter().find(|(_, _, sheet)| sheet.given).unwrap().2;
        assert_eq!(serde_json::to_string(&sheet).unwrap(), "{\"given\":true,\"answers\":{\"again\":5}}");
        let opened = serde_json::to_string(&house.bookings().await).unwrap();
        assert!(codes.iter().all(|(code, _, _)| !opened.contains(code)));
        assert!(after.values().flatten().all(|row| !row.contains(token(&address))));
        // At the next fixed hour every row is sealed anew.
        house.hours_fly(8).await;
        let later: BTreeSet<_> = house.sheets().await.into_iter().map(|(_, sealed, _)| sealed).collect();
        let earlier: BTreeSet<_> = codes.into_iter().map(|(_, sealed, _)| sealed).collect();
        assert_eq!(later.intersection(&earlier).count(), 0);
    }

    async fn codes_that_open_nothing_answer_alike(db: TestDatabase) {
        let house = invited(&db, ONE).await;
        house.it_becomes(AFTER).await;
        let ann = house.resident(&house.town.people()[0].address);
        let address = is_given_a_page(&house, &ann).await;
        let (free, _, _) = house.sheets().await.into_iter().find(|(_, _, sheet)| !sheet.given).unwrap();
        let id = holdspace::domain::id::LinkId::from_bytes(*free.parse::<holdspace::domain::id::CodeId>().unwrap().as_bytes());
        let unissued = house.vault.token(id, "survey", 1).to_string();
        assert!(Vault::link_of(&unissued).is_some());
        let mut damaged = token(&address).to_owned();
        damaged.replace_range(30..31, if &damaged[30..31] == "a" { "b" } else { "a" });
        let nothing = house.get("/survey/nonsense").await;
        assert_eq!(nothing.status, 404);
        for wrong in [unissued, damaged, ann.token(), "a".repeat(52)] {
            assert_eq!(house.get(&format!("/survey/{wrong}")).await, nothing);
            assert_eq!(house.form(&format!("/survey/{wrong}"), &[("again", "5")]).await.body, nothing.body);
        }
        assert_eq!(house.get(&format!("/v/{}", token(&address))).await.body, nothing.body);
        // A day before the release it closes for everybody, and the own page says no more of it.
        house.form(&address, &[("again", "5")]).await;
        house.it_becomes("2027-08-12T05:59:00Z").await;
        assert_eq!(house.get(&address).await.status, 200);
        house.it_becomes("2027-08-12T06:00:00Z").await;
        let path = format!("/survey/{}", token(&address));
        assert_eq!(house.get(&path).await, nothing);
        assert_eq!(house.form(&path, &[("again", "1")]).await.body, nothing.body);
        assert!(!ann.opens_link().await.body.contains("anonymous"));
    }

    async fn reading_and_scanning_change_nothing(db: TestDatabase) {
        let house = invited(&db, ONE).await;
        house.it_becomes(AFTER).await;
        let ann = house.resident(&house.town.people()[0].address);
        let address = is_given_a_page(&house, &ann).await;
        let other = house.resident(&house.town.people()[1].address);
        let before = at_rest(&db).await;
        for link in [ann.link(), other.link(), address.clone(), format!("{}/survey", other.link())] {
            house.get(&link).await;
        }
        // What presses buttons without filling in a form.
        for link in [format!("{}/survey", other.link()), address.clone()] {
            assert_eq!(house.form(&link, &[]).await.status, 422);
        }
        for wrong in ["6", "-1", "yes"] {
            assert_eq!(house.form(&address, &[("again", wrong)]).await.status, 422);
        }
        assert_eq!(at_rest(&db).await, before);
    }

    async fn the_release_tells_shares_charges_everybody_and_destroys_the_answers(db: TestDatabase) {
        let house = invited(&db, ONE).await;
        program::entrust(&house, COORDINATOR, &["IM"]).await;
        house.it_becomes(AFTER).await;
        for person in house.town.people() {
            let address = is_given_a_page(&house, &house.resident(&person.address)).await;
            assert_eq!(house.form(&address, &[("again", "4")]).await.status, 303);
        }
        assert_eq!(house.it_becomes(DRAWN).await.released, 1);
        let rest = at_rest(&db).await;
        assert!(rest["survey_codes"].is_empty(), "the answers are still there");
        let lines = |name: &str| rest["ledger"].iter().filter(|row| row.contains(name)).count();
        assert_eq!((lines("survey"), lines("units")), (ONE, ONE));
        assert_eq!((lines("epsilon_millis=300"), lines("epsilon_millis=700")), (ONE, ONE));

        let release = house.desk.release(None).await.unwrap();
        let survey = release.survey.clone().expect("a survey was held");
        assert_eq!((survey.questions.len(), survey.people), (1, u32::try_from(ONE).unwrap()));
        assert_eq!((release.spent_millis(), survey.epsilon.thousandths()), (1000, 150));
        let offering = release.terms.offering.to_string();
        let director = house.director_again().await;
        let page = director.opens("/institution/releases").await.body;
        let cory = house.therapist(COORDINATOR).signs_in().await;
        let own = cory.opens("/program/IM/releases").await.body;
        for page in [&page, &own] {
            assert!(page.contains("What people said, anonymously") && page.contains("150 people were asked"), "{page}");
            assert!(page.contains("This should be offered again."), "{page}");
        }
        let csv = director.release_csv(&offering).await.body;
        let last = csv.lines().last().unwrap();
        assert!(last.contains(",survey,\"This should be offered again.\",150,") && last.contains(",0.150,"), "{csv}");
        assert_eq!(csv.lines().map(|line| line.split("\",").count()).collect::<BTreeSet<_>>().len(), 2, "{csv}");
        let own_csv = cory.opens(&format!("/program/IM/releases/{offering}/release.csv")).await.body;
        assert!(own_csv.ends_with(&format!("{last}\r\n")), "{own_csv}");
        // What was spent on her, she sees.
        let ann = house.resident(&house.town.people()[0].address).opens_link().await.body;
        assert!(ann.contains("1 of at most 1 this year"), "{ann}");
    }
}

/// All of several answers.
async fn futures(all: Vec<impl Future<Output = Page>>) -> Vec<Page> {
    futures_util::future::join_all(all).await
}

#[tokio::test]
async fn a_small_institution_asks_nobody_and_keeps_the_whole_strength_for_its_figure() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    house.it_becomes(AFTER).await;
    assert!(at_rest(&db).await["survey_codes"].is_empty());
    let ann = house.resident(&house.town.people()[0].address);
    assert!(!ann.opens_link().await.body.contains("anonymous"));
    assert!(!ann.newest("afterwards").text.contains("anonymous"));
    assert_eq!(presses(&house, &ann).await.header("location"), format!("/v/{}", ann.token()));
    house.it_becomes(DRAWN).await;
    let release = house.desk.release(None).await.unwrap();
    assert!(release.survey.is_none() && release.spent_millis() == 1000);
}

#[tokio::test]
async fn an_offering_without_a_survey_asks_nobody() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_a_cohort_of(ALL_SIX, Rules { survey: false, ..fortnight() }).await;
    house.it_becomes(AFTER).await;
    assert!(at_rest(&db).await["survey_codes"].is_empty());
    house.it_becomes(DRAWN).await;
    assert!(house.desk.release(None).await.unwrap().survey.is_none());
}

/// Where one offering uses the whole budget of the cycle, a second one has no release, and asks nobody in vain.
#[tokio::test]
async fn nobody_is_asked_what_the_budget_of_the_cycle_will_never_tell() {
    let db = TestDatabase::sqlite();
    let house = invited(&db, ALL_SIX).await;
    let august = Rules {
        from: "2027-08-16".parse().unwrap(),
        until: "2027-08-20".parse().unwrap(),
        epsilon_millis: 500,
        ..fortnight()
    };
    let second = house.opens(august).await.id.to_string();
    assert!(house.desk.book(Some(&second)).await.unwrap().booked > 0);
    assert_eq!(at_rest(&db).await["survey_codes"].len(), ALL_SIX, "the second offering made codes");
}

/// Who came after the roster froze counts in the next cycle, and is not asked in this one.
#[tokio::test]
async fn a_late_starter_is_neither_asked_nor_told_of_questions() {
    let db = TestDatabase::sqlite();
    let house = invited(&db, ONE).await;
    let late =
        format!("{}IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01\n", house.town.roster);
    house.desk.import_roster(&tables(&late), &RosterOptions::default()).await.unwrap();
    assert_eq!(house.books().await.booked, 1);
    house.hours_fly(240).await;
    house.it_becomes(AFTER).await;
    assert_eq!(house.sheets().await.len(), ONE, "a later batch makes no codes");
    let lena = house.resident("lokafor@im.example.edu");
    assert!(!lena.opens_link().await.body.contains("anonymous"));
    assert!(!lena.newest("afterwards").text.contains("anonymous"));
    assert_eq!(presses(&house, &lena).await.header("location"), format!("/v/{}", lena.token()));
}

#[tokio::test]
async fn who_chose_spanish_is_asked_in_spanish() {
    let db = TestDatabase::sqlite();
    let house = invited(&db, ONE).await;
    let ann = house.resident(&house.town.people()[0].address);
    house.form(&format!("{}/language", ann.link()), &[("language", "es")]).await;
    house.it_becomes(AFTER).await;
    assert!(ann.opens_link().await.body.contains("Una pregunta, de forma anónima"));
    let page = presses(&house, &ann).await;
    let page = house.get(page.header("location")).await.body;
    assert!(page.contains("Esto debería volver a ofrecerse.") && page.contains("lang=\"es\""), "{page}");
    assert!(ann.newest("afterwards").text.contains("preguntas an"), "{}", ann.newest("afterwards").text);
}

#[tokio::test]
async fn no_line_of_the_log_holds_a_code_or_tells_that_somebody_answers() {
    let db = TestDatabase::sqlite();
    let log = CapturedLog::everything();
    let house = invited(&db, ONE).await;
    house.it_becomes(AFTER).await;
    let ann = house.resident(&house.town.people()[0].address);
    let address = is_given_a_page(&house, &ann).await;
    house.get(&address).await;
    house.form(&address, &[("again", "5")]).await;
    house.get("/about").await;
    log.names_none_of([token(&address), "/survey"]);
    assert!(log.text().contains("holdspace::"), "the product logged nothing, so this proves nothing");
}
