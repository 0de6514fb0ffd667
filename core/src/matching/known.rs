//! What a store knew about the keys of a batch.

use std::collections::BTreeMap;

use crate::permission::Permission;
use crate::phone::E164;
use crate::rows::Texts;
use crate::time::UnixMs;

use super::ProfileId;
use super::keys::{Identifier, Keys, NONE, fold_email, identity};
use super::log::Hash;

/// One person, as shown and as written to files.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnOptOut {
    /// When the person said so.
    pub at: UnixMs,
}

/// What is known of a business-scoped user id: webhooks may name a person by it and leave the number out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Identity of the number that was seen together with it last.
    pub number: Option<u64>,
    /// The person's own opt-out, which holds for whatever number turns out to be theirs.
    pub opted_out: Option<OwnOptOut>,
}

/// Where a tenant's log ends: its last event and the hash of the block that holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// Place of the last event; 0 when there is none.
    pub seq: u64,
    /// Hash up to there.
    pub hash: Hash,
}

/// One profile as matching needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// Its number within the tenant.
    pub id: u64,
    /// Customer's own id; empty when there is none.
    pub exid: &'a str,
    /// E-mail address as it was first given; empty when there is none.
    pub email: &'a str,
    /// Digits of the phone number; 0 when there is none.
    pub msisdn: u64,
    /// Digits of the WhatsApp number; 0 when there is none.
    pub number: u64,
    /// 1 opt-in, 2 opt-out, 0 when there is no number.
    pub permission: u8,
    /// Place of the profile's last event in the log.
    pub last_event: u64,
}

/// Profiles as columns, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    pub(super) id: Vec<u64>,
    pub(super) exid: Texts,
    pub(super) email: Texts,
    pub(super) msisdn: Vec<u64>,
    pub(super) number: Vec<u64>,
    pub(super) permission: Vec<u8>,
    pub(super) last_event: Vec<u64>,
}

impl People {
    /// Appends a profile. Ids ascend.
    pub fn push(&mut self, person: Person<'_>) {
        debug_assert!(self.id.last().is_none_or(|last| *last < person.id), "people are ordered by id");
        self.id.push(person.id);
        self.exid.push(person.exid);
        self.email.push(person.email);
        self.msisdn.push(person.msisdn);
        self.number.push(person.number);
        self.permission.push(person.permission);
        self.last_event.push(person.last_event);
    }

    /// Number of profiles.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// The profile at a place.
    pub fn get(&self, at: usize) -> Person<'_> {
        Person {
            id: self.id[at],
            exid: self.exid.get(at),
            email: self.email.get(at),
            msisdn: self.msisdn[at],
            number: self.number[at],
            permission: self.permission[at],
            last_event: self.last_event[at],
        }
    }
}

/// Profiles that keys may lead to, as a store finds them. A text's lead rests on a hash; [`Known::of`] compares the text.
#[derive(Clone, Debug, Default)]
pub struct Leads {
    /// Profile, and key with the identifier's number in the top bits.
    pairs: Vec<(u64, u32)>,
}

const KIND_SHIFT: u32 = 30;
const PLACE_MASK: u32 = (1 << KIND_SHIFT) - 1;

impl Leads {
    /// The key at `place` among the keys of its kind leads to this profile.
    pub fn push(&mut self, kind: Identifier, place: usize, profile: u64) {
        let kind = (kind as u32 - 1) << KIND_SHIFT;
        self.pairs.push((profile, kind | (place as u32 & PLACE_MASK)));
    }

    /// Adds what another reader found.
    pub fn append(&mut self, mut other: Leads) {
        self.pairs.append(&mut other.pairs);
    }

    /// Every profile led to and every profile asked for, by id, each once.
    pub fn profiles(&mut self, keys: &Keys) -> Vec<u64> {
        self.pairs.sort_unstable();
        let mut ids: Vec<u64> = self.pairs.iter().map(|(profile, _)| *profile).collect();
        ids.dedup();
        if !keys.profiles.is_empty() {
            ids.extend_from_slice(&keys.profiles);
            ids.sort_unstable();
            ids.dedup();
        }
        ids
    }
}

/// Everything a store knows about [`Keys`]. What is not in here does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Every profile that a key leads to, and every one asked for.
    pub people: People,
    /// Place among `people` for each exid of the keys, or [`NONE`].
    pub exids: Vec<u32>,
    /// The same for e-mail addresses.
    pub emails: Vec<u32>,
    /// The same for phone numbers.
    pub msisdns: Vec<u32>,
    /// The same for WhatsApp numbers: who holds each.
    pub numbers: Vec<u32>,
    /// For each WhatsApp number that nobody holds, who held it last; 0 when nobody ever did.
    pub last_holders: Vec<u64>,
    /// Own opt-outs that stand, one place for each WhatsApp number of the keys.
    pub own_opt_outs: Vec<Option<OwnOptOut>>,
    /// What is known of the user id of the keys.
    pub user: User,
    /// The id the next new profile gets.
    pub next_profile: u64,
    /// Where the log ends. A plan made on this holds only as long as it ends there.
    pub log_end: LogEnd,
}

impl Known {
    /// Nothing is known of these keys: a store's answer before it looks.
    pub fn nothing(keys: &Keys) -> Known {
        Known {
            people: People::default(),
            exids: vec![NONE; keys.exids.hashes.len()],
            emails: vec![NONE; keys.emails.hashes.len()],
            msisdns: vec![NONE; keys.msisdns.numbers.len()],
            numbers: vec![NONE; keys.numbers.numbers.len()],
            last_holders: vec![0; keys.numbers.numbers.len()],
            own_opt_outs: vec![None; keys.numbers.numbers.len()],
            user: User::default(),
            next_profile: 1,
            log_end: LogEnd::default(),
        }
    }

    /// Follows leads to people, of whom `people` has those that exist. A text leads to a profile that has this very text,
    /// a number to one that has this very number.
    pub fn follow(&mut self, keys: &Keys, leads: &Leads, people: People) {
        let mut at = 0;
        for (profile, tagged) in &leads.pairs {
            while people.id.get(at).is_some_and(|id| id < profile) {
                at += 1;
            }
            if people.id.get(at) != Some(profile) {
                continue;
            }
            let place = (tagged & PLACE_MASK) as usize;
            let slot = match tagged >> KIND_SHIFT {
                0 if people.exid.get(at) == keys.exids.texts.get(place) => &mut self.exids[place],
                1 if fold_email(people.email.get(at)) == keys.emails.texts.get(place) => {
                    &mut self.emails[place]
                }
                2 if identity(people.msisdn[at]) == Some(keys.msisdns.numbers[place]) => {
                    &mut self.msisdns[place]
                }
                3 if identity(people.number[at]) == Some(keys.numbers.numbers[place]) => {
                    &mut self.numbers[place]
                }
                _ => continue,
            };
            *slot = at as u32;
        }
        self.people = people;
    }
}
