//! WhatsApp's markup: what is bold, what is a list. Works on the text with its values in place, as phones do.
//!
//! A mark opens where no letter stands before it and no space after it, and closes the other way round, on the same line.
//! What never closes stays as it was written. Three back-ticks may span lines; nothing is marked up inside of code.

use std::ops::Range;

use super::super::text::find;

/// What a stretch of text looks like; several at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style(u8);

impl Style {
    /// Like the text around it.
    pub const PLAIN: Style = Style(0);
    /// `*bold*`.
    pub const BOLD: Style = Style(1);
    /// `_italic_`.
    pub const ITALIC: Style = Style(2);
    /// `~strike~`.
    pub const STRIKE: Style = Style(4);
    /// Back-ticks: every letter of the same width.
    pub const CODE: Style = Style(8);

    /// Whether all of `other` is in it.
    pub fn has(self, other: Style) -> bool {
        self.0 & other.0 == other.0
    }

    fn with(self, other: Style) -> Style {
        Style(self.0 | other.0)
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line of a paragraph.
    Text,
    /// `- ` or `* `.
    Bullet,
    /// `1. `, with its number.
    Numbered(u32),
    /// `> `.
    Quote,
    /// A line between three back-ticks.
    Code,
}

/// A line and its stretches, in bytes of the text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub line: Line,
    /// Its stretches, in order; marks are left out.
    pub spans: Vec<(Range<usize>, Style)>,
}

/// Most digits of a number that begins a line.
const NUMBER_DIGITS_MAX: usize = 3;

/// Reads the markup of a text.
pub fn read(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    for fence in fences(text) {
        lines(text, at..fence.start, &mut blocks, at != 0);
        code(text, fence.start + 3..fence.end - 3, &mut blocks);
        at = fence.end;
    }
    let goes_on = at != 0;
    if at < text.len() || !goes_on {
        lines(text, at..text.len(), &mut blocks, goes_on);
    }
    blocks
}

/// Whether any mark of a line has an effect.
pub(in super::super) fn has_markup(text: &str) -> bool {
    let has_marks = text.bytes().any(|byte| style_of(byte).is_some());
    has_marks && read(text).iter().any(|block| block.spans.iter().any(|(_, style)| *style != Style::PLAIN))
}

/// Stretches from three back-ticks to the next three, both included, that have something between them.
fn fences(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(open) = find(&text[at..], "```").map(|place| at + place) {
        let Some(close) = find(&text[open + 3..], "```").map(|place| open + 3 + place) else { break };
        if text[open + 3..close].trim().is_empty() {
            at = open + 3;
            continue;
        }
        found.push(open..close + 3);
        at = close + 3;
    }
    found
}

fn code(text: &str, within: Range<usize>, blocks: &mut Vec<Block>) {
    let inner = text[within.clone()].trim_matches('\n');
    let start = within.start + (text[within.clone()].len() - text[within].trim_start_matches('\n').len());
    let mut at = start;
    for line in inner.split('\n') {
        blocks.push(Block { line: Line::Code, spans: vec![(at..at + line.len(), Style::CODE)] });
        at += line.len() + 1;
    }
}

/// `after_code` says that the stretch begins behind code, where the rest of that line is no line of its own if empty.
fn lines(text: &str, within: Range<usize>, blocks: &mut Vec<Block>, after_code: bool) {
    let mut at = within.start;
    let stretch = &text[within.clone()];
    let last = stretch.split('\n').count() - 1;
    let before_code = within.end < text.len();
    for (place, line) in stretch.split('\n').enumerate() {
        let whole = at..at + line.len();
        at = whole.end + 1;
        let touches_code = (place == 0 && after_code) || (place == last && before_code);
        if touches_code && line.trim().is_empty() {
            continue;
        }
        let (kind, marks) = kind(line);
        let mut spans = Vec::new();
        inline(text, whole.start + marks..whole.end, &mut spans);
        blocks.push(Block { line: kind, spans });
    }
}

