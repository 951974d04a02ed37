//! Holds two worlds against each other and says where they first differ. Never knows what was done in them but by whom.

use holdspace::domain::letter::Letter;

use super::deeds::Deed;
use super::script::Behaviour;
use super::world::World;
use crate::harness::house::Arrival;
use crate::harness::person::kind;

/// The first place at which two worlds differ, with the two texts there; none where they look the same.
pub fn difference(one: &World, other: &World, behaviours: &[&[Behaviour]; 2]) -> Option<String> {
    // Where the figures stand, two worlds may differ by noise and by what is counted. With the same of both, they may not.
    let same_truth = one.truth == other.truth;
    let compared = |world: &World| {
        let seen = world.seen.iter().filter(|seen| same_truth || !bears_figures(&seen.moment, &seen.place));
        seen.cloned().collect::<Vec<_>>()
    };
    let (seen, others) = (compared(one), compared(other));
    for (seen, other) in seen.iter().zip(&others) {
        if seen.place != other.place || seen.moment != other.moment {
            return Some(format!("{}: {} here, {} there", seen.moment, seen.place, other.place));
        }
        if seen.text != other.text {
            return Some(format!("{}: {}\n{}", seen.moment, seen.place, lines(&seen.text, &other.text)));
        }
    }
    if seen.len() != others.len() {
        return Some("one of them was looked at more often".to_owned());
    }
    let does = |is: fn(Deed) -> bool| behaviours.iter().any(|all| all.iter().any(|one| one.any(is)));
    let shaped = does(Deed::shapes_letters);
    let stops = does(Deed::stops_letters);
    mail(one, other, shaped, stops)
}

/// Whether a place tells the figures of a release, once there is one.
fn bears_figures(moment: &str, place: &str) -> bool {
    let bears = ["release", "GET /program/IM,", "GET /program/NEPH,", "/overview", "/api/v1/offerings"];
    moment == "after the release" && bears.iter().any(|part| place.contains(part))
}

/// What mail servers saw: hers, and everybody else's.
fn mail(one: &World, other: &World, shaped: bool, stops: bool) -> Option<String> {
    let told = [one, other].map(|world| {
        let mut lines: Vec<String> =
            world.mail.iter().filter_map(|arrival| told(world, arrival, shaped, stops)).collect();
        lines.sort();
        lines
    });
    let [one, other] = &told;
    let at = one
        .iter()
        .zip(other)
        .position(|(one, other)| one != other)
        .or_else(|| (one.len() != other.len()).then_some(one.len().min(other.len())))?;
    let none = String::new();
    let [one, other] = [one, other].map(|lines| lines.get(at).unwrap_or(&none));
    Some(format!("the mail\n{}", lines(one, other)))
}

/// A letter as it is compared; none for those that are set aside.
fn told(world: &World, arrival: &Arrival, shaped: bool, stops: bool) -> Option<String> {
    let (at, received) = (arrival.at, &arrival.received);
    let letter = received.read();
    let kind = kind(&letter);
    let to = &received.to[0];
    let from = but_the_token(&received.from);
    let whole = || {
        let bytes = String::from_utf8_lossy(&received.bytes);
        format!("{at} {kind} {to} from {from}\n{bytes}")
    };
    // What tells of a lost visit bears a calendar part only where an entry stands at the lost time, and SEQUENCE counts its
    // changes: the letters and answers by which an entry was changed told so before (docs/architecture.md). All else is the same.
    let but_the_entry =
        || format!("{at} {kind} {to} from {from} {}\n{}\n{}", letter.subject, letter.text, letter.html);
    let everyone = Letter::ALL.into_iter().any(|one| one.for_everyone() && one.name() == kind);
    let of = |people: &[[String; 3]]| people.iter().position(|all| all.contains(to));
    let is_other = world.flipped.iter().any(|[_, _, other]| other == to);
    match kind.as_str() {
        // Those who hold visits learn of them.
        _ if to.ends_with("@counseling.example.org") => None,
        // Which free seat is kept for who waits, and when, hangs on which are free: docs/architecture.md says what of it shows.
        "free-time" => None,
        // A way in that somebody of the staff asked for bears fresh randomness, as it should.
        "sign-in" => Some(format!("{at} {kind} {to} {} {}", letter.subject, received.bytes.len())),
        // Whoever is told of another address is told alike; which of the two they choose is for them to see.
        "other-address" if !shaped => Some(whole()),
        "invitation" if is_other => (!shaped).then(but_the_entry),
        _ => match (of(&world.flipped), of(&world.on_seats)) {
            (Some(_), _) if !everyone => None,
            // What their own mailbox lacks is what they asked for; what staff can count is compared elsewhere.
            (Some(_), _) if stops && kind != "announcement" && kind != "invitation" => None,
            (Some(_), _) if shaped && world.homes_refused => None,
            (Some(who), _) if shaped => Some(format!("{at} {kind} to number {who}")),
            (None, Some(_)) if !everyone => None,
            (None, None) => Some(whole()),
            _ if ["rearranged", "released", "retimed"].contains(&kind.as_str()) => Some(but_the_entry()),
            _ => Some(whole()),
        },
    }
}

/// The address that a letter comes back to, without what stands in it for the letter: the letter's random name under a keyed
/// tag. Where several letters are owed in one step, how many were drawn before decides which of all equally random names one
/// gets; whoever lives in one world alone learns nothing from it.
fn but_the_token(from: &str) -> String {
    match from.split_once('+').and_then(|(before, rest)| Some((before, rest.split_once('@')?))) {
        Some((before, (token, domain))) => format!("{before}+{} characters@{domain}", token.len()),
        None => from.to_owned(),
    }
}

/// The first lines that differ, and where.
fn lines(one: &str, other: &str) -> String {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let at =
        one.iter().zip(&other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
    let shown = |lines: &[&str], sign: char| {
        let shown = lines.iter().skip(at).take(3);
        shown
            .map(|line| format!("  {sign} {}\n", line.chars().take(300).collect::<String>()))
            .collect::<String>()
    };
    let first = one.first().copied().unwrap_or_default();
    format!(
        "  line {}, below {:?}\n{}{}",
        at + 1,
        first.chars().take(120).collect::<String>(),
        shown(&one, '-'),
        shown(&other, '+')
    )
}
