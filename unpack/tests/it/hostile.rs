//! Workbooks that are broken, greedy, or none at all.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};

use consentry_unpack::limits::{ENTRIES_MAX, SHEET_BYTES_MAX};
use consentry_unpack::{Trouble, Workbook, needs_password};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::archive::{Archive, Claims, book, csv_of, relations, sheet, trouble, without_sheet, workbook};

const ROWS: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>permission</t></is></c></row>\
                    <row r=\"2\"><c r=\"A2\"><v>905301112233</v></c><c r=\"B2\"><v>1</v></c></row>";

fn small() -> Vec<u8> {
    workbook(ROWS, "<si><t>wpNumber</t></si>")
}

fn with_sheet(text: &str) -> Vec<u8> {
    let mut archive = without_sheet();
    archive.add("xl/worksheets/sheet1.xml", text);
    archive.finish()
}

#[test]
fn cut_off_anywhere_it_is_trouble_and_never_a_shorter_list() {
    let whole = small();
    assert_eq!(csv_of(&whole).unwrap(), "wpNumber,permission\n905301112233,1\n");
    for end in 0..whole.len() {
        trouble(csv_of(&whole[..end]));
    }
}

#[test]
fn a_changed_byte_never_breaks_the_program_nor_changes_the_list() {
    let whole = small();
    let list = csv_of(&whole).unwrap();
    for at in 0..whole.len() {
        for change in [0x01, 0x20, 0x80, 0xFF] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            match csv_of(&changed) {
                // Names in the directory lead to parts: a changed one may lead to none, which then is empty.
                Ok(text) => assert_eq!(text, list, "byte {at}"),
                Err(error) => assert!(Trouble::of(&error).is_some(), "byte {at}: {error}"),
            }
        }
    }
}

#[test]
fn changed_xml_never_breaks_the_program() {
    let text = sheet(ROWS);
    let pieces = [
        "<",
        ">",
        "/",
        "\"",
        "&",
        "<row>",
        "</row>",
        "<c t=\"s\">",
        "<v>",
        "</v>",
        "]]>",
        "<!--",
        "<?",
        "&#0;",
        "\u{0}",
        "9",
    ];
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for _ in 0..5_000 {
        let mut changed = text.clone();
        for _ in 0..=random(3) {
            let at = random(changed.len());
            let end = (at + random(12)).min(changed.len());
            changed.replace_range(at..end, pieces[random(pieces.len())]);
        }
        if let Err(error) = csv_of(&with_sheet(&changed)) {
            assert!(Trouble::of(&error).is_some(), "{error}: {changed}");
        }
    }
}

