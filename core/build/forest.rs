//! A forest of deterministic automata over the ten digits that share their states.
//!
//! All languages here are finite, so every automaton is a directed graph without cycles. States are made from
//! their leaves upwards and looked up before they are made, which leaves the minimal automaton for each
//! language and no state twice in the whole forest.

use super::pattern::Step;
use std::collections::HashMap;

/// One state: where each digit leads, and what it means to end here (0 means nothing).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// The next state for each digit; 0 is the dead state.
    pub(crate) next: [u16; 10],
    /// What ending here means.
    pub(crate) verdict: u8,
}

/// All states made so far.
pub(crate) struct Forest {
    /// State 0 is dead: no verdict, and no way out.
    pub(crate) states: Vec<State>,
    index: HashMap<State, u16>,
}

/// Places in several programs at once, as (program, step), sorted.
type Places = Vec<(u8, u16)>;

impl Forest {
    /// A forest with nothing but the dead state.
    pub(crate) fn new() -> Forest {
        let dead = State { next: [0; 10], verdict: 0 };
        Forest { index: HashMap::from([(dead.clone(), 0)]), states: vec![dead] }
    }

    /// Adds an automaton that runs the programs side by side and returns its start. `verdict` says what it
    /// means that after so many digits exactly these programs (a bit each) have matched.
    pub(crate) fn plant(&mut self, programs: &[Vec<Step>], verdict: impl Fn(usize, u32) -> u8) -> u16 {
        let starts = (0..programs.len()).map(|program| (program as u8, 0)).collect();
        let mut planting = Planting { forest: self, programs, verdict, seen: HashMap::new() };
        let places = closure(programs, starts);
        planting.state(places, 0)
    }
}

struct Planting<'a, V> {
    forest: &'a mut Forest,
    programs: &'a [Vec<Step>],
    verdict: V,
    seen: HashMap<(Places, usize), u16>,
}

impl<V: Fn(usize, u32) -> u8> Planting<'_, V> {
    fn state(&mut self, places: Places, depth: usize) -> u16 {
        if places.is_empty() {
            return 0;
        }
        let key = (places, depth);
        if let Some(state) = self.seen.get(&key) {
            return *state;
        }
        let places = &key.0;
        let mut matched = 0;
        let mut next = [0; 10];
        for (program, step) in places {
            if let Step::Match = self.programs[*program as usize][*step as usize] {
                matched |= 1 << program;
            }
        }
        for (digit, next) in next.iter_mut().enumerate() {
            let consumed = places.iter().filter_map(|(program, step)| {
                match self.programs[*program as usize][*step as usize] {
                    Step::Digit(mask) if mask >> digit & 1 == 1 => Some((*program, step + 1)),
                    _ => None,
                }
            });
            let after = closure(self.programs, consumed.collect());
            *next = self.state(after, depth + 1);
        }
        let verdict = if matched == 0 { 0 } else { (self.verdict)(depth, matched) };
        let state = State { next, verdict };
        let number =
            u16::try_from(self.forest.states.len()).expect("the forest has fewer than 65,536 states");
        let made = *self.forest.index.entry(state.clone()).or_insert(number);
        if made == number {
            self.forest.states.push(state);
        }
        self.seen.insert(key, made);
        made
    }
}

/// Follows every step that consumes no digit.
fn closure(programs: &[Vec<Step>], mut open: Places) -> Places {
    let mut places = Places::new();
    while let Some((program, step)) = open.pop() {
        match programs[program as usize][step as usize] {
            Step::Digit(_) | Step::Match => places.push((program, step)),
            Step::Jump(to) => open.push((program, to as u16)),
            Step::Split(to) => open.extend([(program, to as u16), (program, step + 1)]),
            Step::Open | Step::Close => open.push((program, step + 1)),
            Step::End => panic!("number patterns are matched whole and need no `$`"),
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}
