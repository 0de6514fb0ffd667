//! The walk through everything an account needs: token, app, account, number, webhook. Each step says how it is and what
//! helps; the walk goes on as far as it can, and changes nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::record::{Health, Number};
use super::{Candidate, health_of};
use crate::desk::Desk;
use crate::gateway::meta::accounts::Waba;
use crate::gateway::meta::text;
use crate::gateway::meta::tokens::TokenFacts;
use crate::gateway::{Action, Credentials, Graph, Trouble};

/// What a token must be allowed to do.
const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];
const REACH: &str = "See whether this machine reaches Meta: a firewall or a proxy may stand in between.";

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and something should be better.
    Warning,
    /// It does not work.
    Failed,
    /// It comes later, or somebody has to choose.
    Waiting,
}

impl State {
    /// As machines read it.
    pub fn id(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
            State::Waiting => "waiting",
        }
    }
}

/// One step of the walk.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `token`, `app`, `account`, `number` or `webhook`.
    pub step: &'static str,
    /// How it went.
    pub state: State,
    /// What was seen, for whoever says it in words of their own; one of [`CODES`].
    pub code: &'static str,
    /// What such words are about: names, numbers, what Meta said.
    pub values: BTreeMap<&'static str, String>,
    /// What was seen, in plain words.
    pub said: String,
    /// What helps.
    pub cure: Option<String>,
    /// What was found, for whoever goes on with it.
    pub found: Option<Value>,
}

impl Step {
    fn new(step: &'static str, state: State, code: &'static str, said: impl Into<String>) -> Step {
        Step { step, state, code, values: BTreeMap::new(), said: said.into(), cure: None, found: None }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Step {
        self.values.insert(name, value.into());
        self
    }

    fn cure(mut self, cure: impl Into<String>) -> Step {
        self.cure = Some(cure.into());
        self
    }

    fn found(mut self, found: Value) -> Step {
        self.found = Some(found);
        self
    }

    /// Whether nothing works before this is mended.
    pub fn is_failed(&self) -> bool {
        self.state == State::Failed
    }
}

/// Everything that a step can say. The panel has words for each, and the description of the API names them; a test holds
/// them together.
pub const CODES: [&str; 27] = [
    "waits-before",
    "waits-account",
    "waits-token",
    "meta-not-asked",
    "meta-refused",
    "meta-unclear",
    "token-missing",
    "token-untold",
    "token-over",
    "token-lacks-rights",
    "token-ends",
    "token-good",
    "app-secret-wrong",
    "app-another",
    "app-secret-missing",
    "app-untold",
    "app-good",
    "account-untold",
    "account-to-choose",
    "account-blocked",
    "account-good",
    "number-another",
    "number-none",
    "number-unready",
    "number-good",
    "webhook-good",
    "webhook-waits",
];

/// What a walk found.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    pub(super) graph: Graph,
    pub(super) app_id: Option<String>,
    pub(super) waba: Option<Waba>,
    pub(super) numbers: Vec<Number>,
    pub(super) health: Option<Health>,
    pub(super) subscribed: bool,
    /// When the token ends, if it does and Meta says so.
    pub(super) token_ends: Option<consentry_core::time::UnixMs>,
}

pub(super) fn walk(desk: &Desk, of: &Candidate) -> Walk {
    let target = &of.target;
    let graph = desk
        .gateway
        .graph(target, Credentials { token: of.token.clone(), app_secret: of.app_secret.clone() });
    let mut walk = Walk {
        steps: Vec::new(),
        graph,
        app_id: of.app_id.clone(),
        waba: None,
        numbers: Vec::new(),
        health: None,
        subscribed: false,
        token_ends: None,
    };
    let facts = walk.token_and_app(desk, of);
    if walk.steps.iter().any(Step::is_failed) {
        walk.wait_for(&["account", "number", "webhook"], "waits-before", "after what comes before");
        return walk;
    }
    walk.account(desk, of, &facts.unwrap_or_default());
    match &walk.waba {
        None => walk.wait_for(&["number", "webhook"], "waits-account", "after the account"),
        Some(waba) => {
            let waba = waba.id.clone();
            walk.number(desk, of, &waba);
            walk.webhook(desk, &waba);
        }
    }
    walk
}

