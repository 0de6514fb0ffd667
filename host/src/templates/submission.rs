//! Submits a template, which one does at a time: Meta would take both of two submissions, and reject or review the second as
//! well. The account's own document says who submits what, so that it holds for every process and host that shares the
//! store.

use serde_json::{Map, Value};

use super::record::{TemplateRecord, Told};
use super::{
    Template, TemplateId, find, is_there, judging, news, no_draft, read, seconds, status_of, sync, written,
};
use crate::accounts;
use crate::accounts::record::{Account, Submission};
use crate::desk::{Desk, DeskError, ROUNDS_MAX};
use crate::gateway::meta::text;
use crate::store::{Kind, Put, StoreError, TenantId};

/// Where a template may be edited, as Meta has it.
const EDITABLE: [&str; 3] = ["APPROVED", "REJECTED", "PAUSED"];
/// How long a submission counts whose process may have died, in milliseconds: longer than all its requests may take.
const HELD_MS_MAX: u64 = 5 * 60_000;

/// Submits a draft for review: as a new template, or as a change of the one Meta has.
pub fn submit(
    desk: &Desk,
    tenant: TenantId,
    id: &TemplateId,
    by: Option<&str>,
) -> Result<Template, DeskError> {
    let account = accounts::find(desk, tenant, &id.account)?;
    let stands = find(desk, tenant, id)?;
    let (draft, draft_version) = stands.draft.ok_or_else(|| no_draft(id))?;
    let is_edit = stands.record.as_ref().is_some_and(|(record, _)| is_there(record));
    let errors = judging::errors(desk, tenant, id, &draft.template, is_edit)?;
    if !errors.is_empty() {
        return Err(DeskError::Rejected(errors));
    }
    // Before Meta is asked: whatever becomes of this process, somebody looks at what became of the request.
    alone(desk, tenant, id, || {
        let stands = find(desk, tenant, id)?;
        let is_same = stands.draft.as_ref().is_some_and(|(_, version)| *version == draft_version)
            && stands.record.as_ref().is_some_and(|(record, _)| is_there(record)) == is_edit;
        // Somebody else submitted it or went on writing since it was judged.
        if !is_same {
            return Err(DeskError::Overtaken);
        }
        submit_alone(desk, tenant, &account, stands, by)
    })
}

/// Submits what was judged, and keeps what Meta made of it.
fn submit_alone(
    desk: &Desk,
    tenant: TenantId,
    account: &Account,
    stands: Template,
    by: Option<&str>,
) -> Result<Template, DeskError> {
    let id = &stands.id;
    let (draft, draft_version) = stands.draft.ok_or_else(|| no_draft(id))?;
    let graph = accounts::graph(desk, tenant, account)?;
    let waba = account.waba_id.as_str();
    let before = stands.record.map(|(record, _)| record);
    let at_meta = before.as_ref().filter(|record| is_there(record)).map(|record| &record.template);
    let mut document = draft.template.clone();
    judging::strip(&mut document);
    if let Some(quality) = at_meta.and_then(|known| known.get("quality_score")) {
        document["quality_score"] = quality.clone();
    }
    let began = desk.clock.now().0;
    let learned = match at_meta.and_then(|known| Some((known, text(known, "id")?))) {
        Some((known, meta_id)) => {
            let status = status_of(known);
            if !EDITABLE.contains(&status.as_str()) {
                let text =
                    format!("Meta lets nobody edit a template that is {status}; wait, or take another name");
                return Err(DeskError::Conflict(text));
            }
            desk.wait(graph.edit_template(waba, &meta_id, &draft.template))?;
            // An edited template is reviewed anew; where Meta does not tell, the next pull does.
            let now = desk.wait(graph.template(waba, &meta_id)).ok();
            let status = now.as_ref().map_or_else(|| "PENDING".to_owned(), status_of);
            let category = now.as_ref().and_then(|now| text(now, "category"));
            (meta_id, status, category)
        }
        None => {
            let created = desk.wait(graph.create_template(waba, document.clone()))?;
            (created.id, created.status, created.category)
        }
    };
    let (meta_id, status, category) = learned;
    for (name, value) in [("id", Some(meta_id)), ("status", Some(status)), ("category", category)] {
        if let Some(value) = value {
            document[name] = Value::String(value);
        }
    }
    // Meta has it now: whatever changed here meanwhile, this is kept.
    for _ in 0..ROUNDS_MAX {
        let now = desk.clock.now().0;
        let stands = desk.store.document(tenant, Kind::Template, &id.key())?;
        let draft_now = desk.store.document(tenant, Kind::Draft, &id.key())?;
        let mut record = TemplateRecord {
            template: document.clone(),
            values: draft.values.clone(),
            stale_since_ms: None,
            synced_at_ms: now,
            changed_at_ms: now,
            told_at_s: seconds(began),
            told: Told::default(),
            aside: Map::new(),
            by: by.map(str::to_owned),
        };
        if let Some(meanwhile) = &stands {
            news::keep_news(&mut record, before.as_ref(), &read(&meanwhile.body)?);
        }
        let (key, body) = (id.key(), written(&record)?);
        let version = stands.map(|stands| stands.version);
        let mut puts =
            vec![Put { kind: Kind::Template, key: &key, expected_version: version, body: Some(&body) }];
        // What somebody went on writing is not what was submitted.
        if draft_now.is_some_and(|draft| draft.version == draft_version) {
            puts.push(Put {
                kind: Kind::Draft,
                key: &key,
                expected_version: Some(draft_version),
                body: None,
            });
        }
        match desk.store.put_documents(tenant, &puts) {
            Err(StoreError::Overtaken) => {}
            Err(other) => return Err(other.into()),
            Ok(_) => return find(desk, tenant, id),
        }
    }
    Err(DeskError::Overtaken)
}

/// Does what submits a template, unless somebody else does so just now. Templates are to be pulled afterwards, whatever
/// becomes of this process.
fn alone<T>(
    desk: &Desk,
    tenant: TenantId,
    id: &TemplateId,
    submit: impl FnOnce() -> Result<T, DeskError>,
) -> Result<T, DeskError> {
    let now = desk.clock.now().0;
    let own = Submission { name: id.name.clone(), language: id.language.clone(), since_ms: now };
    let is_same = |other: &Submission| other.name == own.name && other.language == own.language;
    accounts::change_if(desk, tenant, &id.account, |account| {
        account.submitting.retain(|held| held.since_ms.abs_diff(now) < HELD_MS_MAX);
        if account.submitting.iter().any(is_same) {
            return Err(DeskError::SubmitRunning(format!("{} in {}", id.name, id.language)));
        }
        account.submitting.push(own.clone());
        sync::make_due(account, now);
        Ok(())
    })?;
    let submitted = submit();
    // Where this cannot be kept, it ends by itself.
    let _ = accounts::change(desk, tenant, &id.account, |account| {
        account.submitting.retain(|held| *held != own);
    });
    submitted
}
