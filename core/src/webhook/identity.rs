//! Ids by which copies of an event are known. Meta sends everything at least once, alone or in company, to every
//! subscribed app; what identifies a thing is the thing itself.

use sha2::{Digest, Sha256};

use crate::json::Json;

/// Longest id that is built from Meta's own ids, in bytes; longer ones are hashed.
const NAMED_BYTES_MAX: usize = 300;

/// The id of a thing that Meta has given an id.
pub(super) fn named(kind: &str, parts: &[&str]) -> String {
    let mut id = kind.to_owned();
    for part in parts {
        id.push(':');
        id += part;
    }
    // What is in an id ends up in keys of databases and in addresses.
    if id.len() > NAMED_BYTES_MAX || id.bytes().any(|byte| !byte.is_ascii_graphic()) {
        let mut hash = Sha256::new();
        hash.update(&id);
        return format!("{kind}:{}", short(hash));
    }
    id
}

/// The id of a thing that has none: what it says, where it was said and when.
pub(super) fn hashed(kind: &str, about: &[&str], value: &Json<'_>) -> String {
    let mut hash = Sha256::new();
    for part in about {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    absorb(value, &mut hash);
    format!("{kind}:{}", short(hash))
}

/// The first half of a SHA-256, in hex: nobody but Meta can sign what would collide.
fn short(hash: Sha256) -> String {
    crate::webhook::signature::hex(&hash.finalize()[..16])
}

/// A document's meaning: members in any order, numbers as they are read.
fn absorb(value: &Json<'_>, hash: &mut Sha256) {
    let mut mark = |tag: u8, length: usize| {
        hash.update([tag]);
        hash.update((length as u64).to_le_bytes());
    };
    match value {
        Json::Null => mark(0, 0),
        Json::Bool(value) => mark(1, usize::from(*value)),
        Json::List(items) => {
            mark(2, items.len());
            items.iter().for_each(|item| absorb(item, hash));
        }
        Json::Object(members) => {
            mark(3, members.len());
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|one, other| one.0.cmp(&other.0));
            for (name, value) in sorted {
                hash.update((name.len() as u64).to_le_bytes());
                hash.update(name.as_bytes());
                absorb(value, hash);
            }
        }
        Json::Text(text) => {
            mark(4, text.len());
            hash.update(text.as_bytes());
        }
        number => {
            let text = number.written().unwrap_or_default();
            mark(5, text.len());
            hash.update(text.as_bytes());
        }
    }
}
