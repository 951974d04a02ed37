//! Radicale with the same events, as its documentation sets it up: users in a file, calendars in a directory. Never tuned
//! either way, and never outlives the measurement.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::{Client, Method};

use crate::crowd::Calendar;
use crate::python::Python;

/// Radicale, and what it imports as it is set up here.
pub const PACKAGES: [&str; 7] = [
    "Radicale==3.9.0",
    "defusedxml==0.7.1",
    "libpass==1.9.4",
    "python-dateutil==2.9.0.post0",
    "pytz==2026.6",
    "six==1.17.0",
    "vobject==0.9.9",
];

/// A running Radicale.
pub struct Radicale {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Radicale {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Radicale {
    /// Starts it over an empty directory, for the users of our own calendars with their passwords.
    pub async fn start(python: &Python, home: &Path, calendars: &[Calendar]) -> anyhow::Result<Self> {
        let users: String = calendars.iter().map(|own| format!("{}:{}\n", own.login, own.password)).collect();
        fs::write(home.join("users"), users)?;
        // A port that was free a moment ago: it takes no other word for one.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let place = home.display();
        let settings = format!(
            "[server]\nhosts = {address}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {place}/users\n\
             htpasswd_encryption = plain\n[storage]\nfilesystem_folder = {place}/calendars\n[web]\ntype = none\n\
             [logging]\nlevel = warning\n"
        );
        let file = home.join("settings");
        fs::write(&file, settings)?;
        let log = fs::File::create(home.join("log"))?;
        let child = python
            .command()
            .args(["-m", "radicale", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let radicale = Self { child, address };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(radicale);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("Radicale did not start: {}", fs::read_to_string(home.join("log"))?)
    }

    /// By which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Gives a user the calendar that our feed shows.
    pub async fn take_over(&self, calendar: &Calendar, feed: String) -> anyhow::Result<()> {
        let client = Client::new();
        let home = format!("http://{}/{}/", self.address, calendar.login);
        let send = async |method: &str, url: &str, body: String| -> anyhow::Result<()> {
            let request = client.request(Method::from_bytes(method.as_bytes())?, url);
            let request = request.basic_auth(&calendar.login, Some(&calendar.password));
            let answer = request.header("content-type", "text/calendar").body(body).send().await?;
            let status = answer.status();
            ensure!(status.is_success(), "Radicale answers {status} to {method}: {}", answer.text().await?);
            Ok(())
        };
        // Whoever comes in first is given a place of their own.
        send("PROPFIND", &home, String::new()).await.context("a home")?;
        send("PUT", &format!("{home}held/"), feed).await.context("a calendar")
    }

    /// Takes an event off a calendar.
    pub async fn remove(&self, calendar: &Calendar, path: &str) -> anyhow::Result<()> {
        let request = Client::new().delete(format!("http://{}{path}", self.address));
        request.basic_auth(&calendar.login, Some(&calendar.password)).send().await?.error_for_status()?;
        Ok(())
    }
}
