//! Start-up: hands the arguments to the command line and turns its answer into the only exit code.

fn main() {}