impl Walk {
    fn wait_for(&mut self, steps: &[&'static str], code: &'static str, what: &str) {
        self.steps.extend(steps.iter().map(|step| Step::new(step, State::Waiting, code, what)));
    }

    /// The app is asked about first where it can be: it always gets an answer about its tokens, and only with the right
    /// secret.
    fn token_and_app(&mut self, desk: &Desk, of: &Candidate) -> Option<TokenFacts> {
        if of.token.is_empty() {
            let step = Step::new("token", State::Failed, "token-missing", "there is no token");
            self.steps.push(step.cure("Make one in Meta's Business settings: System users, Generate token."));
            self.steps.push(Step::new("app", State::Waiting, "waits-token", "after the token"));
            return None;
        }
        let app = of.app_id.as_deref().zip(of.app_secret.as_ref());
        let mut asked = desk.wait(self.graph.debug_token(app));
        let mut wrong_secret = false;
        if of.app_secret.is_some()
            && asked.as_ref().is_err_and(|trouble| matches!(trouble, Trouble::Refused(_)))
        {
            // The same without the app's word tells whether it was the token or the secret.
            let bare =
                desk.gateway.graph(&of.target, Credentials { token: of.token.clone(), app_secret: None });
            let again = desk.wait(bare.debug_token(None));
            // Where the app demands proof, its absence is refused with a word about it, and so is a wrong one.
            let demands_proof = |trouble: &Trouble| {
                trouble.said().is_some_and(|said| said.message.contains("appsecret_proof"))
            };
            wrong_secret = again.as_ref().map_or_else(demands_proof, |_| true);
            asked = again;
        }
        let (token, facts) = token_step(asked);
        let facts_of_app = facts.clone().unwrap_or_default();
        self.token_ends = facts_of_app.expires_at;
        self.steps.push(token);
        if self.app_id.is_none() {
            self.app_id.clone_from(&facts_of_app.app_id);
        }
        self.graph = self.graph.clone().of_app(self.app_id.as_deref());
        let app = if wrong_secret {
            Step::new(
                "app",
                State::Failed,
                "app-secret-wrong",
                "the app secret is not the one of the token's app",
            )
            .cure("Copy it again: developers.facebook.com, your app, App settings, Basic.")
        } else {
            self.app_step(of, &facts_of_app)
        };
        self.steps.push(app);
        facts
    }

    fn app_step(&self, of: &Candidate, facts: &TokenFacts) -> Step {
        let found = json!({"app_id": self.app_id, "name": facts.application});
        match (&of.app_id, &facts.app_id, &of.app_secret) {
            (Some(named), Some(own), _) if named != own => {
                let said = format!("the token was made with the app {own}, not with {named}");
                Step::new("app", State::Failed, "app-another", said)
                    .with("own", own)
                    .with("named", named)
                    .cure("Name that app, or make a token with this one.")
            }
            (_, _, None) => Step::new(
                "app",
                State::Warning,
                "app-secret-missing",
                "without the app secret, requests carry no proof and webhooks cannot be believed",
            )
            .cure("Copy it from developers.facebook.com, your app, App settings, Basic."),
            _ if self.app_id.is_none() => {
                Step::new("app", State::Warning, "app-untold", "Meta does not say which app it is")
                    .cure("Name the app's id: samples of template headers are uploaded under it.")
            }
            _ => {
                let name = facts.application.as_deref().unwrap_or("the app");
                let said = format!("{name} is the token's app, and the secret is its own");
                Step::new("app", State::Ok, "app-good", said).with("name", name)
            }
        }
        .found(found)
    }

    fn account(&mut self, desk: &Desk, of: &Candidate, facts: &TokenFacts) {
        let named = match &of.waba_id {
            Some(waba) => vec![waba.clone()],
            None if !facts.accounts.is_empty() => facts.accounts.clone(),
            None => self.owned(desk),
        };
        let [waba] = named.as_slice() else {
            let found: Vec<Value> = named
                .iter()
                .map(|id| {
                    let name = desk.wait(self.graph.waba(id)).map(|waba| waba.name).unwrap_or_default();
                    json!({"waba_id": id, "name": name})
                })
                .collect();
            let (code, said) = if found.is_empty() {
                ("account-untold", "Meta does not say which account the token is for")
            } else {
                ("account-to-choose", "the token is for several accounts; choose one")
            };
            let step = Step::new("account", State::Waiting, code, said).found(json!({"accounts": found}));
            self.steps.push(
                step.cure("Name the account's id: WhatsApp Manager shows it, and its address holds it."),
            );
            return;
        };
        match desk.wait(self.graph.waba(waba)) {
            Err(trouble) => self.steps.push(failed("account", &format!("the account {waba}"), &trouble)),
            Ok(waba) => {
                let found = json!({"waba_id": waba.id, "name": waba.name});
                self.health = desk.wait(self.graph.health(&waba.id, &waba.id)).ok().as_ref().map(health_of);
                let step = match &self.health {
                    Some(health) if health.can_send == "BLOCKED" => {
                        let why = health.errors.join("; ");
                        Step::new(
                            "account",
                            State::Warning,
                            "account-blocked",
                            format!("`{}` cannot send now: {why}", waba.name),
                        )
                        .with("why", why)
                        .cure("WhatsApp Manager shows what Meta wants done.")
                    }
                    _ => {
                        let said = format!("`{}` is the token's to manage", waba.name);
                        Step::new("account", State::Ok, "account-good", said)
                    }
                };
                self.steps.push(step.with("name", &waba.name).found(found));
                self.waba = Some(waba);
            }
        }
    }

    /// Accounts of the businesses the token belongs to, should Meta tell.
    fn owned(&self, desk: &Desk) -> Vec<String> {
        let businesses = desk.wait(self.graph.businesses()).unwrap_or_default();
        let owned = businesses.iter().filter_map(|business| desk.wait(self.graph.owned_wabas(business)).ok());
        owned.flatten().map(|waba| waba.id).collect()
    }

    fn number(&mut self, desk: &Desk, of: &Candidate, waba: &str) {
        let numbers = match desk.wait(self.graph.phone_numbers(waba)) {
            Ok(numbers) => numbers,
            Err(trouble) => {
                self.steps.push(failed("number", "the account's numbers", &trouble));
                return;
            }
        };
        self.numbers = numbers.iter().filter_map(read_number).collect();
        let found = json!({"numbers": self.numbers.iter().map(|number| json!({
            "id": number.id, "display": number.display, "name": number.name, "status": number.status,
        })).collect::<Vec<_>>()});
        let chosen = match &of.phone_number_id {
            Some(id) => self.numbers.iter().filter(|number| number.id == *id).collect::<Vec<_>>(),
            None => self.numbers.iter().collect(),
        };
        let unready = chosen.iter().find(|number| !is_ready(number));
        let step = match (&of.phone_number_id, chosen.as_slice()) {
            (Some(id), []) => Step::new(
                "number",
                State::Failed,
                "number-another",
                format!("the account has no number {id}"),
            )
            .with("id", id)
            .cure("Choose one of its numbers: their ids are in WhatsApp Manager."),
            (None, []) => Step::new("number", State::Warning, "number-none", "the account has no number yet")
                .cure("Add one in WhatsApp Manager; templates can be written meanwhile."),
            _ if let Some(number) = unready => {
                let (number, status) =
                    (&number.display, number.status.as_deref().unwrap_or("not registered"));
                let said = format!("{number} cannot send yet: it is {status}");
                Step::new("number", State::Waiting, "number-unready", said)
                    .with("number", number)
                    .with("status", status)
                    .cure("Give a PIN of six digits, and it is registered when you connect.")
            }
            (_, [number]) => {
                let said = format!("{} can send as `{}`", number.display, number.name);
                Step::new("number", State::Ok, "number-good", said)
                    .with("number", &number.display)
                    .with("name", &number.name)
                    .with("count", "1")
            }
            (_, all) => {
                Step::new("number", State::Ok, "number-good", format!("{} numbers can send", all.len()))
                    .with("count", all.len().to_string())
            }
        };
        self.steps.push(step.found(found));
    }

    fn webhook(&mut self, desk: &Desk, waba: &str) {
        let apps = match desk.wait(self.graph.subscribed_apps(waba)) {
            Ok(apps) => apps,
            Err(trouble) => {
                self.steps.push(failed("webhook", "the account's webhooks", &trouble));
                return;
            }
        };
        self.subscribed = self.app_id.as_ref().is_some_and(|own| apps.contains(own));
        let step = if self.subscribed {
            Step::new("webhook", State::Ok, "webhook-good", "Meta sends what happens to the app")
        } else {
            Step::new("webhook", State::Waiting, "webhook-waits", "Meta does not send what happens to the app yet")
                .cure("It is asked to when you connect. Its address and verify token are set in the app's dashboard.")
        };
        self.steps.push(step.found(json!({"apps": apps})));
    }
}

/// Whether a number is registered; that it is flagged or restricted does not change that.
pub(super) fn is_ready(number: &Number) -> bool {
    // Where Meta leaves the status out, its number was never registered through this way and may well send.
    let is_new = |status: &str| matches!(status, "PENDING" | "DISCONNECTED" | "UNVERIFIED");
    number.status.as_deref().is_none_or(|status| !is_new(status))
}

fn token_step(asked: Result<TokenFacts, Trouble>) -> (Step, Option<TokenFacts>) {
    const ANOTHER: &str = "Make a new one in Meta's Business settings: System users, Generate token.";
    let facts = match asked {
        Ok(facts) => facts,
        Err(trouble) => {
            let step = match &trouble {
                Trouble::Refused(said) if said.action() != Action::StopToken => Step::new(
                    "token",
                    State::Warning,
                    "token-untold",
                    format!("Meta does not say what the token is good for: {said}"),
                )
                .with("why", said.to_string())
                .cure("Name the app's id and secret as well: then it does."),
                _ => failed("token", "the token", &trouble),
            };
            return (step, None);
        }
    };
    let missing: Vec<&str> =
        SCOPES.into_iter().filter(|scope| !facts.scopes.iter().any(|has| has == scope)).collect();
    let found = json!({
        "app_id": facts.app_id, "kind": facts.kind, "scopes": facts.scopes, "accounts": facts.accounts,
        "expires_at": facts.expires_at.map(|at| at.to_string()),
    });
    let step = match facts.expires_at {
        _ if !facts.is_valid => {
            Step::new("token", State::Failed, "token-over", "the token is no longer good").cure(ANOTHER)
        }
        _ if !missing.is_empty() => {
            let said = format!("the token lacks the right {}", missing.join(" and "));
            Step::new("token", State::Failed, "token-lacks-rights", said)
                .with("rights", missing.join(", "))
                .cure("Generate it again with both rights, and give its system user the WhatsApp account.")
        }
        Some(at) => {
            Step::new("token", State::Warning, "token-ends", format!("the token is good, and ends at {at}"))
                .with("at", at.to_string())
                .cure("A system user's token can be made without an end.")
        }
        None => Step::new("token", State::Ok, "token-good", "the token is good, and does not end"),
    };
    (step.found(found), Some(facts))
}

fn failed(step: &'static str, what: &str, trouble: &Trouble) -> Step {
    match trouble {
        Trouble::NotSent(why) => {
            Step::new(step, State::Failed, "meta-not-asked", format!("Meta was not asked: {why}"))
                .with("why", why)
                .cure(REACH)
        }
        Trouble::Refused(said) | Trouble::Unknown(_, Some(said)) => {
            let text = format!("{what}: {}, as Meta says: {said}", said.what());
            Step::new(step, State::Failed, "meta-refused", text)
                .with("why", said.to_string())
                .cure(said.cure())
        }
        Trouble::Unknown(why, None) => {
            Step::new(step, State::Failed, "meta-unclear", format!("{what}: {why}"))
                .with("why", why)
                .cure("Try again in a little while.")
        }
    }
}

/// Reads a number of Meta's.
pub(super) fn read_number(number: &Value) -> Option<Number> {
    Some(Number {
        id: text(number, "id")?,
        display: text(number, "display_phone_number").unwrap_or_default(),
        name: text(number, "verified_name").unwrap_or_default(),
        name_status: text(number, "name_status"),
        quality: text(number, "quality_rating"),
        status: text(number, "status"),
        throughput: number.get("throughput").and_then(|throughput| text(throughput, "level")),
        limit: text(number, "whatsapp_business_manager_messaging_limit")
            .or_else(|| text(number, "messaging_limit_tier")),
    })
}