#[test]
fn what_a_sheet_says_wrongly_is_named() {
    let row = |cells: &str| format!("<row r=\"7\">{cells}</row>");
    for (rows, says) in [
        (row("<c r=\"A8\"><v>1</v></c>"), "a cell of row 7 has the reference `A8`"),
        (row("<c r=\"7\"><v>1</v></c>"), "the reference `7`"),
        (row("<c r=\"AAAA7\"><v>1</v></c>"), "the reference `AAAA7`"),
        (row("<c r=\"A7\"><v>1</v></c><c r=\"A7\"><v>2</v></c>"), "row 7 holds one cell twice"),
        (row("<c r=\"IW7\"><v>1</v></c>"), "something in column 257"),
        (row("<c r=\"A7\" t=\"s\"><v>1</v></c>"), "a text that there is not"),
        (row("<c r=\"A7\" t=\"s\"><v>-1</v></c>"), "a text that there is not"),
        (row("<c r=\"A7\" t=\"s\"><v>18446744073709551616</v></c>"), "a text that there is not"),
        (row("") + &row(""), "row 7 comes after row 7"),
        (row("") + "<row r=\"3\"/>", "row 3 comes after row 7"),
        ("<row r=\"0\"/>".into(), "a row has a number"),
        ("<row r=\"1048577\"/>".into(), "a row has a number"),
        ("<row r=\"x\"/>".into(), "a row has a number"),
        (row("<c><v>&entity;</v></c>"), "a character that there is not"),
        (row("<c><v>&#xD800;</v></c>"), "a character that there is not"),
        (row("<c><v>1</c>"), "not well formed"),
        ("<x>".repeat(80) + &"</x>".repeat(80), "nested too deeply"),
        (row(&format!("<c t=\"str\"><v>{}</v></c>", "x".repeat(200_000))), "more text than a cell can"),
        (
            row(&format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", "x".repeat(200_000))),
            "more text than a cell can",
        ),
        (format!("<!--{}-->", "x".repeat(2 << 20)), "a text of more than"),
    ] {
        let said = trouble(csv_of(&workbook(&rows, "<si><t>zero</t></si>")));
        assert!(said.contains(says), "`{says}` is not in: {said}");
    }
    let laughs = sheet(ROWS).replace("?>", "?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>");
    assert!(trouble(csv_of(&with_sheet(&laughs))).contains("declares a document type"));
    let utf16 = sheet(ROWS).replace("?>", " encoding=\"utf-16\"?>");
    assert!(trouble(csv_of(&with_sheet(&utf16))).contains("not written in UTF-8"));
    assert!(trouble(csv_of(&with_sheet("<chartsheet/>"))).contains("it is no sheet"));
    assert!(trouble(csv_of(&with_sheet("<worksheet><sheetData><row>"))).contains("ends in the middle"));
}

#[test]
fn what_is_no_workbook_is_told_what_to_become() {
    let holding = |names: &[(&str, &str)]| {
        let mut archive = Archive::default();
        names.iter().for_each(|(name, content)| archive.add(name, content));
        trouble(csv_of(&archive.finish()))
    };
    let main = |target: &str| relations(&[("r", "officeDocument", target)]);
    assert!(holding(&[("people.csv", "wpNumber,permission\n")]).contains("a zip archive, but no workbook"));
    assert!(holding(&[("mimetype", "x"), ("content.xml", "<x/>")]).contains(".ods"));
    assert!(holding(&[("_rels/.rels", &main("xl/workbook.bin"))]).contains(".xlsb"));
    let document = [("_rels/.rels", main("word/document.xml")), ("word/document.xml", "<document/>".into())];
    let document = document.each_ref().map(|(name, content)| (*name, content.as_str()));
    assert!(holding(&document).contains("no workbook"));
    assert!(holding(&[("_rels/.rels", &relations(&[]))]).contains("which part is the workbook"));
    let hidden = book("<sheet name=\"a\" sheetId=\"1\" state=\"hidden\" r:id=\"r\"/>");
    let said = holding(&[("_rels/.rels", &main("workbook.xml")), ("workbook.xml", &hidden)]);
    assert!(said.contains("no visible sheet"), "{said}");
    assert!(trouble(csv_of(&without_sheet().finish())).contains("the part is missing"));

    let mut archive = without_sheet();
    archive.add_packed("xl/worksheets/sheet1.xml", b"", (0, 0), Claims { flags: 1, ..Claims::default() });
    assert!(trouble(csv_of(&archive.finish())).contains("a zip archive with a password"));
    let mut archive = without_sheet();
    archive.add_packed(
        "xl/worksheets/sheet1.xml",
        b"",
        (0, 0),
        Claims { method: Some(12), ..Claims::default() },
    );
    assert!(trouble(csv_of(&archive.finish())).contains("packed in a way"));
    let mut archive = without_sheet();
    archive.add("XL/workbook.xml", "<x/>");
    assert!(trouble(csv_of(&archive.finish())).contains("one part twice"));
    let mut archive = Archive::default();
    (0..=ENTRIES_MAX).for_each(|at| archive.add(&at.to_string(), ""));
    assert!(trouble(csv_of(&archive.finish())).contains("more than 1000 files"));
}

#[test]
fn a_stored_part_is_read_as_it_is() {
    let text = sheet(ROWS);
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    let mut archive = without_sheet();
    archive.add("xl/sharedStrings.xml", "<sst><si><t>wpNumber</t></si></sst>");
    let told = (text.len() as u32, crc.sum());
    archive.add_packed(
        "xl/worksheets/sheet1.xml",
        text.as_bytes(),
        told,
        Claims { method: Some(0), ..Claims::default() },
    );
    assert_eq!(csv_of(&archive.finish()).unwrap(), "wpNumber,permission\n905301112233,1\n");
}

#[test]
fn bombs_stop_at_the_limit_whatever_they_claim() {
    let mut archive = without_sheet();
    let claim = Claims { bytes: Some(SHEET_BYTES_MAX as u32 + 1), ..Claims::default() };
    archive.add_packed("xl/worksheets/sheet1.xml", b"\x03\0", (0, 0), claim);
    assert!(trouble(csv_of(&archive.finish())).contains("more than 512 MiB"), "it says so itself");

    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"<worksheet><sheetData>").unwrap();
    let blank = b"<row></row>".repeat(1 << 16);
    (0..200).for_each(|_| encoder.write_all(&blank).unwrap());
    let packed = encoder.finish().unwrap();
    let mut archive = without_sheet();
    archive.add_packed("xl/worksheets/sheet1.xml", &packed, (1000, 0), Claims::default());
    let said = trouble(csv_of(&archive.finish()));
    assert!(said.contains("a row has a number that there is not") || said.contains("100 times"), "{said}");

    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"<sst>").unwrap();
    let texts = format!("<si><t>{}</t></si>", "x".repeat(32_000)).repeat(32);
    (0..140).for_each(|_| encoder.write_all(texts.as_bytes()).unwrap());
    let packed = encoder.finish().unwrap();
    let mut archive = without_sheet();
    archive.add("xl/worksheets/sheet1.xml", sheet(""));
    archive.add_packed("xl/sharedStrings.xml", &packed, (1000, 0), Claims::default());
    let said = trouble(csv_of(&archive.finish()));
    assert!(said.contains("the table of texts") && !said.contains("damaged"), "{said}");
}

