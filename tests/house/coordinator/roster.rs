//! A coordinator keeps the roster: uploads it, looks through it, saves what was shown, and corrects one person.

use std::path::Path;

use holdspace::desk::session::{Session, Who};
use holdspace::domain::id::StaffId;
use holdspace::domain::staff::{Grants, Role};
use reqwest::StatusCode;

use crate::harness::engines::TestDatabase;
use crate::links::season::{Page, Season};

const COORDINATOR: &str = "coordinator@im.example.edu";
const HEAD: &str = "program,last_name,first_name,email,pgy,cohort,site,start_date\r\n";

/// A booked season with a coordinator of one program, signed in.
struct Office {
    season: Season,
    cookie: String,
}

fn director() -> Session {
    let grants: Grants = [Role::Director].into_iter().collect();
    Session { who: Who::Staff(StaffId::from_bytes([9; 16]), grants) }
}

impl Office {
    async fn of(code: &str, address: &str) -> Self {
        let season = Season::open(TestDatabase::sqlite()).await;
        let program = season.desk.program_of(&director(), code).await.unwrap();
        let (address, role) = (address.parse().unwrap(), Role::Coordinator(program.id));
        season.desk.grant(&director(), "Cory Coordinator", &address, role).await.unwrap();
        let cookie = season.signs_in(address.reveal()).await;
        Self { season, cookie }
    }

    async fn open() -> Self {
        Self::of("IM", COORDINATOR).await
    }

    async fn get(&self, path: &str) -> Page {
        self.season.get_as(&self.cookie, path).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.season.post_as(&self.cookie, path, fields).await
    }

    async fn uploads(&self, path: &str, name: &str, file: &[u8]) -> Page {
        let mut body =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = self.season.client.post(format!("{}{path}", self.season.url)).body(body);
        let request = request.header("content-type", "multipart/form-data; boundary=b");
        let request = request.header("sec-fetch-site", "same-origin").header("cookie", &self.cookie);
        self.season.send(request).await
    }

    /// Uploads a file; the address of the page on which it is looked through.
    async fn brings(&self, file: &[u8]) -> String {
        let page = self.uploads("/program/IM/roster/import", "our list.csv", file).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        page.header("location").to_owned()
    }

    /// Saves what a page showed, with what else the form says.
    async fn saves(&self, at: &str, page: &Page, more: &[(&str, &str)]) -> Page {
        let shown = value(&page.text, "shown");
        let mut fields = vec![("shown", shown.as_str())];
        fields.extend(more);
        self.post(&format!("{at}/apply"), &fields).await
    }

    async fn roster(&self) -> String {
        self.get("/program/IM/roster/export.csv").await.text.trim_start_matches('\u{feff}').to_owned()
    }

    /// The address of somebody's page.
    async fn person(&self, name: &str) -> String {
        let page = self.get(&format!("/program/IM/roster?q={name}")).await;
        let rest = page.text.split("<th scope=\"row\"><a href=\"").nth(1).expect("somebody of this name");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The value of a hidden or written field.
fn value(text: &str, name: &str) -> String {
    let rest = text.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("{name}: {text}"));
    rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Every field of a person's form as it stands.
fn form(text: &str) -> Vec<(String, String)> {
    let mut fields = vec![("seen".to_owned(), value(text, "seen"))];
    for name in ["family", "given", "email", "cohort", "starts_on", "ends_on", "language", "therapist_gender"]
    {
        fields.push((name.to_owned(), value(text, name)));
    }
    for name in ["pgy", "site", "modality"] {
        let list = text.split(&format!("name=\"{name}\"")).nth(1).unwrap().split("</select>").next().unwrap();
        let chosen = list.split("<option value=\"").find(|option| option.contains(" selected"));
        fields.push((name.to_owned(), chosen.unwrap().split('"').next().unwrap().to_owned()));
    }
    fields
}

fn with<'f>(fields: &'f [(String, String)], name: &str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    let changed = |(field, old): &'f (String, String)| {
        (field.as_str(), if field == name { value } else { old.as_str() })
    };
    fields.iter().map(changed).collect()
}

fn people(csv: &str) -> usize {
    csv.lines().count() - 1
}

