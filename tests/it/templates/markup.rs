//! WhatsApp's markup once more: a plain search for pairs, outermost first, letter by letter. Its time is square in the
//! length of a line, which nobody here minds.

use consentry_core::template::preview::markup::{self, Line, Style};

use crate::random::Random;

const LINES: u64 = 40_000;
const LETTERS: [&str; 22] = [
    "*", "*", "*", "_", "_", "~", "~", "`", "`", " ", " ", "a", "b", "ş", "1", ".", "(", ")", "🎉", "م",
    "\u{a0}", "x y",
];

/// A letter and its styles: bold, italic, strike, code.
type Styled = (char, [bool; 4]);

fn naive(line: &str) -> Vec<Styled> {
    let chars: Vec<char> = line.chars().collect();
    let mut out = Vec::new();
    pairs(&chars, 0, chars.len(), [false; 4], &codes(&chars), &mut out);
    out
}

/// Where code begins and ends, back-ticks included.
fn codes(chars: &[char]) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let close = (at + 1..chars.len()).find(|place| chars[*place] == '`').filter(|_| chars[at] == '`');
        match close {
            Some(close) if chars[at + 1..close].iter().any(|ch| !ch.is_whitespace()) => {
                found.push((at, close));
                at = close + 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn pairs(
    chars: &[char],
    from: usize,
    to: usize,
    styles: [bool; 4],
    codes: &[(usize, usize)],
    out: &mut Vec<Styled>,
) {
    let mut at = from;
    while at < to {
        if let Some((_, end)) = codes.iter().find(|(start, _)| *start == at) {
            let mut inner = styles;
            inner[3] = true;
            out.extend(chars[at + 1..*end].iter().map(|ch| (*ch, inner)));
            at = end + 1;
            continue;
        }
        let kind = ['*', '_', '~'].iter().position(|mark| *mark == chars[at]);
        let close = kind.filter(|_| opens(chars, at)).and_then(|_| {
            let in_code = |place: usize| codes.iter().any(|(start, end)| (*start..=*end).contains(&place));
            (at + 2..to).find(|place| chars[*place] == chars[at] && closes(chars, *place) && !in_code(*place))
        });
        match (kind, close) {
            (Some(kind), Some(close)) => {
                let mut inner = styles;
                inner[kind] = true;
                pairs(chars, at + 1, close, inner, codes, out);
                at = close + 1;
            }
            _ => {
                out.push((chars[at], styles));
                at += 1;
            }
        }
    }
}

fn opens(chars: &[char], at: usize) -> bool {
    !(at > 0 && chars[at - 1].is_alphanumeric()) && chars.get(at + 1).is_some_and(|ch| !ch.is_whitespace())
}

fn closes(chars: &[char], at: usize) -> bool {
    at > 0 && !chars[at - 1].is_whitespace() && !chars.get(at + 1).is_some_and(|ch| ch.is_alphanumeric())
}

#[test]
fn two_readers_of_markup_agree() {
    let mut styled = 0;
    for seed in 0..LINES {
        let mut random = Random::new(seed);
        let length = 1 + random.below(24);
        // A letter first, so that no line is a list; three back-ticks are not of one line.
        let line: String = (0..length).fold("x".to_owned(), |line, _| line + random.pick(&LETTERS));
        if line.contains("```") {
            continue;
        }
        let blocks = markup::read(&line);
        assert_eq!((blocks.len(), blocks[0].line), (1, Line::Text), "{line}");
        let kinds = [Style::BOLD, Style::ITALIC, Style::STRIKE, Style::CODE];
        let read: Vec<Styled> = blocks[0]
            .spans
            .iter()
            .flat_map(|(at, style)| {
                line[at.clone()].chars().map(|ch| (ch, kinds.map(|kind| style.has(kind))))
            })
            .collect();
        assert_eq!(read, naive(&line), "{line}");
        styled += u64::from(read.iter().any(|(_, styles)| styles.contains(&true)));
    }
    assert!(styled > LINES / 4, "only {styled} lines have any markup");
}

#[test]
fn nothing_but_marks_is_left_out() {
    for seed in 0..LINES / 4 {
        let mut random = Random::new(seed);
        let pieces = [&LETTERS[..], &["\n", "\n", "```", "- ", "> ", "12. ", "* "]].concat();
        let text: String = (0..random.below(40)).map(|_| random.pick(&pieces).to_owned()).collect();
        let blocks = markup::read(&text);
        let mut end = 0;
        let mut left_out = String::new();
        for (at, _) in blocks.iter().flat_map(|block| &block.spans) {
            assert!(at.start >= end, "spans are in order: {text:?}");
            left_out += &text[end..at.start];
            end = at.end;
        }
        left_out += &text[end..];
        let is_mark = |ch: char| "*_~`\n- >.12".contains(ch) || ch.is_whitespace();
        assert!(left_out.chars().all(is_mark), "{text:?} lost {left_out:?}");
    }
}
