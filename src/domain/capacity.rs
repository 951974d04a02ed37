//! How what is needed and what is offered lie over a season: by week, by month, by state and by site. Derived from
//! rosters, protected time and hours alone, so that it says nothing of what anybody did. Never says who.
//!
//! Whom avoid whom is left out on purpose: a number that changed with it would tell of it. Whether everybody can be
//! placed is for the plan to say; this shows where it gets tight.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};

use super::availability::union;
use super::eligibility::{Host, OpenSlot, Person, broken_by_host};
use super::id::{ProgramId, SiteId, TherapistId};
use super::people::{Modality, State};
use super::time::{Span, Zone, wall};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Season<'a> {
    /// Everyone on the roster.
    pub people: &'a [Person],
    /// The therapists.
    pub hosts: &'a [Host],
    /// Every visit that hours give, taken or not.
    pub slots: &'a [OpenSlot],
    /// Length of a visit in minutes.
    pub visit_minutes: u32,
    /// First day of visits.
    pub from: NaiveDate,
    /// Last day of visits.
    pub until: NaiveDate,
}

/// Need and offer of a week or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Residents who have protected time for a visit in it.
    pub free: usize,
    /// Visits wanted in it, if everybody's one visit is spread evenly over the weeks in which they are free.
    pub wanted: usize,
    /// Visits that hours give.
    pub offered: usize,
    /// Those of them that somebody could come to: in protected time, and with a therapist who may see them.
    pub usable: usize,
}

/// Need and offer of one state or one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Residents who are there.
    pub residents: usize,
    /// Therapists who may see them there.
    pub therapists: usize,
    /// Visits of those therapists in these residents' protected time.
    pub usable: usize,
}

/// Need and offer of a season.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capacity {
    /// By the Monday of the week, every week of the season.
    pub weeks: BTreeMap<NaiveDate, Stretch>,
    /// By the first day of the month.
    pub months: BTreeMap<NaiveDate, Stretch>,
    /// By the state in which residents are: visits by video or telephone.
    pub states: BTreeMap<State, Reach>,
    /// By the residents' site: visits in person.
    pub sites: BTreeMap<SiteId, Reach>,
}

impl Stretch {
    /// How many visits are missing once `reserve_percent` of those that can be used are kept free.
    #[must_use]
    pub fn short(&self, reserve_percent: u8) -> usize {
        let kept = self.usable * usize::from(reserve_percent.min(100)) / 100;
        self.wanted.saturating_sub(self.usable - kept)
    }
}

/// Residents who are alike in everything that counts here.
struct Kind<'a> {
    one: Person,
    people: usize,
    free: Vec<Span>,
    /// The weeks in which they are free, each with the first such day.
    weeks: BTreeMap<NaiveDate, NaiveDate>,
    hosts: Vec<(&'a Host, bool, bool)>,
}

/// What makes residents alike.
type Likeness = (ProgramId, Option<SiteId>, State, Zone, Span, Arc<[Span]>, Arc<[Span]>);

/// Need and offer of a season.
#[must_use]
pub fn capacity(season: &Season<'_>) -> Capacity {
    let kinds = kinds(season);
    let zone = season.people.first().map_or(Zone::UTC, |person| person.zone);
    let mut capacity = Capacity::default();
    let mut monday = monday(season.from);
    while monday <= season.until {
        capacity.weeks.insert(monday, Stretch::default());
        let Some(next) = monday.checked_add_days(Days::new(7)) else { break };
        monday = next;
    }
    needs(&mut capacity, &kinds);
    offers(&mut capacity, season, &kinds, zone);
    capacity
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

fn month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn kinds<'a>(season: &Season<'a>) -> Vec<Kind<'a>> {
    let mut alike: HashMap<Likeness, usize> = HashMap::new();
    let mut kinds: Vec<Kind<'a>> = Vec::new();
    for person in season.people {
        let likeness = (
            person.program,
            person.site,
            person.state.clone(),
            person.zone,
            person.period,
            Arc::clone(&person.protected),
            Arc::clone(&person.never),
        );
        match alike.get(&likeness) {
            Some(at) => kinds[*at].people += 1,
            None => {
                alike.insert(likeness, kinds.len());
                kinds.push(Kind::of(person, season));
            }
        }
    }
    kinds
}

impl<'a> Kind<'a> {
    fn of(person: &Person, season: &Season<'a>) -> Self {
        let one = Person { avoids: Vec::new(), ..person.clone() };
        let minutes = i64::from(season.visit_minutes);
        let free: Vec<Span> = free(&one).into_iter().filter(|span| span.minutes() >= minutes).collect();
        let mut weeks = BTreeMap::new();
        for span in &free {
            let day = wall(span.starts_at(), one.zone).date();
            weeks.entry(monday(day)).or_insert(day);
        }
        let reached = season.hosts.iter().filter_map(|host| {
            let may = |modality| broken_by_host(&one, host, modality).is_empty();
            let (far, near) = (may(Modality::Video) || may(Modality::Phone), may(Modality::InPerson));
            (far || near).then_some((host, far, near))
        });
        let hosts = reached.collect();
        Self { people: 1, free, weeks, hosts, one }
    }
}

