//! Two files: people who are known already, and the rows that bring news of them.
//!
//! A row of news follows from its place and from how many people are known. It is about somebody whom no other row of
//! the file is about, and of a kind that follows from who that is, so that the mix is the same for every number of
//! people. Nothing here is faulty or repeated: this is about matching and keeping, not about judging.

use std::path::PathBuf;

use crate::bench::file::{Chance, Number, STRANGERS, digits, email, scattered, written};
use crate::run::Outcome;
use crate::tree;

/// Raised when other rows come out, so that files and stores of an earlier shape are not used.
const SHAPE: u32 = 1;
/// The first exid.
const EXIDS: u64 = 10_000_000;
/// Numbers are dealt out by persons; known people begin at 0, and nobody in these files has a number twice.
const NEWCOMERS: u64 = 40_000_000;
/// Whose numbers are brought in place of people's own.
const CHANGED: u64 = 80_000_000;
/// Most people that can be known, and most rows of news, without one range of persons running into the next.
pub(super) const PEOPLE_MAX: u64 = 20_000_000;
pub(super) const NEWS_MAX: u64 = 10_000_000;

/// How a row of news finds its profile, in parts of 100 rows that are about somebody known or new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 70: by exid.
    Exid,
    /// 10: by e-mail address, without an exid.
    Email,
    /// 5: by msisdn, the first of what the row brings.
    Msisdn,
    /// 5: by the number alone.
    Number,
    /// 10: not at all.
    New,
}

/// A file of people, each with a profile of their own.
pub(super) fn known(people: u64) -> Outcome<PathBuf> {
    let path = tree::own().join(format!("bench/import-{SHAPE}-known-{people}.csv"));
    let mut number = Number::default();
    written(&path, people, |at, line| person(at).write(line, &mut number))?;
    Ok(path)
}

/// A file of news about some of so many people.
pub(super) fn news(rows: u64, people: u64) -> Outcome<PathBuf> {
    let path = tree::own().join(format!("bench/import-{SHAPE}-news-{rows}-of-{people}.csv"));
    let mut number = Number::default();
    written(&path, rows, |at, line| row(at, people).0.write(line, &mut number))?;
    Ok(path)
}

/// How many profiles a file of news makes.
pub(super) fn newcomers(rows: u64, people: u64) -> u64 {
    (0..rows).filter(|at| row(*at, people).1 == Kind::New).count() as u64
}

