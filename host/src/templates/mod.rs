//! Message templates: pulled from Meta ([`sync`]), told of by it ([`webhook`]), written as drafts, submitted, deleted. Shared
//! by command line and HTTP.

pub mod judging;
mod news;
pub mod record;
mod submission;
pub mod sync;
pub mod webhook;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::accounts;
use crate::accounts::record::Account;
use crate::desk::{Desk, DeskError, ROUNDS_MAX};
use crate::gateway::meta::text;
use crate::store::{Document, Kind, Put, StoreError, TenantId};

use record::{DraftRecord, TemplateRecord};
pub use submission::submit;

/// Longest name, in bytes; Meta counts the same characters.
const NAME_BYTES_MAX: usize = 512;
/// Longest language, in bytes.
const LANGUAGE_BYTES_MAX: usize = 15;
/// Documents read from the store at once.
const PAGE: usize = 500;
/// What Meta tells of a template's status and does not list.
const ASIDE: [&str; 2] = ["rejection_info", "disable_info"];

/// Which template: unique by name and language within an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateId {
    /// `a1`.
    pub account: String,
    /// Like `order_confirmation`.
    pub name: String,
    /// Like `en_US`.
    pub language: String,
}

impl TemplateId {
    /// Checks what somebody typed.
    pub fn new(account: &str, name: &str, language: &str) -> Result<TemplateId, DeskError> {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(is_name) {
            let text = "a template's name has small letters a to z, digits and `_`, up to 512 of them";
            return Err(DeskError::Invalid(text.to_owned()));
        }
        let language = language.replace('-', "_");
        if !is_language(&language) {
            return Err(DeskError::Invalid("a language is written like `en` or `pt_BR`".to_owned()));
        }
        Ok(TemplateId { account: account.to_owned(), name: name.to_owned(), language })
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.account, self.name, self.language)
    }

    fn of_key(key: &str) -> Option<TemplateId> {
        let mut parts = key.splitn(3, '/').map(str::to_owned);
        Some(TemplateId { account: parts.next()?, name: parts.next()?, language: parts.next()? })
    }
}

/// A template as it is known here: what Meta has, what is being written, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Which one.
    pub id: TemplateId,
    /// What Meta has, and the version of what is kept of it.
    pub record: Option<(TemplateRecord, u64)>,
    /// What is being written, and its version.
    pub draft: Option<(DraftRecord, u64)>,
}

impl Template {
    /// The document that stands: Meta's, or the draft's where there is no other.
    pub fn document(&self) -> &Value {
        match (&self.record, &self.draft) {
            (Some((record, _)), _) => &record.template,
            (None, Some((draft, _))) => &draft.template,
            (None, None) => &Value::Null,
        }
    }

    /// `APPROVED`, `PENDING`, …; `DRAFT` where Meta has none.
    pub fn status(&self) -> String {
        match &self.record {
            Some((record, _)) => status_of(&record.template),
            None => "DRAFT".to_owned(),
        }
    }

    /// Why it cannot be sent; none when it can.
    pub fn why_not(&self) -> Option<&'static str> {
        let Some((record, _)) = &self.record else {
            return Some("it is a draft: submit it for review first");
        };
        if record.stale_since_ms.is_some() {
            return Some("Meta no longer has it: it was deleted there, or moved");
        }
        match status_of(&record.template).as_str() {
            "APPROVED" | "FLAGGED" | "REINSTATED" => None,
            "PENDING" => Some("Meta reviews it: up to a day, as a rule minutes"),
            "REJECTED" => Some("Meta rejected it: change it and submit it again"),
            "PAUSED" => Some("Meta paused it for its quality: wait, or change it"),
            "DISABLED" => Some("Meta disabled it for its quality: write another one"),
            "IN_APPEAL" => Some("an appeal about it is running"),
            "LIMIT_EXCEEDED" => Some("the account has more templates than it may: delete some"),
            "LOCKED" => Some("Meta locked it: see WhatsApp Manager"),
            "PENDING_DELETION" | "DELETED" => Some("it was deleted"),
            "ARCHIVED" => {
                Some("Meta archived it because nobody used it for a year: unarchive it in WhatsApp Manager")
            }
            // What it was before comes back with it, and that may be paused or rejected.
            "UNARCHIVED" => Some("Meta took it out of the archive: pull the templates to see what it is now"),
            _ => Some("Meta gave it a status that this version does not know: see WhatsApp Manager"),
        }
    }
}

