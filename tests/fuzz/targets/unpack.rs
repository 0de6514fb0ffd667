//! What a file comes wrapped in, whole and damaged: nothing panics, memory stays within the fuzzer's limit, and however
//! the packed bytes come and the text is asked for, the text and the trouble are the same. When the world fails in the
//! middle, it is never the data that gets the blame.
#![no_main]

use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};

use consentry_core::csv::Reader;
use consentry_core::csv::reader::End;
use consentry_fuzz::Input;
use consentry_unpack::limits::{COLUMNS_MAX, ROWS_MAX};
use consentry_unpack::{Form, Gunzip, Trouble, Unzstd, Workbook, needs_password};
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

#[path = "../../../unpack/tests/it/archive.rs"]
#[allow(dead_code, reason = "it is made for the tests, which need more of it")]
mod archive;

/// Text past this is not asked for: the fuzzer is to try many small bombs, and the tests have the large ones.
const TEXT_BYTES_MAX: u64 = 2 << 20;
/// Parts the sheet from the texts that its cells share.
const PART: u8 = 1;

#[rustfmt::skip]
const WORDS: [&str; 112] = [
    "<row>", "</row>", "<row r=\"1\">", "<row r=\"2\">", "<row r=\"9\" hidden=\"1\">", "<row r=\"1048576\">", "<row/>",
    "<c>", "</c>", "<c/>", "<c r=\"A1\">", "<c r=\"B1\">", "<c r=\"C2\" t=\"s\">", "<c t=\"s\">", "<c t=\"str\">",
    "<c t=\"inlineStr\">", "<c t=\"b\">", "<c t=\"e\">", "<c t=\"n\">", "<c t=\"d\">", "<c r=\"XFD1\">", "<c r=\"IV1\">",
    "<c r=\"A0\">", "<c r=\"1A\">", "<c r=\"AAAA1\">", "<c s=\"1\">", "<c r=\"A1\" t=\"s\"><v>0</v></c>",
    "<c><v>905301112233</v></c>", "<c t=\"s\"><v>1</v></c>", "<v>", "</v>", "<v>0</v>", "<v>1</v>", "<v/>", "<f>A1</f>",
    "<is>", "</is>", "<t>", "</t>", "<t xml:space=\"preserve\">", "<si>", "</si>", "<si><t>a</t></si>", "<r>", "</r>",
    "<rPh>", "</rPh>", "<phoneticPr/>", "<sheetData>", "</sheetData>", "<sheetData/>", "<worksheet>", "</worksheet>",
    "<x:row xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">", "</x:row>", "<x:c>", "</x:c>",
    "<row xmlns=\"other\">", "<mc:AlternateContent>", "<mc:Choice>", "<mc:Fallback>", "<extLst>", "</extLst>",
    "<sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/>", "<sheet name=\"B\" state=\"hidden\" r:id=\"rId1\"/>",
    "<sheet name=\"C\" state=\"veryHidden\" r:id=\"rId2\"/>", "<sheet r:id=\"rId9\"/>", "<sheets>", "</sheets>",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/>",
    "<Relationship Id=\"rId1\" Type=\"x/chartsheet\" Target=\"../xl/worksheets/sheet1.xml\"/>",
    "Target=\"/xl/worksheets/sheet1.xml\"", "TargetMode=\"External\"", "9.05301112233E+11", "905301112233", "1E-3", "-0",
    "1E308", "0.1", "9007199254740993", "12345678901234567890", "1.0", "4294967295", "1048577", "&amp;", "&lt;", "&#10;",
    "&#x0;", "&#xD800;", "&x;", "&quot;", "_x000D_", "_x005F_", "_x0041_", "<![CDATA[", "]]>", "<!--", "-->", "<?x?>",
    "<!DOCTYPE a [<!ENTITY x \"y\">]>", "\"", "\r\n", "\n", ",", "é", "\u{a0}", "\u{feff}", "\u{131}", "😀", "'", "=", "\t",
];

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let text = if input.flag(0, 7) { input.with_words(&WORDS) } else { input.text.to_vec() };
    let (form, mut packed) = packed(&input, &text);
    damage(&input, &mut packed);

    // Nothing is expected of it but an answer.
    let _ = needs_password(Cursor::new(&packed));
    let whole = unpacked(form, Source::of(&packed), usize::MAX);
    let pieces = Source { piece_bytes: 1 + input.below(3, 250), ..Source::of(&packed) };
    agrees(&unpacked(form, pieces, usize::MAX), &whole);
    agrees(&unpacked(form, Source::of(&packed), 1 + input.below(4, 250)), &whole);

    let good = input.below(5, 256) * packed.len() / 256;
    let failed = Cell::new(false);
    let broken =
        unpacked(form, Source { good_bytes: good, failed: Some(&failed), ..Source::of(&packed) }, usize::MAX);
    if failed.get() {
        assert!(broken.ended == Ended::World || broken.ended == Ended::Enough, "{broken:?}");
    } else {
        agrees(&broken, &whole);
    }
    assert!(whole.ended != Ended::World, "the data is at fault, and nobody says so");
    if form == Form::Workbook && whole.ended == Ended::Well {
        is_a_table(&whole.text);
    }
});

