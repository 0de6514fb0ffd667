//! Small documents: what is kept of accounts, templates and the like, each under a kind and a key. Nobody here looks into
//! a body. Writers name the version they saw, so that two who change the same never overwrite each other unseen.

use super::StoreError;

/// Longest key, in bytes: an account, a template's name of 512 characters and a language fit.
pub const KEY_BYTES_MAX: usize = 600;
/// Longest body, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// What a document is about. Keys are unique within a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A WhatsApp Business account that is connected.
    Account,
    /// A secret, encrypted; or the tenant's key, wrapped.
    Secret,
    /// A message template as Meta has it.
    Template,
    /// A message template that is being written.
    Draft,
    /// A campaign.
    Campaign,
    /// A condition about people, under a name.
    Segment,
    /// Something of the installation, like its price table.
    Setting,
    /// Somebody who may sign in, under the folded e-mail address.
    Person,
    /// A link that lets somebody in once, under the hash of its token.
    Invitation,
    /// Somebody who is signed in, under the hash of the token.
    Session,
    /// What a program shows instead, under its id.
    Key,
    /// How somebody's attributes were changed by hand, under the profile.
    Edits,
    /// How far somebody's erasure is, under the profile.
    Erasure,
}

impl Kind {
    /// As the database has it.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Account => "account",
            Kind::Secret => "secret",
            Kind::Template => "template",
            Kind::Draft => "draft",
            Kind::Campaign => "campaign",
            Kind::Segment => "segment",
            Kind::Setting => "setting",
            Kind::Person => "person",
            Kind::Invitation => "invitation",
            Kind::Session => "session",
            Kind::Key => "key",
            Kind::Edits => "edits",
            Kind::Erasure => "erasure",
        }
    }
}

/// A document as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Its key.
    pub key: String,
    /// Which write of the tenant's left it so. A version never stands for another body of the same key.
    pub version: u64,
    /// What was written.
    pub body: Vec<u8>,
}

/// A body may be anything, a customer's words among it.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} at version {}, {} bytes)", self.key, self.version, self.body.len())
    }
}

/// One change to the documents.
#[derive(Clone, Copy)]
pub struct Put<'a> {
    /// What it is about.
    pub kind: Kind,
    /// Which one.
    pub key: &'a str,
    /// The version it is known to have; none where there must be nothing yet.
    pub expected_version: Option<u64>,
    /// What it shall say; none removes it.
    pub body: Option<&'a [u8]>,
}

impl Put<'_> {
    /// Whether any store would take it.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let (key, body) = (self.key.len(), self.body.map_or(0, <[u8]>::len));
        if key == 0 || key > KEY_BYTES_MAX || self.key.contains('\0') {
            return Err(StoreError::DocumentKey(consentry_core::diagnostic::clip(self.key)));
        }
        if body > BODY_BYTES_MAX {
            return Err(StoreError::DocumentTooLarge(body));
        }
        Ok(())
    }
}
