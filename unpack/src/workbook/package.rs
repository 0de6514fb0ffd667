//! The zip archive a workbook is: which parts there are, and each part unpacked as it is read. Only the directory is
//! believed; the sizes and checksums it states are held against what comes out.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, ErrorKind, RECOMMENDED_BUFFER_SIZE, RangeReader, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder, ZipLocator,
};

use crate::Trouble;
use crate::budget::{Budget, Packed, too_much};
use crate::limits::{
    ENTRIES_MAX, ENTRY_NAME_BYTES_MAX, INDEX_BYTES_MAX, PIECE_BYTES, SHEET_BYTES_MAX, STRINGS_BYTES_MAX,
};

use super::no_workbook;

/// The parts of a workbook by name.
pub(super) struct Package<R: Read + Seek> {
    archive: ZipArchive<Arc<Source<R>>>,
    /// With their names in lower case: names of parts are the same without case. There are few of them.
    entries: Vec<(String, Entry)>,
}

#[derive(Clone, Copy)]
struct Entry {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
    bytes: u64,
    crc: u32,
}

/// One part, unpacked as it is read.
pub(super) struct Part<R: Read + Seek> {
    name: String,
    inflated: Inflated<RangeReader<Arc<Source<R>>>>,
    buffer: Box<[u8]>,
    /// What is unread in the buffer.
    filled: std::ops::Range<usize>,
    budget: Budget,
    bytes: u64,
    crc: Crc,
    told: (u64, u32),
}

enum Inflated<S: Read> {
    Stored(Packed<S>),
    Deflated(Box<DeflateDecoder<Packed<S>>>),
}

impl<R: Read + Seek> Package<R> {
    pub(super) fn open(mut source: R) -> io::Result<Package<R>> {
        let end = source.seek(SeekFrom::End(0))?;
        let source = Arc::new(Source(Mutex::new(source)));
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let located = ZipLocator::new().locate_in_reader(source, &mut buffer, end);
        let archive = located.map_err(|(_, error)| blame(error))?;
        let mut entries: Vec<(String, Entry)> = Vec::new();
        let mut listed = archive.entries(&mut buffer);
        while let Some(entry) = listed.next_entry().map_err(blame)? {
            if entries.len() == ENTRIES_MAX {
                return Err(too_many_entries().into());
            }
            let path = entry.file_path();
            let name = path.as_ref();
            if name.len() > ENTRY_NAME_BYTES_MAX {
                return Err(cut_off().into());
            }
            // Some writers use the separators of their system.
            let name = String::from_utf8_lossy(name).to_ascii_lowercase().replace('\\', "/");
            let found = Entry {
                place: entry.wayfinder(),
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted(),
                bytes: entry.uncompressed_size_hint(),
                crc: entry.crc32(),
            };
            if entries.iter().any(|(other, _)| *other == name) {
                return Err(Trouble::damaged(&name, "its archive holds one part twice").into());
            }
            entries.push((name, found));
        }
        Ok(Package { archive, entries })
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let found = self.entries.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, entry)| entry)
    }

    /// A part that only leads to others.
    pub(super) fn index(&self, name: &str) -> io::Result<Part<R>> {
        self.part(name, "an index of the workbook", INDEX_BYTES_MAX)
    }

    pub(super) fn strings(&self, name: &str) -> io::Result<Part<R>> {
        self.part(name, "the table of texts in the workbook", STRINGS_BYTES_MAX)
    }

    pub(super) fn sheet(&self, name: &str) -> io::Result<Part<R>> {
        self.part(name, "the sheet", SHEET_BYTES_MAX)
    }

    fn part(&self, name: &str, what: &'static str, bytes_max: u64) -> io::Result<Part<R>> {
        let Some(entry) = self.entry(name) else {
            return Err(Trouble::damaged(name, "the part is missing").into());
        };
        if entry.encrypted {
            let cure = "Unpack it, and give the file that is inside.";
            return Err(no_workbook("a zip archive with a password", cure).into());
        }
        if entry.bytes > bytes_max {
            return Err(too_much(what, bytes_max).into());
        }
        let (start, end) = self.archive.get_entry(entry.place).map_err(blame)?.compressed_data_range();
        let packed = Packed::new(RangeReader::new(self.archive.get_ref().clone(), start..end.max(start)));
        let inflated = match entry.method {
            CompressionMethod::STORE => Inflated::Stored(packed),
            CompressionMethod::DEFLATE => Inflated::Deflated(Box::new(DeflateDecoder::new(packed))),
            _ => return Err(Trouble::damaged(name, "it is packed in a way that workbooks are not").into()),
        };
        Ok(Part {
            name: name.to_owned(),
            inflated,
            buffer: vec![0; PIECE_BYTES].into(),
            filled: 0..0,
            budget: Budget::new(what, bytes_max),
            bytes: 0,
            crc: Crc::new(),
            told: (entry.bytes, entry.crc),
        })
    }
}

impl<R: Read + Seek> Part<R> {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl<R: Read + Seek> BufRead for Part<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.filled.is_empty() {
            let read = match &mut self.inflated {
                Inflated::Stored(packed) => packed.read(&mut self.buffer),
                Inflated::Deflated(decoder) => decoder.read(&mut self.buffer),
            };
            let packed = match &mut self.inflated {
                Inflated::Stored(packed) => packed,
                Inflated::Deflated(decoder) => decoder.get_mut(),
            };
            let damaged = || Trouble::damaged(&self.name, "it does not unpack to what it was packed from");
            let bytes = read.map_err(|_| packed.blame(damaged))?;
            self.budget.take(bytes, packed.bytes)?;
            self.crc.update(&self.buffer[..bytes]);
            self.bytes += bytes as u64;
            if bytes == 0 && (self.bytes, self.crc.sum()) != self.told {
                return Err(damaged().into());
            }
            self.filled = 0..bytes;
        }
        Ok(&self.buffer[self.filled.clone()])
    }

    fn consume(&mut self, bytes: usize) {
        self.filled.start += bytes;
    }
}

impl<R: Read + Seek> Read for Part<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?.read(into)?;
        self.consume(bytes);
        Ok(bytes)
    }
}

/// A file that can be read anywhere, shared by the directory and the part at hand.
pub(super) struct Source<R>(Mutex<R>);

impl<R: Read + Seek> ReaderAt for Source<R> {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        source.seek(SeekFrom::Start(at))?;
        source.read(into)
    }
}

/// The error to pass on: the source's own, or else trouble with the archive.
fn blame(error: rawzip::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => error,
        _ => cut_off().into(),
    }
}

fn cut_off() -> Trouble {
    Trouble::new(
        "The workbook, or the zip archive, is damaged or was cut off on its way. Send it again, or open it in Excel and \
         save it as .xlsx.",
    )
}

fn too_many_entries() -> Trouble {
    let what = format!("a zip archive of more than {ENTRIES_MAX} files, not a workbook with a list");
    no_workbook(&what, "Unpack it, and give the file that is inside.")
}
