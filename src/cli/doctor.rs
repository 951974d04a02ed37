//! `doctor`: says line by line what is wrong with an installation, and the remedy. Changes nothing and sends nothing.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::answer::Answer;
use super::args::keep::Doctor;
use super::backup;
use super::dkim;
use super::doctor_checks as checks;
use super::doctor_signature as signature;
use super::house::settings;
use super::mailbox;
use super::provider;
use crate::mail::record::Record;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// One line.
#[derive(Debug, Serialize)]
pub struct Finding {
    check: &'static str,
    state: State,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, state: State::Ok, says: says.into(), remedy: None }
    }

    /// It works, but look at it.
    pub fn warn(check: &'static str, says: impl Into<String>, remedy: &str) -> Self {
        Self { check, state: State::Warn, says: says.into(), remedy: Some(remedy.to_owned()) }
    }

    /// It does not work.
    pub fn fail(check: &'static str, says: impl Into<String>, remedy: &str) -> Self {
        Self { check, state: State::Fail, says: says.into(), remedy: Some(remedy.to_owned()) }
    }

    /// A refusal that says itself what to do.
    pub fn refused(check: &'static str, problem: &anyhow::Error) -> Self {
        Self { check, state: State::Fail, says: format!("{problem:#}"), remedy: None }
    }

    fn line(&self) -> String {
        let state = match self.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        let remedy = self.remedy.as_ref().map(|remedy| format!("\n{:22}→ {remedy}", "")).unwrap_or_default();
        format!("{state}  {:<14}  {}{remedy}\n", self.check, self.says)
    }
}

#[derive(Serialize)]
struct Report {
    healthy: bool,
    findings: Vec<Finding>,
    /// What the sender's domain needs in DNS.
    records: Vec<Record>,
}

/// Examines the installation.
///
/// # Errors
/// None but that the answer cannot be written: whatever is wrong is a line of it.
pub async fn doctor(named: Option<&Path>, words: &Doctor) -> anyhow::Result<Answer> {
    let mut findings = vec![checks::zones(), checks::clock()];
    let mut records = Vec::new();
    match settings(named) {
        Err(problem) => findings.insert(0, Finding::refused("configuration", &problem)),
        Ok(config) => {
            findings.insert(0, checks::configuration(&config));
            findings.push(checks::public_url(&config));
            findings.push(checks::key(&config));
            findings.extend(checks::database(&config).await);
            if words.data {
                findings.push(backup::finding(&config).await);
            }
            findings.push(checks::templates(&config));
            findings.push(checks::sender(&config));
            findings.extend(signature::findings(&config));
            // A key that cannot be read has a line of its own.
            records = dkim::records_of(&config).unwrap_or_default();
            findings.extend(provider::finding(&config).await);
            findings.push(checks::way_out(&config, Duration::from_secs(10)).await);
            findings.extend(mailbox::bounces(&config));
            findings.extend(mailbox::finding(&config, Duration::from_secs(10)).await);
        }
    }
    let healthy = findings.iter().all(|finding| finding.state != State::Fail);
    let mut text: String = findings.iter().map(Finding::line).collect();
    if !records.is_empty() {
        text += &format!("\nWhat DNS must say of the sender's domain:\n{}", dkim::told(&records));
    }
    let report = Report { healthy, findings, records };
    Ok(Answer::new(&report, text)?.refused_if(!healthy))
}