/// When somebody can come: protected, in their own time here, and not at a time that is never booked.
fn free(person: &Person) -> Vec<Span> {
    let mut free = Vec::new();
    for block in person.protected.iter() {
        let mut from = block.starts_at().max(person.period.starts_at());
        let until = block.ends_at().min(person.period.ends_at());
        for never in person.never.iter().filter(|never| never.starts_at() < until && never.overlaps(block)) {
            free.extend(Span::new(from, never.starts_at()));
            from = from.max(never.ends_at());
        }
        free.extend(Span::new(from, until));
    }
    union(free)
}

fn needs(capacity: &mut Capacity, kinds: &[Kind<'_>]) {
    let mut wanted: [BTreeMap<NaiveDate, usize>; 2] = Default::default();
    for kind in kinds {
        // In thousandths of a visit: a visit is spread over all weeks in which somebody is free.
        let share = kind.people * 1000 / kind.weeks.len().max(1);
        for (monday, day) in &kind.weeks {
            capacity.weeks.entry(*monday).or_default().free += kind.people;
            *wanted[0].entry(*monday).or_default() += share;
            *wanted[1].entry(month(*day)).or_default() += share;
        }
        for month in kind.weeks.values().map(|day| month(*day)).collect::<BTreeSet<_>>() {
            capacity.months.entry(month).or_default().free += kind.people;
        }
        capacity.states.entry(kind.one.state.clone()).or_default().residents += kind.people;
        if let Some(site) = kind.one.site {
            capacity.sites.entry(site).or_default().residents += kind.people;
        }
    }
    let [weeks, months] = wanted;
    for (stretches, wanted) in [(&mut capacity.weeks, weeks), (&mut capacity.months, months)] {
        for (day, thousandths) in wanted {
            stretches.entry(day).or_default().wanted = (thousandths + 500) / 1000;
        }
    }
}

/// Where one slot can be used.
#[derive(Default)]
struct Uses {
    zone: Option<Zone>,
    states: BTreeSet<State>,
    sites: BTreeSet<SiteId>,
}

fn offers(capacity: &mut Capacity, season: &Season<'_>, kinds: &[Kind<'_>], zone: Zone) {
    let mut slots: Vec<&OpenSlot> = season.slots.iter().collect();
    slots.sort_by_key(|slot| (slot.span, slot.key));
    let mut uses: Vec<Uses> = slots.iter().map(|_| Uses::default()).collect();
    let mut far_from: BTreeMap<&State, BTreeSet<TherapistId>> = BTreeMap::new();
    let mut near_to: BTreeMap<SiteId, BTreeSet<TherapistId>> = BTreeMap::new();
    for kind in kinds {
        let hosts: BTreeMap<TherapistId, (bool, bool)> =
            kind.hosts.iter().map(|(host, far, near)| (host.id, (*far, *near))).collect();
        for (host, (far, near)) in &hosts {
            if *far {
                far_from.entry(&kind.one.state).or_default().insert(*host);
            }
            if let Some(site) = kind.one.site.filter(|_| *near) {
                near_to.entry(site).or_default().insert(*host);
            }
        }
        for span in &kind.free {
            let first = slots.partition_point(|slot| slot.span.starts_at() < span.starts_at());
            let inside = (first..slots.len()).take_while(|at| slots[*at].span.starts_at() < span.ends_at());
            for at in inside.filter(|at| span.contains(&slots[*at].span)) {
                let Some((far, near)) = hosts.get(&slots[at].key.therapist) else { continue };
                uses[at].zone = uses[at].zone.or(Some(kind.one.zone));
                if *far {
                    uses[at].states.insert(kind.one.state.clone());
                }
                uses[at].sites.extend(kind.one.site.filter(|_| *near));
            }
        }
    }
    for (state, hosts) in far_from {
        capacity.states.entry(state.clone()).or_default().therapists = hosts.len();
    }
    for (site, hosts) in near_to {
        capacity.sites.entry(site).or_default().therapists = hosts.len();
    }
    for (slot, uses) in slots.into_iter().zip(uses) {
        count(capacity, slot, uses, zone);
    }
}

