//! People and verdicts as bytes, for the border between the sandboxed engine and its host. Little-endian, one column after
//! the other, as in [`crate::wire::rows`]. The reader trusts nothing: a broken engine must not be able to confuse its host,
//! nor a host its engine.
//!
//! | people, `CPB1` | bytes |
//! |---|---|
//! | magic, people, columns | 4 + 4 + 4 |
//! | number: digits | 8 each |
//! | messages lately | 4 each |
//! | permission | 1 each |
//! | each column: bytes of its texts, where each text ends, the texts | 4, 4 each, … |
//!
//! | verdicts, `CPV1` | bytes |
//! |---|---|
//! | magic, people, problems, bytes of values | 4 + 4 + 4 + 4 |
//! | where the values of each end | 4 each |
//! | line | 2 each |
//! | country | 2 each |
//! | message | 1 each |
//! | verdict: 0 sendable, 1 control, 2 unsendable | 1 each |
//! | problems: person, place (65535 for none), code | 4 + 2 + 1 each |
//! | values: each text behind its length in 4 bytes | … |

use std::ops::Range;

use crate::campaign::preflight::{Batch, Problem, Verdict, Verdicts};
use crate::campaign::problem::Code;
use crate::limits::ATTRIBUTES_MAX;
use crate::rows::Texts;
use crate::wire::rows::Malformed;

const PEOPLE: &[u8; 4] = b"CPB1";
const VERDICTS: &[u8; 4] = b"CPV1";
/// Most columns: each attribute, and the four identities beside them.
pub const COLUMNS_MAX: usize = ATTRIBUTES_MAX + 4;
/// What stands for no place.
const NOWHERE: u16 = u16::MAX;
/// Bytes of a problem.
const PROBLEM_BYTES: usize = 7;

/// Appends the packed form of some of the people.
pub fn encode(batch: &Batch, people: Range<usize>, out: &mut Vec<u8>) {
    out.extend_from_slice(PEOPLE);
    out.extend_from_slice(&(people.len() as u32).to_le_bytes());
    out.extend_from_slice(&(batch.columns.len() as u32).to_le_bytes());
    put(out, &batch.number[people.clone()], u64::to_le_bytes);
    put(out, &batch.sends[people.clone()], u32::to_le_bytes);
    out.extend_from_slice(&batch.permission[people.clone()]);
    for column in &batch.columns {
        let (bytes, ends) = column.parts();
        let start = if people.start == 0 { 0 } else { ends[people.start - 1] };
        let ends = &ends[people.clone()];
        let end = ends.last().copied().unwrap_or(start);
        out.extend_from_slice(&(end - start).to_le_bytes());
        let before = out.len();
        out.resize(before + ends.len() * 4, 0);
        for (place, end) in out[before..].as_chunks_mut().0.iter_mut().zip(ends) {
            *place = (end - start).to_le_bytes();
        }
        out.extend_from_slice(&bytes.as_bytes()[start as usize..end as usize]);
    }
}

/// How many bytes the packed form of one person takes, its share of the beginning apart.
pub fn bytes_of(batch: &Batch, person: usize) -> usize {
    let texts: usize = batch.columns.iter().map(|column| column.get(person).len() + 4).sum();
    8 + 4 + 1 + texts
}

/// Reads people back.
pub fn decode(bytes: &[u8]) -> Result<Batch, Malformed> {
    let mut input = Input { rest: bytes };
    if input.take(4, "magic")? != PEOPLE {
        return Err(Malformed("magic"));
    }
    let people = input.u32("people")?;
    let columns = input.u32("columns")?;
    if columns > COLUMNS_MAX {
        return Err(Malformed("columns"));
    }
    let mut batch = Batch {
        number: input.column(people, u64::from_le_bytes)?,
        sends: input.column(people, u32::from_le_bytes)?,
        permission: input.take(people, "permission")?.to_vec(),
        columns: Vec::with_capacity(columns),
    };
    for _ in 0..columns {
        let length = input.u32("text length")?;
        let ends = input.column(people, u32::from_le_bytes)?;
        let text = std::str::from_utf8(input.take(length, "text")?).map_err(|_| Malformed("text"))?;
        batch.columns.push(Texts::from_parts(text.to_owned(), ends).ok_or(Malformed("text ends"))?);
    }
    if input.rest.is_empty() { Ok(batch) } else { Err(Malformed("length")) }
}

/// Appends the packed form of verdicts.
pub fn encode_verdicts(verdicts: &Verdicts, out: &mut Vec<u8>) {
    out.extend_from_slice(VERDICTS);
    for count in [verdicts.len(), verdicts.problems.len(), verdicts.values.len()] {
        out.extend_from_slice(&(count as u32).to_le_bytes());
    }
    put(out, &verdicts.ends, u32::to_le_bytes);
    put(out, &verdicts.line, u16::to_le_bytes);
    out.extend_from_slice(verdicts.country.as_flattened());
    out.extend_from_slice(&verdicts.message);
    out.extend(verdicts.verdict.iter().map(|verdict| *verdict as u8));
    for problem in &verdicts.problems {
        out.extend_from_slice(&problem.at.to_le_bytes());
        out.extend_from_slice(&problem.place.unwrap_or(NOWHERE).to_le_bytes());
        out.push(problem.code as u8);
    }
    out.extend_from_slice(&verdicts.values);
}

