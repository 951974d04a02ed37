//! Telling words in the titles of pages behind a link, in the names of files, and in calendars that are followed. Never of
//! letters.

use holdspace::domain::booking::Entry;
use reqwest::Method;
use reqwest::header::ACCEPT_LANGUAGE;

use super::telling::{purpose, tells};
use crate::harness::engines::TestDatabase;
use crate::harness::house::{House, Page};

fn title(page: &Page) -> String {
    let from = page.body.split_once("<title>").map_or("", |(_, rest)| rest);
    from.split("</title>").next().unwrap_or_default().to_owned()
}

/// What a browser's tab, history and list of downloads show to whoever walks by.
#[tokio::test]
async fn no_page_behind_a_link_tells_in_its_title_or_in_the_name_of_a_file() {
    let db = TestDatabase::sqlite_in_memory();
    let house = House::on(&db).await;
    house.has_invited_everybody().await;
    let ann = house.somebody_offered().await;
    for stage in 0..3 {
        match stage {
            1 => assert_eq!(ann.moves_to(0).await.status, 303),
            2 => assert_eq!(ann.opts_out(Entry::Remove).await.status, 303),
            _ => {}
        }
        let link = ann.link();
        let last = [
            "",
            "?saved=moved",
            "?saved=out",
            "/times",
            "/reminders",
            "/answer",
            "/time.ics",
            "/new-address",
        ];
        let paths = last.iter().map(|last| format!("{link}{last}"));
        for path in paths.chain(["/", "/about", "/v/nobodys", "/survey/nobodys"].map(str::to_owned)) {
            for language in ["en", "es"] {
                let request = house.request(Method::GET, &path).header(ACCEPT_LANGUAGE, language);
                let page = Page::of(request).await;
                let title = title(&page);
                assert_eq!(tells(&title), None, "the title of {path} in {language}: {title}");
                let name = page.header("content-disposition");
                assert_eq!(tells(name.trim_start_matches("attachment")), None, "the name of {path}: {name}");
                if page.header("content-type").starts_with("text/calendar") {
                    let said = |line: &&str| line.starts_with("STATUS") || line.starts_with("CLASS");
                    for line in page.body.lines().filter(|line| !said(line)) {
                        assert_eq!(tells(line), None, "{path}: {line}");
                    }
                }
            }
        }
    }
    let address = "mxiong@counseling.example.org";
    let feed = house.therapist(address).feed().await;
    let named = feed.body.lines().filter(|line| line.contains("NAME") || line.starts_with("SUMMARY"));
    for line in named {
        assert_eq!(purpose(line), None, "the feed of a therapist: {line}");
    }
    for program in ["IM", "NEPH"] {
        for line in house.coverage(program).await[1].lines().filter(|line| line.starts_with("SUMMARY")) {
            assert_eq!(tells(line), None, "the coverage of {program}: {line}");
        }
    }
}
