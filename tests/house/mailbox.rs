//! Letters that come back into a real mailbox, or to `holdspace receive`: whose address is given up, where letters go then,
//! and what of it shows to whom.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use holdspace::desk::roster::Asked;
use holdspace::desk::roster_person::Saved;
use holdspace::desk::session::{Session, Who};
use holdspace::domain::id::StaffId;
use holdspace::domain::roster::Column;
use holdspace::domain::staff::{Grants, Role};
use holdspace::entropy::SeededEntropy;
use holdspace::jobs::mailbox::{Interruption, Looked, MailRoom};
use holdspace::mail::mailbox::{Mailbox, Trouble};
use holdspace::vault::MasterKey;

use crate::harness::dovecot::Dovecot;
use crate::harness::engines::{TestDatabase, on_both_engines};
use crate::harness::house::House;
use crate::harness::person::{Resident, kind};
use crate::harness::rest::at_rest;
use crate::harness::smtp::Received;

const ANN: &str = "tcastellanos@im.example.edu";
/// Where she would rather get her letters.
const HOME: &str = "ann@home.example.org";
/// Where letters come back to, and whose mailbox that is.
const BOUNCES: &str = "bounces@in.hospital.example";

/// A house whose announcements are out, and whose letters come back to a mailbox.
async fn announced(db: &TestDatabase) -> House {
    let mut house = House::on(db).await;
    house.post.bounces = Some(BOUNCES.parse().unwrap());
    house.imports_the_sample_files().await;
    house.opens_an_offering().await;
    house.books().await;
    house.post_goes().await;
    house
}

/// The same once the invitations are out.
async fn invited(db: &TestDatabase) -> House {
    let house = announced(db).await;
    house.sleeps(5).await;
    house
}

fn room(house: &House, url: &str) -> MailRoom {
    let mailbox = Mailbox::new(url.parse().unwrap(), Duration::from_secs(10)).unwrap();
    MailRoom { desk: house.desk.clone(), mailbox, trusted: None }
}

/// What a mail server reports of a letter.
fn report(to: &str, action: &str, status: &str) -> String {
    let text = format!(
        "From: MAILER-DAEMON@relay.hospital.example\nTo: {to}\nMessage-ID: <{action}.{status}@relay.example>\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nIt did not work.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.hospital.example\n\n\
         Final-Recipient: rfc822; somebody@example.edu\nAction: {action}\nStatus: {status}\n\n--b--\n"
    );
    text.replace('\n', "\r\n")
}

/// The newest letter of a kind to an address, as the mail server got it.
fn newest(house: &House, to: &str, wanted: &str) -> Received {
    let received = house.sink.received();
    let mut found = received.into_iter().filter(|one| one.to == [to] && kind(&one.read()) == wanted);
    found.next_back().unwrap_or_else(|| panic!("no {wanted} to {to}"))
}

async fn director_reads(house: &House) -> String {
    house.director_again().await.opens("/institution/mail").await.body
}

/// Has her letters come home, and confirms it.
async fn moves_home(house: &House, ann: &Resident<'_>) {
    house.form(&format!("{}/address", ann.link()), &[("address", HOME)]).await;
    house.post_goes().await;
    let link = newest(house, HOME, "new-address").read().link("/v/");
    assert_eq!(house.form(&link, &[("address", "yes")]).await.status, 200);
}

/// Gives her another address, as whoever keeps the roster does.
async fn is_mended(house: &House, from: &str, to: &str) {
    let grants: Grants = [Role::Director].into_iter().collect();
    let session = Session { who: Who::Staff(StaffId::from_bytes([9; 16]), grants) };
    let program = house.desk.program_of(&session, "IM").await.unwrap();
    let asked = Asked { search: from.to_owned(), ..Asked::default() };
    let id = house.desk.roster(&session, &program, &asked).await.unwrap().people[0].known.id;
    let person = house.desk.on_roster(&session, &program, id).await.unwrap();
    let mut typed = person.known.written();
    typed.insert(Column::Email, to.to_owned());
    let saved = house.desk.save_person(&session, &program, id, &typed, &person.seen).await.unwrap();
    assert!(matches!(saved, Saved::Done(_)));
}

