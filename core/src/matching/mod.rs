//! Judged rows × what is known of people → changes. Decides exactly as if rows were applied one by one, in file order.
//!
//! [`Keys::of`] says what must be known about a batch, a store looks it up as [`Leads`] and [`Known`], [`plan()`] decides,
//! the store commits the [`Plan`] in one transaction. [`Undo`] takes an import back in the same way. Nothing here reads a
//! store or a clock.
//!
//! Everything is columns: a batch may have half a million rows, and a search or an allocation for each would cost more
//! than the decision.
mod bytes;
mod changes;
mod erase;
mod event;
mod keys;
mod known;
pub mod log;
mod own;
mod plan;
mod undo;

// What matching speaks of, so that a shell that stores and shows it needs no other module.
pub use crate::permission::Permission;
pub use crate::phone::E164;
pub use changes::{Consent, Counts, Created, Custody, Finding, Plan, Terms, pack_ids, unpack_ids};
pub use erase::Erasing;
pub use event::{Event, Rule, Source};
pub use keys::{Identifier, KeySeed, Keys, NONE, NumberKeys, TextKeys, fold_email};
pub use known::{Known, Leads, LogEnd, OwnOptOut, People, Person, Profile, User};
pub use log::{Block, Hash};
pub use own::{OptIn, Speaker, own_opt_in, own_opt_out, taken_by_own_opt_out, unchanged, user_of_number};
pub use plan::plan;
pub use undo::{Decided, Follows, KeptBecause, Undo, UndoCounts};

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
