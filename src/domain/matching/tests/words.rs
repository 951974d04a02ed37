//! What holds of rows written out: every choice is read back, in ascending order, from narrow words and from wide.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::super::rows::{Listed, MOST};
use super::super::*;

fn read(rows: &Listed, person: usize) -> Vec<Choice> {
    let mut row = Vec::new();
    rows.visit(number(person), |choice| {
        row.push(choice);
        true
    });
    row
}

fn listed(classes: usize, most: u32, rows: &[Vec<Choice>]) -> Listed {
    let mut listed = Listed::new(classes, most, rows.len(), 0);
    rows.iter().for_each(|row| listed.push(row.iter().copied()));
    listed
}

/// Rows for so many classes at costs of at most so much, each class at most once in a row.
fn some_rows(classes: u32, most: u32) -> impl Strategy<Value = Vec<Vec<Choice>>> {
    let row = btree_map(0..classes, 0..=most, 0..(classes.min(12) as usize + 1));
    let row = row.prop_map(|row| row.into_iter().map(|(class, cost)| Choice { cost, class }).collect());
    vec(Just(()).prop_flat_map(move |()| row.clone()), 0..12)
}

proptest! {
    #[test]
    fn narrow_and_wide_words_read_back_alike_and_in_order(
        // 32 bits hold a class below 4,096 with the greatest cost, and not one bit more.
        (classes, rows) in prop_oneof![1_u32..9, 4000_u32..4200, 1_000_000_u32..1_100_000]
            .prop_flat_map(|classes| (Just(classes), prop_oneof![Just(0), Just(1), 2..1000_u32, Just(MOST)]))
            .prop_flat_map(|(classes, most)| (Just(classes), some_rows(classes, most)))
    ) {
        let most = rows.iter().flatten().map(|choice| choice.cost).max().unwrap_or(0);
        let close = listed(classes as usize, most, &rows);
        let wide = listed(classes as usize + (1 << 24), MOST, &rows);
        let collected: Listed = rows.iter().cloned().collect();
        for (person, row) in rows.iter().enumerate() {
            let mut row = row.clone();
            row.sort_unstable();
            for listed in [&close, &wide, &collected] {
                prop_assert_eq!(read(listed, person), row.clone());
                prop_assert_eq!(listed.people(), rows.len());
                prop_assert_eq!(listed.choices(), rows.iter().map(Vec::len).sum::<usize>());
            }
        }
    }
}

#[test]
fn a_reader_who_has_seen_enough_sees_no_more() {
    let row =
        || vec![Choice { cost: 2, class: 1 }, Choice { cost: 1, class: 3 }, Choice { cost: 2, class: 0 }];
    for most in [2, MOST] {
        let rows = listed(5000, most, &[row(), row()]);
        let mut seen = Vec::new();
        rows.visit(1, |choice| {
            seen.push(choice.class);
            seen.len() < 2
        });
        assert_eq!(seen, [3, 0]);
    }
}
