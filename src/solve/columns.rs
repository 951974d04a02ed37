//! The first look at the rows: who names each slot, as a sum that two slots share only if, in all likelihood, the same
//! residents name them at the same costs; and the unit of all costs. Never keeps a pair, and never relies on the sums:
//! whoever merges by them proves it ([`super::classes`]).

use super::source::{Offer, Refusal, Row, Source, Twice};
use crate::domain::matching::{Groups, NONE, Supply, rows};

/// What is known of a slot once all rows were seen.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The sum over the residents who name it, in any order.
    pub sum: [u64; 2],
    /// How many they are.
    pub people: u32,
    /// Who named it last.
    last: u32,
}

/// How costs of the file become costs of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Taken off every cost: 0, or the least if that is below 0. Everybody who is placed pays it once, so it changes no
    /// comparison.
    pub least: i32,
    /// Points of the file in one unit of the engine.
    pub unit: u32,
    /// The greatest cost, in units.
    pub most: u32,
}

impl Scale {
    /// A cost of the file in units, if it is one that the scale was made for.
    pub fn units(&self, cost: i32) -> u32 {
        cost.wrapping_sub(self.least).cast_unsigned() / self.unit
    }
}

/// What the first look gives.
pub struct Columns {
    pub columns: Vec<Column>,
    pub scale: Scale,
    /// How many pairs the rows hold.
    pub pairs: u64,
}

/// What is gathered over all rows.
struct Look {
    columns: Vec<Column>,
    least: i32,
    most: i32,
    unit: u32,
    pairs: u64,
}

impl Columns {
    /// Looks at all rows once.
    ///
    /// # Errors
    /// What the form refuses; a slot that somebody names twice; costs too fine for their width.
    pub fn read(source: &dyn Source) -> Result<Self, Refusal> {
        let offer = source.offer();
        let unseen = Column { sum: [0; 2], people: 0, last: u32::MAX };
        let columns = vec![unseen; offer.seats.len()];
        let mut look = Look { columns, least: i32::MAX, most: i32::MIN, unit: 0, pairs: 0 };
        let mut person = 0;
        source.pass(&mut |row| {
            look.row(person, row)?;
            person += 1;
            Ok(())
        })?;
        let steps = offer.pieces.iter().map(|(_, cost)| cost.unsigned_abs());
        let greatest = steps.clone().max().unwrap_or(0);
        look.unit = steps.fold(look.unit, gcd).max(1);
        let scale = look.scale(greatest)?;
        Ok(Self { columns: look.columns, scale, pairs: look.pairs })
    }

    /// What there is to fill, slot by slot, in units. No slot offers more seats than residents name it, and no group
    /// more than its slots, so that memory follows the file and not the numbers in it.
    ///
    /// # Errors
    /// Where even that is more than can be counted.
    pub fn supply(&self, offer: &Offer, people: usize) -> Result<Supply, Refusal> {
        let seats = offer.seats.iter().zip(&self.columns);
        let seats: Vec<u32> = seats.map(|(seats, column)| (*seats).min(column.people)).collect();
        let mut below = vec![0_u64; offer.groups.len()];
        for (seats, group) in seats.iter().zip(&offer.group) {
            let mut group = *group;
            while group != NONE {
                below[group as usize] += u64::from(*seats);
                group = offer.groups[group as usize].parent;
            }
        }
        let most = below.iter().map(|below| (*below).min(people as u64)).sum::<u64>();
        if most > u64::from(u32::MAX) {
            return Err(Refusal(
                "the groups offer more seats than can be counted; split the instance".to_owned(),
            ));
        }
        let mut groups = Groups::default();
        for (group, below) in offer.groups.iter().zip(below) {
            let pieces = offer.pieces[group.pieces.clone()].iter();
            let unit = self.scale.unit.cast_signed();
            let steps = pieces.flat_map(|(seats, cost)| std::iter::repeat_n(cost / unit, *seats as usize));
            groups.push(group.parent, steps.take(below.min(people as u64) as usize));
        }
        Ok(Supply { seats, group: offer.group.clone(), groups })
    }
}

impl Look {
    #[inline]
    fn row(&mut self, person: u32, row: Row<'_>) -> Result<(), Twice> {
        // Neighbours in a row often cost the same, so what follows from the cost alone is kept from one to the next.
        let (mut cost, mut sum) = (None, [0; 2]);
        for (choice, (slot, own)) in row.slots.iter().zip(row.costs).enumerate() {
            if cost != Some(*own) {
                cost = Some(*own);
                sum = mixed(person, *own);
                self.cost(*own);
            }
            let column = &mut self.columns[*slot as usize];
            if column.last == person {
                return Err(Twice { choice });
            }
            column.last = person;
            column.people += 1;
            column.sum[0] = column.sum[0].wrapping_add(sum[0]);
            column.sum[1] = column.sum[1].wrapping_add(sum[1]);
        }
        self.pairs += row.slots.len() as u64;
        Ok(())
    }

    #[inline]
    fn cost(&mut self, cost: i32) {
        self.least = self.least.min(cost);
        self.most = self.most.max(cost);
        let points = cost.unsigned_abs();
        if self.unit == 0 || !points.is_multiple_of(self.unit) {
            self.unit = gcd(self.unit, points);
        }
    }

    /// `greatest`: the greatest cost of a group's seat, in points.
    fn scale(&self, greatest: u32) -> Result<Scale, Refusal> {
        let (least, most) = if self.pairs == 0 { (0, 0) } else { (self.least.min(0), self.most) };
        let scale = Scale { least, unit: self.unit, most: 0 };
        let units = scale.units(most);
        for (what, units) in [("costs", units), ("costs of groups", greatest / self.unit)] {
            if units > rows::MOST {
                return Err(Refusal(format!(
                    "the {what} span {units} units of {} points, their greatest common divisor; at most {} are read: round \
                     them",
                    self.unit,
                    rows::MOST
                )));
            }
        }
        Ok(Scale { most: units, ..scale })
    }
}

/// Two words that a resident and a cost give: the finishers of two well-known generators, on different constants.
#[inline]
fn mixed(person: u32, cost: i32) -> [u64; 2] {
    let pair = u64::from(person) << 32 | u64::from(cost.cast_unsigned());
    let finish = |seed: u64, first: u64, second: u64| {
        let word = pair.wrapping_add(seed);
        let word = (word ^ (word >> 30)).wrapping_mul(first);
        let word = (word ^ (word >> 27)).wrapping_mul(second);
        word ^ (word >> 31)
    };
    [
        finish(0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb),
        finish(0xd1b5_4a32_d192_ed03, 0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53),
    ]
}

const fn gcd(mut one: u32, mut other: u32) -> u32 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}
