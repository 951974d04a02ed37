//! Real calendar programs against the real server: python-caldav and vdirsyncer. A test that needs them fails where they
//! are missing, and never skips.

use std::path::PathBuf;
use std::process::Output;

use tokio::process::Command;

use super::{Program, invited, somebody_busy};
use crate::harness::engines::TestDatabase;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/harness");

/// Where the programs lie.
async fn programs() -> PathBuf {
    if let Some(path) = std::env::var_os("HOLDSPACE_TEST_CALENDARS") {
        return path.into();
    }
    let found =
        Command::new("bash").args([&format!("{HERE}/calendar-programs.sh"), "--check"]).output().await;
    let found = found.unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    String::from_utf8(found.stdout).unwrap().trim().into()
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_caldav_reads_visits_and_keeps_busy_time() {
    let (db, programs) = (TestDatabase::sqlite(), programs().await);
    let house = invited(&db).await;
    let (_, session) = somebody_busy(&house).await;
    let visits = session.agenda("2027-07-05").await.len().to_string();
    let program = Program::let_in(&house, &session, false).await;
    let root = format!("{}/dav/", house.url());
    let talk = Command::new(programs.join("bin/python"))
        .args([&format!("{HERE}/calendars/talk.py"), &root, &program.login, &program.password, &visits])
        .output()
        .await;
    assert!(said(&talk.unwrap()).contains("talked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vdirsyncer_mirrors_both_calendars() {
    let (db, programs) = (TestDatabase::sqlite(), programs().await);
    let house = invited(&db).await;
    let (_, session) = somebody_busy(&house).await;
    let visits = session.agenda("2027-07-05").await.len();
    let program = Program::let_in(&house, &session, false).await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let settings = format!(
        "[general]\nstatus_path = \"{at}/status/\"\n[pair p]\na = \"here\"\nb = \"there\"\n\
         collections = [\"held\", \"busy\"]\nconflict_resolution = \"b wins\"\n[storage here]\ntype = \"filesystem\"\n\
         path = \"{at}/calendars/\"\nfileext = \".ics\"\n[storage there]\ntype = \"caldav\"\nurl = \"{}/\"\n\
         username = \"{}\"\npassword = \"{}\"\n",
        house.url(),
        program.login,
        program.password,
        at = at.display(),
    );
    std::fs::write(at.join("config"), settings).unwrap();
    let runs = async |verb: &str| {
        let mut command = Command::new("bash");
        // It asks before it makes the folders of its own side.
        let line = format!(
            "yes | \"{}\" -c \"{}/config\" {verb}",
            programs.join("bin/vdirsyncer").display(),
            at.display()
        );
        said(&command.args(["-c", &line]).output().await.unwrap())
    };
    runs("discover p").await;
    runs("sync").await;
    let count = |calendar: &str| std::fs::read_dir(at.join("calendars").join(calendar)).unwrap().count();
    assert_eq!((count("held"), count("busy")), (visits, 0));
    let own = super::captured::event("own", "20270706T150000Z", "20270706T160000Z", "");
    let other = super::captured::event("other", "20270707T150000Z", "20270707T160000Z", "");
    std::fs::write(at.join("calendars/busy/own.ics"), own).unwrap();
    std::fs::write(at.join("calendars/busy/other.ics"), other).unwrap();
    runs("sync").await;
    assert_eq!(program.lists("busy").await.len(), 2);
    // Only one goes: a side that is emptied whole looks like an accident to it.
    std::fs::remove_file(at.join("calendars/busy/own.ics")).unwrap();
    runs("sync").await;
    assert_eq!(program.lists("busy").await.len(), 1);
}
