//! Who is calling: tokens, proofs, the exchange of signup codes, and what `debug_token` tells.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::state::{State, Token};

/// What a token of a system user may do.
pub(crate) const SCOPES: [&str; 3] =
    ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"];
/// What is needed to send.
pub(crate) const MESSAGING: &str = "whatsapp_business_messaging";
/// What is needed for everything else.
pub(crate) const MANAGEMENT: &str = "whatsapp_business_management";
/// How long a signup code can be exchanged.
const CODE_MS_MAX: i64 = 30_000;

/// Whoever calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) app: String,
    scopes: Vec<String>,
    wabas: Vec<String>,
}

impl Caller {
    /// Whether the token was given for this.
    pub(crate) fn needs(&self, scope: &str) -> Result<(), Refusal> {
        if self.scopes.iter().any(|own| own == scope) {
            return Ok(());
        }
        Err(Refusal::plain(403, 10, "(#10) Application does not have permission for this action"))
    }

    /// Whether the token was given for this account.
    pub(crate) fn sees(&self, waba: &str) -> bool {
        self.wabas.is_empty() || self.wabas.iter().any(|own| own == waba)
    }
}

/// Finds out who calls.
pub(crate) fn caller(state: &State, ask: &Ask) -> Result<Caller, Refusal> {
    let Some(value) = &ask.token else {
        let text = "An access token is required to request this resource.";
        return Err(Refusal::plain(401, 104, text));
    };
    if let Some(app) = app_token(state, value) {
        return Ok(Caller { app, scopes: vec![MANAGEMENT.to_owned()], wabas: Vec::new() });
    }
    let token = state.tokens.get(value).ok_or_else(malformed)?;
    check_expiry(state, token)?;
    check_proof(state, ask, value, token)?;
    Ok(Caller { app: token.app.clone(), scopes: token.scopes.clone(), wabas: token.wabas.clone() })
}

/// `GET /oauth/access_token`: a signup code for a business token, once and within 30 seconds.
pub(crate) fn exchange(state: &mut State, ask: &Ask) -> Reply {
    let client = ask.required("client_id")?;
    let secret = ask.required("client_secret")?;
    let app = state.apps.get(&client).ok_or_else(|| {
        Refusal::plain(
            400,
            101,
            "Error validating application. Cannot get application info due to a system error.",
        )
    })?;
    if app.secret != secret {
        return Err(Refusal::plain(400, 1, "Error validating client secret."));
    }
    if ask.text("grant_type").as_deref() == Some("client_credentials") {
        return Ok(json!({"access_token": format!("{client}|{secret}"), "token_type": "bearer"}));
    }
    let value = ask.required("code")?;
    let now_ms = state.now_ms;
    let code = state.codes.get_mut(&value).filter(|code| code.app == client);
    let code = code
        .ok_or_else(|| Refusal::plain(400, 100, "Invalid verification code format.").with_subcode(36_008))?;
    if code.back.as_deref().unwrap_or_default() != ask.text("redirect_uri").unwrap_or_default() {
        let text = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used \
                    in the OAuth dialog request";
        return Err(Refusal::plain(400, 100, text).with_subcode(36_008));
    }
    if code.used {
        return Err(Refusal::plain(400, 100, "This authorization code has been used.").with_subcode(36_009));
    }
    if now_ms - code.issued_ms > CODE_MS_MAX {
        return Err(Refusal::plain(400, 100, "This authorization code has expired.").with_subcode(36_007));
    }
    code.used = true;
    let waba = code.waba.clone();
    let token = format!("EAA{}", state.chance.word(60, "token", &value, 0));
    let scopes = SCOPES.map(str::to_owned).to_vec();
    let issued = Token { app: client, scopes, wabas: vec![waba], issued_ms: now_ms, expires_ms: None };
    state.tokens.insert(token.clone(), issued);
    Ok(json!({"access_token": token, "token_type": "bearer"}))
}

/// `GET /debug_token`: what a token is.
pub(crate) fn debug(state: &State, ask: &Ask) -> Reply {
    caller(state, ask)?;
    let input = ask.required("input_token")?;
    let Some(token) = state.tokens.get(&input) else {
        let error = json!({"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"});
        return Ok(json!({"data": {"is_valid": false, "scopes": [], "error": error}}));
    };
    let granular = |scope: &String| match token.wabas.is_empty() {
        true => json!({"scope": scope}),
        false => json!({"scope": scope, "target_ids": token.wabas}),
    };
    let mut data = json!({
        "app_id": token.app,
        "type": "SYSTEM_USER",
        "application": state.apps.get(&token.app).map(|app| app.name.clone()),
        "data_access_expires_at": 0,
        "expires_at": token.expires_ms.map_or(0, |at_ms| at_ms / 1000),
        "is_valid": check_expiry(state, token).is_ok(),
        "issued_at": token.issued_ms / 1000,
        "scopes": token.scopes,
        "granular_scopes": token.scopes.iter().map(granular).collect::<Vec<Value>>(),
        "user_id": user(state, &token.app),
    });
    if let Err(refusal) = check_expiry(state, token) {
        let told = refusal.document("");
        data["error"] = json!({"code": 190, "message": told["error"]["message"], "subcode": 463});
    }
    Ok(json!({"data": data}))
}

/// The system user behind all tokens of an app.
pub(crate) fn user(state: &State, app: &str) -> String {
    state.chance.id("user", app, 0).to_string()
}

/// HMAC-SHA256 in lower-case hex.
pub(crate) fn signature(secret: &str, bytes: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(bytes);
    mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// `APP|SECRET` speaks for the app itself.
fn app_token(state: &State, value: &str) -> Option<String> {
    let (id, secret) = value.split_once('|')?;
    state.apps.get(id).filter(|app| app.secret == secret).map(|app| app.id.clone())
}

fn check_expiry(state: &State, token: &Token) -> Result<(), Refusal> {
    match token.expires_ms {
        Some(at_ms) if at_ms <= state.now_ms => {
            let text = format!(
                "Error validating access token: Session has expired at unix time {}. The current unix time is {}.",
                at_ms / 1000,
                state.now_ms / 1000
            );
            Err(Refusal::plain(401, 190, text).with_subcode(463))
        }
        _ => Ok(()),
    }
}

/// A proof that is given must be right, whether it is required or not.
fn check_proof(state: &State, ask: &Ask, value: &str, token: &Token) -> Result<(), Refusal> {
    let Some(app) = state.apps.get(&token.app) else { return Ok(()) };
    match ask.text("appsecret_proof") {
        Some(proof) if proof == signature(&app.secret, value.as_bytes()) => Ok(()),
        Some(_) => Err(Refusal::plain(400, 100, "Invalid appsecret_proof provided in the API argument")),
        None if app.requires_proof => {
            Err(Refusal::plain(400, 100, "API calls from the server require an appsecret_proof argument"))
        }
        None => Ok(()),
    }
}

fn malformed() -> Refusal {
    Refusal::plain(401, 190, "Invalid OAuth access token - Cannot parse access token")
}
