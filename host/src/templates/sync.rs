//! Pulls every template of an account in one go, and keeps in one step what is new, what changed and what is gone. What is
//! gone is marked and kept: campaigns and drafts may name it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::record::{TemplateRecord, Told};
use super::{ASIDE, TemplateId, documents, read, seconds, status_of, written};
use crate::accounts;
use crate::accounts::record::{Account, Sync};
use crate::desk::{Desk, DeskError, ROUNDS_MAX};
use crate::gateway::meta::text;
use crate::store::document::{BODY_BYTES_MAX, KEY_BYTES_MAX};
use crate::store::{Kind, Put, StoreError, TenantId};

/// Keeps that an account's templates have to be pulled, so that it is not forgotten when the process ends before they are.
pub fn ask(desk: &Desk, tenant: TenantId, account: &str) -> Result<(), DeskError> {
    let now = desk.clock.now().0;
    accounts::change(desk, tenant, account, |account| make_due(account, now))
}

/// The same, for whoever writes the account anyway.
pub(super) fn make_due(account: &mut Account, now: i64) {
    // Another one than a running pull has seen, in the same millisecond too.
    account.pull_due_ms = Some(account.pull_due_ms.map_or(now, |due| now.max(due.saturating_add(1))));
}

/// Pulls an account's templates; how it went is kept with the account as well, and told here when it failed.
pub fn pull(desk: &Desk, tenant: TenantId, account: &str) -> Result<Sync, DeskError> {
    let known = accounts::find(desk, tenant, account)?;
    let pulled = fetch_and_keep(desk, tenant, &known);
    let sync = match &pulled {
        Ok(_) => return pulled,
        Err(cause) => Sync {
            at_ms: desk.clock.now().0,
            trouble: Some(cause.to_string()),
            failed: true,
            ..Sync::default()
        },
    };
    // Why it failed is worth more than that this could not be kept.
    let kept = accounts::change(desk, tenant, account, |account| account.sync = Some(sync.clone()));
    kept.and(pulled)
}

fn fetch_and_keep(desk: &Desk, tenant: TenantId, account: &Account) -> Result<Sync, DeskError> {
    let began = desk.clock.now().0;
    let stood = documents(desk, tenant, Kind::Template, &format!("{}/", account.id))?;
    let stood = stood.into_iter().map(|document| (document.key, document.version)).collect();
    let graph = accounts::graph(desk, tenant, account)?;
    let named = desk.wait(graph.templates(&account.waba_id))?;
    let (numbers, health) = accounts::look_again(desk, &graph, account);
    let (listed, unkept) = by_key(&account.id, &named);
    for _ in 0..ROUNDS_MAX {
        let (mut known, version) = accounts::find_versioned(desk, tenant, &account.id)?;
        let difference = Difference::of(desk, tenant, account, &listed, &stood, began)?;
        let sync = Sync {
            at_ms: desk.clock.now().0,
            pulled: named.len() as u64,
            trouble: (unkept > 0)
                .then(|| format!("{unkept} templates without a name or of an impossible size were left out")),
            ..difference.counts.clone()
        };
        known.sync = Some(sync.clone());
        known.pulled_from_ms = known.pulled_from_ms.max(began);
        // Asked for once more meanwhile, it is still due.
        if known.pull_due_ms == account.pull_due_ms {
            known.pull_due_ms = None;
        }
        (known.numbers, known.health) = (numbers.clone(), health.clone());
        let body = serde_json::to_vec(&known).map_err(|cause| StoreError::Damaged(cause.to_string()))?;
        let mut puts = difference.puts();
        puts.push(Put {
            kind: Kind::Account,
            key: &account.id,
            expected_version: Some(version),
            body: Some(&body),
        });
        match desk.store.put_documents(tenant, &puts) {
            Err(StoreError::Overtaken) => {}
            Err(other) => return Err(other.into()),
            Ok(_) => {
                if puts.len() > 1 {
                    desk.signal.raise();
                }
                return Ok(sync);
            }
        }
    }
    Err(DeskError::Overtaken)
}

