//! What the host answers, over HTTP and with `--json`. Types only; `v1` is frozen from the first release.
pub mod access;
pub mod campaign;
pub mod health;
pub mod inbox;
pub mod meta;
pub mod person;
pub mod v1;
