//! Letters as receivers judge them: signatures that two other programs verify, threads, and the one click that stops
//! reminders and nothing else. Over the whole conversation with a mail server.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use holdspace::domain::booking::Entry;
use holdspace::jobs::post::Pace;
use holdspace::mail::record::domain_key;
use holdspace::mail::signature::{Signer, Signing, SigningPair};

use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::person::kind;
use crate::harness::smtp::Received;

const ANN: &str = "tcastellanos@im.example.edu";
const BOB: &str = "pcastellanos@im.example.edu";
const DOMAIN: &str = "holdspace.example.org";
/// An invented key, for tests alone; in the form that `openssl genrsa -traditional` writes.
const RSA: &str = include_str!("harness/signatures/rsa2048.pem");

fn signer(selector: &str, pem: &str) -> Signer {
    Signer { selector: selector.to_owned(), pair: SigningPair::from_pem(pem).unwrap() }
}

fn signing() -> Signing {
    let new = SigningPair::ed25519_pem(&[42; 32]);
    let signers = vec![signer("hold2027", RSA), signer("hold2027ed", &new)];
    Signing { domain: DOMAIN.to_owned(), signers }
}

/// What a program says of every signature of the letters in a directory: by file and selector.
fn judged(by: &str, directory: &Path) -> BTreeMap<(String, String), String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness/signatures.sh");
    let done = Command::new("bash").arg(script).arg(by).arg(directory).output().unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{by}: {complaint}");
    let text = String::from_utf8(done.stdout).unwrap();
    let line = |line: &str| {
        let [file, selector, verdict] = line.split(' ').collect::<Vec<_>>().try_into().expect("three words");
        ((file.to_owned(), selector.to_owned()), verdict.to_owned())
    };
    text.lines().map(line).collect()
}

/// Puts letters into a directory, with what DNS says of the keys.
fn laid_out(letters: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let dns: BTreeMap<String, String> = signing()
        .signers
        .iter()
        .map(|signer| domain_key(signer, DOMAIN))
        .map(|record| (record.name, record.value))
        .collect();
    std::fs::write(directory.path().join("dns.json"), serde_json::to_vec(&dns).unwrap()).unwrap();
    for (name, bytes) in letters {
        std::fs::write(directory.path().join(format!("{name}.eml")), bytes).unwrap();
    }
    directory
}

/// The letters of one of each kind, by kind.
fn by_kind(house: &House) -> BTreeMap<String, Received> {
    house.sink.received().into_iter().map(|received| (kind(&received.read()), received)).collect()
}

/// A house that signs, after a season in which somebody did everything.
async fn signed_season(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    Arc::get_mut(&mut house.post.writer).unwrap().signing = Some(signing());
    // One after the other: which letter of a kind comes first must not depend on who was faster.
    house.post.pace = Pace { per_minute: None, connections: 1 };
    house.has_invited_everybody().await;
    let ann = house.somebody_offered().await;
    ann.wishes(&["confirm", "remind"]).await;
    ann.moves_to(0).await;
    house.hours_pass(1).await;
    house.resident(ann.address()).opts_out(Entry::Remove).await;
    house.it_becomes("2027-07-06T18:00:00Z").await;
    house
}

#[tokio::test]
async fn two_other_programs_verify_every_kind_of_letter_by_both_keys() {
    let db = TestDatabase::sqlite();
    let house = signed_season(&db).await;
    let letters: Vec<(String, Vec<u8>)> =
        by_kind(&house).into_iter().map(|(kind, received)| (kind, received.bytes)).collect();
    for kind in ["announcement", "invitation", "reminder", "moved", "removed", "therapist-welcome"] {
        assert!(letters.iter().any(|(name, _)| name == kind), "{kind}");
    }
    let directory = laid_out(&letters);
    for by in ["dkimpy", "mailauth"] {
        let verdicts = judged(by, directory.path());
        assert_eq!(verdicts.len(), 2 * letters.len(), "{by}: {verdicts:?}");
        assert!(verdicts.values().all(|verdict| verdict == "pass"), "{by}: {verdicts:?}");
    }
}