/// The text as a packed file, or packed into one.
fn packed(input: &Input<'_>, text: &[u8]) -> (Form, Vec<u8>) {
    let words = String::from_utf8_lossy(text);
    let shape = input.below(0, 0x80) % 12;
    let workbook = |strings: &str, book: Option<&str>, links: Option<&str>, sheet: &str| {
        let mut archive = archive::Archive::default();
        archive.add("_rels/.rels", archive::relations(&[("rId1", "officeDocument", "xl/workbook.xml")]));
        let book = book.map_or_else(
            || archive::book("<sheet name=\"List\" sheetId=\"1\" r:id=\"rId1\"/>"),
            str::to_owned,
        );
        archive.add("xl/workbook.xml", book);
        let parts =
            [("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")];
        archive.add(
            "xl/_rels/workbook.xml.rels",
            links.map_or_else(|| archive::relations(&parts), str::to_owned),
        );
        archive.add("xl/sharedStrings.xml", strings);
        archive.add("xl/worksheets/sheet1.xml", sheet);
        (Form::Workbook, archive.finish())
    };
    let shared = "<sst><si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r></si></sst>";
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c><v>7</v></c></row>";
    match shape {
        0 => match Form::of(text) {
            Form::Plain => (Form::Gzip, text.to_vec()),
            form => (form, text.to_vec()),
        },
        1 => (Form::Workbook, text.to_vec()),
        2 => (Form::Zstd, [b"\x28\xB5\x2F\xFD", text].concat()),
        // Deflated by nobody: any bits there are.
        3 => (Form::Gzip, [b"\x1F\x8B\x08\0\0\0\0\0\0\x03", text].concat()),
        4 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(input.below(6, 10) as u32));
            encoder.write_all(text).expect("memory takes everything");
            (Form::Gzip, encoder.finish().expect("memory takes everything"))
        }
        5 => {
            let level =
                if input.flag(6, 0) { CompressionLevel::Fastest } else { CompressionLevel::Uncompressed };
            (Form::Zstd, compress_to_vec(text, level))
        }
        6 => workbook(shared, Some(&words), None, &archive::sheet(rows)),
        7 => workbook(shared, None, Some(&words), &archive::sheet(rows)),
        8 => workbook(&words, None, None, &archive::sheet(rows)),
        9 => workbook(shared, None, None, &words),
        _ => {
            let mut parts = text.splitn(2, |byte| *byte == PART).map(String::from_utf8_lossy);
            let rows = parts.next().unwrap_or_default();
            let strings =
                parts.next().map_or_else(|| shared.to_owned(), |strings| format!("<sst>{strings}</sst>"));
            workbook(&strings, None, None, &archive::sheet(&rows))
        }
    }
}

