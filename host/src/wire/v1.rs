//! Version 1 of the host's documents.

use std::collections::BTreeMap;

use consentry_core::matching::{Counts, E164, KeptBecause, Permission, Source};
use consentry_core::wire::v1::{Diagnostic, Engine, File, Options, Report};
use serde::Serialize;

use super::person::v1::{HoldingDocument, StandingDocument};
use crate::store::{Import, ImportState, StoredEvent, StoredProfile, UndoRecord};

/// Every import, newest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryDocument {
    /// The imports.
    pub imports: Vec<ImportDocument>,
}

/// An import, wherever it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportDocument {
    /// `i3`; absent for a dry run, which is no import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// `accepted` `applying` `committed` `refused` `failed` `undone` `dry_run` `already_imported`.
    pub state: &'static str,
    /// The file; how it was read is known once it was judged.
    pub file: File,
    /// What became of the rows; while it runs, of those applied so far.
    pub counts: ImportCounts,
    /// How often each code was found.
    pub codes: BTreeMap<String, u64>,
    /// The findings kept.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings counted but not kept.
    pub diagnostics_omitted: u64,
    /// Who judged.
    pub engine: Engine,
    /// Digest of the verdict; empty until it was judged.
    pub digest: String,
    /// The client saw another verdict than the host.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub digest_differs: bool,
    /// RFC 3339.
    pub received_at: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The collection date declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Why its opt-ins lift people's own opt-outs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    /// How the file was to be read.
    pub options: Options,
    /// How far it is, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressDocument>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoDocument>,
}

/// How an import was taken back. The numbers add up to the profiles that the import had changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoDocument {
    /// RFC 3339.
    pub at: String,
    /// Who, and why if they said so.
    pub by: String,
    /// Profiles put back to what they were.
    pub reversed: u64,
    /// Profiles the import had made, removed.
    pub removed: u64,
    /// Profiles kept as they are, by reason: `later-import`, `own-opt-out`, `number-taken`.
    pub kept: BTreeMap<String, u64>,
    /// The first of them.
    pub kept_profiles: Vec<KeptDocument>,
}

/// A profile that stayed as it was when an import was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptDocument {
    /// `p12`.
    pub profile: String,
    /// Why.
    pub reason: String,
}

impl UndoDocument {
    /// The document of what a store holds.
    pub fn of(undo: &UndoRecord) -> UndoDocument {
        let counts = &undo.counts;
        let kept = [
            (KeptBecause::LaterImport, counts.kept_later_import),
            (KeptBecause::OwnOptOut, counts.kept_own_opt_out),
            (KeptBecause::NumberTaken, counts.kept_number_taken),
        ];
        UndoDocument {
            at: undo.at.to_string(),
            by: undo.by.clone(),
            reversed: counts.reversed,
            removed: counts.removed,
            kept: kept.into_iter().map(|(reason, count)| (reason.id().to_owned(), count)).collect(),
            kept_profiles: undo
                .kept
                .iter()
                .map(|(profile, reason)| KeptDocument {
                    profile: profile.to_string(),
                    reason: reason.clone(),
                })
                .collect(),
        }
    }
}

