//! Programs, sites, therapists and offerings: typed or brought as a file, and told in words where they cannot be taken.

use holdspace::storage::places;

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;

async fn programs(house: &House) -> Vec<(String, String)> {
    let mut db = house.store.read().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    let programs = places::programs(&mut db, institution).await.unwrap();
    let mut programs: Vec<_> = programs.into_iter().map(|one| (one.code, one.name)).collect();
    programs.sort();
    programs
}

/// The addresses to which links with a path lead.
fn links(body: &str, path: &str) -> Vec<String> {
    let before = format!("href=\"{path}");
    let parts = body.split(&before).skip(1);
    parts.map(|rest| format!("{path}{}", rest.split('"').next().unwrap_or_default())).collect()
}

#[tokio::test]
async fn a_program_is_typed_and_changed_and_a_mistake_stands_beside_its_field() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let new = "/institution/programs/new";
    let typed = |zone| {
        [
            ("code", "IM"),
            ("name", "Internal Medicine"),
            ("zone", zone),
            ("state", "CO"),
            ("coordinator_email", "office@im.example.edu"),
        ]
    };
    let refused = director.sends(new, &typed("Denver")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("id=\"zone-problem\"") && refused.body.contains("Not a time zone"));
    assert!(
        refused.body.contains("value=\"Denver\"") && refused.body.contains("value=\"Internal Medicine\"")
    );
    assert!(programs(&house).await.is_empty());
    assert_eq!(director.sends(new, &typed("America/Denver")).await.status, 303);
    let again = director.sends(new, &typed("America/Denver")).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("on file already"), "{}", again.body);
    let empty = director.sends(new, &[]).await;
    assert_eq!(empty.status, 422);

    let list = director.opens("/institution/programs").await;
    let edit = links(&list.body, "/institution/programs/").into_iter().find(|link| link != new).unwrap();
    assert!(director.opens(&edit).await.body.contains("value=\"office@im.example.edu\""));
    // A code that somebody smuggles in changes nothing: it is the page's own.
    let other = [("code", "XX"), ("name", "Medicine"), ("zone", "America/Denver"), ("state", "CO")];
    let other = [&other[..], &[("coordinator_email", "office@im.example.edu")]].concat();
    assert_eq!(director.sends(&edit, &other).await.header("location"), "/institution/programs?said=saved");
    assert_eq!(programs(&house).await, [("IM".to_owned(), "Medicine".to_owned())]);
}

#[tokio::test]
async fn a_file_is_taken_whole_or_told_line_by_line_and_not_at_all() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let path = "/institution/programs/file";
    let wrong = house.town.programs.replacen("America/Denver", "Denver", 1);
    let refused = director.brings(path, "programs.csv", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Line 2") && refused.body.contains("not a time zone"), "{}", refused.body);
    assert!(programs(&house).await.is_empty());
    let taken = director.brings(path, "programs.csv", &house.town.programs).await;
    assert_eq!(taken.header("location"), "/institution/programs?said=file&added=2&changed=0&same=0");
    let page = director.opens(taken.header("location")).await;
    assert!(page.body.contains("2 added, 0 changed"), "{}", page.body);
    assert_eq!(programs(&house).await.len(), 2);
    assert_eq!(director.brings("/institution/sites/file", "s.csv", &house.town.sites).await.status, 303);
    let therapists = director.brings("/institution/therapists/file", "t.csv", &house.town.therapists).await;
    assert!(therapists.header("location").contains("added=3"), "{therapists:?}");
    let none = director.brings(path, "", "").await;
    assert_eq!(none.status, 422);
}

#[tokio::test]
async fn a_therapist_who_is_typed_gets_a_welcome_and_their_hours_are_told() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.post_goes().await;
    let director = house.director().await;
    let new = "/institution/therapists/new";
    let typed = [
        ("first_name", "Noor"),
        ("last_name", "Haddad, LCSW"),
        ("email", "noor@counseling.example.org"),
        ("modality", "video"),
        ("modality", "in person"),
        ("sites", "Denver Main"),
        ("room", "211"),
        ("licensed_states", "CO; NM"),
        ("languages", "English; Arabic"),
    ];
    let refused = director.sends(new, &[&typed[..], &[("video_url", "video.example.org")]].concat()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("id=\"video_url-problem\""), "{}", refused.body);
    assert!(refused.body.contains("value=\"Denver Main\" checked"), "{}", refused.body);
    let url = ("video_url", "https://video.example.org/noor");
    assert_eq!(director.sends(new, &[&typed[..], &[url]].concat()).await.status, 303);
    house.post_goes().await;
    assert_eq!(house.therapist("noor@counseling.example.org").kinds(), ["therapist-welcome"]);

    let list = director.opens("/institution/therapists").await.body;
    let row = list.split("<tr>").find(|row| row.contains("Noor Haddad")).unwrap();
    for told in ["Video, In person", "CO, NM", "Denver Main", "English, Arabic", "No hours yet"] {
        assert!(row.contains(told), "{told} is not in {row}");
    }
    // Monday and Tuesday, five hours each.
    let xiong = list.split("<tr>").find(|row| row.contains("Xiong")).unwrap();
    assert!(xiong.contains("about 10.0"), "{xiong}");

    // What was saved comes back as it was typed: saving it again changes nothing.
    let edit = links(row, "/institution/therapists/").remove(0);
    let form = director.opens(&edit).await;
    assert!(form.body.contains("value=\"Haddad, LCSW\"") && form.body.contains("value=\"CO; NM\""));
    let rest = crate::harness::rest::at_rest(&db).await["therapists"].clone();
    assert_eq!(director.sends(&edit, &[&typed[..], &[url]].concat()).await.status, 303);
    assert!(crate::harness::rest::at_rest(&db).await["therapists"] == rest);
}

