//! WhatsApp Business accounts: checked step by step, connected, looked at, forgotten. Shared by command line and HTTP.

mod check;
pub mod record;

use serde_json::Value;

use crate::desk::{App, Desk, DeskError, ROUNDS_MAX};
use crate::gateway::meta::accounts::Waba;
use crate::gateway::meta::text;
use crate::gateway::{Credentials, Graph, Target};
use crate::secret::Secret;
use crate::store::{Kind, Put, StoreError, TenantId};
use crate::vault::Sealed;

pub use check::{CODES, State, Step};
use record::{Account, Health, Number};

/// Documents read from the store at once.
const PAGE: usize = 500;
/// Longest id of Meta's, in digits.
const ID_DIGITS_MAX: usize = 32;
/// Digits of the PIN of a number.
const PIN_DIGITS: usize = 6;
/// Most errors of an account's health that are kept.
const ERRORS_MAX: usize = 10;

/// What somebody brings to have an account connected.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it is.
    pub target: Target,
    /// Token of a system user or of a sign-up.
    pub token: Secret,
    /// The token's app.
    pub app_id: Option<String>,
    /// That app's secret.
    pub app_secret: Option<Secret>,
    /// The account.
    pub waba_id: Option<String>,
    /// Its number that is to send.
    pub phone_number_id: Option<String>,
    /// PIN to register that number with.
    pub pin: Option<Secret>,
}

impl Candidate {
    fn check(&self) -> Result<(), DeskError> {
        for (name, id) in
            [("app_id", &self.app_id), ("waba_id", &self.waba_id), ("phone_number_id", &self.phone_number_id)]
        {
            if id.as_ref().is_some_and(|id| !is_id(id)) {
                return Err(DeskError::Invalid(format!(
                    "`{name}` is a number of Meta's, like 102290129340398"
                )));
            }
        }
        let is_pin = |pin: &Secret| {
            pin.reveal().len() == PIN_DIGITS && pin.reveal().bytes().all(|b| b.is_ascii_digit())
        };
        if self.pin.as_ref().is_some_and(|pin| !is_pin(pin)) {
            return Err(DeskError::Invalid(format!("`pin` has {PIN_DIGITS} digits")));
        }
        Ok(())
    }
}

/// Walks through what the account needs, and changes nothing.
pub fn check(desk: &Desk, of: &Candidate) -> Result<Vec<Step>, DeskError> {
    of.check()?;
    Ok(check::walk(desk, of).steps)
}

/// Connects an account: checks it, has its webhooks sent, registers its number where a PIN is given, and keeps it. An account
/// that is connected already gets the new token.
pub fn connect(desk: &Desk, tenant: TenantId, of: &Candidate) -> Result<Account, DeskError> {
    connect_and(desk, tenant, of, IfNotRegistered::Refuse)
}

/// What a number that cannot be registered means for its account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfNotRegistered {
    /// It is not connected: the same token can be brought again.
    Refuse,
    /// It is connected all the same, and says what is missing: its token came once and never again.
    Keep,
}

fn connect_and(
    desk: &Desk,
    tenant: TenantId,
    of: &Candidate,
    if_not: IfNotRegistered,
) -> Result<Account, DeskError> {
    of.check()?;
    let mut walk = check::walk(desk, of);
    let Some(waba) = walk.waba.take().filter(|_| !walk.steps.iter().any(Step::is_failed)) else {
        return Err(DeskError::Unusable(walk.steps));
    };
    let mut trouble = None;
    if let Some(pin) = &of.pin
        && let Err(cause) = register(desk, of, &mut walk, &waba, pin)
    {
        if if_not == IfNotRegistered::Refuse {
            return Err(cause);
        }
        trouble = Some(format!("its number could not be registered: {cause}"));
    }
    if !walk.subscribed {
        match desk.wait(walk.graph.subscribe_app(&waba.id)) {
            Ok(()) => walk.subscribed = true,
            // Templates can be worked on without; the page shows what is missing.
            Err(cause) => trouble = Some(format!("its webhooks could not be subscribed to: {cause}")),
        }
    }
    let account = keep(desk, tenant, of, &walk, &waba, trouble.as_deref())?;
    call_back(desk, tenant, of, account)
}

/// Has the app's webhooks sent here, where it is known under which address Meta finds this server. The account is kept by
/// then: Meta asks for its verify token at once.
fn call_back(desk: &Desk, tenant: TenantId, of: &Candidate, account: Account) -> Result<Account, DeskError> {
    let (Some(url), Some(app), Some(secret)) = (&desk.public_url, &account.app_id, &of.app_secret) else {
        return Ok(account);
    };
    let credentials = Credentials { token: of.token.clone(), app_secret: Some(secret.clone()) };
    let graph = desk.gateway.graph(&of.target, credentials).of_app(Some(app));
    let callback = format!("{}/webhooks/meta", url.trim_end_matches('/'));
    if let Err(cause) = desk.wait(graph.subscribe_webhooks(app, secret, &callback, &account.verify_token)) {
        let trouble = format!("its webhooks could not be directed to {callback}: {cause}");
        change(desk, tenant, &account.id, |account| account.trouble = Some(trouble.clone()))?;
    }
    find(desk, tenant, &account.id)
}

