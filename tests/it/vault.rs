//! Secrets at rest: they come back as they went in, to whom they belong, under their name, with the right key, and to nobody
//! and nowhere else.

use std::path::Path;
use std::sync::Arc;

use consentry_host::secret::Secret;
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::{Kind, Put, Store, StoreError, TenantId};
use consentry_host::vault::{FILE_NAME, FILE_NAME_NEXT, KeyPlace, MasterKey, Vault, VaultError};
use tempfile::TempDir;

use crate::connecting::{Meta, connect, serve, sync};
use crate::program::Program;

const T: TenantId = TenantId::DEFAULT;
const OTHER: TenantId = TenantId(2);
const TOKEN: &str = "EAAGm0PX4ZCpsBAFakeToken";

fn keep(vault: &Vault, store: &dyn Store, tenant: TenantId, name: &str, text: &str) {
    let sealed = vault.seal(tenant, name, &Secret::new(text)).unwrap();
    store.put_documents(tenant, &[sealed.put()]).unwrap();
}

fn key(digit: &str) -> MasterKey {
    MasterKey::parse(&digit.repeat(64)).unwrap()
}

fn given(digit: &str) -> (Arc<dyn Store>, Vault) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    (store.clone(), Vault::new(store, KeyPlace::Given(key(digit), None)))
}

/// What the store holds under a secret's name.
fn body(store: &dyn Store, tenant: TenantId, key: &str) -> (u64, Vec<u8>) {
    let document = store.document(tenant, Kind::Secret, key).unwrap().unwrap();
    (document.version, document.body)
}

fn overwrite(store: &dyn Store, tenant: TenantId, key: &str, body: &[u8]) {
    let stands = store.document(tenant, Kind::Secret, key).unwrap().map(|document| document.version);
    let put = Put { kind: Kind::Secret, key, expected_version: stands, body: Some(body) };
    store.put_documents(tenant, &[put]).unwrap();
}

