//! Version 1 of the documents about WhatsApp accounts and templates.

use std::collections::BTreeMap;

use consentry_core::time::UnixMs;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::accounts::Step;
use crate::accounts::record::{Account, Sync};
use crate::desk::Desk;
use crate::gateway::meta::text;
use crate::gateway::{MetaError, Target};
use crate::templates::Template;
use crate::templates::record::TemplateRecord;

/// A template in one language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplateDocument {
    /// `a1`.
    pub account: String,
    /// Its id at Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Like `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// `DRAFT`, or what Meta says: `APPROVED`, `PENDING`, …
    pub status: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// Why Meta rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_reason: Option<String>,
    /// The category it had before Meta changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_category: Option<String>,
    /// Meta no longer names it.
    pub stale: bool,
    /// When Meta named it last, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// RFC 3339.
    pub changed_at: String,
    /// Changes with everything that is kept of it; a draft has its own.
    pub version: u64,
    /// Meta's document, or the draft's where Meta has none.
    pub template: Value,
    /// What is being written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftDocument>,
    /// Where the values of its variables come from.
    pub values: Map<String, Value>,
    /// Whether it can be sent now.
    pub sendable: bool,
    /// Why it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<&'static str>,
}

/// A template that is being written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DraftDocument {
    /// What will be submitted.
    pub template: Value,
    /// Where the values of its variables will come from.
    pub values: Map<String, Value>,
    /// To be named when the draft is changed.
    pub version: u64,
    /// RFC 3339.
    pub changed_at: String,
}

impl TemplateDocument {
    /// The document of what is kept.
    pub fn of(template: &Template) -> TemplateDocument {
        let Template { id, record, draft } = template;
        let stands = template.document();
        let capital = |name: &str| text(stands, name).map(|text| text.to_ascii_uppercase());
        let at_meta = record.as_ref();
        let changed_at = at_meta
            .map(|(record, _)| record.changed_at_ms)
            .or_else(|| draft.as_ref().map(|(draft, _)| draft.changed_at_ms));
        let values = at_meta
            .map(|(record, _)| &record.values)
            .or_else(|| draft.as_ref().map(|(draft, _)| &draft.values));
        TemplateDocument {
            account: id.account.clone(),
            id: at_meta.and_then(|_| text(stands, "id")),
            name: id.name.clone(),
            language: id.language.clone(),
            category: capital("category").unwrap_or_else(|| "UNKNOWN".to_owned()),
            status: template.status(),
            quality: stands.pointer("/quality_score/score").and_then(Value::as_str).map(str::to_owned),
            rejected_reason: text(stands, "rejected_reason").filter(|reason| reason != "NONE"),
            previous_category: capital("previous_category"),
            stale: at_meta.is_some_and(|(record, _)| record.stale_since_ms.is_some()),
            synced_at: at_meta.map(|(record, _)| UnixMs(record.synced_at_ms).to_string()),
            changed_at: UnixMs(changed_at.unwrap_or_default()).to_string(),
            version: at_meta
                .map(|(_, version)| *version)
                .or_else(|| draft.as_ref().map(|(_, version)| *version))
                .unwrap_or_default(),
            template: at_meta.map_or_else(|| stands.clone(), |(record, _)| whole(record)),
            draft: draft.as_ref().map(|(draft, version)| DraftDocument {
                template: draft.template.clone(),
                values: draft.values.clone(),
                version: *version,
                changed_at: UnixMs(draft.changed_at_ms).to_string(),
            }),
            values: values.cloned().unwrap_or_default(),
            sendable: template.why_not().is_none(),
            why_not: template.why_not(),
        }
    }
}

/// Meta's document with what Meta only told.
fn whole(record: &TemplateRecord) -> Value {
    let mut document = record.template.clone();
    if let Some(fields) = document.as_object_mut() {
        for (name, told) in &record.aside {
            fields.entry(name).or_insert_with(|| told.clone());
        }
    }
    document
}

/// Templates, and how the last pull went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplatesDocument {
    /// The templates.
    pub templates: Vec<TemplateDocument>,
    /// The last pull, of one account or of that which was pulled last.
    pub sync: SyncDocument,
}

/// Every language of a template.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionsDocument {
    /// Its name.
    pub name: String,
    /// Its languages.
    pub versions: Vec<TemplateDocument>,
}

/// How a pull of templates goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SyncDocument {
    /// `never`, `running`, `done` or `failed`.
    pub state: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Templates that Meta named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pulled: Option<u64>,
    /// Those that were new here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// Those that had changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<u64>,
    /// Those that Meta no longer named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<u64>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl SyncDocument {
    /// The document of what an account's last pull left.
    pub fn of(account: Option<&str>, sync: Option<&Sync>) -> SyncDocument {
        let account = account.map(str::to_owned);
        let Some(sync) = sync else {
            return SyncDocument { state: "never", account, ..SyncDocument::default() };
        };
        let count = |count: u64| Some(count).filter(|_| !sync.failed);
        SyncDocument {
            state: if sync.failed { "failed" } else { "done" },
            account,
            at: Some(UnixMs(sync.at_ms).to_string()),
            pulled: count(sync.pulled),
            added: count(sync.added),
            changed: count(sync.changed),
            gone: count(sync.gone),
            trouble: sync.trouble.clone(),
        }
    }

    /// One that runs.
    pub fn running(account: &str) -> SyncDocument {
        SyncDocument { state: "running", account: Some(account.to_owned()), ..SyncDocument::default() }
    }
}

