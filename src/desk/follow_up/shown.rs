//! Follow-ups among a therapist's visits: on the agenda with a name, in the feed and for whoever leads the clinic by code.
//! Changes nothing.

use std::collections::HashMap;

use super::{Row, code};
use crate::calendar::feed::FeedEvent;
use crate::desk::{Desk, Result};
use crate::domain::follow_up::{FollowUp, State};
use crate::domain::id::{FollowUpId, ResidentId};
use crate::domain::people::{Modality, Practice};
use crate::domain::time::{Instant, Span};
use crate::storage::{Db, bookings, people};

/// A follow-up on an agenda. Holds a name: cannot be printed.
pub struct AgendaFollowUp {
    /// What taking it back names.
    pub id: FollowUpId,
    /// When.
    pub span: Span,
    /// The code under which the feed shows it.
    pub code: String,
    /// Whom it is for.
    pub name: String,
    /// How it is attended.
    pub modality: Modality,
    /// The video address, telephone number or room.
    pub place: String,
    /// Where it stands; an offer that nobody answered in time has lapsed.
    pub state: State,
    /// Whether it can still be taken back.
    pub may_withdraw: bool,
}

impl Desk {
    /// Those that begin within a span, in order of time; what the therapist took back themselves is not among them.
    pub(in crate::desk) async fn agenda_follow_ups(
        &self,
        db: &mut Db,
        row: &Row,
        practice: &Practice,
        within: Span,
    ) -> Result<Vec<AgendaFollowUp>> {
        let now = self.now();
        let shown = |one: &&FollowUp| {
            let begins =
                within.starts_at() <= one.span.starts_at() && one.span.starts_at() < within.ends_at();
            // What came to nothing is news until its time is over.
            begins
                && one.state != State::Withdrawn
                && (one.holds(now) || one.state == State::Taken || now < one.span.ends_at())
        };
        let mut shown: Vec<&FollowUp> = row.all.iter().filter(shown).collect();
        shown.sort_unstable_by_key(|one| (one.span, one.id));
        let whose: Vec<_> = shown.iter().map(|one| one.booking).collect();
        let rows = bookings::several(db, &whose).await?;
        let residents: HashMap<_, _> = rows.iter().map(|row| (row.id, row.resident)).collect();
        let ids: Vec<ResidentId> = residents.values().copied().collect();
        let mut names = HashMap::new();
        for row in people::several(db, &ids).await? {
            // The therapist has met this person.
            names.insert(row.id, self.open_resident(&row)?.identity.reveal_name());
        }
        let told = |one: &FollowUp| {
            let state = match one.state {
                State::Offered(until) if until <= now => State::Lapsed,
                state => state,
            };
            Some(AgendaFollowUp {
                id: one.id,
                span: one.span,
                code: code(one),
                name: names.get(residents.get(&one.booking)?)?.clone(),
                modality: one.modality,
                place: practice.places.of(one.modality).unwrap_or_default().to_owned(),
                state,
                may_withdraw: one.holds(now) && now < one.span.starts_at(),
            })
        };
        Ok(shown.into_iter().filter_map(told).collect())
    }
}

/// Those whose time was typed and stands: the others are in a seat, which is looked at anyway.
pub(in crate::desk) fn typed(row: &Row, within: Span) -> impl Iterator<Item = &FollowUp> {
    row.all.iter().filter(move |one| {
        let begins = one.span.starts_at();
        one.stands() && one.seat().is_none() && within.starts_at() <= begins && begins < within.ends_at()
    })
}

/// The code of a follow-up's event, which says what it is.
pub(in crate::desk) fn event_code(one: &FollowUp) -> String {
    match one.state {
        State::Offered(_) => format!("{} (another visit, offered)", code(one)),
        _ => format!("{} (another visit)", code(one)),
    }
}

/// The event of a follow-up whose time was typed; none of one that is off for longer than `remembered` days.
pub(in crate::desk) fn event(
    one: &FollowUp,
    within: Span,
    remembered: i64,
    now: Instant,
) -> Option<FeedEvent> {
    let shown = one.seat().is_none() && within.overlaps(&one.span);
    let told = one.stands() || now - one.changed_at < chrono::Duration::days(remembered);
    (shown && told).then(|| FeedEvent {
        uid: one.id.to_string(),
        sequence: one.changes,
        stamp: one.changed_at,
        span: one.span,
        code: event_code(one),
        cancelled: !one.stands(),
    })
}
