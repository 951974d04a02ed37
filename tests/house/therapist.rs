//! A therapist's own pages, and those of whoever leads the clinic.

mod agenda;
mod away;
mod clinic;
mod hours;
