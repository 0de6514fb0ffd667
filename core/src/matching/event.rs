//! One change of a consent: the evidence.

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::{Date, UnixMs};

use super::known::OwnOptOut;
use super::log::Hash;
use super::{Identifier, ImportId, ProfileId};

/// Which rule made the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No identifier of the row was known.
    NewProfile,
    /// The row's identifier led to this profile.
    Matched(Identifier),
    /// The number went to another profile, which now holds it.
    NumberMovedAway {
        /// The new holder.
        to: ProfileId,
    },
    /// The row said opt-in, but the person's own opt-out stands.
    KeptOptOut,
    /// The row's opt-in is newer than the person's own opt-out, or lifts it with an audited reason.
    LiftedOptOut,
    /// The person opted out.
    OwnOptOut,
    /// The import that made the last change was taken back.
    Undone,
    /// The import that made the profile was taken back, and the profile with it.
    ProfileUndone,
    /// The person took an own opt-out back, or asked to be written to.
    OwnOptIn,
    /// The person was erased, and the profile with them.
    Erased,
}

impl Rule {
    /// Every rule but [`Rule::NumberMovedAway`], in the order of [`Rule::number`].
    const ALL: [Rule; 13] = [
        Rule::NewProfile,
        Rule::Matched(Identifier::Exid),
        Rule::Matched(Identifier::Email),
        Rule::Matched(Identifier::Msisdn),
        Rule::Matched(Identifier::Number),
        Rule::NumberMovedAway { to: ProfileId(0) },
        Rule::KeptOptOut,
        Rule::LiftedOptOut,
        Rule::OwnOptOut,
        Rule::Undone,
        Rule::ProfileUndone,
        Rule::OwnOptIn,
        Rule::Erased,
    ];

    /// Stable identifier in JSON and in stores.
    pub fn id(self) -> &'static str {
        match self {
            Rule::NewProfile => "new-profile",
            Rule::Matched(Identifier::Exid) => "matched-exid",
            Rule::Matched(Identifier::Email) => "matched-email",
            Rule::Matched(Identifier::Msisdn) => "matched-msisdn",
            Rule::Matched(Identifier::Number) => "matched-number",
            Rule::NumberMovedAway { .. } => "number-moved-away",
            Rule::KeptOptOut => "kept-opt-out",
            Rule::LiftedOptOut => "lifted-opt-out",
            Rule::OwnOptOut => "own-opt-out",
            Rule::Undone => "undone",
            Rule::ProfileUndone => "profile-undone",
            Rule::OwnOptIn => "own-opt-in",
            Rule::Erased => "erased",
        }
    }

    /// Stable number in the log.
    pub(super) fn number(self) -> u8 {
        let same = |rule: &Rule| std::mem::discriminant(rule) == std::mem::discriminant(&self);
        let exactly =
            |rule: &Rule| *rule == self || (same(rule) && matches!(self, Rule::NumberMovedAway { .. }));
        Rule::ALL.iter().position(exactly).unwrap_or_default() as u8
    }

    /// The rule with this number in the log; `to` is the other profile where there is one.
    pub(super) fn from_number(number: u8, to: Option<ProfileId>) -> Option<Rule> {
        match (Rule::ALL.get(usize::from(number)).copied()?, to) {
            (Rule::NumberMovedAway { .. }, to) => Some(Rule::NumberMovedAway { to: to? }),
            (rule, None) => Some(rule),
            (_, Some(_)) => None,
        }
    }

    /// The other profile, where there is one.
    pub fn other_profile(self) -> Option<ProfileId> {
        match self {
            Rule::NumberMovedAway { to } => Some(to),
            _ => None,
        }
    }
}

/// Where a change came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A row of a consent file.
    File {
        /// The import; its record holds file name, hash, options and engine.
        import: ImportId,
        /// Hash of that record, so that the chain covers it.
        record: Hash,
        /// Data record, counted from 1.
        row: u64,
        /// Physical line, counted from 1.
        line: u64,
        /// The number's cell as it stood.
        number_cell: String,
        /// The permission's cell as it stood.
        permission_cell: String,
        /// The collection date declared with the import.
        as_of: Option<Date>,
    },
    /// The person, heard by somebody who is named here.
    Person {
        /// How it was heard, for example `api:desk`.
        heard: String,
    },
    /// An import was taken back.
    Undo {
        /// Which import.
        import: ImportId,
        /// Who took it back, for example `cli:root`, and why if they said so.
        by: String,
    },
    /// A person was erased.
    Erasure {
        /// Who erased them, for example `cli:root`, and why.
        by: String,
        /// Blocks of the log in which fields were emptied: the place of the first event, and the hash of the log up to the
        /// end of the block as it was written together with the bytes as they stand since.
        redacted: Vec<(u64, Hash)>,
    },
}

impl Source {
    /// The import it came from, or that was taken back.
    pub fn import(&self) -> Option<ImportId> {
        match self {
            Source::File { import, .. } | Source::Undo { import, .. } => Some(*import),
            Source::Person { .. } | Source::Erasure { .. } => None,
        }
    }
}

/// One change of one profile's consent. Numbers are those of E.164, permissions belong to the number beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place in the tenant's log, from 1.
    pub seq: u64,
    /// Place of the profile's event before this one.
    pub previous: Option<u64>,
    /// Whose consent.
    pub profile: Option<ProfileId>,
    /// Number before.
    pub number_before: Option<E164>,
    /// Permission before.
    pub permission_before: Option<Permission>,
    /// Number after.
    pub number: Option<E164>,
    /// Permission after.
    pub permission: Option<Permission>,
    /// Who held the number after, before this profile did: with it a number's custody can be followed back.
    pub taken_from: Option<ProfileId>,
    /// The person's own opt-out that was lifted.
    pub lifted: Option<OwnOptOut>,
    /// Why.
    pub rule: Rule,
    /// On whose word.
    pub source: Source,
    /// When it was received.
    pub at: UnixMs,
}

impl Event {
    /// Whether the number with this identity is the one before or the one after.
    pub fn concerns(&self, identity: u64) -> bool {
        [self.number_before, self.number]
            .into_iter()
            .flatten()
            .any(|number| number.identity().digits() == identity)
    }

    /// Whether this profile came to hold the number with this identity.
    pub fn gains(&self, identity: u64) -> bool {
        let is = |number: Option<E164>| number.is_some_and(|number| number.identity().digits() == identity);
        is(self.number) && !is(self.number_before)
    }
}
