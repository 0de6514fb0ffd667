//! Answers what a host asks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use worker::js_sys::{Array, Date};
use worker::wasm_bindgen::JsValue;
use worker::worker_sys::SqlStorage;

use super::{Outcome, number, run};
use crate::v1::{Ask, Lane};
use crate::webhooks::identity;

/// Most events in one answer.
const PULL_ROWS_MAX: u64 = 1000;
/// Length at which an answer ends, in bytes. One event is always given, however long.
const PULL_BYTES: usize = 1024 * 1024;

/// See `inbox_answer`.
pub(super) fn answer(sql: &SqlStorage, request: &str, is_patient: bool) -> Outcome<JsValue> {
    let ask: Ask = serde_json::from_str(request).map_err(|error| JsValue::from(error.to_string()))?;
    let id = text(sql, "SELECT id FROM inbox")?;
    let answer = match ask {
        Ask::Pull { lane, after, limit, .. } => {
            let (events, count) = pull(sql, lane, after, limit.min(PULL_ROWS_MAX))?;
            let end = end(sql, lane)?;
            // Whoever has seen more than there ever was means another inbox, and has to be told at once.
            if is_patient && count == 0 && after as f64 <= end {
                return Ok(JsValue::UNDEFINED);
            }
            format!("{{\"inbox\":\"{id}\",\"events\":[{events}],\"end\":{end}}}")
        }
        Ask::Acknowledge { inbox, .. } if inbox.as_ref().is_some_and(|inbox| *inbox != id) => {
            return Ok(JsValue::NULL);
        }
        Ask::Acknowledge { lane, up_to, .. } => {
            let left = acknowledge(sql, lane, up_to)?;
            format!("{{\"inbox\":\"{id}\",\"left\":{left}}}")
        }
        Ask::Gate { numbers, users } => {
            let (numbers, users) =
                (out(sql, "n:", &numbers, identity)?, out(sql, "u:", &users, str::to_owned)?);
            format!("{{\"inbox\":\"{id}\",\"opted_out\":{{\"numbers\":{numbers},\"users\":{users}}}}}")
        }
        Ask::Status {} => {
            let (consent, rest) = (status(sql, Lane::Consent)?, status(sql, Lane::Rest)?);
            format!("{{\"inbox\":\"{id}\",\"consent\":{consent},\"rest\":{rest}}}")
        }
    };
    Ok(answer.into())
}

/// The events after one that wait, as JSON parted by commas, and how many.
fn pull(sql: &SqlStorage, lane: Lane, after: u64, limit: u64) -> Outcome<(String, usize)> {
    let lane = name(lane);
    let query = format!(
        "SELECT seq, received_ms, body FROM {lane}
         WHERE seq > max(?, (SELECT acknowledged FROM mark WHERE lane = '{lane}')) ORDER BY seq LIMIT ?"
    );
    let (mut events, mut count) = (String::new(), 0);
    for row in run(sql, &query, [(after as f64).into(), (limit as f64).into()])? {
        let seq = row.get(0);
        let mut body = row.get(2).as_string().unwrap_or_default();
        if body.is_empty() {
            let pieces = "SELECT text FROM piece WHERE lane = ? AND seq = ? ORDER BY place";
            let pieces = run(sql, pieces, [lane.into(), seq.clone()])?;
            body.extend(pieces.filter_map(|piece| piece.get(0).as_string()));
        }
        let comma = if count == 0 { "" } else { "," };
        let (seq, at) = (seq.as_f64().unwrap_or_default(), time(&row.get(1)));
        // Writing to a text cannot fail.
        _ = write!(events, "{comma}{{\"seq\":{seq},\"received_at\":\"{at}\",\"event\":{body}}}");
        count += 1;
        if events.len() >= PULL_BYTES {
            break;
        }
    }
    Ok((events, count))
}

/// Lets events go up to one, and tells how many are left.
fn acknowledge(sql: &SqlStorage, lane: Lane, up_to: u64) -> Outcome<f64> {
    let end = end(sql, lane)?;
    let before = acknowledged(sql, lane)?;
    let up_to = (up_to as f64).min(end).max(before);
    let lane = name(lane);
    let forget = format!("UPDATE {lane} SET body = NULL WHERE seq > ? AND seq <= ?");
    run(sql, &forget, [before.into(), up_to.into()])?;
    run(sql, "DELETE FROM piece WHERE lane = ? AND seq <= ?", [lane.into(), up_to.into()])?;
    run(sql, "UPDATE mark SET acknowledged = ? WHERE lane = ?", [up_to.into(), lane.into()])?;
    if lane == name(Lane::Consent) {
        run(sql, "DELETE FROM word WHERE seq <= ?", [up_to.into()])?;
    }
    Ok(end - up_to)
}

/// Those of them who have opted out, in the words they were asked with, as a JSON list.
fn out(sql: &SqlStorage, kind: &str, who: &[String], key: fn(&str) -> String) -> Outcome<String> {
    let keys: Vec<String> = who.iter().map(|who| format!("{kind}{}", key(who))).collect();
    let asked = serde_json::to_string(&keys).unwrap_or_default();
    let query = "SELECT who FROM word WHERE is_out AND who IN (SELECT value FROM json_each(?))";
    let out: BTreeSet<String> =
        run(sql, query, [asked.into()])?.filter_map(|row| row.get(0).as_string()).collect();
    let found: BTreeSet<&String> =
        who.iter().zip(&keys).filter(|(_, key)| out.contains(*key)).map(|(who, _)| who).collect();
    Ok(serde_json::to_string(&found).unwrap_or_default())
}

fn status(sql: &SqlStorage, lane: Lane) -> Outcome<String> {
    let (end, acknowledged) = (end(sql, lane)?, acknowledged(sql, lane)?);
    let oldest = format!("SELECT received_ms FROM {} WHERE seq = ?", name(lane));
    let oldest = run(sql, &oldest, [(acknowledged + 1.0).into()])?.next();
    let oldest = oldest.map_or("null".to_owned(), |row: Array| format!("\"{}\"", time(&row.get(0))));
    Ok(format!("{{\"left\":{},\"end\":{end},\"oldest_at\":{oldest}}}", end - acknowledged))
}

/// The number of the last event that the lane ever had.
fn end(sql: &SqlStorage, lane: Lane) -> Outcome<f64> {
    number(sql, &format!("SELECT max(seq) FROM {}", name(lane)), [])
}

fn acknowledged(sql: &SqlStorage, lane: Lane) -> Outcome<f64> {
    number(sql, "SELECT acknowledged FROM mark WHERE lane = ?", [name(lane).into()])
}

fn name(lane: Lane) -> &'static str {
    match lane {
        Lane::Consent => "consent",
        Lane::Rest => "rest",
    }
}

fn text(sql: &SqlStorage, query: &str) -> Outcome<String> {
    let row = run(sql, query, [])?.next();
    Ok(row.and_then(|row| row.get(0).as_string()).unwrap_or_default())
}

/// Milliseconds since 1970 as RFC 3339.
fn time(at_ms: &JsValue) -> String {
    Date::new(at_ms).to_iso_string().into()
}
