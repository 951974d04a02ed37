//! Who can meet whom, leaving time and exclusions aside, and what it costs: therapists as the wishes see them, and for
//! everybody of one program, state and site the classes that they may sit in. Never tries a therapist whom neither the
//! state nor the site suggests.

use std::collections::HashMap;
use std::ops::Range;

use super::Weights;
use super::rows::to_u32;
use super::weights::UNIT;
use crate::domain::eligibility::{Host, Person, Rule, Wishes, broken_by_host, modalities};
use crate::domain::id::{ProgramId, SiteId};
use crate::domain::people::{Modality, State};

/// One class in a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub class: u32,
    /// What it costs whoever sits there, in units: by the week.
    pub base: u32,
    /// How the wishes see it, for [`Meetings::points`].
    pub kind: u32,
}

/// The classes that somebody may meet the therapists of, in ascending order of moments.
#[derive(Debug, Default)]
struct List {
    entries: Vec<Entry>,
    /// Where each moment's begin; one number more than moments.
    first: Vec<u32>,
}

/// What decides how somebody meets a therapist, besides exclusions and wishes.
#[derive(PartialEq, Eq, Hash)]
struct Ties<'a> {
    program: ProgramId,
    state: &'a State,
    site: Option<SiteId>,
}

/// What a wish can tell of a meeting. Therapists are alike if they speak the same of the languages that anybody wishes
/// for, and so with genders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    languages: Vec<String>,
    gender: Option<String>,
    /// The modalities by which they can meet, one bit each.
    ways: u8,
    /// Whether the therapist does not serve the resident's site.
    elsewhere: bool,
}

/// The classes of a question as meetings see them.
pub(super) struct Classes<'a> {
    /// The classes of each therapist, in ascending order.
    pub of_host: &'a [Vec<u32>],
    /// The moment of each class.
    pub moment: &'a [u32],
    /// What each moment costs by its week, in units.
    pub later: &'a [u32],
}

/// Lists of classes, and what wishes make of each.
#[derive(Default)]
pub(super) struct Meetings {
    lists: Vec<List>,
    /// The list of each person.
    pub list_of: Vec<u32>,
    /// The number of each person's wishes.
    pub wish_of: Vec<u32>,
    /// How many kinds there are: so many columns has each wish's row of `points`.
    kinds: usize,
    /// What each kind costs whoever has a wish, in units.
    points: Vec<u32>,
}

impl Meetings {
    /// Finds the lists of people in lottery order.
    pub fn new(people: &[&Person], hosts: &[&Host], classes: &Classes<'_>, weights: &Weights) -> Self {
        let mut meetings = Self::default();
        let wishes = meetings.find_wishes(people);
        let mut register = Register::new(people, hosts);
        let (mut by_ties, mut by_meeting) = (HashMap::new(), HashMap::new());
        for person in people {
            let ties = Ties { program: person.program, state: &person.state, site: person.site };
            let list = *by_ties.entry(ties).or_insert_with(|| {
                let met = register.met_by(person);
                *by_meeting.entry(met).or_insert_with_key(|met| {
                    meetings.lists.push(List::new(met, classes));
                    to_u32(meetings.lists.len() - 1)
                })
            });
            meetings.list_of.push(list);
        }
        meetings.kinds = register.samples.len();
        for wishes in wishes {
            let points = register.samples.iter().map(|sample| sample.points(wishes, weights) / UNIT);
            meetings.points.extend(points);
        }
        meetings
    }

    /// The classes of a list in a range of moments.
    #[inline]
    pub fn between(&self, list: u32, moments: &Range<u32>) -> &[Entry] {
        let List { entries, first } = &self.lists[list as usize];
        &entries[first[moments.start as usize] as usize..first[moments.end as usize] as usize]
    }

    /// What each kind costs by somebody's wishes, in units.
    pub fn points(&self, wish: u32) -> &[u32] {
        &self.points[wish as usize * self.kinds..(wish as usize + 1) * self.kinds]
    }

    fn find_wishes<'a>(&mut self, people: &[&'a Person]) -> Vec<&'a Wishes> {
        let (mut known, mut wishes) = (HashMap::new(), Vec::new());
        for person in people {
            self.wish_of.push(*known.entry(&person.wishes).or_insert_with(|| {
                wishes.push(&person.wishes);
                to_u32(wishes.len() - 1)
            }));
        }
        wishes
    }
}

impl List {
    /// The classes of therapists, given with how the wishes see them.
    fn new(met: &[(u32, u32)], classes: &Classes<'_>) -> Self {
        let of_host = |host: &u32| classes.of_host[*host as usize].as_slice();
        let both = met.iter().flat_map(|(host, kind)| of_host(host).iter().map(move |class| (*class, *kind)));
        let mut both: Vec<(u32, u32)> = both.collect();
        // Stable, because it joins what is already in order.
        both.sort();
        let mut list =
            Self { entries: Vec::with_capacity(both.len()), first: vec![0; classes.later.len() + 1] };
        for (class, kind) in both {
            let moment = classes.moment[class as usize] as usize;
            list.entries.push(Entry { class, kind, base: classes.later[moment] });
            list.first[moment + 1] += 1;
        }
        for moment in 0..classes.later.len() {
            list.first[moment + 1] += list.first[moment];
        }
        list
    }
}

