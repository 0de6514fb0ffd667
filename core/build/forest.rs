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

    /// The number of this state, which is made if there is none like it.
    pub(crate) fn intern(&mut self, state: State) -> u16 {
        let number = u16::try_from(self.states.len()).expect("the forest has fewer than 65,536 states");
        let made = *self.index.entry(state.clone()).or_insert(number);
        if made == number {
            self.states.push(state);
        }
        made
    }

    /// The state after one more digit.
    pub(crate) fn after(&self, state: u16, digit: usize) -> u16 {
        self.states[usize::from(state)].next[digit]
    }

    /// What it means to end in this state; 0 means nothing.
    pub(crate) fn verdict(&self, state: u16) -> u8 {
        self.states[usize::from(state)].verdict
    }
}

/// The order in which states are written: first those from which only the number of digits decides.
pub(crate) struct Order {
    /// States in that order.
    pub(crate) states: Vec<u16>,
    /// The number that each state gets.
    pub(crate) number: Vec<u16>,
    /// What ending means after so many more digits, for the states that come first.
    pub(crate) endings: Vec<Vec<u8>>,
}

impl Forest {
    /// Puts the states in order. The dead state stays 0.
    pub(crate) fn order(&self) -> Order {
        // States are made from their leaves upwards, so the next one is always known already.
        let mut endings: Vec<Option<Vec<u8>>> = Vec::new();
        for (at, state) in self.states.iter().enumerate() {
            let same = state.next.iter().all(|next| *next == state.next[0]);
            let behind = if at == 0 { Some(&[][..]) } else { endings[usize::from(state.next[0])].as_deref() };
            endings.push(behind.filter(|_| same).map(|behind| [&[state.verdict], behind].concat()));
        }
        let (first, last): (Vec<u16>, Vec<u16>) =
            (0..self.states.len() as u16).partition(|state| endings[usize::from(*state)].is_some());
        let states = [first, last].concat();
        let mut number = vec![0; states.len()];
        for (at, state) in states.iter().enumerate() {
            number[usize::from(*state)] = at as u16;
        }
        let endings = states.iter().map_while(|state| endings[usize::from(*state)].take()).collect();
        Order { states, number, endings }
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
        let made = self.forest.intern(State { next, verdict });
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
