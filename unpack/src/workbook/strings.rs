//! The texts that cells share, packed into one allocation. The only thing that grows with the workbook.

use std::io::{self, Read, Seek};

use crate::budget::too_much;
use crate::limits::{CELL_BYTES_MAX, STRINGS_MAX, STRINGS_TEXT_BYTES_MAX};

use super::book::Book;
use super::package::Package;
use super::text::unescape;
use super::xml::{Item, Xml};

/// The shared texts by number.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    /// Where each ends; it begins where the one before ends.
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read<R: Read + Seek>(package: &Package<R>, book: &Book) -> io::Result<Strings> {
        let mut strings = Strings::default();
        // A workbook without a single text may name the table and leave it out.
        let Some(part) = book.strings.as_deref().filter(|part| package.holds(part)) else {
            return Ok(strings);
        };
        let mut xml = Xml::of(package.strings(part)?);
        loop {
            let depth = xml.depth();
            match xml.next()? {
                Item::Start(start) if depth == 1 && start.local_name().as_ref() == b"si" => {
                    strings.push(&mut xml)?;
                }
                Item::Over => break,
                _ => {}
            }
        }
        Ok(strings)
    }

    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }

    fn push<B: io::BufRead>(&mut self, xml: &mut Xml<B>) -> io::Result<()> {
        let from = self.text.len();
        rich_text(xml, &mut self.text)?;
        unescape(&mut self.text, from);
        if self.text.len() > STRINGS_TEXT_BYTES_MAX || self.ends.len() == STRINGS_MAX {
            return Err(too_much("the table of texts in the workbook", STRINGS_TEXT_BYTES_MAX as u64).into());
        }
        self.ends.push(self.text.len() as u32);
        Ok(())
    }
}

/// Appends the text of an element that was just opened, up to its end: what stands in `t`, in however many runs, but
/// not how it is pronounced.
pub(super) fn rich_text<B: io::BufRead>(xml: &mut Xml<B>, text: &mut String) -> io::Result<()> {
    let inside = xml.depth();
    let bytes_max = text.len() + CELL_BYTES_MAX;
    // Depths at which the text and the pronunciation at hand began.
    let (mut shown, mut spoken) = (None, None);
    while xml.depth() >= inside {
        let depth = xml.depth();
        match xml.next()? {
            Item::Start(start) => match start.local_name().as_ref() {
                b"t" if shown.is_none() => shown = Some(depth),
                b"rPh" if spoken.is_none() => spoken = Some(depth),
                _ => {}
            },
            Item::End => {
                shown = shown.filter(|began| depth > began + 1);
                spoken = spoken.filter(|began| depth > began + 1);
            }
            Item::Text(more) if shown.is_some() && spoken.is_none() => text.push_str(&more),
            Item::Char(ch) if shown.is_some() && spoken.is_none() => text.push(ch),
            _ => {}
        }
        if text.len() > bytes_max {
            return Err(xml.damaged("a cell holds more text than a cell can"));
        }
    }
    Ok(())
}
