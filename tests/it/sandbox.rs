//! Engines that misbehave. Whatever a module does, it costs its own check: an error of the right kind, never the
//! process, and the next check of any engine goes on as if nothing had been.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use consentry_core::wire::v1;
use consentry_host::engine::{Check, Emit, Engine, EngineError, EngineLimits, PLUGIN};
use tempfile::TempDir;
use wasmparser::{Parser, Payload};

use crate::vectors::shipped_engine;

/// Small enough that a test notices within a second.
const LIMITS: EngineLimits =
    EngineLimits { memory_bytes_max: 4 << 20, call_time_max: Duration::from_millis(200) };
/// What [`Guest`] says about itself, and where it lies in its memory.
const ABOUT: &str = r#"{"version":"0","number_metadata":"0"}"#;
const ABOUT_AT: usize = 16;

/// A module that speaks the ABI and does nothing, but for the parts a test replaces.
struct Guest {
    abi: &'static str,
    extra: &'static str,
    memory: &'static str,
    input: &'static str,
    begin: &'static str,
    feed: &'static str,
    finish: String,
}

impl Default for Guest {
    fn default() -> Guest {
        Guest {
            abi: r#"(func (export "consentry_abi_v1"))"#,
            extra: "",
            memory: r#"(memory (export "memory") 2)"#,
            input: "i32.const 1024",
            begin: "i64.const 0",
            feed: "",
            finish: about(),
        }
    }
}

/// The packed answer that points at [`ABOUT`].
fn about() -> String {
    format!("i64.const {}", ABOUT.len() << 32 | ABOUT_AT)
}

impl Guest {
    fn wasm(&self) -> Vec<u8> {
        let Guest { abi, extra, memory, input, begin, feed, finish } = self;
        let text = format!(
            r#"(module {extra} {memory} {abi}
                (data (i32.const {ABOUT_AT}) "{}")
                (func $recurse (call $recurse))
                (func (export "consentry_describe") (result i64) {})
                (func (export "consentry_input") (param i32) (result i32) {input})
                (func (export "consentry_check_begin") (param i32) (result i64) {begin})
                (func (export "consentry_check_feed") {feed})
                (func (export "consentry_take_rows") (result i64) {finish})
                (func (export "consentry_check_finish") (result i64) {finish}))"#,
            ABOUT.replace('"', "\\\""),
            about()
        );
        wat::parse_str(text).unwrap()
    }

    fn load(&self) -> Result<Engine, EngineError> {
        Engine::load_within(&self.wasm(), None, LIMITS)
    }

    fn check(&self) -> Result<Check, EngineError> {
        self.load()?.check(&v1::Options::default(), Emit::default())
    }
}

#[test]
fn the_shipped_engine_wants_nothing_and_names_its_abi() {
    let (mut imports, mut exports) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(PLUGIN) {
        match payload.unwrap() {
            Payload::ImportSection(section) => imports += section.count(),
            Payload::ExportSection(section) => {
                exports.extend(section.into_iter().map(|export| export.unwrap().name));
            }
            _ => {}
        }
    }
    assert_eq!(imports, 0);
    let abi: Vec<_> = exports.iter().filter(|name| name.starts_with("consentry_abi_")).collect();
    assert_eq!(abi, [&"consentry_abi_v1"]);
}

#[test]
fn a_well_behaved_guest_is_an_engine() {
    let engine = Guest::default().load().unwrap();
    assert_eq!(engine.about().version, "0");
    let mut check = engine.check(&v1::Options::default(), Emit::default()).unwrap();
    check.feed(b"anything").unwrap();
    // What it answers is read, and is no report.
    assert!(matches!(check.finish(), Err(EngineError::Nonsense { call: "consentry_check_finish", .. })));
}

#[test]
fn a_trap_costs_one_check() {
    for (feed, cause) in [
        ("unreachable", "unreachable"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "divide"),
        ("(drop (i32.load (i32.const 0x7fffffff)))", "memory"),
        ("(call $recurse)", "stack"),
    ] {
        let engine = Guest { feed, ..Guest::default() }.load().unwrap();
        let mut check = engine.check(&v1::Options::default(), Emit::default()).unwrap();
        match check.feed(b"x") {
            Err(EngineError::Trapped { call: "consentry_check_feed", cause: told }) => {
                assert!(told.contains(cause), "{feed}: {told}");
            }
            other => panic!("{feed}: {other:?}"),
        }
        engine.check(&v1::Options::default(), Emit::default()).expect("the next check is another instance");
    }
    let mut check = shipped_engine().check(&v1::Options::default(), Emit::default()).unwrap();
    check.feed(b"wpNumber,permission\n+905301112233,1\n").unwrap();
    assert_eq!(check.finish().unwrap().counts.accepted, 1);
}

