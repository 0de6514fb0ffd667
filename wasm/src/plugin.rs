//! The sandbox's door: a raw ABI, no imports.
//!
//! One instance judges one file at a time. The host writes into memory that [`consentry_input`] gave, calls a
//! verb, and reads what the verb's packed result points at: the length in the upper and the address in the lower
//! 32 bits of a `u64`. A result is valid until the next call. The exported name [`consentry_abi_v1`] is the
//! version of all this; hosts look for it before they call anything.
//!
//! | export | takes | gives |
//! |---|---|---|
//! | `consentry_input(len)` | bytes the host wants to pass | address to write them to |
//! | `consentry_check_begin(emit)` | the input as options JSON; emit bits 1 rows, 2 diagnostics, 4 rejects | failure JSON, or nothing |
//! | `consentry_check_feed()` | the input as the next bytes of the file | – |
//! | `consentry_check_finish()` | – | report JSON |
//! | `consentry_take_rows()` | – | packed rows, see `consentry_core::wire::rows` |
//! | `consentry_take_diagnostics()` | – | JSON lines |
//! | `consentry_take_rejects()` | – | CSV |
//! | `consentry_progress()` | – | counts JSON |
//! | `consentry_number()` | the input as one number cell | number JSON |
//! | `consentry_lint()` | the input as a template, or as an envelope with one | findings JSON |
//! | `consentry_preview()` | the input as a template and values | preview JSON |
//! | `consentry_read_webhook(n)` | the input: `n` bytes of options JSON, then a webhook's body | events JSON |
//! | `consentry_preflight_begin()` | the input as terms JSON, see `consentry_core::wire::campaign::preflight` | what is said to them, as JSON |
//! | `consentry_preflight_judge()` | the input as packed people, see `consentry_core::wire::campaign::batch` | packed verdicts |
//! | `consentry_describe()` | – | engine JSON |
#![expect(unsafe_code, reason = "`#[unsafe(no_mangle)]` is how an export gets its name")]

use std::cell::RefCell;

use consentry_core::campaign::preflight::Judge;
use consentry_core::consent::{Checker, Emit};
use consentry_core::limits::{CHUNK_BYTES_MAX, OPTIONS_BYTES_MAX, WEBHOOK_BYTES_MAX};
use consentry_core::wire::{campaign, rows, template, v1, webhook};

thread_local! {
    static GUEST: RefCell<Guest> = RefCell::default();
}

#[derive(Default)]
struct Guest {
    input: Vec<u8>,
    output: Vec<u8>,
    checker: Option<Checker>,
    judge: Option<Judge>,
}

/// Names the version of the ABI; does nothing.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_abi_v1() {}

/// Address of `len` bytes the host may write to, until the next call.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_input(len: u32) -> *mut u8 {
    assert!(len as usize <= INPUT_BYTES_MAX, "the host passes at most one chunk or one webhook at a time");
    GUEST.with_borrow_mut(|guest| {
        guest.input.resize(len as usize, 0);
        guest.input.as_mut_ptr()
    })
}

/// Most bytes passed at once.
const INPUT_BYTES_MAX: usize = OPTIONS_BYTES_MAX + WEBHOOK_BYTES_MAX;
const _: () = assert!(CHUNK_BYTES_MAX <= INPUT_BYTES_MAX);

/// Begins a file. The input holds the options; the result is a failure, or empty.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_check_begin(emit: u32) -> u64 {
    give(|guest, out| {
        let options = std::str::from_utf8(&guest.input).unwrap_or("not UTF-8");
        let emit = Emit { rows: emit & 1 != 0, diagnostics: emit & 2 != 0, rejects: emit & 4 != 0 };
        match v1::Options::parse(options).and_then(|options| options.build()) {
            Ok(options) => guest.checker = Some(Checker::new(options, emit)),
            Err(failure) => json(&failure, out),
        }
    })
}

/// Takes the input as the next bytes of the file.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_check_feed() {
    GUEST.with_borrow_mut(|guest| {
        let Guest { input, checker, .. } = guest;
        checker.as_mut().expect("begin comes before feed").feed(input);
    });
}

/// Ends the file and gives its report.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_check_finish() -> u64 {
    give(|guest, out| json(&v1::Report::from(&checker(guest).finish()), out))
}

/// Rows accepted since the last call.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_take_rows() -> u64 {
    give(|guest, out| rows::encode(&checker(guest).take_rows(), out))
}

/// Every diagnostic since the last call, one JSON document a line.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_take_diagnostics() -> u64 {
    give(|guest, out| {
        for diagnostic in checker(guest).take_diagnostics() {
            json(&v1::Diagnostic::from(&diagnostic), out);
            out.push(b'\n');
        }
    })
}

/// Rejected rows since the last call.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_take_rejects() -> u64 {
    give(|guest, out| *out = checker(guest).take_rejects())
}

/// Row counts so far.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_progress() -> u64 {
    give(|guest, out| json(&v1::Counts::from(&checker(guest).progress().counts), out))
}

/// What one number cell says.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_number() -> u64 {
    give(|guest, out| json(&v1::number(&String::from_utf8_lossy(&guest.input)), out))
}

/// What is wrong with a template.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_lint() -> u64 {
    give(|guest, out| out.extend(template::v1::lint(&guest.input).bytes()))
}

/// A template as a person sees it, and as it is sent.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_preview() -> u64 {
    give(|guest, out| out.extend(template::v1::preview(&guest.input).bytes()))
}

/// What is heard in a webhook whose body follows the options in the input.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_read_webhook(option_bytes: usize) -> u64 {
    give(|guest, out| {
        let (options, body) = guest.input.split_at(option_bytes.min(guest.input.len()));
        out.extend(webhook::v1::read_json(options, body).bytes());
    })
}

/// Begins to judge the people of a campaign. The result says what is wrong with its messages.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_preflight_begin() -> u64 {
    give(|guest, out| {
        let (judge, ready) = campaign::preflight::v1::begin(&guest.input);
        guest.judge = judge;
        json(&ready, out);
    })
}

/// Judges the people in the input.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_preflight_judge() -> u64 {
    give(|guest, out| {
        let judge = guest.judge.as_mut().expect("begin comes before judge");
        let people =
            campaign::batch::decode(&guest.input).expect("the host packs people as they are unpacked");
        campaign::batch::encode_verdicts(&judge.judge(&people), out);
    })
}

/// What this engine is.
// SAFETY: the name is exported by this module only.
#[unsafe(no_mangle)]
extern "C" fn consentry_describe() -> u64 {
    give(|_, out| json(&v1::Engine::this(), out))
}

fn checker(guest: &mut Guest) -> &mut Checker {
    guest.checker.as_mut().expect("begin comes first")
}

fn json(value: &impl serde::Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("wire types always serialise");
}

fn give(fill: impl FnOnce(&mut Guest, &mut Vec<u8>)) -> u64 {
    GUEST.with_borrow_mut(|guest| {
        let mut output = std::mem::take(&mut guest.output);
        output.clear();
        fill(guest, &mut output);
        guest.output = output;
        (guest.output.len() as u64) << 32 | guest.output.as_ptr() as usize as u64
    })
}
