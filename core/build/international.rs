//! The automaton of whole international numbers: one walk over the calling code and the national number.
//!
//! It accepts a number only if libphonenumber calls it possible and valid and would leave its digits alone:
//! no national prefix stripped, no transform. Every other number is left to the exact path of the product, so
//! that this automaton may be conservative and must never be generous. Where stripping plays no part, which is
//! nearly everywhere, its states are those that the plans already have in the forest.
//!
//! Whose number it is stands beside it in a tree of its own: few calling codes have several regions, and a
//! few digits tell them apart, so states can be shared between countries.

use super::forest::{Forest, State};
use super::stripping::{Rule, Stripping};
use std::collections::HashMap;

/// One calling code.
pub(crate) struct Country {
    /// The calling code.
    pub(crate) code: u16,
    /// Possible lengths of a national number by its main plan, bit n for n digits.
    pub(crate) national_lengths: u32,
    /// What its main plan strips.
    pub(crate) rule: Rule,
    /// Its plans, the main one first.
    pub(crate) plans: Vec<Plan>,
}

/// One plan of a calling code, or how far a number has come in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Plan {
    /// Its place among all plans.
    pub(crate) place: u8,
    /// Where the number stands in the automaton of valid national numbers.
    pub(crate) valid: u16,
    /// What tells its numbers from those of its siblings.
    pub(crate) claim: Claim,
}

/// How a region claims numbers of a calling code. The first plan that does so has them, valid or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    /// All that have come this far.
    Made,
    /// Those with leading digits that its automaton accepts; it stands in this state.
    Leading(u16),
    /// Those that are valid.
    Valid,
}

/// Whose numbers begin like this.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// No number is accepted.
    Nobody,
    /// All that are accepted belong to this plan.
    Plan(u8),
    /// The next digit tells, by this fork.
    Fork(u16),
}

/// Where a walk stands after some digits.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// The state of the forest.
    pub(crate) state: u16,
    /// Whose number it is.
    pub(crate) owner: Owner,
}

/// Forks of the tree of owners, made so far.
#[derive(Default)]
pub(crate) struct Owners {
    /// The owner for each next digit.
    pub(crate) forks: Vec<[Owner; 10]>,
    index: HashMap<[Owner; 10], u16>,
}

/// Plants the national numbers of a calling code and returns where they begin.
pub(crate) fn plant(country: &Country, forest: &mut Forest, owners: &mut Owners) -> Standing {
    let start = Place {
        plans: country.plans.clone(),
        general: country.rule.general,
        stripping: Stripping::begin(&country.rule, forest),
        len: 0,
    };
    Planting { country, forest, owners, seen: HashMap::new() }.stand(start)
}

impl Owners {
    /// The owner after one more digit.
    pub(crate) fn after(&self, owner: Owner, digit: usize) -> Owner {
        match owner {
            Owner::Fork(fork) => self.forks[usize::from(fork)][digit],
            decided => decided,
        }
    }

    /// The owner of what begins in these ten ways, or ends here as the number of `here`.
    fn of(&mut self, next: [Owner; 10], here: Owner) -> Owner {
        let mut all = next.iter().chain([&here]).filter(|owner| **owner != Owner::Nobody);
        let Some(first) = all.next() else { return Owner::Nobody };
        if matches!(first, Owner::Plan(_)) && all.all(|owner| owner == first) {
            return *first;
        }
        assert!(here == Owner::Nobody, "whose number it is must be known before its last digit");
        let made = u16::try_from(self.forks.len()).expect("few calling codes have several regions");
        Owner::Fork(*self.index.entry(next).or_insert_with(|| {
            self.forks.push(next);
            made
        }))
    }
}

/// Everything that decides how a national number can go on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    /// Plans that may still claim the number.
    plans: Vec<Plan>,
    /// Where the number stands in the automaton of the main plan's general description.
    general: u16,
    stripping: Stripping,
    len: usize,
}

struct Planting<'a> {
    country: &'a Country,
    forest: &'a mut Forest,
    owners: &'a mut Owners,
    seen: HashMap<Place, Standing>,
}

impl Planting<'_> {
    fn stand(&mut self, place: Place) -> Standing {
        if place.plans.iter().all(|plan| plan.valid == 0) {
            return Standing { state: 0, owner: Owner::Nobody };
        }
        if let Some(standing) = self.seen.get(&place) {
            return *standing;
        }
        let (verdict, here) = match self.claimed(&place) {
            Some((verdict, plan)) if self.left_alone(&place) => (verdict, Owner::Plan(plan)),
            _ => (0, Owner::Nobody),
        };
        let next: [Standing; 10] = std::array::from_fn(|digit| {
            let place = self.after(&place, digit);
            self.stand(place)
        });
        let standing = Standing {
            state: self.forest.intern(State { next: next.map(|standing| standing.state), verdict }),
            owner: self.owners.of(next.map(|standing| standing.owner), here),
        };
        self.seen.insert(place, standing);
        standing
    }

    fn after(&self, place: &Place, digit: usize) -> Place {
        let mut plans = Vec::new();
        for plan in &place.plans {
            let valid = self.forest.after(plan.valid, digit);
            let claim = match plan.claim {
                Claim::Leading(state) => match self.forest.after(state, digit) {
                    0 => continue,
                    state if self.forest.verdict(state) != 0 => Claim::Made,
                    state => Claim::Leading(state),
                },
                Claim::Valid if valid == 0 => continue,
                claim => claim,
            };
            plans.push(Plan { valid, claim, ..*plan });
            // Nothing is left for the plans behind it.
            if claim == Claim::Made {
                break;
            }
        }
        Place {
            plans,
            general: self.forest.after(place.general, digit),
            stripping: place.stripping.after(digit, &self.country.rule, self.forest),
            len: place.len + 1,
        }
    }

    /// The type of a number that ends here, and the plan that has it; `None` if it is not valid.
    fn claimed(&self, place: &Place) -> Option<(u8, u8)> {
        let claims = |plan: &&Plan| match plan.claim {
            Claim::Made => true,
            Claim::Leading(_) => false,
            Claim::Valid => self.forest.verdict(plan.valid) != 0,
        };
        let plan = place.plans.iter().find(claims)?;
        Some((self.forest.verdict(plan.valid), plan.place)).filter(|(verdict, _)| *verdict != 0)
    }

    /// Whether a number that ends here is possible by its main plan, and stays as it is when it is parsed
    /// (core/src/phone/plan.rs decides the same for one number).
    fn left_alone(&self, place: &Place) -> bool {
        let is_possible = |len: usize| self.country.national_lengths >> len & 1 == 1;
        if !is_possible(place.len) {
            return false;
        }
        let Some(rest) = place.stripping.rest(&self.country.rule, self.forest) else { return true };
        let fits = |general: u16| self.forest.verdict(general) != 0;
        let untouched = !rest.transformed && rest.len == place.len;
        let would_not_fit = fits(place.general) && !fits(rest.general);
        let too_long = rest.len > self.country.national_lengths.ilog2() as usize;
        untouched || would_not_fit || !(is_possible(rest.len) || too_long)
    }
}