#[tokio::test]
async fn a_roster_that_was_downloaded_changes_nothing_when_it_comes_back() {
    let office = Office::open().await;
    let before = office.roster().await;
    assert!(people(&before) > 20, "{before}");
    let at = office.brings(before.as_bytes()).await;
    let page = office.get(&at).await;
    assert!(
        page.text.contains("There is nothing to save: the roster is as the file has it"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Lines that are not taken") && !page.text.contains("look at these"));
    office.saves(&at, &page, &[]).await;
    assert_eq!(office.roster().await, before);
}

#[tokio::test]
async fn a_file_is_saved_as_it_was_shown_and_only_once() {
    let office = Office::open().await;
    let before = office.roster().await;
    let file = format!(
        "{HEAD}IM,Newcomer,Nia,nia@im.example.edu,2,A,Denver VA,2027-07-01\r\n\
        IM,Castellanos,Thuy-Anh,tcastellanos@im.example.edu,3,A,Denver VA,2027-07-01\r\n\
        IM,Nobody,Ned,no address,1,A,,\r\n"
    );
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&at).await;
    for words in [
        "Newcomer, Nia",
        "Castellanos, Thuy-Anh",
        "<td>PGY</td><td>1</td><td>3</td>",
        "not an e-mail address",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(office.roster().await, before, "looking changes nothing");
    let saved = office.saves(&at, &page, &[]).await;
    assert_eq!(saved.header("location"), "/program/IM/roster?added=1&changed=1&gone=0");
    let after = office.roster().await;
    assert_eq!(people(&after), people(&before) + 1);
    assert!(after.contains("Castellanos,Thuy-Anh,tcastellanos@im.example.edu,3,"), "{after}");
    assert_eq!(office.saves(&at, &page, &[]).await.status, StatusCode::NOT_FOUND, "it was taken");
    assert_eq!(office.roster().await, after);
}

#[tokio::test]
async fn what_changed_since_it_was_shown_is_shown_again_and_not_saved() {
    let office = Office::open().await;
    let file =
        format!("{HEAD}IM,Castellanos,Thuy-Anh,tcastellanos@im.example.edu,3,A,Denver VA,2027-07-01\r\n");
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&at).await;
    let person = office.person("tcastellanos").await;
    let fields = form(&office.get(&person).await.text);
    let saved = office.post(&person, &with(&fields, "pgy", "2")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let before = office.roster().await;
    let refused = office.saves(&at, &page, &[]).await;
    let again = office.get(refused.header("location")).await;
    assert!(again.text.contains("Something changed since you looked"), "{}", again.text);
    assert!(again.text.contains("<td>PGY</td><td>2</td><td>3</td>"));
    assert_eq!(office.roster().await, before);
    assert!(office.saves(&at, &again, &[]).await.header("location").contains("changed=1"));
}

#[tokio::test]
async fn nobody_of_another_program_is_touched_whatever_the_file_says() {
    let office = Office::open().await;
    let desk = &office.season.desk;
    let elsewhere = desk.program_of(&director(), "PEDS").await.unwrap();
    let before = desk.roster_csv(&director(), &elsewhere).await.unwrap();
    let theirs = before.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
    let file = format!("{HEAD}PEDS,Other,Olga,olga@peds.example.edu,1,A,,\r\nIM,Mine,Now,{theirs},1,A,,\r\n");
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&at).await;
    assert!(page.text.contains("this line names another program"), "{}", page.text);
    assert!(page.text.contains("this address is on the roster of another program"));
    let own = office.roster().await;
    office.saves(&at, &page, &[]).await;
    assert_eq!(desk.roster_csv(&director(), &elsewhere).await.unwrap(), before);
    assert_eq!(office.roster().await, own);
}

#[tokio::test]
async fn the_same_name_with_another_address_is_asked_about() {
    let office = Office::open().await;
    let before = office.roster().await;
    let file = format!("{HEAD}IM,Castellanos,Thuy-Anh,thuy@im.example.edu,1,A,Denver VA,2027-07-01\r\n");
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&at).await;
    assert!(
        page.text
            .contains("On the roster with tcastellanos@im.example.edu; in the file with thuy@im.example.edu")
    );
    office.saves(&at, &page, &[]).await;
    assert_eq!(office.roster().await, before, "no answer, no change");
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&format!("{at}?a2=same")).await;
    assert!(
        page.text.contains("<td>tcastellanos@im.example.edu</td><td>thuy@im.example.edu</td>"),
        "{}",
        page.text
    );
    office.saves(&at, &page, &[("a2", "same")]).await;
    assert_eq!(office.roster().await, before.replace("tcastellanos@", "thuy@"));
}

#[tokio::test]
async fn who_is_missing_leaves_only_where_the_file_is_said_to_be_the_whole_roster() {
    let office = Office::open().await;
    let before = office.roster().await;
    let mut lines: Vec<&str> = before.lines().collect();
    let gone = lines.remove(1).split(',').nth(3).unwrap();
    let at = office.brings(lines.join("\r\n").as_bytes()).await;
    let page = office.get(&at).await;
    assert!(page.text.contains("People who are not in the file, and stay (1)"), "{}", page.text);
    let unseen = office.saves(&at, &page, &[("whole", "1")]).await;
    assert!(unseen.header("location").contains("again=1"), "nobody leaves unseen");
    assert_eq!(office.roster().await, before);
    let page = office.get(&format!("{at}?whole=1")).await;
    assert!(page.text.contains("People who leave the roster"));
    let saved = office.saves(&at, &page, &[("whole", "1")]).await;
    assert!(saved.header("location").ends_with("gone=1"));
    assert!(!office.roster().await.contains(gone));
    let left = office.get("/program/IM/roster?left=1").await;
    assert!(left.text.contains(gone), "who left is found again");
}

