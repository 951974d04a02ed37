//! The shapes in which several operations tell something. Each names its units; none holds what a resident did.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::people::{Modality, Program};
use crate::domain::time::Span;

/// A program.
#[derive(Serialize, ToSchema)]
pub struct ProgramTold {
    /// What the office calls it.
    #[schema(example = "IM")]
    code: String,
    /// Its name in full.
    name: String,
    /// The zone of its times, as IANA names it.
    #[schema(example = "America/Denver")]
    zone: String,
}

impl From<Program> for ProgramTold {
    fn from(program: Program) -> Self {
        Self { code: program.code, name: program.name, zone: program.zone.name().to_owned() }
    }
}

/// A time from and to, in UTC.
#[derive(Serialize, ToSchema)]
pub struct SpanTold {
    /// When it begins.
    starts_at: DateTime<Utc>,
    /// When it ends.
    ends_at: DateTime<Utc>,
}

impl From<Span> for SpanTold {
    fn from(span: Span) -> Self {
        Self { starts_at: span.starts_at(), ends_at: span.ends_at() }
    }
}

/// How a visit is attended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModalityTold {
    /// By video.
    Video,
    /// By telephone.
    Phone,
    /// In a room.
    InPerson,
}

impl From<Modality> for ModalityTold {
    fn from(modality: Modality) -> Self {
        match modality {
            Modality::Video => Self::Video,
            Modality::Phone => Self::Phone,
            Modality::InPerson => Self::InPerson,
        }
    }
}
