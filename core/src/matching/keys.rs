//! What must be known to decide about a batch: its identifiers, each once, in the order stores keep them.

use std::borrow::Cow;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::phone::E164;
use crate::rows::{Rows, Texts};

/// No key, no profile: what stands in a column of places where there is none.
pub const NONE: u32 = u32::MAX;

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

/// A store's secret, so that nobody can make up texts whose hashes collide. Hashes only find candidates: a lead
/// counts when the text behind it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct KeySeed(pub [u8; 16]);

impl std::fmt::Debug for KeySeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeySeed(…)")
    }
}

impl KeySeed {
    /// SipHash-1-3 of a text as it is compared.
    pub fn hash(&self, text: &str) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}

/// Distinct texts of a batch, by hash and then by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextKeys {
    /// Hash of each text.
    pub hashes: Vec<u64>,
    /// The texts as they are compared.
    pub texts: Texts,
    /// Place of each row's text here, or [`NONE`].
    pub of_row: Vec<u32>,
}

/// Distinct identities of numbers of a batch, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberKeys {
    /// The identities.
    pub numbers: Vec<u64>,
    /// Place of each row's number here, or [`NONE`].
    pub of_row: Vec<u32>,
}

/// Everything a batch must know about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Customer's ids.
    pub exids: TextKeys,
    /// Folded e-mail addresses.
    pub emails: TextKeys,
    /// Identities of phone numbers.
    pub msisdns: NumberKeys,
    /// Identities of WhatsApp numbers; own opt-outs are needed for these as well.
    pub numbers: NumberKeys,
    /// Profiles that must be known whatever leads to them, by id, each once.
    pub profiles: Vec<u64>,
    /// The business-scoped user id that must be known; none when it is about nobody in particular.
    pub user: Option<String>,
}

/// An e-mail address as it is compared: case does not matter.
pub fn fold_email(email: &str) -> Cow<'_, str> {
    let email = email.trim();
    if email.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(email.to_lowercase())
    } else {
        Cow::Borrowed(email)
    }
}

impl Keys {
    /// What must be known to decide about these rows, for a store with this seed.
    pub fn of(rows: &Rows, seed: &KeySeed) -> Keys {
        Keys {
            exids: TextKeys::exids(&rows.exid, seed),
            emails: TextKeys::emails(&rows.email, seed),
            msisdns: NumberKeys::of(&rows.msisdn),
            numbers: NumberKeys::of(&rows.number),
            ..Keys::default()
        }
    }

    /// A business-scoped user id, and the WhatsApp number, by identity, that is said or known to be theirs.
    pub fn of_user(user: &str, identity: Option<u64>) -> Keys {
        Keys { user: Some(user.to_owned()), ..identity.map_or_else(Keys::default, Keys::of_number) }
    }

    /// A WhatsApp number, by identity, and nothing else.
    pub fn of_number(identity: u64) -> Keys {
        Keys { numbers: NumberKeys { numbers: vec![identity], of_row: Vec::new() }, ..Keys::default() }
    }
}

impl TextKeys {
    /// One text and nothing else.
    pub fn one(text: &str, seed: &KeySeed) -> TextKeys {
        let mut keys = TextKeys { hashes: vec![seed.hash(text)], ..TextKeys::default() };
        keys.texts.push(text);
        keys
    }

    /// Distinct exids of a column.
    pub fn exids(column: &Texts, seed: &KeySeed) -> TextKeys {
        TextKeys::of(column, seed, Cow::Borrowed)
    }

    /// Distinct e-mail addresses of a column, folded.
    pub fn emails(column: &Texts, seed: &KeySeed) -> TextKeys {
        TextKeys::of(column, seed, fold_email)
    }

    /// Distinct texts of a column, compared as `fold` gives them.
    fn of<'a>(column: &'a Texts, seed: &KeySeed, fold: impl Fn(&'a str) -> Cow<'a, str>) -> TextKeys {
        let mut hashed: Vec<(u64, u32)> = (0..column.len())
            .filter_map(|at| Some((seed.hash(&fold(column.some(at)?)), at as u32)))
            .collect();
        hashed.sort_unstable();
        let text = |row: u32| fold(column.get(row as usize));
        let mut keys = TextKeys { of_row: vec![NONE; column.len()], ..TextKeys::default() };
        for group in hashed.chunk_by_mut(|one, other| one.0 == other.0) {
            // Nearly always one text, and always few that share a hash.
            if group.iter().any(|(_, row)| text(*row) != text(group[0].1)) {
                group.sort_by(|one, other| text(one.1).cmp(&text(other.1)));
            }
            for same in group.chunk_by(|one, other| text(one.1) == text(other.1)) {
                let place = keys.hashes.len() as u32;
                keys.hashes.push(same[0].0);
                keys.texts.push(&text(same[0].1));
                for (_, row) in same {
                    keys.of_row[*row as usize] = place;
                }
            }
        }
        keys
    }
}

impl NumberKeys {
    /// Distinct identities of a column of digits; 0 stands for none.
    pub fn of(digits: &[u64]) -> NumberKeys {
        let mut sorted: Vec<(u64, u32)> =
            digits.iter().zip(0..).filter_map(|(digits, at)| Some((identity(*digits)?, at))).collect();
        sorted.sort_unstable();
        let mut keys = NumberKeys { numbers: Vec::new(), of_row: vec![NONE; digits.len()] };
        for (number, row) in sorted {
            if keys.numbers.last() != Some(&number) {
                keys.numbers.push(number);
            }
            keys.of_row[row as usize] = keys.numbers.len() as u32 - 1;
        }
        keys
    }

    /// Where a number stands, if it does.
    pub fn place(&self, identity: u64) -> Option<usize> {
        self.numbers.binary_search(&identity).ok()
    }
}

/// Identity of the number with these digits; none for 0.
#[inline]
pub(super) fn identity(digits: u64) -> Option<u64> {
    E164::from_digits(digits).map(|number| number.identity().digits())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[&str]) -> Texts {
        let mut column = Texts::default();
        texts.iter().for_each(|text| column.push(text));
        column
    }

    #[test]
    fn each_text_is_one_key_however_often_it_stands() {
        let seed = KeySeed([7; 16]);
        let keys = TextKeys::of(&column(&["b", "", "a", "b", "c"]), &seed, Cow::Borrowed);
        assert_eq!(keys.hashes.len(), 3);
        assert!(keys.hashes.is_sorted());
        for (row, text) in [(0, "b"), (2, "a"), (3, "b"), (4, "c")] {
            assert_eq!(keys.texts.get(keys.of_row[row] as usize), text);
        }
        assert_eq!(keys.of_row[1], NONE);
    }

    #[test]
    fn addresses_are_one_whatever_their_case() {
        let keys =
            TextKeys::of(&column(&["Ayşe@X.com", "AYŞE@x.COM ", "b@x.com"]), &KeySeed::default(), fold_email);
        assert_eq!(keys.of_row[0], keys.of_row[1]);
        assert_eq!(keys.texts.get(keys.of_row[0] as usize), "ayşe@x.com");
        assert_eq!(keys.hashes.len(), 2);
    }

    #[test]
    fn numbers_are_keys_by_identity() {
        let keys = NumberKeys::of(&[5491112345678, 0, 541112345678, 905301112233]);
        assert_eq!(keys.numbers, [541112345678, 905301112233]);
        assert_eq!(keys.of_row, [0, NONE, 0, 1]);
    }
}
