//! Who may sit in which slot, rule by rule.

use super::*;
use crate::domain::people::Places;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span::new(at(from), at(to)).unwrap()
}

fn state(text: &str) -> State {
    State::parse(text).unwrap()
}

const NOW: &str = "2027-07-01T00:00:00Z";

fn resident() -> Person {
    Person {
        id: ResidentId::from_bytes([1; 16]),
        program: ProgramId::from_bytes([2; 16]),
        program_code: "IM".to_owned(),
        cohort: Some("B".to_owned()),
        zone: "America/Denver".parse().unwrap(),
        state: state("CO"),
        site: Some(SiteId::from_bytes([3; 16])),
        period: span("2027-07-01T06:00:00Z", "2027-09-01T06:00:00Z"),
        protected: merged(vec![span("2027-07-06T19:00:00Z", "2027-07-06T23:00:00Z")]),
        never: merged(vec![span("2027-07-06T22:30:00Z", "2027-07-07T14:00:00Z")]),
        avoids: Vec::new(),
        wishes: Wishes::default(),
    }
}

fn therapist() -> Host {
    let practice = Practice {
        modalities: vec![Modality::InPerson, Modality::Video],
        sites: vec![SiteId::from_bytes([3; 16])],
        licensed_states: vec![state("CO")],
        languages: vec!["English".to_owned()],
        gender: "female".to_owned(),
        supervises: Vec::new(),
        places: Places {
            video_url: Some("https://video.example.org/1".to_owned()),
            phone: None,
            room: Some("Room 1".to_owned()),
        },
    };
    Host { id: TherapistId::from_bytes([4; 16]), practice }
}

fn visit() -> Span {
    span("2027-07-06T19:00:00Z", "2027-07-06T19:50:00Z")
}

fn verdict(change: impl FnOnce(&mut Person, &mut Host)) -> Result<Modality, Rule> {
    let (mut person, mut host) = (resident(), therapist());
    change(&mut person, &mut host);
    fits(&person, &host, &visit(), at(NOW))
}

#[test]
fn a_visit_inside_protected_time_fits_and_is_held_as_wished() {
    assert_eq!(verdict(|_, _| ()), Ok(Modality::Video));
    assert_eq!(
        verdict(|person, _| person.wishes.modality = Some(Modality::InPerson)),
        Ok(Modality::InPerson)
    );
    let unheld = verdict(|person, _| person.wishes.modality = Some(Modality::Phone));
    assert_eq!(unheld, Ok(Modality::Video), "a wish that nobody can meet keeps nobody out");
    assert_eq!(verdict(|_, host| host.practice.modalities.reverse()), Ok(Modality::Video));
}

#[test]
fn each_rule_about_time_is_named() {
    let fits_at = |slot: Span| fits(&resident(), &therapist(), &slot, at(NOW));
    let late = span("2027-07-06T22:00:00Z", "2027-07-06T22:50:00Z");
    assert_eq!(fits_at(late), Err(Rule::NeverBookable));
    let to_the_minute = span("2027-07-06T21:40:00Z", "2027-07-06T22:30:00Z");
    assert_eq!(fits_at(to_the_minute), Ok(Modality::Video));
    let early = span("2027-07-06T18:59:00Z", "2027-07-06T19:49:00Z");
    assert_eq!(fits_at(early), Err(Rule::OutsideProtectedTime));
    let soon = fits(&resident(), &therapist(), &visit(), at("2027-07-06T19:00:01Z"));
    assert_eq!(soon, Err(Rule::Notice));
    assert_eq!(fits(&resident(), &therapist(), &visit(), at("2027-07-06T19:00:00Z")), Ok(Modality::Video));
    let gone = verdict(|person, _| person.period = span(NOW, "2027-07-06T19:49:00Z"));
    assert_eq!(gone, Err(Rule::OutsidePeriod));
    assert_eq!(verdict(|person, _| person.protected = merged(Vec::new())), Err(Rule::OutsideProtectedTime));
}

#[test]
fn nobody_meets_who_supervises_them_or_whom_they_avoid() {
    assert_eq!(
        verdict(|person, host| host.practice.supervises = vec![person.program]),
        Err(Rule::Supervises)
    );
    assert_eq!(verdict(|person, host| person.avoids = vec![host.id]), Err(Rule::Avoided));
}

#[test]
fn video_needs_a_licence_and_a_visit_in_person_needs_the_site_and_a_room() {
    assert_eq!(verdict(|person, _| person.state = state("AZ")), Ok(Modality::InPerson));
    let video_only = |host: &mut Host| host.practice.modalities = vec![Modality::Video];
    let elsewhere = verdict(|person, host| {
        person.state = state("AZ");
        video_only(host);
    });
    assert_eq!(elsewhere, Err(Rule::NotLicensed));
    let no_address = verdict(|_, host| {
        host.practice.places.video_url = None;
        video_only(host);
    });
    assert_eq!(no_address, Err(Rule::NoPlace));
    let room_only = |host: &mut Host| host.practice.modalities = vec![Modality::InPerson];
    let other_site = verdict(|person, host| {
        person.site = Some(SiteId::from_bytes([9; 16]));
        room_only(host);
    });
    assert_eq!(other_site, Err(Rule::OtherSite));
    let no_site = verdict(|person, host| {
        person.site = None;
        room_only(host);
    });
    assert_eq!(no_site, Err(Rule::NoSite));
    assert_eq!(verdict(|_, host| host.practice.modalities.clear()), Err(Rule::NoPlace));
}

#[test]
fn two_protected_half_days_that_touch_are_one_day() {
    let morning = span("2027-07-06T14:00:00Z", "2027-07-06T18:00:00Z");
    let afternoon = span("2027-07-06T18:00:00Z", "2027-07-06T22:00:00Z");
    let inside = span("2027-07-06T15:00:00Z", "2027-07-06T16:00:00Z");
    let day = span("2027-07-06T14:00:00Z", "2027-07-06T22:00:00Z");
    let next = span("2027-07-07T14:00:00Z", "2027-07-07T22:00:00Z");
    assert_eq!(*merged(vec![next, afternoon, inside, morning]), [day, next]);
}

#[test]
fn a_long_night_is_not_hidden_by_a_short_one_inside_it() {
    let night = span("2027-07-06T18:00:00Z", "2027-07-07T18:00:00Z");
    let nap = span("2027-07-06T18:30:00Z", "2027-07-06T18:45:00Z");
    assert_eq!(verdict(|person, _| person.never = merged(vec![nap, night])), Err(Rule::NeverBookable));
}
