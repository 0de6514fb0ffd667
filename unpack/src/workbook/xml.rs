//! XML as workbooks need it: elements and text one after the other, within limits, and no declarations of entities.

use std::borrow::Cow;
use std::io::{self, BufRead, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::Trouble;
use crate::limits::{XML_DEPTH_MAX, XML_TOKEN_BYTES_MAX};

use super::package::Part;

/// A part of a workbook, element by element.
pub(super) struct Xml<B> {
    reader: Reader<Measured<B>>,
    buffer: Vec<u8>,
    depth: usize,
    part: String,
}

/// What comes next in a part. Empty elements come as a start and an end.
pub(super) enum Item<'a> {
    /// An element begins.
    Start(BytesStart<'a>),
    /// The last element that began and has not ended ends.
    End,
    /// Text.
    Text(Cow<'a, str>),
    /// A character that was written as a reference.
    Char(char),
    /// A comment or the like.
    Nothing,
    /// The end of the part.
    Over,
}

impl<R: Read + Seek> Xml<Part<R>> {
    pub(super) fn of(part: Part<R>) -> Xml<Part<R>> {
        Xml::new(part.name().to_owned(), part)
    }
}

impl<B: BufRead> Xml<B> {
    fn new(part: String, source: B) -> Xml<B> {
        let mut reader = Reader::from_reader(Measured { source, part: part.clone(), left: 0 });
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, buffer: Vec::new(), depth: 0, part }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn next(&mut self) -> io::Result<Item<'_>> {
        self.buffer.clear();
        self.reader.get_mut().left = XML_TOKEN_BYTES_MAX;
        let part = &self.part;
        let trouble = |why: &str| Err(Trouble::damaged(part, why).into());
        match self.reader.read_event_into(&mut self.buffer).map_err(|error| blame(part, error))? {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > XML_DEPTH_MAX {
                    return trouble("its elements are nested too deeply");
                }
                Ok(Item::Start(start))
            }
            Event::End(_) => {
                self.depth -= 1;
                Ok(Item::End)
            }
            Event::Text(text) => match utf8(text.into_inner()) {
                Some(text) => Ok(Item::Text(text)),
                None => trouble("its text is not UTF-8"),
            },
            Event::CData(text) => match utf8(text.into_inner()) {
                Some(text) => Ok(Item::Text(text)),
                None => trouble("its text is not UTF-8"),
            },
            Event::GeneralRef(reference) => match character(&reference) {
                Some(ch) => Ok(Item::Char(ch)),
                None => trouble("it refers to a character that there is not"),
            },
            // Entities are how small XML becomes large, and no workbook declares any.
            Event::DocType(_) => trouble("it declares a document type, which no workbook does"),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(label)) if !label.eq_ignore_ascii_case(b"utf-8") => {
                    trouble("it is not written in UTF-8")
                }
                Some(Err(_)) => trouble("its XML declaration cannot be read"),
                _ => Ok(Item::Nothing),
            },
            Event::Comment(_) | Event::PI(_) => Ok(Item::Nothing),
            Event::Eof if self.depth > 0 => trouble("it ends in the middle"),
            Event::Eof => Ok(Item::Over),
            Event::Empty(_) => Ok(Item::Nothing),
        }
    }

    /// Reads to the end of the part, so that its checksum is compared.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        while !matches!(self.next()?, Item::Over) {}
        Ok(())
    }

    /// The trouble of this part.
    pub(super) fn damaged(&self, why: &str) -> io::Error {
        Trouble::damaged(&self.part, why).into()
    }
}

/// The value of an attribute by its local name; `None` when it is not there. An attribute that cannot be read counts
/// as one that is not there: whoever needs it says so.
pub(super) fn attribute<'a>(start: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    let mut attributes = start.attributes();
    let found = attributes
        .with_checks(false)
        .flatten()
        .find(|found| found.key.local_name().as_ref() == name.as_bytes())?;
    match found.value {
        Cow::Borrowed(raw) if !raw.contains(&b'&') => std::str::from_utf8(raw).ok().map(Cow::Borrowed),
        raw => {
            let raw = std::str::from_utf8(&raw).ok()?;
            Some(Cow::Owned(quick_xml::escape::unescape(raw).ok()?.into_owned()))
        }
    }
}

fn utf8(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// The character a reference stands for: by number, or one of the five that XML knows by name.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok()?;
    }
    Some(match reference.as_ref() {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

/// The error to pass on: that of the part below, or else trouble with its XML.
fn blame(part: &str, error: quick_xml::Error) -> io::Error {
    match error {
        quick_xml::Error::Io(error) => match Trouble::of(&error) {
            Some(trouble) => trouble.clone().into(),
            None => io::Error::new(error.kind(), error.to_string()),
        },
        _ => Trouble::damaged(part, "its XML is not well formed").into(),
    }
}

/// Bytes of a part, so many for each token: what is longer would all be kept in memory.
struct Measured<B> {
    source: B,
    part: String,
    left: usize,
}

impl<B: BufRead> BufRead for Measured<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            let why = format!("it holds a text of more than {XML_TOKEN_BYTES_MAX} bytes");
            return Err(Trouble::damaged(&self.part, &why).into());
        }
        let bytes = self.source.fill_buf()?;
        Ok(&bytes[..bytes.len().min(self.left)])
    }

    fn consume(&mut self, bytes: usize) {
        self.left -= bytes;
        self.source.consume(bytes);
    }
}

impl<B: BufRead> Read for Measured<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?.read(into)?;
        self.consume(bytes);
        Ok(bytes)
    }
}