const OFFERING: [(&str, &str); 19] = [
    ("title", "Protected time"),
    ("from", "2027-07-05"),
    ("until", "2027-07-16"),
    ("length", "50"),
    ("buffer", "10"),
    ("notice", "24"),
    ("announce", "5"),
    ("reminders", "48"),
    ("reserve", "15"),
    ("epsilon", "1"),
    ("language", "100"),
    ("gender", "60"),
    ("modality", "40"),
    ("site", "20"),
    ("earlier", "0"),
    ("day-load", "60"),
    ("therapist-load", "120"),
    ("site-load", "0"),
    ("away-percent", "50"),
];

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    OFFERING.iter().map(|(field, usual)| (*field, if *field == name { value } else { *usual })).collect()
}

on_both_engines! {
    async fn an_offering_can_change_until_something_is_booked_by_it(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let director = house.director().await;
        let new = "/institution/offerings/new";
        for (field, value) in [("length", "5"), ("length", "long"), ("until", "2027-07-01"), ("epsilon", "2"), ("language", "1001"), ("reminders", "1,2,3,4,5"), ("title", "")] {
            let page = director.sends(new, &with(field, value)).await;
            assert_eq!(page.status, 422, "{field} {value}");
            assert!(page.body.contains(&format!("id=\"{field}-problem\"")), "{field} {value}: {}", page.body);
        }
        let made = director.sends(new, &with("title", "Wellness hour")).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let place = made.header("location").to_owned();
        let page = director.opens(&place).await;
        assert!(page.body.contains("wellness”, which tells colleagues"), "{}", page.body);
        let hash = house.desk.show_offering(None).await.unwrap().seed_hash;
        let edit = format!("{place}/edit");
        assert!(director.opens(&edit).await.body.contains("value=\"Wellness hour\""));
        assert_eq!(director.sends(&edit, &with("length", "45")).await.header("location"), place);
        let page = director.opens(&place).await;
        assert!(page.body.contains("45 minutes") && !page.body.contains("tells colleagues"), "{}", page.body);
        assert!(page.body.contains(&hash), "the hash may have been published");

        house.books().await;
        let page = director.opens(&place).await;
        assert!(page.body.contains("Booked on") && !page.body.contains(&format!("{edit}\"")), "{}", page.body);
        assert_eq!(director.opens(&edit).await.header("location"), place);
        assert_eq!(director.sends(&edit, &OFFERING).await.status, 409);
        assert!(director.opens(&place).await.body.contains("45 minutes"));
    }
}

#[tokio::test]
async fn the_first_page_says_what_comes_next() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let next = async || {
        let body = director.overview().await.body;
        let step = body.split("aria-current=\"step\"").nth(1).unwrap_or_default().to_owned();
        assert_eq!(step.split("</ol>").next().unwrap().matches("class=\"button\"").count(), 1, "{body}");
        step.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(next().await, "/institution/programs");
    let town = &house.town;
    director.brings("/institution/programs/file", "p.csv", &town.programs).await;
    assert_eq!(next().await, "/institution/therapists");
    house.imports_the_sample_files().await;
    assert_eq!(next().await, "/institution/offerings/new");
    let offering = house.opens_an_offering().await.id;
    assert_eq!(next().await, "/institution/programs");
    let mut db = house.store.write().await.unwrap();
    let institution = places::institution(&mut db).await.unwrap().unwrap();
    for program in places::programs(&mut db, institution).await.unwrap() {
        holdspace::storage::staff::set_ready(&mut db, offering, program.id, Some(house.now())).await.unwrap();
    }
    db.commit().await.unwrap();
    assert_eq!(next().await, format!("/offering/{offering}/book"));
    house.books().await;
    assert_eq!(next().await, "/institution/releases");
}