fn damage(input: &Input<'_>, packed: &mut Vec<u8>) {
    let at = input.below(7, 256) * packed.len() / 256;
    match input.below(6, 256) >> 4 {
        13 => packed.truncate(at),
        14 => packed.extend(packed.clone()),
        15 => {
            if let Some(byte) = packed.get_mut(at) {
                *byte ^= 1 << input.below(6, 8);
            }
        }
        _ => {}
    }
}

/// Packed bytes that come as files, pipes and uploads give them.
struct Source<'a> {
    bytes: Cursor<&'a [u8]>,
    /// Most bytes given at once.
    piece_bytes: usize,
    /// From here on the world fails,
    good_bytes: usize,
    /// and this tells whether anybody got so far.
    failed: Option<&'a Cell<bool>>,
}

impl<'a> Source<'a> {
    fn of(bytes: &'a [u8]) -> Source<'a> {
        Source { bytes: Cursor::new(bytes), piece_bytes: usize::MAX, good_bytes: usize::MAX, failed: None }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(self.piece_bytes);
        if let (Some(failed), true) =
            (self.failed, self.bytes.position() + room as u64 > self.good_bytes as u64)
        {
            failed.set(true);
            return Err(io::Error::other("the disk is gone"));
        }
        self.bytes.read(&mut into[..room])
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// How unpacking ended.
#[derive(Debug, PartialEq)]
enum Ended {
    Well,
    /// With more text than is asked for.
    Enough,
    Trouble(String),
    World,
}

#[derive(Debug, PartialEq)]
struct Unpacked {
    text: Vec<u8>,
    ended: Ended,
}

/// The same end, and the same text; of what breaks off, a decoder gives the text before as far as it likes.
fn agrees(found: &Unpacked, whole: &Unpacked) {
    assert_eq!(found.ended, whole.ended);
    match whole.ended {
        Ended::Well => assert_eq!(found.text, whole.text),
        _ => assert!(found.text.starts_with(&whole.text) || whole.text.starts_with(&found.text)),
    }
}

/// Everything there is, asked for in pieces of at most so many bytes.
fn unpacked(form: Form, source: Source<'_>, piece_bytes: usize) -> Unpacked {
    let mut text = Vec::new();
    let read = match form {
        Form::Gzip => read(Gunzip::new(source), piece_bytes, &mut text),
        Form::Zstd => read(Unzstd::new(source), piece_bytes, &mut text),
        Form::Workbook => Workbook::open(source).and_then(|book| read(book, piece_bytes, &mut text)),
        Form::Plain | Form::Compound => Ok(()),
    };
    let ended = match read {
        _ if text.len() as u64 > TEXT_BYTES_MAX => Ended::Enough,
        Ok(()) => Ended::Well,
        Err(error) => Trouble::of(&error).map_or(Ended::World, |trouble| Ended::Trouble(trouble.to_string())),
    };
    Unpacked { text, ended }
}

fn read(mut from: impl Read, piece_bytes: usize, text: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = vec![0; piece_bytes.min(1 << 16)];
    while text.len() as u64 <= TEXT_BYTES_MAX {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            bytes => text.extend_from_slice(&piece[..bytes]),
        }
    }
    Ok(())
}

/// What came out of a workbook is what its documentation says: a line for each row, nothing that a reader stumbles over.
fn is_a_table(text: &[u8]) {
    assert!(std::str::from_utf8(text).is_ok());
    let mut reader = Reader::new(b',', 1);
    let mut each = |record: consentry_core::csv::Record<'_>| {
        assert!(record.stray_quote.is_none() && !record.many_lines);
        assert!(record.too_long || record.width() <= COLUMNS_MAX);
    };
    reader.feed(text, &mut each);
    assert!(text.is_empty() || text.ends_with(b"\n"));
    assert_eq!(reader.finish(&mut each), End::Clean);
    assert!(reader.line() <= u64::from(ROWS_MAX) + 1);
}