#[test]
fn a_password_is_told_from_an_old_workbook() {
    let container = |name: &str| {
        let mut bytes = vec![0; 2048];
        bytes[..4].copy_from_slice(b"\xD0\xCF\x11\xE0");
        bytes[0x1E] = 9;
        bytes[0x30] = 1;
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes[1024 + 128..][..name.len()].copy_from_slice(&name);
        bytes
    };
    let told =
        |bytes: Vec<u8>| needs_password(Cursor::new(bytes)).unwrap().map(|trouble| trouble.to_string());
    assert!(told(container("EncryptedPackage")).unwrap().contains("password"));
    assert_eq!(told(container("Workbook")), None);
    let mut far = container("Workbook");
    far[0x30..0x34].fill(0xFF);
    assert_eq!(told(far), None);
    assert_eq!(told(b"\xD0\xCF\x11\xE0".to_vec()), None);
}

#[test]
fn errors_of_the_source_stay_what_they_are() {
    /// Works for so many reads.
    struct Breaking(Cursor<Vec<u8>>, usize);
    impl Read for Breaking {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let broken = || io::Error::new(io::ErrorKind::StorageFull, "the disk is gone");
            self.1 = self.1.checked_sub(1).ok_or_else(broken)?;
            let few = into.len().min(100);
            self.0.read(&mut into[..few])
        }
    }
    impl Seek for Breaking {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut reads = 0;
    loop {
        let source = Breaking(Cursor::new(small()), reads);
        match Workbook::open(source).and_then(|mut workbook| workbook.read_to_end(&mut Vec::new())) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.to_string(), "the disk is gone", "after {reads} reads"),
        }
        reads += 1;
    }
    assert!(reads > 10, "{reads}");
}
