//! `consentry evidence`: everything that is known of why a number is what it is, as a signed file; and whether such a file is
//! as it was signed, which needs nothing but the file and the public key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::access::Access;
use crate::access::audit::Deed;
use crate::clock::{Clock as _, SystemClock};
use crate::data::{self, Place, open_embedded, open_for_documents};
use crate::engine::hex;
use crate::evidence::key::{KEY_BYTES, SigningKey, unhex};
use crate::evidence::{self, Asked, EvidenceError, Room, pack};
use crate::store::TenantId;
use crate::vault::Vault;
use crate::wire::person::v1::{EvidenceKeyDocument, EvidenceVerdictDocument};

use super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;
/// Longest file that is verified, in bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;

#[derive(Args)]
pub(super) struct EvidenceArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write the evidence of a number or a profile. Beside a running server or without one.
    Export {
        /// A number with its country code, a profile like p12, or anything else that somebody is found by.
        #[arg(value_name = "NUMBER|PROFILE")]
        of: String,
        /// Write to this file instead of stdout.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// See whether every byte of a file is as it was signed; says what was changed. Exit code 1 if it cannot be trusted.
    Verify {
        /// The file.
        file: PathBuf,
        /// The public key that is expected: 64 hexadecimal digits. Without it, that of this data folder.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Print the public key, for whoever is to verify. It is made when there is none.
    Key,
}

pub(super) fn run(args: &EvidenceArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    match &args.verb {
        Verb::Export { of, out } => export(of, out.as_deref(), place),
        Verb::Verify { file, key } => verify(file, key.as_deref(), place, json),
        Verb::Key => {
            let (_, vault) = opened(place)?;
            let public_key = hex(&SigningKey::make(&vault, T)?.public());
            let document = EvidenceKeyDocument { algorithm: "Ed25519", public_key };
            print(json, &document, |document| format!("{}\n", document.public_key))
        }
    }
}

fn export(of: &str, out: Option<&Path>, place: &Place) -> Result<Done, Failure> {
    let (store, vault) = opened(place)?;
    let room = Room {
        store: store.clone(),
        inbox: data::open_inbox(place)?,
        ledger: data::open_ledger(place)?,
        vault: vault.clone(),
    };
    let access = Access::new(store, vault, Arc::new(SystemClock));
    let by = std::env::var("USER").map_or_else(|_| "cli".to_owned(), |user| format!("cli:{user}"));
    let asked = Asked { of, by: &by, at: SystemClock.now(), audit: Some(&access) };
    let pack = evidence::export(&room, &data::engine()?, T, &asked)?;
    // What leaves is noted before it leaves.
    let subject =
        pack.profile.map_or("evidence".to_owned(), |profile| format!("profiles/{profile}/evidence"));
    let verb = "people.evidence".to_owned();
    access.note(T, &Deed { who: by, verb, subject, result: "done", ..Deed::default() })?;
    match out {
        Some(path) => {
            let unwritten =
                |cause| Failure::Refused(format!("`{}` cannot be written: {cause}", path.display()));
            std::fs::write(path, &pack.bytes).map_err(unwritten)?;
            Ok(Done::All)
        }
        None => super::print_bytes(&pack.bytes),
    }
}

fn verify(file: &Path, key: Option<&str>, place: &Place, json: bool) -> Result<Done, Failure> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        Failure::Refused(format!("`{}` cannot be read: {cause}", file.display()))
    };
    if std::fs::metadata(file).map_err(|cause| unreadable(&cause))?.len() > FILE_BYTES_MAX {
        return Err(unreadable(&format!("it has more than {FILE_BYTES_MAX} bytes, and no pack has")));
    }
    let bytes = std::fs::read(file).map_err(|cause| unreadable(&cause))?;
    let expected = match key {
        Some(text) => {
            let wrong = || Failure::Refused("--key is a public key: 64 small hexadecimal digits".to_owned());
            Some(unhex::<KEY_BYTES>(text.trim()).ok_or_else(wrong)?)
        }
        // Whoever verifies need not have any data; and whoever has may not have signed anything yet.
        None => opened(place)
            .ok()
            .and_then(|(_, vault)| SigningKey::find(&vault, T).ok()?)
            .map(|key| key.public()),
    };
    let verdict = pack::verify(&bytes, expected.as_ref());
    print(json, &verdict, verdict_text)?;
    Ok(if verdict.verified { Done::All } else { Done::SomeRejected })
}

/// The store that is there, and its secrets: none is made for a question.
fn opened(place: &Place) -> Result<(Arc<dyn crate::store::Store>, Vault), Failure> {
    if place.database.is_none() {
        open_embedded(&place.folder)?;
    }
    Ok(open_for_documents(place)?)
}

fn verdict_text(verdict: &EvidenceVerdictDocument) -> String {
    let of = verdict.of.as_deref().unwrap_or("?");
    let at = verdict.made_at.as_deref().unwrap_or("?");
    let key = verdict.public_key.as_deref().unwrap_or("?");
    if verdict.verified {
        return format!("verified: the evidence of {of}, made {at}, is as it was signed\nkey {key}\n");
    }
    let mut out =
        format!("NOT verified: {}\n", verdict.why.as_deref().unwrap_or("it is not as it was signed"));
    for part in &verdict.changed {
        out += &format!("  {part}\n");
    }
    if verdict.intact {
        out += &format!("signed with key {key}\n");
    }
    out
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Failure {
        match error {
            EvidenceError::People(error) => error.into(),
            EvidenceError::Store(error) => error.into(),
            EvidenceError::Vault(error) => error.into(),
            EvidenceError::Access(error) => error.into(),
            EvidenceError::Nothing(_) => Failure::Refused(error.to_string()),
        }
    }
}