#[tokio::test]
async fn whatever_is_changed_or_added_on_the_way_breaks_both_signatures() {
    let db = TestDatabase::sqlite();
    let house = signed_season(&db).await;
    let text = String::from_utf8(by_kind(&house)["reminder"].bytes.clone()).unwrap();
    let added = |line: &str| text.replacen("From: ", &format!("{line}\r\nFrom: "), 1);
    let (_, url) = text.split_once("\r\nList-Unsubscribe: <").unwrap();
    let url = url.split('>').next().unwrap();
    let changed = [
        // As it came: a judge that refuses everything proves nothing.
        ("sound", text.clone()),
        ("body", text.replace("everyone", "someone!")),
        ("button", text.replace(url, "https://elsewhere.example.org/")),
        ("one-click", text.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "")),
        ("second-from", added("From: evil@example.com")),
        ("second-subject", added("Subject: Something else")),
        ("reply-to", added("Reply-To: evil@example.com")),
        ("cc", added("Cc: evil@example.com")),
    ];
    assert!(changed.iter().skip(1).all(|(_, changed)| *changed != text));
    let letters: Vec<(String, Vec<u8>)> =
        changed.into_iter().map(|(name, changed)| (name.to_owned(), changed.into_bytes())).collect();
    let directory = laid_out(&letters);
    for by in ["dkimpy", "mailauth"] {
        let verdicts = judged(by, directory.path());
        assert_eq!(verdicts.len(), 2 * letters.len(), "{by}: {verdicts:?}");
        let right = |file: &str, verdict: &str| (verdict == "pass") == (file == "sound.eml");
        assert!(verdicts.iter().all(|((file, _), verdict)| right(file, verdict)), "{by}: {verdicts:?}");
    }
}