/// Connects the account of a sign-up, whose code is exchanged first: it lasts half a minute.
///
/// `redirect_uri` is where the dialog sent the code to, if it did. Which account it is, the dialog's window tells; where that
/// was not heard, the token says it, when it is for one alone.
pub fn sign_up(
    desk: &Desk,
    tenant: TenantId,
    code: &Secret,
    redirect_uri: Option<&str>,
    of: Candidate,
) -> Result<Account, DeskError> {
    let Some(App { id, secret, .. }) = &desk.app else {
        let text = "sign-ups need the app they are made with: start the server with --app-id, and its secret in CONSENTRY_APP_SECRET";
        return Err(DeskError::Conflict(text.to_owned()));
    };
    // The code is good for one exchange: what can be known to be wrong is said before it.
    of.check()?;
    let nobody = Credentials { token: Secret::new(""), app_secret: None };
    let graph = desk.gateway.graph(&of.target, nobody);
    let token = desk.wait(graph.exchange_code(id, secret, code.reveal(), redirect_uri))?;
    let of = Candidate { token, app_id: Some(id.clone()), app_secret: Some(secret.clone()), ..of };
    connect_and(desk, tenant, &of, IfNotRegistered::Keep)
}

/// Every account, in the order in which they were connected.
pub fn all(desk: &Desk, tenant: TenantId) -> Result<Vec<Account>, DeskError> {
    Ok(with_forgotten(desk, tenant)?.into_iter().filter(|account| !account.forgotten).collect())
}

