//! `consentry profile set`: attributes of people, by file or one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::attributes::{self, AttributesError};
use crate::data::{self, Place, open_for_reading};
use crate::input::Input;
use crate::people;
use crate::store::TenantId;
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
    let Verb::Set(args) = &args.verb;
    let done =
        if args.attribute.is_empty() { by_file(&PathBuf::from(&args.of), place)? } else { one(args, place)? };
    print(json, &done, shown)?;
    Ok(if done.rejected > 0 { Done::SomeRejected } else { Done::All })
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
    let found = people::find(store.as_ref(), &data::engine()?, T, &args.of)?;
    let found = found.ok_or_else(|| {
        Failure::Refused(format!(
            "nobody is known by `{}`: name a profile like `p12`, an exid, an e-mail address or a number",
            consentry_core::diagnostic::clip(&args.of)
        ))
    })?;
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

impl From<AttributesError> for Failure {
    fn from(error: AttributesError) -> Failure {
        match error {
            AttributesError::Store(error) => error.into(),
            AttributesError::Engine(error) => error.into(),
            other => Failure::Refused(other.to_string()),
        }
    }
}
