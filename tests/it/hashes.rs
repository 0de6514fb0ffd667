//! Texts are found by the first bits of a hash that several may share. Here they do: among millions of texts some share
//! those bits, and the store must keep them apart all the same, within a batch, across batches, and across joined runs.

use consentry_core::matching::{Keys, Known, NONE, Terms, plan};
use consentry_core::rows::Rows;
use consentry_core::time::UnixMs;
use consentry_core::wire::v1;
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::sqlite::SqliteStore;
use consentry_host::store::{Accepted, Lookup, NewImport, Step, Store, TenantId};
use tempfile::TempDir;

const T: TenantId = TenantId::DEFAULT;
/// Bits of a hash that the packed store keeps.
const KEPT_BITS: u32 = 40;
/// Enough that some pairs share them whatever the seed: n²/2^41, sixteen on average.
const TEXTS: u64 = 6_000_000;

#[test]
fn texts_whose_hashes_begin_alike_are_kept_apart() {
    let folder = TempDir::new().unwrap();
    let (sqlite, memory) = (SqliteStore::open(folder.path()).unwrap(), MemoryStore::new());
    let alike = alike(&sqlite);
    assert!(alike.len() >= 2, "no two texts begin alike");
    let stores: [&dyn Store; 2] = [&sqlite, &memory];
    let imports = stores.map(|store| match store.accept(T, &file()).unwrap() {
        Accepted::New(import) => import,
        other => panic!("{other:?}"),
    });
    // The first of each pair, then others so that runs are joined, then both together.
    let firsts: Vec<&str> = alike.iter().map(|(one, _)| one.as_str()).collect();
    let both: Vec<&str> = alike.iter().flat_map(|(one, other)| [other.as_str(), one.as_str()]).collect();
    let fillers: Vec<String> = (0..500).map(|at| format!("filler{at}")).collect();
    let fillers: Vec<&str> = fillers.iter().map(String::as_str).collect();
    let batches = [&firsts[..], &fillers[..], &both[..], &fillers[..200], &both[..]];
    let mut from_row = 0;
    for (batch, texts) in batches.iter().enumerate() {
        let rows = rows(texts, from_row, batch as u64);
        let to_row = from_row + rows.len() as u64;
        let known = stores.map(|store| {
            let keys = Keys::of(&rows, &store.seed(T).unwrap());
            let mut batches = store.importing(T, imports[0].id).unwrap();
            let known = batches.load(&keys).unwrap();
            let found = led(&keys, &known);
            let terms = Terms {
                import: imports[0].id,
                record: imports[0].new.hash(),
                at: UnixMs(1),
                as_of: None,
                override_opt_outs: false,
            };
            let planned = plan(&rows, &[], &keys, known, &terms);
            batches.commit(&planned, &Step { from_row, to_row }).unwrap();
            (found, planned.counts)
        });
        assert_eq!(known[0], known[1], "batch {batch}");
        from_row = to_row;
    }
    for text in both {
        let found =
            stores.map(|store| store.find(T, &Lookup::Exid(text.to_owned())).unwrap().unwrap().profile);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0].exid.as_deref(), Some(text));
    }
    assert_eq!(sqlite.state_hash(T).unwrap(), memory.state_hash(T).unwrap());
    sqlite.verify(T).unwrap();
}

/// Pairs of texts that the packed store finds under one key.
fn alike(store: &dyn Store) -> Vec<(String, String)> {
    let seed = store.seed(T).unwrap();
    let text = |at: u32| format!("c{at}");
    let mut hashed: Vec<(u64, u32)> =
        (0..TEXTS as u32).map(|at| (seed.hash(&text(at)) >> (64 - KEPT_BITS), at)).collect();
    hashed.sort_unstable();
    let pairs = hashed.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| (text(pair[0].1), text(pair[1].1))).collect()
}

/// The profile that each row's exid leads to.
fn led(keys: &Keys, known: &Known) -> Vec<Option<u64>> {
    let led = |place: &u32| {
        let person = known.exids[*place as usize];
        (person != NONE).then(|| known.people.get(person as usize).id)
    };
    keys.exids.of_row.iter().map(led).collect()
}

fn rows(texts: &[&str], after: u64, batch: u64) -> Rows {
    let mut rows = Rows::with_attributes(0);
    for (text, at) in texts.iter().zip(after + 1..) {
        let number = 905_300_000_000 + at;
        rows.row.push(at);
        rows.line.push(at + 1);
        rows.number.push(number);
        rows.msisdn.push(0);
        rows.permission.push(1 + (batch % 2) as u8);
        rows.codes.push(0);
        rows.exid.push(text);
        rows.email.push("");
        rows.number_cell.push(&format!("+{number}"));
        rows.permission_cell.push("1");
    }
    rows
}

fn file() -> NewImport {
    NewImport {
        file_name: "alike.csv".into(),
        file_sha256: "alike".into(),
        file_bytes: 1,
        options: v1::Options::default(),
        as_of: None,
        override_reason: None,
        engine_sha256: "engine".into(),
        client_digest: None,
        received_at: UnixMs(1),
    }
}
