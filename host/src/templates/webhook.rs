//! What Meta tells of templates by itself: status, quality, category, and that texts changed. Whether it was Meta is not asked
//! here: whoever calls has verified it, and calls again until what it says is kept.

use std::cell::Cell;

use consentry_core::wire::webhook::v1::{Event, signature};
use serde_json::Value;

use super::news::{Applied, apply};
use super::{TemplateId, change, seconds, sync};
use crate::accounts;
use crate::accounts::record::Account;
use crate::desk::{Desk, DeskError};
use crate::gateway::meta::text;
use crate::store::TenantId;

/// Whether a handshake shows the token of one of the accounts.
pub fn is_expected(desk: &Desk, tenant: TenantId, verify_token: &str) -> Result<bool, DeskError> {
    let accounts = accounts::all(desk, tenant)?;
    // Every token is compared to its end, so that time tells nothing.
    Ok(accounts
        .iter()
        .fold(false, |found, account| found | signature::equal(&account.verify_token, verify_token)))
}

/// Takes news of a template into what is kept of it; durable when it returns, and so is what has to be pulled to know more:
/// these accounts.
pub fn take(desk: &Desk, tenant: TenantId, event: &Event<'_>) -> Result<Vec<String>, DeskError> {
    let value = serde_json::to_value(&event.raw).unwrap_or_default();
    let at_s = event.at_ms.map(|at_ms| at_ms / 1000);
    let mut to_pull = Vec::new();
    for account in of_account(desk, tenant, event)? {
        if of_template(desk, tenant, &account, &value, at_s)? {
            to_pull.push(account.id);
        }
    }
    ask(desk, tenant, to_pull)
}

/// Takes news of an account: a pull looks at numbers and health too, which say it better than any of the many forms of such
/// news. Gives the accounts that are to be pulled.
pub fn take_account(desk: &Desk, tenant: TenantId, event: &Event<'_>) -> Result<Vec<String>, DeskError> {
    let accounts = of_account(desk, tenant, event)?;
    ask(desk, tenant, accounts.into_iter().map(|account| account.id).collect())
}

fn of_account(desk: &Desk, tenant: TenantId, event: &Event<'_>) -> Result<Vec<Account>, DeskError> {
    let is = |account: &Account| Some(account.waba_id.as_str()) == event.waba_id.as_deref();
    Ok(accounts::all(desk, tenant)?.into_iter().filter(is).collect())
}

fn ask(desk: &Desk, tenant: TenantId, accounts: Vec<String>) -> Result<Vec<String>, DeskError> {
    for account in &accounts {
        match sync::ask(desk, tenant, account) {
            // Forgotten meanwhile.
            Ok(()) | Err(DeskError::NotFound(_)) => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(accounts)
}

/// Whether the account has to be pulled to know more.
fn of_template(
    desk: &Desk,
    tenant: TenantId,
    account: &Account,
    value: &Value,
    at_s: Option<i64>,
) -> Result<bool, DeskError> {
    let (name, language) = (text(value, "message_template_name"), text(value, "message_template_language"));
    let id =
        name.zip(language).and_then(|(name, language)| TemplateId::new(&account.id, &name, &language).ok());
    let Some(id) = id else { return Ok(true) };
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
    let texts_changed = value.get("message_template_element").is_some();
    Ok(!known || texts_changed || applied.get().in_doubt)
}
