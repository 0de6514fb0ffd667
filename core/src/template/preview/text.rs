//! A text with its values in place, and its markup.

use std::borrow::Cow;
use std::ops::Range;

use super::super::text::{Direction, direction};
use super::super::variables::Variable;
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
pub struct DrawnSpan<'t> {
    /// Where it stands, in bytes of the line's text; of a missing value, the variable as it is written.
    pub at: Range<usize>,
    /// How it looks.
    pub style: Style,
    /// Where it comes from.
    pub source: Source,
    /// Name of the variable, if it is one.
    pub variable: Option<&'t str>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnBlock<'t> {
    /// What it is.
    pub line: Line,
    /// Which way it runs, where it has letters.
    pub direction: Option<Direction>,
    /// What is seen of it.
    pub text: Cow<'t, str>,
    /// Its stretches, which together are all of its text.
    pub spans: Vec<DrawnSpan<'t>>,
}

/// Where a text has grown longer than this, in bytes, no more values are put in: it is far too long to be sent.
pub(crate) const FILLED_BYTES_MAX: usize = 4 * 32_768;

/// A text with its values in place.
pub(super) struct Filled<'t> {
    pub(super) text: Cow<'t, str>,
    /// Where values stand, in bytes of the text, in order.
    pub(super) places: Vec<(Range<usize>, Source, &'t str)>,
}

/// Puts values into a text in which these variables stand. `value` gives what stands for a variable, by its place among
/// them, and where that comes from.
pub(super) fn fill<'t, 'v>(
    text: &'t str,
    found: &[Variable<'t>],
    mut value: impl FnMut(usize) -> (&'v str, Source),
) -> Filled<'t> {
    if found.is_empty() {
        return Filled { text: Cow::Borrowed(text), places: Vec::new() };
    }
    let mut filled = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(found.len());
    let mut from = 0;
    for (place, variable) in found.iter().enumerate().filter(|(_, variable)| variable.can_be_filled()) {
        filled.push_str(&text[from..variable.at.start]);
        let (given, source) = value(place);
        let start = filled.len();
        // A name that stands very often must not make a message out of all memory.
        let is_shown = source != Source::Missing && start < FILLED_BYTES_MAX;
        filled.push_str(if is_shown { given } else { &text[variable.at.clone()] });
        places.push((start..filled.len(), source, variable.inner(text)));
        from = variable.at.end;
    }
    filled.push_str(&text[from..]);
    Filled { text: Cow::Owned(filled), places }
}

impl<'t> Filled<'t> {
    /// The lines with their markup.
    pub(super) fn drawn(&self) -> Vec<DrawnBlock<'t>> {
        let mut places = self.places.as_slice();
        let mut blocks = Vec::new();
        for block in markup::read(&self.text) {
            let mut line = String::with_capacity(block.spans.iter().map(|(at, _)| at.len()).sum());
            let mut spans = Vec::with_capacity(block.spans.len());
            for (at, style) in block.spans {
                // What the stretch is moved by, when marks before it are left out.
                let shift = at.start - line.len();
                line.push_str(&self.text[at.clone()]);
                split(at, shift, style, &mut places, &mut spans);
            }
            let direction = direction(&line);
            blocks.push(DrawnBlock { line: block.line, direction, text: Cow::Owned(line), spans });
        }
        blocks
    }

    /// One line without markup.
    pub(super) fn plain(self) -> DrawnBlock<'t> {
        let mut spans = Vec::new();
        split(0..self.text.len(), 0, Style::PLAIN, &mut self.places.as_slice(), &mut spans);
        DrawnBlock { line: Line::Text, direction: direction(&self.text), text: self.text, spans }
    }
}

/// Cuts a stretch where values begin and end.
fn split<'t>(
    within: Range<usize>,
    shift: usize,
    style: Style,
    places: &mut &[(Range<usize>, Source, &'t str)],
    spans: &mut Vec<DrawnSpan<'t>>,
) {
    let mut from = within.start;
    let mut push = |at: Range<usize>, source: Source, variable: Option<&'t str>| {
        if !at.is_empty() {
            spans.push(DrawnSpan { at: at.start - shift..at.end - shift, style, source, variable });
        }
    };
    while let Some(((at, source, name), others)) = places.split_first() {
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
        *places = others;
    }
    push(from..within.end, Source::Fixed, None);
}
