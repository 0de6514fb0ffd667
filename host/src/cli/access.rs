//! `consentry user`, `key` and `audit`: who may come in, for whoever may run commands on the machine. That is how somebody
//! gets in again when nobody else can let them in; the audit tells of it like of everything else.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::{Args, Subcommand};
use consentry_core::time::UnixMs;

use crate::access::audit::{Deed, hex};
use crate::access::{Access, AccessError, Who};
use crate::clock::{Clock as _, SystemClock};
use crate::data::{Place, open_for_documents};
use crate::store::TenantId;
use crate::wire::access::v1::{
    AuditDocument, KeyDocument, KeysDocument, LinkDocument, NewKeyDocument, NoteDocument, PeopleDocument,
    PersonDocument, VerifiedDocument,
};

use super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;
const DAY_MS: i64 = 24 * 3_600_000;

#[derive(Args)]
pub(super) struct UserArgs {
    #[command(subcommand)]
    verb: UserVerb,
}

#[derive(Subcommand)]
enum UserVerb {
    /// Invite somebody: prints a link that works once, for a day.
    Invite {
        /// E-mail address.
        email: String,
        /// How others call them; the address where it is left out.
        #[arg(long)]
        name: Option<String>,
        /// viewer, importer, campaigner, approver, admin or auditor. May be given more than once.
        #[arg(long, value_name = "ROLE", required = true)]
        role: Vec<String>,
        #[command(flatten)]
        at: At,
    },
    /// Everybody, with their roles.
    List,
    /// Print a new link for somebody; their password and codes work no longer.
    Reset {
        /// E-mail address.
        email: String,
        #[command(flatten)]
        at: At,
    },
}

/// Where people reach the panel.
#[derive(Args)]
struct At {
    /// Address of the panel, for the link.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8787", env = "CONSENTRY_PUBLIC_URL")]
    url: String,
}

#[derive(Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    verb: KeyVerb,
}

