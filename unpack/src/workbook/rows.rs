//! The rows of a sheet, one by one, as lines of CSV.

use std::io::{self, BufRead, Read, Seek};

use crate::limits::{CELL_BYTES_MAX, CELLS_MAX, COLUMNS_MAX, PIECE_BYTES, ROWS_MAX};
use crate::{Trouble, trouble};

use super::number;
use super::package::Part;
use super::strings::{Strings, rich_text};
use super::text::{unescape, write_cell};
use super::xml::{Item, Xml, attribute};

/// Reads a sheet row by row.
pub(super) struct Rows<B> {
    xml: Xml<B>,
    strings: Strings,
    /// Rows written, blank ones too.
    written: u32,
    /// The row read last, waiting until the blank ones before it are written.
    waiting: Option<u32>,
    cells: Vec<Cell>,
    /// Text of the cells of the row.
    text: String,
    /// Raw value of the cell at hand.
    value: String,
    /// Columns of the sheet, as far as it says so.
    announced: usize,
    /// Columns of the first row with anything in it; no row has fewer.
    width: Option<usize>,
    cells_read: u64,
}

#[derive(Clone, Copy)]
struct Cell {
    column: usize,
    start: usize,
    end: usize,
}

/// What the value of a cell is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Boolean,
    /// Text as it stands: results of formulas, errors, dates.
    Text,
}

impl Kind {
    fn of(word: &[u8]) -> Kind {
        match word {
            b"n" => Kind::Number,
            b"s" => Kind::Shared,
            b"b" => Kind::Boolean,
            _ => Kind::Text,
        }
    }
}

impl<R: Read + Seek> Rows<Part<R>> {
    pub(super) fn of(part: Part<R>, strings: Strings) -> Rows<Part<R>> {
        Rows::new(Xml::of(part), strings)
    }
}

impl<B: BufRead> Rows<B> {
    fn new(xml: Xml<B>, strings: Strings) -> Rows<B> {
        Rows {
            xml,
            strings,
            written: 0,
            waiting: None,
            cells: Vec::new(),
            text: String::new(),
            value: String::new(),
            announced: 0,
            width: None,
            cells_read: 0,
        }
    }

