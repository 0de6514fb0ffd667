//! What Meta tells of templates by itself: status, quality, category, and that texts changed. It is believed only when it is
//! signed with the secret of the account's app, and answered only when what it says is kept.

use std::cell::Cell;

use serde_json::Value;

use super::news::{Applied, apply};
use super::{TemplateId, change, seconds, sync};
use crate::accounts;
use crate::accounts::record::Account;
use crate::desk::{Desk, DeskError};
use crate::gateway::graph::signed_by;
use crate::gateway::meta::text;
use crate::store::TenantId;

/// What became of a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Templates that were changed by it.
    pub changed: u64,
    /// Accounts whose templates have to be pulled to know more.
    pub to_pull: Vec<String>,
    /// Fields in it that nobody here takes in yet: to be sent again later.
    pub not_taken: Vec<String>,
    /// Why the secrets of other accounts could not be read: for the log.
    pub unreadable: Vec<String>,
}

/// Why a notification is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotHeard {
    /// No account's app signed it.
    #[error("the signature is none of a connected account's app")]
    Unsigned,
    /// It is signed and cannot be read.
    #[error("the notification is not JSON")]
    Unreadable,
    /// What it says could not be kept.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Whether a handshake shows the token of one of the accounts.
pub fn is_expected(desk: &Desk, tenant: TenantId, verify_token: &str) -> Result<bool, DeskError> {
    let accounts = accounts::all(desk, tenant)?;
    // Every token is compared to its end, so that time tells nothing.
    Ok(accounts.iter().fold(false, |found, account| found | equal(&account.verify_token, verify_token)))
}

/// Takes a notification in, as it came over the wire; durable when it returns, and so is what has to be pulled.
pub fn hear(desk: &Desk, tenant: TenantId, bytes: &[u8], signature: &str) -> Result<Heard, NotHeard> {
    let (signers, unreadable) = signers(desk, tenant, bytes, signature)?;
    let body: Value = serde_json::from_slice(bytes).map_err(|_| NotHeard::Unreadable)?;
    let mut heard = Heard { unreadable, ..Heard::default() };
    for entry in body.get("entry").and_then(Value::as_array).into_iter().flatten() {
        let of = text(entry, "id").unwrap_or_default();
        let at_s = entry.get("time").and_then(time);
        for change in entry.get("changes").and_then(Value::as_array).into_iter().flatten() {
            let field = text(change, "field").unwrap_or_default();
            let value = change.get("value").unwrap_or(&Value::Null);
            let accounts = signers.iter().filter(|account| account.waba_id == of);
            if field.starts_with("message_template_") || field == "template_category_update" {
                for account in accounts {
                    of_template(desk, tenant, account, value, at_s, &mut heard)?;
                }
            } else if field.starts_with("account_") || field.starts_with("phone_number_") {
                // A pull looks at numbers and health too, which say it better than any of the many forms of such news.
                heard.to_pull.extend(accounts.map(|account| account.id.clone()));
            } else if !field.is_empty() {
                heard.not_taken.push(field);
            }
        }
    }
    heard.to_pull.sort();
    heard.to_pull.dedup();
    for account in &heard.to_pull {
        match sync::ask(desk, tenant, account) {
            // Forgotten meanwhile.
            Ok(()) | Err(DeskError::NotFound(_)) => {}
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(heard)
}

/// Accounts whose app signed it, and why the secrets of others could not be looked at: they are no reason to refuse what
/// somebody else signed.
fn signers(
    desk: &Desk,
    tenant: TenantId,
    bytes: &[u8],
    signature: &str,
) -> Result<(Vec<Account>, Vec<String>), NotHeard> {
    let (mut signers, mut unreadable, mut cause) = (Vec::new(), Vec::new(), None);
    for account in accounts::all(desk, tenant)? {
        match accounts::app_secret(desk, tenant, &account.id) {
            Ok(secret) if secret.as_ref().is_some_and(|secret| signed_by(secret, bytes, signature)) => {
                signers.push(account);
            }
            Ok(_) => {}
            Err(why) => {
                unreadable.push(format!("fault: the app secret of {} cannot be read: {why}", account.id));
                cause = Some(why);
            }
        }
    }
    match cause {
        _ if !signers.is_empty() => Ok((signers, unreadable)),
        // It may be theirs: to be sent again when it can be read.
        Some(cause) => Err(cause.into()),
        None => Err(NotHeard::Unsigned),
    }
}

/// Seconds since 1970, as a number or written as one.
fn time(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn of_template(
    desk: &Desk,
    tenant: TenantId,
    account: &Account,
    value: &Value,
    at_s: Option<i64>,
    heard: &mut Heard,
) -> Result<(), DeskError> {
    let (name, language) = (text(value, "message_template_name"), text(value, "message_template_language"));
    let id =
        name.zip(language).and_then(|(name, language)| TemplateId::new(&account.id, &name, &language).ok());
    let Some(id) = id else {
        heard.to_pull.push(account.id.clone());
        return Ok(());
    };
    let now = desk.clock.now().0;
    let pulled_from_s = seconds(account.pulled_from_ms);
    let applied = Cell::new(Applied::default());
    let known = change(desk, tenant, &id, |record| {
        let (template, told) = (record.template.clone(), record.told);
        applied.set(apply(record, value, at_s, pulled_from_s));
        if applied.get().changed {
            record.changed_at_ms = now;
        }
        record.told != told || record.template != template || applied.get().changed
    })?;
    let applied = applied.get();
    heard.changed += u64::from(applied.changed);
    let texts_changed = value.get("message_template_element").is_some();
    if !known || texts_changed || applied.in_doubt {
        heard.to_pull.push(account.id.clone());
    }
    Ok(())
}

/// Compares two texts in the same time wherever they differ.
fn equal(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    !one.is_empty() && one.len() == other.len() && differ == 0
}
