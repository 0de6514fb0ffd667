//! `consentry vault`: looks after the key of the stored secrets.

use clap::{Args, Subcommand};

use crate::data::{Place, open_for_documents};
use crate::store::TenantId;
use crate::vault::VARIABLE;
use crate::wire::v1::RotatedDocument;

use super::{Done, Failure, print};

#[derive(Args)]
pub(super) struct VaultArgs {
    #[command(subcommand)]
    command: VaultCommand,
}

#[derive(Subcommand)]
enum VaultCommand {
    /// Encrypt every stored secret anew under a new key, while they are used or not. Interrupted, it can be run again.
    #[command(after_help = "Example:\n  consentry vault rotate")]
    Rotate,
}

pub(super) fn run(args: &VaultArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    match args.command {
        VaultCommand::Rotate => {
            let (_store, vault) = open_for_documents(place)?;
            let rotated = vault.rotate_all(&[TenantId::DEFAULT])?;
            let former = rotated.former.map(|path| path.display().to_string());
            print(json, &RotatedDocument { secrets: rotated.secrets, former }, shown)
        }
    }
}

fn shown(document: &RotatedDocument) -> String {
    match (document.secrets, &document.former) {
        (secrets, Some(former)) => format!(
            "{secrets} secrets are under a new key now\nThe former key is in {former}: backups made before need it. Keep it with \
             them, and not here.\n"
        ),
        (0, None) => "there is no secret yet\n".to_owned(),
        (secrets, None) => format!(
            "{secrets} secrets are under the new key now: put it into `{VARIABLE}` on every host, and take the other \
             variable away\n"
        ),
    }
}
