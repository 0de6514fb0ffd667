//! Attributes of one person, changed by somebody who looks at them: whoever changes one says what they saw there, and is
//! told when it is something else by now. The log of consents knows nothing of attributes, so who changed what is kept
//! here, in a document for each person; what files set is not in it.

pub mod record;

use std::collections::BTreeMap;

use consentry_core::matching::ProfileId;
use consentry_core::time::UnixMs;

use crate::attributes::{self, AttributesError};
use crate::store::{Document, Kind, Lookup, Put, Store, StoreError, TenantId};
use crate::wire::person::v1::EditDocument;
use record::{EditRecord, EditsRecord};

/// Changes of one person that are kept; the first ones are forgotten.
const EDITS_MAX: usize = 200;
/// Longest text of a value that the history repeats, in characters: the document has a limit.
const VALUE_CHARS_MAX: usize = 500;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// The attributes, or the store.
    #[error(transparent)]
    Attributes(#[from] AttributesError),
    /// There is no such profile.
    #[error("there is no profile {0}")]
    Nobody(ProfileId),
    /// Somebody else was faster.
    #[error("`{name}` was changed meanwhile: it is {}. Look at it, and decide again", said(found.as_deref()))]
    Changed {
        /// Which attribute.
        name: String,
        /// What it is now.
        found: Option<String>,
    },
    /// Somebody else is changing the same person right now.
    #[error("somebody else is changing this person: look at it, and decide again")]
    Overtaken,
}

impl From<StoreError> for ByHandError {
    fn from(error: StoreError) -> ByHandError {
        match error {
            StoreError::Overtaken => ByHandError::Overtaken,
            other => ByHandError::Attributes(other.into()),
        }
    }
}

/// What is to be changed: the value that was seen, and the one to be; none stands for no attribute.
pub type Wanted = BTreeMap<String, (Option<String>, Option<String>)>;

/// Changes attributes of a person, all or none. The history is written first, under the version that was read: so of two who
/// change the same person at the same time one is told. A process that dies in between leaves a line in the history of a change
/// that did not come about, and never a change without its line.
pub fn change(
    store: &dyn Store,
    tenant: TenantId,
    profile: ProfileId,
    wanted: Wanted,
    by: &str,
    at: UnixMs,
) -> Result<(), ByHandError> {
    let key = profile.to_string();
    let document = store.document(tenant, Kind::Edits, &key)?;
    let found = store.find(tenant, &Lookup::Profile(profile))?.ok_or(ByHandError::Nobody(profile))?;
    let (mut record, mut values) = (read(document.as_ref())?, BTreeMap::new());
    for (name, (seen, to)) in wanted {
        let is = found.profile.attributes.get(&name).cloned();
        if is != seen {
            return Err(ByHandError::Changed { name, found: is });
        }
        if is == to {
            continue;
        }
        let clipped = |text: &Option<String>| {
            text.as_ref().map(|text| text.chars().take(VALUE_CHARS_MAX).collect::<String>())
        };
        record.edits.push(EditRecord {
            at_ms: at.0,
            by: by.to_owned(),
            name: name.clone(),
            from: clipped(&is),
            to: clipped(&to),
        });
        values.insert(name, to);
    }
    if values.is_empty() {
        return Ok(());
    }
    attributes::may_set_one(store, tenant, profile, &values)?;
    let forgotten = record.edits.len().saturating_sub(EDITS_MAX);
    record.edits.drain(..forgotten);
    let body = serde_json::to_vec(&record).map_err(|cause| StoreError::Damaged(cause.to_string()))?;
    let expected_version = document.map(|document| document.version);
    let put = Put { kind: Kind::Edits, key: &key, expected_version, body: Some(&body) };
    store.put_documents(tenant, &[put])?;
    attributes::set_one(store, tenant, profile, values)?;
    Ok(())
}

/// What was changed by hand, the latest first.
pub fn edits(
    store: &dyn Store,
    tenant: TenantId,
    profile: ProfileId,
) -> Result<Vec<EditDocument>, StoreError> {
    let document = store.document(tenant, Kind::Edits, &profile.to_string())?;
    let shown = |edit: EditRecord| EditDocument {
        at: UnixMs(edit.at_ms).to_string(),
        by: edit.by,
        name: edit.name,
        from: edit.from,
        to: edit.to,
    };
    Ok(read(document.as_ref())?.edits.into_iter().rev().map(shown).collect())
}

fn read(document: Option<&Document>) -> Result<EditsRecord, StoreError> {
    let Some(document) = document else { return Ok(EditsRecord::default()) };
    let damaged = |cause| StoreError::Damaged(format!("the edits of {}: {cause}", document.key));
    serde_json::from_slice(&document.body).map_err(damaged)
}

fn said(value: Option<&str>) -> String {
    value.map_or_else(|| "gone".to_owned(), |value| format!("`{}`", consentry_core::diagnostic::clip(value)))
}
