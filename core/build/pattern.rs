//! Compiles one pattern of libphonenumber's metadata into a small program.
//!
//! The patterns are regular expressions over digits whose languages are finite. One compiler serves two uses:
//! the forest of automata (build/forest.rs), where the order of alternatives does not matter, and prefix
//! programs, which the product runs with the leftmost-first semantics of Java's `lookingAt`, where it does.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// One step of a program. Targets are indices into the same program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Consumes one digit whose bit is set.
    Digit(u16),
    /// Tries the next step first, then this one.
    Split(usize),
    /// Continues there.
    Jump(usize),
    /// The captured group begins here.
    Open,
    /// The captured group ends here.
    Close,
    /// `$`: no digit is left.
    End,
    /// The pattern has matched.
    Match,
}

/// Compiles a pattern. `captured` is the index of the one capture group to remember; 0 remembers none.
pub(crate) fn compile(pattern: &str, captured: u32) -> Vec<Step> {
    let hir = parse(pattern);
    let mut steps = Vec::new();
    emit(&hir, captured, &mut steps);
    steps.push(Step::Match);
    steps
}

/// How many capture groups a pattern has.
pub(crate) fn groups(pattern: &str) -> u32 {
    parse(pattern).properties().explicit_captures_len() as u32
}

fn parse(pattern: &str) -> Hir {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(pattern).unwrap_or_else(|error| panic!("metadata pattern `{pattern}`: {error}"))
}

fn emit(hir: &Hir, captured: u32, steps: &mut Vec<Step>) {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => steps.extend(literal.0.iter().map(|byte| Step::Digit(bit(*byte)))),
        HirKind::Class(class) => steps.push(Step::Digit(mask(class))),
        HirKind::Look(Look::End) => steps.push(Step::End),
        HirKind::Capture(group) if group.index == captured => {
            steps.push(Step::Open);
            emit(&group.sub, captured, steps);
            steps.push(Step::Close);
        }
        HirKind::Capture(group) => emit(&group.sub, captured, steps),
        HirKind::Concat(parts) => parts.iter().for_each(|part| emit(part, captured, steps)),
        HirKind::Alternation(branches) => {
            let mut ends = Vec::new();
            let (last, first) = branches.split_last().expect("an alternation has branches");
            for branch in first {
                let split = steps.len();
                steps.push(Step::Split(0));
                emit(branch, captured, steps);
                ends.push(steps.len());
                steps.push(Step::Jump(0));
                steps[split] = Step::Split(steps.len());
            }
            emit(last, captured, steps);
            for end in ends {
                steps[end] = Step::Jump(steps.len());
            }
        }
        HirKind::Repetition(repetition) => {
            let max = repetition.max.expect("metadata patterns are finite");
            assert!(repetition.greedy, "metadata patterns are greedy");
            for _ in 0..repetition.min {
                emit(&repetition.sub, captured, steps);
            }
            let mut splits = Vec::new();
            for _ in repetition.min..max {
                splits.push(steps.len());
                steps.push(Step::Split(0));
                emit(&repetition.sub, captured, steps);
            }
            for split in splits {
                steps[split] = Step::Split(steps.len());
            }
        }
        other => panic!("metadata patterns do not use {other:?}"),
    }
}

fn bit(byte: u8) -> u16 {
    assert!(byte.is_ascii_digit(), "metadata patterns are about digits, not {byte:#x}");
    1 << (byte - b'0')
}

fn mask(class: &Class) -> u16 {
    let Class::Bytes(class) = class else { panic!("patterns are parsed as bytes") };
    class.ranges().iter().flat_map(|range| range.start()..=range.end()).fold(0, |mask, byte| mask | bit(byte))
}
