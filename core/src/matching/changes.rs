//! What a decision says: the changes of a batch, as stores commit them.

use crate::rows::Texts;
use crate::rule::Code;
use crate::time::{Date, UnixMs};

use super::bytes::{Bytes, varint};
use super::known::{LogEnd, OwnOptOut, People, User};
use super::log::{Block, Hash};
use super::{ImportId, ProfileId};

/// On which terms an import is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which import.
    pub import: ImportId,
    /// Hash of the import's record: what was imported, and on which terms.
    pub record: Hash,
    /// When it was received.
    pub at: UnixMs,
    /// The day its consents were collected, if declared.
    pub as_of: Option<Date>,
    /// Whether its opt-ins lift people's own opt-outs. Audited by whoever sets it.
    pub override_opt_outs: bool,
}

/// What became of the rows of a batch. The first four add up to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New profiles.
    pub created: u64,
    /// Profiles whose number or permission changed.
    pub updated: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Opt-ins that did not lift the person's own opt-out.
    pub kept_opt_out: u64,
    /// Rows whose number left another profile.
    pub numbers_moved: u64,
    /// Rows whose identifiers belong to different profiles.
    pub identifiers_conflict: u64,
    /// Rows matched by a weak identifier while a stronger one differs.
    pub identifiers_differ: u64,
}

impl Counts {
    /// Adds another batch.
    pub fn add(&mut self, other: &Counts) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.kept_opt_out += other.kept_opt_out;
        self.numbers_moved += other.numbers_moved;
        self.identifiers_conflict += other.identifiers_conflict;
        self.identifiers_differ += other.identifiers_differ;
    }
}

/// Something to tell about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// [`Code::IdentifiersConflict`] or [`Code::IdentifierDiffers`].
    pub code: Code,
    /// Data record, counted from 1.
    pub row: u64,
    /// Physical line, counted from 1.
    pub line: u64,
    /// The profile that was hit, then the others.
    pub profiles: Vec<ProfileId>,
}

/// New profiles, ids one after the other from `first` on, as they are after the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    /// Id of the first.
    pub first: u64,
    /// The profiles.
    pub people: People,
    /// Hash of each exid under the store's seed; 0 where there is none.
    pub exid_hash: Vec<u64>,
    /// Hash of each folded e-mail address under the store's seed; 0 where there is none.
    pub email_hash: Vec<u64>,
    /// Names of the attributes.
    pub attribute_names: Vec<String>,
    /// Values of each attribute, empty where a profile has none.
    pub attributes: Vec<Texts>,
}

/// Consent of a profile that was known before, after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose.
    pub profile: u64,
    /// Digits of the WhatsApp number; 0 when there is none.
    pub number: u64,
    /// 1 opt-in, 2 opt-out, 0 when there is no number.
    pub permission: u8,
    /// Place of the profile's last event in the log.
    pub last_event: u64,
    /// The profile is gone: no identifier leads to it any more.
    pub removed: bool,
}

/// Who has a number: what changes when it changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Custody {
    /// The number, by identity.
    pub number: u64,
    /// Who holds it, or held it last.
    pub profile: u64,
    /// Whether it is held.
    pub held: bool,
}

/// The changes of one batch. To be committed as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// New profiles.
    pub created: Created,
    /// Consents that changed, or that have new evidence, by profile.
    pub consents: Vec<Consent>,
    /// Numbers whose holder changed, ascending.
    pub custody: Vec<Custody>,
    /// Own opt-outs to remember, or to forget because they were lifted, by identity of the number, ascending.
    pub own_opt_outs: Vec<(u64, Option<OwnOptOut>)>,
    /// What is known of a user id from now on. Users of numbers in `own_opt_outs` have their opt-outs set and lifted with
    /// these, whether they are named here or not.
    pub user: Option<(String, User)>,
    /// Events about numbers that nobody holds: number by identity, and place in the log. No profile leads to them.
    pub unheld_events: Vec<(u64, u64)>,
    /// Profiles that rows confirmed without changing anything, packed by [`pack_ids`]: an undo of an earlier import must
    /// leave them alone.
    pub confirmed: Vec<u8>,
    /// Evidence, in the order of the rows.
    pub log: Vec<Block>,
    /// Where the log ended when all this was decided: the plan holds only as long as it still ends there.
    pub based_on: u64,
    /// Where the log ends afterwards.
    pub log_end: LogEnd,
    /// What to tell.
    pub findings: Vec<Finding>,
    /// What became of the rows.
    pub counts: Counts,
    /// When all of it was received.
    pub at: UnixMs,
    /// The id the next new profile gets.
    pub next_profile: u64,
}

/// Ascending ids as bytes, mostly one for each.
pub fn pack_ids(ids: impl Iterator<Item = u64>) -> Vec<u8> {
    let (mut bytes, mut last) = (Vec::new(), 0);
    for id in ids {
        varint(&mut bytes, id - last);
        last = id;
    }
    bytes
}

/// The ids that [`pack_ids`] packed. Other bytes give other ids, and no harm.
pub fn unpack_ids(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let (mut bytes, mut last) = (Bytes(bytes), 0_u64);
    std::iter::from_fn(move || {
        last = last.wrapping_add(bytes.varint().ok()?);
        Some(last)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_come_back_from_their_bytes(mut ids in prop::collection::vec(any::<u64>(), 0..50)) {
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(unpack_ids(&pack_ids(ids.iter().copied())).collect::<Vec<_>>(), ids);
        }
    }
}
