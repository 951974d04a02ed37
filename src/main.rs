//! Start-up: hands the arguments to the command line and turns its answer into the only exit code.

use std::process::ExitCode;

use holdspace::{cli, telemetry};

fn main() -> ExitCode {
    let arguments = match cli::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let wanted = std::env::var(telemetry::FILTER_VARIABLE).ok().filter(|filter| !filter.is_empty());
    // A verb that answers and ends says in its answer what matters; one that lasts has only the log.
    let lasting = arguments.is_lasting();
    let usual = match lasting {
        true => telemetry::DEFAULT_FILTER,
        // A mail server sends what a program says back to whoever wrote.
        false if arguments.is_silent() => "off",
        false => "warn",
    };
    let filter = wanted.as_deref().unwrap_or(usual);
    if let Err(refusal) = telemetry::init(lasting && arguments.json, Some(filter)) {
        return cli::refuse(&refusal, arguments.json);
    }
    cli::run(arguments)
}
