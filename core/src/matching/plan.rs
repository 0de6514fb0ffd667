//! The decision: rules 1 to 5 of matching, and the person's own opt-out above any file.

use crate::permission::Permission;
use crate::rows::{Rows, Texts};
use crate::rule::Code;
use crate::time::{Date, UnixMs};

use super::ProfileId;
use super::changes::{Consent, Counts, Created, Custody, Finding, Plan, Terms, pack_ids};
use super::event::Rule;
use super::keys::{Identifier, Keys, NONE, fold_email, identity};
use super::known::{Known, OwnOptOut, Person};
use super::log::{Change, Origin, Writer};

/// How far the earliest clocks on Earth are ahead of UTC, in milliseconds.
const EASTERNMOST_OFFSET_MS: i64 = 14 * 3_600_000;

/// Decides about a batch of rows, given their keys and what is known about these. `attributes` are the names of the
/// rows' attribute columns.
///
/// ```
/// use consentry_core::consent::{Checker, CheckOptions, Emit};
/// use consentry_core::matching::{ImportId, KeySeed, Keys, Known, Terms, plan};
/// use consentry_core::time::UnixMs;
///
/// let mut checker = Checker::new(CheckOptions::default(), Emit { rows: true, ..Emit::default() });
/// checker.feed(b"exid,wpNumber,permission\n7,+905301112233,1\n");
/// checker.finish();
/// let rows = checker.take_rows();
/// let keys = Keys::of(&rows, &KeySeed::default());
/// let known = Known::nothing(&keys);
/// let terms = Terms { import: ImportId(1), record: [0; 32], at: UnixMs(0), as_of: None, override_opt_outs: false };
/// assert_eq!(plan(&rows, &[], &keys, known, &terms).counts.created, 1);
/// ```
pub fn plan(rows: &Rows, attributes: &[String], keys: &Keys, known: Known, terms: &Terms) -> Plan {
    let origin = Origin::File { import: terms.import, record: terms.record, as_of: terms.as_of };
    let mut planning = Planning {
        rows,
        keys,
        terms,
        known_people: known.people.len(),
        touched: vec![false; known.people.len()],
        confirmed: vec![false; known.people.len()],
        holders: known.numbers.clone(),
        last_holders: known.last_holders.clone(),
        left: Vec::new(),
        lifted: Vec::new(),
        created_row: Vec::new(),
        log: Writer::new(known.log_end, terms.at, origin),
        findings: Vec::new(),
        counts: Counts::default(),
        known,
    };
    for at in 0..rows.len() {
        planning.row(at);
    }
    planning.finish(attributes)
}

struct Planning<'a> {
    rows: &'a Rows,
    keys: &'a Keys,
    /// Kept true row by row, so that a later row of the batch sees what an earlier one did. New people come behind the
    /// known ones.
    known: Known,
    terms: &'a Terms,
    /// People that the store knows.
    known_people: usize,
    /// Whether they have a new event.
    touched: Vec<bool>,
    /// Whether a row said of them what was known.
    confirmed: Vec<bool>,
    /// Who holds each number of the keys at the start of the batch.
    holders: Vec<u32>,
    /// And who held it last.
    last_holders: Vec<u64>,
    /// Numbers that were left and are none of the keys, and who left them.
    left: Vec<(u64, u64)>,
    /// Places of numbers whose own opt-out was lifted.
    lifted: Vec<u32>,
    /// The row that made each new profile.
    created_row: Vec<u32>,
    log: Writer<'a>,
    findings: Vec<Finding>,
    counts: Counts,
}

/// What led to whom, strongest identifier first.
type Hits = [Option<(Identifier, u32)>; 4];

