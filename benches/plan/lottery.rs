//! What the lottery costs: a plan in which it decides who is placed, beside one in which points do. Never asks OR-tools, which
//! knows no lottery.

use holdspace::domain::matching::rows::Listed;
use holdspace::domain::matching::{self, Choice, NONE, Rows, Seating, Whom, lottery};
use holdspace::solve::{self, Wish};

use crate::inside::{Clock, Figure};
use crate::instances::Instance;

/// The plan with a lottery: drawing it, the auction and the repair. The words say what it costs in points.
pub fn figure(instance: &Instance) -> anyhow::Result<Figure> {
    let (rows, supply) = solve::form(&instance.file, Wish { fair: false, merge: true })?;
    let before = Clock::read();
    let cheapest = matching::settle(&rows, &supply, &matching::draft(&rows, &supply, Whom::Most));
    let plain = before.elapsed();
    let before = Clock::read();
    let drawn = lottery::draw(&rows, &supply);
    let drawing = before.elapsed();
    let only = Drawn { rows: &rows, drawn: &drawn };
    let fair = matching::settle(&only, &supply, &matching::draft(&only, &supply, Whom::Everyone));
    let took = before.elapsed();
    let (dear, cheap) = (points(&rows, &fair), points(&rows, &cheapest));
    anyhow::ensure!(placed(&fair) == placed(&cheapest), "{}: the lottery placed fewer", instance.name);
    let words = format!(
        "a plan by lottery (drawing it {:.1} ms; points alone {:.0} ms; it costs {:.2} % more points)",
        1000.0 * drawing.as_secs_f64(),
        1000.0 * plain.as_secs_f64(),
        100.0 * (dear as f64 / cheap.max(1) as f64 - 1.0),
    );
    Ok(Figure { name: "lottery", words, took })
}

/// The rows of those whom the lottery places.
struct Drawn<'a> {
    rows: &'a Listed,
    drawn: &'a [bool],
}

impl Rows for Drawn<'_> {
    const ASCENDING: bool = Listed::ASCENDING;

    fn people(&self) -> usize {
        self.rows.people()
    }

    fn visit(&self, person: u32, visit: impl FnMut(Choice) -> bool) {
        if self.drawn[person as usize] {
            self.rows.visit(person, visit);
        }
    }
}

fn placed(seating: &Seating) -> usize {
    seating.class_of.iter().filter(|class| **class != NONE).count()
}

fn points(rows: &Listed, seating: &Seating) -> u64 {
    let mut sum = 0;
    for (person, class) in (0..).zip(&seating.class_of) {
        rows.visit(person, |choice| {
            sum += if choice.class == *class { u64::from(choice.cost) } else { 0 };
            choice.class != *class
        });
    }
    sum
}
