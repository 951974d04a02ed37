//! Slots that are the same to everybody become one class, and the rows are read again as rows of classes. Every row
//! proves the merge: it holds all slots of a class at one cost, or none. Never answers where that fails.

use super::columns::{Columns, Scale};
use super::source::{Offer, Refusal, Row, Source};
use crate::domain::matching::rows::Listed;
use crate::domain::matching::{Choice, NONE, Supply};

/// Which slots are one.
pub struct Classes {
    /// The class of each slot. Classes are numbered in order of their first slots.
    pub class_of: Vec<u32>,
    /// How many slots each class has.
    size: Vec<u32>,
    /// How many choices the rows hold, once in classes.
    choices: u64,
}

impl Classes {
    /// One class for slots of one group that, in all likelihood, the same residents name at the same costs.
    pub fn merged(columns: &Columns, offer: &Offer) -> Self {
        let key = |slot: u32| {
            let column = &columns.columns[slot as usize];
            (column.sum, column.people, offer.group[slot as usize])
        };
        let slots = 0..offer.seats.len() as u32;
        let mut order: Vec<u32> = slots.clone().collect();
        order.sort_unstable_by_key(|slot| (key(*slot), *slot));
        // The first slot of each, then their numbers in order of those.
        let mut class_of = vec![NONE; order.len()];
        for alike in order.chunk_by(|one, other| key(*one) == key(*other)) {
            alike.iter().for_each(|slot| class_of[*slot as usize] = alike[0]);
        }
        let (mut size, mut choices) = (Vec::new(), 0);
        for slot in slots {
            let first = class_of[slot as usize];
            let class = if first == slot {
                size.push(0);
                choices += u64::from(columns.columns[slot as usize].people);
                size.len() as u32 - 1
            } else {
                class_of[first as usize]
            };
            class_of[slot as usize] = class;
            size[class as usize] += 1;
        }
        Self { class_of, size, choices }
    }

    /// Each slot for itself.
    pub fn apart(columns: &Columns) -> Self {
        let slots = columns.columns.len();
        Self { class_of: (0..slots as u32).collect(), size: vec![1; slots], choices: columns.pairs }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.size.len()
    }

    /// The slots' seats and groups as those of the classes; the groups themselves move over.
    pub fn supply(&self, slots: &mut Supply) -> Supply {
        let (mut seats, mut group) = (vec![0_u32; self.len()], vec![NONE; self.len()]);
        for (slot, class) in self.class_of.iter().enumerate() {
            let class = *class as usize;
            seats[class] = seats[class].saturating_add(slots.seats[slot]);
            group[class] = slots.group[slot];
        }
        Supply { seats, group, groups: std::mem::take(&mut slots.groups) }
    }

    /// Reads all rows as rows of classes; none where a row tells two slots of a class apart.
    ///
    /// # Errors
    /// What the form refuses, or a file that changed since the first look.
    pub fn rows(&self, source: &dyn Source, scale: Scale) -> Result<Option<Listed>, Refusal> {
        let room = usize::try_from(self.choices).unwrap_or(0);
        let listed = Listed::new(self.len(), scale.most, source.people(), room);
        let unseen = Seen { person: u32::MAX, cost: 0, slots: 0 };
        let seen = vec![unseen; self.len()];
        let mut rewrite =
            Rewrite { classes: self, scale, listed, seen, row: Vec::new(), fault: None, person: 0 };
        source.pass(&mut |row| {
            if rewrite.fault.is_none() {
                rewrite.fault = rewrite.row(row).err();
            }
            rewrite.person += 1;
            Ok(())
        })?;
        match rewrite.fault {
            None => Ok(Some(rewrite.listed)),
            Some(Odd::Unlike) => Ok(None),
            Some(Odd::Changed) => {
                Err(Refusal("the file changed while it was read; keep it still and try again".to_owned()))
            }
        }
    }
}

/// Why a row cannot be one of classes.
#[derive(Debug, Clone, Copy)]
enum Odd {
    /// It tells two slots of a class apart.
    Unlike,
    /// It has a cost that was not there before.
    Changed,
}

/// What the row of somebody holds of a class.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Whose row.
    person: u32,
    cost: i32,
    slots: u32,
}

struct Rewrite<'a> {
    classes: &'a Classes,
    scale: Scale,
    listed: Listed,
    seen: Vec<Seen>,
    row: Vec<Choice>,
    fault: Option<Odd>,
    person: u32,
}

impl Rewrite<'_> {
    #[inline]
    fn row(&mut self, row: Row<'_>) -> Result<(), Odd> {
        self.row.clear();
        for (slot, cost) in row.slots.iter().zip(row.costs) {
            let class = self.classes.class_of[*slot as usize];
            let seen = &mut self.seen[class as usize];
            if seen.person == self.person {
                if seen.cost != *cost {
                    return Err(Odd::Unlike);
                }
                seen.slots += 1;
                continue;
            }
            *seen = Seen { person: self.person, cost: *cost, slots: 1 };
            let units = self.scale.units(*cost);
            if units > self.scale.most {
                return Err(Odd::Changed);
            }
            self.row.push(Choice { cost: units, class });
        }
        let whole = |choice: &Choice| {
            self.seen[choice.class as usize].slots == self.classes.size[choice.class as usize]
        };
        if !self.row.iter().all(whole) {
            return Err(Odd::Unlike);
        }
        self.listed.push(self.row.iter().copied());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::instance;
    use super::*;

    /// As if the sums of two slots had met by chance.
    fn together_by_chance(text: &str) -> Option<Listed> {
        let (_file, source) = instance(text);
        let columns = Columns::read(&*source).unwrap();
        let wrong = Classes { class_of: vec![0, 0], size: vec![2], choices: 2 };
        wrong.rows(&*source, columns.scale).unwrap()
    }

    const SLOTS: &str = "s 0 1 0 0\ns 1 1 0 0\n";

    #[test]
    fn a_row_that_names_one_of_two_merged_slots_tells_them_apart() {
        assert!(together_by_chance(&format!("p asg 2 2 1 3\n{SLOTS}r 0 0 0:5 1:5\nr 1 0 1:5\n")).is_none());
    }

    #[test]
    fn a_row_that_gives_two_merged_slots_two_costs_tells_them_apart() {
        assert!(
            together_by_chance(&format!("p asg 2 2 1 4\n{SLOTS}r 0 0 0:5 1:5\nr 1 0 0:5 1:6\n")).is_none()
        );
    }

    #[test]
    fn a_file_that_changes_after_the_first_look_gives_no_rows() {
        let text = |cost: u32| format!("p asg 1 2 1 2\n{SLOTS}r 0 0 0:4 1:{cost}\n");
        let (file, source) = instance(&text(6));
        let columns = Columns::read(&*source).unwrap();
        std::fs::write(file.path(), text(8)).unwrap();
        let refusal = Classes::apart(&columns).rows(&*source, columns.scale).err().unwrap();
        assert!(refusal.to_string().contains("changed while it was read"), "{refusal}");
    }
}
