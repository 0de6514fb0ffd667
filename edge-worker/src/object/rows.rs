//! The rows of a statement, each an array of its columns.

use worker::js_sys::{Array, Iterator as JsIterator};
use worker::wasm_bindgen::JsCast;
use worker::worker_sys::SqlStorageCursor;

/// What is left of them.
pub(super) struct Rows {
    rows: JsIterator,
}

impl Rows {
    /// The rows that a cursor goes through.
    pub(super) fn of(cursor: &SqlStorageCursor) -> Rows {
        Rows { rows: cursor.raw() }
    }
}

impl Iterator for Rows {
    type Item = Array;

    fn next(&mut self) -> Option<Array> {
        // A statement fails when it is run; walking over its rows does not.
        let next = self.rows.next().ok()?;
        (!next.done()).then(|| next.value().unchecked_into())
    }
}
