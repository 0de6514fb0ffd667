//! Takes events in, and forgets their keys when nobody sends them again.

use worker::js_sys::{Array, JsString};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::worker_sys::SqlStorage;

use super::{Outcome, number, run};

/// How long the key of an event is known: a day longer than Meta sends anything again.
const KEY_MS: f64 = 8.0 * 24.0 * 3600.0 * 1000.0;
/// Keys forgotten at a time, and the pause after that if there are more, so that webhooks in between need not wait.
const CLEAN_ROWS: f64 = 5000.0;
const CLEAN_PAUSE_MS: f64 = 1000.0;
/// How often to look whether the oldest were acknowledged by now.
const CLEAN_EVERY_MS: f64 = 6.0 * 3600.0 * 1000.0;

/// Lane, its table, and what puts an event into it: an event whose key is known is not put.
const CONSENT: &str =
    "INSERT INTO consent(key, received_ms, body) VALUES (?, ?, ?) ON CONFLICT(key) DO NOTHING RETURNING seq";
const REST: &str =
    "INSERT INTO rest(key, received_ms, body) VALUES (?, ?, ?) ON CONFLICT(key) DO NOTHING RETURNING seq";
const KNOWN: &str = "SELECT 1 FROM rest WHERE key = ?";
const PIECE: &str = "INSERT INTO piece(lane, seq, place, text) VALUES (?, ?, ?, ?)";

/// The latest word counts, and of two at one time the one that opts out: whichever comes first, the end is the same. A
/// word is needed for as long as the host may not know of all that was said.
const WORD: &str = "
    INSERT INTO word(who, at_ms, is_out, seq) VALUES (?, ?, ?, ?) ON CONFLICT(who) DO UPDATE SET
        is_out = CASE WHEN excluded.at_ms > at_ms THEN excluded.is_out
                      WHEN excluded.at_ms = at_ms THEN max(is_out, excluded.is_out) ELSE is_out END,
        at_ms = max(at_ms, excluded.at_ms), seq = max(seq, excluded.seq)";

/// Stores rows as `webhooks::row` writes them. When there is little room left it is for what is about consent.
pub(super) fn store(sql: &SqlStorage, rows: &Array, now_ms: f64, bytes_max: f64) -> Outcome<bool> {
    let is_full = sql.database_size() >= bytes_max;
    let mut are_all_stored = true;
    for row in rows.iter() {
        let row: Array = row.unchecked_into();
        let (is_consent, key, pieces) = (row.get(0).is_truthy(), row.get(1), row.get(2));
        if is_full && !is_consent {
            are_all_stored &= run(sql, KNOWN, [key])?.next().is_some();
            continue;
        }
        let pieces: Array = pieces.unchecked_into();
        let body = if pieces.length() == 1 { pieces.get(0) } else { JsString::from("").into() };
        let (insert, lane) = if is_consent { (CONSENT, "consent") } else { (REST, "rest") };
        let Some(stored) = run(sql, insert, [key, now_ms.into(), body])?.next() else { continue };
        let seq = stored.get(0);
        if pieces.length() > 1 {
            for (place, piece) in pieces.iter().enumerate() {
                run(sql, PIECE, [lane.into(), seq.clone(), (place as f64).into(), piece])?;
            }
        }
        let is_out = row.get(3);
        if !is_out.is_null() {
            for (kind, who) in [("n:", row.get(5)), ("u:", row.get(6))] {
                let Some(who) = who.as_string() else { continue };
                let is_out = JsValue::from(u32::from(is_out.is_truthy()));
                run(sql, WORD, [format!("{kind}{who}").into(), row.get(4), is_out, seq.clone()])?;
            }
        }
    }
    Ok(are_all_stored)
}

/// See `inbox_clean`.
pub(super) fn clean(sql: &SqlStorage, now_ms: f64) -> Outcome<Option<f64>> {
    let mut next_ms = None;
    for lane in ["consent", "rest"] {
        // From the front and up to the first that has to stay; never the last one of all.
        let last = format!(
            "SELECT coalesce(min(seq) FILTER (WHERE stays) - 1, max(seq)) FROM (
                SELECT seq, received_ms >= ? OR seq > (SELECT acknowledged FROM mark WHERE lane = '{lane}')
                    OR seq = (SELECT max(seq) FROM {lane}) AS stays
                FROM {lane} ORDER BY seq LIMIT ?)"
        );
        let last = number(sql, &last, [(now_ms - KEY_MS).into(), CLEAN_ROWS.into()])?;
        let first = number(sql, &format!("SELECT min(seq) FROM {lane}"), [])?;
        let is_more = last - first + 1.0 >= CLEAN_ROWS;
        run(sql, &format!("DELETE FROM {lane} WHERE seq <= ?"), [last.into()])?;
        let left = format!("SELECT count(*) FROM (SELECT 1 FROM {lane} LIMIT 2)");
        if number(sql, &left, [])? < 2.0 {
            continue;
        }
        let pause_ms = if is_more { CLEAN_PAUSE_MS } else { CLEAN_EVERY_MS };
        next_ms = Some(f64::min(next_ms.unwrap_or(f64::INFINITY), now_ms + pause_ms));
    }
    Ok(next_ms)
}