#[tokio::test]
async fn columns_are_given_another_meaning_and_births_are_never_shown() {
    let office = Office::open().await;
    let file = "Who,Box,DOB,Our group\r\n\"Nova, Nell\",nell@im.example.edu,1/2/1999,C\r\n";
    let at = office.brings(file.as_bytes()).await;
    let page = office.get(&at).await;
    assert!(page.text.contains("no row of headings was found"), "{}", page.text);
    assert!(!page.text.contains("1/2/1999"));
    let columns = "columns_line=1&line=1&c0=name&c1=email&c3=cohort";
    let page = office.get(&format!("{at}?{columns}")).await;
    assert!(page.text.contains("Nova, Nell"), "{}", page.text);
    let fields = [("columns_line", "1"), ("line", "1"), ("c0", "name"), ("c1", "email"), ("c3", "cohort")];
    office.saves(&at, &page, &fields).await;
    assert!(office.roster().await.contains("IM,Nova,Nell,nell@im.example.edu,,C,"));
}

#[tokio::test]
async fn the_file_as_it_is_kept_in_excel_is_looked_through() {
    let office = Office::open().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/roster_as_kept_in_excel.xlsx");
    let page = office.uploads("/program/IM/roster/import", "r.xlsx", &std::fs::read(path).unwrap()).await;
    let page = office.get(page.header("location")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Look through the file") && page.text.contains("What the columns hold"));
    for nonsense in [&b""[..], b"%PDF-1.7", b"PK\x03\x04broken"] {
        let page = office.uploads("/program/IM/roster/import", "r.xlsx", nonsense).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("This file cannot be read"), "{}", page.text);
    }
}

#[tokio::test]
async fn one_person_is_added_corrected_taken_off_and_put_back() {
    let office = Office::open().await;
    let typed =
        [("family", "Late"), ("given", "Lou"), ("email", "lou"), ("starts_on", "soon"), ("cohort", "B")];
    let page = office.post("/program/IM/roster/person", &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Not an e-mail address") && page.text.contains("Not a date"), "{}", page.text);
    assert_eq!((value(&page.text, "family"), value(&page.text, "email")), ("Late".into(), "lou".into()));

    let typed = [("family", "Late"), ("given", "Lou"), ("email", "lou@im.example.edu"), ("cohort", "B")];
    assert_eq!(office.post("/program/IM/roster/person", &typed).await.status, StatusCode::SEE_OTHER);
    assert!(office.roster().await.contains("IM,Late,Lou,lou@im.example.edu,,B,"));
    let twice = office.post("/program/IM/roster/person", &typed).await;
    assert!(twice.text.contains("Somebody else on this roster has this address"));

    let person = office.person("lou").await;
    let fields = form(&office.get(&person).await.text);
    assert_eq!(
        office.post(&person, &with(&fields, "ends_on", "2027-08-01")).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(office.roster().await.contains("lou@im.example.edu,,B,,,2027-08-01,"));
    let late = office.post(&person, &with(&fields, "cohort", "C")).await;
    assert!(late.text.contains("Somebody else changed this person meanwhile"), "{}", late.text);
    assert!(late.text.contains("On the roster now: B"));

    office.post(&format!("{person}/off"), &[]).await;
    assert!(!office.roster().await.contains("lou@"));
    office.post(&format!("{person}/back"), &[]).await;
    assert!(office.roster().await.contains("lou@"));
}

#[tokio::test]
async fn a_stranger_finds_nothing_of_a_roster() {
    let office = Office::open().await;
    let person = office.person("tcastellanos").await;
    let at = office.brings(office.roster().await.as_bytes()).await;
    let foreign = Office { cookie: String::new(), season: office.season };
    let program = foreign.season.desk.program_of(&director(), "PEDS").await.unwrap();
    let address = "coordinator@peds.example.edu".parse().unwrap();
    let role = Role::Coordinator(program.id);
    foreign.season.desk.grant(&director(), "Pat Peds", &address, role).await.unwrap();
    let cookie = foreign.season.signs_in("coordinator@peds.example.edu").await;
    let foreign = Office { cookie, ..foreign };
    let moved = |path: &str| path.replace("/IM/", "/PEDS/");
    for path in
        ["/program/IM/roster", "/program/IM/roster/export.csv", "/program/IM/roster/import", &person, &at]
    {
        let theirs = foreign.get(path).await;
        let nobodys = foreign.get(&path.replace("/IM/", "/NOSUCH/")).await;
        assert_eq!((theirs.status, &theirs.text), (StatusCode::NOT_FOUND, &nobodys.text), "{path}");
        let nobody = foreign.season.get_as("", path).await;
        assert_eq!(nobody.header("location"), "/sign-in", "{path}");
    }
    assert_eq!(foreign.get(&moved(&person)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.get(&moved(&at)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.post(&format!("{}/off", moved(&person)), &[]).await.status, StatusCode::NOT_FOUND);
}
