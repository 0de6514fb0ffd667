//! Lists in pages, and the fields of a node. Cursors name the last item that was seen, so that a list may grow and
//! shrink between two pages without an item being told twice or left out.

use serde_json::{Map, Value, json};

use super::answer::{Refusal, Reply};
use super::ask::Ask;

/// Items of a page if the caller does not say.
const PAGE_ITEMS_DEFAULT: usize = 25;
/// Items of a page at most.
const PAGE_ITEMS_MAX: usize = 1000;
/// What makes a cursor recognisable as one of ours.
const CURSOR_PREFIX: &str = "QVFI";

/// One page of a list that is sorted by its keys.
pub(crate) fn page(ask: &Ask, base_url: &str, items: Vec<(u64, Value)>) -> Reply {
    let limit = match ask.query.get("limit").map(|text| text.parse::<usize>()) {
        None => PAGE_ITEMS_DEFAULT,
        Some(Ok(limit)) if limit > 0 => limit.min(PAGE_ITEMS_MAX),
        Some(_) => return Err(Refusal::parameter("Param limit must be a positive integer")),
    };
    let cursor = |name: &str| ask.query.get(name).filter(|text| !text.is_empty()).map(|text| key(ask, text));
    let (after, before) = (cursor("after").transpose()?, cursor("before").transpose()?);
    let total = items.len();
    let start = match (after, before) {
        (Some(after), _) => items.iter().take_while(|(key, _)| *key <= after).count(),
        (None, Some(before)) => {
            items.iter().take_while(|(key, _)| *key < before).count().saturating_sub(limit)
        }
        (None, None) => 0,
    };
    let end = match (after, before) {
        (None, Some(before)) => items.iter().take_while(|(key, _)| *key < before).count(),
        _ => start.saturating_add(limit).min(total),
    };
    let shown: Vec<(u64, Value)> = items.into_iter().skip(start).take(end - start).collect();
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return Ok(json!({"data": []}));
    };
    let (first, last) = (written(ask, first.0), written(ask, last.0));
    let mut paging = json!({"cursors": {"before": first, "after": last}});
    if end < total {
        paging["next"] = json!(address(ask, base_url, limit, "after", &last));
    }
    if start > 0 {
        paging["previous"] = json!(address(ask, base_url, limit, "before", &first));
    }
    let data: Vec<Value> = shown.into_iter().map(|(_, item)| item).collect();
    Ok(json!({"data": data, "paging": paging}))
}

/// The fields of an object that were asked for, or those that come without asking; its id comes always.
pub(crate) fn select(ask: &Ask, node: &Value, by_default: &[&str], kind: &str) -> Reply {
    let mut chosen = Map::new();
    let mut take = |name: &str| match node.get(name) {
        // What an object does not have is left out, as Meta does.
        Some(Value::Null) => true,
        Some(value) => {
            chosen.insert(name.to_owned(), value.clone());
            true
        }
        None => false,
    };
    match ask.query.get("fields").filter(|fields| !fields.is_empty()) {
        None => {
            for name in by_default {
                take(name);
            }
        }
        Some(fields) => {
            for name in names(fields) {
                if !take(name) {
                    let text = format!("Tried accessing nonexisting field ({name}) on node type ({kind})");
                    return Err(Refusal::parameter(text));
                }
            }
        }
    }
    take("id");
    Ok(Value::Object(chosen))
}

/// The fields that are asked for. `phone_numbers{id,status}` and `insights.start(1)` name the field before the first
/// sign, and what stands in brackets belongs to it.
fn names(fields: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let outer = |ch: char| {
        depth += i32::from(matches!(ch, '{' | '(')) - i32::from(matches!(ch, '}' | ')'));
        ch == ',' && depth <= 0
    };
    let field = |text| str::split(text, ['{', '.', '(']).next().map_or("", str::trim);
    fields.split(outer).map(field).filter(|name| !name.is_empty()).collect()
}

/// Cursors belong to a list: one of another list is no cursor.
fn written(ask: &Ask, key: u64) -> String {
    let list = ask.path.join("/");
    let check = list.bytes().fold(7_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
    format!("{CURSOR_PREFIX}{check:04x}{key:x}ZD")
}

fn key(ask: &Ask, cursor: &str) -> Result<u64, Refusal> {
    let read = || {
        let rest = cursor.strip_prefix(CURSOR_PREFIX)?.strip_suffix("ZD")?;
        u64::from_str_radix(rest.get(4..)?, 16).ok()
    };
    read()
        .filter(|key| written(ask, *key) == cursor)
        .ok_or_else(|| Refusal::sending(131_059, "Retry without the cursor"))
}

/// The address of another page: the same question with another cursor, and without the token.
fn address(ask: &Ask, base_url: &str, limit: usize, name: &str, cursor: &str) -> String {
    let mut address = format!("{base_url}/{}/{}?limit={limit}", ask.version, ask.path.join("/"));
    for (name, value) in &ask.query {
        if !matches!(name.as_str(), "limit" | "after" | "before" | "access_token" | "appsecret_proof") {
            address += &format!("&{name}={}", percent_encoded(value));
        }
    }
    format!("{address}&{name}={cursor}")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b',' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
        out
    })
}