fn with_forgotten(desk: &Desk, tenant: TenantId) -> Result<Vec<Account>, DeskError> {
    let (mut accounts, mut after) = (Vec::new(), String::new());
    loop {
        let page = desk.store.documents(tenant, Kind::Account, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        for document in &page {
            accounts.push(read(&document.body)?);
        }
    }
    accounts.sort_by_key(|account: &Account| number_of_id(&account.id));
    Ok(accounts)
}

/// One account.
pub fn find(desk: &Desk, tenant: TenantId, id: &str) -> Result<Account, DeskError> {
    Ok(find_versioned(desk, tenant, id)?.0)
}

pub(crate) fn find_versioned(desk: &Desk, tenant: TenantId, id: &str) -> Result<(Account, u64), DeskError> {
    let missing =
        || DeskError::NotFound(format!("there is no account `{}`", consentry_core::diagnostic::clip(id)));
    if number_of_id(id).is_none() {
        return Err(missing());
    }
    let document = desk.store.document(tenant, Kind::Account, id)?.ok_or_else(missing)?;
    let account: Account = read(&document.body)?;
    if account.forgotten {
        return Err(missing());
    }
    Ok((account, document.version))
}

/// Forgets an account, its secrets and its templates. Nothing changes at Meta's.
pub fn forget(desk: &Desk, tenant: TenantId, id: &str) -> Result<(), DeskError> {
    for _ in 0..ROUNDS_MAX {
        let (account, version) = find_versioned(desk, tenant, id)?;
        let stone = written(&account.forgotten())?;
        let mut sealed: Vec<Sealed> = Vec::new();
        for name in [TOKEN, APP_SECRET, PIN] {
            sealed.extend(desk.vault.forget(tenant, &secret_name(id, name))?);
        }
        let mut gone: Vec<(Kind, String, u64)> = Vec::new();
        for kind in [Kind::Template, Kind::Draft] {
            let of_account = crate::templates::documents(desk, tenant, kind, &format!("{id}/"))?;
            gone.extend(of_account.into_iter().map(|document| (kind, document.key, document.version)));
        }
        let gone = gone.iter().map(|(kind, key, version)| Put {
            kind: *kind,
            key,
            expected_version: Some(*version),
            body: None,
        });
        let mut puts: Vec<Put<'_>> = gone.chain(sealed.iter().map(Sealed::put)).collect();
        puts.push(Put { kind: Kind::Account, key: id, expected_version: Some(version), body: Some(&stone) });
        match desk.store.put_documents(tenant, &puts) {
            Err(StoreError::Overtaken) => {}
            other => return Ok(other.map(drop_version)?),
        }
    }
    Err(DeskError::Overtaken)
}

/// The Graph API as an account's token sees it.
pub fn graph(desk: &Desk, tenant: TenantId, account: &Account) -> Result<Graph, DeskError> {
    let target = Target::new(&account.base, &account.version).map_err(DeskError::Invalid)?;
    let token = desk.vault.open(tenant, &secret_name(&account.id, TOKEN))?.ok_or_else(|| {
        DeskError::Conflict(format!("the token of `{}` is missing: connect the account again", account.id))
    })?;
    let app_secret = app_secret(desk, tenant, &account.id)?;
    let registered = account.numbers.iter().any(check::is_ready);
    let graph = desk.gateway.graph(&target, Credentials { token, app_secret });
    Ok(graph.of_app(account.app_id.as_deref()).registered(registered))
}

/// The secret of an account's app: what its webhooks are signed with.
pub(crate) fn app_secret(desk: &Desk, tenant: TenantId, account: &str) -> Result<Option<Secret>, DeskError> {
    Ok(desk.vault.open(tenant, &secret_name(account, APP_SECRET))?)
}

/// Changes what is kept of an account, whoever else does so at the same time.
pub(crate) fn change(
    desk: &Desk,
    tenant: TenantId,
    id: &str,
    change: impl Fn(&mut Account),
) -> Result<(), DeskError> {
    change_if(desk, tenant, id, |account| {
        change(account);
        Ok(())
    })
}

/// The same, unless the account as it stands is a reason not to.
pub(crate) fn change_if(
    desk: &Desk,
    tenant: TenantId,
    id: &str,
    change: impl Fn(&mut Account) -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    for _ in 0..ROUNDS_MAX {
        let (mut account, version) = find_versioned(desk, tenant, id)?;
        change(&mut account)?;
        let body = written(&account)?;
        let put = Put { kind: Kind::Account, key: id, expected_version: Some(version), body: Some(&body) };
        match desk.store.put_documents(tenant, &[put]) {
            Err(StoreError::Overtaken) => {}
            other => return Ok(other.map(drop_version)?),
        }
    }
    Err(DeskError::Overtaken)
}

/// Numbers and health of an account as they are at Meta's now; what cannot be asked stays as it was.
pub(crate) fn look_again(desk: &Desk, graph: &Graph, account: &Account) -> (Vec<Number>, Option<Health>) {
    let numbers = desk.wait(graph.phone_numbers(&account.waba_id));
    let numbers = numbers.map_or_else(
        |_| account.numbers.clone(),
        |numbers| numbers.iter().filter_map(check::read_number).collect(),
    );
    let health = desk.wait(graph.health(&account.waba_id, &account.waba_id));
    (numbers, health.ok().as_ref().map(health_of).or_else(|| account.health.clone()))
}

/// A stand-in on this machine may have another port each time.
fn is_same_place(base: &str, target: &Target) -> bool {
    let is_local = |target: &Target| target.base().starts_with("http://");
    let known = Target::new(base, target.version());
    base == target.base() || (is_local(target) && known.is_ok_and(|known| is_local(&known)))
}

const TOKEN: &str = "token";
const APP_SECRET: &str = "app-secret";
const PIN: &str = "pin";

fn secret_name(account: &str, name: &str) -> String {
    format!("{account}/{name}")
}

/// Registers the number that was chosen, or the only one, unless it can send already.
fn register(
    desk: &Desk,
    of: &Candidate,
    walk: &mut check::Walk,
    waba: &Waba,
    pin: &Secret,
) -> Result<(), DeskError> {
    let mut unready = walk.numbers.iter().filter(|number| !check::is_ready(number));
    let chosen = match &of.phone_number_id {
        Some(id) => unready.find(|number| number.id == *id),
        None if walk.numbers.len() == 1 => unready.next(),
        None => None,
    };
    let Some(id) = chosen.map(|number| number.id.clone()) else { return Ok(()) };
    desk.wait(walk.graph.register(&waba.id, &id, pin.reveal()))?;
    if let Ok(numbers) = desk.wait(walk.graph.phone_numbers(&waba.id)) {
        walk.numbers = numbers.iter().filter_map(check::read_number).collect();
    }
    Ok(())
}

fn keep(
    desk: &Desk,
    tenant: TenantId,
    of: &Candidate,
    walk: &check::Walk,
    waba: &Waba,
    trouble: Option<&str>,
) -> Result<Account, DeskError> {
    for _ in 0..ROUNDS_MAX {
        let every = with_forgotten(desk, tenant)?;
        let next = every.iter().filter_map(|account| number_of_id(&account.id)).max().unwrap_or(0) + 1;
        let accounts: Vec<Account> = every.into_iter().filter(|account| !account.forgotten).collect();
        let known = accounts
            .iter()
            .find(|account| account.waba_id == waba.id && is_same_place(&account.base, &of.target));
        // Looked at again with its version: what others write of it meanwhile is not written over.
        let known = known.map(|known| find_versioned(desk, tenant, &known.id)).transpose()?;
        let expected_version = known.as_ref().map(|(_, version)| *version);
        let known = known.as_ref().map(|(known, _)| known);
        let id = known.map_or_else(|| format!("a{next}"), |known| known.id.clone());
        let account = Account {
            id: id.clone(),
            waba_id: waba.id.clone(),
            name: waba.name.clone(),
            app_id: walk.app_id.clone(),
            base: of.target.base().to_owned(),
            version: of.target.version().to_owned(),
            numbers: walk.numbers.clone(),
            subscribed: walk.subscribed,
            verify_token: known.map_or_else(verify_token, |known| Ok(known.verify_token.clone()))?,
            health: walk.health.clone(),
            connected_at_ms: desk.clock.now().0,
            trouble: trouble.map(str::to_owned),
            sync: known.and_then(|known| known.sync.clone()),
            forgotten: false,
            pulled_from_ms: known.map_or(0, |known| known.pulled_from_ms),
            pull_due_ms: known.and_then(|known| known.pull_due_ms),
            token_ends_at_ms: walk.token_ends.map(|at| at.0),
            submitting: known.map(|known| known.submitting.clone()).unwrap_or_default(),
        };
        let mut sealed = vec![desk.vault.guard(tenant)?];
        sealed.push(desk.vault.seal(tenant, &secret_name(&id, TOKEN), &of.token)?);
        if of.app_secret.is_none() {
            // What was looked at is what is used: a secret of a former connection may be another app's.
            sealed.extend(desk.vault.forget(tenant, &secret_name(&id, APP_SECRET))?);
        }
        for (name, secret) in [(APP_SECRET, &of.app_secret), (PIN, &of.pin)] {
            if let Some(secret) = secret {
                sealed.push(desk.vault.seal(tenant, &secret_name(&id, name), secret)?);
            }
        }
        let body = written(&account)?;
        let mut puts: Vec<Put<'_>> = sealed.iter().map(Sealed::put).collect();
        puts.push(Put { kind: Kind::Account, key: &id, expected_version, body: Some(&body) });
        match desk.store.put_documents(tenant, &puts) {
            Err(StoreError::Overtaken) => {}
            Err(other) => return Err(other.into()),
            Ok(_) => return Ok(account),
        }
    }
    Err(DeskError::Overtaken)
}

impl Account {
    /// What is left of it: its id.
    fn forgotten(&self) -> Account {
        Account {
            id: self.id.clone(),
            waba_id: String::new(),
            name: String::new(),
            app_id: None,
            base: self.base.clone(),
            version: self.version.clone(),
            numbers: Vec::new(),
            subscribed: false,
            verify_token: String::new(),
            health: None,
            connected_at_ms: self.connected_at_ms,
            trouble: None,
            sync: None,
            forgotten: true,
            pulled_from_ms: 0,
            pull_due_ms: None,
            token_ends_at_ms: None,
            submitting: Vec::new(),
        }
    }
}

/// Reads `health_status` of Meta's.
fn health_of(health: &Value) -> Health {
    let entities = health.get("entities").and_then(Value::as_array).into_iter().flatten();
    let mut errors = Vec::new();
    for entity in entities {
        let of = text(entity, "entity_type").unwrap_or_default();
        for error in entity.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let solution =
                text(error, "possible_solution").map(|solution| format!(" {solution}")).unwrap_or_default();
            errors.push(format!("{of}: {}{solution}", text(error, "error_description").unwrap_or_default()));
        }
        let further = entity.get("additional_info").and_then(Value::as_array).into_iter().flatten();
        errors.extend(further.filter_map(|info| Some(format!("{of}: {}", info.as_str()?))));
    }
    errors.truncate(ERRORS_MAX);
    Health { can_send: text(health, "can_send_message").unwrap_or_else(|| "UNKNOWN".to_owned()), errors }
}

fn verify_token() -> Result<String, DeskError> {
    let mut bytes = [0; 16];
    let no_chance = |cause| StoreError::Damaged(format!("no random bytes: {cause}"));
    getrandom::fill(&mut bytes).map_err(no_chance)?;
    Ok(crate::engine::hex(&bytes))
}

fn is_id(text: &str) -> bool {
    (1..=ID_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 3 of `a3`.
fn number_of_id(id: &str) -> Option<u32> {
    let number = id.strip_prefix('a')?;
    number
        .parse()
        .ok()
        .filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0'))
}

fn read(body: &[u8]) -> Result<Account, StoreError> {
    serde_json::from_slice(body)
        .map_err(|cause| StoreError::Damaged(format!("an account cannot be read: {cause}")))
}

fn written(account: &Account) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(account)
        .map_err(|cause| StoreError::Damaged(format!("an account cannot be written: {cause}")))
}

/// Nobody here goes on with the version.
fn drop_version(_: u64) {}