fn count(capacity: &mut Capacity, slot: &OpenSlot, uses: Uses, zone: Zone) {
    let day = wall(slot.span.starts_at(), uses.zone.unwrap_or(zone)).date();
    let usable = usize::from(uses.zone.is_some());
    for stretch in [capacity.weeks.entry(monday(day)), capacity.months.entry(month(day))] {
        let stretch = stretch.or_default();
        stretch.offered += 1;
        stretch.usable += usable;
    }
    for state in uses.states {
        capacity.states.entry(state).or_default().usable += 1;
    }
    for site in uses.sites {
        capacity.sites.entry(site).or_default().usable += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::{SlotKey, Wishes};
    use crate::domain::id::ResidentId;
    use crate::domain::people::{Places, Practice};
    use crate::domain::time::Instant;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn span(from: &str, to: &str) -> Span {
        Span::new(at(from), at(to)).unwrap()
    }

    fn person(id: u8, protected: &[Span]) -> Person {
        Person {
            id: ResidentId::from_bytes([id; 16]),
            program: ProgramId::from_bytes([1; 16]),
            program_code: "IM".to_owned(),
            cohort: None,
            zone: "America/Denver".parse().unwrap(),
            state: State::parse("CO").unwrap(),
            site: None,
            period: span("2027-07-05T06:00:00Z", "2027-07-19T06:00:00Z"),
            protected: crate::domain::eligibility::merged(protected.to_vec()),
            never: Arc::from([]),
            avoids: Vec::new(),
            wishes: Wishes::default(),
        }
    }

    fn host(state: &str) -> Host {
        Host {
            id: TherapistId::from_bytes([9; 16]),
            practice: Practice {
                modalities: vec![Modality::Video],
                sites: Vec::new(),
                licensed_states: State::parse(state).into_iter().collect(),
                languages: Vec::new(),
                gender: String::new(),
                supervises: Vec::new(),
                places: Places { video_url: Some("https://v.example.org".to_owned()), ..Places::default() },
            },
        }
    }

    fn slot(starts_at: &str) -> OpenSlot {
        let starts_at = at(starts_at);
        let key = SlotKey { therapist: TherapistId::from_bytes([9; 16]), starts_at };
        OpenSlot {
            key,
            span: Span::new(starts_at, starts_at + chrono::Duration::minutes(50)).unwrap(),
            seats: 1,
        }
    }

    fn told(people: &[Person], hosts: &[Host], slots: &[OpenSlot]) -> Capacity {
        let day = |text: &str| text.parse().unwrap();
        let (from, until) = (day("2027-07-05"), day("2027-07-18"));
        capacity(&Season { people, hosts, slots, visit_minutes: 50, from, until })
    }

    #[test]
    fn a_visit_counts_where_somebody_could_come_to_it_and_not_where_nobody_could() {
        let first = span("2027-07-06T19:00:00Z", "2027-07-06T23:00:00Z");
        let second = span("2027-07-13T19:00:00Z", "2027-07-13T23:00:00Z");
        let people = [person(1, &[first]), person(2, &[first]), person(3, &[first, second])];
        let slots = ["2027-07-06T20:00:00Z", "2027-07-07T20:00:00Z", "2027-07-13T19:00:00Z"].map(slot);
        let told = told(&people, &[host("CO")], &slots);
        let weeks: Vec<_> = told.weeks.values().copied().collect();
        // Two and a half people want the first week, half a one the second.
        assert_eq!(weeks[0], Stretch { free: 3, wanted: 3, offered: 2, usable: 1 });
        assert_eq!(weeks[1], Stretch { free: 1, wanted: 1, offered: 1, usable: 1 });
        assert_eq!((weeks.len(), weeks[0].short(0), weeks[1].short(0)), (2, 2, 0));
        let july = told.months.values().next().unwrap();
        assert_eq!((told.months.len(), july.free, july.wanted, july.usable), (1, 3, 3, 2));
        let colorado = told.states.values().next().unwrap();
        assert_eq!(*colorado, Reach { residents: 3, therapists: 1, usable: 2 });
    }

    #[test]
    fn without_a_licence_or_in_vacation_an_offer_is_of_no_use() {
        let block = span("2027-07-06T19:00:00Z", "2027-07-06T23:00:00Z");
        let slots = [slot("2027-07-06T20:00:00Z")];
        let unlicensed = told(&[person(1, &[block])], &[host("NY")], &slots);
        assert_eq!(unlicensed.weeks.values().map(|week| week.usable).sum::<usize>(), 0);
        assert_eq!(unlicensed.states.values().next().unwrap().therapists, 0);
        let away = Person { never: Arc::from([block]), ..person(1, &[block]) };
        let away = told(&[away], &[host("CO")], &slots);
        assert!(away.weeks.values().all(|week| (week.free, week.wanted, week.usable) == (0, 0, 0)));
    }

    #[test]
    fn whom_somebody_avoids_changes_no_number() {
        let block = span("2027-07-06T19:00:00Z", "2027-07-06T23:00:00Z");
        let slots = [slot("2027-07-06T20:00:00Z")];
        let avoiding = Person { avoids: vec![TherapistId::from_bytes([9; 16])], ..person(1, &[block]) };
        let plain = told(&[person(1, &[block])], &[host("CO")], &slots);
        assert_eq!(told(&[avoiding], &[host("CO")], &slots), plain);
    }
}
