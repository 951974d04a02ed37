//! The catalogue: what a language must have. Never holds a sentence itself; a language is a file, and a folder for the
//! pages of those who work here, which are in English only.

pub mod director;
mod english;
pub mod roster;
pub mod season;
pub mod shell;
pub mod therapist;

/// Gaps `{like_this}` of a sentence filled with values.
pub fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(sentence.to_owned(), |text, (gap, value)| text.replace(&format!("{{{gap}}}"), value))
}

/// The sentences in use.
pub const fn words() -> &'static Words {
    &english::ENGLISH
}

/// Declares a catalogue, so that a language lacking a sentence does not compile.
macro_rules! catalogue {
    ($(#[$doc:meta])+ $name:ident { $($(#[$own:meta])+ $field:ident: $kind:ty,)* } $($key:ident)+) => {
        $(#[$doc])+
        #[derive(Debug)]
        pub struct $name {
            $($(#[$own])+ pub $field: $kind,)*
            $(
                #[doc = concat!("The sentence for `", stringify!($key), "`.")]
                pub $key: &'static str,
            )+
        }
    };
}
pub(in crate::web) use catalogue;

catalogue! {
    /// Every sentence that a resident may see, and what all pages share, by what it is for.
    Words {
        /// The language's code, for `lang`.
        lang: &'static str,
        /// Monday first.
        weekdays: [&'static str; 7],
        /// January first.
        months: [&'static str; 12],
    }
    // Dates and times.
    date am pm
    // The frame of every page.
    name skip_to_content crisis
    // The front page.
    front_title front_what front_link front_staff front_sign_in
    // A resident's visit.
    held_eyebrow held_lead past_eyebrow past_lead waiting_title waiting_lead waiting_empty
    out_title out_lead out_letters out_visit
    by_video by_phone in_person open_video call
    saved choose_time choose_again move_lead
    opt_out_title opt_out_lead entry_legend entry_keep entry_keep_why entry_remove entry_remove_why opt_out_button
    come_back_button entry_still entry_remove_button
    letters_title letters_why letters_confirm letters_remind letters_none letters_none_why letters_save
    who_title who_program who_therapist who_server who_release
    price_title price_none price_some
    kind_title kind_words
    why_title why_chosen why_protected why_met why_unmet why_language why_gender why_modality why_and
    why_costs why_costs_nothing why_wish why_site why_earlier why_day why_therapist why_points why_point
    why_next why_next_none why_next_time why_more why_no_more why_leaves_out why_stays
    // Choosing a time.
    times_move_title times_take_title times_lead times_remind times_remind_why times_move times_take times_back
    times_empty_title times_empty times_gone
    // Signing in.
    sign_in_title sign_in_lead sign_in_address sign_in_button sign_in_sent_title sign_in_sent
    sign_in_confirm_title sign_in_confirm sign_in_confirm_button sign_out
    // What is said instead of a page.
    nothing_title nothing no_choice_title no_choice too_large_title too_large foreign_title foreign
    method_title method busy_title busy broken_title broken conflict_title back
    taken contended nothing_held has_begun took_place too_soon not_yet no_such_visit too_often too_fast
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_wherever_it_stands() {
        assert_eq!(filled("{a} and {b} and {a}", &[("a", "one"), ("b", "two")]), "one and two and one");
    }
}