#[derive(Subcommand)]
enum KeyVerb {
    /// Make a key; it is shown once.
    Create {
        /// What it is for.
        name: String,
        /// What it may do: look, export, import, opt-out, lift-opt-outs, templates, campaigns, send, stop, accounts or audit.
        /// May be given more than once.
        #[arg(long, value_name = "RIGHT", required = true)]
        scope: Vec<String>,
        /// How long it works; until it is revoked where this is left out.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// Every key, without what makes it work.
    List,
    /// A key works no longer.
    Revoke {
        /// Its id, like k1.
        key: String,
    },
}

#[derive(Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Subcommand)]
enum AuditVerb {
    /// The latest notes, the last one first.
    List {
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Notes before this number.
        #[arg(long)]
        before: Option<u64>,
    },
    /// Recompute every hash, and see that no note is missing.
    Verify,
}

pub(super) fn user(args: &UserArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let access = open(place)?;
    match &args.verb {
        UserVerb::Invite { email, name, role, at } => {
            let made = access.invite(T, email, name.as_deref().unwrap_or(email), role, &by());
            noted(&access, "person.invite", &format!("people/{email}"), made.is_ok())?;
            let (person, token) = made?;
            let document =
                LinkDocument { person: PersonDocument::of(person), link: link(at, token.reveal()) };
            print(json, &document, link_text)
        }
        UserVerb::List => print(json, &PeopleDocument::of(access.people(T)?), |document| {
            let line = |person: &PersonDocument| {
                format!("{}  {}  {}  {}\n", person.email, person.state, person.roles.join(","), person.name)
            };
            document.people.iter().map(line).collect()
        }),
        UserVerb::Reset { email, at } => {
            let made = access.reset(T, email);
            noted(&access, "person.reset", &format!("people/{email}/link"), made.is_ok())?;
            let (person, token) = made?;
            let document =
                LinkDocument { person: PersonDocument::of(person), link: link(at, token.reveal()) };
            print(json, &document, link_text)
        }
    }
}

pub(super) fn key(args: &KeyArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let access = open(place)?;
    let line =
        |key: &KeyDocument| format!("{}  {}  {}  {}\n", key.key, key.state, key.scopes.join(","), key.name);
    match &args.verb {
        KeyVerb::Create { name, scope, days } => {
            let end = days.map(|days| UnixMs(SystemClock.now().0 + i64::from(days) * DAY_MS));
            let made = access.create_key(&Who::local(), name, scope, end, &by());
            let id = made.as_ref().map_or("keys".to_owned(), |(key, _)| format!("keys/{}", key.id));
            noted(&access, "key.create", &id, made.is_ok())?;
            let (key, token) = made?;
            let document = NewKeyDocument { key: KeyDocument::of(key), token: token.reveal().to_owned() };
            print(json, &document, |document| {
                format!(
                    "{}{}\nKeep it where your program finds it: it is not shown again.\n",
                    line(&document.key),
                    document.token
                )
            })
        }
        KeyVerb::List => print(json, &KeysDocument::of(access.keys(T)?), |document| {
            document.keys.iter().map(line).collect()
        }),
        KeyVerb::Revoke { key } => {
            let revoked = access.revoke_key(T, key);
            noted(&access, "key.revoke", &format!("keys/{key}"), revoked.is_ok())?;
            print(json, &KeyDocument::of(revoked?), line)
        }
    }
}

pub(super) fn audit(args: &AuditArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let access = open(place)?;
    match args.verb {
        AuditVerb::List { limit, before } => {
            let mut notes = access.notes(T, before, limit.saturating_add(1))?;
            let more = notes.len() > limit;
            notes.truncate(limit);
            let notes = notes.into_iter().map(NoteDocument::of).collect();
            print(json, &AuditDocument { notes, more }, audit_text)
        }
        AuditVerb::Verify => {
            let end = access.verify_notes(T)?;
            let hash = hex(&end.hash);
            let document = VerifiedDocument { intact: true, notes: end.notes, hash, why: None };
            print(json, &document, |document| {
                format!(
                    "{} notes, all as they were written\nhash of the last one: {}\nWritten down elsewhere, it proves all before it.\n",
                    document.notes, document.hash
                )
            })
        }
    }
}

fn open(place: &Place) -> Result<Access, Failure> {
    let (store, vault) = open_for_documents(place)?;
    Ok(Access::new(store, vault, Arc::new(SystemClock)))
}

/// Who runs this, as far as the machine says.
fn by() -> String {
    std::env::var("USER").map_or_else(|_| "cli".to_owned(), |user| format!("cli:{user}"))
}

fn noted(access: &Access, verb: &str, subject: &str, is_done: bool) -> Result<(), Failure> {
    let (verb, subject) = (verb.to_owned(), subject.to_owned());
    let result = if is_done { "done" } else { "refused" };
    Ok(access.note(T, &Deed { who: by(), verb, subject, result, ..Deed::default() })?)
}

fn link(at: &At, token: &str) -> String {
    format!("{}/#welcome={token}", at.url.trim_end_matches('/'))
}

fn link_text(document: &LinkDocument) -> String {
    format!("{}\nIt lets {} in once, for a day.\n", document.link, document.person.email)
}

fn audit_text(document: &AuditDocument) -> String {
    document.notes.iter().fold(String::new(), |mut out, note| {
        let NoteDocument { seq, at, who, verb, subject, from, result, .. } = note;
        let _ = writeln!(out, "{seq}  {at}  {who}  {verb}  {subject}  {from}  {result}");
        out
    })
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Failure {
        match error {
            AccessError::Store(error) => error.into(),
            AccessError::Vault(error) => error.into(),
            AccessError::Random(_) | AccessError::Damaged(_) => Failure::Fault(error.to_string()),
            other => Failure::Refused(other.to_string()),
        }
    }
}
