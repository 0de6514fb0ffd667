//! Secrets at rest: they come back as they went in, to whom they belong, under their name, with the right key, and to nobody
//! and nowhere else.

use std::path::Path;
use std::sync::Arc;

use consentry_host::secret::Secret;
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::{Kind, Put, Store, StoreError, TenantId};
use consentry_host::vault::{FILE_NAME, KeyPlace, MasterKey, Vault, VaultError};
use tempfile::TempDir;

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
    (store.clone(), Vault::new(store, KeyPlace::Given(key(digit))))
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
    let new = Vault::new(store.clone(), KeyPlace::Given(key("2")));
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
        let given = Vault::new(store.clone(), KeyPlace::Given(MasterKey::parse(&spelled).unwrap()));
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
