//! API keys: what a program shows instead of signing in. Shown once, kept as a hash, with rights of its own and an end.

use consentry_core::diagnostic::clip;
use consentry_core::time::UnixMs;

use crate::secret::Secret;
use crate::store::{Kind, Put, StoreError, TenantId};

use super::record::KeyRecord;
use super::{Access, AccessError, Caller, Right, Rights, Who, body, marked, token};

/// What every key begins with, so that people and scanners know one when they see it.
pub const PREFIX: &str = "ck_";
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Most keys there may be, revoked ones included.
const KEYS_MAX: usize = 1000;
/// How often it is written down that a key was used.
const USED_EVERY_MS: i64 = 5 * 60_000;

/// A key, without what makes it work.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub made_at: UnixMs,
    /// By whom.
    pub made_by: String,
    /// Until when it works.
    pub expires_at: Option<UnixMs>,
    /// When it was used last, to a few minutes.
    pub used_at: Option<UnixMs>,
    /// `active`, `expired` or `revoked`.
    pub state: &'static str,
}

impl Access {
    /// Makes a key; nobody can give what they do not have.
    pub fn create_key(
        &self,
        who: &Who,
        name: &str,
        scopes: &[String],
        expires_at: Option<UnixMs>,
        by: &str,
    ) -> Result<(Key, Secret), AccessError> {
        let (tenant, now) = (who.tenant, self.clock.now());
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            let text = format!("`name` says what the key is for, in 1 to {NAME_CHARS_MAX} characters");
            return Err(AccessError::Invalid(text));
        }
        let scopes = checked_scopes(scopes)?;
        if !who.rights.cover(scopes) {
            return Err(AccessError::Invalid("a key may do no more than who makes it".to_owned()));
        }
        if expires_at.is_some_and(|end| end <= now) {
            return Err(AccessError::Invalid("`expires_at` is in the past".to_owned()));
        }
        self.settled(|| {
            let mark = self.mark(tenant)?;
            let all = self.all::<KeyRecord>(tenant, Kind::Key)?;
            if all.len() >= KEYS_MAX {
                return Err(AccessError::Conflict(format!(
                    "there are {KEYS_MAX} keys, and no more are kept"
                )));
            }
            let number =
                |key: &KeyRecord| key.id.strip_prefix('k').and_then(|number| number.parse::<u64>().ok());
            let last = all.iter().filter_map(|(_, key, _)| number(key)).max().unwrap_or(0);
            let record = KeyRecord {
                id: format!("k{}", last + 1),
                name: name.to_owned(),
                scopes: scopes.ids().into_iter().map(str::to_owned).collect(),
                made_at_ms: now.0,
                made_by: by.to_owned(),
                expires_at_ms: expires_at.map(|end| end.0),
                used_at_ms: None,
                revoked_at_ms: None,
            };
            let token = token::fresh(PREFIX)?;
            let key = token::key(token.reveal()).unwrap_or_default();
            let new = body(&record)?;
            let put = Put { kind: Kind::Key, key: &key, expected_version: None, body: Some(&new) };
            self.store.put_documents(tenant, &[marked(mark), put])?;
            Ok((shown(record, now), token))
        })
    }

    /// Every key, the newest first.
    pub fn keys(&self, tenant: TenantId) -> Result<Vec<Key>, AccessError> {
        let now = self.clock.now();
        let all = self.all::<KeyRecord>(tenant, Kind::Key)?.into_iter();
        let mut keys: Vec<Key> = all.map(|(_, record, _)| shown(record, now)).collect();
        keys.sort_by_key(|key| std::cmp::Reverse((key.made_at.0, key.id.len(), key.id.clone())));
        Ok(keys)
    }

    /// A key works no longer. It stays in the list: the audit names it.
    pub fn revoke_key(&self, tenant: TenantId, id: &str) -> Result<Key, AccessError> {
        self.settled(|| {
            let now = self.clock.now();
            let all = self.all::<KeyRecord>(tenant, Kind::Key)?;
            let found = all.into_iter().find(|(_, record, _)| record.id == id);
            let (key, mut record, version) =
                found.ok_or_else(|| AccessError::NotFound(format!("there is no key `{}`", clip(id))))?;
            if record.revoked_at_ms.is_none() {
                record.revoked_at_ms = Some(now.0);
                let new = body(&record)?;
                let put =
                    Put { kind: Kind::Key, key: &key, expected_version: Some(version), body: Some(&new) };
                self.store.put_documents(tenant, &[put])?;
            }
            Ok(shown(record, now))
        })
    }

    /// Whose key this is, if it works.
    pub fn who_of_key(&self, tenant: TenantId, shown: &str) -> Result<Option<Who>, AccessError> {
        let Some(key) = token::key(shown).filter(|_| shown.starts_with(PREFIX)) else { return Ok(None) };
        let Some((mut record, version)) = self.read::<KeyRecord>(tenant, Kind::Key, &key)? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if state(&record, now) != "active" {
            return Ok(None);
        }
        if record.used_at_ms.is_none_or(|at| now.0 - at >= USED_EVERY_MS) {
            record.used_at_ms = Some(now.0);
            let body = body(&record)?;
            let put = Put { kind: Kind::Key, key: &key, expected_version: Some(version), body: Some(&body) };
            match self.store.put_documents(tenant, &[put]) {
                Ok(_) => {}
                // Somebody else has written it down, or has revoked it: then it works no longer.
                Err(StoreError::Overtaken) => match self.read::<KeyRecord>(tenant, Kind::Key, &key)? {
                    Some((record, _)) if state(&record, now) == "active" => {}
                    _ => return Ok(None),
                },
                Err(other) => return Err(other.into()),
            }
        }
        let rights = Rights::named(&record.scopes);
        Ok(Some(Who { tenant, caller: Caller::Key { id: record.id }, rights }))
    }
}

fn checked_scopes(names: &[String]) -> Result<Rights, AccessError> {
    for name in names {
        match Right::parse(name) {
            Some(right) if right.is_for_keys() => {}
            Some(_) => {
                return Err(AccessError::Invalid(format!(
                    "`{name}` is for people only, and no key may have it"
                )));
            }
            None => return Err(AccessError::Invalid(format!("`{}` is no right", clip(name)))),
        }
    }
    if names.is_empty() {
        return Err(AccessError::Invalid("`scopes` names no right, and the key could do nothing".to_owned()));
    }
    Ok(Rights::named(names))
}

fn state(record: &KeyRecord, now: UnixMs) -> &'static str {
    match (record.revoked_at_ms, record.expires_at_ms) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now.0 => "expired",
        _ => "active",
    }
}

fn shown(record: KeyRecord, now: UnixMs) -> Key {
    Key {
        state: state(&record, now),
        id: record.id,
        name: record.name,
        scopes: record.scopes,
        made_at: UnixMs(record.made_at_ms),
        made_by: record.made_by,
        expires_at: record.expires_at_ms.map(UnixMs),
        used_at: record.used_at_ms.map(UnixMs),
    }
}
