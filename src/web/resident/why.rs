//! Why the batch chose a time, in words for its resident. Names nobody, and says the same whatever they did since.

use crate::domain::plan::{Here, Next, Parts, Wish};
use crate::domain::time::{Span, Zone};
use crate::web::told;
use crate::web::words::{Words, filled};

/// The words about one default visit.
pub struct WhyTold {
    /// Which time, and by what rules.
    pub chosen: String,
    /// What it has for the resident.
    pub fits: String,
    /// What it costs, by part.
    pub costs: String,
    /// The next best times with what they would have cost.
    pub next: Vec<String>,
}

impl WhyTold {
    /// The words about the default visit at `chosen`.
    pub fn of(w: &Words, chosen: Span, here: &Here, zone: Zone) -> Self {
        let (day, times) = (told::day_of(w, chosen, zone), told::times(w, chosen, zone));
        Self {
            chosen: filled(w.why_chosen, &[("day", &day), ("times", &times)]),
            fits: fits(w, &here.parts),
            costs: costs(w, &here.parts),
            next: here.next.iter().flatten().map(|next| next_time(w, next, zone)).collect(),
        }
    }
}

fn wishes<'w>(w: &'w Words, parts: &Parts) -> [(Wish, &'w str); 3] {
    [(parts.language, w.why_language), (parts.gender, w.why_gender), (parts.modality, w.why_modality)]
}

fn fits(w: &Words, parts: &Parts) -> String {
    let named = |wanted: fn(Wish) -> bool| -> Option<String> {
        let names: Vec<&str> =
            wishes(w, parts).iter().filter(|(wish, _)| wanted(*wish)).map(|(_, name)| *name).collect();
        match names.as_slice() {
            [] => None,
            [most @ .., last] if !most.is_empty() => Some(format!("{}{}{last}", most.join(", "), w.why_and)),
            [one, ..] => Some((*one).to_owned()),
        }
    };
    let met = named(|wish| wish == Wish::Met).map(|names| filled(w.why_met, &[("wishes", &names)]));
    let unmet = named(|wish| matches!(wish, Wish::Unmet(_)));
    let unmet = unmet.map(|names| filled(w.why_unmet, &[("wishes", &names)]));
    let sentences = [Some(w.why_protected.to_owned()), met, unmet];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn costs(w: &Words, parts: &Parts) -> String {
    if parts.points() == 0 {
        return w.why_costs_nothing.to_owned();
    }
    let unmet = wishes(w, parts).into_iter().filter_map(|(wish, name)| match wish {
        Wish::Unmet(points) => Some((points, filled(w.why_wish, &[("wish", name)]))),
        Wish::None | Wish::Met => None,
    });
    let others = [
        (parts.site, w.why_site),
        (parts.earlier, w.why_earlier),
        (parts.day, w.why_day),
        (parts.therapist, w.why_therapist),
    ];
    let others = others.into_iter().map(|(points, sentence)| (points, sentence.to_owned()));
    let told = unmet.chain(others).filter(|(count, _)| *count > 0);
    let told: Vec<String> =
        told.map(|(count, sentence)| filled(&sentence, &[("points", &points(w, count))])).collect();
    filled(w.why_costs, &[("points", &points(w, parts.points())), ("parts", &told.join("; "))])
}

fn points(w: &Words, count: u32) -> String {
    match count {
        1 => w.why_point.to_owned(),
        count => filled(w.why_points, &[("count", &count.to_string())]),
    }
}

fn next_time(w: &Words, next: &Next, zone: Zone) -> String {
    let more = match next.more {
        None => w.why_leaves_out.to_owned(),
        Some(0) => w.why_no_more.to_owned(),
        Some(more) => filled(w.why_more, &[("points", &points(w, more))]),
    };
    let (day, times) = (told::day_of(w, next.span, zone), told::times(w, next.span, zone));
    filled(w.why_next_time, &[("day", &day), ("times", &times), ("more", &more)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::words;

    fn at(hour: u32) -> Span {
        let at = |minute: u32| format!("2027-07-13T{hour}:{minute:02}:00Z").parse().unwrap();
        Span::new(at(0), at(50)).unwrap()
    }

    fn told(parts: Parts, next: &[Next]) -> WhyTold {
        let here = crate::domain::plan::here(parts, next.iter().copied());
        WhyTold::of(words(), at(19), &here, "America/Denver".parse().unwrap())
    }

    const NOTHING: Parts = Parts {
        language: Wish::None,
        gender: Wish::None,
        modality: Wish::None,
        site: 0,
        earlier: 0,
        day: 0,
        therapist: 0,
    };

    #[test]
    fn a_resident_reads_which_wishes_are_met_and_what_the_rest_costs() {
        let parts = Parts {
            language: Wish::Met,
            gender: Wish::Met,
            modality: Wish::Unmet(40),
            site: 20,
            day: 1,
            ..NOTHING
        };
        let told = told(parts, &[]);
        assert!(told.chosen.starts_with("Tuesday, July 13, 2027, 1:00–1:50 PM MDT, was chosen for you"));
        assert_eq!(
            told.fits,
            "It lies in your protected time. It meets your wish for the language and the therapist’s gender. It \
             does not meet your wish for how you attend."
        );
        assert_eq!(
            told.costs,
            "The rules count in points; fewer are better. This time counts 61 points: 40 points for how you attend; \
             20 points because the therapist does not serve your site; 1 point for how full that day is for the \
             therapist."
        );
    }

    #[test]
    fn a_resident_who_wished_for_nothing_reads_nothing_of_wishes() {
        let told = told(NOTHING, &[]);
        assert_eq!(told.fits, "It lies in your protected time.");
        assert!(told.costs.ends_with("This time counts none."));
    }

    #[test]
    fn the_next_best_times_are_told_with_what_they_would_have_cost_everybody() {
        let next = |hour, more| Next { span: at(hour), more };
        let told = told(NOTHING, &[next(20, Some(0)), next(21, Some(30)), next(22, None)]);
        let tuesday = "Tuesday, July 13, 2027, ";
        assert_eq!(
            told.next,
            [
                format!("{tuesday}2:00–2:50 PM MDT: as good; only chance chose between them"),
                format!(
                    "{tuesday}3:00–3:50 PM MDT: everybody’s times together would have counted at least 30 \
                     points more"
                ),
                format!("{tuesday}4:00–4:50 PM MDT: somebody else would have been left without a time"),
            ]
        );
    }
}
