//! The rules of matching and consent once more, as a person with a pencil would follow them.
//!
//! A list of profiles, searched from the top for every row, one row after another. No indexes, no batches, no plan:
//! this is what the product's answer is held against, so it shares no code with it and must stay too simple to be
//! wrong in the same way. It reads files with the plain `csv` crate and therefore only understands what the tests
//! generate: five columns, numbers in international form.

use std::collections::BTreeMap;

/// What a file says about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Consent {
    In,
    Out,
}

/// One person as the model knows them. `id` counts from 1 in order of creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: u64,
    pub(crate) exid: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) msisdn: Option<String>,
    /// The WhatsApp number and what it consents to: there is never one without the other.
    pub(crate) record: Option<(String, Consent)>,
}

/// What one import did, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) kept_opt_out: u64,
    pub(crate) rejected: u64,
    pub(crate) numbers_moved: u64,
    pub(crate) identifiers_conflict: u64,
    pub(crate) identifiers_differ: u64,
    pub(crate) opt_in: u64,
    pub(crate) opt_out: u64,
}

impl Tally {
    /// The law: every row has exactly one outcome.
    pub(crate) fn is_lawful(&self) -> bool {
        self.created + self.updated + self.unchanged + self.kept_opt_out + self.rejected == self.rows
    }
}

/// What the caller of an import declares about consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The day the file was collected, in days since some epoch that own opt-outs share.
    pub(crate) as_of_day: Option<i64>,
    /// The explicit override of people's own opt-outs.
    pub(crate) overrides: bool,
}

/// One data row, as it stands in the file after trimming.
struct Row {
    exid: Option<String>,
    email: Option<String>,
    msisdn: Option<String>,
    number: String,
    consent: Consent,
}

/// Everything remembered between imports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    people: Vec<Person>,
    /// A person's own opt-outs: identity of the number to the day it was said.
    own_opt_outs: BTreeMap<String, i64>,
    last_import: Option<(Vec<u8>, Declared)>,
}

impl Model {
    /// The people in order of creation.
    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// Whether this very file was the last thing imported, so that importing it again is answered with that.
    pub(crate) fn already_has(&self, file: &[u8], declared: Declared) -> bool {
        self.last_import.as_ref().is_some_and(|(bytes, before)| bytes == file && *before == declared)
    }

    /// The person at `number` says stop on `day`.
    pub(crate) fn own_opt_out(&mut self, number: &str, day: i64) {
        let said = self.own_opt_outs.entry(identity(number)).or_insert(day);
        *said = day.max(*said);
        for person in &mut self.people {
            if let Some((held, consent)) = &mut person.record
                && identity(held) == identity(number)
            {
                *consent = Consent::Out;
            }
        }
    }

    /// Applies a file row by row.
    pub(crate) fn import(&mut self, file: &[u8], declared: Declared) -> Tally {
        let mut tally = Tally::default();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        for record in reader.records() {
            let record = record.expect("generated files are well-formed CSV");
            tally.rows += 1;
            match read(&record) {
                None => tally.rejected += 1,
                Some(row) => self.apply(row, declared, &mut tally),
            }
        }
        self.last_import = Some((file.to_vec(), declared));
        tally
    }

