//! Finds the assignment in a network: residents, slots, groups above them and the sink. Refuses every other network,
//! with what was expected. Never reads a file.

use super::source::{MOST_PEOPLE, MOST_SLOTS, Offer, Refusal};
use crate::domain::matching::NONE;

/// Most groups above a slot: the slot's own, day, therapist, site, and one more.
const LEVELS: u32 = 5;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Not named by any arc yet that tells.
    Unknown,
    /// Supplies one.
    Resident,
    /// Named by residents.
    Slot,
    /// Named by slots or by groups.
    Group,
    /// Takes everybody.
    Sink,
}

/// Nodes and what leads from slots upwards. A node's number in the file is its place here.
pub struct Network {
    role: Vec<Role>,
    /// The number of a resident, slot or group among its like.
    number: Vec<u32>,
    /// The one node that a slot or group leads to; 0 for none.
    above: Vec<u32>,
    /// Arcs from slots and groups: tail, cost, room.
    upwards: Vec<(u32, i32, u32)>,
    /// What the sink takes.
    demand: i64,
    /// The nodes of residents, ascending.
    pub residents: Vec<u32>,
    /// The nodes of slots, ascending.
    pub slots: Vec<u32>,
}

impl Network {
    pub fn new(nodes: usize) -> Self {
        Self {
            role: vec![Role::Unknown; nodes + 1],
            number: vec![NONE; nodes + 1],
            above: vec![0; nodes + 1],
            upwards: Vec::new(),
            demand: 0,
            residents: Vec::new(),
            slots: Vec::new(),
        }
    }

    /// The number of a node among those of its role, if it has that role.
    pub fn number(&self, node: u32, role: Role) -> Option<u32> {
        (self.role[node as usize] == role).then(|| self.number[node as usize])
    }

    pub fn is_sink(&self, node: u32) -> bool {
        self.role[node as usize] == Role::Sink
    }

    /// What a node supplies: 1, nothing, or less than that.
    pub fn supply(&mut self, node: u32, supply: i64) -> Result<(), String> {
        let role = &mut self.role[node as usize];
        if *role != Role::Unknown {
            return Err(format!("node {node} has a line already; take one of them out"));
        }
        match supply {
            0 => {}
            1 => *role = Role::Resident,
            _ if self.demand != 0 => {
                return Err(format!(
                    "node {node} is a second sink; an assignment has one, which takes everybody"
                ));
            }
            _ => {
                *role = Role::Sink;
                self.demand = supply;
            }
        }
        Ok(())
    }

    /// Numbers the residents once all supplies are known.
    pub fn settle_supply(&mut self, flow: bool) -> Result<(), String> {
        self.residents = self.settle(Role::Resident);
        let residents = self.residents.len() as u64;
        if residents > MOST_PEOPLE {
            return Err(format!(
                "{residents} residents, more than the {MOST_PEOPLE} that are read; split the instance"
            ));
        }
        if flow && self.demand.unsigned_abs() != residents {
            return Err(format!(
                "{residents} nodes supply 1 each and the sink takes {}; give one sink that takes as many as there are \
                 residents",
                self.demand.unsigned_abs()
            ));
        }
        Ok(())
    }

    fn settle(&mut self, role: Role) -> Vec<u32> {
        let nodes = self.role.iter().enumerate().filter(|(_, one)| **one == role);
        let nodes: Vec<u32> = nodes.map(|(node, _)| node as u32).collect();
        for (number, node) in nodes.iter().enumerate() {
            self.number[*node as usize] = number as u32;
        }
        nodes
    }

    /// Takes an arc in.
    pub fn join(&mut self, tail: u32, head: u32, room: i64, cost: i64) -> Result<(), String> {
        let below = self.role[tail as usize];
        if below == Role::Sink {
            return Err(format!("an arc leaves the sink {tail}; take it out"));
        }
        let resident = below == Role::Resident;
        let role = &mut self.role[head as usize];
        match (*role, resident) {
            (Role::Resident, _) => {
                return Err(format!(
                    "an arc leads to resident {head}; arcs of residents lead to slots or to the sink"
                ));
            }
            (Role::Unknown | Role::Slot, true) => *role = Role::Slot,
            (Role::Unknown | Role::Group, false) => *role = Role::Group,
            (Role::Sink, _) => {}
            (Role::Group, true) | (Role::Slot, false) => {
                return Err(format!(
                    "residents as well as slots lead to node {head}; let residents lead to slots, and slots to groups or \
                     to the sink"
                ));
            }
        }
        if resident { Ok(()) } else { self.join_upwards(tail, head, room, cost) }
    }