impl Planning<'_> {
    fn row(&mut self, at: usize) {
        let (number, permission) = (self.rows.number[at], self.rows.permission[at]);
        let (place, Some(permission)) = (self.keys.numbers.of_row[at], Permission::from_u8(permission))
        else {
            return;
        };
        if place == NONE {
            return;
        }
        let own = self.known.own_opt_outs[place as usize];
        let opt_in = permission == Permission::OptIn;
        let lifts = opt_in && own.is_some_and(|own| self.lifts(own));
        let kept = opt_in && own.is_some() && !lifts;
        let after = if kept { Permission::OptOut } else { permission } as u8;

        let hits = self.hits(at, place);
        let hit = hits.iter().flatten().next().copied();
        let (person, mut rule) = match hit {
            Some((identifier, person)) => {
                self.tell(at, person, identifier, &hits);
                (person, Rule::Matched(identifier))
            }
            None => (self.create(at), Rule::NewProfile),
        };
        let index = person as usize;
        let before = (self.known.people.number[index], self.known.people.permission[index]);
        let changed = before != (number, after);
        let taken_from = self.take_from_others(at, person, place);
        if changed {
            self.give(person, before.0, number, after, place);
        }
        if lifts {
            self.known.own_opt_outs[place as usize] = None;
            self.lifted.push(place);
            rule = Rule::LiftedOptOut;
        }
        if kept {
            rule = Rule::KeptOptOut;
        }
        // Under a person's own word a file's opt-out changes nothing, and is remembered all the same: once the word is taken
        // back, it is what holds.
        let heeded = own.is_some() && permission == Permission::OptOut && hit.is_some();
        if changed || lifts || heeded {
            let gained = identity(before.0) != identity(number);
            let last_holder = self.known.last_holders[place as usize];
            let taken_from = taken_from.unwrap_or(last_holder);
            let taken_from = if gained && taken_from != self.known.people.id[index] { taken_from } else { 0 };
            let lifted = own.filter(|_| lifts);
            self.event(at, person, before, (number, after), rule, Evidence { taken_from, lifted });
        } else if let Some(confirmed) = self.confirmed.get_mut(index) {
            *confirmed = true;
        }
        let counts = &mut self.counts;
        *match () {
            () if kept => &mut counts.kept_opt_out,
            () if hit.is_none() => &mut counts.created,
            () if changed || lifts => &mut counts.updated,
            () => &mut counts.unchanged,
        } += 1;
    }

    /// Profiles the row's identifiers lead to.
    #[inline]
    fn hits(&self, at: usize, number: u32) -> Hits {
        let (keys, known) = (self.keys, &self.known);
        let led = |identifier: Identifier, place: u32, to: &[u32]| {
            let person = if place == NONE { NONE } else { to[place as usize] };
            (person != NONE).then_some((identifier, person))
        };
        [
            led(Identifier::Exid, keys.exids.of_row[at], &known.exids),
            led(Identifier::Email, keys.emails.of_row[at], &known.emails),
            led(Identifier::Msisdn, keys.msisdns.of_row[at], &known.msisdns),
            led(Identifier::Number, number, &known.numbers),
        ]
    }

    /// Reports identifiers that disagree: with each other, or with the profile that was hit.
    #[inline]
    fn tell(&mut self, at: usize, hit: u32, by: Identifier, hits: &Hits) {
        if hits.iter().flatten().any(|(_, person)| *person != hit) {
            let mut profiles = vec![hit];
            for (_, person) in hits.iter().flatten() {
                if !profiles.contains(person) {
                    profiles.push(*person);
                }
            }
            let profiles = profiles.iter().map(|person| ProfileId(self.known.people.id[*person as usize]));
            let profiles = profiles.collect();
            self.counts.identifiers_conflict += 1;
            self.find(at, Code::IdentifiersConflict, profiles);
        }
        if by > Identifier::Exid && self.differs(at, hit as usize, by) {
            self.counts.identifiers_differ += 1;
            self.find(at, Code::IdentifierDiffers, vec![ProfileId(self.known.people.id[hit as usize])]);
        }
    }

    /// Whether the row brings a stronger identifier than the one that hit, and the profile holds another of this kind.
    fn differs(&self, at: usize, hit: usize, by: Identifier) -> bool {
        let (rows, people) = (self.rows, &self.known.people);
        let exid = differ(rows.exid.some(at), people.exid.some(hit));
        let email = || differ(rows.email.some(at).map(fold_email), people.email.some(hit).map(fold_email));
        let msisdn = || differ(identity(rows.msisdn[at]), identity(people.msisdn[hit]));
        exid || by > Identifier::Email && email() || by > Identifier::Msisdn && msisdn()
    }

    fn find(&mut self, at: usize, code: Code, profiles: Vec<ProfileId>) {
        let (row, line) = (self.rows.row[at], self.rows.line[at]);
        self.findings.push(Finding { code, row, line, profiles });
    }

    fn lifts(&self, own: OwnOptOut) -> bool {
        // Nobody can have overridden a word that was spoken after the import was received.
        let overridden = self.terms.override_opt_outs && own.at <= self.terms.at;
        // A day is later than an instant only when it begins after it wherever the consents were collected: in doubt,
        // nobody is messaged.
        let last_day_of_it = Date::of(UnixMs(own.at.0.saturating_add(EASTERNMOST_OFFSET_MS)));
        overridden || self.terms.as_of.is_some_and(|as_of| as_of > last_day_of_it)
    }

    /// Rule 3: a new profile with everything the row provides; its number is given to it afterwards.
    fn create(&mut self, at: usize) -> u32 {
        let person = self.known.people.len() as u32;
        self.known.people.push(Person {
            id: self.known.next_profile,
            exid: self.rows.exid.get(at),
            email: self.rows.email.get(at),
            msisdn: self.rows.msisdn[at],
            number: 0,
            permission: 0,
            last_event: 0,
        });
        self.known.next_profile += 1;
        self.created_row.push(at as u32);
        for (place, to) in [
            (self.keys.exids.of_row[at], &mut self.known.exids),
            (self.keys.emails.of_row[at], &mut self.known.emails),
            (self.keys.msisdns.of_row[at], &mut self.known.msisdns),
        ] {
            if place != NONE {
                to[place as usize] = person;
            }
        }
        person
    }

    /// Rule 4: any other profile that held the number loses it, and its permission with it. The profile it was taken
    /// from.
    fn take_from_others(&mut self, at: usize, person: u32, place: u32) -> Option<u64> {
        let loser = self.known.numbers[place as usize];
        if loser == NONE || loser == person {
            return None;
        }
        let index = loser as usize;
        let people = &mut self.known.people;
        let before = (people.number[index], people.permission[index]);
        (people.number[index], people.permission[index]) = (0, 0);
        let (lost_by, to) = (people.id[index], ProfileId(people.id[person as usize]));
        self.event(at, loser, before, (0, 0), Rule::NumberMovedAway { to }, Evidence::default());
        self.counts.numbers_moved += 1;
        Some(lost_by)
    }

    /// Rule 2: the profile's number becomes the row's number, its permission the row's permission.
    fn give(&mut self, person: u32, before: u64, number: u64, permission: u8, place: u32) {
        let index = person as usize;
        let key = self.keys.numbers.numbers[place as usize];
        if let Some(left) = identity(before).filter(|left| *left != key) {
            let profile = self.known.people.id[index];
            match self.keys.numbers.place(left) {
                Some(place) => {
                    self.known.numbers[place] = NONE;
                    self.known.last_holders[place] = profile;
                }
                None => self.left.push((left, profile)),
            }
        }
        self.known.numbers[place as usize] = person;
        self.known.people.number[index] = number;
        self.known.people.permission[index] = permission;
    }

    fn event(
        &mut self,
        at: usize,
        person: u32,
        before: (u64, u8),
        after: (u64, u8),
        rule: Rule,
        evidence: Evidence,
    ) {
        let index = person as usize;
        let seq = self.log.event(&Change {
            profile: self.known.people.id[index],
            previous: self.known.people.last_event[index],
            number_before: before.0,
            permission_before: before.1,
            number: after.0,
            permission: after.1,
            taken_from: evidence.taken_from,
            lifted: evidence.lifted,
            rule,
            row: self.rows.row[at],
            line: self.rows.line[at],
            number_cell: self.rows.number_cell.get(at),
            permission_cell: self.rows.permission_cell.get(at),
        });
        self.known.people.last_event[index] = seq;
        if let Some(touched) = self.touched.get_mut(index) {
            *touched = true;
        }
    }

    fn finish(self, attributes: &[String]) -> Plan {
        let people = &self.known.people;
        let consents = (0..self.known_people).filter(|at| self.touched[*at]).map(|at| Consent {
            profile: people.id[at],
            number: people.number[at],
            permission: people.permission[at],
            last_event: people.last_event[at],
            removed: false,
        });
        let consents = consents.collect();
        let confirmed = (0..self.known_people).filter(|at| self.confirmed[*at] && !self.touched[*at]);
        let confirmed = pack_ids(confirmed.map(|at| people.id[at]));
        let mut lifted: Vec<u64> =
            self.lifted.iter().map(|place| self.keys.numbers.numbers[*place as usize]).collect();
        lifted.sort_unstable();
        lifted.dedup();
        let custody = self.custody();
        let based_on = self.known.log_end.seq;
        let (log, log_end) = self.log.finish();
        Plan {
            created: created(
                &self.rows.attributes,
                &self.known,
                self.known_people,
                self.keys,
                &self.created_row,
                attributes,
            ),
            consents,
            custody,
            own_opt_outs: lifted.into_iter().map(|number| (number, None)).collect(),
            user: None,
            unheld_events: Vec::new(),
            confirmed,
            log,
            based_on,
            log_end,
            findings: self.findings,
            counts: self.counts,
            at: self.terms.at,
            next_profile: self.known.next_profile,
        }
    }

    /// Numbers that are not where they were.
    fn custody(&self) -> Vec<Custody> {
        let mut custody: Vec<Custody> = self
            .left
            .iter()
            .map(|(number, profile)| Custody { number: *number, profile: *profile, held: false })
            .collect();
        for (place, number) in self.keys.numbers.numbers.iter().enumerate() {
            let (holder, last) = (self.known.numbers[place], self.known.last_holders[place]);
            if (holder, last) != (self.holders[place], self.last_holders[place]) {
                let held = holder != NONE;
                let profile = if held { self.known.people.id[holder as usize] } else { last };
                custody.push(Custody { number: *number, profile, held });
            }
        }
        custody.sort_unstable_by_key(|custody| custody.number);
        custody
    }
}

