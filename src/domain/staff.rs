//! What members of staff may see and do. Grants are facts about people's work: never an outcome, and never a resident's.

use std::collections::BTreeSet;
use std::fmt;

use super::id::ProgramId;

/// One thing that somebody was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees facts without outcomes across the institution, and sets up what is offered.
    Director,
    /// Inside care: the clinic's visits, load and waiting list. Belongs to no program.
    Lead,
    /// Keeps one program's roster and protected time, and sees its plan, coverage and releases.
    Coordinator(ProgramId),
}

/// A text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role; one of director, lead and coordinator is expected, the last with a program")]
pub struct NotARole;

impl Role {
    /// Its one spelling, without the program.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::Lead => "lead",
            Self::Coordinator(_) => "coordinator",
        }
    }

    /// The program that it is for.
    #[must_use]
    pub const fn program(self) -> Option<ProgramId> {
        match self {
            Self::Coordinator(program) => Some(program),
            Self::Director | Self::Lead => None,
        }
    }

    /// The role of a name, for a program where it needs one and for none where it does not.
    ///
    /// # Errors
    /// [`NotARole`].
    pub fn read(name: &str, program: Option<ProgramId>) -> Result<Self, NotARole> {
        match (name, program) {
            ("director", None) => Ok(Self::Director),
            ("lead", None) => Ok(Self::Lead),
            ("coordinator", Some(program)) => Ok(Self::Coordinator(program)),
            _ => Err(NotARole),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that one person was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants(BTreeSet<Role>);

impl FromIterator<Role> for Grants {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().collect())
    }
}

impl Grants {
    /// Whether there is nothing at all: somebody whose last role was taken away.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a role was granted, as it stands.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether somebody directs.
    #[must_use]
    pub fn directs(&self) -> bool {
        self.has(Role::Director)
    }

    /// Whether somebody leads the clinic.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.has(Role::Lead)
    }

    /// Whether somebody may do in a program what its coordinator may: directors may in every one.
    #[must_use]
    pub fn coordinates(&self, program: ProgramId) -> bool {
        self.directs() || self.has(Role::Coordinator(program))
    }

    /// The programs that somebody coordinates by name, not by directing all.
    pub fn programs(&self) -> impl Iterator<Item = ProgramId> {
        self.0.iter().filter_map(|role| role.program())
    }

    /// Whether a further role may stand beside these: who leads the clinic sees who visits whom and who waits, so they have no
    /// part in any program, and nobody of a program leads the clinic.
    #[must_use]
    pub fn admit(&self, role: Role) -> bool {
        match role {
            Role::Lead => !self.directs() && self.programs().next().is_none(),
            Role::Director | Role::Coordinator(_) => !self.leads(),
        }
    }

    /// Every role.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: ProgramId = ProgramId::from_bytes([1; 16]);
    const OTHER: ProgramId = ProgramId::from_bytes([2; 16]);

    #[test]
    fn a_coordinator_keeps_one_program_and_a_director_every_one() {
        let coordinator: Grants = [Role::Coordinator(MINE)].into_iter().collect();
        assert!(coordinator.coordinates(MINE));
        assert!(!coordinator.coordinates(OTHER) && !coordinator.directs() && !coordinator.leads());
        let director: Grants = [Role::Director].into_iter().collect();
        assert!(director.coordinates(MINE) && director.coordinates(OTHER));
        assert!(!director.leads(), "who pays for care does not see it");
    }

    #[test]
    fn who_leads_the_clinic_sees_no_program() {
        let lead: Grants = [Role::Lead].into_iter().collect();
        assert!(lead.leads() && !lead.coordinates(MINE) && !lead.directs());
    }

    #[test]
    fn nobody_of_a_program_leads_the_clinic_and_the_other_way_round() {
        let of = |role| [role].into_iter().collect::<Grants>();
        for program in [Role::Director, Role::Coordinator(MINE)] {
            assert!(!of(program).admit(Role::Lead) && !of(Role::Lead).admit(program));
            assert!(of(program).admit(Role::Coordinator(OTHER)) && of(program).admit(Role::Director));
        }
        assert!(Grants::default().admit(Role::Lead) && of(Role::Lead).admit(Role::Lead));
    }

    #[test]
    fn a_role_reads_back_as_written_and_only_with_its_program() {
        for role in [Role::Director, Role::Lead, Role::Coordinator(MINE)] {
            assert_eq!(Role::read(role.name(), role.program()), Ok(role));
        }
        assert_eq!(Role::read("coordinator", None), Err(NotARole));
        assert_eq!(Role::read("director", Some(MINE)), Err(NotARole));
        assert_eq!(Role::read("Director", None), Err(NotARole));
    }
}
