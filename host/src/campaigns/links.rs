//! Links that are counted: what stands for an address in a message, and where it leads. Nothing is stored for one. A token says
//! which message and which of its values is meant, and carries a proof that this installation made it; the address stands in
//! the ledger among the values of the message. So a link leads only where somebody's campaign wanted it to lead.
//!
//! It counts nothing: see [`clicks`](super::clicks).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consentry_core::campaign::stencil::Stencil;
use consentry_core::campaign::stencil::link::{TOKEN_CHARS, is_address, location};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::matching::ProfileId;
use consentry_core::wire::campaign::preflight::v1::stencil;
use consentry_core::wire::campaign::v1::Campaign;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Campaigns;
use super::frozen::frozen;
use super::judged::attribute;
use super::record::{CampaignRecord, FrozenMessage};
use crate::accounts::record::Account;
use crate::desk::{Desk, DeskError};
use crate::engine::hex;
use crate::gateway::Target;
use crate::secret::Secret;
use crate::store::ledger::{SendFilter, unpack_values};
use crate::store::{Lookup, StoreError, TenantId};
use crate::vault::{Vault, VaultError};

/// Where links are answered, behind the address of the server.
pub const PATH: &str = "/l/";
/// Name of their key among the secrets.
const SECRET: &str = "links";
const KEY_BYTES: usize = 32;
/// What a token says: four bits for a message that is tried, twenty for the campaign, then place and value.
const SAID_BYTES: usize = 8;
/// Of the proof, ten bytes: nobody guesses eighty bits by asking.
const PROOF_BYTES: usize = 10;
const TOKEN_BYTES: usize = SAID_BYTES + PROOF_BYTES;
/// Campaigns that links can be made for.
const CAMPAIGNS_MAX: u64 = (1 << 20) - 1;
/// Longest address of a server, in bytes: every link in a text has it.
const BASE_BYTES_MAX: usize = 200;
const _: () = assert!(TOKEN_BYTES * 4 == TOKEN_CHARS * 3);

/// Which value of which message a link stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    /// Of a message of a plan.
    Sent {
        /// The message.
        send: SendId,
        /// The value, by its place among those that are packed.
        value: u8,
    },
    /// Of a message that was sent to try it, or shown. It leads where the person's own would, and is not counted.
    Tried {
        /// The campaign.
        campaign: CampaignId,
        /// Which of its messages.
        message: u8,
        /// The person.
        profile: ProfileId,
        /// The value.
        value: u8,
    },
}

/// What proves that a token was made here. It is a secret of the vault like others: it survives a change of the master key, and
/// is the same on all hosts.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key with these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Key {
        Key(Zeroizing::new(bytes))
    }

    /// The token of a link; none for what has too large a number.
    pub fn token(&self, tenant: TenantId, link: Link) -> Option<String> {
        let said = said(link)?;
        let proof = self.proof(tenant, said).finalize().into_bytes();
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..SAID_BYTES].copy_from_slice(&said);
        bytes[SAID_BYTES..].copy_from_slice(&proof[..PROOF_BYTES]);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Which link a token is of, if it was made here. How long that takes says nothing about the proof.
    pub fn read(&self, tenant: TenantId, token: &str) -> Option<Link> {
        if token.len() != TOKEN_CHARS {
            return None;
        }
        let bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (said, proof) = bytes.split_first_chunk::<SAID_BYTES>()?;
        self.proof(tenant, *said).verify_truncated_left(proof).ok()?;
        read(*said)
    }

    fn proof(&self, tenant: TenantId, said: [u8; SAID_BYTES]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("a key of any length will do");
        mac.update(b"consentry link\0");
        mac.update(&tenant.0.to_be_bytes());
        mac.update(&said);
        mac
    }
}

fn said(link: Link) -> Option<[u8; SAID_BYTES]> {
    let (tried, campaign, place, value) = match link {
        Link::Sent { send, value } => (0, send.campaign, send.place, value),
        Link::Tried { campaign, message, profile, value } => {
            (u64::from(message) + 1, campaign, profile.0, value)
        }
    };
    let fits = tried < 16 && campaign.0 <= CAMPAIGNS_MAX && place <= u64::from(u32::MAX);
    fits.then(|| (tried << 60 | campaign.0 << 40 | place << 8 | u64::from(value)).to_be_bytes())
}