#[derive(Clone, Copy, Default)]
struct Evidence {
    taken_from: u64,
    lifted: Option<OwnOptOut>,
}

/// The new profiles as they are after the batch.
fn created(
    values: &[Texts],
    known: &Known,
    from: usize,
    keys: &Keys,
    rows: &[u32],
    names: &[String],
) -> Created {
    let mut created = Created {
        attribute_names: names.to_vec(),
        attributes: vec![Texts::default(); names.len()],
        ..Created::default()
    };
    let hash = |keys: &super::TextKeys, row: u32| match keys.of_row[row as usize] {
        NONE => 0,
        place => keys.hashes[place as usize],
    };
    for (at, row) in (from..known.people.len()).zip(rows) {
        created.people.push(known.people.get(at));
        created.exid_hash.push(hash(&keys.exids, *row));
        created.email_hash.push(hash(&keys.emails, *row));
        for (to, column) in created.attributes.iter_mut().zip(values) {
            to.push(column.get(*row as usize));
        }
    }
    created.first = created.people.id.first().copied().unwrap_or(known.next_profile);
    created
}

/// Whether both sides have a value and the values are not the same.
fn differ<T: PartialEq>(brought: Option<T>, held: Option<T>) -> bool {
    matches!((brought, held), (Some(brought), Some(held)) if brought != held)
}

