//! Messages as rows: which columns there are, and how a row is read. Both databases have the same.

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::way::{Sort, Way};
use super::{Group, NewSend, Reached, SendState};
use crate::store::StoreError;
pub(super) use crate::store::packed::sql::Row;

/// Columns of what changes, in the order of [`way`].
macro_rules! way_columns {
    () => {
        "state, due, attempts, code, wamid, intended_at, fence, changed_at, accepted_at, reached, sent_at, delivered_at,
         read_at, failed_at, replied_at, opted_out_at, clicked_at"
    };
}
pub(super) use way_columns;

/// Columns of what was planned.
macro_rules! planned_columns {
    () => {
        "campaign, place, profile, number, person, country, import, line, message, packed"
    };
}
pub(super) use planned_columns;

/// Columns of [`planned_columns`].
const PLANNED: usize = 10;

/// A message: what was planned, then what became of it.
pub(super) fn send(row: &dyn Row) -> Result<(SendId, NewSend, Way), StoreError> {
    let id = SendId { campaign: CampaignId(row.u64(0)?), place: row.u64(1)? };
    let way = way(row, PLANNED)?;
    let planned = NewSend {
        place: id.place,
        profile: row.u64(2)?,
        number: row.i64(3)?.cast_unsigned(),
        person: row.i64(4)?.cast_unsigned(),
        country: country(row, 5)?,
        import: row.u64(6)?,
        line: small(row, 7)?,
        message: small(row, 8)?,
        state: way.state,
        values: row.bytes(9)?.unwrap_or_default().to_vec(),
    };
    Ok((id, planned, way))
}

/// What changes, from a column on.
pub(super) fn way(row: &dyn Row, from: usize) -> Result<Way, StoreError> {
    let at =
        |column: usize| -> Result<Option<UnixMs>, StoreError> { Ok(row.int(from + column)?.map(UnixMs)) };
    Ok(Way {
        state: state(row.i64(from)?)?,
        due: UnixMs(row.i64(from + 1)?),
        attempts: small(row, from + 2)?,
        code: row.i64(from + 3)?,
        wamid: row.maybe_string(from + 4)?,
        intended_at: at(5)?,
        fence: row.u64(from + 6)?,
        changed_at: UnixMs(row.i64(from + 7)?),
        accepted_at: at(8)?,
        reached: reached(row.i64(from + 9)?)?,
        told_at: [at(10)?, at(11)?, at(12)?, at(13)?],
        replied_at: at(14)?,
        opted_out_at: at(15)?,
        clicked_at: at(16)?,
    })
}

/// What counts are kept by, from a column on: message, country, import, line.
pub(super) fn sort(row: &dyn Row, from: usize) -> Result<Sort, StoreError> {
    Ok(Sort {
        message: small(row, from)?,
        country: country(row, from + 1)?,
        import: row.u64(from + 2)?,
        line: small(row, from + 3)?,
    })
}

/// A row of counts: what they are kept by, then state, reached, code, what the person did, how many.
pub(super) fn total(row: &dyn Row) -> Result<(Group, i64), StoreError> {
    let Sort { message, country, import, line } = sort(row, 0)?;
    let did = row.i64(7)?;
    let group = Group {
        message,
        country,
        import,
        line,
        state: state(row.i64(4)?)?,
        reached: reached(row.i64(5)?)?,
        code: row.i64(6)?,
        replied: did & 1 != 0,
        opted_out: did & 2 != 0,
        clicked: did & 4 != 0,
    };
    Ok((group, row.i64(8)?))
}

/// What a person did, as counts are kept by it.
pub(super) fn did(group: &Group) -> i64 {
    i64::from(group.replied) | i64::from(group.opted_out) << 1 | i64::from(group.clicked) << 2
}

/// Two letters as one number.
pub(super) fn country_number(country: [u8; 2]) -> i64 {
    i64::from(u16::from_be_bytes(country))
}

fn country(row: &dyn Row, at: usize) -> Result<[u8; 2], StoreError> {
    Ok(small::<u16>(row, at)?.to_be_bytes())
}

fn small<T: TryFrom<i64>>(row: &dyn Row, at: usize) -> Result<T, StoreError> {
    let strange = |_| StoreError::Damaged("a message has a number out of range".to_owned());
    T::try_from(row.i64(at)?).map_err(strange)
}

fn state(number: i64) -> Result<SendState, StoreError> {
    use SendState::{
        Accepted, Capped, Control, Expired, Failed, Gone, Held, Intended, OptedOut, Unknown, Waiting,
    };
    let all = [Waiting, Intended, Accepted, Held, Failed, Unknown, OptedOut, Gone, Expired, Control, Capped];
    all.into_iter().find(|state| *state as i64 == number).ok_or_else(strange)
}

fn reached(number: i64) -> Result<Reached, StoreError> {
    use Reached::{Delivered, Failed, Nothing, Read, Sent};
    let all = [Nothing, Sent, Failed, Delivered, Read];
    all.into_iter().find(|reached| *reached as i64 == number).ok_or_else(strange)
}

fn strange() -> StoreError {
    StoreError::Damaged("a message stands in a way that is none".to_owned())
}
