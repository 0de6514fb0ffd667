//! Writes the phone table: what libphonenumber's built metadata says, as plain arrays.
//!
//! core/metadata/plans.txt says it in the words of libphonenumber's built metadata, and what its run time makes of
//! them is made here: the order in which kinds are asked, and one verdict for fixed-line and mobile patterns that
//! are the same.

use super::digits;
use super::everyday::Everyday;
use super::forest::Forest;
use super::international::{Claim, Country, Plan};
use super::metadata::{self, Metadata};
use super::pattern::{self, Step};
use super::stripping::Rule;
use std::collections::HashMap;
use std::fmt::Write;

/// Longest national number that libphonenumber parses, in digits.
const NATIONAL_DIGITS_MAX: u16 = 17;
/// E.164 numbers are kept as 64-bit integers, which hold any 19 digits.
const E164_DIGITS_MAX: usize = 19;
/// Stands for “no automaton” and “no program”.
const NONE: u16 = u16::MAX;

/// Each kind of numbers, and the verdict of a number that matches it. Verdicts are places in `LineType`, counted
/// from 1. The order here is the order in which libphonenumber asks.
const KINDS: [(&str, u8); 10] = [
    ("premium-rate", 5),
    ("toll-free", 4),
    ("shared-cost", 6),
    ("voip", 7),
    ("personal-number", 8),
    ("pager", 9),
    ("uan", 10),
    ("voicemail", 11),
    ("fixed-line", FIXED_LINE),
    ("mobile", MOBILE),
];
const FIXED_LINE: u8 = 1;
const MOBILE: u8 = 2;
const FIXED_LINE_OR_MOBILE: u8 = 3;

/// What is written, while it grows.
struct Table {
    forest: Forest,
    steps: Vec<u16>,
    programs: HashMap<Vec<u16>, u16>,
    plans: Vec<Row>,
}

/// One plan as it is written.
struct Row {
    iso: String,
    code: u16,
    siblings: usize,
    lengths: Lengths,
    valid: u16,
    general: u16,
    leading: Option<u16>,
    prefix: u16,
    transform: Option<Vec<u8>>,
    idd: u16,
}

/// The whole table as Rust source, from the text of core/metadata/plans.txt.
pub(crate) fn table(plans: &str) -> String {
    let metadata = metadata::read(plans, &KINDS.map(|kind| kind.0));
    let mut table =
        Table { forest: Forest::new(), steps: Vec::new(), programs: HashMap::new(), plans: Vec::new() };
    let mut first = [0_u8; 1000];
    let mut countries = Vec::new();
    for plans in metadata.plans.chunk_by(|one, other| one.code == other.code) {
        let place = table.plans.len();
        first[usize::from(plans[0].code)] = u8::try_from(place + 1).expect("there are at most 255 plans");
        for plan in plans {
            table.add(plan, plans.len());
        }
        countries.push(table.country(place, &plans[0]));
    }
    let everyday = Everyday::plant(&countries, &mut table.forest);
    table.render(metadata.version, &first, &everyday)
}

impl Table {
    fn add(&mut self, plan: &Metadata, siblings: usize) {
        let lengths = Lengths::of(plan);
        let longest = plan.code.to_string().len() + lengths.national.ilog2() as usize;
        assert!(longest <= E164_DIGITS_MAX, "{}: {longest} digits do not fit", plan.id);
        let valid = self.valid(plan, lengths.national);
        let general = pattern::compile(plan.general, 0);
        let general = self.forest.plant(&[general], |_, _| FIXED_LINE);
        let leading =
            plan.leading.map(|leading| self.forest.plant(&[pattern::compile(leading, 0)], |_, _| FIXED_LINE));
        let (prefix, transform) = prefix(plan);
        let prefix = self.program(&prefix);
        let idd = plan.idd.map(|idd| pattern::compile(idd, 0));
        let idd = self.program(&idd.unwrap_or_default());
        self.plans.push(Row {
            iso: plan.id.to_owned(),
            code: plan.code,
            siblings,
            lengths,
            valid,
            general,
            leading,
            prefix,
            transform,
            idd,
        });
    }

    /// The calling code whose plans were added last, from this place on.
    fn country(&self, place: usize, main: &Metadata) -> Country {
        let rows = &self.plans[place..];
        let (prefix, transform) = prefix(main);
        let plan = |(at, row): (usize, &Row)| Plan {
            place: (place + at) as u8,
            valid: row.valid,
            claim: match row.leading {
                _ if rows.len() == 1 => Claim::Made,
                None => Claim::Valid,
                Some(leading) => Claim::Leading(leading),
            },
        };
        Country {
            code: rows[0].code,
            national_lengths: rows[0].lengths.national,
            rule: Rule { prefix, transform, general: rows[0].general },
            plans: rows.iter().enumerate().map(plan).collect(),
        }
    }

