//! One byte encoding of a tenant's state, so that two stores that remember the same give the same hash. It
//! reads no store: each store hands over what it holds, in the order said at the calls.

use consentry_core::matching::{Hash, OwnOptOut, Profile, User};
use consentry_core::time::UnixMs;
use sha2::{Digest as _, Sha256};

/// Hashes a state piece by piece: profiles by id, own opt-outs by number, marks of the erased, then user ids. Who is found by which identifier follows
/// from the profiles.
#[derive(Default)]
pub(super) struct StateHasher {
    hash: Sha256,
    /// Reused from piece to piece.
    bytes: Vec<u8>,
}

impl StateHasher {
    /// The next profile by id.
    pub(super) fn profile(&mut self, profile: &Profile) {
        self.begin(b'p');
        self.word(profile.id.0);
        self.optional_text(profile.exid.as_deref());
        self.optional_text(profile.email.as_deref());
        self.word(profile.msisdn.map_or(0, |msisdn| msisdn.digits()));
        self.word(profile.number.map_or(0, |number| number.digits()));
        self.word(profile.permission.map_or(0, |permission| permission as u64));
        self.word(profile.attributes.len() as u64);
        for (name, value) in &profile.attributes {
            self.text(name);
            self.text(value);
        }
        self.end();
    }

    /// The next own opt-out by identity of the number.
    pub(super) fn own_opt_out(&mut self, number: u64, own: OwnOptOut) {
        self.begin(b'o');
        self.word(number);
        self.word(own.at.0.cast_unsigned());
        self.end();
    }

    /// The next mark of somebody who was erased.
    pub(super) fn erased(&mut self, mark: u64, at: UnixMs) {
        self.begin(b'e');
        self.word(mark);
        self.word(at.0.cast_unsigned());
        self.end();
    }

    /// The next user id by its bytes.
    pub(super) fn user(&mut self, id: &str, user: &User) {
        self.begin(b'u');
        self.text(id);
        self.word(user.number.unwrap_or_default());
        self.word(u64::from(user.opted_out.is_some()));
        self.word(user.opted_out.map_or(0, |own| own.at.0.cast_unsigned()));
        self.end();
    }

    /// SHA-256 of everything handed over.
    pub(super) fn finish(self) -> Hash {
        self.hash.finalize().into()
    }

    fn begin(&mut self, tag: u8) {
        self.bytes.clear();
        self.bytes.push(tag);
    }

    fn word(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Texts are preceded by their length, so that no two sequences of texts read the same.
    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        self.bytes.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn end(&mut self) {
        self.hash.update(&self.bytes);
    }
}
