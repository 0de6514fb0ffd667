//! One change of a consent: the evidence, and the chain that shows nothing was altered afterwards.

use sha2::{Digest as _, Sha256};

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::{Date, UnixMs};

use super::{Identifier, ImportId, ProfileId};

/// SHA-256 of an event and all events before it.
pub type Hash = [u8; 32];

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
}

impl Rule {
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
        }
    }

    /// The rule with this identifier; `to` is the other profile where there is one.
    pub fn from_id(id: &str, to: Option<ProfileId>) -> Option<Rule> {
        let all = [
            Rule::NewProfile,
            Rule::Matched(Identifier::Exid),
            Rule::Matched(Identifier::Email),
            Rule::Matched(Identifier::Msisdn),
            Rule::Matched(Identifier::Number),
            Rule::KeptOptOut,
            Rule::LiftedOptOut,
            Rule::OwnOptOut,
        ];
        match to {
            Some(to) => Some(Rule::NumberMovedAway { to }).filter(|rule| rule.id() == id),
            None => all.into_iter().find(|rule| rule.id() == id),
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
}

/// One change of one profile's consent. Numbers are those of E.164, permissions belong to the number beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
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
    /// Why.
    pub rule: Rule,
    /// On whose word.
    pub source: Source,
    /// When it was received.
    pub at: UnixMs,
}

impl Event {
    /// The hash of this event at place `seq` of its tenant's log, given the hash before it. Every field counts;
    /// texts are preceded by their length, so that no two events read the same.
    pub fn chain(&self, before: &Hash, seq: u64) -> Hash {
        let mut bytes = Vec::with_capacity(160);
        let mut word = |value: u64| bytes.extend_from_slice(&value.to_le_bytes());
        word(seq);
        word(self.at.0 as u64);
        word(self.profile.map_or(0, |profile| profile.0));
        word(self.number_before.map_or(0, E164::digits));
        word(self.permission_before.map_or(0, |p| p as u64));
        word(self.number.map_or(0, E164::digits));
        word(self.permission.map_or(0, |p| p as u64));
        word(self.rule.other_profile().map_or(0, |profile| profile.0));
        let mut piece = |piece: &[u8]| {
            bytes.extend_from_slice(&(piece.len() as u64).to_le_bytes());
            bytes.extend_from_slice(piece);
        };
        let mut text = |text: &str| piece(text.as_bytes());
        text(self.rule.id());
        match &self.source {
            Source::File { import, record, row, line, number_cell, permission_cell, as_of } => {
                text("file");
                text(&import.to_string());
                text(&row.to_string());
                text(&line.to_string());
                text(number_cell);
                text(permission_cell);
                text(&as_of.map(|date| date.to_string()).unwrap_or_default());
                piece(record);
            }
            Source::Person { heard } => {
                text("person");
                text(heard);
            }
        }
        Sha256::new().chain_update(before).chain_update(&bytes).finalize().into()
    }
}