#[cfg(test)]
mod tests {
    use super::super::{ImportId, KeySeed};
    use super::*;

    const NUMBER: u64 = 905301112233;
    const HOUR_MS: i64 = 3_600_000;

    /// What an opt-in row makes of a word spoken at `said`.
    fn opted_in(said: i64, terms: &Terms) -> bool {
        let mut rows = Rows::with_attributes(0);
        rows.row.push(1);
        rows.line.push(2);
        rows.number.push(NUMBER);
        rows.msisdn.push(0);
        rows.permission.push(1);
        rows.codes.push(0);
        for texts in [&mut rows.exid, &mut rows.email, &mut rows.number_cell, &mut rows.permission_cell] {
            texts.push("");
        }
        let keys = Keys::of(&rows, &KeySeed::default());
        let mut known = Known::nothing(&keys);
        known.own_opt_outs[0] = Some(OwnOptOut { at: UnixMs(said) });
        let plan = plan(&rows, &[], &keys, known, terms);
        let after = plan.created.people.get(0).permission;
        assert_eq!(plan.counts.kept_opt_out == 0, after == 1);
        assert_eq!(plan.own_opt_outs.len(), usize::from(after == 1));
        after == 1
    }

    fn terms(at: i64, as_of: Option<&str>, override_opt_outs: bool) -> Terms {
        Terms {
            import: ImportId(1),
            record: [0; 32],
            at: UnixMs(at),
            as_of: as_of.and_then(Date::parse),
            override_opt_outs,
        }
    }

    #[test]
    fn nobody_overrides_a_word_not_spoken_yet() {
        assert!(opted_in(1_000, &terms(1_000, None, true)));
        assert!(!opted_in(1_001, &terms(1_000, None, true)));
    }

    #[test]
    fn a_collection_day_is_later_only_if_it_is_later_everywhere() {
        // 1970-01-02T10:30Z is the 3rd already where clocks are fourteen hours ahead.
        let said = 34 * HOUR_MS + HOUR_MS / 2;
        for (as_of, lifts) in [("1970-01-02", false), ("1970-01-03", false), ("1970-01-04", true)] {
            assert_eq!(opted_in(said, &terms(i64::MAX, Some(as_of), false)), lifts, "{as_of}");
        }
        // An hour before, it is the 2nd everywhere.
        assert!(opted_in(said - HOUR_MS, &terms(i64::MAX, Some("1970-01-03"), false)));
    }
}