/// Templates as Meta named them, by the key they are kept under; and how many cannot be kept.
fn by_key<'a>(account: &str, named: &'a [Value]) -> (BTreeMap<String, &'a Value>, usize) {
    let (mut listed, mut unkept) = (BTreeMap::new(), 0);
    for template in named {
        let (name, language) = (text(template, "name"), text(template, "language"));
        let id = name.zip(language).map(|(name, language)| TemplateId {
            account: account.to_owned(),
            name,
            language: language.replace('-', "_"),
        });
        let keepable = |id: &TemplateId| {
            let plain = |text: &str| !text.is_empty() && !text.contains(['/', '\0']);
            // Half of what fits is left for what we keep beside it.
            let size = template.to_string().len();
            plain(&id.name)
                && plain(&id.language)
                && id.key().len() <= KEY_BYTES_MAX
                && size <= BODY_BYTES_MAX / 2
        };
        let Some(id) = id.filter(keepable) else {
            unkept += 1;
            continue;
        };
        // One that is being deleted may stand beside its successor.
        let deleted =
            |template: &Value| matches!(status_of(template).as_str(), "DELETED" | "PENDING_DELETION");
        let slot = listed.entry(id.key()).or_insert(template);
        if deleted(slot) && !deleted(template) {
            *slot = template;
        }
    }
    (listed, unkept)
}

/// What was told of the status beside the document, as long as Meta lists that status.
fn aside(stands: &TemplateRecord, listed: &Value) -> Map<String, Value> {
    if status_of(&stands.template) != status_of(listed) {
        return Map::new();
    }
    let mut aside = stands.aside.clone();
    // Records of earlier versions have it in the document itself.
    for name in ASIDE {
        if let Some(info) = stands.template.get(name).filter(|_| listed.get(name).is_none()) {
            aside.insert(name.to_owned(), info.clone());
        }
    }
    aside
}

/// What a pull changes.
struct Difference {
    changes: Vec<(String, Option<u64>, Vec<u8>)>,
    counts: Sync,
}

impl Difference {
    fn of(
        desk: &Desk,
        tenant: TenantId,
        account: &Account,
        listed: &BTreeMap<String, &Value>,
        stood: &BTreeMap<String, u64>,
        began: i64,
    ) -> Result<Difference, DeskError> {
        let now = desk.clock.now().0;
        let mut difference = Difference { changes: Vec::new(), counts: Sync::default() };
        let mut left: BTreeMap<&str, &Value> =
            listed.iter().map(|(key, template)| (key.as_str(), *template)).collect();
        for document in documents(desk, tenant, Kind::Template, &format!("{}/", account.id))? {
            let stands = read(&document.body)?;
            // What was submitted or told of while the list was read is newer than the list. No clock says so: a pull begins in
            // the millisecond of the submission it was asked by.
            let newer = stood.get(&document.key) != Some(&document.version);
            let template = left.remove(document.key.as_str());
            let record = match template {
                _ if newer => continue,
                Some(template) if *template == stands.template && stands.stale_since_ms.is_none() => continue,
                Some(template) => {
                    difference.counts.changed += 1;
                    TemplateRecord {
                        aside: aside(&stands, template),
                        template: template.clone(),
                        stale_since_ms: None,
                        synced_at_ms: now,
                        changed_at_ms: now,
                        told_at_s: stands.told_at_s.max(seconds(began)),
                        ..stands
                    }
                }
                None if stands.stale_since_ms.is_some() => continue,
                None => {
                    difference.counts.gone += 1;
                    let told_at_s = stands.told_at_s.max(seconds(began));
                    TemplateRecord { stale_since_ms: Some(now), changed_at_ms: now, told_at_s, ..stands }
                }
            };
            difference.changes.push((document.key, Some(document.version), written(&record)?));
        }
        for (key, template) in left {
            difference.counts.added += 1;
            let record = TemplateRecord {
                template: template.clone(),
                values: Map::new(),
                stale_since_ms: None,
                synced_at_ms: now,
                changed_at_ms: now,
                told_at_s: seconds(began),
                told: Told::default(),
                aside: Map::new(),
                by: None,
            };
            difference.changes.push((key.to_owned(), None, written(&record)?));
        }
        Ok(difference)
    }

    fn puts(&self) -> Vec<Put<'_>> {
        self.changes
            .iter()
            .map(|(key, version, body)| Put {
                kind: Kind::Template,
                key,
                expected_version: *version,
                body: Some(body),
            })
            .collect()
    }
}