/// What became of the rows of an import. created + updated + unchanged + kept_opt_out + rejected = rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// Data records.
    pub rows: u64,
    /// New profiles.
    pub created: u64,
    /// Profiles whose number or permission changed.
    pub updated: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Opt-ins that did not lift the person's own opt-out.
    pub kept_opt_out: u64,
    /// Rows with an error.
    pub rejected: u64,
    /// Rows whose number left another profile.
    pub numbers_moved: u64,
    /// Rows whose identifiers belong to different profiles.
    pub identifiers_conflict: u64,
    /// Rows matched by a weak identifier while a stronger one differs.
    pub identifiers_differ: u64,
    /// Accepted rows that opt in.
    pub opt_in: u64,
    /// Accepted rows that opt out.
    pub opt_out: u64,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProgressDocument {
    /// `checking` or `applying`.
    pub phase: &'static str,
    /// Rows judged (checking) or committed (applying).
    pub rows_done: u64,
    /// Rows of the file, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_total: Option<u64>,
    /// Bytes of the file read in this phase.
    pub bytes_done: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl ImportDocument {
    /// The document of an import as it is stored.
    pub fn of(import: &Import) -> ImportDocument {
        let new = &import.new;
        let report = import.outcome.as_ref().and_then(|outcome| outcome.report.as_ref());
        ImportDocument {
            import: Some(import.id.to_string()),
            state: match import.state {
                ImportState::Accepted => "accepted",
                ImportState::Applying => "applying",
                ImportState::Committed => "committed",
                ImportState::Refused => "refused",
                ImportState::Failed => "failed",
                ImportState::Undone => "undone",
            },
            file: File {
                name: Some(new.file_name.clone()),
                sha256: Some(new.file_sha256.clone()),
                bytes: new.file_bytes,
                ..report.map(|report| report.file.clone()).unwrap_or_default()
            },
            counts: ImportCounts::of(&import.counts, report),
            codes: report.map(|report| report.codes.clone()).unwrap_or_default(),
            diagnostics: report.map(|report| report.diagnostics.clone()).unwrap_or_default(),
            diagnostics_omitted: report.map_or(0, |report| report.diagnostics_omitted),
            engine: report
                .map(|report| report.engine.clone())
                .unwrap_or(Engine { sha256: Some(new.engine_sha256.clone()), ..Engine::default() }),
            digest: report.map(|report| report.digest.clone()).unwrap_or_default(),
            digest_differs: match (report, &new.client_digest) {
                (Some(report), Some(digest)) => report.digest != *digest,
                _ => false,
            },
            received_at: new.received_at.to_string(),
            finished_at: import.outcome.as_ref().map(|outcome| outcome.at.to_string()),
            as_of: new.as_of.map(|date| date.to_string()),
            override_reason: new.override_reason.clone(),
            options: new.options.clone(),
            progress: None,
            failure: import.outcome.as_ref().and_then(|outcome| outcome.failure.clone()),
            undo: import.undo.as_ref().map(UndoDocument::of),
        }
    }
}

impl ImportCounts {
    /// From what matching counted and the check's report.
    pub fn of(counts: &Counts, report: Option<&Report>) -> ImportCounts {
        // Nothing became of the rows of a refused file.
        let check =
            report.filter(|report| !report.refused).map(|report| report.counts.clone()).unwrap_or_default();
        ImportCounts {
            rows: check.rows,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            kept_opt_out: counts.kept_opt_out,
            rejected: check.rejected,
            numbers_moved: counts.numbers_moved,
            identifiers_conflict: counts.identifiers_conflict,
            identifiers_differ: counts.identifiers_differ,
            opt_in: check.opt_in,
            opt_out: check.opt_out,
        }
    }
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileDocument {
    /// `p12`.
    pub profile: String,
    /// Customer's own id.
    pub exid: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// E.164.
    pub msisdn: Option<String>,
    /// E.164.
    #[serde(rename = "wpNumber")]
    pub wp_number: Option<String>,
    /// `opt_in` or `opt_out`.
    pub permission: Option<&'static str>,
    /// Further columns.
    pub attributes: BTreeMap<String, String>,
    /// RFC 3339.
    pub changed_at: String,
}

impl ProfileDocument {
    /// The document of a stored profile.
    pub fn of(stored: &StoredProfile) -> ProfileDocument {
        let profile = &stored.profile;
        ProfileDocument {
            profile: profile.id.to_string(),
            exid: profile.exid.clone(),
            email: profile.email.clone(),
            msisdn: shown(profile.msisdn),
            wp_number: shown(profile.number),
            permission: profile.permission.map(Permission::as_str),
            attributes: profile.attributes.clone(),
            changed_at: stored.changed_at.to_string(),
        }
    }
}

/// Why a number or profile stands where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// What was asked about: a number in E.164 or a profile.
    pub of: String,
    /// Who holds the number now, or the profile as it is now.
    pub current: Option<ProfileDocument>,
    /// How it stands; absent in a part of a story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<StandingDocument>,
    /// The number that was asked about, or the one that the profile has or had last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who held that number, the first holder first.
    pub custody: Vec<HoldingDocument>,
    /// Business-scoped user ids that were seen with that number last.
    pub user_ids: Vec<String>,
    /// There are earlier events than these: ask for those before this place of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_before: Option<u64>,
    /// What happened, oldest first.
    pub events: Vec<EventDocument>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventDocument {
    /// Place in the log.
    pub seq: u64,
    /// When it was received, RFC 3339.
    pub at: String,
    /// Whose consent; absent when nobody held the number.
    pub profile: Option<String>,
    /// Number after.
    pub number: Option<String>,
    /// Number before.
    pub previous_number: Option<String>,
    /// Permission after.
    pub permission: Option<&'static str>,
    /// Permission before.
    pub previous_permission: Option<&'static str>,
    /// Which rule.
    pub rule: &'static str,
    /// Profile the number went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_to: Option<String>,
    /// Profile that had the number before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_from: Option<String>,
    /// When the person had said the opt-out that was lifted, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_opt_out_of: Option<String>,
    /// On whose word.
    pub source: SourceDocument,
    /// Hash of the log up to the end of the block that holds the event, in hex.
    pub hash: String,
}

/// Where a change came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceDocument {
    /// A row of a consent file.
    File {
        /// `i3`.
        import: String,
        /// The file's name.
        file: String,
        /// Its SHA-256.
        sha256: String,
        /// Data record, counted from 1.
        row: u64,
        /// Physical line, counted from 1.
        line: u64,
        /// The number's cell as it stood.
        number_cell: String,
        /// The permission's cell as it stood.
        permission_cell: String,
        /// The collection date declared.
        #[serde(skip_serializing_if = "Option::is_none")]
        as_of: Option<String>,
    },
    /// The person.
    Person {
        /// How it was heard.
        heard: String,
    },
    /// An import was taken back.
    Undo {
        /// `i3`.
        import: String,
        /// Its file's name.
        file: String,
        /// Who took it back, and why if they said so.
        by: String,
    },
    /// The person was erased.
    Erasure {
        /// Who erased them, and why.
        by: String,
    },
}

impl EventDocument {
    /// The document of a stored event; `import` is the record of the import it came from, if any.
    pub fn of(stored: &StoredEvent, import: Option<&Import>) -> EventDocument {
        let event = &stored.event;
        EventDocument {
            seq: event.seq,
            at: event.at.to_string(),
            profile: event.profile.map(|profile| profile.to_string()),
            number: shown(event.number),
            previous_number: shown(event.number_before),
            permission: event.permission.map(Permission::as_str),
            previous_permission: event.permission_before.map(Permission::as_str),
            rule: event.rule.id(),
            lost_to: event.rule.other_profile().map(|profile| profile.to_string()),
            taken_from: event.taken_from.map(|profile| profile.to_string()),
            lifted_opt_out_of: event.lifted.map(|own| own.at.to_string()),
            source: match &event.source {
                Source::Person { heard } => SourceDocument::Person { heard: heard.clone() },
                Source::Erasure { by, .. } => SourceDocument::Erasure { by: by.clone() },
                Source::Undo { import: id, by } => SourceDocument::Undo {
                    import: id.to_string(),
                    file: import.map(|import| import.new.file_name.clone()).unwrap_or_default(),
                    by: by.clone(),
                },
                Source::File { import: id, record: _, row, line, number_cell, permission_cell, as_of } => {
                    SourceDocument::File {
                        import: id.to_string(),
                        file: import.map(|import| import.new.file_name.clone()).unwrap_or_default(),
                        sha256: import.map(|import| import.new.file_sha256.clone()).unwrap_or_default(),
                        row: *row,
                        line: *line,
                        number_cell: number_cell.clone(),
                        permission_cell: permission_cell.clone(),
                        as_of: as_of.map(|date| date.to_string()),
                    }
                }
            },
            hash: crate::engine::hex(&stored.hash),
        }
    }
}

/// What became of attributes that were to be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AttributesSetDocument {
    /// Their names.
    pub attributes: Vec<String>,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that mean somebody who is known.
    pub matched: u64,
    /// Profiles that something was set of.
    pub profiles: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// The first of them.
    pub troubles: Vec<AttributeTrouble>,
}

/// A row that sets nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttributeTrouble {
    /// Data record, counted from 1.
    pub row: u64,
    /// Whom it means.
    pub found: String,
    /// Why.
    pub message: String,
}

/// What was found or done by looking after the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreDocument {
    /// `verified` `backed up` `restored` `migrated`.
    pub done: &'static str,
    /// The folder that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Number of profiles.
    pub profiles: u64,
    /// Number of events in the evidence log.
    pub events: u64,
    /// Hash of everything decisions depend on, in hex.
    pub state_hash: String,
}

/// What became of the stored secrets when they moved to another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RotatedDocument {
    /// Secrets that were encrypted anew.
    pub secrets: u64,
    /// The file that the former key was put aside in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<String>,
}

/// What runs here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Version of the product.
    pub version: &'static str,
    /// The judge.
    pub engine: Engine,
}

fn shown(number: Option<E164>) -> Option<String> {
    number.map(|number| number.to_string())
}
