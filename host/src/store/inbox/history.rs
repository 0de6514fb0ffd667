//! Finds events. Each question goes through one index, by the narrowest thing that is asked for, in the order of places;
//! what else is asked for is looked at row by row.

use std::collections::BTreeMap;

use super::kept::{count, event};
use super::{Filter, KeptEvent, key};
use crate::store::packed::sql::{Sql, Value, values};
use crate::store::{StoreError, TenantId};

/// Events of a tenant that are not forgotten.
macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT seq, waits, id, lane, kind, at, received, number, user_id, message_id, body FROM inbox_event
             WHERE tenant_id = ?1 AND body IS NOT NULL AND ",
            $rest
        )
    };
}
pub(super) use select;

/// A question, with the oldest or the newest first.
macro_rules! by {
    ($column:literal) => {
        (
            select!(concat!("seq > ?2 AND seq < ?3 AND ", $column, " = ?4 ORDER BY seq LIMIT ?5")),
            select!(concat!("seq > ?2 AND seq < ?3 AND ", $column, " = ?4 ORDER BY seq DESC LIMIT ?5")),
        )
    };
}

const OLDEST: &str = select!("seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4");
const NEWEST: &str = select!("seq > ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4");

/// Events that a filter asks for, at most so many.
pub(super) fn find(
    sql: &dyn Sql,
    tenant: TenantId,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<KeptEvent>, StoreError> {
    let Filter { kinds, number, user, message_id, before, after } = filter;
    let (user, message_id) = (user.as_deref().map(key), message_id.as_deref().map(key));
    let kinds: Vec<_> = kinds.iter().map(|kind| key(kind)).collect();
    let mut questions: Vec<((&'static str, &'static str), Option<Value<'_>>)> = Vec::new();
    // Whether a question leaves nothing to look at, so that the database may stop by itself.
    let mut whole = true;
    if let Some(message) = message_id.as_deref() {
        questions.push((by!("message_id"), Some(message.into())));
        whole = number.is_none() && user.is_none() && kinds.is_empty();
    } else if number.is_some() || user.is_some() {
        questions.extend(number.map(|number| (by!("number"), Some(number.into()))));
        questions.extend(user.as_deref().map(|user| (by!("user_id"), Some(user.into()))));
        whole = kinds.is_empty();
    } else if kinds.is_empty() {
        questions.push(((OLDEST, NEWEST), None));
    } else {
        questions.extend(kinds.iter().map(|kind| (by!("kind"), Some(kind.as_ref().into()))));
    }
    let rows_max = if whole { count(limit) } else { i64::MAX };
    let (after_seq, before_seq) = (after.unwrap_or(0), before.unwrap_or(i64::MAX.cast_unsigned()));
    // Past what a place can be nothing is.
    let before_seq = before_seq.min(i64::MAX.cast_unsigned());
    let mut found = BTreeMap::new();
    for ((oldest, newest), value) in questions {
        if limit == 0 || after_seq >= before_seq {
            break;
        }
        let mut values = values![tenant, after_seq, before_seq].to_vec();
        values.extend(value);
        values.push(rows_max.into());
        let mut passed = 0;
        let question = if after.is_some() { oldest } else { newest };
        sql.query(question, &values, &mut |row| {
            let event = event(row)?;
            if filter.passes(&event) {
                found.insert(event.seq, event);
                passed += 1;
            }
            Ok(passed < limit)
        })?;
    }
    let found = found.into_values();
    Ok(match after {
        Some(_) => found.take(limit).collect(),
        None => found.rev().take(limit).collect(),
    })
}
