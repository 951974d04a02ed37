//! What booking the best plan costs, beside OR-tools on the same instances: both must book as many people at the same
//! cost, or the bench fails. Never tunes either side, and times nothing by the wall clock.
//!
//! ```text
//! benches/run plan                 80, 1,500 and 20,000 people, three runs of each, the one in the middle counts
//! benches/run plan --national      160,000 people too, one run; OR-tools wants 3 GB and about two minutes for it
//! benches/run plan --short         each size with too few places too
//! benches/run plan 1500 20k        these sizes alone
//! benches/run plan --seed 2 --runs 5
//! ```
//!
//! The first time it installs OR-tools into the target directory: that needs python3 and the network.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench exists to print its figures")]

mod cancelled;
mod inside;
mod instances;
mod lottery;
mod python;
mod solvers;
mod table;

use std::path::{Path, PathBuf};

use clap::Parser;

use instances::{Instance, Shape};
use python::Python;
use table::{Row, Table};

/// What the scripts import. Nothing else: the flow solver of OR-tools needs numpy alone.
const PACKAGES: [&str; 2] = ["ortools==9.15.6755", "numpy==2.4.6"];

/// What is asked for.
#[derive(Debug, Parser)]
#[command(name = "benches/run plan", about = "Booking the best plan, beside OR-tools")]
struct Asked {
    /// Sizes to measure instead of 80, 1500 and 20k
    #[arg(value_parser = instances::SIZES)]
    sizes: Vec<String>,
    /// Adds 160,000 people
    #[arg(long)]
    national: bool,
    /// Adds to each size an instance with too few places
    #[arg(long)]
    short: bool,
    /// Seed of the made-up instances
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Runs of each solver instead of three, or of one for 160,000 people
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: Option<u32>,
}

impl Asked {
    fn wants(&self, shape: &Shape) -> bool {
        let size = match self.sizes.as_slice() {
            [] => shape.size != instances::NATIONAL,
            sizes => sizes.iter().any(|size| size == shape.size),
        };
        (size || self.national && shape.size == instances::NATIONAL) && (self.short || !shape.short)
    }

    fn runs(&self, shape: &Shape) -> u32 {
        self.runs.unwrap_or(if shape.size == instances::NATIONAL { 1 } else { 3 })
    }
}

fn main() -> anyhow::Result<()> {
    // cargo bench adds --bench to what it was given.
    let asked = Asked::parse_from(std::env::args().filter(|argument| argument != "--bench"));
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plan");
    let python = Python::ready(&place, &PACKAGES)?;
    let mut made = Vec::new();
    for shape in instances::SHAPES.iter().filter(|shape| asked.wants(shape)) {
        made.push((Instance::make(&python, &place, shape, asked.seed)?, asked.runs(shape)));
    }
    let mut table = Table::begin(asked.seed);
    for (instance, runs) in &made {
        for fair in [false, true] {
            table.add(compared(&place, &python, instance, fair, *runs)?);
        }
    }
    table.growth();
    // Last: a child's peak of memory would count what this process holds while it starts the child.
    for (instance, _) in &made {
        for figure in inside::figures(instance)? {
            table.inside(instance, figure);
        }
    }
    table.print();
    Ok(())
}

/// Both solvers on one instance in turn, so that a busy moment of the machine meets both.
fn compared(
    place: &Path,
    python: &Python,
    instance: &Instance,
    fair: bool,
    runs: u32,
) -> anyhow::Result<Row> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(solvers::holdspace(place, instance, fair)?);
        theirs.push(solvers::ortools(python, instance, fair)?);
    }
    let row = Row {
        instance: instance.clone(),
        fair,
        runs,
        ours: solvers::middle(&ours)?,
        theirs: solvers::middle(&theirs)?,
    };
    row.agree()?;
    Ok(row)
}
