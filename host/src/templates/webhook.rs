//! What Meta tells of templates by itself: status, quality, category, and that texts changed. It is believed only when it is
//! signed with the secret of the account's app, and answered only when what it says is kept.

use serde_json::{Value, json};

use super::{TemplateId, change, record::TemplateRecord};
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

/// Takes a notification in, as it came over the wire; durable when it returns.
pub fn hear(desk: &Desk, tenant: TenantId, bytes: &[u8], signature: &str) -> Result<Heard, NotHeard> {
    let mut signers = Vec::new();
    for account in accounts::all(desk, tenant)? {
        let secret = accounts::app_secret(desk, tenant, &account.id)?;
        if secret.is_some_and(|secret| signed_by(&secret, bytes, signature)) {
            signers.push(account);
        }
    }
    if signers.is_empty() {
        return Err(NotHeard::Unsigned);
    }
    let body: Value = serde_json::from_slice(bytes).map_err(|_| NotHeard::Unreadable)?;
    let mut heard = Heard::default();
    for entry in body.get("entry").and_then(Value::as_array).into_iter().flatten() {
        let of = text(entry, "id").unwrap_or_default();
        let at = entry.get("time").and_then(Value::as_i64).unwrap_or_default();
        for change in entry.get("changes").and_then(Value::as_array).into_iter().flatten() {
            let field = text(change, "field").unwrap_or_default();
            let value = change.get("value").unwrap_or(&Value::Null);
            if !field.starts_with("message_template_") && field != "template_category_update" {
                heard.not_taken.push(field);
                continue;
            }
            for account in signers.iter().filter(|account| account.waba_id == of) {
                of_template(desk, tenant, account, value, at, &mut heard)?;
            }
        }
    }
    heard.to_pull.dedup();
    Ok(heard)
}

fn of_template(
    desk: &Desk,
    tenant: TenantId,
    account: &Account,
    value: &Value,
    at: i64,
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
    // The samples in Meta's own documents have news of one kind under the name of another; so the values decide.
    let known = change(desk, tenant, &id, |record| {
        let changes = at >= record.told_at_s && apply(record, value);
        if changes {
            (record.changed_at_ms, record.told_at_s) = (now, at);
        }
        changes
    })?;
    if known {
        heard.changed += 1;
    }
    let texts_changed = value.get("message_template_element").is_some();
    if !known || texts_changed {
        heard.to_pull.push(account.id.clone());
    }
    Ok(())
}

/// Brings a template's document up to date; false when it says that already.
fn apply(record: &mut TemplateRecord, value: &Value) -> bool {
    let before = record.template.clone();
    let document = &mut record.template;
    if let Some(event) = text(value, "event") {
        document["status"] = event.to_ascii_uppercase().into();
        match text(value, "reason").filter(|reason| reason != "NONE") {
            Some(reason) => document["rejected_reason"] = reason.into(),
            None => drop(document.as_object_mut().and_then(|fields| fields.shift_remove("rejected_reason"))),
        }
        if let Some(info) = value.get("rejection_info").filter(|info| info.is_object()) {
            document["rejection_info"] = info.clone();
        }
        if let Some(info) = value.get("disable_info").filter(|info| info.is_object()) {
            document["disable_info"] = info.clone();
        }
    }
    if let Some(score) = text(value, "new_quality_score") {
        document["quality_score"] = json!({"score": score});
    }
    if let Some(category) = text(value, "new_category") {
        let previous = text(value, "previous_category").or_else(|| text(document, "category"));
        if let Some(previous) = previous.filter(|previous| *previous != category) {
            document["previous_category"] = previous.into();
        }
        document["category"] = category.into();
    }
    if let Some(category) = text(value, "correct_category") {
        document["correct_category"] = category.into();
    }
    record.template != before
}

/// Compares two texts in the same time wherever they differ.
fn equal(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    !one.is_empty() && one.len() == other.len() && differ == 0
}
