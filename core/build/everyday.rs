//! Writes the tables of the everyday cell (core/src/phone/everyday.rs): where a walk over an international
//! number stands after three digits, how it ends once only the number of digits matters, and whose number it is.

use super::forest::{Forest, Order};
use super::international::{Country, Owner, Owners, Standing, plant};
use std::collections::HashMap;
use std::hash::Hash;

/// Digits whose states are looked up at once. No calling code is longer.
const BEGINNING_DIGITS: u32 = 3;
/// Digits after which a walk asks whether only their number still matters.
const WALKED_DIGITS: usize = 7;
/// Most digits of an everyday number: two machine words of them.
const DIGITS_MAX: usize = 16;
/// Calling codes of satellite and other networks that belong to no country. Their numbers are remarked on
/// whatever their type, which is left to the exact path; it takes the list from the table.
const SATELLITE_CODES: [u16; 4] = [870, 881, 882, 883];
/// Owners from here on are forks.
const FORKS: usize = 256;

/// The automaton of whole international numbers, planted in the forest.
pub(crate) struct Everyday {
    beginnings: Vec<Standing>,
    owners: Owners,
}

impl Everyday {
    /// Plants every calling code.
    pub(crate) fn plant(countries: &[Country], forest: &mut Forest) -> Everyday {
        let mut owners = Owners::default();
        let mut beginnings =
            vec![Standing { state: 0, owner: Owner::Nobody }; 10_usize.pow(BEGINNING_DIGITS)];
        for country in countries.iter().filter(|country| !SATELLITE_CODES.contains(&country.code)) {
            let start = plant(country, forest, &mut owners);
            let further = BEGINNING_DIGITS - country.code.ilog10() - 1;
            let width = 10_usize.pow(further);
            for tail in 0..width {
                let digits = (0..further).rev().map(|place| tail / 10_usize.pow(place) % 10);
                beginnings[usize::from(country.code) * width + tail] =
                    digits.fold(start, |standing, digit| Standing {
                        state: forest.after(standing.state, digit),
                        owner: owners.after(standing.owner, digit),
                    });
            }
        }
        Everyday { beginnings, owners }
    }

    /// The tables as Rust source.
    pub(crate) fn render(&self, order: &Order) -> String {
        let beginnings: Vec<(u16, u16)> = self
            .beginnings
            .iter()
            .map(|standing| (order.number[usize::from(standing.state)], encode(standing.owner)))
            .collect();
        let endings: Vec<[u8; DIGITS_MAX - WALKED_DIGITS + 1]> = order
            .endings
            .iter()
            .map(|ending| std::array::from_fn(|more| ending.get(more).copied().unwrap_or(0)))
            .collect();
        let forks: Vec<[u16; 10]> = self.owners.forks.iter().map(|fork| fork.map(encode)).collect();
        let depth = self.beginnings.iter().map(|standing| self.depth(standing.owner)).max().unwrap_or(0);
        assert!(
            BEGINNING_DIGITS as usize + depth <= WALKED_DIGITS + 1,
            "whose number it is stands in the first word of digits"
        );
        format!(
            "pub(super) const WALKED_DIGITS: usize = {WALKED_DIGITS};\n\
             pub(super) const DIGITS_MAX: usize = {DIGITS_MAX};\n\
             pub(super) const SATELLITE_CODES: [u16; {}] = {SATELLITE_CODES:?};\n\
             pub(super) const FORKS: u16 = {FORKS};\n\
             pub(super) static BEGINNINGS: [(u16, u16); {}] = {beginnings:?};\n\
             pub(super) static ENDINGS: [[u8; {}]; {}] = {endings:?};\n\
             pub(super) static OWNERS: [[u16; 10]; {}] = {forks:?};\n",
            SATELLITE_CODES.len(),
            beginnings.len(),
            DIGITS_MAX - WALKED_DIGITS + 1,
            endings.len(),
            forks.len(),
        )
    }

    /// The same walk in strides of four, two and two digits as Rust source: bigger tables and fewer steps.
    pub(crate) fn render_strides(&self, forest: &Forest, order: &Order) -> String {
        let mut fourth = Numbering::default();
        let mut sixth = Numbering::default();
        let mut ways = Numbering::default();
        let begun: Vec<(u16, u16)> = (0..10_000)
            .map(|digits| {
                let Standing { state, owner } = self.beginnings[digits / 10];
                let state = forest.after(state, digits % 10);
                (fourth.of(state), encode(self.owners.after(owner, digits % 10)))
            })
            .collect();
        let two = |state: u16, digits: usize| forest.after(forest.after(state, digits / 10), digits % 10);
        let mut on: Vec<[u16; 100]> = Vec::new();
        while let Some(state) = fourth.all.get(on.len()) {
            on.push(std::array::from_fn(|digits| sixth.of(two(*state, digits))));
        }
        let mut last: Vec<[u8; 100]> = Vec::new();
        while let Some(state) = sixth.all.get(last.len()) {
            last.push(std::array::from_fn(|digits| {
                let number = order.number[usize::from(two(*state, digits))];
                let ending = order.endings.get(usize::from(number));
                let verdicts: Option<[u8; STRIDE_ENDINGS]> =
                    ending.map(|ending| std::array::from_fn(|more| ending.get(more).copied().unwrap_or(0)));
                // What is not decided by now is left to others, as what is no number.
                ways.of(verdicts.unwrap_or([0; STRIDE_ENDINGS])) as u8
            }));
        }
        assert!(ways.all.len() <= 256, "a way to end is one byte");
        format!(
            "#[cfg(not(target_family = \"wasm\"))]\npub(super) mod strides {{\n\
             pub(in crate::phone) static BEGUN: [(u16, u16); {}] = {begun:?};\n\
             pub(in crate::phone) static ON: [[u16; 100]; {}] = {on:?};\n\
             pub(in crate::phone) static LAST: [[u8; 100]; {}] = {last:?};\n\
             pub(in crate::phone) static WAYS: [[u8; {STRIDE_ENDINGS}]; {}] = {:?};\n}}\n",
            begun.len(),
            on.len(),
            last.len(),
            ways.all.len(),
            ways.all,
        )
    }

    /// Most digits that are still needed to tell the owner.
    fn depth(&self, owner: Owner) -> usize {
        match owner {
            Owner::Fork(fork) => {
                let next = self.owners.forks[usize::from(fork)].iter();
                1 + next.map(|owner| self.depth(*owner)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
}

/// A plan as its place, a fork as its place behind [`FORKS`]. What nobody owns is never asked.
fn encode(owner: Owner) -> u16 {
    match owner {
        Owner::Nobody => 0,
        Owner::Plan(place) => u16::from(place),
        Owner::Fork(fork) => fork + FORKS as u16,
    }
}

/// Digits behind the last stride, from none to as many as there may be.
const STRIDE_ENDINGS: usize = DIGITS_MAX - 8 + 1;

/// Numbers things in the order in which they are met.
struct Numbering<T> {
    all: Vec<T>,
    index: HashMap<T, u16>,
}

impl<T> Default for Numbering<T> {
    fn default() -> Self {
        Numbering { all: Vec::new(), index: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbering<T> {
    fn of(&mut self, thing: T) -> u16 {
        let next = self.all.len() as u16;
        let number = *self.index.entry(thing.clone()).or_insert(next);
        if number == next {
            self.all.push(thing);
        }
        number
    }
}
