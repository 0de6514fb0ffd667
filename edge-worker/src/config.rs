//! The tenants this worker serves: one secret text, so that one command changes them all at once.
//!
//! Nothing in here is ever written anywhere: no `Debug`, and what is said about a text that cannot be read names no part of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use consentry_core::wire::webhook::v1::{Options, signature};
use serde::Deserialize;
use worker::{Env, console_error};

use crate::caller::text;
use crate::problem::Problem;

/// The binding that holds them.
const TENANTS: &str = "CONSENTRY_TENANTS";
/// Longest name of a tenant, in characters.
const NAME_CHARS_MAX: usize = 40;
/// When Meta or a host may try again, in seconds, after somebody has put the configuration right.
const RETRY_S: u32 = 60;

/// One tenant. Of its secrets all are valid, so that a new one is known before the old one goes.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tenant {
    /// Of the Meta apps that send webhooks here.
    pub(crate) app_secrets: Vec<String>,
    /// What Meta shows when a webhook is set up.
    pub(crate) verify_token: String,
    /// What the tenant's host signs with: `whsec_` and base64.
    pub(crate) handover_secrets: Vec<String>,
    stop_words: Vec<String>,
    start_words: Vec<String>,
}

/// All of them by name.
pub(crate) type Tenants = BTreeMap<String, Tenant>;

thread_local! {
    /// What the text said when it was read last.
    static READ: RefCell<(String, Option<Rc<Tenants>>)> = RefCell::default();
}

impl Tenant {
    /// As many secrets as a tenant has, and no tenant.
    pub(crate) fn nobody() -> Tenant {
        let secret = || vec!["nobody".to_owned()];
        Tenant { app_secrets: secret(), handover_secrets: secret(), ..Tenant::default() }
    }

    /// How its webhooks are read.
    pub(crate) fn options(&self) -> Options {
        Options { stop_words: self.stop_words.clone(), start_words: self.start_words.clone() }
    }
}

/// The tenants, or the reason to be sent everything again later.
pub(crate) fn tenants(env: &Env) -> Result<Rc<Tenants>, Problem> {
    let text = text(env, TENANTS).unwrap_or_default();
    READ.with_borrow_mut(|(last, tenants)| {
        if *last != text || tenants.is_none() {
            *tenants = read(&text).map(Rc::new);
            *last = text;
        }
        tenants.clone().ok_or_else(|| Problem::unavailable(RETRY_S))
    })
}

/// Whether a tenant may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.bytes().all(fits)
}

fn read(text: &str) -> Option<Tenants> {
    let complain =
        |what: &str| console_error!("{TENANTS} cannot be used: {what}; nothing is taken until it can");
    if text.is_empty() {
        complain("it is not set (`wrangler secret put CONSENTRY_TENANTS`)");
        return None;
    }
    let tenants: Tenants = match serde_json::from_str(text) {
        Ok(tenants) => tenants,
        // The error's own words may hold a part of the text.
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            complain(&format!("it is not the JSON it should be, at line {line}, column {column}"));
            return None;
        }
    };
    for (name, tenant) in &tenants {
        if !is_name(name) {
            complain("a tenant's name is 1 to 40 of the characters a-z, 0-9 and `-`");
            return None;
        }
        if !tenant.handover_secrets.iter().all(|secret| signature::is_secret(secret)) {
            complain(&format!(
                "tenant `{name}` has a hand-over secret that is none: `whsec_` and the base64 of 16 bytes or more"
            ));
            return None;
        }
        // An empty secret would be everybody's.
        if tenant.app_secrets.iter().chain(&tenant.handover_secrets).any(|secret| secret.is_empty()) {
            complain(&format!("tenant `{name}` has an empty secret"));
            return None;
        }
    }
    Some(tenants)
}
