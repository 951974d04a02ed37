//! Deals the people of a class to its slots, and proves the answer against the file itself, slot by slot, so that
//! reading and merging are proved with it. Never looks at the rows that the engine was given.

use super::classes::Classes;
use super::columns::Scale;
use super::source::{Refusal, Source};
use crate::domain::matching::certificate::Check;
use crate::domain::matching::{Choice, NONE, Seating, Supply};

/// The answer, slot by slot.
pub struct Dealt {
    /// Each person's slot, or [`NONE`].
    pub slot_of: Vec<u32>,
    /// What each slot asks: what its class does.
    price: Vec<i64>,
    group_price: Vec<i64>,
}

impl Dealt {
    /// People in order get the slots of their class in order. `seats` of each slot.
    pub fn deal(seating: Seating, classes: &Classes, seats: &[u32]) -> Self {
        let mut next = vec![NONE; seats.len()];
        let mut first = vec![NONE; classes.len()];
        for slot in (0..seats.len()).rev() {
            let class = classes.class_of[slot] as usize;
            next[slot] = std::mem::replace(&mut first[class], slot as u32);
        }
        let mut left = seats.to_vec();
        let slot_of = seating.class_of.iter().map(|class| {
            let slot = first.get_mut(*class as usize)?;
            while *slot != NONE && left[*slot as usize] == 0 {
                *slot = next[*slot as usize];
            }
            left.get_mut(*slot as usize).map(|left| {
                *left -= 1;
                *slot
            })
        });
        let slot_of = slot_of.map(|slot| slot.unwrap_or(NONE)).collect();
        let price = classes.class_of.iter().map(|class| seating.price[*class as usize]).collect();
        Self { slot_of, price, group_price: seating.group_price }
    }

    /// Reads the file once more and holds every row against the prices. `exit`: what leaving one out counts, in units.
    ///
    /// # Errors
    /// What the form refuses, or the flaw of the answer.
    pub fn prove(
        &self,
        source: &dyn Source,
        supply: &Supply,
        scale: Scale,
        exit: i64,
    ) -> Result<Tally, Refusal> {
        let mut check = Check::new(supply, &self.price, &self.group_price, Some(exit));
        let (mut tally, mut person) = (Tally::default(), 0);
        let mut seated = vec![0_u32; supply.seats.len()];
        source.pass(&mut |row| {
            let sits = self.slot_of.get(person).copied().unwrap_or(NONE);
            person += 1;
            let (mut last, mut units, mut paid, mut seats) = (None, 0, None, false);
            let choices = row.slots.iter().zip(row.costs).map(|(slot, cost)| {
                if last != Some(*cost) {
                    (last, units) = (Some(*cost), scale.units(*cost));
                }
                if *slot == sits {
                    paid = Some(*cost);
                }
                seats |= supply.seats[*slot as usize] > 0;
                Choice { cost: units, class: *slot }
            });
            check.person(sits, choices);
            match paid {
                Some(cost) => {
                    seated[sits as usize] += 1;
                    tally.placed += 1;
                    tally.cost += i64::from(cost);
                }
                None if seats => tally.shortage += 1,
                None => tally.no_slot += 1,
            }
            Ok(())
        })?;
        check.finish().map_err(|flaw| {
            Refusal(format!("the answer was refused, and no cost is claimed: {flaw}; report this instance"))
        })?;
        tally.cost += group_costs(supply, &seated) * i64::from(scale.unit);
        Ok(tally)
    }
}

/// What is counted while the answer is proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many have a slot.
    pub placed: u64,
    /// What that costs, in the file's points, groups included.
    pub cost: i64,
    /// How many name no slot that has a seat.
    pub no_slot: u64,
    /// How many others have none.
    pub shortage: u64,
}

fn group_costs(supply: &Supply, seated: &[u32]) -> i64 {
    let groups = &supply.groups;
    let mut load = vec![0; groups.len()];
    for (seated, group) in seated.iter().zip(&supply.group) {
        let mut group = *group;
        while group != NONE {
            load[group as usize] += *seated as usize;
            group = groups.parent[group as usize];
        }
    }
    let costs =
        load.iter().enumerate().flat_map(|(group, load)| groups.steps_of(group as u32).iter().take(*load));
    costs.copied().map(i64::from).sum()
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::super::testing::instance;
    use super::*;
    use crate::domain::matching::exit_cost;

    /// Two residents, two slots; the second resident pays 9 more for the first slot.
    const TWO: &str = "p asg 2 2 1 4\ns 0 1 0 0\ns 1 1 0 0\nr 0 0 0:0 1:0\nr 1 0 0:9 1:0\n";

    fn proved(slot_of: Vec<u32>, price: Vec<i64>) -> Result<Tally, Refusal> {
        let (_file, source) = instance(TWO);
        let columns = Columns::read(&*source).unwrap();
        let slots = columns.supply(source.offer(), source.people()).unwrap();
        let exit = exit_cost(2, columns.scale.most, &slots);
        Dealt { slot_of, price, group_price: Vec::new() }.prove(&*source, &slots, columns.scale, exit)
    }

    #[test]
    fn the_best_seating_is_proved_and_counted() {
        let tally = Tally { placed: 2, cost: 0, no_slot: 0, shortage: 0 };
        assert_eq!(proved(vec![0, 1], vec![0, 0]), Ok(tally));
    }

    #[test]
    fn no_prices_prove_a_dearer_seating_one_that_leaves_somebody_out_or_one_seat_for_two() {
        for slot_of in [vec![1, 0], vec![0, NONE], vec![1, 1]] {
            for price in [vec![0, 0], vec![9, 0], vec![0, 9], vec![99, 99]] {
                let refusal = proved(slot_of.clone(), price.clone());
                let told = refusal.as_ref().err().map(ToString::to_string).unwrap_or_default();
                assert!(told.contains("no cost is claimed"), "{slot_of:?} at {price:?}: {refusal:?}");
            }
        }
    }
}