    /// One automaton for `isValidNumber` and the number's type: what ends with a verdict is valid.
    fn valid(&mut self, plan: &Metadata, national_lengths: u32) -> u16 {
        let mut programs = vec![pattern::compile(plan.general, 0)];
        let mut kinds = vec![(national_lengths, 0)];
        for (name, verdict) in KINDS {
            let Some(mut kind) = plan.kind(name) else { continue };
            // Where both patterns are the same, libphonenumber looks at the fixed line only, lengths
            // included.
            if verdict == MOBILE
                && let Some(fixed) = plan.kind("fixed-line")
                && fixed.pattern == kind.pattern
            {
                kind = fixed;
            }
            programs.push(pattern::compile(kind.pattern, 0));
            kinds.push((bits(&kind.lengths), verdict));
        }
        self.forest.plant(&programs, |length, matched| {
            let fits = |at: usize| matched >> at & 1 == 1 && kinds[at].0 >> length & 1 == 1;
            if !fits(0) {
                return 0;
            }
            let mut verdicts = (1..kinds.len()).filter(|at| fits(*at)).map(|at| kinds[at].1);
            match (verdicts.next(), verdicts.next()) {
                (Some(FIXED_LINE), Some(MOBILE)) => FIXED_LINE_OR_MOBILE,
                (verdict, _) => verdict.unwrap_or(0),
            }
        })
    }

    /// Stores a program once and returns where it begins. Targets become places in the common pool.
    fn program(&mut self, steps: &[Step]) -> u16 {
        if steps.is_empty() {
            return NONE;
        }
        let relative: Vec<u16> = steps.iter().map(|step| encode(*step, 0)).collect();
        let start = self.steps.len();
        *self.programs.entry(relative).or_insert_with(|| {
            self.steps.extend(steps.iter().map(|step| encode(*step, start)));
            start as u16
        })
    }

    fn render(&self, version: &str, first: &[u8; 1000], everyday: &Everyday) -> String {
        let order = self.forest.order();
        let state = |state: u16| order.number[usize::from(state)];
        let states = order.states.iter().map(|at| &self.forest.states[usize::from(*at)]);
        let (mut next, mut verdicts) = (Vec::new(), Vec::new());
        for of in states {
            next.push(of.next.map(state));
            verdicts.push(of.verdict);
        }
        let mut plans = String::new();
        for row in &self.plans {
            writeln!(
                plans,
                "Plan {{ iso: {:?}, code: {}, siblings: {}, national_lengths: {:#x}, local_lengths: {:#x}, \
                 valid: {}, general: {}, leading: {}, prefix: {}, transform: {}, idd: {} }},",
                row.iso,
                row.code,
                row.siblings,
                row.lengths.national,
                row.lengths.local,
                state(row.valid),
                state(row.general),
                row.leading.map_or(NONE, state),
                row.prefix,
                row.transform.as_ref().map_or("None".to_owned(), |literal| format!("Some(&{literal:?})")),
                row.idd,
            )
            .expect("a string takes everything");
        }
        format!(
            "pub(super) const VERSION: &str = {version:?};\n\
             pub(super) const PLANS_LEN: usize = {};\n\
             pub(super) static PLANS: [Plan; PLANS_LEN] = [\n{plans}];\n\
             pub(super) static FIRST_PLAN: [u8; 1000] = {first:?};\n\
             pub(super) static NEXT: [[u16; 10]; {}] = {next:?};\n\
             pub(super) static VERDICTS: [u8; {}] = {verdicts:?};\n\
             pub(super) static STEPS: [u16; {}] = {:?};\n",
            self.plans.len(),
            next.len(),
            verdicts.len(),
            self.steps.len(),
            self.steps,
        ) + &everyday.render(&order)
            + &everyday.render_strides(&self.forest, &order)
            + &digits::table()
    }
}

/// The program that finds a national prefix, empty if there is none; and the digits that the transform rule
/// puts before what its last group captured.
fn prefix(plan: &Metadata) -> (Vec<Step>, Option<Vec<u8>>) {
    let Some(prefix) = plan.prefix else { return (Vec::new(), None) };
    let Some(rule) = plan.transform else {
        return (pattern::compile(prefix, 0), None);
    };
    let (literal, group) = rule.split_once('$').expect("a transform rule names a group");
    let captured = pattern::groups(prefix);
    assert_eq!(group, captured.to_string(), "{}: the rule must use the last group and nothing else", plan.id);
    let literal = literal.bytes().map(|digit| digit - b'0').collect();
    (pattern::compile(prefix, captured), Some(literal))
}

/// Possible lengths of a plan's numbers, bit n for n digits.
struct Lengths {
    national: u32,
    local: u32,
}

impl Lengths {
    /// Those of the plan. A length that is possible nationally is not local only.
    fn of(plan: &Metadata) -> Lengths {
        let (national, local) = (bits(&plan.lengths), bits(&plan.local));
        assert!(national & local == 0, "{}: a length is possible and local only", plan.id);
        Lengths { national, local }
    }
}

fn bits(lengths: &[u16]) -> u32 {
    lengths.iter().fold(0, |bits, length| {
        assert!(*length <= NATIONAL_DIGITS_MAX, "a possible length of {length} digits");
        bits | 1 << length
    })
}

/// A step as the product reads it (core/src/phone/prefix.rs): three bits of what, thirteen of which.
fn encode(step: Step, start: usize) -> u16 {
    let (what, which) = match step {
        Step::Digit(mask) => (0, usize::from(mask)),
        Step::Split(to) => (1, start + to),
        Step::Jump(to) => (2, start + to),
        Step::Open => (3, 0),
        Step::Close => (4, 0),
        Step::End => (5, 0),
        Step::Match => (6, 0),
    };
    assert!(which < 1 << 13, "prefix programs have fewer than 8,192 steps");
    what << 13 | which as u16
}
