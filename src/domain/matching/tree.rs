//! The tree that groups make: what lies in what, from both ends. Never holds a load or a price.

use super::{NONE, Supply, number};

/// Classes and groups as nodes of one numbering, classes first, with what each group holds.
#[derive(Debug)]
pub(super) struct Tree {
    /// How many classes there are: the node of the first group.
    pub classes: u32,
    parent: Vec<u32>,
    /// Where in `held` each group's children begin; the last list is of the nodes that lie in no group.
    first: Vec<u32>,
    held: Vec<u32>,
}

impl Tree {
    pub fn new(supply: &Supply) -> Self {
        let classes = number(supply.seats.len());
        let groups = supply.groups.len();
        let up = |group: &u32| if *group == NONE { NONE } else { classes + group };
        let parent: Vec<u32> = supply.group.iter().chain(&supply.groups.parent).map(up).collect();
        let list = |parent: u32| if parent == NONE { groups } else { (parent - classes) as usize };
        let mut first = vec![0_u32; groups + 2];
        for parent in &parent {
            first[list(*parent) + 1] += 1;
        }
        for group in 0..=groups {
            first[group + 1] += first[group];
        }
        let mut next = first.clone();
        let mut held = vec![0; parent.len()];
        for (node, parent) in parent.iter().enumerate() {
            let place = &mut next[list(*parent)];
            held[*place as usize] = number(node);
            *place += 1;
        }
        Self { classes, parent, first, held }
    }

    /// How many nodes there are.
    pub const fn len(&self) -> usize {
        self.parent.len()
    }

    /// The node of the group that a node lies in, or [`NONE`].
    pub fn parent(&self, node: u32) -> u32 {
        self.parent[node as usize]
    }

    /// The group of a node; `None` for a class.
    pub fn group(&self, node: u32) -> Option<usize> {
        node.checked_sub(self.classes).map(|group| group as usize)
    }

    /// What a group's node holds; with [`NONE`], what lies in no group.
    pub fn children(&self, node: u32) -> &[u32] {
        let list = if node == NONE { self.first.len() - 2 } else { (node - self.classes) as usize };
        &self.held[self.first[list] as usize..self.first[list + 1] as usize]
    }
}