/// Reads verdicts back. Messages and places are below any count that the caller knows only if the caller looks.
pub fn decode_verdicts(bytes: &[u8]) -> Result<Verdicts, Malformed> {
    let mut input = Input { rest: bytes };
    if input.take(4, "magic")? != VERDICTS {
        return Err(Malformed("magic"));
    }
    let people = input.u32("people")?;
    let problems = input.u32("problems")?;
    let length = input.u32("values")?;
    let ends: Vec<u32> = input.column(people, u32::from_le_bytes)?;
    if !ends.is_sorted() || ends.last().map_or(0, |end| *end as usize) != length {
        return Err(Malformed("ends of values"));
    }
    let line = input.column(people, u16::from_le_bytes)?;
    let country: Vec<[u8; 2]> = input.column(people, |letters| letters)?;
    if !country.as_flattened().iter().all(u8::is_ascii_uppercase) {
        return Err(Malformed("country"));
    }
    let message = input.take(people, "message")?.to_vec();
    let verdict = input.take(people, "verdict")?.iter().map(|number| Verdict::of_number(*number));
    let verdict: Option<Vec<Verdict>> = verdict.collect();
    let whole = input.take(problems.checked_mul(PROBLEM_BYTES).ok_or(Malformed("problems"))?, "problems")?;
    let mut known = Vec::with_capacity(problems);
    for [a, b, c, d, e, f, code] in whole.as_chunks::<PROBLEM_BYTES>().0 {
        let at = u32::from_le_bytes([*a, *b, *c, *d]);
        let place = Some(u16::from_le_bytes([*e, *f])).filter(|place| *place != NOWHERE);
        let code = Code::of_number(*code).ok_or(Malformed("code"))?;
        known.push(Problem { at, code, place });
    }
    let in_order = known.is_sorted_by(|a, b| a.at <= b.at);
    if !in_order || known.last().is_some_and(|last| last.at as usize >= people) {
        return Err(Malformed("problems"));
    }
    let values = input.take(length, "values")?.to_vec();
    if !input.rest.is_empty() {
        return Err(Malformed("length"));
    }
    let verdict = verdict.ok_or(Malformed("verdict"))?;
    Ok(Verdicts { verdict, message, line, country, values, ends, problems: known })
}

/// Appends a whole column at once.
fn put<T: Copy, const BYTES: usize>(out: &mut Vec<u8>, values: &[T], bytes: fn(T) -> [u8; BYTES]) {
    let before = out.len();
    out.resize(before + values.len() * BYTES, 0);
    for (place, value) in out[before..].as_chunks_mut().0.iter_mut().zip(values) {
        *place = bytes(*value);
    }
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, bytes: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(bytes).ok_or(Malformed(what))?;
        self.rest = rest;
        Ok(head)
    }

    fn u32(&mut self, what: &'static str) -> Result<usize, Malformed> {
        let bytes = self.take(4, what)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    }

    fn column<T, const BYTES: usize>(
        &mut self,
        count: usize,
        of: fn([u8; BYTES]) -> T,
    ) -> Result<Vec<T>, Malformed> {
        let bytes = self.take(count.checked_mul(BYTES).ok_or(Malformed("people"))?, "a column")?;
        Ok(bytes.as_chunks().0.iter().map(|chunk| of(*chunk)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people() -> Batch {
        let mut batch = Batch::with_columns(2);
        for (at, name) in ["ğ", "", "İzmir", "z"].into_iter().enumerate() {
            batch.push(905_301_112_230 + at as u64, 1 + (at % 2) as u8, at as u32, [name, "x"]);
        }
        batch
    }

    fn verdicts() -> Verdicts {
        Verdicts {
            verdict: vec![Verdict::Sendable, Verdict::Control, Verdict::Unsendable],
            message: vec![0, 1, 0],
            line: vec![0, 300, 7],
            country: vec![*b"TR", *b"ZZ", *b"US"],
            values: b"\x01\0\0\0a".to_vec(),
            ends: vec![5, 5, 5],
            problems: vec![
                Problem { at: 1, code: Code::NumberTypeUnlikely, place: None },
                Problem { at: 2, code: Code::TextTooLong, place: Some(3) },
            ],
        }
    }

    #[test]
    fn people_and_verdicts_survive_the_border() {
        let mut bytes = Vec::new();
        encode(&people(), 0..4, &mut bytes);
        assert_eq!(decode(&bytes), Ok(people()));
        let sizes: usize = (0..4).map(|person| bytes_of(&people(), person)).sum();
        assert_eq!(bytes.len(), 12 + 2 * 4 + sizes);
        bytes.clear();
        encode(&people(), 1..3, &mut bytes);
        let some = decode(&bytes).unwrap();
        assert_eq!((some.len(), some.columns[0].get(1), some.sends[0]), (2, "İzmir", 1));
        bytes.clear();
        encode_verdicts(&verdicts(), &mut bytes);
        assert_eq!(decode_verdicts(&bytes), Ok(verdicts()));
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..400, value: u8, cut in 0usize..400) {
            let mut bytes = Vec::new();
            encode(&people(), 0..4, &mut bytes);
            let length = bytes.len();
            bytes[at % length] = value;
            let _ = decode(&bytes);
            let _ = decode(&bytes[..cut % length]);
            bytes.clear();
            encode_verdicts(&verdicts(), &mut bytes);
            let length = bytes.len();
            bytes[at % length] = value;
            let _ = decode_verdicts(&bytes);
            let _ = decode_verdicts(&bytes[..cut % length]);
        }
    }
}
