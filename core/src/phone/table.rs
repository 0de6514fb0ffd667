//! The phone table that build.rs compiles from libphonenumber's metadata, and the walks over it.
//!
//! One forest of automata over digits holds every pattern of every plan; a pattern is the number of its start
//! state, and state 0 is dead. Nothing here is computed, allocated or initialised at run time.

use super::Region;

include!(concat!(env!("OUT_DIR"), "/phone_table.rs"));

/// Stands for “no automaton” and “no program”.
pub(super) const NONE: u16 = u16::MAX;

/// The numbering plan of one region, or of one calling code that belongs to no region.
#[derive(Debug)]
pub(super) struct Plan {
    /// ISO 3166 alpha-2; `001` for a calling code of no region.
    pub(super) iso: &'static str,
    /// The calling code, 1 to 999.
    pub(super) code: u16,
    /// How many plans share the calling code. They stand together, the main region first.
    pub(super) siblings: u8,
    /// Possible lengths of a national number, bit n for n digits.
    pub(super) national_lengths: u32,
    /// Lengths that are only dialled inside an area, bit n for n digits.
    pub(super) local_lengths: u32,
    /// Start of the automaton of valid national numbers; the verdict is the type.
    pub(super) valid: u16,
    /// Start of the automaton of the general description, which does not look at possible lengths.
    pub(super) general: u16,
    /// Start of the automaton of leading digits that tell this region from its siblings, or [`NONE`].
    pub(super) leading: u16,
    /// Program that finds the national prefix, or [`NONE`].
    pub(super) prefix: u16,
    /// Digits put before what the prefix program captured, where the plan transforms numbers.
    pub(super) transform: Option<&'static [u8]>,
    /// Program that finds the international dialling prefix, or [`NONE`].
    pub(super) idd: u16,
}

/// The plans of a calling code, the main region first; empty if no such code exists.
pub(super) fn plans_of(code: u16) -> &'static [Plan] {
    match FIRST_PLAN.get(usize::from(code)) {
        None | Some(0) => &[],
        Some(first) => {
            let first = usize::from(*first) - 1;
            &PLANS[first..first + usize::from(PLANS[first].siblings)]
        }
    }
}

/// The region that this plan is of.
pub(super) fn region_of(plan: &Plan) -> Region {
    let first = usize::from(FIRST_PLAN[usize::from(plan.code)]) - 1;
    let siblings = PLANS[first..].iter().take(usize::from(plan.siblings));
    let before = siblings.take_while(|sibling| sibling.iso != plan.iso).count();
    Region((first + before) as u8)
}

/// What ending after all these digits means; 0 if the automaton does not accept them.
pub(super) fn verdict(start: u16, digits: &[u8]) -> u8 {
    VERDICTS[usize::from(after(start, digits))]
}

/// Whether the automaton accepts anything that begins with these digits.
pub(super) fn is_beginning(start: u16, digits: &[u8]) -> bool {
    after(start, digits) != 0
}

fn after(start: u16, digits: &[u8]) -> u16 {
    digits.iter().fold(start, |state, digit| NEXT[usize::from(state)][usize::from(*digit)])
}

/// Whether the automaton accepts some beginning of the digits.
pub(super) fn accepts_beginning(start: u16, digits: &[u8]) -> bool {
    (0..=digits.len()).any(|end| verdict(start, &digits[..end]) != 0)
}

/// The value of a decimal digit of any script; `None` for any other character.
pub(super) fn digit_value(ch: char) -> Option<u8> {
    let ch = u32::from(ch);
    let run = DIGIT_RUNS.partition_point(|run| run.0 <= ch).checked_sub(1)?;
    let (zero, len) = DIGIT_RUNS[run];
    (ch - zero < len).then(|| ((ch - zero) % 10) as u8)
}
