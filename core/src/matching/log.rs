//! The consent log as bytes: blocks of events, each block hashed together with the hash before it, so that nothing in
//! between can be altered, removed or put in unseen. All stores keep these very bytes.
//!
//! An event of an ordinary row takes a dozen bytes: what follows from its neighbours or from the event itself is not
//! written. [`Writer`] writes what [`read`] reads; reading any other bytes is an error and never a panic.

use sha2::{Digest as _, Sha256};

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::{Date, UnixMs};

pub use super::bytes::Damaged;
use super::bytes::{Bytes, text, varint, zigzag};
use super::event::{Event, Rule, Source};
use super::known::{LogEnd, OwnOptOut};
use super::{ImportId, ProfileId};

/// SHA-256 of a block of events and all blocks before it.
pub type Hash = [u8; 32];

/// Events in a block, at most: enough that a hash and a row of a database are nothing to each, few enough that one event
/// is read quickly.
pub const BLOCK_EVENTS_MAX: u32 = 512;

/// First byte of every block.
const FORMAT: u8 = 1;

/// Some events as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Place of its first event in the log.
    pub first_seq: u64,
    /// Number of its events.
    pub events: u32,
    /// The events.
    pub bytes: Vec<u8>,
    /// Hash of the log up to its last event.
    pub hash: Hash,
}

/// The hash of the log after a block with these bytes, given the hash before it.
pub fn chain(before: &Hash, bytes: &[u8]) -> Hash {
    Sha256::new().chain_update(before).chain_update(bytes).finalize().into()
}

/// Whose word all events of a plan rest on.
#[derive(Clone, Debug)]
pub(super) enum Origin<'a> {
    File { import: ImportId, record: Hash, as_of: Option<Date> },
    Person { heard: &'a str },
    Undo { import: ImportId, by: &'a str },
    Erasure { by: &'a str, redacted: &'a [(u64, Hash)] },
}

/// What an event says, in digits and places; 0 for what there is not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub(super) profile: u64,
    pub(super) previous: u64,
    pub(super) number_before: u64,
    pub(super) permission_before: u8,
    pub(super) number: u64,
    pub(super) permission: u8,
    pub(super) taken_from: u64,
    pub(super) lifted: Option<OwnOptOut>,
    pub(super) rule: Rule,
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) number_cell: &'a str,
    pub(super) permission_cell: &'a str,
}

/// Writes events to blocks.
pub(super) struct Writer<'a> {
    origin: Origin<'a>,
    at: UnixMs,
    end: LogEnd,
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    events: u32,
    context: Context,
}

/// What the next event is told apart from.
#[derive(Clone, Copy, Default)]
struct Context {
    profile: u64,
    row: u64,
    line: u64,
}

// First byte of an event: rule below, these above.
const NEXT_PROFILE: u8 = 1 << 4;
const NUMBER_CELL: u8 = 1 << 5;
const PERMISSION_CELL: u8 = 1 << 6;
const PROFILE: u8 = 1 << 7;
// Second byte: permissions below, these above.
const NUMBER_BEFORE: u8 = 1 << 4;
const NUMBER: u8 = 1 << 5;
const TAKEN_FROM: u8 = 1 << 6;
const PREVIOUS: u8 = 1 << 7;

