//! What campaigns sent to one person: for the page of that person and for evidence.

use std::collections::BTreeMap;

use consentry_core::campaign::errors;
use consentry_core::matching::E164;
use consentry_core::time::UnixMs;

use super::documents;
use super::listing::status;
use super::record::CampaignRecord;
use crate::desk::DeskError;
use crate::store::ledger::{KeptSend, Ledger};
use crate::store::{Store, StoreError, TenantId};
use crate::wire::person::v1::SentDocument;

/// The messages that were meant for whoever has the number with this identity, the latest first.
pub fn of_person(
    store: &dyn Store,
    ledger: &dyn Ledger,
    tenant: TenantId,
    identity: u64,
    limit: usize,
) -> Result<Vec<SentDocument>, StoreError> {
    let mut campaigns: BTreeMap<String, Option<CampaignRecord>> = BTreeMap::new();
    let mut found = Vec::new();
    for send in ledger.sends_of(tenant, identity, limit)? {
        let id = send.id.campaign.to_string();
        if !campaigns.contains_key(&id) {
            // A campaign that is gone leaves what it sent.
            let record = match documents::find(store, tenant, &id) {
                Ok(kept) => Some(kept.record),
                Err(DeskError::Store(cause)) => return Err(cause),
                Err(_) => None,
            };
            campaigns.insert(id.clone(), record);
        }
        found.push(sent(&id, campaigns.get(&id).and_then(Option::as_ref), &send));
    }
    Ok(found)
}

fn sent(id: &str, campaign: Option<&CampaignRecord>, send: &KeptSend) -> SentDocument {
    let messages = campaign.and_then(|campaign| campaign.plan.as_ref()).map(|plan| &plan.messages);
    let message = messages.and_then(|messages| messages.get(usize::from(send.planned.message)));
    let at = |at: Option<UnixMs>| at.map(|at| at.to_string());
    let code = Some(send.code).filter(|code| *code != 0);
    let [sent_at, delivered_at, read_at, failed_at] = send.told_at.map(at);
    SentDocument {
        campaign: id.to_owned(),
        name: campaign.map(|campaign| campaign.definition.name.clone()).unwrap_or_default(),
        place: send.id.place,
        template: message.map(|message| message.template.clone()).unwrap_or_default(),
        language: message.map(|message| message.language.clone()).unwrap_or_default(),
        number: E164::from_digits(send.planned.number).map(|number| number.to_string()).unwrap_or_default(),
        status: status(send),
        code,
        reason: code.and_then(|code| errors::rule(code, None)).map(|rule| rule.title.to_owned()),
        message_id: send.wamid.clone(),
        intended_at: at(send.intended_at),
        sent_at,
        delivered_at,
        read_at,
        failed_at,
        replied_at: at(send.replied_at),
        opted_out_at: at(send.opted_out_at),
        clicked_at: at(send.clicked_at),
    }
}