fn read(said: [u8; SAID_BYTES]) -> Option<Link> {
    let bits = u64::from_be_bytes(said);
    let (tried, campaign) = (bits >> 60, CampaignId(bits >> 40 & CAMPAIGNS_MAX));
    let (place, value) = (bits >> 8 & u64::from(u32::MAX), (bits & 0xff) as u8);
    match tried.checked_sub(1) {
        None => Some(Link::Sent { send: SendId { campaign, place }, value }),
        Some(message) => {
            let message = u8::try_from(message).ok()?;
            Some(Link::Tried { campaign, message, profile: ProfileId(place), value })
        }
    }
}

/// Keys that were looked up.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<BTreeMap<TenantId, Key>>>);

impl Keys {
    /// The key of a tenant's links, if it was looked up.
    pub fn known(&self, tenant: TenantId) -> Option<Key> {
        self.held().get(&tenant).cloned()
    }

    /// The key of a tenant's links, if any were made yet.
    pub fn find(&self, vault: &Vault, tenant: TenantId) -> Result<Option<Key>, VaultError> {
        if let Some(key) = self.known(tenant) {
            return Ok(Some(key));
        }
        vault.open(tenant, SECRET)?.map(|secret| self.keep(tenant, &secret)).transpose()
    }

    /// The key of a tenant's links, which is made with the first of them.
    pub fn make(&self, vault: &Vault, tenant: TenantId) -> Result<Key, VaultError> {
        if let Some(key) = self.find(vault, tenant)? {
            return Ok(key);
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|cause| StoreError::File(std::io::Error::other(format!("no random bytes: {cause}"))))?;
        let secret = vault.keep_new(tenant, SECRET, &Secret::new(&hex(bytes.as_slice())))?;
        self.keep(tenant, &secret)
    }

