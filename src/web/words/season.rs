//! What a language must have for a program's season, plan, booking, coverage and releases. Never holds a sentence itself.

use super::catalogue;
use super::english::season::SEASON;

catalogue! {
    /// Every sentence of a program's season, plan, booking, coverage and releases, by what it is for.
    SeasonWords {}
    // The frame and what several pages share.
    season_title plan_title book_title coverage_title releases_title roster_door protected_door
    period one_resident residents one_visit visits more_names
    choose_title choose_lead no_season_title no_season other_season
    // The season.
    season_lead steps_title badge_done badge_next
    roster_step roster_none roster_some roster_button
    protected_step protected_none protected_some protected_all protected_bare protected_button
    plan_step plan_before plan_ready plan_done plan_button
    book_step book_by book_late book_done book_since book_waits book_button book_look
    invite_step invite_before invite_before_none invite_on invite_went invite_sooner
    coverage_step coverage_any coverage_button
    release_step release_on release_done release_past release_button
    earlier_title
    // The plan.
    plan_lead plan_lead_booked fact_placed fact_already fact_unplaced fact_roster
    plan_all_placed plan_nobody_title plan_nobody plan_everybody plan_next_book plan_next_wait
    unplaced_title unplaced_lead unplaced_help do_roster do_protected do_hours
    load_title load_lead load_weeks load_days load_therapists load_week load_day load_therapist load_visits load_few
    one_half_day half_days away_line away_kept away_left away_stuck weights_line weight_value
    decided_title decided_lottery decided_who decided_seed decided_plan decided_batches decided_none
    batch_line batch_seed batch_hash batch_plan decided_check
    // Booking.
    book_lead book_once book_ready_title book_ready_table book_program book_people book_since_when
    book_not_ready book_all_ready book_missing book_go book_go_why book_wait
    pace_announcements pace_invitations
    ready_button unready_button ready_why ready_lead booked_before book_empty
    live_title live_lead live_waiting live_planning live_preparing live_writing live_written
    booked_title booked_some booked_none booked_already booked_waiting booked_waiting_none booked_seed
    booked_announce booked_invite booked_no_letters booked_why booked_onward booked_failed_title booked_failed booked_back
    // Coverage.
    coverage_lead coverage_zone coverage_week coverage_person coverage_earlier coverage_later coverage_print
    coverage_print_why coverage_one_week coverage_csv coverage_ics coverage_empty_title coverage_empty
    coverage_week_empty coverage_cut coverage_cohort
    feed_title feed_lead feed_address feed_make feed_renew feed_why
    // Releases.
    releases_lead releases_none_title releases_none releases_waits releases_will_own releases_will_smaller
    releases_will_institution releases_will_nothing releases_unbooked
    releases_is_smaller releases_is_institution releases_is_nothing releases_late
    releases_people releases_table releases_files releases_csv_all releases_read_title
    releases_read_fact releases_read_noise releases_read_range releases_read_ends releases_read_compare
    releases_read_small releases_read_once releases_read_price releases_withdrawn
}

/// The sentences in use.
pub const fn season() -> &'static SeasonWords {
    &SEASON
}
