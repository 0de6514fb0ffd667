//! `consentry template`: pull, list, submit.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use crate::accounts;
use crate::data::Place;
use crate::desk::{Desk, DeskError};
use crate::gateway::Target;
use crate::gateway::meta::text;
use crate::store::TenantId;
use crate::templates::{self, Filter, TemplateId, sync};
use crate::wire::meta::v1::{SyncDocument, TemplateDocument, TemplatesDocument};

use super::super::connect::with_desk;
use super::super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;
/// Longest document that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

#[derive(Args)]
pub(super) struct PullArgs {
    /// The account, for example a1.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// The account, for example a1.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// For example approved, pending, draft.
    #[arg(long)]
    status: Option<String>,
    /// Letters in its name or texts.
    #[arg(long)]
    q: Option<String>,
}

#[derive(Args)]
pub(super) struct SubmitArgs {
    /// The document, as JSON.
    file: PathBuf,
    /// The account, where there are several.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

/// What is asked of an account.
pub(super) enum Errand<'a> {
    Pull(&'a PullArgs),
    List(&'a ListArgs),
    Submit(&'a SubmitArgs),
}

pub(super) fn run(errand: &Errand<'_>, place: &Place, json: bool) -> Result<Done, Failure> {
    // Every account says itself where it is reached.
    with_desk(place, &Target::meta(), |desk| match errand {
        Errand::Pull(args) => pull(desk, args.account.as_deref(), json),
        Errand::List(args) => {
            let ListArgs { account, status, q } = args;
            let filter = Filter { account: account.clone(), status: status.clone(), q: q.clone() };
            list(desk, &filter, json)
        }
        Errand::Submit(args) => submit(desk, &args.file, args.account.as_deref(), json),
    })
}

fn pull(desk: &Desk, account: Option<&str>, json: bool) -> Result<Done, Failure> {
    let accounts = match account {
        Some(account) => vec![accounts::find(desk, T, account)?],
        None => accounts::all(desk, T)?,
    };
    if accounts.is_empty() {
        return Err(Failure::Refused("no account is connected; `consentry connect` links one".to_owned()));
    }
    let (mut pulled, mut failed) = (Vec::new(), false);
    for account in &accounts {
        let document = match sync::pull(desk, T, &account.id) {
            Ok(done) => SyncDocument::of(Some(&account.id), Some(&done)),
            Err(error @ DeskError::Store(_)) => return Err(error.into()),
            Err(error) => {
                failed = true;
                SyncDocument {
                    trouble: Some(error.to_string()),
                    state: "failed",
                    ..SyncDocument::of(Some(&account.id), None)
                }
            }
        };
        pulled.push(document);
    }
    print(json, &json!({ "syncs": pulled }), |_| pulled.iter().map(shown_sync).collect())?;
    Ok(if failed { Done::SomeRejected } else { Done::All })
}

fn shown_sync(sync: &SyncDocument) -> String {
    let account = sync.account.as_deref().unwrap_or_default();
    let count = |count: Option<u64>| count.unwrap_or_default();
    let trouble = sync.trouble.as_ref().map(|trouble| format!(" ({trouble})")).unwrap_or_default();
    if sync.state == "failed" {
        return format!("{account}: not pulled{trouble}\n");
    }
    format!(
        "{account}: {} templates, {} new, {} changed, {} gone{trouble}\n",
        count(sync.pulled),
        count(sync.added),
        count(sync.changed),
        count(sync.gone)
    )
}

fn list(desk: &Desk, filter: &Filter, json: bool) -> Result<Done, Failure> {
    let found = templates::list(desk, T, filter)?;
    let latest = accounts::all(desk, T)?
        .into_iter()
        .max_by_key(|account| account.sync.as_ref().map(|sync| sync.at_ms));
    let sync = latest.as_ref().and_then(|account| account.sync.as_ref());
    let document = TemplatesDocument {
        templates: found.iter().map(TemplateDocument::of).collect(),
        sync: SyncDocument::of(latest.as_ref().map(|account| account.id.as_str()), sync),
    };
    print(json, &document, shown)
}

fn shown(document: &TemplatesDocument) -> String {
    let name_width = document.templates.iter().map(|template| template.name.len()).max().unwrap_or(0).min(60);
    let mut out = String::new();
    for template in &document.templates {
        let stale = if template.stale { " (gone at Meta)" } else { "" };
        let draft =
            if template.draft.is_some() && template.status != "DRAFT" { " (being changed)" } else { "" };
        out += &format!(
            "{:<4} {:<name_width$} {:<6} {:<14} {}{stale}{draft}\n",
            template.account, template.name, template.language, template.category, template.status
        );
    }
    if out.is_empty() {
        "no templates; `consentry template pull` brings those that Meta has\n".to_owned()
    } else {
        out
    }
}

fn submit(desk: &Desk, file: &Path, account: Option<&str>, json: bool) -> Result<Done, Failure> {
    let shown_path = file.display();
    let unusable = |why: String| Failure::Refused(format!("`{shown_path}` cannot be submitted: {why}"));
    let size = std::fs::metadata(file).map_err(|cause| unusable(cause.to_string()))?.len();
    if size > FILE_BYTES_MAX {
        return Err(unusable(format!("it has {size} bytes, and no template has more than {FILE_BYTES_MAX}")));
    }
    let bytes = std::fs::read(file).map_err(|cause| unusable(cause.to_string()))?;
    let template: Value =
        serde_json::from_slice(&bytes).map_err(|cause| unusable(format!("it is not JSON: {cause}")))?;
    let account = match account {
        Some(account) => accounts::find(desk, T, account)?,
        None => match <[_; 1]>::try_from(accounts::all(desk, T)?) {
            Ok([only]) => only,
            Err(several) if several.is_empty() => {
                let text = "no account is connected; `consentry connect` links one";
                return Err(Failure::Refused(text.to_owned()));
            }
            Err(_) => {
                return Err(Failure::Refused(
                    "there are several accounts: name one with --account".to_owned(),
                ));
            }
        },
    };
    let field = |name: &str| text(&template, name).ok_or_else(|| unusable(format!("it has no `{name}`")));
    let id = TemplateId::new(&account.id, &field("name")?, &field("language")?)?;
    // What was being written under this name gives way: the file is the newer word. Its values stay.
    let (version, values) = match templates::find(desk, T, &id) {
        Ok(found) => {
            let of_record = found.record.map(|(record, _)| record.values);
            match found.draft {
                Some((draft, version)) => (Some(version), draft.values),
                None => (None, of_record.unwrap_or_default()),
            }
        }
        Err(DeskError::NotFound(_)) => (None, Map::new()),
        Err(other) => return Err(other.into()),
    };
    templates::keep_draft(desk, T, &id, template.clone(), values, version)?;
    let by = std::env::var("USER").map(|user| format!("cli:{user}")).unwrap_or_else(|_| "cli".to_owned());
    let submitted = templates::submit(desk, T, &id, Some(&by))?;
    print(json, &TemplateDocument::of(&submitted), |document| {
        format!("submitted {} ({}): {}\n", document.name, document.language, document.status)
    })
}
