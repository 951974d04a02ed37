//! Protected blocks as a calendar, for whoever plans who covers whom. Never a visit: these bytes are the same
//! whether residents come, opt out, move or miss.

use icalendar::Component;

use super::text;
use crate::domain::time::{Instant, Span};

/// One resident's protected block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The block's own identifier with the resident's, so that an entry stays itself over exports.
    pub uid: String,
    /// What the coordinator reads, such as the resident's name.
    pub label: String,
    /// When they are free of duty.
    pub span: Span,
}

/// Writes the coverage of a program.
///
/// `stamp` must not follow anything that residents do: the moment when the protected time was last imported.
/// The order of the rows does not matter.
#[must_use]
pub fn coverage(program: &str, rows: &[CoverageRow], stamp: Instant) -> String {
    let mut calendar = text::calendar();
    calendar.name(&text::line(program));
    let mut ordered: Vec<&CoverageRow> = rows.iter().collect();
    ordered.sort_by(|a, b| (a.span, &a.label, &a.uid).cmp(&(b.span, &b.label, &b.uid)));
    for row in ordered {
        let mut event = text::event(&row.uid, 0, stamp, &row.span);
        event
            .summary(&text::line(&row.label))
            .add_property("STATUS", "CONFIRMED")
            // The coordinator is not the one who is away.
            .add_property("TRANSP", "TRANSPARENT");
        calendar.push(event.done());
    }
    text::written(&calendar)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::text::assert_well_formed;

    fn row(label: &str, start: &str) -> CoverageRow {
        let start: Instant = start.parse().unwrap();
        CoverageRow {
            uid: format!("{}-aebagbafaydqqcikbmga2dqpca", label.len()),
            label: label.to_owned(),
            span: Span::new(start, start + chrono::Duration::hours(4)).unwrap(),
        }
    }

    #[test]
    fn a_coordinator_sees_blocks_whatever_their_order_in_the_database() {
        let rows = [
            row("Castellanos, Thuy-Anh", "2027-07-13T19:00:00Z"),
            row("Mbeki, Tariq", "2027-07-05T19:00:00Z"),
        ];
        let stamp = "2027-06-01T15:00:00Z".parse().unwrap();
        let written = coverage("Internal Medicine", &rows, stamp);
        assert_well_formed(&written);
        let reversed: Vec<_> = rows.iter().rev().cloned().collect();
        assert_eq!(written, coverage("Internal Medicine", &reversed, stamp));
        insta::assert_snapshot!(written);
    }

    proptest! {
        #[test]
        fn no_name_can_add_a_line(program in "(?s).{0,100}", label in "(?s).{0,200}") {
            let rows = [row(&format!("{label}\r\nBEGIN:VALARM\n"), "2027-07-13T19:00:00Z")];
            assert_well_formed(&coverage(&program, &rows, "2027-06-01T15:00:00Z".parse().unwrap()));
        }
    }
}
