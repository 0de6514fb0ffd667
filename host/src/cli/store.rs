//! `consentry store`: backup, restore, verify, migrate.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::data::{self, DatabaseUrl, Place, note_backup, open_embedded, open_for_reading};
use crate::store::TenantId;
use crate::store::inbox::{self, SqliteInbox};
use crate::store::ledger::{self, SqliteLedger};
use crate::store::sqlite::FILE_NAME;
use crate::vault;
use crate::wire::v1::StoreDocument;

use super::{Done, Failure, print};

#[derive(Args)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Subcommand)]
enum StoreCommand {
    /// Copy the embedded store and its files into a new folder, while it is used or not. For a database, use its own
    /// tools: docs/scale.md says how.
    Backup {
        /// The folder to make.
        folder: PathBuf,
        /// Copy the key of the stored secrets as well. Whoever has a backup with it can use the connected accounts.
        #[arg(long)]
        with_secret_key: bool,
    },
    /// Make a new data folder (--data) from a backup, after verifying it.
    Restore {
        /// A folder that `store backup` made.
        folder: PathBuf,
    },
    /// Recompute the whole evidence log, and see that every profile stands where it should and is found.
    Verify,
    /// Copy the embedded store (--data) into an empty PostgreSQL database, and see that it says the same.
    Migrate {
        /// Where to.
        #[arg(long, value_name = "postgres://…")]
        to: String,
    },
}

pub(super) fn run(args: &StoreArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    match &args.command {
        StoreCommand::Backup { folder, with_secret_key } => {
            print(json, &backup(place, folder, *with_secret_key)?, shown)
        }
        StoreCommand::Restore { folder } => print(json, &restore(place, folder)?, shown),
        StoreCommand::Verify => print(json, &verified("verified", place, None)?, shown),
        StoreCommand::Migrate { to } => {
            let source = open_embedded(&place.folder)?;
            // Nobody may import into what is being left.
            let _lock = data::lock(&place.folder)?;
            let to = DatabaseUrl::new(to);
            data::migrate(&source, &place.folder, &to)?;
            let there = Place { folder: place.folder.clone(), database: Some(to) };
            print(json, &verified("migrated", &there, None)?, shown)
        }
    }
}

fn shown(document: &StoreDocument) -> String {
    let StoreDocument { done, folder, profiles, events, state_hash } = document;
    let folder = folder.as_ref().map(|folder| format!(" as {folder}")).unwrap_or_default();
    format!(
        "{done}{folder}: {profiles} profiles, {events} events of evidence, nothing amiss\nstate {state_hash}\n"
    )
}

fn verified(done: &'static str, place: &Place, folder: Option<&Path>) -> Result<StoreDocument, Failure> {
    let store = open_for_reading(place)?;
    Ok(StoreDocument {
        done,
        folder: folder.map(|folder| folder.display().to_string()),
        events: store.verify(TenantId::DEFAULT)?,
        profiles: store.profile_count(TenantId::DEFAULT)?,
        state_hash: crate::engine::hex(&store.state_hash(TenantId::DEFAULT)?),
    })
}

/// The files of uploads never change once they have their name, so that they can be copied at any time; the database is
/// copied as it is at one moment, before them: no import in it lacks its file. The inbox comes before both: what it says was
/// acted on is in the database's copy, and what was acted on between the two is acted on again, which changes nothing. The
/// ledger comes before all: what it has heard is in the inbox's copy, and what was heard between the two is heard again.
fn backup(place: &Place, folder: &Path, with_secret_key: bool) -> Result<StoreDocument, Failure> {
    if place.database.is_some() {
        let text = "`store backup` copies the embedded store; back a database up with its own tools, see docs/scale.md";
        return Err(Failure::Refused(text.to_owned()));
    }
    let store = open_embedded(&place.folder)?;
    let unusable = |cause: std::io::Error| {
        Failure::Refused(format!("`{}` cannot be written: {cause}", folder.display()))
    };
    new_folder(folder)?;
    SqliteLedger::open(&place.folder)?.back_up(folder)?;
    SqliteInbox::open(&place.folder)?.back_up(folder)?;
    store.back_up(folder)?;
    copy_files(&place.folder.join("uploads"), &folder.join("uploads")).map_err(unusable)?;
    if with_secret_key {
        copy_key(&place.folder, folder).map_err(unusable)?;
    }
    let made = verified("backed up", &Place { folder: folder.to_owned(), database: None }, Some(folder))?;
    note_backup(&store)?;
    Ok(made)
}

fn restore(place: &Place, backup: &Path) -> Result<StoreDocument, Failure> {
    // What is damaged is told before anything is made of it.
    let from = Place { folder: backup.to_owned(), database: None };
    let before = verified("verified", &from, None)?;
    let folder = &place.folder;
    let unusable = |cause: std::io::Error| {
        Failure::Refused(format!("`{}` cannot be written: {cause}", folder.display()))
    };
    new_folder(folder)?;
    copy_files(&backup.join("uploads"), &folder.join("uploads")).map_err(unusable)?;
    copy_key(backup, folder).map_err(unusable)?;
    // A backup from before there was an inbox or a ledger has none.
    for name in [inbox::FILE_NAME, ledger::FILE_NAME] {
        if backup.join(name).exists() {
            let target = folder.join(name);
            fs::copy(backup.join(name), &target).map_err(unusable)?;
            fs::File::open(&target).and_then(|file| file.sync_all()).map_err(unusable)?;
        }
    }
    // The database comes last and by a name of its own first: half a restore is no data folder.
    let part = folder.join("restoring.part");
    fs::copy(backup.join(FILE_NAME), &part).map_err(unusable)?;
    fs::File::open(&part).and_then(|file| file.sync_all()).map_err(unusable)?;
    fs::rename(&part, folder.join(FILE_NAME)).map_err(unusable)?;
    let after = verified("restored", place, Some(folder))?;
    if after.state_hash != before.state_hash {
        return Err(Failure::Fault("the restored store does not say what the backup says".to_owned()));
    }
    Ok(after)
}

/// Makes a folder that is not there or has nothing in it, for its owner alone.
fn new_folder(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::Refused(format!("`{shown}` is not empty; name a new folder")));
    }
    data::make_private(folder).map_err(|cause| Failure::Refused(format!("`{shown}` cannot be made: {cause}")))
}

/// Copies the key of the secrets, where there is one, for its owner alone.
fn copy_key(from: &Path, to: &Path) -> std::io::Result<()> {
    // Where secrets were moving to another key, they are under either.
    for name in [vault::FILE_NAME, vault::FILE_NAME_NEXT] {
        let key = match fs::read(from.join(name)) {
            Ok(key) => zeroize::Zeroizing::new(key),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut file = tempfile::NamedTempFile::new_in(to)?;
        file.write_all(&key)?;
        file.as_file().sync_all()?;
        file.persist(to.join(name)).map_err(|error| error.error)?;
    }
    Ok(())
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    data::make_private(to)?;
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_none_or(|kind| kind != "part")) {
            let target = to.join(name);
            fs::copy(&path, &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}
