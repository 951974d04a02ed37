//! What calendar programs are shown, and who is not let in.

use holdspace::domain::booking::Entry;
use reqwest::Method;

use super::{Program, THERAPISTS, address_of, between, captured, invited, responses, somebody_busy};
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::{House, Page};

on_both_engines! {
    async fn a_calendar_program_finds_the_visits_and_hears_what_changes(db: TestDatabase) {
        let house = invited(&db).await;
        let (_, session) = somebody_busy(&house).await;
        let agenda = session.agenda("2027-07-05").await;
        let program = Program::let_in(&house, &session, false).await;
        let known = Page::of(house.request(Method::from_bytes(b"PROPFIND").unwrap(), "/.well-known/caldav")).await;
        assert_eq!((known.status, known.header("location")), (301, "/dav/"));
        let own = program.path("");
        let root = program.finds("/dav/", "0", captured::APPLE_PRINCIPAL).await.body;
        assert!(root.contains(&format!("<d:current-user-principal><d:href>{own}</d:href>")), "{root}");
        let home = program.finds(&own, "0", captured::APPLE_HOME).await.body;
        assert_eq!(between(&home, "<c:calendar-home-set>", "</c:calendar-home-set>").matches("<d:href>").count(), 1);
        assert!(home.contains("HTTP/1.1 404 Not Found") && !home.contains('@'), "{home}");
        let calendars = program.finds(&own, "1", captured::DAVX_CALENDARS).await.body;
        for part in ["held/</d:href>", "busy/</d:href>", "<c:calendar/>", "<c:comp name=\"VEVENT\"/>", "<d:sync-collection/>"] {
            assert!(calendars.contains(part), "no {part} in {calendars}");
        }
        assert_eq!(calendars.matches("<d:unbind/>").count(), 1, "visits cannot be removed");

        let listed = program.lists("held").await;
        assert_eq!(listed.len(), agenda.len());
        let (first, word) = program.syncs("held", "").await.unwrap();
        assert!(first.iter().all(|(name, tag)| listed.get(name) == tag.as_ref()) && first.len() == listed.len());
        assert!(calendars.contains(&word), "the word of the listing is as good");
        let name = format!("{}.ics", agenda[0].seat);
        let object = program.asks("GET", &program.path(&format!("held/{name}")), &[], "").await;
        assert_eq!((object.status, object.header("etag")), (200, listed[&name].as_str()));
        let again = program.asks("GET", &program.path(&format!("held/{name}")), &[("if-none-match", &listed[&name])], "").await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));

        let hrefs = format!("<href>{}</href><href>/dav/other/held/{name}</href>", program.path(&format!("held/{name}")));
        let several = program.asks("REPORT", &program.path("held/"), &[], &captured::MULTIGET.replace("HREFS", &hrefs)).await;
        assert!(several.body.contains("BEGIN:VEVENT") && several.body.contains("404 Not Found"), "{}", several.body);
        let query = |from: &str, until: &str| captured::QUERY.replace("FROM", from).replace("UNTIL", until);
        let all = program.asks("REPORT", &program.path("held/"), &[("depth", "1")], &query("20270701T000000Z", "20270801T000000Z")).await;
        assert_eq!(responses(&all).len(), agenda.len());
        let none = program.asks("REPORT", &program.path("held/"), &[("depth", "1")], &query("20270801T000000Z", "20270901T000000Z")).await;
        assert_eq!((none.status, responses(&none).len()), (207, 0));

        let resident = house.resident(&address_of(&house, &agenda[0].name));
        assert_eq!(resident.opts_out(Entry::Keep).await.status, 303);
        let (news, later) = program.syncs("held", &word).await.unwrap();
        assert_eq!(news.into_iter().collect::<Vec<_>>(), [(name.clone(), None)]);
        assert_eq!(program.syncs("held", &later).await.unwrap().0.len(), 0);
        assert_eq!(resident.comes_back().await.status, 303);
        let (news, _) = program.syncs("held", &later).await.unwrap();
        assert!(news.len() == 1 && news[&name].is_some());
        assert_eq!(program.syncs("held", "urn:x-holdspace:sync:0000000000000000-1").await, None);
        assert_eq!(program.syncs("held", "http://elsewhere.example/1").await, None);
    }

    async fn names_are_in_a_calendar_only_where_the_therapist_wants_them(db: TestDatabase) {
        let house = invited(&db).await;
        let (_, session) = somebody_busy(&house).await;
        let name = session.agenda("2027-07-05").await[0].name.clone();
        let query = captured::QUERY.replace("FROM", "20270701T000000Z").replace("UNTIL", "20270801T000000Z");
        for names in [false, true] {
            let program = Program::let_in(&house, &session, names).await;
            let all = program.asks("REPORT", &program.path("held/"), &[("depth", "1")], &query).await.body;
            assert_eq!(all.contains(&name), names);
            assert!(names || house.town.secrets().iter().all(|secret| !all.contains(secret)));
        }
    }

    async fn whoever_is_not_let_in_learns_nothing(db: TestDatabase) {
        let house = invited(&db).await;
        let session = house.therapist(THERAPISTS[0]).signs_in().await;
        let other = house.therapist(THERAPISTS[1]).signs_in().await;
        let program = Program::let_in(&house, &session, false).await;
        let strangers = Program::let_in(&house, &other, false).await;
        assert_ne!(program.login, strangers.login);
        let theirs = program.asks("PROPFIND", &strangers.path(""), &[("depth", "1")], "").await;
        assert_eq!(theirs, program.asks("PROPFIND", "/dav/0123456789ab/", &[("depth", "1")], "").await);
        assert_eq!(theirs.status, 404);

        let ask = |login: &str, password: &str| {
            house.request(Method::GET, &program.path("")).basic_auth(login, Some(password))
        };
        let outside = Page::of(house.request(Method::GET, &program.path(""))).await;
        assert_eq!(outside.status, 401);
        assert!(outside.header("www-authenticate").starts_with("Basic "));
        let wrong = Page::of(ask(&program.login, "aaaaa-aaaaa-aaaaa-aaaaa")).await;
        let crossed = Page::of(ask(&strangers.login, &program.password)).await;
        let nobody = Page::of(ask("nobody", &program.password)).await;
        let cookie = Page::of(house.request(Method::GET, &program.path("")).header("cookie", &session.cookie)).await;
        let director = Page::of(house.request(Method::GET, &program.path("")).header("cookie", house.director_again().await.cookie())).await;
        let plain = Page::of(ask(&program.login, &program.password.replace('-', "").to_uppercase())).await;
        assert_eq!(plain.status, 200, "hyphens and capitals do not matter");
        let page = session.opens("/agenda/calendars").await;
        assert!(!page.body.contains(&program.password), "it is shown once");
        let id = page.values("password").remove(0);
        assert_eq!(other.sends("/agenda/calendars/passwords/end", &[("password", &id)]).await.status, 303);
        assert_eq!(Page::of(ask(&program.login, &program.password)).await.status, 200, "it is not theirs to end");
        assert_eq!(session.sends("/agenda/calendars/passwords/end", &[("password", &id)]).await.status, 303);
        let ended = Page::of(ask(&program.login, &program.password)).await;
        for answer in [wrong, crossed, nobody, cookie, director, ended] {
            assert_eq!(answer, outside);
        }
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused_before_it_costs_anything() {
    let db = TestDatabase::sqlite();
    let house = House::on(&db).await;
    house.imports_the_sample_files().await;
    house.post_goes().await;
    let session = house.therapist(THERAPISTS[0]).signs_in().await;
    let program = Program::let_in(&house, &session, false).await;
    let held = program.path("held/");
    let hrefs = format!("<href>{held}a.ics</href>").repeat(501);
    let deep = format!("{}{}", "<a>".repeat(1_000), "</a>".repeat(1_000));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"cc\">]><propfind xmlns=\"DAV:\"><prop><x>&b;</x></prop></propfind>";
    let long = captured::QUERY.replace("FROM", "20200101T000000Z").replace("UNTIL", "20300101T000000Z");
    let big = " ".repeat(64 * 1024 + 1);
    for (method, body, status) in [
        ("REPORT", captured::MULTIGET.replace("HREFS", &hrefs), 403),
        ("REPORT", deep.clone(), 400),
        ("PROPFIND", deep, 400),
        ("PROPFIND", bomb.to_owned(), 400),
        ("REPORT", long, 403),
        ("PUT", big, 413),
        ("MKCALENDAR", String::new(), 403),
        ("LOCK", String::new(), 403),
        ("DELETE", String::new(), 403),
    ] {
        let page = program.asks(method, &held, &[("depth", "1")], &body).await;
        assert_eq!(page.status, status, "{method} {}: {}", &body[..body.len().min(60)], page.body);
    }
    assert_eq!(program.asks("PROPFIND", &held, &[("depth", "infinity")], "").await.status, 403);
    let colour = program.asks("PROPPATCH", &held, &[], captured::APPLE_COLOUR).await;
    assert_eq!(colour.status, 207);
    assert!(
        colour.body.contains("<ic:calendar-color/>") && colour.body.contains("403 Forbidden"),
        "{}",
        colour.body
    );
    let options = program.asks("OPTIONS", &held, &[], "").await;
    assert_eq!((options.status, options.header("dav")), (200, "1, 3, calendar-access"));
}