/// Which templates to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this account.
    pub account: Option<String>,
    /// With this status.
    pub status: Option<String>,
    /// With these letters in name or texts.
    pub q: Option<String>,
}

/// Templates by account, name and language.
pub fn list(desk: &Desk, tenant: TenantId, filter: &Filter) -> Result<Vec<Template>, DeskError> {
    let prefix = match &filter.account {
        Some(account) => format!("{}/", accounts::find(desk, tenant, account)?.id),
        None => String::new(),
    };
    let mut found = under(desk, tenant, &prefix)?;
    if let Some(status) = &filter.status {
        found.retain(|template| template.status().eq_ignore_ascii_case(status));
    }
    if let Some(q) = filter.q.as_deref().map(str::to_lowercase).filter(|q| !q.is_empty()) {
        found.retain(|template| template.id.name.contains(&q) || says(template.document(), &q));
    }
    Ok(found)
}

/// Every language of a template.
pub fn versions(
    desk: &Desk,
    tenant: TenantId,
    account: &str,
    name: &str,
) -> Result<Vec<Template>, DeskError> {
    accounts::find(desk, tenant, account)?;
    let found = under(desk, tenant, &format!("{account}/{name}/"))?;
    if found.is_empty() {
        let name = consentry_core::diagnostic::clip(name);
        return Err(DeskError::NotFound(format!("`{account}` has no template `{name}`")));
    }
    Ok(found)
}

/// One template in one language.
pub fn find(desk: &Desk, tenant: TenantId, id: &TemplateId) -> Result<Template, DeskError> {
    let record = desk.store.document(tenant, Kind::Template, &id.key())?;
    let draft = desk.store.document(tenant, Kind::Draft, &id.key())?;
    if record.is_none() && draft.is_none() {
        return Err(missing(id));
    }
    let account = accounts::find(desk, tenant, &id.account).ok();
    Ok(Template {
        id: id.clone(),
        record: record
            .map(|record| {
                Ok::<_, StoreError>((named_at(read(&record.body)?, account.as_ref()), record.version))
            })
            .transpose()?,
        draft: draft
            .map(|draft| Ok::<_, StoreError>((read_draft(&draft.body)?, draft.version)))
            .transpose()?,
    })
}

/// Keeps a draft over the one that has this version, or as the first one.
pub fn keep_draft(
    desk: &Desk,
    tenant: TenantId,
    id: &TemplateId,
    template: Value,
    values: Map<String, Value>,
    version: Option<u64>,
) -> Result<Template, DeskError> {
    accounts::find(desk, tenant, &id.account)?;
    let mut template = named(template, id)?;
    // What Meta said of the template it was copied from is not said of this one.
    judging::strip(&mut template);
    let draft = DraftRecord { template, values, changed_at_ms: desk.clock.now().0 };
    let body = written(&draft)?;
    let put = Put { kind: Kind::Draft, key: &id.key(), expected_version: version, body: Some(&body) };
    match desk.store.put_documents(tenant, &[put]) {
        Err(StoreError::Overtaken) => Err(DeskError::Overtaken),
        Err(StoreError::DocumentTooLarge(bytes)) => {
            Err(DeskError::Invalid(format!("a template of {bytes} bytes is larger than any that Meta takes")))
        }
        Err(other) => Err(other.into()),
        Ok(_) => find(desk, tenant, id),
    }
}

