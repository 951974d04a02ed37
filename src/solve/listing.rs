//! The text form: `p asg RESIDENTS SLOTS THERAPISTS PAIRS`, then `s SLOT SEATS THERAPIST TIME` for each slot in order, then
//! `r RESIDENT COHORT SLOT:COST ..` for each resident in order. Costs of therapists are those of [`FAIR`], as the form
//! has none of its own. Never keeps a pair.
//!
//! [`FAIR`]: super::source::FAIR

use std::path::{Path, PathBuf};

use super::lines::{Line, Lines, Mark, SHORT, WIDE};
use super::source::{MOST_PAIRS, MOST_PEOPLE, MOST_SLOTS, Offer, Refusal, Row, Source, Twice, Visit};
use crate::domain::matching::NONE;

/// Most bytes of one choice: two numbers of at most 11 digits, what parts them, and some leeway.
const CHOICE: u64 = 32;

/// An instance in the text form.
pub struct Listing {
    path: PathBuf,
    /// Where the rows begin.
    rows: Mark,
    people: usize,
    pairs: u64,
    offer: Offer,
}

impl Listing {
    /// Reads everything but the rows from a file of `size` bytes.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn open(path: &Path, size: u64, fair: bool) -> Result<Self, Refusal> {
        let mut lines = Lines::open(path, Mark::default())?;
        let Some(mut line) = lines.next(SHORT)? else { return Err(Refusal("the file is empty".to_owned())) };
        let (_, _) = (line.word(), line.word());
        // Whatever is counted has a line or at least four bytes of its own.
        let most = |bound: u64| bound.min(size / 4).cast_signed();
        let people = line.number("the number of residents", 0, most(MOST_PEOPLE))? as usize;
        let slots = line.number("the number of slots", 0, most(MOST_SLOTS))?;
        let therapists = line.number("the number of therapists", 0, most(MOST_SLOTS))?;
        let pairs = line.number("the number of pairs", 0, most(MOST_PAIRS))?.cast_unsigned();
        line.end()?;
        let (mut offer, mut therapist) = (Offer::default(), Vec::new());
        for slot in 0..slots {
            let Some(mut line) = lines.next(SHORT)? else { return Err(ended(&lines, "slot", slot)) };
            begins(&mut line, b"s", "slot", slot)?;
            offer.seats.push(line.number("the number of seats", 0, u32::MAX.into())? as u32);
            therapist.push(line.number("the therapist", 0, therapists - 1)? as u32);
            line.number("the time", 0, WIDE)?;
            line.end()?;
        }
        offer.group = vec![NONE; offer.seats.len()];
        if fair {
            offer.group_fairly(therapist, therapists as usize);
        }
        Ok(Self { path: path.to_owned(), rows: lines.mark(), people, pairs, offer })
    }
}

/// Takes the letter of a line and the number that must follow from the line before.
fn begins(line: &mut Line<'_>, letter: &[u8], what: &str, number: i64) -> Result<(), Refusal> {
    let word = line.word();
    if word != letter {
        let letter = String::from_utf8_lossy(letter);
        let word = super::lines::shown(word);
        return Err(line.wrong(format_args!(
            "`{word}` stands where `{letter} {number}` is expected, the line of {what} {number}"
        )));
    }
    line.number(&format!("{what} {number}"), number, number)?;
    Ok(())
}

fn ended(lines: &Lines, what: &str, number: i64) -> Refusal {
    let line = lines.mark().lines + 1;
    Refusal::at(
        format_args!("line {line}"),
        format_args!("the file ends before {what} {number}; write it again"),
    )
}

impl Source for Listing {
    fn offer(&self) -> &Offer {
        &self.offer
    }

    fn people(&self) -> usize {
        self.people
    }

    fn pass(&self, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        let mut lines = Lines::open(&self.path, self.rows)?;
        let offered = self.offer.seats.len();
        let longest = SHORT + CHOICE * offered as u64;
        let (mut slots, mut costs, mut pairs) = (Vec::new(), Vec::new(), 0);
        for person in 0..self.people as i64 {
            let Some(mut line) = lines.next(longest)? else { return Err(ended(&lines, "resident", person)) };
            begins(&mut line, b"r", "resident", person)?;
            line.number("the cohort", 0, u32::MAX.into())?;
            slots.clear();
            costs.clear();
            while !line.is_done() {
                let slot = line.until(|byte| *byte == b':');
                slots.push(line.within(slot, "a slot before `:`", 0, offered as i64 - 1)? as u32);
                costs.push(line.number("a cost", i32::MIN.into(), i32::MAX.into())? as i32);
            }
            pairs += slots.len() as u64;
            visit(Row { slots: &slots, costs: &costs }).map_err(|Twice { choice }| {
                let slot = slots[choice];
                line.wrong(format_args!("resident {person} names slot {slot} twice; take one of them out"))
            })?;
        }
        if let Some(line) = lines.next(longest)? {
            return Err(line.wrong("a line after the last resident; take it out or correct the first line"));
        }
        if pairs != self.pairs {
            let what =
                format!("the rows hold {pairs} pairs, the first line promises {}; correct it", self.pairs);
            return Err(Refusal::at(format_args!("line {}", lines.mark().lines), what));
        }
        Ok(())
    }
}