/// The headers of a letter, without whose it is and when.
fn head(received: &Received) -> String {
    let text = String::from_utf8(received.bytes.clone()).unwrap().replace("\r\n", "\n");
    text.split("\n\n").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_headers_of_a_signed_reminder() {
    let db = TestDatabase::sqlite();
    let house = signed_season(&db).await;
    insta::assert_snapshot!(head(&by_kind(&house)["reminder"]));
}

on_both_engines! {
    async fn a_letter_that_goes_twice_is_signed_to_the_same_bytes(db: TestDatabase) {
        use crate::harness::smtp::{Deed, Stage, Times};
        let mut house = House::on(&db).await;
        Arc::get_mut(&mut house.post.writer).unwrap().signing = Some(signing());
        house.has_invited_everybody().await;
        let ann = house.somebody_offered().await;
        ann.moves_to(0).await;
        house.sink.fails(Stage::Dot, Deed::Drop, Times(1));
        house.post_goes().await;
        house.hours_pass(1).await;
        let mail = ann.mail();
        let [.., one, other] = mail.as_slice() else { panic!("{} letters", mail.len()) };
        assert_eq!((kind(&one.read()), one), ("moved".to_owned(), other));
        assert!(head(one).contains("DKIM-Signature: v=1; a=ed25519-sha256; s=hold2027ed;"));
    }

    /// The announcement is the root, the invitation follows it, and everything else follows both, whatever was done.
    async fn letters_of_a_booking_are_one_thread_that_tells_nothing(db: TestDatabase) {
        let mut house = House::on(&db).await;
        // One after the other, so that they come in the order in which they are due.
        house.post.pace = Pace { per_minute: None, connections: 1 };
        house.has_invited_everybody().await;
        let ann = house.somebody_offered().await;
        ann.moves_to(0).await;
        house.hours_pass(1).await;
        ann.opts_out(Entry::Remove).await;
        house.it_becomes("2027-07-12T12:00:00Z").await;
        let other = if ann.address() == ANN { BOB } else { ANN };
        let mut forms = Vec::new();
        for who in [ann.address(), other] {
            let mail: Vec<_> = house.resident(who).mail().iter().map(Received::read).collect();
            let field = |at: usize, name: &str| mail[at].field(name).first().map(|it| (*it).to_owned());
            let (root, invitation) = (field(0, "message-id").unwrap(), field(1, "message-id").unwrap());
            assert_eq!((field(0, "references"), field(0, "in-reply-to")), (None, None));
            assert_eq!((field(1, "references"), field(1, "in-reply-to")), (Some(root.clone()), Some(root.clone())));
            for (at, letter) in mail.iter().enumerate().skip(2) {
                assert_eq!(field(at, "references"), Some(format!("{root} {invitation}")), "{}", kind(letter));
                assert_eq!(field(at, "in-reply-to").as_ref(), Some(&invitation));
            }
            // What everyone gets bears one form, whatever happened: only the booking's own 128 bits differ.
            let uid = root.trim_start_matches('<').split('.').next().unwrap().to_owned();
            let everyones = ["announcement", "invitation", "reminder", "afterwards"];
            let ids = mail.iter().filter(|letter| everyones.contains(&kind(letter).as_str()));
            forms.push(ids.map(|letter| letter.field("message-id")[0].replace(&uid, "UID")).collect::<Vec<_>>());
        }
        assert_eq!(forms[0], forms[1]);
    }

    async fn no_letter_makes_an_absent_person_answer_it(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        house.it_becomes("2027-07-12T12:00:00Z").await;
        for received in house.sink.received() {
            let letter = received.read();
            assert_eq!(letter.field("auto-submitted"), ["auto-generated"]);
            assert_eq!(letter.field("x-auto-response-suppress"), ["OOF, AutoReply"]);
        }
    }

    async fn only_reminders_bear_the_button_and_each_on_one_line(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        house.it_becomes("2027-07-12T12:00:00Z").await;
        let mut reminders = 0;
        for received in house.sink.received() {
            let (head, kind) = (head(&received), kind(&received.read()));
            if kind != "reminder" {
                assert!(!head.contains("List-Unsubscribe"), "{kind}");
                continue;
            }
            reminders += 1;
            let line = head.lines().find(|line| line.starts_with("List-Unsubscribe: ")).unwrap();
            assert!(line.starts_with("List-Unsubscribe: <https://") && line.ends_with("/reminders>"), "{line}");
            assert!(head.lines().any(|line| line == "List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        }
        assert!(reminders > 0);
    }

    /// A mail program presses "unsubscribe", in either form, from another site and without a cookie.
    async fn one_click_stops_reminders_and_never_care(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        house.it_becomes("2027-07-05T18:00:00Z").await;
        let early = by_kind(&house)["reminder"].to[0].clone();
        let ann = house.resident(&early);
        let url = unsubscribe(ann.newest("reminder").field("list-unsubscribe")[0]);
        let before = ann.mail().len();
        // A scanner looks, and nothing changes.
        for _ in 0..2 {
            let looked = house.get(&url).await;
            assert_eq!(looked.status, 200);
            assert!(looked.body.contains("Stop reminders?"), "{}", looked.body);
            assert!(!looked.body.contains("July"), "nothing of a visit");
        }
        let pressed = Form::Multipart.presses(&house, &url).await;
        assert_eq!(pressed.0, 200, "no redirect");
        assert!(pressed.1.contains("Reminders are off."), "{}", pressed.1);
        assert_eq!(Form::Coded.presses(&house, &url).await.0, 200, "twice says what holds");
        // A bare press of something that reads no form says nothing.
        assert_eq!(house.form(&url, &[]).await.status, 422);
        house.it_becomes("2027-07-20T12:00:00Z").await;
        let later: Vec<String> = ann.kinds().split_off(before);
        assert!(!later.contains(&"reminder".to_owned()), "{later:?}");
        assert!(later.contains(&"afterwards".to_owned()), "other letters come: {later:?}");
        // The link opens reminders and nothing else.
        let token = url.rsplit('/').nth(1).unwrap();
        assert_eq!(house.get(&format!("/v/{token}")).await.status, 404);
        house.everyone_sits_once().await;
    }

    async fn whose_reminders_are_off_reads_it_on_their_page_and_switches_back(db: TestDatabase) {
        let house = House::on(&db).await;
        house.has_invited_everybody().await;
        let ann = house.resident(ANN);
        let reminders = format!("{}/reminders", ann.link());
        assert!(house.get(&ann.link()).await.body.contains("Stop reminders</button>"));
        assert_eq!(house.form(&reminders, &[("reminders", "off")]).await.status, 303);
        let page = house.get(&ann.link()).await;
        assert!(page.body.contains("Reminders are off.") && page.body.contains("your mail server"));
        // Saving the other wishes does not send them again.
        assert_eq!(ann.wishes(&["confirm", "remind"]).await.status, 303);
        assert!(house.get(&ann.link()).await.body.contains("Reminders are off."));
        assert_eq!(house.form(&reminders, &[("reminders", "on")]).await.status, 303);
        assert!(!house.get(&ann.link()).await.body.contains("Reminders are off."));
        house.it_passes_until("2027-07-12T12:00:00Z").await;
        assert!(ann.kinds().contains(&"reminder".to_owned()));
    }
}

/// How a mail program sends its one field (RFC 8058, section 3.2).
enum Form {
    Multipart,
    Coded,
}

impl Form {
    async fn presses(self, house: &House, url: &str) -> (u16, String) {
        let request = house.request(reqwest::Method::POST, url).header("origin", "https://mail.example.com");
        let request = match self {
            Self::Coded => request.form(&[("List-Unsubscribe", "One-Click")]),
            Self::Multipart => request.header("content-type", "multipart/form-data; boundary=b").body(
                "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
            ),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.headers().get("set-cookie").is_none());
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

fn unsubscribe(header: &str) -> String {
    header.trim_start_matches('<').trim_end_matches('>').to_owned()
}
