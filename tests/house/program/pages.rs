//! What a coordinator reads on the season's, the plan's and the coverage's page.

use holdspace::desk::admit::RosterOptions;
use holdspace::domain::offering::Rules;
use holdspace::domain::staff::Role;

use super::{COORDINATOR, OTHER, coordinator, session, words};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page, fortnight};
use crate::harness::town::{Town, tables};

#[tokio::test]
async fn the_season_always_says_what_is_next() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house
        .imports(&Town {
            roster: Town::small().roster.lines().next().unwrap().to_owned() + "\n",
            ..Town::small()
        })
        .await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let page = cory.opens("/program/IM").await;
    assert!(words(&page).contains("No season is open A director opens one."), "{}", page.body);
    house.opens_an_offering().await;
    let next = async || {
        let page = cory.opens("/program/IM").await;
        assert_eq!(page.body.matches("aria-current=\"step\"").count(), 1, "{}", page.body);
        assert!(page.body.matches("class=\"button\"").count() <= 1);
        let step = page.body.split_once("aria-current=\"step\"").unwrap().1;
        step.split_once("<h3>").unwrap().1.split(" <").next().unwrap().to_owned()
    };
    assert_eq!(next().await, "Roster");
    house.desk.import_roster(&tables(&house.town.roster), &RosterOptions::default()).await.unwrap();
    // The protected time of cohorts was there before the residents.
    assert_eq!(next().await, "Plan");
    let page = words(&cory.opens("/program/IM").await);
    assert!(page.contains("14 residents on the roster."), "{page}");
    // Five days' announcement, a day's notice and a day before that.
    assert!(page.contains("Book by Monday, June 28, 2027"), "{page}");
    assert!(page.contains("Not ready yet: Internal Medicine, Nephrology Fellowship."), "{page}");
    house.books().await;
    assert_eq!(next().await, "Invitations");
    let page = words(&cory.opens("/program/IM").await);
    assert!(page.contains("They go out on Sunday, June 6, 2027."), "{page}");
    assert!(page.contains("comes on Friday, August 13, 2027"), "{page}");
    house.clock.set("2027-06-08T12:00:00Z".parse().unwrap());
    let cory = house.therapist(COORDINATOR).signs_in().await;
    let page = cory.opens("/program/IM").await;
    assert!(words(&page).contains("Coverage next"), "{}", page.body);
}

#[tokio::test]
async fn whoever_came_after_booking_is_told_of_as_waiting_for_the_next() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let late = "IM,Okafor,Lena,lokafor@im.example.edu,1,A,Denver Main,2027-07-01\n";
    let roster = format!("{}{late}", house.town.roster);
    house.desk.import_roster(&tables(&roster), &RosterOptions::default()).await.unwrap();
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    assert!(words(&cory.opens("/program/IM").await).contains("1 resident came onto the roster since then"));
    // Of one, a count would tell where they sit.
    let plan = cory.opens("/program/IM/plan").await;
    let text = words(&plan);
    assert!(text.contains("can be given a time 1 have a time already 14 cannot be placed 0"), "{text}");
    assert!(text.contains("shown from 12 people on") && !text.contains("By therapist"), "{text}");
    assert!(!text.contains("Okafor") && !text.contains("Xiong"), "{text}");
}

#[tokio::test]
async fn a_plan_counts_by_day_and_by_therapist_and_names_only_who_is_left_out() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    // Nobody of this cohort has protected time, and this one leaves before the season.
    let more = "IM,Novak,Iva,inovak@im.example.edu,1,Z,Denver Main,2027-07-01\n\
        IM,Sato,Ren,rsato@im.example.edu,1,Z,Denver Main,2027-07-01\n";
    let roster = format!("{}{more}", house.town.roster);
    house.desk.import_roster(&tables(&roster), &RosterOptions::default()).await.unwrap();
    house.opens_an_offering().await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let page = cory.opens("/program/IM/plan").await;
    let text = words(&page);
    assert!(text.contains("can be given a time 14 cannot be placed 2 on the roster 16"), "{text}");
    assert!(text.contains(
        "No protected time from 5 July 2027 to 16 July 2027. Iva Novak, cohort Z Ren Sato, cohort Z"
    ));
    assert!(text.contains("By therapist Therapist Visits") && text.contains("Xiong"), "{text}");
    assert!(text.contains("Fingerprint of the number (SHA-256)"));
    for person in house.town.people() {
        let name = format!("{} {}", person.given, person.family);
        assert!(!text.contains(&name), "who is placed is not named: {name}");
    }
    let cells = |caption: &str| -> Vec<usize> {
        let table = page.body.split_once(&format!("<caption>{caption}</caption>")).unwrap().1;
        let table = table.split("</table>").next().unwrap();
        let cells = table.split("<td class=\"number\">").skip(1);
        cells.map(|cell| cell.split('<').next().unwrap().parse().unwrap()).collect()
    };
    for caption in ["By week", "Day by day", "By therapist"] {
        assert_eq!(cells(caption).iter().sum::<usize>(), 14, "{caption}");
    }
    let other = coordinator(&house, OTHER, &["NEPH"]).await.opens("/program/NEPH/plan").await;
    let text = words(&other);
    assert!(text.contains("can be given a time 2 ") && !text.contains("By therapist"), "{text}");
    assert!(!text.contains("Novak") && !text.contains("Xiong"), "{text}");
}

