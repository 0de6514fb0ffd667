//! What must be known to decide about a batch, and what a store knew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::permission::Permission;
use crate::phone::E164;
use crate::rows::Rows;
use crate::time::UnixMs;

use super::ProfileId;

/// The four ways to find a profile, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Identifier {
    /// Customer's own id, byte for byte.
    Exid = 1,
    /// E-mail address, folded by [`fold_email`].
    Email = 2,
    /// Phone number, by identity.
    Msisdn = 3,
    /// WhatsApp number, by identity.
    Number = 4,
}

/// One person as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its number within the tenant.
    pub id: ProfileId,
    /// Customer's own id.
    pub exid: Option<String>,
    /// E-mail address as it was first given.
    pub email: Option<String>,
    /// Phone number.
    pub msisdn: Option<E164>,
    /// WhatsApp number; at most one profile of a tenant holds it.
    pub number: Option<E164>,
    /// What the person said about messages to `number`; none when there is no number.
    pub permission: Option<Permission>,
    /// Further columns, by name.
    pub attributes: BTreeMap<String, String>,
}

/// A person's own word against messages to a number: it outranks a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnOptOut {
    /// When the person said so.
    pub at: UnixMs,
}

/// Identifiers whose profiles must be known, each kind sorted and without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Customer's ids.
    pub exids: Vec<String>,
    /// Folded e-mail addresses.
    pub emails: Vec<String>,
    /// Identities of phone numbers.
    pub msisdns: Vec<u64>,
    /// Identities of WhatsApp numbers; own opt-outs are needed for these as well.
    pub numbers: Vec<u64>,
}

/// Everything a store knows about [`Keys`]. What is not in here does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Every profile that one of the keys leads to.
    pub profiles: HashMap<ProfileId, Profile>,
    /// Profile by customer's id.
    pub by_exid: HashMap<String, ProfileId>,
    /// Profile by folded e-mail address.
    pub by_email: HashMap<String, ProfileId>,
    /// Profile by identity of its phone number.
    pub by_msisdn: HashMap<u64, ProfileId>,
    /// Profile by identity of its WhatsApp number.
    pub by_number: HashMap<u64, ProfileId>,
    /// Own opt-outs that stand, by identity of the number.
    pub own_opt_outs: HashMap<u64, OwnOptOut>,
    /// The id the next new profile gets.
    pub next_profile: u64,
}

/// An e-mail address as it is compared: case does not matter.
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What must be known to decide about these rows.
pub fn keys(rows: &Rows) -> Keys {
    let texts = |texts: BTreeSet<String>| texts.into_iter().collect();
    let sorted = |mut numbers: Vec<u64>| {
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    Keys {
        exids: texts((0..rows.len()).filter_map(|at| rows.exid.some(at)).map(str::to_owned).collect()),
        emails: texts((0..rows.len()).filter_map(|at| rows.email.some(at)).map(fold_email).collect()),
        msisdns: sorted(rows.msisdn.iter().filter_map(|digits| identity(*digits)).collect()),
        numbers: sorted(rows.number.iter().filter_map(|digits| identity(*digits)).collect()),
    }
}

/// Identity of the number with these digits; none for 0.
pub(super) fn identity(digits: u64) -> Option<u64> {
    E164::from_digits(digits).map(|number| number.identity().digits())
}