    /// Appends the next row, or some of the blank ones before it; false at the end of the sheet.
    pub(super) fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if self.waiting.is_none() {
            self.waiting = self.find()?;
        }
        let Some(row) = self.waiting else { return Ok(false) };
        let blank = ((row - self.written - 1) as usize).min(PIECE_BYTES);
        if blank > 0 {
            out.resize(out.len() + blank, b'\n');
            self.written += blank as u32;
            return Ok(true);
        }
        self.write(out);
        self.written = row;
        self.waiting = None;
        Ok(true)
    }

    /// Reads the rest of the part, so that its checksum is compared.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.xml.finish()
    }

    /// Reads the next row into `cells`, and gives its number.
    fn find(&mut self) -> io::Result<Option<u32>> {
        loop {
            let depth = self.xml.depth();
            let start = match self.xml.next()? {
                Item::Start(start) => start,
                Item::Over => return Ok(None),
                _ => continue,
            };
            match (depth, start.local_name().as_ref()) {
                (0, b"worksheet") => {}
                (0, _) => return Err(self.xml.damaged("it is no sheet")),
                (1, b"dimension") => {
                    let range = attribute(&start, "ref").unwrap_or_default();
                    let last = range.rsplit(':').next().unwrap_or_default();
                    self.announced = column(last.as_bytes())
                        .filter(|column| *column < COLUMNS_MAX)
                        .map_or(0, |last| last + 1);
                }
                (2, b"row") => {
                    let number = match attribute(&start, "r") {
                        None => Some(self.written + 1),
                        Some(text) => text.parse().ok(),
                    };
                    let Some(number) = number.filter(|number| (1..=ROWS_MAX).contains(number)) else {
                        return Err(self.xml.damaged("a row has a number that there is not"));
                    };
                    if number <= self.written {
                        return Err(self
                            .xml
                            .damaged(&format!("row {number} comes after row {}", self.written)));
                    }
                    self.row(number)?;
                    return Ok(Some(number));
                }
                _ => {}
            }
        }
    }

    /// Reads the cells of the row that was just opened.
    fn row(&mut self, number: u32) -> io::Result<()> {
        self.cells.clear();
        self.text.clear();
        let inside = self.xml.depth();
        let mut next_column = 0;
        while self.xml.depth() >= inside {
            let depth = self.xml.depth();
            let Item::Start(start) = self.xml.next()? else { continue };
            if depth != inside || start.local_name().as_ref() != b"c" {
                continue;
            }
            // Read in one go, because this is done for every cell there is.
            let (mut kind, mut reference) = (Kind::Number, None);
            for found in start.attributes().with_checks(false).flatten() {
                match found.key.local_name().as_ref() {
                    b"r" => reference = Some(found.value),
                    b"t" => kind = Kind::of(&found.value),
                    _ => {}
                }
            }
            let column = match reference {
                None => next_column,
                Some(reference) => match place(&reference) {
                    Some((column, row)) if row == number => column,
                    _ => {
                        let reference = trouble::clip(&String::from_utf8_lossy(&reference));
                        let why = format!("a cell of row {number} has the reference `{reference}`");
                        return Err(self.xml.damaged(&why));
                    }
                },
            };
            next_column = column + 1;
            let start = self.text.len();
            self.cell(kind)?;
            // Cells with nothing but a colour or a border are no cells of a table.
            if self.text.len() > start {
                if column >= COLUMNS_MAX {
                    return Err(too_far_right(column, number).into());
                }
                let cell = Cell { column, start, end: self.text.len() };
                // In order nearly always; then this is the end.
                let at = self.cells.partition_point(|other| other.column < column);
                if self.cells.get(at).is_some_and(|other| other.column == column) {
                    return Err(self.xml.damaged(&format!("row {number} holds one cell twice")));
                }
                self.cells.insert(at, cell);
            }
        }
        Ok(())
    }

    /// Reads the cell that was just opened, and appends its text.
    fn cell(&mut self, kind: Kind) -> io::Result<()> {
        self.cells_read += 1;
        if self.cells_read > CELLS_MAX {
            let text =
                format!("The sheet has more than {CELLS_MAX} cells, the most that is read. Split the list.");
            return Err(Trouble::new(text).into());
        }
        self.value.clear();
        let inside = self.xml.depth();
        let from = self.text.len();
        let mut in_value = false;
        while self.xml.depth() >= inside {
            let depth = self.xml.depth();
            match self.xml.next()? {
                Item::Start(start) if depth == inside => match start.local_name().as_ref() {
                    b"v" => in_value = true,
                    b"is" => rich_text(&mut self.xml, &mut self.text)?,
                    _ => {}
                },
                Item::End if depth == inside + 1 => in_value = false,
                Item::Text(text) if in_value => self.value.push_str(&text),
                Item::Char(ch) if in_value => self.value.push(ch),
                _ => {}
            }
            if self.value.len() > CELL_BYTES_MAX {
                return Err(self.xml.damaged("a cell holds more text than a cell can"));
            }
        }
        match kind {
            Kind::Number => self.text.push_str(&number::plain(&self.value)),
            Kind::Text => self.text.push_str(&self.value),
            Kind::Boolean => self.text.push_str(match self.value.trim() {
                "1" => "TRUE",
                "0" => "FALSE",
                other => other,
            }),
            Kind::Shared if self.value.is_empty() => {}
            Kind::Shared => {
                match self.value.trim().parse().ok().and_then(|number| self.strings.get(number)) {
                    Some(text) => {
                        // Its escapes are undone already.
                        self.text.push_str(text);
                        return Ok(());
                    }
                    None => return Err(self.xml.damaged("a cell refers to a text that there is not")),
                }
            }
        }
        unescape(&mut self.text, from);
        Ok(())
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        let used = self.cells.last().map_or(0, |cell| cell.column + 1);
        if used > 0 {
            // Columns without a header, which spreadsheets export as blank ones, are told by the sheet alone.
            let width = *self.width.get_or_insert_with(|| used.max(self.announced));
            let mut written = 0;
            for cell in &self.cells {
                out.resize(out.len() + cell.column - written, b',');
                written = cell.column;
                write_cell(&self.text[cell.start..cell.end], out.is_empty() && self.written == 0, out);
            }
            // The last cell has no comma behind it.
            out.resize(out.len() + width.saturating_sub(written + 1), b',');
        }
        out.push(b'\n');
    }
}

/// Column, from 0, and row, from 1, of a reference like `C5`.
fn place(reference: &[u8]) -> Option<(usize, u32)> {
    const DIGITS_MAX: usize = 7;
    let letters = reference.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let (letters, digits) = reference.split_at(letters);
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let row = digits.iter().fold(0, |row, digit| row * 10 + u32::from(digit - b'0'));
    Some((column(letters)?, row))
}

/// Column, from 0, of letters like `AB`, whatever follows them.
fn column(letters: &[u8]) -> Option<usize> {
    const LETTERS_MAX: usize = 3;
    let letters = letters.iter().take_while(|byte| byte.is_ascii_uppercase());
    let (count, column) = letters
        .take(LETTERS_MAX + 1)
        .fold((0, 0), |(count, column), letter| (count + 1, column * 26 + usize::from(letter - b'A') + 1));
    (1..=LETTERS_MAX).contains(&count).then(|| column - 1)
}

fn too_far_right(column: usize, row: u32) -> Trouble {
    Trouble::new(format!(
        "Row {row} has something in column {} of the sheet; at most {COLUMNS_MAX} columns can be read. Delete what stands \
         to the right of the list, and save the workbook.",
        column + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_like_excel_writes_them() {
        let read = |reference: &str| place(reference.as_bytes());
        assert_eq!((read("A1"), read("C5"), read("Z9")), (Some((0, 1)), Some((2, 5)), Some((25, 9))));
        assert_eq!((read("AA10"), read("XFD1048576")), (Some((26, 10)), Some((16_383, 1_048_576))));
        for wrong in ["", "A", "5", "a1", "A1B", "AAAA1", "A-1", "A+1", "A1 ", "Ä1", "A99999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(
            (column(b"F100"), column(b"F"), column(b"$F"), column(b"")),
            (Some(5), Some(5), None, None)
        );
    }
}
