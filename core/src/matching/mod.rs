//! Judged rows × known profiles → changes. Decides exactly as if rows were applied one by one, in file order.
//!
//! [`keys`] says what must be known about a batch, a store loads it as [`Known`], [`plan`] decides, the store
//! commits the [`Plan`] in one transaction. Nothing here reads a store or a clock.
mod event;
mod known;
mod plan;

// What matching speaks of, so that a shell that stores and shows it needs no other module.
pub use crate::permission::Permission;
pub use crate::phone::E164;
pub use event::{Event, Hash, Rule, Source};
pub use known::{Identifier, Keys, Known, OwnOptOut, Profile, fold_email, keys};
pub use plan::{Counts, Finding, Plan, Terms, own_opt_out, plan};

/// A profile's number within its tenant; shown as `p12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub u64);

/// An import's number within its tenant, in order of acceptance; shown as `i3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportId(pub u64);

macro_rules! shown_with_letter {
    ($id:ident $letter:literal) => {
        impl std::fmt::Display for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl $id {
            /// Reads what [`std::fmt::Display`] writes.
            pub fn parse(text: &str) -> Option<$id> {
                let digits = text.strip_prefix($letter)?;
                let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                all_digits.then(|| digits.parse().ok().map($id))?
            }
        }
    };
}

shown_with_letter!(ProfileId "p");
shown_with_letter!(ImportId "i");
