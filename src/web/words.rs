//! The catalogue: what a language must have. Never holds a sentence itself; a language is a file, and a folder for the
//! pages of those who work here, which are in English only.

pub mod away;
pub mod busy;
pub mod capacity;
pub mod clinic;
pub mod dav;
pub mod director;
mod english;
pub mod follow_up;
pub mod log;
pub mod protected;
pub mod roster;
pub mod season;
pub mod setup;
pub mod shell;
mod spanish;
pub mod survey;
pub mod therapist;

/// Gaps `{like_this}` of a sentence filled with values.
pub fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(sentence.to_owned(), |text, (gap, value)| text.replace(&format!("{{{gap}}}"), value))
}

use crate::domain::language::Language;

/// The sentences of those who work here.
pub const fn words() -> &'static Words {
    words_in(Language::English)
}

/// The sentences of a language.
pub const fn words_in(language: Language) -> &'static Words {
    match language {
        Language::English => &english::ENGLISH,
        Language::Spanish => &spanish::SPANISH,
    }
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
        /// One question to six questions, as a heading begins.
        questions: [&'static str; 6],
        /// What therapists' files call languages and genders, in lower case, and what they are called here.
        names: &'static [(&'static str, &'static str)],
    }
    // Dates and times.
    date am pm
    // The frame of every page.
    name sure language_label language_button skip_to_content crisis crisis_call crisis_text crisis_where other_language other_language_code about_link
    // The front page.
    front_title front_what front_link front_lost front_staff front_sign_in
    // What this is, for whoever asks.
    about_title about_what about_free about_who about_records_title about_records about_records_link
    about_states_title about_states about_states_link about_lost_title about_lost about_help_title about_help about_help_link
    // A resident's visit.
    held_eyebrow held_lead past_eyebrow past_lead waiting_title waiting_lead waiting_empty kept_title kept_until
    answered_out answered_moved
    answer_title answer_out answer_move answer_move_unread answer_held answer_sure answer_nothing
    out_title out_lead out_letters out_visit
    by_video by_phone in_person open_video call
    saved saved_moved saved_out saved_back saved_asked saved_roster undo_move saved_way moved_as_asked
    ways_title ways_lead ways_button
    choose_time choose_again move_lead to_calendar to_calendar_why calendar_entry
    opt_out_title opt_out_lead entry_legend entry_keep entry_keep_why entry_remove entry_remove_why opt_out_button
    come_back_button entry_still entry_remove_button
    address_title address_lead address_here address_asked address_label address_ask address_server address_undo
    address_wrong address_confirm_title address_confirm address_confirm_button address_done_title address_done
    address_returned roster_returned other_address other_keep other_take saved_old saved_new
    letters_title letters_why letters_confirm letters_remind letters_none letters_none_why letters_save
    reminders_on_title reminders_on reminders_off_button reminders_off_title reminders_off reminders_on_button
    reminders_server
    who_title who_program who_therapist who_server who_release
    survey_title survey_offer survey_code survey_button survey_has_code
    survey_lead survey_keep survey_cannot survey_save survey_saved
    survey_again survey_cares survey_easier survey_satisfied survey_worth survey_suited
    survey_5 survey_4 survey_3 survey_2 survey_1 survey_0
    price_title price_none price_some
    kind_title kind_words
    why_title why_chosen why_protected why_met why_unmet why_language why_gender why_modality why_and
    why_costs why_costs_nothing why_wish why_site why_earlier why_day why_therapist why_points why_point
    why_next why_next_none why_next_time why_more why_no_more why_leaves_out why_stays
    // Another visit that a therapist offers.
    further_title further_lead further_until further_take further_decline further_answer further_taken_title further_taken_lead
    further_give_up further_withdrawn further_lapsed further_gone further_meets saved_further saved_further_off
    // Choosing a time.
    times_move_title times_take_title times_lead times_remind times_remind_why times_move times_take times_back
    times_empty_title times_empty times_gone times_matching times_others times_no_match
    wishes_title wishes_lead wishes_language wishes_gender wishes_how wishes_any wishes_show wishes_clear
    wishes_saved wishes_cleared wishes_move wishes_move_why
    better_time_lead better_time better_way_lead better_way better_language better_gender
    // Signing in.
    sign_in_title sign_in_lead sign_in_address sign_in_button sign_in_sent_title sign_in_sent
    sign_in_confirm_title sign_in_confirm sign_in_confirm_button sign_in_mine sign_out
    sign_in_provider_lead sign_in_by_mail sign_in_by_mail_lead sign_in_choice_title sign_in_choice
    sign_in_as_therapist sign_in_as_staff
    sign_in_refused_title sign_in_refused sign_in_outage_title sign_in_outage
    // What is said instead of a page.
    nothing_title nothing no_choice_title no_choice too_large_title too_large foreign_title foreign
    method_title method busy_title busy broken_title broken conflict_title back
    taken contended nothing_held has_begun took_place too_soon not_that_way not_yet no_such_visit too_often too_fast
    asked_just_now asked_too_often
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every sentence of a language with its key, as it stands in the source.
    fn sentences(source: &str) -> std::collections::BTreeMap<String, String> {
        let joined = source.replace("\\\n", "").replace(":\n", ":");
        let fields = joined.lines().filter_map(|line| {
            let (key, text) = line.trim().split_once(": ").or_else(|| line.trim().split_once(":  "))?;
            let text = text.trim().strip_prefix('"')?;
            key.chars()
                .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
                .then(|| (key.to_owned(), text.to_owned()))
        });
        fields.collect()
    }

    fn gaps(sentence: &str) -> std::collections::BTreeSet<&str> {
        sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn a_sentence_has_the_same_gaps_in_both_languages() {
        let english = sentences(include_str!("words/english.rs"));
        let spanish = sentences(include_str!("words/spanish.rs"));
        assert!(english.len() > 180, "{}", english.len());
        assert_eq!(english.keys().collect::<Vec<_>>(), spanish.keys().collect::<Vec<_>>());
        for (key, sentence) in &english {
            assert_eq!(gaps(sentence), gaps(&spanish[key]), "{key}");
            assert!(!spanish[key].trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn no_title_of_a_page_tells_what_the_time_is_for() {
        for language in Language::ALL {
            let w = words_in(language);
            for title in [w.name, w.front_title, w.times_move_title, w.times_take_title, w.nothing_title] {
                assert_eq!(crate::domain::letter::telling_word(title), None, "{title}");
            }
        }
    }

    #[test]
    fn a_gap_is_filled_wherever_it_stands() {
        assert_eq!(filled("{a} and {b} and {a}", &[("a", "one"), ("b", "two")]), "one and two and one");
    }
}