impl<'a> Writer<'a> {
    pub(super) fn new(end: LogEnd, at: UnixMs, origin: Origin<'a>) -> Writer<'a> {
        let (blocks, bytes, context) = (Vec::new(), Vec::new(), Context::default());
        Writer { origin, at, end, blocks, bytes, events: 0, context }
    }

    /// Appends an event; its place in the log.
    pub(super) fn event(&mut self, change: &Change<'_>) -> u64 {
        if self.events == 0 {
            self.begin();
        }
        self.end.seq += 1;
        self.events += 1;
        let seq = self.end.seq;
        let Context { profile, row, line } = self.context;
        let file = matches!(self.origin, Origin::File { .. });
        let usual = Usual::of(change.rule, change.number, change.number_before, change.permission);
        let flag = |bit: u8, set: bool| if set { bit } else { 0 };
        let next = change.profile == profile + 1;
        let number_cell = file && !usual.is_number(change.number_cell);
        let permission_cell = file && usual.permission != change.permission_cell;
        self.bytes.push(
            change.rule.number()
                | flag(NEXT_PROFILE, next)
                | flag(NUMBER_CELL, number_cell)
                | flag(PERMISSION_CELL, permission_cell)
                | flag(PROFILE, change.profile != 0 && !next),
        );
        self.bytes.push(
            change.permission_before
                | change.permission << 2
                | flag(NUMBER_BEFORE, change.number_before != 0)
                | flag(NUMBER, change.number != 0)
                | flag(TAKEN_FROM, change.taken_from != 0)
                | flag(PREVIOUS, change.previous != 0),
        );
        let bytes = &mut self.bytes;
        let some = |bytes: &mut Vec<u8>, value: u64| {
            if value != 0 {
                varint(bytes, value);
            }
        };
        if change.profile != 0 && !next {
            varint(bytes, zigzag(change.profile.wrapping_sub(profile) as i64));
        }
        if change.previous != 0 {
            varint(bytes, seq - change.previous);
        }
        some(bytes, change.number_before);
        some(bytes, change.number);
        some(bytes, change.taken_from);
        some(bytes, change.rule.other_profile().map_or(0, |to| to.0));
        if change.rule == Rule::LiftedOptOut {
            varint(bytes, zigzag(change.lifted.map_or(0, |own| own.at.0)));
        }
        if file {
            varint(bytes, zigzag(change.row.wrapping_sub(row) as i64));
            varint(bytes, zigzag(change.line.wrapping_sub(line) as i64));
        }
        if number_cell {
            text(bytes, change.number_cell);
        }
        if permission_cell {
            text(bytes, change.permission_cell);
        }
        if change.profile != 0 {
            self.context.profile = change.profile;
        }
        (self.context.row, self.context.line) = (change.row, change.line);
        if self.events == BLOCK_EVENTS_MAX {
            self.cut();
        }
        seq
    }

    /// The blocks, and where the log ends after them.
    pub(super) fn finish(mut self) -> (Vec<Block>, LogEnd) {
        self.cut();
        (self.blocks, self.end)
    }

    fn begin(&mut self) {
        self.context = Context::default();
        self.bytes.push(FORMAT);
        self.bytes.extend_from_slice(&(self.end.seq + 1).to_le_bytes());
        self.bytes.extend_from_slice(&self.at.0.to_le_bytes());
        match &self.origin {
            Origin::File { import, record, as_of } => {
                self.bytes.push(b'f');
                varint(&mut self.bytes, import.0);
                self.bytes.extend_from_slice(record);
                text(&mut self.bytes, &as_of.map(|day| day.to_string()).unwrap_or_default());
            }
            Origin::Person { heard } => {
                self.bytes.push(b'p');
                text(&mut self.bytes, heard);
            }
            Origin::Undo { import, by } => {
                self.bytes.push(b'u');
                varint(&mut self.bytes, import.0);
                text(&mut self.bytes, by);
            }
            Origin::Erasure { by, redacted } => {
                self.bytes.push(b'e');
                text(&mut self.bytes, by);
                varint(&mut self.bytes, redacted.len() as u64);
                for (first_seq, hash) in *redacted {
                    varint(&mut self.bytes, *first_seq);
                    self.bytes.extend_from_slice(hash);
                }
            }
        }
    }

    fn cut(&mut self) {
        if self.events == 0 {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        self.end.hash = chain(&self.end.hash, &bytes);
        let first_seq = self.end.seq + 1 - u64::from(self.events);
        self.blocks.push(Block { first_seq, events: self.events, bytes, hash: self.end.hash });
        self.events = 0;
    }
}

/// On whose word all events of a block rest, and when it was received: its head, without the events. Of a file's rows it
/// says none.
pub fn source(bytes: &[u8]) -> Result<(Source, UnixMs), Damaged> {
    let (_, at, source) = head(&mut Bytes(bytes))?;
    Ok((source, at))
}

/// What stands before the events of a block: the place of its first one, when, and whence they come.
pub(super) fn head(bytes: &mut Bytes<'_>) -> Result<(u64, UnixMs, Source), Damaged> {
    if bytes.byte()? != FORMAT {
        return Err(Damaged);
    }
    let first_seq = u64::from_le_bytes(bytes.array()?);
    let at = UnixMs(i64::from_le_bytes(bytes.array()?));
    let source = match bytes.byte()? {
        b'f' => Source::File {
            import: ImportId(bytes.varint()?),
            record: bytes.array()?,
            row: 0,
            line: 0,
            number_cell: String::new(),
            permission_cell: String::new(),
            as_of: match bytes.text()? {
                "" => None,
                day => Some(Date::parse(day).ok_or(Damaged)?),
            },
        },
        b'p' => Source::Person { heard: bytes.text()?.to_owned() },
        b'u' => Source::Undo { import: ImportId(bytes.varint()?), by: bytes.text()?.to_owned() },
        b'e' => {
            let by = bytes.text()?.to_owned();
            // Never more than there are bytes for: nothing is set aside for a number that is only claimed.
            let blocks = bytes.varint()?;
            let mut redacted = Vec::new();
            for _ in 0..blocks {
                redacted.push((bytes.varint()?, bytes.array()?));
            }
            Source::Erasure { by, redacted }
        }
        _ => return Err(Damaged),
    };
    Ok((first_seq, at, source))
}

/// The events of a block.
pub fn read(bytes: &[u8]) -> Result<Vec<Event>, Damaged> {
    let mut bytes = Bytes(bytes);
    let (first_seq, at, source) = head(&mut bytes)?;
    let mut events = Vec::new();
    let mut context = Context::default();
    while !bytes.0.is_empty() {
        let seq = first_seq.checked_add(events.len() as u64).ok_or(Damaged)?;
        events.push(event(&mut bytes, seq, at, source.clone(), &mut context)?);
    }
    Ok(events)
}

fn event(
    bytes: &mut Bytes<'_>,
    seq: u64,
    at: UnixMs,
    mut source: Source,
    context: &mut Context,
) -> Result<Event, Damaged> {
    let (first, second) = (bytes.byte()?, bytes.byte()?);
    let profile = match (first & NEXT_PROFILE != 0, first & PROFILE != 0) {
        (true, false) => context.profile.wrapping_add(1),
        (false, true) => context.profile.wrapping_add(bytes.zigzag()? as u64),
        (false, false) => 0,
        (true, true) => return Err(Damaged),
    };
    let mut some = |bit: u8| if second & bit != 0 { bytes.varint() } else { Ok(0) };
    let previous = match some(PREVIOUS)? {
        0 => None,
        back => Some(seq.checked_sub(back).filter(|previous| *previous > 0).ok_or(Damaged)?),
    };
    let (before, after, taken_from) = (some(NUMBER_BEFORE)?, some(NUMBER)?, some(TAKEN_FROM)?);
    let rule = first & 0xf;
    let to =
        (rule == Rule::NumberMovedAway { to: ProfileId(0) }.number()).then(|| bytes.varint()).transpose()?;
    let rule = Rule::from_number(rule, to.map(ProfileId)).ok_or(Damaged)?;
    let lifted = match rule {
        Rule::LiftedOptOut => Some(OwnOptOut { at: UnixMs(bytes.zigzag()?) }),
        _ => None,
    };
    let permission = |bits: u8| match bits & 3 {
        0 => Ok(None),
        bits => Permission::from_u8(bits).map(Some).ok_or(Damaged),
    };
    if let Source::File { row, line, number_cell, permission_cell, .. } = &mut source {
        *row = context.row.wrapping_add(bytes.zigzag()? as u64);
        *line = context.line.wrapping_add(bytes.zigzag()? as u64);
        (context.row, context.line) = (*row, *line);
        let usual = Usual::of(rule, after, before, second >> 2 & 3);
        *number_cell =
            if first & NUMBER_CELL != 0 { bytes.text()?.to_owned() } else { format!("+{}", usual.number) };
        let cell = if first & PERMISSION_CELL != 0 { bytes.text()? } else { usual.permission };
        permission_cell.push_str(cell);
    }
    if profile != 0 {
        context.profile = profile;
    }
    Ok(Event {
        seq,
        previous,
        profile: Some(ProfileId(profile)).filter(|profile| profile.0 != 0),
        number_before: E164::from_digits(before),
        permission_before: permission(second)?,
        number: E164::from_digits(after),
        permission: permission(second >> 2)?,
        taken_from: Some(ProfileId(taken_from)).filter(|profile| profile.0 != 0),
        lifted,
        rule,
        source,
        at,
    })
}

/// How the cells of an event's row would stand if written plainly. Such cells are not kept, since the event says them
/// already.
struct Usual {
    number: u64,
    permission: &'static str,
}

impl Usual {
    fn of(rule: Rule, number: u64, number_before: u64, permission: u8) -> Usual {
        let permission = match rule {
            // The row said opt-in, and the event says what was kept instead.
            Rule::KeptOptOut => Permission::OptIn.cell(),
            _ => Permission::from_u8(permission).map_or("", Permission::cell),
        };
        Usual { number: if number == 0 { number_before } else { number }, permission }
    }

    /// Whether the cell is `+` and the digits, found without writing them out.
    fn is_number(&self, cell: &str) -> bool {
        let mut digits = self.number;
        let [b'+', cell @ ..] = cell.as_bytes() else { return false };
        for byte in cell.iter().rev() {
            if digits == 0 || u64::from(*byte) != u64::from(b'0') + digits % 10 {
                return false;
            }
            digits /= 10;
        }
        digits == 0 && self.number != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_number() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), 1_000_000_u64..1_000_000_000_000_000]
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        (0_u8..13, 1_u64..100).prop_map(|(number, to)| {
            let away = number == Rule::NumberMovedAway { to: ProfileId(0) }.number();
            Rule::from_number(number, away.then_some(ProfileId(to))).unwrap()
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            changes in prop::collection::vec(
                ((0_u64..6, any_number(), 0_u8..3, any_number(), 0_u8..3), (0_u64..3, any_rule()), (0_u64..9, 0_u64..9, "[+]?[0-9 ]{0,6}", "[0-2]?")),
                1..600,
            ),
            start in 0_u64..1 << 40,
            kind in 0_u8..3,
        ) {
            let origin = match kind {
                0 => Origin::File { import: ImportId(3), record: [9; 32], as_of: Date::parse("2026-11-23") },
                1 => Origin::Person { heard: "api:desk" },
                _ => Origin::Undo { import: ImportId(4), by: "cli" },
            };
            let end = LogEnd { seq: start, hash: [1; 32] };
            let mut writer = Writer::new(end, UnixMs(-5), origin);
            for ((profile, number_before, permission_before, number, permission), (taken_from, rule), (row, line, number_cell, permission_cell)) in &changes {
                let lifted = (*rule == Rule::LiftedOptOut).then_some(OwnOptOut { at: UnixMs(-77) });
                let seq = writer.event(&Change {
                    profile: *profile, previous: start / 2, number_before: *number_before,
                    permission_before: *permission_before, number: *number, permission: *permission,
                    taken_from: *taken_from, lifted, rule: *rule, row: *row, line: *line,
                    number_cell, permission_cell,
                });
                prop_assert!(seq > start);
            }
            let (blocks, end) = writer.finish();
            prop_assert_eq!(end.seq, start + changes.len() as u64);
            let (mut hash, mut events) = ([1; 32], Vec::new());
            for block in &blocks {
                hash = chain(&hash, &block.bytes);
                prop_assert_eq!(hash, block.hash);
                prop_assert_eq!(block.first_seq, start + 1 + events.len() as u64);
                let read = read(&block.bytes).unwrap();
                let (head, at) = source(&block.bytes).unwrap();
                prop_assert_eq!((head.import(), at), (read[0].source.import(), read[0].at));
                events.extend(read);
            }
            prop_assert_eq!(hash, end.hash);
            prop_assert_eq!(events.len(), changes.len());
            for (event, ((profile, number_before, permission_before, number, permission), (taken_from, rule), (row, line, number_cell, permission_cell))) in events.iter().zip(&changes) {
                prop_assert_eq!(event.profile.map_or(0, |profile| profile.0), *profile);
                prop_assert_eq!(event.previous, Some(start / 2).filter(|previous| *previous > 0));
                prop_assert_eq!(event.number_before.map_or(0, E164::digits), *number_before);
                prop_assert_eq!(event.number.map_or(0, E164::digits), *number);
                prop_assert_eq!(event.permission_before.map_or(0, |p| p as u8), *permission_before);
                prop_assert_eq!(event.permission.map_or(0, |p| p as u8), *permission);
                prop_assert_eq!(event.taken_from.map_or(0, |profile| profile.0), *taken_from);
                prop_assert_eq!(event.rule, *rule);
                if kind == 0 {
                    let source = Source::File {
                        import: ImportId(3), record: [9; 32], row: *row, line: *line,
                        number_cell: number_cell.clone(), permission_cell: permission_cell.clone(),
                        as_of: Date::parse("2026-11-23"),
                    };
                    prop_assert_eq!(&event.source, &source);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), valid_head: bool) {
            let mut all = Vec::new();
            if valid_head {
                all.push(FORMAT);
                all.extend_from_slice(&[7; 16]);
                all.extend_from_slice(b"p\0");
            }
            all.extend_from_slice(&bytes);
            let _ = read(&all);
        }
    }

    #[test]
    fn an_ordinary_row_takes_a_dozen_bytes() {
        let origin = Origin::File { import: ImportId(1), record: [0; 32], as_of: None };
        let mut writer = Writer::new(LogEnd::default(), UnixMs(0), origin);
        for row in 1..=512 {
            let number = 905_301_112_233 + row;
            let number_cell = format!("+{number}");
            writer.event(&Change {
                profile: row,
                previous: 0,
                number_before: 0,
                permission_before: 0,
                number,
                permission: 1,
                taken_from: 0,
                lifted: None,
                rule: Rule::NewProfile,
                row,
                line: row + 1,
                number_cell: &number_cell,
                permission_cell: "1",
            });
        }
        let (blocks, _) = writer.finish();
        assert_eq!(blocks.len(), 1);
        assert!(blocks[0].bytes.len() < 512 * 12, "{}", blocks[0].bytes.len());
    }
}
