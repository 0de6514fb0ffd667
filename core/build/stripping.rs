//! Follows what parsing would strip from a number, digit by digit and for every number at once.
//!
//! A prefix program runs over one number with the preferences of a backtracking regular expression. To build
//! an automaton, all its runs are followed side by side in the order of preference, each with the number that
//! it would leave: enough to know at the end which run wins and what libphonenumber makes of its result.

use super::forest::Forest;
use super::pattern::Step;

/// How the numbers of a calling code are stripped.
pub(crate) struct Rule {
    /// The program that finds a national prefix; empty if there is none.
    pub(crate) prefix: Vec<Step>,
    /// Digits put before what the program captured, if numbers are transformed.
    pub(crate) transform: Option<Vec<u8>>,
    /// Start of the automaton of the general description.
    pub(crate) general: u16,
}

/// All runs that may still win, the preferred ones first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stripping {
    runs: Vec<Run>,
}

/// The number that a run leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Rest {
    /// Where it stands in the automaton of the general description.
    pub(crate) general: u16,
    /// How many digits it has.
    pub(crate) len: usize,
    /// Whether the transform rule made it.
    pub(crate) transformed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Run {
    at: At,
    capturing: bool,
    rest: Rest,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    /// At this step of the program, which is a digit or the end of the number.
    Step(usize),
    /// The program has matched; what follows is kept.
    Behind,
}

impl Stripping {
    /// Before the first digit.
    pub(crate) fn begin(rule: &Rule, forest: &Forest) -> Stripping {
        let mut following = Following { rule, forest, at_end: false, runs: Vec::new() };
        if !rule.prefix.is_empty() {
            following.follow(0, Run { at: At::Behind, capturing: false, rest: untouched(rule) });
        }
        Stripping { runs: following.runs }
    }

    /// After one more digit.
    pub(crate) fn after(&self, digit: usize, rule: &Rule, forest: &Forest) -> Stripping {
        let mut following = Following { rule, forest, at_end: false, runs: Vec::new() };
        for run in &self.runs {
            let keep =
                |rest: Rest| Rest { general: forest.after(rest.general, digit), len: rest.len + 1, ..rest };
            let matched = match run.at {
                At::Behind => {
                    following.runs.push(Run { rest: keep(run.rest), ..*run });
                    true
                }
                At::Step(step) => match rule.prefix[step] {
                    Step::Digit(mask) if mask >> digit & 1 == 1 => {
                        let rest = if run.capturing { keep(run.rest) } else { run.rest };
                        following.follow(step + 1, Run { rest, ..*run })
                    }
                    _ => false,
                },
            };
            // Runs behind one that has matched can no longer win.
            if matched {
                break;
            }
        }
        Stripping { runs: following.runs }
    }

    /// What is left of the number if it ends here; `None` if no prefix was found.
    pub(crate) fn rest(&self, rule: &Rule, forest: &Forest) -> Option<Rest> {
        self.runs.iter().find_map(|run| match run.at {
            At::Behind => Some(run.rest),
            At::Step(step) => {
                let mut following = Following { rule, forest, at_end: true, runs: Vec::new() };
                let matched = following.follow(step, *run);
                following.runs.last().filter(|_| matched).map(|run| run.rest)
            }
        })
    }
}

/// What a run leaves that captured nothing, before the rest of the number is added.
fn untouched(rule: &Rule) -> Rest {
    Rest { general: rule.general, len: 0, transformed: false }
}

struct Following<'a> {
    rule: &'a Rule,
    forest: &'a Forest,
    at_end: bool,
    runs: Vec<Run>,
}

impl Following<'_> {
    /// Follows every step that consumes no digit. True if the program has matched, so that what it would try
    /// later does not count.
    fn follow(&mut self, mut step: usize, mut run: Run) -> bool {
        loop {
            match self.rule.prefix[step] {
                Step::Split(to) => {
                    if self.follow(step + 1, run) {
                        return true;
                    }
                    step = to;
                }
                Step::Jump(to) => step = to,
                Step::Open => {
                    let literal = self.rule.transform.as_deref().expect("only a transform rule captures");
                    let state = |state, digit: &u8| self.forest.after(state, usize::from(*digit));
                    let general = literal.iter().fold(self.rule.general, state);
                    run = Run {
                        capturing: true,
                        rest: Rest { general, len: literal.len(), transformed: true },
                        ..run
                    };
                    step += 1;
                }
                Step::Close => {
                    run.capturing = false;
                    step += 1;
                }
                Step::End if self.at_end => step += 1,
                Step::Digit(_) | Step::End => {
                    let at = At::Step(step);
                    // A run that stands where a preferred one does can never do better.
                    if !self.runs.iter().any(|before| before.at == at) {
                        self.runs.push(Run { at, ..run });
                    }
                    return false;
                }
                Step::Match => {
                    self.runs.push(Run { at: At::Behind, ..run });
                    return true;
                }
            }
        }
    }
}
