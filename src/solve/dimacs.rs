//! The two DIMACS forms: minimum-cost flow (`p min NODES ARCS`) that is an assignment underneath, and assignment
//! (`p asg NODES ARCS`). Never keeps a pair. What stands between slots and the sink is [`Network`]'s affair.
//!
//! Flow: `n NODE 1` for each resident and `n NODE -RESIDENTS` for the sink, then `a TAIL HEAD 0 ROOM COST`. Arcs lead from
//! residents to slots, from slots to the sink or through groups to it, and from residents to the sink, which leaves
//! them out. What that costs is passed over: as many as possible are placed, then at least cost, as if being left out
//! cost more than any whole plan. Assignment: `n NODE` for each resident, `a RESIDENT SLOT COST`, one seat a slot.
//! In both, all arcs of a resident stand together, residents in ascending order.

use std::path::{Path, PathBuf};

use super::lines::{Line, Lines, Mark, SHORT, WIDE, shown};
use super::network::{Network, Role};
use super::source::{MOST_PAIRS, MOST_PEOPLE, MOST_SLOTS, Offer, Refusal, Row, Source, Twice, Visit};

/// An instance in a DIMACS form.
pub struct Dimacs {
    path: PathBuf,
    form: Form,
    /// Where the arcs begin.
    at: Mark,
    network: Network,
    offer: Offer,
}

/// Which of the two, with the arcs that the first line promises.
#[derive(Debug, Clone, Copy)]
struct Form {
    flow: bool,
    nodes: i64,
    arcs: u64,
}

/// One line of arcs.
struct Arc {
    tail: u32,
    head: u32,
    room: i64,
    cost: i64,
}

impl Form {
    fn read(line: &mut Line<'_>, size: u64) -> Result<Self, Refusal> {
        line.word();
        let flow = match line.word() {
            b"min" => true,
            b"asg" => false,
            other => {
                let other = shown(other);
                return Err(
                    line.wrong(format_args!("a problem of the kind `{other}`; `p asg` and `p min` are read"))
                );
            }
        };
        // Whatever is counted has at least a byte of its own in any file that is meant.
        let bound = |most: u64| most.min(size).cast_signed();
        let nodes = line.number("the number of nodes", 1, bound(MOST_PEOPLE + 2 * MOST_SLOTS))?;
        let arcs = line.number("the number of arcs", 0, bound(MOST_PAIRS))?.cast_unsigned();
        line.end()?;
        Ok(Self { flow, nodes, arcs })
    }

    fn arc(self, line: &mut Line<'_>) -> Result<Arc, Refusal> {
        let word = line.word();
        if word != b"a" {
            let word = shown(word);
            return Err(
                line.wrong(format_args!("`{word}` stands where an arc is expected: `a`, its tail, its head"))
            );
        }
        let tail = line.number("the node of the tail", 1, self.nodes)? as u32;
        let head = line.number("the node of the head", 1, self.nodes)? as u32;
        let mut room = 1;
        if self.flow {
            line.number("the least flow", 0, 0)?;
            room = line.number("the most flow", 1, WIDE)?;
        }
        let cost = line.number("a cost", -WIDE, WIDE)?;
        line.end()?;
        Ok(Arc { tail, head, room, cost })
    }

    /// Reads `n` lines until the first arc; gives where that line begins.
    fn nodes(self, lines: &mut Lines, network: &mut Network) -> Result<Mark, Refusal> {
        loop {
            let at = lines.mark();
            let Some(mut line) = lines.next(SHORT)? else { return Ok(at) };
            // A line of arcs is looked at again by whoever reads arcs.
            let mut words = line;
            if words.word() != b"n" {
                return Ok(at);
            }
            line.word();
            let node = line.number("a node", 1, self.nodes)? as u32;
            let supply = if self.flow {
                line.number(
                    "what the node supplies: 1 for a resident, a number below 0 for the sink",
                    -WIDE,
                    1,
                )?
            } else {
                1
            };
            line.end()?;
            network.supply(node, supply).map_err(|what| line.wrong(what))?;
        }
    }
}