#[test]
fn a_secret_comes_back_and_is_nowhere_to_be_read() {
    let (store, vault) = given("1");
    assert_eq!(vault.open(T, "a1/token").unwrap(), None);
    keep(&vault, &*store, T, "a1/token", TOKEN);
    keep(&vault, &*store, OTHER, "a1/token", "another");
    assert_eq!(vault.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    assert_eq!(vault.open(OTHER, "a1/token").unwrap().unwrap().reveal(), "another");
    let first = body(&*store, T, "of/a1/token").1;
    let shown = String::from_utf8_lossy(&first);
    assert!(!shown.contains(&TOKEN[..6]), "{shown}");
    keep(&vault, &*store, T, "a1/token", TOKEN);
    assert_ne!(body(&*store, T, "of/a1/token").1, first, "the same is never encrypted twice to the same");
    let forget = vault.forget(T, "a1/token").unwrap().unwrap();
    store.put_documents(T, &[forget.put()]).unwrap();
    assert_eq!(vault.open(T, "a1/token").unwrap(), None);
    assert!(vault.forget(T, "a1/token").unwrap().is_none());
    assert!(!format!("{:?}", key("1")).contains("11"));
}

#[test]
fn a_byte_that_was_changed_is_found() {
    let (store, vault) = given("1");
    keep(&vault, &*store, T, "a1/token", TOKEN);
    for name in ["of/a1/token", "data-key"] {
        let good = body(&*store, T, name).1;
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            overwrite(&*store, T, name, &bad);
            assert!(vault.open(T, "a1/token").is_err(), "byte {at} of {name}");
        }
        for length in [0, 1, 9, 20, good.len() - 1] {
            overwrite(&*store, T, name, &good[..length]);
            assert!(vault.open(T, "a1/token").is_err(), "{length} bytes of {name}");
        }
        overwrite(&*store, T, name, &good);
    }
    assert_eq!(vault.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
}

#[test]
fn nothing_stands_in_anothers_place() {
    let (store, vault) = given("1");
    keep(&vault, &*store, T, "a1/token", TOKEN);
    keep(&vault, &*store, T, "a2/token", "second");
    keep(&vault, &*store, OTHER, "a1/token", "theirs");
    let (mine, theirs) = (body(&*store, T, "of/a1/token").1, body(&*store, OTHER, "of/a1/token").1);
    // Another name's.
    overwrite(&*store, T, "of/a2/token", &mine);
    assert!(matches!(vault.open(T, "a2/token"), Err(VaultError::Damaged(name)) if name == "a2/token"));
    // Another tenant's, alone and with its key.
    overwrite(&*store, T, "of/a1/token", &theirs);
    assert!(matches!(vault.open(T, "a1/token"), Err(VaultError::Damaged(_))));
    overwrite(&*store, T, "data-key", &body(&*store, OTHER, "data-key").1);
    assert!(matches!(vault.open(T, "a1/token"), Err(VaultError::Damaged(_))));
}

#[test]
fn another_key_is_told_and_rotating_leaves_nothing_of_the_old_one() {
    let (store, old) = given("1");
    keep(&old, &*store, T, "a1/token", TOKEN);
    keep(&old, &*store, T, "a1/app-secret", "hush");
    let stale = body(&*store, T, "of/a1/token").1;
    let new = Vault::new(store.clone(), KeyPlace::Given(key("2"), None));
    let refused = new.open(T, "a1/token").unwrap_err();
    assert!(matches!(refused, VaultError::WrongKey(_)), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("CONSENTRY_SECRET_KEY") && said.contains("connected again"), "{said}");
    assert!(matches!(new.seal(T, "a1/token", &Secret::new("x")), Err(VaultError::WrongKey(_))));

    old.rotate(T, &key("2")).unwrap();
    assert_eq!(new.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    assert_eq!(new.open(T, "a1/app-secret").unwrap().unwrap().reveal(), "hush");
    assert!(matches!(old.open(T, "a1/token"), Err(VaultError::WrongKey(_))));
    overwrite(&*store, T, "of/a1/token", &stale);
    assert!(matches!(new.open(T, "a1/token"), Err(VaultError::Damaged(_))), "an old backup's secret is none");
    old.rotate(OTHER, &key("2")).unwrap();
}

#[test]
fn the_key_file_is_made_once_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let (store, place) = (Arc::new(MemoryStore::new()), KeyPlace::File(data.join(FILE_NAME)));
    let vault = Vault::new(store.clone(), place.clone());
    assert_eq!(vault.open(T, "a1/token").unwrap(), None);
    assert!(!data.exists(), "nothing is made before there is a secret");
    keep(&vault, &*store, T, "a1/token", TOKEN);
    let text = std::fs::read_to_string(data.join(FILE_NAME)).unwrap();
    assert_eq!(text.trim().len(), 64);
    assert_eq!(mode(&data.join(FILE_NAME)), 0o600);
    assert_eq!(Vault::new(store.clone(), place).open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    // As the variable has it, in either spelling.
    for spelled in [text.clone(), base64(&text)] {
        let given = Vault::new(store.clone(), KeyPlace::Given(MasterKey::parse(&spelled).unwrap(), None));
        assert_eq!(given.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    }
    std::fs::write(data.join(FILE_NAME), "cut o").unwrap();
    assert!(matches!(vault.open(T, "a1/token"), Err(VaultError::File { .. })));
    std::fs::remove_file(data.join(FILE_NAME)).unwrap();
    let missing = vault.open(T, "a1/token").unwrap_err();
    assert!(matches!(missing, VaultError::Missing(_)), "{missing}");
    assert!(matches!(vault.seal(T, "a1/token", &Secret::new("x")), Err(VaultError::Missing(_))));
    assert!(!data.join(FILE_NAME).exists(), "a new key would hide that the old one is gone");
    // Once what was under it is removed, life goes on.
    let forget = vault.forget(T, "a1/token").unwrap().unwrap();
    store.put_documents(T, &[forget.put()]).unwrap();
    keep(&vault, &*store, T, "a1/token", "new");
    assert_eq!(vault.open(T, "a1/token").unwrap().unwrap().reveal(), "new");
    for odd in ["", "12", &"g".repeat(64), &"1".repeat(63), "AAAA"] {
        assert!(matches!(MasterKey::parse(odd), Err(VaultError::Variable)), "{odd}");
    }
}

#[test]
fn hosts_that_begin_together_agree_on_one_key() {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    std::thread::scope(|scope| {
        for host in 0..8 {
            let place = KeyPlace::File(folder.path().join(FILE_NAME));
            let vault = Vault::new(store.clone(), place);
            let store = store.clone();
            scope.spawn(move || {
                let name = format!("a{host}/token");
                loop {
                    let sealed = vault.seal(T, &name, &Secret::new(&name)).unwrap();
                    match store.put_documents(T, &[sealed.put()]) {
                        Ok(_) => break,
                        Err(StoreError::Overtaken) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    let vault = Vault::new(store, KeyPlace::File(folder.path().join(FILE_NAME)));
    for host in 0..8 {
        let name = format!("a{host}/token");
        assert_eq!(vault.open(T, &name).unwrap().unwrap().reveal(), name);
    }
}

/// A data folder with two tenants' secrets, and its vault.
fn in_files() -> (TempDir, Arc<dyn Store>, Vault) {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let vault = Vault::new(store.clone(), KeyPlace::File(folder.path().join(FILE_NAME)));
    keep(&vault, &*store, T, "a1/token", TOKEN);
    keep(&vault, &*store, T, "a1/app-secret", "hush");
    keep(&vault, &*store, OTHER, "a1/token", "theirs");
    (folder, store, vault)
}

fn assert_readable(vault: &Vault) {
    for (tenant, name, text) in
        [(T, "a1/token", TOKEN), (T, "a1/app-secret", "hush"), (OTHER, "a1/token", "theirs")]
    {
        assert_eq!(vault.open(tenant, name).unwrap().unwrap().reveal(), text);
    }
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one_when_nothing_is_under_it() {
    let (folder, store, vault) = in_files();
    let path = folder.path().join(FILE_NAME);
    let before = std::fs::read_to_string(&path).unwrap();
    let rotated = vault.rotate_all(&[T, OTHER]).unwrap();
    assert_eq!(rotated.secrets, 3);
    assert_readable(&vault);
    let after = std::fs::read_to_string(&path).unwrap();
    assert_ne!(after, before);
    assert!(!folder.path().join(FILE_NAME_NEXT).exists());
    let former = rotated.former.unwrap();
    assert_eq!(
        (std::fs::read_to_string(&former).unwrap(), mode(&former), mode(&path)),
        (before.clone(), 0o600, 0o600)
    );
    let old = Vault::new(store.clone(), KeyPlace::Given(MasterKey::parse(&before).unwrap(), None));
    assert!(matches!(old.open(T, "a1/token"), Err(VaultError::WrongKey(_))), "nothing is under the old key");
    keep(&vault, &*store, T, "a2/token", "later");
    assert_eq!(vault.open(T, "a2/token").unwrap().unwrap().reveal(), "later");
    // Once more, and each former key has its own name.
    let again = vault.rotate_all(&[T, OTHER]).unwrap();
    assert!(again.secrets == 4 && again.former.unwrap() != former);
    assert_readable(&vault);
}

#[test]
fn wherever_moving_to_another_key_is_interrupted_everything_can_be_read_and_it_can_be_gone_on_with() {
    // The new key is there; then one tenant's secrets are under it; then all are, and its file has yet to move.
    for done in 0..=2 {
        let (folder, store, vault) = in_files();
        std::fs::write(folder.path().join(FILE_NAME_NEXT), "5".repeat(64)).unwrap();
        for tenant in [T, OTHER].iter().take(done) {
            vault.rotate(*tenant, &key("5")).unwrap();
        }
        assert_readable(&vault);
        // Who connects an account meanwhile loses nothing.
        keep(&vault, &*store, TenantId(9), "a1/token", "new");
        let rotated = vault.rotate_all(&[T, OTHER, TenantId(9)]).unwrap();
        assert_eq!(rotated.secrets, 4, "{done}");
        assert_readable(&vault);
        assert_eq!(vault.open(TenantId(9), "a1/token").unwrap().unwrap().reveal(), "new");
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(), "5".repeat(64));
        assert!(!folder.path().join(FILE_NAME_NEXT).exists());
    }
}

#[test]
fn what_was_sealed_before_the_key_changed_is_not_stored_after_it() {
    let (_folder, store, vault) = in_files();
    let guard = vault.guard(T).unwrap();
    let sealed = vault.seal(T, "a2/token", &Secret::new("late")).unwrap();
    vault.rotate_all(&[T, OTHER]).unwrap();
    let late = store.put_documents(T, &[guard.put(), sealed.put()]);
    assert!(matches!(late, Err(StoreError::Overtaken)), "{late:?}");
    let (guard, sealed) = (vault.guard(T).unwrap(), vault.seal(T, "a2/token", &Secret::new("late")).unwrap());
    store.put_documents(T, &[guard.put(), sealed.put()]).unwrap();
    assert_eq!(vault.open(T, "a2/token").unwrap().unwrap().reveal(), "late");
}

#[test]
fn a_key_of_a_variable_moves_to_the_one_that_is_given() {
    let (store, old) = given("1");
    keep(&old, &*store, T, "a1/token", TOKEN);
    assert!(matches!(old.rotate_all(&[T]), Err(VaultError::NoNext)));
    // Every host gets both before it begins.
    let both = Vault::new(store.clone(), KeyPlace::Given(key("1"), Some(key("2"))));
    assert_eq!(both.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    assert_eq!(both.rotate_all(&[T]).unwrap().secrets, 1);
    for vault in [both, Vault::new(store.clone(), KeyPlace::Given(key("2"), None))] {
        assert_eq!(vault.open(T, "a1/token").unwrap().unwrap().reveal(), TOKEN);
    }
}

#[test]
fn the_command_moves_the_secrets_beside_a_server_that_uses_them() {
    let (meta, program) = (Meta::new(""), Program::new());
    let nothing = program.json(&["vault", "rotate"]);
    assert_eq!(nothing, serde_json::json!({"secrets": 0}));
    let server = serve(&program, &meta);
    connect(&server);
    let before = std::fs::read(program.data().join(FILE_NAME)).unwrap();
    let said = program.run(&["vault", "rotate"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("2 secrets") && said.stdout.contains("secret.key."), "{}", said.stdout);
    assert_ne!(std::fs::read(program.data().join(FILE_NAME)).unwrap(), before);
    assert_eq!(sync(&server)["state"], "done");
    connect(&server);
    assert_eq!(program.json(&["vault", "rotate"])["secrets"], 2);
    // Given by a variable, the next one has to be given too.
    let mut given = program.command(&["vault", "rotate"]);
    let refused = given.env("CONSENTRY_SECRET_KEY", "1".repeat(64)).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("CONSENTRY_SECRET_KEY_NEXT"));
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0o600
}

fn base64(hex: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hex = hex.trim();
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain([&0; 2]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for at in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]));
        }
        text.push_str(&"=".repeat(3 - chunk.len()));
    }
    text
}