    fn join_upwards(&mut self, tail: u32, head: u32, room: i64, cost: i64) -> Result<(), String> {
        let above = &mut self.above[tail as usize];
        if *above != 0 && *above != head {
            return Err(format!(
                "node {tail} leads to node {above} and to node {head}; a slot or group leads to one group or to the sink"
            ));
        }
        *above = head;
        let Ok(cost @ 0..) = i32::try_from(cost) else {
            return Err(format!(
                "the cost {cost} on the way from a slot to the sink; 0 to {} are read, costs below 0 from residents only",
                i32::MAX
            ));
        };
        self.upwards.push((tail, cost, u32::try_from(room).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// What there is to fill, once all arcs are in. Without `flow`, one seat a slot.
    pub fn offer(&mut self, flow: bool) -> Result<Offer, Refusal> {
        self.slots = self.settle(Role::Slot);
        if self.slots.len() as u64 > MOST_SLOTS {
            let what = format!("{} slots, more than the {MOST_SLOTS} that are read", self.slots.len());
            return Err(Refusal(format!("{what}; split the instance")));
        }
        let slots = self.slots.len();
        if !flow {
            return Ok(Offer { seats: vec![1; slots], group: vec![NONE; slots], ..Offer::default() });
        }
        // Of parallel arcs the cheapest fills first, so their order in the file does not matter.
        self.upwards.sort_unstable();
        let (mut offer, mut depth) = (Offer::default(), Vec::new());
        for slot in self.slots.clone() {
            let arcs = self.arcs_of(slot);
            let seats = arcs.iter().fold(0_u32, |sum, (_, _, room)| sum.saturating_add(*room));
            let free = arcs.iter().all(|(_, cost, _)| *cost == 0);
            // A slot whose own seats cost more and more is a group of its own.
            let group =
                self.group(if free { self.above[slot as usize] } else { slot }, &mut offer, &mut depth)?;
            offer.seats.push(seats);
            offer.group.push(group);
        }
        Ok(offer)
    }

    fn arcs_of(&self, node: u32) -> &[(u32, i32, u32)] {
        let begin = self.upwards.partition_point(|(tail, ..)| *tail < node);
        let end = self.upwards.partition_point(|(tail, ..)| *tail <= node);
        &self.upwards[begin..end]
    }

    /// The number of a node as a group, made on the first call together with all groups above it. `depth` of each group.
    fn group(&mut self, node: u32, offer: &mut Offer, depth: &mut Vec<u32>) -> Result<u32, Refusal> {
        let (mut new, mut top) = (Vec::new(), node);
        let mut number = NONE;
        while top != 0 && !self.is_sink(top) {
            if let Some(made) = self.number(top, Role::Group).filter(|made| *made != NONE) {
                number = made;
                break;
            }
            new.push(top);
            if new.len() > LEVELS as usize {
                return Err(too_deep(node));
            }
            top = self.above[top as usize];
        }
        for node in new.into_iter().rev() {
            let level = if number == NONE { 1 } else { depth[number as usize] + 1 };
            if level > LEVELS {
                return Err(too_deep(node));
            }
            offer.push_group(self.arcs_of(node).iter().map(|(_, cost, room)| (*room, *cost)));
            let made = offer.groups.len() - 1;
            offer.groups[made].parent = number;
            depth.push(level);
            number = made as u32;
            if self.role[node as usize] == Role::Group {
                self.number[node as usize] = number;
            }
        }
        Ok(number)
    }
}

fn too_deep(node: u32) -> Refusal {
    Refusal(format!(
        "from node {node} more than {LEVELS} groups, or a circle, stand before the sink; let slots lead to it through at most \
         {LEVELS}"
    ))
}