/// Forgets a draft; what Meta has stays.
pub fn forget_draft(desk: &Desk, tenant: TenantId, id: &TemplateId) -> Result<(), DeskError> {
    let draft = desk.store.document(tenant, Kind::Draft, &id.key())?.ok_or_else(|| no_draft(id))?;
    let put = Put { kind: Kind::Draft, key: &id.key(), expected_version: Some(draft.version), body: None };
    match desk.store.put_documents(tenant, &[put]) {
        Err(StoreError::Overtaken) => Err(DeskError::Overtaken),
        other => Ok(other.map(|_| ())?),
    }
}

/// Deletes a template at Meta's: in one language, or in all.
pub fn delete(
    desk: &Desk,
    tenant: TenantId,
    account: &str,
    name: &str,
    language: Option<&str>,
) -> Result<Vec<Template>, DeskError> {
    let account = accounts::find(desk, tenant, account)?;
    let mut found = versions(desk, tenant, &account.id, name)?;
    if let Some(language) = language {
        let id = TemplateId::new(&account.id, name, language)?;
        found.retain(|template| template.id == id);
    }
    found.retain(|template| template.record.is_some());
    let Some(first) = found.first() else {
        return Err(DeskError::NotFound(
            "Meta has no such template; a draft is forgotten by itself".to_owned(),
        ));
    };
    let meta_id = language.and_then(|_| text(first.document(), "id"));
    if language.is_some() && meta_id.is_none() {
        // Without its id Meta would delete every language.
        let text = "the id of this template is not known: pull the templates first";
        return Err(DeskError::Conflict(text.to_owned()));
    }
    let graph = accounts::graph(desk, tenant, &account)?;
    let began = desk.clock.now().0;
    desk.wait(graph.delete_template(&account.waba_id, name, meta_id.as_deref()))?;
    let now = desk.clock.now().0;
    for template in &found {
        change(desk, tenant, &template.id, |record| {
            record.template["status"] = "PENDING_DELETION".into();
            record.changed_at_ms = now;
            record.told_at_s = record.told_at_s.max(seconds(began));
            true
        })?;
    }
    found.iter().map(|template| find(desk, tenant, &template.id)).collect()
}

/// Changes what is kept of a template, whoever else does so at the same time; false when it is not known, or when there is
/// nothing to change.
fn change(
    desk: &Desk,
    tenant: TenantId,
    id: &TemplateId,
    change: impl Fn(&mut TemplateRecord) -> bool,
) -> Result<bool, DeskError> {
    let key = id.key();
    for _ in 0..ROUNDS_MAX {
        let Some(stands) = desk.store.document(tenant, Kind::Template, &key)? else { return Ok(false) };
        let mut record = read(&stands.body)?;
        if !change(&mut record) {
            return Ok(true);
        }
        let body = written(&record)?;
        let put = Put {
            kind: Kind::Template,
            key: &key,
            expected_version: Some(stands.version),
            body: Some(&body),
        };
        match desk.store.put_documents(tenant, &[put]) {
            Err(StoreError::Overtaken) => {}
            other => {
                other?;
                desk.signal.raise();
                return Ok(true);
            }
        }
    }
    Err(DeskError::Overtaken)
}

/// Documents whose keys begin like this.
pub(crate) fn documents(
    desk: &Desk,
    tenant: TenantId,
    kind: Kind,
    prefix: &str,
) -> Result<Vec<Document>, StoreError> {
    let (mut found, mut after) = (Vec::new(), prefix.to_owned());
    loop {
        let page = desk.store.documents(tenant, kind, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.key);
        let full = page.len();
        found.extend(page.into_iter().take_while(|document| document.key.starts_with(prefix)));
        if full < PAGE || !after.starts_with(prefix) {
            return Ok(found);
        }
    }
}

