//! The first visible sheet of a workbook (.xlsx), as UTF-8 CSV.
//!
//! One line for each row of the sheet, blank lines for rows without anything in them, so that the line of a finding is
//! the number of the row in Excel. Cells are separated by `,` and quoted where needed; a line break inside a cell
//! becomes one blank, or lines and rows would not agree. Hidden rows and columns are part of the sheet; hidden sheets
//! and charts are passed over. Memory does not grow with the sheet, but for the texts its cells share.

mod book;
mod compound;
mod number;
mod package;
mod rows;
mod strings;
mod text;
mod xml;

use std::io::{self, Read, Seek};

use crate::Trouble;
use crate::budget::too_much;
use crate::limits::{PIECE_BYTES, WORKBOOK_TEXT_BYTES_MAX};

pub use compound::needs_password;

use book::Book;
use package::{Package, Part};
use rows::Rows;
use strings::Strings;

/// The first visible sheet of a workbook, as CSV. Reading fails with [`Trouble`] when the workbook is damaged, too
/// large or none at all.
pub struct Workbook<R: Read + Seek> {
    stage: Stage<R>,
    /// CSV not given out yet, from `given` on.
    text: Vec<u8>,
    given: usize,
    text_bytes: u64,
}

enum Stage<R: Read + Seek> {
    Found(Box<Package<R>>, Book),
    Reading(Box<Rows<Part<R>>>),
    /// Read to its end, or broken.
    Ended,
}

impl<R: Read + Seek> Workbook<R> {
    /// Finds the sheet. Nothing large is read yet.
    pub fn open(source: R) -> io::Result<Workbook<R>> {
        let package = Package::open(source)?;
        let book = Book::read(&package)?;
        let stage = Stage::Found(Box::new(package), book);
        Ok(Workbook { stage, text: Vec::new(), given: 0, text_bytes: 0 })
    }

    /// Fills `text` with the next rows; leaves it empty at the end of the sheet.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        // Whatever fails leaves nothing to go on with.
        let mut rows = match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Found(package, book) => {
                let strings = Strings::read(&package, &book)?;
                Box::new(Rows::of(package.sheet(&book.sheet)?, strings))
            }
            Stage::Reading(rows) => rows,
            Stage::Ended => return Ok(()),
        };
        while self.text.len() < PIECE_BYTES {
            if !rows.next(&mut self.text)? {
                rows.finish()?;
                return self.count();
            }
        }
        self.stage = Stage::Reading(rows);
        self.count()
    }

    fn count(&mut self) -> io::Result<()> {
        self.text_bytes += self.text.len() as u64;
        if self.text_bytes > WORKBOOK_TEXT_BYTES_MAX {
            self.stage = Stage::Ended;
            return Err(too_much("the sheet as text", WORKBOOK_TEXT_BYTES_MAX).into());
        }
        Ok(())
    }
}

impl<R: Read + Seek> Read for Workbook<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let rest = &self.text[self.given..];
        let bytes = rest.len().min(into.len());
        into[..bytes].copy_from_slice(&rest[..bytes]);
        self.given += bytes;
        Ok(bytes)
    }
}

/// The trouble of an archive that is something else than a workbook.
fn no_workbook(what: &str, cure: &str) -> Trouble {
    Trouble::new(format!("This is {what}. {cure}"))
}