impl Dimacs {
    /// Reads everything but the pairs from a file of `size` bytes.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn open(path: &Path, size: u64) -> Result<Self, Refusal> {
        let mut lines = Lines::open(path, Mark::default())?;
        let Some(mut line) = lines.next(SHORT)? else { return Err(Refusal("the file is empty".to_owned())) };
        let form = Form::read(&mut line, size)?;
        let mut network = Network::new(form.nodes as usize);
        let at = form.nodes(&mut lines, &mut network)?;
        network
            .settle_supply(form.flow)
            .map_err(|what| Refusal::at(format_args!("line {}", at.lines), what))?;
        let mut lines = Lines::open(path, at)?;
        let mut arcs = 0;
        while let Some(mut line) = lines.next(SHORT)? {
            let arc = form.arc(&mut line)?;
            arcs += 1;
            if !form.flow && network.number(arc.tail, Role::Resident).is_none() {
                let tail = arc.tail;
                return Err(line.wrong(format_args!(
                    "an arc leaves node {tail}, which is no resident; add a line `n {tail}` or take the arc out"
                )));
            }
            network.join(arc.tail, arc.head, arc.room, arc.cost).map_err(|what| line.wrong(what))?;
        }
        if arcs != form.arcs {
            let what =
                format!("the file has {arcs} arcs, its first line promises {}; write it again", form.arcs);
            return Err(Refusal::at(format_args!("line {}", lines.mark().lines), what));
        }
        let offer = network.offer(form.flow)?;
        Ok(Self { path: path.to_owned(), form, at, network, offer })
    }
}

/// A row as it is gathered from its arcs.
#[derive(Default)]
struct Gathered {
    slots: Vec<u32>,
    costs: Vec<i32>,
    lines: Vec<u64>,
}

impl Gathered {
    fn show(&mut self, person: usize, network: &Network, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        visit(Row { slots: &self.slots, costs: &self.costs }).map_err(|Twice { choice }| {
            let (node, slot) = (network.residents[person], network.slots[self.slots[choice] as usize]);
            Refusal::at(
                format_args!("line {}", self.lines[choice]),
                format_args!("resident {node} names slot {slot} twice; take one of them out"),
            )
        })?;
        self.slots.clear();
        self.costs.clear();
        self.lines.clear();
        Ok(())
    }
}

impl Source for Dimacs {
    fn offer(&self) -> &Offer {
        &self.offer
    }

    fn people(&self) -> usize {
        self.network.residents.len()
    }

    fn pass(&self, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        let mut lines = Lines::open(&self.path, self.at)?;
        let (mut row, mut current) = (Gathered::default(), 0);
        let nodes = &self.network.residents;
        while let Some(mut line) = lines.next(SHORT)? {
            let arc = self.form.arc(&mut line)?;
            let Some(person) = self.network.number(arc.tail, Role::Resident) else { continue };
            if (person as usize) < current {
                return Err(line.wrong(format_args!(
                    "an arc of resident {} after those of resident {}; sort the arcs by their tails",
                    arc.tail, nodes[current]
                )));
            }
            while current < person as usize {
                row.show(current, &self.network, visit)?;
                current += 1;
            }
            if self.network.is_sink(arc.head) {
                continue;
            }
            let Some(slot) = self.network.number(arc.head, Role::Slot) else {
                return Err(line.wrong("the file changed while it was read; keep it still and try again"));
            };
            let Ok(cost) = i32::try_from(arc.cost) else {
                return Err(
                    line.wrong(format_args!("the cost {} does not fit 32 bits; round the costs", arc.cost))
                );
            };
            row.slots.push(slot);
            row.costs.push(cost);
            row.lines.push(line.number);
        }
        for person in current..nodes.len() {
            row.show(person, &self.network, visit)?;
        }
        Ok(())
    }

    fn names(&self, person: u32, slot: u32) -> (u32, u32) {
        (self.network.residents[person as usize], self.network.slots[slot as usize])
    }
}