/// What a known person is looked up by, as it stands in a query.
pub(super) fn question(at: u64) -> String {
    let known = person(at);
    let mut text = Vec::new();
    match (known.exid, known.email) {
        (Some(_), Some(address)) if at.is_multiple_of(2) => {
            email(address, &mut address_chance(address), &mut text);
        }
        (Some(exid), _) if !at.is_multiple_of(3) => digits(EXIDS + exid, &mut text),
        _ => {
            let mut number = Number::default();
            number.of(known.number);
            number.plain(b"%2B", &mut text);
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Names what is made of these files, so that it is made anew when they change.
pub(super) fn name(people: u64) -> String {
    format!("{SHAPE}-{people}")
}

/// One line of either file. Whoever has an address or a number is a person.
struct Line {
    exid: Option<u64>,
    email: Option<u64>,
    msisdn: Option<u64>,
    number: u64,
    opt_in: bool,
}

impl Line {
    fn write(&self, out: &mut Vec<u8>, number: &mut Number) {
        if let Some(exid) = self.exid {
            digits(EXIDS + exid, out);
        }
        out.push(b',');
        if let Some(person) = self.email {
            email(person, &mut address_chance(person), out);
        }
        out.push(b',');
        if let Some(person) = self.msisdn {
            number.of(person);
            number.plain(b"", out);
        }
        out.push(b',');
        number.of(self.number);
        number.plain(b"+", out);
        out.extend_from_slice(if self.opt_in { b",1\n" } else { b",2\n" });
    }
}

fn address_chance(person: u64) -> Chance {
    Chance::of(person ^ 1 << 62)
}

/// What is known of a person: in 80 of 100 an exid, in 60 an address, in 70 an msisdn, mostly the same number.
fn person(at: u64) -> Line {
    let mut chance = Chance::of(at);
    let kind = kind(&mut chance);
    let exid = kind == Kind::Exid || chance.below(1000) < 100;
    let has_email = kind == Kind::Email || chance.below(1000) < 550;
    let has_msisdn = kind == Kind::Msisdn || chance.below(1000) < 682;
    let msisdn = if chance.below(1000) < 700 { at } else { at + STRANGERS };
    Line {
        exid: exid.then_some(at),
        email: has_email.then_some(at),
        msisdn: has_msisdn.then_some(msisdn),
        number: at,
        opt_in: chance.below(1000) < 750,
    }
}

/// How news of somebody known finds its profile: of 90, 70, 10, 5 and 5.
fn kind(chance: &mut Chance) -> Kind {
    match chance.below(90) {
        0..70 => Kind::Exid,
        70..80 => Kind::Email,
        80..85 => Kind::Msisdn,
        _ => Kind::Number,
    }
}

/// One row of news. It brings all that is known of the person, but for what would find the profile earlier.
fn row(at: u64, people: u64) -> (Line, Kind) {
    let mut chance = Chance::of(at ^ 1 << 61);
    if chance.below(1000) < 100 {
        let line = Line { opt_in: chance.below(1000) < 750, ..person(NEWCOMERS + at) };
        return (line, Kind::New);
    }
    let whom = scattered(at, people);
    let known = person(whom);
    let kind = kind(&mut Chance::of(whom));
    let mut line = match kind {
        Kind::Exid | Kind::New => known,
        Kind::Email => Line { exid: None, ..known },
        Kind::Msisdn => Line { exid: None, email: None, ..known },
        Kind::Number => Line { exid: None, email: None, msisdn: None, ..known },
    };
    // Fifteen of a hundred rows bring another number: 14 of the 70, and 1 of the 15.
    let changes = match kind {
        Kind::Exid => chance.below(1000) < 200,
        Kind::Email | Kind::Msisdn => chance.below(1000) < 67,
        Kind::Number | Kind::New => false,
    };
    if changes {
        line.number = if chance.below(2) == 0 { CHANGED + at } else { owner(whom, people, &mut chance) };
    }
    // One in ten thinks otherwise now.
    line.opt_in ^= chance.below(1000) < 100;
    (line, kind)
}

/// Somebody else, whose number is brought. Not one whom only the number would find: that row would find the thief.
fn owner(whom: u64, people: u64, chance: &mut Chance) -> u64 {
    loop {
        let other = chance.below(people);
        if other != whom && kind(&mut Chance::of(other)) != Kind::Number {
            return other;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const _: () = assert!(PEOPLE_MAX < NEWCOMERS && NEWCOMERS + NEWS_MAX <= STRANGERS);
    const _: () = assert!(STRANGERS + PEOPLE_MAX <= CHANGED && CHANGED + NEWS_MAX <= NEWCOMERS + STRANGERS);

    /// Of a thousand rows or people, how many.
    fn per_mille(count: usize, of: usize) -> i64 {
        (count * 1000 / of) as i64
    }

    fn near(found: i64, wanted: i64) -> bool {
        (found - wanted).abs() <= 5
    }

    #[test]
    fn the_mix_is_what_it_should_be() {
        let people = 200_000;
        for rows in [100_000, 200_000] {
            let lines: Vec<(Line, Kind)> = (0..rows).map(|at| row(at, people)).collect();
            let of = |kind| per_mille(lines.iter().filter(|(_, own)| *own == kind).count(), lines.len());
            let kinds = [Kind::Exid, Kind::Email, Kind::Msisdn, Kind::Number, Kind::New].map(of);
            for (found, wanted) in kinds.into_iter().zip([700, 100, 50, 50, 100]) {
                assert!(near(found, wanted), "{kinds:?}");
            }
            let number_of = |at: usize| scattered(at as u64, people);
            let changed: Vec<u64> = lines
                .iter()
                .enumerate()
                .filter_map(|(at, (line, kind))| {
                    (*kind != Kind::New && line.number != number_of(at)).then_some(line.number)
                })
                .collect();
            let owned = changed.iter().filter(|number| **number < people).count();
            assert!(near(per_mille(changed.len(), lines.len()), 150), "{}", changed.len());
            assert!(near(per_mille(owned, lines.len()), 75), "{owned}");
            assert_eq!(
                newcomers(rows, people),
                lines.iter().filter(|(_, kind)| *kind == Kind::New).count() as u64
            );
        }
    }

    #[test]
    fn known_people_have_what_people_have() {
        let lines: Vec<Line> = (0..100_000).map(person).collect();
        let having =
            |has: fn(&Line) -> bool| per_mille(lines.iter().filter(|line| has(line)).count(), lines.len());
        let found = [
            having(|line| line.exid.is_some()),
            having(|line| line.email.is_some()),
            having(|line| line.msisdn.is_some()),
        ];
        assert!(near(found[0], 800) && near(found[1], 600) && near(found[2], 700), "{found:?}");
    }

    #[test]
    fn no_two_rows_of_news_are_about_the_same_person() {
        let mut seen = BTreeSet::new();
        assert!((0..20_000).all(|at| seen.insert(scattered(at, 20_000))));
    }
}