    fn apply(&mut self, row: Row, declared: Declared, tally: &mut Tally) {
        match row.consent {
            Consent::In => tally.opt_in += 1,
            Consent::Out => tally.opt_out += 1,
        }
        // Rule 1: by exid, email, msisdn, number, in this order; the first hit decides.
        let hits = [
            row.exid.as_ref().and_then(|exid| self.find(|p| p.exid.as_ref() == Some(exid))),
            row.email.as_ref().and_then(|email| self.find(|p| same_email(p.email.as_deref(), email))),
            row.msisdn.as_ref().and_then(|msisdn| self.find(|p| same_number(p.msisdn.as_deref(), msisdn))),
            self.find(|p| same_number(p.record.as_ref().map(|(number, _)| number.as_str()), &row.number)),
        ];
        let hit = hits.iter().flatten().next().copied();

        // Rule 5: the row points at several people, or at one who is known by another stronger identifier.
        if hits.iter().flatten().any(|other| Some(*other) != hit) {
            tally.identifiers_conflict += 1;
        }
        if let Some(at) = hit {
            let person = &self.people[at];
            let strength = hits.iter().position(Option::is_some).unwrap_or(0);
            let brought_and_held = [
                (row.exid.is_some(), person.exid.is_some()),
                (row.email.is_some(), person.email.is_some()),
                (row.msisdn.is_some(), person.msisdn.is_some()),
            ];
            // What is stronger than the first hit did not hit, so if both sides have it, the values differ.
            if brought_and_held.iter().take(strength).any(|(brought, held)| *brought && *held) {
                tally.identifiers_differ += 1;
            }
        }

        // A person's own opt-out outranks the file, unless the file is younger or the caller overrides.
        let mut consent = row.consent;
        let mut kept = false;
        if row.consent == Consent::In
            && let Some(said) = self.own_opt_outs.get(&identity(&row.number)).copied()
        {
            // The word was spoken at noon UTC, when in the far east the next day had begun; a day is younger only if it
            // begins after the word wherever the consents were collected.
            if declared.overrides || declared.as_of_day.is_some_and(|day| day > said + 1) {
                self.own_opt_outs.remove(&identity(&row.number));
            } else {
                consent = Consent::Out;
                kept = true;
            }
        }

        // Rule 4: whoever else held the number loses number and permission.
        let mut moved = false;
        for (at, person) in self.people.iter_mut().enumerate() {
            let held = person.record.as_ref().map(|(number, _)| number.as_str());
            if Some(at) != hit && same_number(held, &row.number) {
                person.record = None;
                moved = true;
            }
        }
        tally.numbers_moved += u64::from(moved);

        // Rules 2 and 3.
        let record = Some((row.number, consent));
        let outcome = match hit {
            None => {
                let id = self.people.len() as u64 + 1;
                self.people.push(Person { id, exid: row.exid, email: row.email, msisdn: row.msisdn, record });
                &mut tally.created
            }
            Some(at) if self.people[at].record == record => &mut tally.unchanged,
            Some(at) => {
                self.people[at].record = record;
                &mut tally.updated
            }
        };
        if kept {
            tally.kept_opt_out += 1;
        } else {
            *outcome += 1;
        }
    }

    fn find(&self, is_it: impl Fn(&Person) -> bool) -> Option<usize> {
        self.people.iter().position(is_it)
    }
}

/// A row that has what a row must have; `None` is a rejected one.
fn read(record: &csv::StringRecord) -> Option<Row> {
    let cell = |at: usize| record.get(at).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let consent = match cell(4)?.as_str() {
        "1" => Consent::In,
        "0" | "2" => Consent::Out,
        _ => return None,
    };
    Some(Row {
        exid: cell(0),
        email: cell(1).filter(|text| text.contains('@')),
        msisdn: cell(2)
            .filter(|text| text.len() > 8)
            .map(|text| format!("+{}", text.trim_start_matches('+'))),
        number: cell(3).filter(|text| text.len() > 8)?,
        consent,
    })
}

/// Two spellings of one Argentine mobile are one number; everything else is what it is.
pub(crate) fn identity(number: &str) -> String {
    match number.strip_prefix("+549") {
        Some(rest) => format!("+54{rest}"),
        None => number.to_owned(),
    }
}

fn same_number(held: Option<&str>, brought: &str) -> bool {
    held.is_some_and(|held| identity(held) == identity(brought))
}

fn same_email(held: Option<&str>, brought: &str) -> bool {
    held.is_some_and(|held| held.to_lowercase() == brought.to_lowercase())
}