/// A connected account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountDocument {
    /// `a1`.
    pub account: String,
    /// Its id at Meta.
    pub waba_id: String,
    /// Its name there.
    pub name: String,
    /// The app of its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Version of the Graph API it is reached by.
    pub graph: String,
    /// It is at a stand-in, not at Meta.
    pub sandbox: bool,
    /// Its numbers.
    pub numbers: Vec<NumberDocument>,
    /// RFC 3339.
    pub connected_at: String,
    /// What Meta tells by itself.
    pub webhook: WebhookDocument,
    /// Whether it can send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthDocument>,
    /// Why it needs somebody's care.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A phone number of an account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberDocument {
    /// Its id at Meta.
    pub id: String,
    /// As Meta writes it.
    pub display: String,
    /// The name people see.
    pub name: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// `CONNECTED`, when it can send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `STANDARD`, `HIGH`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<String>,
    /// How many people in a day it may write to first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// What has to be set at Meta's, so that it tells what happens.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WebhookDocument {
    /// Whether Meta tells the app.
    pub subscribed: bool,
    /// Address to set in the app's dashboard, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Token to set beside it.
    pub verify_token: String,
}

/// Whether an account can send.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HealthDocument {
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    pub can_send: String,
    /// What is in the way.
    pub errors: Vec<String>,
}

/// Every account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountsDocument {
    /// The accounts.
    pub accounts: Vec<AccountDocument>,
    /// Meta's own sign-up, where this server has an app for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<SignUpDocument>,
}

/// Where people sign up with Meta.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignUpDocument {
    /// Address of the dialog; `redirect_uri` and `state` are to be added.
    pub dialog: String,
    /// Who may tell by a message which account was chosen: exactly these origins.
    pub origins: Vec<String>,
}

impl SignUpDocument {
    /// The document of what this server was started with.
    pub fn of(desk: &Desk) -> Option<SignUpDocument> {
        let app = desk.app.as_ref()?;
        let (dialog, origins) = desk.target.dialog();
        let value = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (id, config) = (value(&app.id), value(app.config_id.as_ref()?));
        let dialog = format!(
            "{dialog}?client_id={id}&config_id={config}&response_type=code&override_default_response_type=true"
        );
        Some(SignUpDocument { dialog, origins })
    }
}

impl AccountDocument {
    /// The document of what is kept.
    pub fn of(account: &Account, desk: &Desk) -> AccountDocument {
        let target = Target::new(&account.base, &account.version);
        AccountDocument {
            account: account.id.clone(),
            waba_id: account.waba_id.clone(),
            name: account.name.clone(),
            app_id: account.app_id.clone(),
            graph: account.version.clone(),
            sandbox: target.is_ok_and(|target| target.is_sandbox()),
            numbers: account
                .numbers
                .iter()
                .map(|number| NumberDocument {
                    id: number.id.clone(),
                    display: number.display.clone(),
                    name: number.name.clone(),
                    quality: number.quality.clone(),
                    status: number.status.clone(),
                    throughput: number.throughput.clone(),
                    limit: number.limit.clone(),
                })
                .collect(),
            connected_at: UnixMs(account.connected_at_ms).to_string(),
            webhook: WebhookDocument {
                subscribed: account.subscribed,
                url: desk
                    .public_url
                    .as_ref()
                    .map(|url| format!("{}/webhooks/meta", url.trim_end_matches('/'))),
                verify_token: account.verify_token.clone(),
            },
            health: account.health.as_ref().map(|health| HealthDocument {
                can_send: health.can_send.clone(),
                errors: health.errors.clone(),
            }),
            trouble: account.trouble.clone(),
        }
    }
}

/// A walk through what an account needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepsDocument {
    /// The steps, in order.
    pub steps: Vec<StepDocument>,
}

/// One step of the walk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepDocument {
    /// `token`, `app`, `account`, `number` or `webhook`.
    pub step: &'static str,
    /// `ok`, `warning`, `failed` or `waiting`.
    pub state: &'static str,
    /// What was seen, for words in other languages.
    pub code: &'static str,
    /// What those words are about.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<&'static str, String>,
    /// What was seen.
    pub said: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
}

impl StepsDocument {
    /// The document of a walk.
    pub fn of(steps: &[Step]) -> StepsDocument {
        let step = |step: &Step| StepDocument {
            step: step.step,
            state: step.state.id(),
            code: step.code,
            values: step.values.clone(),
            said: step.said.clone(),
            cure: step.cure.clone(),
            found: step.found.clone(),
        };
        StepsDocument { steps: steps.iter().map(step).collect() }
    }
}

/// What Meta refused with, and what we make of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetaErrorDocument {
    /// Meta's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Meta's sub-code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<i64>,
    /// Meta's title, or ours.
    pub title: String,
    /// Meta's clearest text.
    pub message: String,
    /// What Meta's support asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fbtrace_id: Option<String>,
    /// What it calls for: `fix`, `retry`, `wait`, …
    pub action: &'static str,
    /// What helps, in plain words.
    pub cure: String,
}

impl MetaErrorDocument {
    /// The document of an error.
    pub fn of(error: &MetaError) -> MetaErrorDocument {
        MetaErrorDocument {
            code: error.code,
            error_subcode: error.subcode,
            title: error.title.clone().unwrap_or_else(|| error.what().to_owned()),
            message: error.said().to_owned(),
            fbtrace_id: error.fbtrace_id.clone(),
            action: error.action().id(),
            cure: error.cure().to_owned(),
        }
    }
}
