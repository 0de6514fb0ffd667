//! What machines read and write, frozen per version. Shells speak these types; nothing else derives serde.
pub mod campaign;
pub mod rows;
pub mod template;
pub mod v1;
pub mod webhook;
