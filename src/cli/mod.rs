//! The command line: reads words, puts the house together, calls the desk, prints its answer. Never decides.

mod absence;
pub mod answer;
pub mod args;
mod audit;
mod backup;
mod coverage;
mod demo;
mod dkim;
mod doctor;
mod doctor_checks;
mod doctor_signature;
mod erase;
mod files;
pub mod house;
mod imports;
mod init;
mod keys;
mod letters;
mod mailbox;
mod migrate;
mod operator;
mod post;
pub mod provider;
mod receive;
mod release;
mod release_audit;
mod retention;
mod season;
mod serve;
mod solve;
mod zones;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use answer::Answer;
use args::imports::{Availability, Programs, Roster, Sites, Therapists};
use args::release::Act;
use args::{Arguments, Offering, Verb};
use house::{House, settings};
use imports::Kind;

/// Reads the command line of this process.
///
/// # Errors
/// The exit code, once help, version or what is wrong was printed.
pub fn read() -> Result<Arguments, ExitCode> {
    Arguments::try_parse().map_err(|problem| {
        // Help goes to standard output, what is wrong to standard error; a closed one is nobody's fault.
        let _ = problem.print();
        ExitCode::from(u8::try_from(problem.exit_code()).unwrap_or(2))
    })
}

/// Prints why nothing was done.
#[must_use]
pub fn refuse(problem: &impl std::fmt::Display, json: bool) -> ExitCode {
    answer::refuse(problem, json)
}

/// Does what the arguments say; gives the exit code.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    if let Verb::Receive(words) = &arguments.verb {
        // A mail server knows exit codes of its own, and is told nothing else.
        let named = arguments.config.as_deref();
        return tokio::runtime::Runtime::new().map_or(ExitCode::from(receive::LATER), |runtime| {
            runtime.block_on(receive::receive(named, words))
        });
    }
    let answered = match &arguments.verb {
        // These wait for nothing, and a runtime's threads would cost more than a small answer.
        Verb::Completions { shell } => completions(*shell),
        Verb::Solve(words) => solve::solve(words),
        Verb::Release(args::release::Release { act: Some(Act::Audit(words)), .. }) => {
            release_audit::release_audit(words)
        }
        _ => match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime.block_on(answer(arguments)),
            Err(problem) => return refuse(&problem, json),
        },
    };
    match answered {
        Ok(answer) => answer.print(json),
        // The whole chain of reasons on one line, each narrower than the one before.
        Err(problem) => refuse(&format!("{problem:#}"), json),
    }
}

/// The verbs that need no installation, then those that open one.
async fn answer(arguments: Arguments) -> anyhow::Result<Answer> {
    let json = arguments.json;
    let named = arguments.config.as_deref();
    match arguments.verb {
        Verb::Init(words) => init::init(named, words).await,
        Verb::Doctor(words) => doctor::doctor(named, &words).await,
        Verb::Backup(words) => backup::backup(named, &words).await,
        Verb::Restore(words) => backup::restore(named, &words).await,
        Verb::MigrateTo(words) => migrate::migrate(named, &words).await,
        Verb::Dkim(words) => dkim::dkim(&settings(named)?, words),
        Verb::Letters(words) => letters::letters(&settings(named)?, words),
        Verb::Demo(words) => demo::demo(words, json).await,
        verb => {
            let mut house = House::open(settings(named)?).await?;
            if !matches!(verb, Verb::Serve(_) | Verb::Work) {
                house.desk = house.desk.operated_by(&operator::name());
            }
            at_the_desk(&house, verb).await
        }
    }
}

async fn at_the_desk(house: &House, verb: Verb) -> anyhow::Result<Answer> {
    match verb {
        Verb::Director(words) => init::director(house, words).await,
        Verb::Programs(Programs::Import(words)) => imports::simple(house, Kind::Programs, &words).await,
        Verb::Sites(Sites::Import(words)) => imports::simple(house, Kind::Sites, &words).await,
        Verb::Therapists(Therapists::Import(words)) => imports::simple(house, Kind::Therapists, &words).await,
        Verb::Availability(Availability::Import(words)) => {
            imports::simple(house, Kind::Availability, &words).await
        }
        Verb::Busy(words) => imports::busy(house, words).await,
        Verb::Roster(Roster::Import(words)) => imports::roster(house, words).await,
        Verb::Protect(words) => imports::protection(house, words).await,
        Verb::Coverage(words) => coverage::coverage(house, words).await,
        Verb::Offering(Offering::Create(words)) => season::create(house, words).await,
        Verb::Offering(Offering::Show(words)) => season::show(house, words).await,
        Verb::Plan(words) => season::plan(house, words).await,
        Verb::Away(words) => absence::away(house, words).await,
        Verb::Audit(words) => audit::audit(house, words).await,
        Verb::Book(words) => season::book(house, words).await,
        Verb::Deliver(words) => post::deliver(house, &words).await,
        Verb::Release(words) => release::release(house, words).await,
        Verb::Retention(words) => retention::retention(house, &words).await,
        Verb::Serve(words) => serve::serve(house, &words).await,
        Verb::Keys(words) => keys::keys(house, &words).await,
        Verb::Erase(words) => erase::erase(house, words).await,
        Verb::Zones(words) => zones::zones(house, words).await,
        Verb::Work => serve::work(house).await,
        _ => anyhow::bail!("this build does not know this verb yet"),
    }
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<Answer> {
    #[derive(serde::Serialize)]
    struct Script<'a> {
        shell: String,
        script: &'a str,
    }
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "holdspace", &mut bytes);
    let script = String::from_utf8(bytes)?;
    Answer::new(&Script { shell: shell.to_string(), script: &script }, script.as_str())
}