on_both_engines! {
    async fn a_later_letter_that_comes_back_shows_on_the_residents_own_page_and_leads_nobody_else_to_them(db: TestDatabase) {
        let (house, dovecot) = (invited(&db).await, Dovecot::start());
        let (ann, room) = (house.resident(ANN), room(&house, &dovecot.plain("bounces")));
        let invitation = newest(&house, ANN, "invitation");
        assert!(invitation.from.starts_with("bounces+") && invitation.from.ends_with("@in.hospital.example"));
        assert!(invitation.read().field("from")[0].contains("office@holdspace.example.org"));
        let others = house.sink.received().iter().filter(|one| one.from == invitation.from).count();
        assert_eq!(others, 1, "no two letters share a token");
        let letters = ann.kinds();
        dovecot.delivers(&invitation.from, &report(&invitation.from, "failed", "5.1.1"));
        assert_eq!(room.look().await.unwrap(), Looked::Passed(1, false));
        assert!(ann.opens_link().await.body.contains("gave us came back"));
        let page = director_reads(&house).await;
        assert!(page.contains("came back: mailbox unavailable (1)"), "{page}");
        assert!(!page.contains("Addresses to check") && !page.contains("Castellanos"));
        // From then on nothing is sent there, and whoever counts letters for everyone counts one to her too.
        house.it_becomes("2027-07-13T12:00:00Z").await;
        assert_eq!(ann.kinds(), letters);
        let page = director_reads(&house).await;
        assert!(!page.contains("<td class=\"number\">1</td>"), "a lone letter stands out: {page}");
        // Asked for by who must know, it is tried again.
        house.form(&format!("{}/roster-address", ann.link()), &[("address", "roster")]).await;
        assert!(!ann.opens_link().await.body.contains("came back"));
    }

    async fn what_comes_back_from_an_own_address_comes_to_the_old_one_and_is_counted_nowhere(db: TestDatabase) {
        let (house, dovecot) = (invited(&db).await, Dovecot::start());
        let (ann, room) = (house.resident(ANN), room(&house, &dovecot.plain("bounces")));
        moves_home(&house, &ann).await;
        house.it_becomes("2027-07-02T12:00:00Z").await;
        // Only as far as her reminder: the letter after the visit is to find the address given up.
        let reminded = || house.sink.received().iter().any(|one| one.to == [HOME] && kind(&one.read()) == "reminder");
        while !reminded() {
            house.hours_fly(4).await;
        }
        let reminder = newest(&house, HOME, "reminder");
        let before = director_reads(&house).await;
        dovecot.delivers(&reminder.from, &report(&reminder.from, "failed", "5.1.1"));
        room.look().await.unwrap();
        house.post_goes().await;
        assert_eq!(newest(&house, ANN, "reminder").read().field("message-id"), reminder.read().field("message-id"));
        assert_eq!(director_reads(&house).await, before);
        assert!(ann.opens_link().await.body.contains("other address came back"));
        house.it_becomes("2027-07-20T12:00:00Z").await;
        assert!(ann.kinds().contains(&"afterwards".to_owned()), "{:?}", ann.kinds());
        // The old one gives up too: then there is nothing left, and no letter goes round in circles.
        let again = newest(&house, ANN, "afterwards");
        dovecot.delivers(&again.from, &report(&again.from, "failed", "5.1.1"));
        room.look().await.unwrap();
        let sent = house.sink.received().len();
        house.post_goes().await;
        assert_eq!(house.sink.received().len(), sent);
        assert!(ann.opens_link().await.body.contains("nothing is sent there"));
    }

    async fn an_announcement_that_comes_back_is_to_be_checked_until_the_address_is_mended(db: TestDatabase) {
        let (house, dovecot) = (announced(&db).await, Dovecot::start());
        let room = room(&house, &dovecot.plain("bounces"));
        let announcement = newest(&house, ANN, "announcement");
        dovecot.delivers(&announcement.from, &report(&announcement.from, "failed", "5.1.1"));
        room.look().await.unwrap();
        let page = director_reads(&house).await;
        assert!(page.contains("Addresses to check") && page.contains("Castellanos"), "{page}");
        assert!(page.contains("came back: mailbox unavailable (1)"), "{page}");
        let mended = "t.castellanos@im.example.edu";
        is_mended(&house, ANN, mended).await;
        let page = director_reads(&house).await;
        assert!(!page.contains("Addresses to check") && !page.contains("Castellanos"), "{page}");
        house.post_goes().await;
        house.sleeps(5).await;
        assert_eq!(house.resident(mended).kinds(), ["announcement", "invitation"], "letters go to the new address");
        assert!(!house.resident(ANN).kinds().contains(&"invitation".to_owned()));
    }

    async fn an_address_refused_at_once_is_to_be_checked_until_it_is_mended(db: TestDatabase) {
        let house = House::on(&db).await;
        house.imports_the_sample_files().await;
        house.opens_an_offering().await;
        house.books().await;
        use crate::harness::smtp::{ALWAYS, Deed, Stage};
        house.sink.fails(Stage::Recipient(ANN), Deed::Answer(550), ALWAYS);
        house.post_goes().await;
        assert!(director_reads(&house).await.contains("Castellanos"));
        is_mended(&house, ANN, "t.castellanos@im.example.edu").await;
        assert!(!director_reads(&house).await.contains("Castellanos"));
        is_mended(&house, "t.castellanos@im.example.edu", ANN).await;
        assert!(director_reads(&house).await.contains("Castellanos"), "the old address is as wrong as it was");
    }

    async fn what_is_no_final_failure_or_bears_no_token_of_ours_gives_nobody_up(db: TestDatabase) {
        let (house, dovecot) = (invited(&db).await, Dovecot::start());
        let (ann, room) = (house.resident(ANN), room(&house, &dovecot.plain("bounces")));
        let from = newest(&house, ANN, "invitation").from;
        let guessed = format!("bounces+{}@in.hospital.example", "a".repeat(42));
        for (to, action, status) in [
            (from.as_str(), "delayed", "4.4.1"),
            (&from, "failed", "5.2.2"),
            (&from, "failed", "5.7.1"),
            (&from, "relayed", "2.0.0"),
            (&guessed, "failed", "5.1.1"),
            (BOUNCES, "failed", "5.1.1"),
        ] {
            dovecot.delivers(to, &report(to, action, status));
        }
        let away = format!("From: {ANN}\r\nTo: {from}\r\nAuto-Submitted: auto-replied\r\n\r\nAway until 5.1.1 is out.\r\n");
        dovecot.delivers(&from, &away);
        assert_eq!(room.look().await.unwrap(), Looked::Passed(7, false));
        assert!(!ann.opens_link().await.body.contains("came back"));
        let page = director_reads(&house).await;
        for told in ["mailbox full (1)", "refused by policy (1)", "delayed on its way (1)", "no letter of ours: 2"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        house.it_passes_until("2027-07-12T12:00:00Z").await;
        ann.newest("reminder");
    }

    async fn a_message_is_taken_in_once_by_one_process_whoever_reads_the_mailbox_besides(db: TestDatabase) {
        let (house, dovecot) = (invited(&db).await, Dovecot::start());
        let (one, other) = (room(&house, &dovecot.tls("bounces")), room(&house, &dovecot.start_tls("bounces")));
        assert_eq!(one.look().await.unwrap(), Looked::Passed(0, false));
        let from = newest(&house, ANN, "invitation").from;
        dovecot.delivers(&from, &format!("Subject: large\r\n\r\n{}", "0123456789abcdef\r\n".repeat(70_000)));
        dovecot.delivers(&from, &report(&from, "failed", "5.1.1"));
        assert_eq!(one.look().await.unwrap(), Looked::Passed(2, false));
        assert_eq!(one.look().await.unwrap(), Looked::Passed(0, false));
        let before = at_rest(&db).await;
        // Its address is written in another way, so it is another mailbox to us: all is read again, and changes nothing.
        assert_eq!(other.look().await.unwrap(), Looked::Passed(2, false));
        let mut after = at_rest(&db).await;
        // How far it was read, and how much came in, are counts of mail.
        for counts in ["mailboxes", "received"] {
            after.insert(counts.to_owned(), before[counts].clone());
        }
        assert_eq!(after, before);
        let (first, second) = tokio::join!(one.look(), one.look());
        let looks = [first.unwrap(), second.unwrap()];
        assert!(looks.contains(&Looked::Passed(0, false)), "{looks:?}");
    }

    async fn a_mailbox_that_does_not_open_is_told_in_our_own_words(db: TestDatabase) {
        let (house, dovecot) = (House::on(&db).await, Dovecot::start());
        let trouble = async |url: &str| match room(&house, url).look().await {
            Err(Interruption::Mailbox(trouble)) => trouble,
            other => panic!("{:?}", other.map_err(|problem| problem.to_string())),
        };
        assert_eq!(trouble(&dovecot.tls_of_a_stranger("bounces")).await, Trouble::Encryption);
        assert_eq!(trouble(&dovecot.plain("bounces").replace("secret", "wrong")).await, Trouble::Login);
        assert_eq!(trouble(&dovecot.plain("bounces").replace("INBOX", "Nowhere")).await, Trouble::Folder);
        assert_eq!(trouble("imap://bounces:secret@127.0.0.1:9/INBOX").await, Trouble::Connect);
        // Trouble lets the mailbox go: the next look need not wait.
        assert_eq!(room(&house, &dovecot.plain("bounces")).look().await.unwrap(), Looked::Passed(0, false));
    }
}

/// As a mail server does that runs a program for each mail: the address of the envelope as a word, the mail on a pipe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_hands_a_returned_letter_to_the_program() {
    let db = TestDatabase::sqlite();
    let house = invited(&db).await;
    let ann = house.resident(ANN);
    let from = newest(&house, ANN, "invitation").from;
    let home = tempfile::tempdir().unwrap();
    let key_file = home.path().join("holdspace.key");
    std::fs::write(&key_file, format!("{}\n", *MasterKey::draw(&SeededEntropy::new(1)).reveal_hex()))
        .unwrap();
    std::fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    // Nothing in the mail itself tells for whom it is.
    let mail = report("undisclosed-recipients:;", "failed", "5.1.1");
    for (recipient, shows) in [("bounces@in.hospital.example", false), (from.as_str(), true), (&from, true)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdspace"))
            .current_dir(home.path())
            .env("HOLDSPACE_DATABASE_URL", db.url().split('?').next().unwrap())
            .env("HOLDSPACE_KEY_FILE", &key_file)
            .args(["receive", "--recipient", recipient])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert_eq!(
            (done.status.code(), done.stdout.len()),
            (Some(0), 0),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert_eq!(ann.opens_link().await.body.contains("gave us came back"), shows, "{recipient}");
    }
}
