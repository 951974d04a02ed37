//! Colleagues: invited by letter, and gone at once when a role is taken away.

use super::coordinator_of;
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{DIRECTOR, House};

const ROSA: &str = "rosa@gme.example.edu";
const PEOPLE: &str = "/institution/people";

on_both_engines! {
    async fn a_colleague_reads_who_asked_and_what_for_and_comes_in_by_a_link_of_their_own(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let director = house.director().await;
        let role = coordinator_of(&house, "IM").await;
        let form = [("name", "Rosa Imani"), ("address", ROSA), ("role", role.as_str())];
        let asked = director.sends(PEOPLE, &form).await;
        assert_eq!((asked.status, asked.header("location")), (303, "/institution/people?said=invited"));
        house.post_goes().await;
        let letter = house.therapist(ROSA).newest("staff-welcome");
        let text = letter.text.replace('\n', " ");
        assert!(text.contains("asked you") && text.contains("Internal Medicine"), "{text}");
        assert!(!text.contains("Nephrology"), "{text}");
        assert!(letter.links().iter().all(|link| link.ends_with("/sign-in")), "{:?}", letter.links());

        let rosa = house.therapist(ROSA).signs_in().await;
        assert_eq!(rosa.opens("/program/IM").await.status, 200);
        let [foreign, none] = [rosa.opens("/program/NEPH").await, rosa.opens("/program/NONE").await];
        assert_eq!((foreign.status, &foreign), (404, &none));

        // Asked again for the same, there is no second letter.
        let again = director.sends(PEOPLE, &form).await;
        assert_eq!(again.header("location"), "/institution/people?said=known");
        house.post_goes().await;
        assert_eq!(house.therapist(ROSA).kinds(), ["staff-welcome", "sign-in"]);
    }

    async fn whose_last_role_is_taken_away_is_out_with_the_next_page(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        let director = house.director().await;
        let role = coordinator_of(&house, "IM").await;
        director.sends(PEOPLE, &[("name", "Rosa Imani"), ("address", ROSA), ("role", &role)]).await;
        let rosa = house.therapist(ROSA).signs_in().await;
        assert_eq!(rosa.opens("/program/IM").await.status, 200);
        let page = director.opens(PEOPLE).await;
        assert!(page.body.contains("Rosa Imani") && page.body.contains("Coordinator of Internal Medicine"));
        let roles = page.values("role");
        let at = roles.iter().position(|one| *one == role).unwrap();
        let staff = page.values("staff").remove(at);
        let taken = director.sends("/institution/people/take-away", &[("staff", &staff), ("role", &role)]).await;
        assert_eq!(taken.status, 303);
        assert_eq!(rosa.opens("/program/IM").await.header("location"), "/sign-in");
        assert!(!director.opens(PEOPLE).await.body.contains("Rosa Imani"));
    }
}

#[tokio::test]
async fn somebody_who_was_asked_and_let_go_before_the_post_went_hears_nothing() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    director.sends(PEOPLE, &[("name", "Rosa Imani"), ("address", ROSA), ("role", "lead")]).await;
    let page = director.opens(PEOPLE).await;
    let at = page.values("role").iter().position(|role| role == "lead").unwrap();
    let staff = page.values("staff").remove(at);
    director.sends("/institution/people/take-away", &[("staff", &staff), ("role", "lead")]).await;
    house.post_goes().await;
    assert_eq!(house.therapist(ROSA).kinds(), Vec::<String>::new());
}

#[tokio::test]
async fn the_last_director_stays_and_is_told_why() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let staff = director.opens(PEOPLE).await.values("staff").remove(0);
    let form = [("staff", staff.as_str()), ("role", "director")];
    let refused = director.sends("/institution/people/take-away", &form).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Somebody must direct"), "{}", refused.body);
    assert_eq!(director.overview().await.status, 200);
}

#[tokio::test]
async fn what_was_typed_stays_where_it_cannot_be_taken() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let form = [("name", "Rosa <b>Imani"), ("address", "rosa at work"), ("role", "emperor")];
    let page = director.sends(PEOPLE, &form).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("value=\"Rosa &#60;b&#62;Imani\""), "{}", page.body);
    assert!(page.body.contains("value=\"rosa at work\"") && page.body.contains("id=\"address-problem\""));
    assert!(page.body.contains("id=\"role-problem\"") && !page.body.contains("id=\"name-problem\""));
}

#[tokio::test]
async fn a_director_cannot_make_themselves_the_one_who_sees_the_clinic() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    let director = house.director().await;
    let own = [("name", "Dana Director"), ("address", DIRECTOR), ("role", "lead")];
    let refused = director.sends(PEOPLE, &own).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("nobody does that and has a part in a program"), "{}", refused.body);
    assert_eq!(director.opens("/clinic").await.status, 303, "the clinic is not open to them");
    let lena = [("name", "Lena Lead"), ("address", "lena@counseling.example.org"), ("role", "lead")];
    assert_eq!(director.sends(PEOPLE, &lena).await.status, 303);
    let also = [("name", "Lena Lead"), ("address", "lena@counseling.example.org"), ("role", "director")];
    assert_eq!(director.sends(PEOPLE, &also).await.status, 409, "nor the other way round");
}
