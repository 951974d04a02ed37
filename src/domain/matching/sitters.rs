//! Who sits in each class, as rings of neighbours: sitting down and standing up cost the same however many sit there.
//! Never asks whether there is a seat.

use super::NONE;

/// The people of each class, the last to come first.
#[derive(Debug)]
pub(super) struct Sitters {
    class_of: Vec<u32>,
    head: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
    count: Vec<u32>,
}

impl Sitters {
    pub fn new(people: usize, classes: usize) -> Self {
        Self {
            class_of: vec![NONE; people],
            head: vec![NONE; classes],
            next: vec![NONE; people],
            before: vec![NONE; people],
            count: vec![0; classes],
        }
    }

    /// Where somebody sits, or [`NONE`].
    pub fn class_of(&self, person: u32) -> u32 {
        self.class_of[person as usize]
    }

    /// How many sit in a class.
    pub fn count(&self, class: u32) -> u32 {
        self.count[class as usize]
    }

    /// Who came last to a class, or [`NONE`].
    pub fn first(&self, class: u32) -> u32 {
        self.head[class as usize]
    }

    /// Who came to the same class before somebody, or [`NONE`].
    pub fn after(&self, person: u32) -> u32 {
        self.next[person as usize]
    }

    /// Seats somebody who stands.
    pub fn sit(&mut self, person: u32, class: u32) {
        self.class_of[person as usize] = class;
        self.count[class as usize] += 1;
        let head = std::mem::replace(&mut self.head[class as usize], person);
        self.next[person as usize] = head;
        self.before[person as usize] = NONE;
        if head != NONE {
            self.before[head as usize] = person;
        }
    }

    /// Has somebody stand up. Returns from where, or [`NONE`] if they stood.
    pub fn stand(&mut self, person: u32) -> u32 {
        let class = std::mem::replace(&mut self.class_of[person as usize], NONE);
        if class == NONE {
            return NONE;
        }
        self.count[class as usize] -= 1;
        let (before, next) = (self.before[person as usize], self.next[person as usize]);
        if before == NONE {
            self.head[class as usize] = next;
        } else {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
        class
    }

    /// Everybody's class.
    pub fn into_classes(self) -> Vec<u32> {
        self.class_of
    }
}