    fn keep(&self, tenant: TenantId, secret: &Secret) -> Result<Key, VaultError> {
        let text = secret.reveal();
        let byte =
            |at: usize| text.get(2 * at..2 * at + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok());
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        for (at, own) in bytes.iter_mut().enumerate() {
            *own = byte(at).ok_or_else(|| VaultError::Damaged(SECRET.to_owned()))?;
        }
        let key = Key(bytes);
        self.held().insert(tenant, key.clone());
        Ok(key)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<TenantId, Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands before the tokens of links: the address of this server as people reach it. Why there can be none otherwise;
/// `account` is the one that sends, where that is known.
pub(super) fn base(desk: &Desk, account: Option<&Account>) -> Result<String, DeskError> {
    const CURE: &str = "or leave `track_links` out";
    let Some(url) = desk.public_url.as_deref().map(|url| url.trim_end_matches('/')) else {
        return Err(DeskError::Conflict(format!(
            "`track_links` needs the address under which people reach this server: say `--public-url https://…`, {CURE}"
        )));
    };
    let plays = account.is_none_or(|account| {
        Target::new(&account.base, &account.version).is_ok_and(|target| target.is_sandbox())
    });
    let host = url.strip_prefix("http://").map(|rest| rest.split([':', '/']).next().unwrap_or_default());
    let is_here = host.is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
    let is_plain =
        is_address(url) && url.is_ascii() && !url.contains(['?', '#']) && url.len() <= BASE_BYTES_MAX;
    if is_plain && (url.starts_with("https://") || is_here && plays) {
        return Ok(format!("{url}{PATH}"));
    }
    Err(DeskError::Conflict(format!(
        "people's phones cannot reach this server under `{}`: give an address that begins with https:// in `--public-url`, {CURE}",
        consentry_core::diagnostic::clip(url)
    )))
}

/// Whether links can be made for a campaign; its key is made where it is the first.
pub(super) fn prepare(room: &Campaigns, tenant: TenantId, id: CampaignId) -> Result<(), DeskError> {
    if id.0 > CAMPAIGNS_MAX {
        return Err(DeskError::Conflict(format!(
            "links are counted for the first {CAMPAIGNS_MAX} campaigns: leave `track_links` out of `{id}`"
        )));
    }
    room.links.make(&room.desk.vault, tenant)?;
    Ok(())
}

/// The values of a message as they are shown: links stand for addresses as they will, and are not counted.
pub(super) fn shown(
    room: &Campaigns,
    tenant: TenantId,
    campaign: CampaignId,
    at: usize,
    of: (&FrozenMessage, Option<&str>),
    (profile, mut values): (ProfileId, Map<String, Value>),
) -> Result<Map<String, Value>, DeskError> {
    let (message, Some(links)) = of else { return Ok(values) };
    let key = room.links.make(&room.desk.vault, tenant)?;
    let stencil = compiled(message, links)?;
    for (value, wanted) in stencil.wanted().iter().enumerate() {
        let Some(given) = values.get_mut(&wanted.name) else { continue };
        let Some(is_token) = given.as_str().and_then(|text| stencil.link(value, text)) else { continue };
        let token = tried(&key, tenant, campaign, at, profile, value)?;
        *given = Value::String(if is_token { token } else { format!("{links}{token}") });
    }
    Ok(values)
}

/// The token of a message that is tried.
pub(super) fn tried(
    key: &Key,
    tenant: TenantId,
    campaign: CampaignId,
    message: usize,
    profile: ProfileId,
    value: usize,
) -> Result<String, DeskError> {
    let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let link = Link::Tried { campaign, message: small(message), profile, value: small(value) };
    let token = key.token(tenant, link);
    token.ok_or_else(|| {
        DeskError::Conflict(format!("no link can be made for {profile}: its number is too large"))
    })
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The address, as a header takes it.
    pub location: String,
    /// Whether this tap is news: the person tapped nothing in the message before.
    pub is_news: bool,
}

/// Where a link leads; none where there is no such message, or its value is no address.
pub fn lead(room: &Campaigns, tenant: TenantId, link: Link) -> Result<Option<Lead>, DeskError> {
    let found = match link {
        Link::Sent { send: SendId { campaign, place }, value } => {
            let Some(before) = place.checked_sub(1) else { return Ok(None) };
            let page = room.ledger.page(tenant, campaign, &SendFilter::default(), before, 1)?;
            let Some(send) = page.first().filter(|send| send.id.place == place) else { return Ok(None) };
            let values = unpack_values(&send.planned.values)?;
            let address = values.get(usize::from(value)).and_then(|address| location(address));
            address.map(|location| Lead { location, is_news: send.clicked_at.is_none() })
        }
        Link::Tried { campaign, message, profile, value } => {
            let record = super::find(room, tenant, &campaign.to_string())?.record;
            let address = of_tried(room, tenant, &record, usize::from(message), profile, usize::from(value))?;
            let location = address.and_then(|address| location(&address));
            location.map(|location| Lead { location, is_news: false })
        }
    };
    Ok(found)
}

/// The address that stands in a message for a person now.
fn of_tried(
    room: &Campaigns,
    tenant: TenantId,
    record: &CampaignRecord,
    message: usize,
    profile: ProfileId,
    value: usize,
) -> Result<Option<String>, DeskError> {
    let planned = record.plan.as_ref().and_then(|plan| plan.messages.get(message)).cloned();
    let message = match (planned, record.definition.messages.get(message)) {
        (Some(planned), _) => planned,
        (None, Some(message)) => frozen(room, tenant, &record.definition.account, message)?,
        (None, None) => return Ok(None),
    };
    let links = record.plan.as_ref().and_then(|plan| plan.links.clone());
    let links = links.map_or_else(|| base(&room.desk, None), Ok)?;
    let stencil = compiled(&message, &links)?;
    let Some(wanted) = stencil.wanted().get(value) else { return Ok(None) };
    let stored = room.desk.store.find(tenant, &Lookup::Profile(profile))?;
    let own = match (&wanted.attribute, &stored) {
        (Some(name), Some(stored)) => attribute(&stored.profile, name).into_owned(),
        _ => String::new(),
    };
    Ok(if own.trim().is_empty() { wanted.default.clone() } else { Some(own) })
}

fn compiled(message: &FrozenMessage, links: &str) -> Result<Stencil, DeskError> {
    stencil(message.document.to_string().as_bytes(), &message.values, Some(links)).map_err(|faults| {
        DeskError::Invalid(faults.first().map(|fault| fault.message.clone()).unwrap_or_default())
    })
}

/// What is wrong with counting links in a campaign as it is written.
pub(super) fn check(desk: &Desk, of: &Campaign) -> Result<(), DeskError> {
    if of.track_links { base(desk, None).map(drop) } else { Ok(()) }
}