/// A meeting that stands for all of its kind.
struct Sample<'a> {
    host: &'a Host,
    site: Option<SiteId>,
    ways: u8,
}

impl Sample<'_> {
    fn points(&self, wishes: &Wishes, weights: &Weights) -> u32 {
        way(self.ways, wishes.modality).map_or(0, |way| weights.meeting(wishes, self.site, self.host, way))
    }
}

/// Therapists by the states and sites that suggest them, and the kinds found so far.
struct Register<'a> {
    hosts: &'a [&'a Host],
    by_state: HashMap<&'a State, Vec<u32>>,
    by_site: HashMap<SiteId, Vec<u32>>,
    /// What of each therapist the wishes can see.
    seen: Vec<(Vec<String>, Option<String>)>,
    kinds: HashMap<Kind, u32>,
    samples: Vec<Sample<'a>>,
}

impl<'a> Register<'a> {
    fn new(people: &[&Person], hosts: &'a [&'a Host]) -> Self {
        let mut register = Self {
            hosts,
            by_state: HashMap::new(),
            by_site: HashMap::new(),
            seen: wished_for(people, hosts),
            kinds: HashMap::new(),
            samples: Vec::new(),
        };
        for (number, host) in hosts.iter().enumerate() {
            for state in &host.practice.licensed_states {
                register.by_state.entry(state).or_default().push(to_u32(number));
            }
            for site in &host.practice.sites {
                register.by_site.entry(*site).or_default().push(to_u32(number));
            }
        }
        register
    }

    /// The therapists whom somebody can meet if they do not avoid them, in ascending order, each with the kind.
    fn met_by(&mut self, person: &Person) -> Vec<(u32, u32)> {
        let none = Vec::new();
        let by_state = self.by_state.get(&person.state).unwrap_or(&none);
        let by_site = person.site.and_then(|site| self.by_site.get(&site)).unwrap_or(&none);
        let mut suggested: Vec<u32> = by_state.iter().chain(by_site).copied().collect();
        suggested.sort_unstable();
        suggested.dedup();
        let meets = |host: u32| {
            let ways = ways(person, self.hosts[host as usize]);
            (ways != 0).then_some((host, ways))
        };
        let met: Vec<(u32, u8)> = suggested.into_iter().filter_map(meets).collect();
        met.into_iter().map(|(host, ways)| (host, self.kind(person, host, ways))).collect()
    }

    fn kind(&mut self, person: &Person, number: u32, ways: u8) -> u32 {
        let host = self.hosts[number as usize];
        let (languages, gender) = self.seen[number as usize].clone();
        let elsewhere = person.site.is_some_and(|site| !host.practice.sites.contains(&site));
        let samples = &mut self.samples;
        *self.kinds.entry(Kind { languages, gender, ways, elsewhere }).or_insert_with(|| {
            samples.push(Sample { host, site: person.site, ways });
            to_u32(samples.len() - 1)
        })
    }
}

/// The languages and the gender of each therapist, as far as anybody wishes for them.
fn wished_for(people: &[&Person], hosts: &[&Host]) -> Vec<(Vec<String>, Option<String>)> {
    let of = |wish: fn(&Wishes) -> &Option<String>| -> std::collections::HashSet<String> {
        people.iter().filter_map(|person| wish(&person.wishes).as_deref().map(Weights::folded)).collect()
    };
    let (languages, genders) = (of(|wishes| &wishes.language), of(|wishes| &wishes.gender));
    let seen = |host: &&Host| {
        let spoken = host.practice.languages.iter().map(|language| Weights::folded(language));
        let mut spoken: Vec<String> = spoken.filter(|language| languages.contains(language)).collect();
        spoken.sort_unstable();
        spoken.dedup();
        (spoken, Some(Weights::folded(&host.practice.gender)).filter(|gender| genders.contains(gender)))
    };
    hosts.iter().map(seen).collect()
}

/// The modalities by which two can meet, leaving time and exclusions aside: one bit each.
fn ways(person: &Person, host: &Host) -> u8 {
    let may = |way: &Modality| {
        let broken = broken_by_host(person, host, *way);
        broken.is_empty() || broken.only() == Some(Rule::Avoided)
    };
    modalities(person, host).filter(may).fold(0, |ways, way| ways | 1 << way as u8)
}

/// The one of them that is taken: the one wished for, or else the first.
fn way(ways: u8, wish: Option<Modality>) -> Option<Modality> {
    let has = |way: &Modality| ways & (1 << *way as u8) != 0;
    let all = [Modality::Video, Modality::InPerson, Modality::Phone];
    wish.filter(has).or_else(|| all.into_iter().find(has))
}