#[tokio::test]
async fn of_several_open_seasons_one_is_chosen() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    let autumn = Rules {
        title: "Autumn".to_owned(),
        from: "2027-09-06".parse().unwrap(),
        until: "2027-09-17".parse().unwrap(),
        ..fortnight()
    };
    let autumn = house.opens(autumn).await.id;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    for page in ["", "/plan", "/book"] {
        let page = cory.opens(&format!("/program/IM{page}")).await;
        assert!(words(&page).contains("Which season?"), "{}", page.body);
        assert!(page.body.contains(&format!("?season={autumn}")));
    }
    let chosen = words(&cory.opens(&format!("/program/IM?season={autumn}")).await);
    assert!(chosen.contains("Season: Autumn Monday, September 6, 2027"), "{chosen}");
    assert!(chosen.contains("Another season Protected time"), "{chosen}");
}

#[tokio::test]
async fn coverage_is_a_grid_of_weeks_and_the_files_that_the_desk_writes() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let page = cory.opens("/program/IM/coverage").await;
    let text = words(&page);
    assert!(text.contains("Week of Monday, July 5, 2027 Resident Monday July 5"), "{text}");
    assert!(text.contains("Castellanos, Thuy-Anh cohort A 13:00–17:00"), "{text}");
    assert!(page.body.contains("?week=2027-07-12"), "{text}");
    let all = words(&cory.opens("/program/IM/coverage?show=all").await);
    assert!(
        all.contains("Week of Monday, July 5, 2027") && all.contains("Week of Monday, September"),
        "{all}"
    );
    let empty = words(&cory.opens("/program/IM/coverage?week=2031-01-01").await);
    assert!(empty.contains("Nobody has protected time in this week."), "{empty}");
    let [csv, ics] = house.coverage("IM").await;
    let file = cory.opens("/program/IM/coverage/coverage.csv").await;
    assert_eq!((file.body, file.headers.iter().any(|h| h.1.contains("attachment"))), (csv, true));
    assert_eq!(cory.opens("/program/IM/coverage/coverage.ics").await.body, ics);
}

#[tokio::test]
async fn a_calendar_follows_coverage_at_an_address_that_ends_with_the_role() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    let cory = coordinator(&house, COORDINATOR, &["IM"]).await;
    let address = async || {
        let page = cory.opens("/program/IM/coverage").await.body;
        let field = page.split_once("readonly value=\"").map(|(_, rest)| rest.to_owned());
        field.map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    assert_eq!(address().await, None, "reading makes nothing");
    assert_eq!(cory.sends("/program/IM/coverage/feed", &[]).await.status, 303);
    let first = address().await.unwrap();
    let feed = house.get(&first).await;
    assert_eq!((feed.status, &feed.body), (200, &house.coverage("IM").await[1]));
    let request = house.request(reqwest::Method::GET, &first).header("if-none-match", feed.header("etag"));
    assert_eq!(Page::of(request).await.status, 304);
    cory.sends("/program/IM/coverage/feed", &[]).await;
    assert_eq!(house.get(&first).await.status, 404);
    let second = address().await.unwrap();
    assert_eq!(house.get(&second).await.status, 200);
    let mine = session(&house, &cory.cookie).await;
    let program = house.desk.program_of(&mine, "IM").await.unwrap();
    let (id, _) = mine.staff().unwrap();
    let director = session(&house, house.director_again().await.cookie()).await;
    house.desk.revoke(&director, id, Role::Coordinator(program.id)).await.unwrap();
    assert_eq!(house.get(&second).await.status, 404);
}
