//! `consentry profile set`: attributes of people, by file or one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use consentry_core::matching::ProfileId;

use crate::access::Access;
use crate::access::audit::Deed;
use crate::attributes::{self, AttributesError};
use crate::clock::SystemClock;
use crate::data::{self, Data, Place, open_embedded, open_for_reading};
use crate::engine::Engine;
use crate::erasure::{self, ErasureError, Room};
use crate::input::Input;
use crate::people;
use crate::store::{Store, StoredProfile, TenantId};
use crate::wire::person::v1::ErasureDocument;
use crate::wire::v1::AttributesSetDocument;

use super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;

#[derive(Args)]
pub(super) struct ProfileArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Set attributes of people that are known: by a file with a column that says who (profile, exid, email, msisdn or
    /// wpNumber) and a column for each attribute, or of one person with --attribute. Beside a running server or without one.
    #[command(
        after_help = "Example:\n  consentry profile set cities.csv\n  consentry profile set p12 --attribute city=Izmir --attribute old="
    )]
    Set(SetArgs),
    /// Erase a person for good: profile, numbers, what was heard, values of messages, and what the log says of who they are. A mark
    /// that only this installation can read stays, so that no file opts them in again. No other consentry may be using the data.
    #[command(after_help = "Example:\n  consentry profile erase p12 --reason \"asked by letter\" --yes")]
    Erase(EraseArgs),
}

#[derive(Args)]
struct EraseArgs {
    /// Whom: profile, exid, e-mail address or number.
    #[arg(value_name = "WHO")]
    of: String,
    /// Why, without the person's name or number: it stays in the log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
struct SetArgs {
    /// A file; with --attribute a person: profile, exid, e-mail address or number.
    #[arg(value_name = "FILE|PROFILE")]
    of: String,
    /// Name and value, for example city=Izmir; an empty value takes it away. May be given more than once.
    #[arg(long, value_name = "NAME=VALUE")]
    attribute: Vec<String>,
}

pub(super) fn run(args: &ProfileArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let args = match &args.verb {
        Verb::Set(args) => args,
        Verb::Erase(args) => return erase(args, place, json),
    };
    let done =
        if args.attribute.is_empty() { by_file(&PathBuf::from(&args.of), place)? } else { one(args, place)? };
    print(json, &done, shown)?;
    Ok(if done.rejected > 0 { Done::SomeRejected } else { Done::All })
}

fn erase(args: &EraseArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    if place.database.is_none() {
        open_embedded(&place.folder)?;
    }
    let data = Data::open(place, None)?;
    let vault = data.vault()?;
    let room = Room {
        store: data.importer.store.clone(),
        inbox: data.inbox.clone(),
        ledger: data.ledger.clone(),
        uploads: data.importer.uploads.clone(),
        vault: vault.clone(),
    };
    let at = data.importer.clock.now();
    // Whoever is half erased is known by the profile alone.
    let profile = match ProfileId::parse(args.of.trim()) {
        Some(profile) => profile,
        None => found(room.store.as_ref(), &data.importer.engine, &args.of)?.profile.id,
    };
    if erasure::find(room.store.as_ref(), T, profile)?.is_none() {
        let Some(traces) = room.store.traces(T, profile)? else {
            return Err(ErasureError::Nobody(profile).into());
        };
        let events = traces.events;
        eprintln!(
            "{profile} is erased for good: identifiers, attributes, what was heard of them, values of messages sent to them, and \
             their number in {events} events of the log; every uploaded file that was kept goes as well. What stays: that \
             something was said when and on which row, counts, and a mark by which no file opts them in again. Backups keep \
             what they have."
        );
        if !args.yes && super::connect::ask(&format!("Type {profile} to erase: "))? != profile.to_string() {
            return Err(Failure::Refused("nothing was erased".to_owned()));
        }
    }
    let by = std::env::var("USER").map_or_else(|_| "cli".to_owned(), |user| format!("cli:{user}"));
    let record = erasure::erase(&room, T, profile, at, &by, &args.reason)?;
    let access = Access::new(room.store.clone(), vault, Arc::new(SystemClock));
    let (verb, subject) = ("people.erase".to_owned(), format!("profiles/{profile}/erasure"));
    access.note(T, &Deed { who: by, verb, subject, result: "done", ..Deed::default() })?;
    print(json, &ErasureDocument::of(profile, &record), |done| {
        format!(
            "{} is erased: {} events, {} messages, {} things heard, {} files\n",
            done.profile, done.events, done.messages, done.heard, done.files
        )
    })?;
    Ok(Done::All)
}

fn found(store: &dyn Store, engine: &Engine, of: &str) -> Result<StoredProfile, Failure> {
    let unknown = || {
        Failure::Refused(format!(
            "nobody is known by `{}`: name a profile like `p12`, an exid, an e-mail address or a number",
            consentry_core::diagnostic::clip(of)
        ))
    };
    people::find(store, engine, T, of)?.ok_or_else(unknown)
}

fn by_file(path: &Path, place: &Place) -> Result<AttributesSetDocument, Failure> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        let hint = "; to set attributes of one person, give --attribute name=value";
        Failure::Refused(format!("`{}` cannot be read: {cause}{hint}", path.display()))
    };
    let input = Input::open(path).map_err(|cause| unreadable(&cause))?;
    let store = open_for_reading(place)?;
    Ok(attributes::set_by_file(store.as_ref(), &data::engine()?, T, input)?)
}

fn one(args: &SetArgs, place: &Place) -> Result<AttributesSetDocument, Failure> {
    let mut values = BTreeMap::new();
    for pair in &args.attribute {
        let Some((name, value)) = pair.split_once('=') else {
            let text = format!("--attribute `{pair}` is no pair; write for example `--attribute city=Izmir`");
            return Err(Failure::Refused(text));
        };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        if values.insert(name.trim().to_owned(), value).is_some() {
            return Err(Failure::Refused(format!("--attribute names `{name}` twice")));
        }
    }
    let store = open_for_reading(place)?;
    let found = found(store.as_ref(), &data::engine()?, &args.of)?;
    let attributes = values.keys().cloned().collect();
    let profiles = attributes::set_one(store.as_ref(), T, found.profile.id, values)?;
    Ok(AttributesSetDocument {
        attributes,
        rows: 1,
        matched: 1,
        profiles,
        ..AttributesSetDocument::default()
    })
}

fn shown(done: &AttributesSetDocument) -> String {
    let mut out = format!(
        "{} profiles have {} now\n",
        done.profiles,
        done.attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    for trouble in &done.troubles {
        out += &format!("  row {}: `{}`: {}\n", trouble.row, trouble.found, trouble.message);
    }
    let told = done.troubles.len() as u64;
    if done.rejected > told {
        out += &format!("  and {} rows more\n", done.rejected - told);
    }
    out
}

impl From<ErasureError> for Failure {
    fn from(error: ErasureError) -> Failure {
        match error {
            ErasureError::Store(error) => error.into(),
            ErasureError::Vault(error) => error.into(),
            other => Failure::Refused(other.to_string()),
        }
    }
}

impl From<AttributesError> for Failure {
    fn from(error: AttributesError) -> Failure {
        match error {
            AttributesError::Store(error) => error.into(),
            AttributesError::Engine(error) => error.into(),
            other => Failure::Refused(other.to_string()),
        }
    }
}
