//! What a store keeps about an import.

use consentry_core::matching::{Counts, Finding, Hash, ImportId, ProfileId, UndoCounts};
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A file that wants to be imported. Its bytes are already durable, named by their hash.
#[derive(Clone, Debug, PartialEq)]
pub struct NewImport {
    /// As the caller named it.
    pub file_name: String,
    /// SHA-256 of its bytes, in hex.
    pub file_sha256: String,
    /// Size.
    pub file_bytes: u64,
    /// How to read it.
    pub options: v1::Options,
    /// The day its consents were collected.
    pub as_of: Option<Date>,
    /// Why its opt-ins lift people's own opt-outs; none when they do not.
    pub override_reason: Option<String>,
    /// SHA-256 of the engine, in hex.
    pub engine_sha256: String,
    /// Digest of the verdict the client saw, if it told.
    pub client_digest: Option<String>,
    /// When it was received.
    pub received_at: UnixMs,
}

impl NewImport {
    /// SHA-256 over everything here but the client's digest, which decides nothing. It goes into the chain of every
    /// event of the import, so that the record cannot be changed unseen.
    pub fn hash(&self) -> Hash {
        let options = serde_json::to_string(&self.options).expect("options always serialise");
        let mut hash = Sha256::new();
        for text in [
            self.file_name.as_str(),
            &self.file_sha256,
            &self.file_bytes.to_string(),
            &options,
            &self.as_of.map(|date| date.to_string()).unwrap_or_default(),
            self.override_reason.as_deref().unwrap_or_default(),
            &self.engine_sha256,
            &self.received_at.0.to_string(),
        ] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    /// Whether importing both would say the same: same bytes, options, terms and engine.
    pub fn same_as(&self, other: &NewImport) -> bool {
        self.file_sha256 == other.file_sha256
            && self.options == other.options
            && self.as_of == other.as_of
            && self.override_reason.is_some() == other.override_reason.is_some()
            && self.engine_sha256 == other.engine_sha256
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Durable, waiting for its turn.
    Accepted,
    /// Its first batch may be committed.
    Applying,
    /// Done.
    Committed,
    /// The file cannot be used; nothing was changed.
    Refused,
    /// Our fault; what is committed stays, and the failure says where it stopped.
    Failed,
    /// Committed once, or in part, and taken back.
    Undone,
}

/// An import as the store holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Its number.
    pub id: ImportId,
    /// What was asked.
    pub new: NewImport,
    /// Where it stands.
    pub state: ImportState,
    /// Data record up to which everything is committed.
    pub cursor: u64,
    /// What became of the rows up to there.
    pub counts: Counts,
    /// What to tell about those rows; the importer keeps this short.
    pub findings: Vec<Finding>,
    /// Place of the log's last event when its first batch was committed: its own come after it.
    pub log_from: Option<u64>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// How it was taken back, if it was.
    pub undo: Option<UndoRecord>,
}

impl Import {
    /// Whether there is anything to take back. An import that failed may have committed some of its rows before.
    pub fn may_be_taken_back(&self) -> bool {
        match self.state {
            ImportState::Committed => true,
            ImportState::Failed => self.cursor > 0,
            ImportState::Accepted | ImportState::Applying | ImportState::Refused | ImportState::Undone => {
                false
            }
        }
    }
}

/// How an import was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoRecord {
    /// Who took it back, for example `cli:root`, and why if they said so.
    pub by: String,
    /// When.
    pub at: UnixMs,
    /// What became of the profiles it had changed.
    pub counts: UndoCounts,
    /// The first profiles that stayed as they are, and why: [`consentry_core::matching::KeptBecause::id`].
    pub kept: Vec<(ProfileId, String)>,
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Committed, refused or failed.
    pub state: ImportState,
    /// The verdict, findings of matching included; none when it failed before there was one.
    pub report: Option<v1::Report>,
    /// What went wrong, for [`ImportState::Failed`].
    pub failure: Option<String>,
    /// When.
    pub at: UnixMs,
}
