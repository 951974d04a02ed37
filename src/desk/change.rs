//! change.
