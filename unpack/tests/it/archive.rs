//! Writes workbooks byte by byte, so that every byte of them can be wrong on purpose.

use std::io::{self, Cursor, Read as _, Write as _};

use consentry_unpack::{Trouble, Workbook};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const KINDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A zip archive in the making.
#[derive(Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

/// What an entry claims about itself, where that is not the truth.
#[derive(Clone, Copy, Default)]
pub(crate) struct Claims {
    pub(crate) bytes: Option<u32>,
    pub(crate) method: Option<u16>,
    pub(crate) flags: u16,
}

impl Archive {
    pub(crate) fn add(&mut self, name: &str, content: impl AsRef<[u8]>) {
        let content = content.as_ref();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let mut crc = Crc::new();
        crc.update(content);
        self.add_packed(
            name,
            &encoder.finish().unwrap(),
            (content.len() as u32, crc.sum()),
            Claims::default(),
        );
    }

    /// Adds what was deflated already; `told` is its size and checksum.
    pub(crate) fn add_packed(&mut self, name: &str, packed: &[u8], told: (u32, u32), claims: Claims) {
        let start = self.bytes.len() as u32;
        let mut shared = Vec::new();
        for field in [20, claims.flags, claims.method.unwrap_or(8), 0, 0x21] {
            shared.extend_from_slice(&u16::to_le_bytes(field));
        }
        for field in [told.1, packed.len() as u32, claims.bytes.unwrap_or(told.0)] {
            shared.extend_from_slice(&u32::to_le_bytes(field));
        }
        shared.extend_from_slice(&u16::to_le_bytes(name.len() as u16));
        shared.extend_from_slice(&[0, 0]);
        self.bytes.extend_from_slice(b"PK\x03\x04");
        self.bytes.extend_from_slice(&shared);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(packed);
        self.directory.extend_from_slice(b"PK\x01\x02\x14\0");
        self.directory.extend_from_slice(&shared);
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&start.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.entries += 1;
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&self.directory);
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes.extend_from_slice(&(self.directory.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(&start.to_le_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes
    }
}

/// An archive that leads to `xl/worksheets/sheet1.xml` and holds everything but that.
pub(crate) fn without_sheet() -> Archive {
    let mut archive = Archive::default();
    archive.add("_rels/.rels", relations(&[("rId1", "officeDocument", "xl/workbook.xml")]));
    archive.add("xl/workbook.xml", book("<sheet name=\"List\" sheetId=\"1\" r:id=\"rId1\"/>"));
    archive.add(
        "xl/_rels/workbook.xml.rels",
        relations(&[
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
        ]),
    );
    archive
}

/// A workbook with this inside `sheetData`, and these shared texts.
pub(crate) fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    let mut archive = without_sheet();
    archive.add("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\">{strings}</sst>"));
    archive.add("xl/worksheets/sheet1.xml", sheet(rows));
    archive.finish()
}

/// A sheet with this inside `sheetData`.
pub(crate) fn sheet(rows: &str) -> String {
    format!("<?xml version=\"1.0\"?><worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
}

pub(crate) fn book(sheets: &str) -> String {
    format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{KINDS}\"><sheets>{sheets}</sheets></workbook>")
}

pub(crate) fn relations(all: &[(&str, &str, &str)]) -> String {
    let each = all.iter().map(|(id, kind, target)| {
        format!("<Relationship Id=\"{id}\" Type=\"{KINDS}/{kind}\" Target=\"{target}\"/>")
    });
    format!("<Relationships xmlns=\"{RELATIONS}\">{}</Relationships>", each.collect::<String>())
}

/// The CSV of a workbook's first visible sheet.
pub(crate) fn csv_of(bytes: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    Workbook::open(Cursor::new(bytes))?.read_to_string(&mut text)?;
    Ok(text)
}

/// The words for what is wrong with the data.
#[track_caller]
pub(crate) fn trouble(result: io::Result<String>) -> String {
    let error = result.expect_err("this must not be readable");
    Trouble::of(&error).unwrap_or_else(|| panic!("not the fault of the data: {error}")).to_string()
}
