//! What a language must have for a program's protected time. Never holds a sentence itself.

use super::catalogue;
use super::english::protected::PROTECTED;

catalogue! {
    /// Every sentence of a program's protected time, by what it is for.
    ProtectedWords {}
    title lead saved choose look cohort week_of_cohort week_of_person weeks earlier later zone protected never
    remove remove_protected remove_never nothing add_title kind protected_long never_long on from to until
    until_hint add bad_day bad_from bad_to bad_until empty_title empty without_title without_nobody
    without_one without_some without_more import_link import_title import_lead import_file import_drop
    import_format import_csv import_amion import_read import_none import_back look_title look_added
    look_unchanged look_removed look_refused look_nothing look_refused_title look_warned_title look_ignored
    look_assignments look_assignments_lead look_name look_lines look_means means_protected means_never means_never_after means_after means_duty look_replace
    look_replace_blocked look_again look_apply look_changed taken
}

/// The sentences in use.
pub const fn protected() -> &'static ProtectedWords {
    &PROTECTED
}