fn under(desk: &Desk, tenant: TenantId, prefix: &str) -> Result<Vec<Template>, DeskError> {
    let mut found: BTreeMap<TemplateId, Template> = BTreeMap::new();
    let new = |id: &TemplateId| Template { id: id.clone(), record: None, draft: None };
    let accounts = accounts::all(desk, tenant)?;
    for document in documents(desk, tenant, Kind::Template, prefix)? {
        let Some(id) = TemplateId::of_key(&document.key) else { continue };
        let account = accounts.iter().find(|account| account.id == id.account);
        found.entry(id.clone()).or_insert_with(|| new(&id)).record =
            Some((named_at(read(&document.body)?, account), document.version));
    }
    for document in documents(desk, tenant, Kind::Draft, prefix)? {
        let Some(id) = TemplateId::of_key(&document.key) else { continue };
        found.entry(id.clone()).or_insert_with(|| new(&id)).draft =
            Some((read_draft(&document.body)?, document.version));
    }
    Ok(found.into_values().collect())
}

/// The record with the time at which Meta named it last. A pull writes only what changed; what stood before it and is not
/// marked as gone was named by it.
fn named_at(mut record: TemplateRecord, account: Option<&Account>) -> TemplateRecord {
    if let Some(account) = account.filter(|_| record.stale_since_ms.is_none()) {
        record.synced_at_ms = record.synced_at_ms.max(account.pulled_from_ms);
    }
    record
}

/// The status in a document of Meta's, in capital letters.
pub fn status_of(template: &Value) -> String {
    text(template, "status").unwrap_or_else(|| "UNKNOWN".to_owned()).to_ascii_uppercase()
}

/// A time in milliseconds, as Meta writes it in its webhooks.
fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}

/// Whether Meta still has it, so that it is changed and not made.
fn is_there(record: &TemplateRecord) -> bool {
    record.stale_since_ms.is_none()
        && !matches!(status_of(&record.template).as_str(), "DELETED" | "PENDING_DELETION")
}

/// Whether a text of a document has these letters.
fn says(value: &Value, q: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(q),
        Value::Array(items) => items.iter().any(|item| says(item, q)),
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            matches!(name.as_str(), "text" | "components" | "buttons" | "cards" | "limited_time_offer")
                && says(value, q)
        }),
        _ => false,
    }
}

/// The document with the name and the language it is kept under.
fn named(mut template: Value, id: &TemplateId) -> Result<Value, DeskError> {
    let Some(fields) = template.as_object_mut() else {
        return Err(DeskError::Invalid("`template` is an object: the document that Meta takes".to_owned()));
    };
    for (name, value) in [("name", &id.name), ("language", &id.language)] {
        let same = |said: &str| said == value || name == "language" && said.replace('-', "_") == *value;
        if fields.get(name).is_some_and(|said| !said.as_str().is_some_and(same)) {
            return Err(DeskError::Invalid(format!(
                "the document's `{name}` is not the address's, `{value}`"
            )));
        }
        fields.insert(name.to_owned(), Value::String(value.clone()));
    }
    Ok(template)
}

fn missing(id: &TemplateId) -> DeskError {
    let TemplateId { account, name, language } = id;
    DeskError::NotFound(format!("`{account}` has no template `{name}` in `{language}`"))
}

fn no_draft(id: &TemplateId) -> DeskError {
    let TemplateId { account, name, language } = id;
    DeskError::NotFound(format!("`{account}` has no draft of `{name}` in `{language}`"))
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('_');
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = parts.next().is_some_and(|first| matches!(first.len(), 2 | 3) && letters(first));
    first
        && text.len() <= LANGUAGE_BYTES_MAX
        && parts.all(|part| (2..=4).contains(&part.len()) && letters(part))
}

fn read(body: &[u8]) -> Result<TemplateRecord, StoreError> {
    serde_json::from_slice(body)
        .map_err(|cause| StoreError::Damaged(format!("a template cannot be read: {cause}")))
}

fn read_draft(body: &[u8]) -> Result<DraftRecord, StoreError> {
    serde_json::from_slice(body)
        .map_err(|cause| StoreError::Damaged(format!("a draft cannot be read: {cause}")))
}

fn written(record: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(record)
        .map_err(|cause| StoreError::Damaged(format!("a template cannot be written: {cause}")))
}
