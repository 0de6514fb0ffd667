//! What happens inside of a tenant's durable object: its tables, and what is done with them.
//!
//! Everything here runs from beginning to end without waiting, and keeps nothing in memory between two calls, so that a
//! module started afresh after a trap goes on where the last one was. js/inbox.js calls it, within one transaction each
//! where something is written. It must not look into an event: what was heard is the core's business.
//!
//! Numbering is what makes the rest simple. In each lane the first event is 1 and there are no gaps, so that how much
//! waits is a subtraction; events leave from the front only, and the last one stays for as long as there is no other
//! after it, so that a number never comes again.

mod give;
mod rows;
mod store;

use worker::js_sys::Array;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::SqlStorage;

use rows::Rows;

/// Key and word tables, and how far each lane was acknowledged. The body of an event that was acknowledged is null; one of
/// an event too long for a row is empty, and stands in pieces.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS inbox(id TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mark(lane TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS consent(
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, received_ms INTEGER NOT NULL, body TEXT);
    CREATE TABLE IF NOT EXISTS rest(
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, received_ms INTEGER NOT NULL, body TEXT);
    CREATE TABLE IF NOT EXISTS piece(
        lane TEXT NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (lane, seq, place)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS word(
        who TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, is_out INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO mark VALUES ('consent', 0), ('rest', 0)";

type Outcome<T> = Result<T, JsValue>;

/// Makes the tables, if there are none; `id` is this inbox's name from now on if it has none.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn inbox_open(sql: &SqlStorage, id: &str) -> Outcome<()> {
    run(sql, TABLES, [])?;
    run(sql, "INSERT INTO inbox SELECT ? WHERE NOT EXISTS (SELECT 1 FROM inbox)", [id.into()])?;
    Ok(())
}

/// Stores events; false when some were left out because the inbox is full.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn inbox_store(sql: &SqlStorage, rows: &Array, now_ms: f64, bytes_max: f64) -> Outcome<bool> {
    store::store(sql, rows, now_ms, bytes_max)
}

/// The answer to a host: a text, null where the question was about another inbox, or nothing when `is_patient` and there
/// is nothing yet.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn inbox_answer(sql: &SqlStorage, request: &str, is_patient: bool) -> Outcome<JsValue> {
    give::answer(sql, request, is_patient)
}

/// Forgets keys that nobody sends again, some thousands at a time; when to come again, in milliseconds since 1970.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn inbox_clean(sql: &SqlStorage, now_ms: f64) -> Outcome<Option<f64>> {
    store::clean(sql, now_ms)
}

/// Runs a statement.
fn run<const N: usize>(sql: &SqlStorage, query: &str, bindings: [JsValue; N]) -> Outcome<Rows> {
    sql.exec(query, Array::from_iter(bindings)).map(|cursor| Rows::of(&cursor))
}

/// The first column of the first row, as a number; nought without one.
fn number<const N: usize>(sql: &SqlStorage, query: &str, bindings: [JsValue; N]) -> Outcome<f64> {
    let row = run(sql, query, bindings)?.next();
    Ok(row.and_then(|row| row.get(0).as_f64()).unwrap_or_default())
}
