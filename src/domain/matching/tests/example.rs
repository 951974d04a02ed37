//! The worked example of `docs/plan.md`, number by number.

use super::*;
use crate::domain::matching::certificate::{Check, check_lottery};
use crate::domain::matching::lottery::{draw, shut};
use crate::domain::matching::rows::Listed;
use crate::domain::matching::{Choice, NONE, Supply};

/// Slots of Dr. T and Dr. U on Tuesday, of Dr. V on Wednesday.
const T: u32 = 0;
const U: u32 = 1;
const V: u32 = 2;

#[test]
fn the_worked_example_of_the_documentation_holds() {
    let choice = |class, cost| Choice { cost, class };
    let dee = vec![choice(T, 0), choice(U, 0)];
    let ana = vec![choice(T, 0), choice(U, 200), choice(V, 200)];
    let cem = vec![choice(T, 0), choice(U, 200)];
    let ben = vec![choice(T, 0), choice(U, 0)];
    let all = [dee, ana, cem, ben, Vec::new()];
    let rows: Listed = all.iter().cloned().collect();
    let supply = Supply { seats: vec![1; 3], group: vec![NONE; 3], ..Supply::default() };

    let drawn = draw(&rows, &supply);
    assert_eq!(drawn, [true, true, true, false, false], "Ben and Eli are left out");

    let placed: Listed = all[..3].iter().cloned().collect();
    let found = settle(&placed, &supply, &draft(&placed, &supply, Whom::Everyone));
    assert_eq!(found.class_of, [U, V, T]);

    let mut check = Check::new(&supply, &[200, 0, 0], &[], None);
    for (row, class) in all.iter().zip(&found.class_of) {
        check.person(*class, row.iter().copied());
    }
    assert_eq!(check.finish(), Ok(()), "the prices of the example prove it");

    let class_of = [U, V, T, NONE, NONE];
    assert_eq!(shut(&rows, &supply, &class_of), [1, 1, 0], "T and U are shut for Ben");
    assert_eq!(check_lottery(&rows, &supply, &class_of, &[1, 1, 0]), Ok(()));
}
