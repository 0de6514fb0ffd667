//! A text with its values in place, and its markup.

use std::ops::Range;

use super::super::text::{Direction, direction};
use super::super::variables::variables;
use super::markup::{self, Line, Style};

/// Where the words of a stretch come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The template.
    Fixed,
    /// A value that was given.
    Value,
    /// The template's own example, because no value was given.
    Example,
    /// Nowhere: a variable without a value.
    Missing,
}

/// A stretch of a line in one style and from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnSpan {
    /// Its text; of a missing value, the variable as it is written.
    pub text: String,
    /// How it looks.
    pub style: Style,
    /// Where it comes from.
    pub source: Source,
    /// Name of the variable, if it is one.
    pub variable: Option<String>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnBlock {
    /// What it is.
    pub line: Line,
    /// Which way it runs, where it has letters.
    pub direction: Option<Direction>,
    /// Its stretches.
    pub spans: Vec<DrawnSpan>,
}

/// Where a text has grown longer than this, in bytes, no more values are put in: it is far too long to be sent.
const FILLED_BYTES_MAX: usize = 4 * 32_768;

/// A text with its values in place.
pub(super) struct Filled {
    pub(super) text: String,
    /// Where values stand, in bytes of the text, in order.
    pub(super) places: Vec<(Range<usize>, Source, String)>,
}

/// Puts values into a text. `value` gives what stands for a variable, and where that comes from.
pub(super) fn fill(text: &str, mut value: impl FnMut(&str) -> (String, Source)) -> Filled {
    let (found, _) = variables(text);
    let mut filled = Filled { text: String::with_capacity(text.len()), places: Vec::new() };
    let mut from = 0;
    for variable in found.iter().filter(|variable| variable.can_be_filled()) {
        filled.text.push_str(&text[from..variable.at.start]);
        let name = variable.inner(text);
        let (given, source) = value(name);
        let start = filled.text.len();
        // A name that stands very often must not make a message out of all memory.
        let is_shown = source != Source::Missing && filled.text.len() < FILLED_BYTES_MAX;
        filled.text.push_str(if is_shown { &given } else { &text[variable.at.clone()] });
        filled.places.push((start..filled.text.len(), source, name.to_owned()));
        from = variable.at.end;
    }
    filled.text.push_str(&text[from..]);
    filled
}

impl Filled {
    /// The lines with their markup.
    pub(super) fn drawn(&self) -> Vec<DrawnBlock> {
        let mut places = self.places.iter().peekable();
        let mut blocks = Vec::new();
        for block in markup::read(&self.text) {
            let mut spans = Vec::new();
            for (at, style) in block.spans {
                self.split(at, style, &mut places, &mut spans);
            }
            let line: String = spans.iter().map(|span| span.text.as_str()).collect();
            blocks.push(DrawnBlock { line: block.line, direction: direction(&line), spans });
        }
        blocks
    }

    /// One line without markup.
    pub(super) fn plain(&self) -> DrawnBlock {
        let mut spans = Vec::new();
        let all = 0..self.text.len();
        self.split(all, Style::PLAIN, &mut self.places.iter().peekable(), &mut spans);
        DrawnBlock { line: Line::Text, direction: direction(&self.text), spans }
    }

    /// Cuts a stretch where values begin and end.
    fn split<'p>(
        &'p self,
        within: Range<usize>,
        style: Style,
        places: &mut std::iter::Peekable<impl Iterator<Item = &'p (Range<usize>, Source, String)>>,
        spans: &mut Vec<DrawnSpan>,
    ) {
        let mut from = within.start;
        let mut push = |at: Range<usize>, source: Source, variable: Option<&String>| {
            if !at.is_empty() {
                let text = self.text[at].to_owned();
                spans.push(DrawnSpan { text, style, source, variable: variable.cloned() });
            }
        };
        while let Some((at, source, name)) = places.peek().copied() {
            if at.start >= within.end {
                break;
            }
            let (start, end) = (at.start.max(from), at.end.min(within.end));
            if start < end {
                push(from..start, Source::Fixed, None);
                push(start..end, *source, Some(name));
                from = end;
            }
            if at.end > within.end {
                // The value goes on behind the mark.
                break;
            }
            places.next();
        }
        push(from..within.end, Source::Fixed, None);
    }
}