#[test]
fn a_call_that_never_ends_is_broken_off() {
    let mut check = Guest { feed: "(loop (br 0))", ..Guest::default() }.check().unwrap();
    match check.feed(b"x") {
        Err(EngineError::Trapped { call: "consentry_check_feed", cause }) => {
            assert!(cause.contains("longer than"), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn memory_without_end_is_refused() {
    let feed = "(loop (drop (memory.grow (i32.const 1))) (br 0))";
    let mut check = Guest { feed, ..Guest::default() }.check().unwrap();
    match check.feed(b"x") {
        Err(EngineError::Trapped { call: "consentry_check_feed", cause }) => {
            assert!(!cause.contains("longer than"), "it ran into the deadline instead: {cause}");
        }
        other => panic!("{other:?}"),
    }
    let memory = r#"(memory (export "memory") 128)"#;
    assert!(matches!(
        Guest { memory, ..Guest::default() }.load(),
        Err(EngineError::Trapped { call: "start", .. })
    ));
}

#[test]
fn answers_outside_its_memory_are_nonsense() {
    // The last byte the host would write to is one past the two pages.
    for input in ["i32.const 131071", "i32.const -1"] {
        let begun = Guest { input, ..Guest::default() }.check();
        assert!(matches!(begun, Err(EngineError::Nonsense { call: "consentry_input", .. })), "{input}");
    }
    for finish in [2_i64 << 32 | 131_071, 1 << 32 | 0xFFFF_FFFF, -1] {
        let mut check = Guest { finish: format!("i64.const {finish}"), ..Guest::default() }.check().unwrap();
        assert!(matches!(check.finish(), Err(EngineError::Nonsense { call: "consentry_check_finish", .. })));
        assert!(matches!(check.take_rows(), Err(EngineError::Nonsense { call: "consentry_take_rows", .. })));
    }
    let mut check = Guest::default().check().unwrap();
    assert!(matches!(check.take_rows(), Err(EngineError::Nonsense { call: "consentry_take_rows", .. })));
    let refusal = Guest { begin: "i64.const 0x7fffffff00000000", ..Guest::default() }.check();
    assert!(matches!(refusal, Err(EngineError::Nonsense { call: "consentry_check_begin", .. })));
}

#[test]
fn what_is_no_engine_is_said_to_be_none() {
    let unusable = |guest: Guest, names: &str| match guest.load() {
        Err(EngineError::Unusable(why)) => assert!(why.contains(names), "{why}"),
        other => panic!("{:?} names no {names}", other.map(|engine| engine.sha256().to_owned())),
    };
    unusable(Guest { extra: r#"(import "env" "clock" (func))"#, ..Guest::default() }, "`clock`");
    unusable(Guest { abi: "", ..Guest::default() }, "`consentry_abi_v1`");
    unusable(
        Guest { abi: r#"(func (export "consentry_abi_v2"))"#, ..Guest::default() },
        "`consentry_abi_v1`",
    );
    unusable(Guest { memory: "(memory 2)", ..Guest::default() }, "memory");
    for bytes in [b"".as_slice(), b"\0asm", b"wpNumber,permission\n", &PLUGIN[..PLUGIN.len() / 2]] {
        assert!(matches!(Engine::load(bytes, None), Err(EngineError::Unusable(_))));
    }
    let starts = Guest { extra: "(func $start unreachable) (start $start)", ..Guest::default() };
    assert!(matches!(starts.load(), Err(EngineError::Trapped { call: "start", .. })));
}

#[test]
fn options_that_cannot_be_followed_are_the_callers_fault() {
    let options = v1::Options { country: Some("Turkey".into()), ..v1::Options::default() };
    match shipped_engine().check(&options, Emit::default()) {
        Err(EngineError::Options(failure)) => {
            assert_eq!((failure.code.as_str(), failure.option.as_str()), ("option-invalid", "country"));
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn a_damaged_cache_is_compiled_anew() {
    let folder = TempDir::new().unwrap();
    let wasm = Guest::default().wasm();
    let load = || Engine::load_within(&wasm, Some(folder.path()), LIMITS).unwrap();
    let cached = || -> PathBuf {
        let files: Vec<PathBuf> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "one module, one file: {files:?}");
        files[0].clone()
    };
    load();
    let whole = fs::read(cached()).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut alien = whole.clone();
    alien[..32].fill(0);
    for damaged in
        [&flipped, &alien, &whole[..whole.len() - 1], &whole[..31], b"", b"not a module"] as [&[u8]; 6]
    {
        fs::write(cached(), damaged).unwrap();
        assert_eq!(load().about().version, "0");
        assert_eq!(fs::read(cached()).unwrap(), whole, "a damaged file is replaced");
    }
    // A cache that cannot be written costs time and nothing else.
    let file = folder.path().join("a file is no folder");
    fs::write(&file, "").unwrap();
    Engine::load_within(&wasm, Some(&file), LIMITS).unwrap();
}