/// What a line is, and how many bytes say so.
fn kind(line: &str) -> (Line, usize) {
    if line.starts_with("- ") || line.starts_with("* ") {
        return (Line::Bullet, 2);
    }
    if line.starts_with("> ") {
        return (Line::Quote, 2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=NUMBER_DIGITS_MAX).contains(&digits) && line[digits..].starts_with(". ") {
        return (Line::Numbered(line[..digits].parse().unwrap_or_default()), digits + 2);
    }
    (Line::Text, 0)
}

fn style_of(mark: u8) -> Option<Style> {
    match mark {
        b'*' => Some(Style::BOLD),
        b'_' => Some(Style::ITALIC),
        b'~' => Some(Style::STRIKE),
        b'`' => Some(Style::CODE),
        _ => None,
    }
}

/// A mark of a line, and whether it has its other half.
struct Mark {
    at: usize,
    style: Style,
    begins: bool,
    is_paired: bool,
}

/// One line: pairs of marks are found with a stack, so that the time is linear in its length.
fn inline(text: &str, within: Range<usize>, spans: &mut Vec<(Range<usize>, Style)>) {
    let line = &text[within.clone()];
    let letter_before = |at: usize| line[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let letter_after = |at: usize| line[at + 1..].chars().next().is_some_and(char::is_alphanumeric);
    let space_before = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    let space_after = |at: usize| line[at + 1..].chars().next().is_none_or(char::is_whitespace);
    // In the order of the line; `open` names places among them.
    let mut marks: Vec<Mark> = Vec::new();
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut code_until = 0;
    for (at, mark) in line.bytes().enumerate() {
        let Some(style) = style_of(mark).filter(|_| at >= code_until) else { continue };
        if mark == b'`' {
            // Code to the next back-tick; what is in between is nobody's mark.
            let close = line[at + 1..].find('`').map(|place| at + 1 + place);
            if let Some(close) =
                close.filter(|close| *close > at + 1 && !line[at + 1..*close].trim().is_empty())
            {
                marks.push(Mark { at, style, begins: true, is_paired: true });
                marks.push(Mark { at: close, style, begins: false, is_paired: true });
                code_until = close + 1;
            }
            continue;
        }
        let opened = open.iter().rposition(|(_, other)| *other == mark);
        if let Some(place) = opened.filter(|_| !space_before(at) && !letter_after(at)) {
            let (from, _) = open[place];
            if at > marks[from].at + 1 {
                // What was opened inside and never closed stays as it is written.
                open.truncate(place);
                marks[from].is_paired = true;
                marks.push(Mark { at, style, begins: false, is_paired: true });
                continue;
            }
        }
        if opened.is_none() && !letter_before(at) && !space_after(at) {
            open.push((marks.len(), mark));
            marks.push(Mark { at, style, begins: true, is_paired: false });
        }
    }
    let (mut from, mut styles) = (0, [0_u32; 4]);
    let mut stretch = |from: usize, to: usize, styles: &[u32; 4]| {
        if from < to {
            let all = [Style::BOLD, Style::ITALIC, Style::STRIKE, Style::CODE];
            let on = all.into_iter().zip(styles).filter(|(_, count)| **count > 0);
            let style = on.fold(Style::PLAIN, |styles, (style, _)| styles.with(style));
            spans.push((within.start + from..within.start + to, style));
        }
    };
    for Mark { at, style, begins, .. } in marks.into_iter().filter(|mark| mark.is_paired) {
        stretch(from, at, &styles);
        let count = &mut styles[style.0.trailing_zeros() as usize];
        *count = if begins { *count + 1 } else { count.saturating_sub(1) };
        from = at + 1;
    }
    stretch(from, line.len(), &styles);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as people would write the styles: `B` bold, `I` italic, `S` strike, `C` code.
    fn drawn(text: &str) -> String {
        let line = |block: &Block| {
            let kind = match block.line {
                Line::Text => String::new(),
                Line::Bullet => "• ".into(),
                Line::Numbered(number) => format!("{number}) "),
                Line::Quote => "| ".into(),
                Line::Code => "# ".into(),
            };
            let span = |(at, style): &(Range<usize>, Style)| {
                let marks =
                    [(Style::BOLD, 'B'), (Style::ITALIC, 'I'), (Style::STRIKE, 'S'), (Style::CODE, 'C')];
                let on: String =
                    marks.iter().filter(|(mark, _)| style.has(*mark)).map(|(_, name)| *name).collect();
                if on.is_empty() {
                    text[at.clone()].to_owned()
                } else {
                    format!("{on}[{}]", &text[at.clone()])
                }
            };
            kind + &block.spans.iter().map(span).collect::<String>()
        };
        read(text).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn marks_touch_the_text_and_stand_outside_of_words() {
        for (text, expected) in [
            ("*bold* _it_ ~no~ `code`", "B[bold] I[it] S[no] C[code]"),
            ("a*b*c 2*3*4 snake_case_name", "a*b*c 2*3*4 snake_case_name"),
            ("* not* *not * *", "• not* *not * *"),
            ("*a * **", "B[a * *]"),
            ("(*x*), *y*!", "(B[x]), B[y]!"),
            ("*_both_* and *bold _both_*", "BI[both] and B[bold ]BI[both]"),
            ("*a _b* c_", "B[a _b] c_"),
            ("*open", "*open"),
            ("`*not bold*` *`code`*", "C[*not bold*] BC[code]"),
            ("*one\ntwo*", "*one\ntwo*"),
            ("*two words*", "B[two words]"),
            ("''*ş*''", "''B[ş]''"),
        ] {
            assert_eq!(drawn(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_lists_quotes_and_code() {
        assert_eq!(drawn("- a\n* *b*\n12. c\n> d\n-e\n1.f"), "• a\n• B[b]\n12) c\n| d\n-e\n1.f");
        assert_eq!(drawn("a\n```\nx *y*\nz\n```\nb"), "a\n# C[x *y*]\n# C[z]\nb");
        assert_eq!(drawn("a ```x``` b"), "a \n# C[x]\n b");
        assert_eq!(drawn("``` ```"), "``` ```");
        assert_eq!(drawn(""), "");
        assert_eq!(read("").len(), 1, "an empty text is an empty line");
        assert_eq!(drawn("a\n\nb"), "a\n\nb");
    }
}
