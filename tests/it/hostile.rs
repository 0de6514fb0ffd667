//! Files that nobody should send and somebody will. Each gets the diagnostic that names the trouble, its place and its
//! cure, natively and from the sandboxed engine alike, and none costs more memory than the bounds stated here.

use consentry_core::consent::{Checker, Emit};
use consentry_core::limits::{COLUMNS_MAX, DIAGNOSTICS_PER_CODE_MAX, FIELD_BYTES_MAX, ROW_BYTES_MAX};
use consentry_core::wire::v1;
use consentry_host::engine;

use crate::memory::{self, MIB};
use crate::vectors::{comparable, judged, shipped_engine};

const HEADER: &str = "wpNumber,permission\n";

/// Judges the file in both engines and asserts what is said of it first: code, place (row 0, line 0 and no column
/// where there is none) and a piece of the cure.
#[track_caller]
fn told(bytes: &[u8], code: &str, (row, line, column): (u64, u64, &str), cure: &str) -> v1::Report {
    told_with(&v1::Options::default(), bytes, code, (row, line, column), cure)
}

#[track_caller]
fn told_with(
    options: &v1::Options,
    bytes: &[u8],
    code: &str,
    (row, line, column): (u64, u64, &str),
    cure: &str,
) -> v1::Report {
    let report = agreed(options, bytes);
    let Some(found) = report.diagnostics.iter().find(|found| found.code == code) else {
        panic!("`{code}` is not among {:?}", report.codes);
    };
    let place = (found.row.unwrap_or(0), found.line.unwrap_or(0), found.column.as_deref().unwrap_or(""));
    assert_eq!(place, (row, line, column), "{found:?}");
    assert!(found.message.contains(cure), "`{}` does not say `{cure}`", found.message);
    report
}

/// The report, on which the native core and the sandboxed engine must agree.
#[track_caller]
fn agreed(options: &v1::Options, bytes: &[u8]) -> v1::Report {
    let native = judged(options, bytes);
    let mut check = shipped_engine().check(options, engine::Emit::default()).unwrap();
    check.feed(bytes).unwrap();
    assert_eq!(comparable(&check.finish().unwrap()), comparable(&native));
    native
}

#[track_caller]
fn refused(report: &v1::Report) {
    assert!(report.refused, "{report:?}");
}

#[track_caller]
fn counted(report: &v1::Report, rows: u64, accepted: u64) {
    assert_eq!(
        (report.refused, report.counts.rows, report.counts.accepted),
        (false, rows, accepted),
        "{report:?}"
    );
}

fn options(json: &str) -> v1::Options {
    v1::Options::parse(json).unwrap()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn files_without_people() {
    refused(&told(b"", "file-empty", (0, 0, ""), "Export the list again"));
    refused(&told(b"\xEF\xBB\xBF", "file-empty", (0, 0, ""), "Export the list again"));
    refused(&told(b"\n\n \r\n\t\n,,,\n", "file-empty", (0, 0, ""), "Export the list again"));
    refused(&told(HEADER.as_bytes(), "file-empty", (0, 0, ""), "check that people are in it"));
    refused(&told(b"sep=;\r\n", "file-empty", (0, 0, ""), "Export the list again"));
}

#[test]
fn headers_that_do_not_say_what_is_what() {
    let no_header = b"12345,+905301112233,1\n34328,+442071234567,2\n";
    refused(&told(no_header, "header-missing", (0, 1, ""), "Put a header line first"));
    refused(&told(b"\n\nexid,permission\n1,1\n", "column-missing", (0, 3, "wpNumber"), "say with a mapping"));
    let twice = b"WhatsApp,wp_number,permission\n+905301112233,+905321234567,1\n";
    refused(&told(twice, "column-duplicate", (0, 1, "wpNumber"), "Remove or rename one"));
    let shared = options(r#"{"map":{"msisdn":"n","wpNumber":"n"}}"#);
    let report = told_with(
        &shared,
        b"n,permission\n1,1\n",
        "column-duplicate",
        (0, 1, "wpNumber"),
        "header of its own",
    );
    refused(&report);
    let unknown = told(
        b"wpNumber,permission,city\n+905301112233,1,Van\n",
        "column-unknown",
        (0, 1, "city"),
        "attribute",
    );
    counted(&unknown, 1, 1);
}

#[test]
fn headers_that_are_merely_untidy() {
    for header in [
        "\u{feff} WP Number , PERMISSION ",
        "wp_number,Permission",
        "\"WP\u{a0}NUMBER\",\"permission\"",
        "Whatsapp No,İzin",
    ] {
        let file = format!("{header}\n+905301112233,1\n");
        counted(&agreed(&v1::Options::default(), file.as_bytes()), 1, 1);
    }
}

#[test]
fn ten_thousand_columns() {
    let names: Vec<String> = (0..10_000).map(|at| format!("c{at}")).collect();
    let file = format!("{}\n+905301112233,1\n", names.join(","));
    assert!(file.len() < ROW_BYTES_MAX);
    let report = told(file.as_bytes(), "row-width", (0, 1, ""), "Export only the columns needed");
    refused(&report);
    let found = &report.diagnostics[0].message;
    assert!(found.contains("10000") && found.contains(&COLUMNS_MAX.to_string()), "{found}");
    // A row may be as wide as it likes; it is only this row that is lost.
    let file = format!("{HEADER}+905301112233,1{}\n+905321234567,2\n", ",x".repeat(10_000));
    counted(&told(file.as_bytes(), "row-width", (1, 2, ""), "Quote cells that contain the delimiter"), 2, 1);
}

#[test]
fn rows_too_wide_and_too_narrow() {
    let file = b"exid,wpNumber,permission\n1,+905301112233\n2,+905321234567,1,1\n3,+905331234567,2,,\n";
    let report = told(file, "row-width", (1, 2, ""), "complete the row");
    counted(&report, 3, 1);
    assert_eq!(report.diagnostics[1].line, Some(3));
}

#[test]
fn every_line_end_and_delimiter() {
    for end in ["\n", "\r\n", "\r"] {
        for delimiter in [",", ";", "\t", "|"] {
            let rows = ["wpNumber,permission", "+905301112233,1", "", "+905321234567,9"];
            let file = rows.map(|row| row.replace(',', delimiter) + end).concat();
            let report =
                told(file.as_bytes(), "permission-unknown", (2, 4, "permission"), "Use 1 (opt-in) or 2");
            counted(&report, 2, 1);
            assert_eq!(report.file.delimiter, delimiter);
            // A last line without an end is a row like any other.
            counted(&agreed(&v1::Options::default(), file.trim_end().as_bytes()), 2, 1);
            let declared = format!("sep={delimiter}{end}{file}");
            let report =
                told(declared.as_bytes(), "permission-unknown", (2, 5, "permission"), "Use 1 (opt-in) or 2");
            assert_eq!(report.file.delimiter, delimiter);
        }
    }
}

#[test]
fn quotes_where_they_belong_and_where_not() {
    let open = "wpNumber,permission,note\n+905301112233,1,x\n\n+905321234567,1,\"open\n+905331234567,1,x\n";
    refused(&told(open.as_bytes(), "quote-unclosed", (2, 4, ""), "Close the quotation mark"));
    let over_lines =
        "wpNumber,permission,note\n+905301112233,1,\"a\n\"\"b\"\"\r\nc\"\n+905321234567,9,\"\"\n";
    counted(&told(over_lines.as_bytes(), "permission-unknown", (2, 5, "permission"), "Use 1"), 2, 1);
    let inside = "wpNumber,permission,note\n+905301112233,1,a \"b\" c\n\"+905321234567\",\"1\",d\"\n+905331234567,\"2\"x,e\n";
    counted(
        &told(inside.as_bytes(), "quote-unclosed", (3, 4, "permission"), "Close the quotation mark"),
        3,
        2,
    );
    let behind = "wpNumber,permission\n\"+905301112233\" ,1\n\"+9053011122\" 44,1\n";
    counted(&told(behind.as_bytes(), "quote-unclosed", (2, 3, "wpNumber"), "Close the quotation mark"), 2, 1);
    // Two stray marks that happen to balance: what stands between them was somebody's opt-out.
    let swallowed = "name,wpNumber,permission\n\"Ali,+905301112233,2\n\"Veli,+905301112244,1\n";
    refused(&told(swallowed.as_bytes(), "quote-unclosed", (1, 2, ""), "Close the quotation mark"));
}

#[test]
fn bytes_that_are_no_letters() {
    let cure = "Save the file as “CSV UTF-8”";
    let nul = b"wpNumber,permission\n+9053011\x0012233,1\n+905321234567,2\n";
    counted(&told(nul, "encoding-unreadable", (1, 2, "wpNumber"), cure), 2, 1);
    let utf8 = options(r#"{"encoding":"utf-8"}"#);
    let invalid = b"wpNumber,permission,city\n+905301112233,1,Mu\xF0la\n+905321234567,2,Van\n";
    counted(&told_with(&utf8, invalid, "encoding-unreadable", (1, 2, "city"), cure), 2, 1);
    // Not declared, it is what Turkish Excel writes.
    let report = told(invalid, "encoding-assumed", (1, 2, ""), "declare the encoding");
    counted(&report, 2, 2);
    assert_eq!(report.file.encoding, "windows-1254");
    let hole = b"wpNumber,permission,city\n+905301112233,1,\x81\n+905321234567,2,Van\n";
    counted(&told(hole, "encoding-unreadable", (1, 2, "city"), cure), 2, 1);
    // Two halves of one letter, in two cells: text only if nobody looks at the delimiter.
    let split = b"wpNumber,permission,a,b\n+905301112233,1,\xC5,\x9F\n";
    counted(&told_with(&utf8, split, "encoding-unreadable", (1, 2, "a"), cure), 1, 0);
    counted(&told(split, "encoding-assumed", (1, 2, ""), "declare the encoding"), 1, 1);
}

#[test]
fn turkish_letters_in_every_encoding() {
    let text = "Müşteri No;Şehir;WP Number;İzin\r\n1;Iğdır;+905301112233;1\r\n2;İzmir;+905321234567;9\r\n";
    let windows: Vec<u8> = text.chars().map(windows_1254).collect();
    let files = [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into(),
        utf16(text, false),
        utf16(text, true),
        windows,
    ];
    let attribute = options(r#"{"attributes":["şehir"]}"#);
    for (file, encoding) in files.iter().zip(["utf-8", "utf-8", "utf-16le", "utf-16be", "windows-1254"]) {
        let report = told_with(&attribute, file, "permission-unknown", (2, 3, "İzin"), "Use 1");
        counted(&report, 2, 1);
        assert_eq!(report.file.encoding, encoding);
        let roles: Vec<&str> =
            report.file.columns.iter().filter_map(|column| column.role.as_deref()).collect();
        assert_eq!(roles, ["exid", "attribute", "wpNumber", "permission"], "{encoding}");
    }
}

fn windows_1254(ch: char) -> u8 {
    match ch {
        'Ğ' => 0xD0,
        'İ' => 0xDD,
        'Ş' => 0xDE,
        'ğ' => 0xF0,
        'ı' => 0xFD,
        'ş' => 0xFE,
        _ => u8::try_from(u32::from(ch)).expect("the other letters are those of Latin-1"),
    }
}

#[test]
fn utf16_that_breaks_off() {
    let cure = "Save the file as “CSV UTF-8”";
    for big_endian in [false, true] {
        let whole = utf16("wpNumber,permission,note\n+905301112233,1,😀\n+905321234567,2,x", big_endian);
        counted(&judged(&v1::Options::default(), &whole), 2, 2);
        let half = &whole[..whole.len() - 1];
        counted(&told(half, "encoding-unreadable", (2, 3, "note"), cure), 2, 1);
        // The second half of the smiley alone, then the first half alone.
        let smile = whole.windows(2).position(|pair| pair.contains(&0xD8) && pair.contains(&0x3D)).unwrap();
        for lost in [smile, smile + 2] {
            let mut broken = whole.clone();
            broken.drain(lost..lost + 2);
            counted(&told(&broken, "encoding-unreadable", (1, 2, "note"), cure), 2, 1);
        }
        // Without its mark it looks like no text, and the cure names the declaration.
        let cure = "Declare the encoding `utf-16le`";
        refused(&told(&whole[2..], "encoding-unreadable", (0, 0, ""), cure));
        let declared = v1::Options {
            encoding: Some(if big_endian { "utf-16be" } else { "utf-16le" }.into()),
            ..v1::Options::default()
        };
        counted(&agreed(&declared, &whole[2..]), 2, 2);
    }
}

#[test]
fn files_of_another_kind() {
    let cases: [(&[u8], &str); 7] = [
        (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", "Save it as “CSV UTF-8”"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Save it as “CSV UTF-8”"),
        (b"\x1F\x8B\x08\x08\0\0\0\0", "Unpack it first"),
        (b"\x28\xB5\x2F\xFD\x04", "Unpack it first"),
        (b"%PDF-1.7\n", "Export the table as “CSV UTF-8”"),
        (&[0; 4096], "save it as “CSV UTF-8”"),
        (b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "save it as “CSV UTF-8”"),
    ];
    for (bytes, cure) in cases {
        let report = told(bytes, "encoding-unreadable", (0, 0, ""), cure);
        refused(&report);
        assert_eq!(report.diagnostics.len(), 1);
    }
}

#[test]
fn cells_and_rows_up_to_their_limits_and_beyond() {
    let cell = |bytes: usize| format!("{HEADER}+905301112233,1\n{},2\n", "9".repeat(bytes));
    let report =
        told(cell(FIELD_BYTES_MAX).as_bytes(), "number-not-digits", (2, 3, "wpNumber"), "exactly one number");
    counted(&report, 2, 1);
    for bytes in [FIELD_BYTES_MAX + 1, 5 * 1024] {
        counted(&told(cell(bytes).as_bytes(), "field-too-long", (2, 3, "wpNumber"), "repair the line"), 2, 1);
    }
    // Seventeen notes fill the record up to its last byte.
    let notes: Vec<String> = (0..17).map(|at| format!("n{at}")).collect();
    let row = |bytes: usize| {
        let start = "+905301112233,1";
        let room = bytes - start.len() - notes.len();
        let lengths = (0..notes.len()).map(|at| room / notes.len() + usize::from(at < room % notes.len()));
        let cells: String = lengths.map(|length| format!(",{}", "x".repeat(length))).collect();
        format!(
            "wpNumber,permission,{}\n{start}{cells}\n+905321234567,2{}\n",
            notes.join(","),
            ",".repeat(notes.len())
        )
    };
    counted(&agreed(&v1::Options::default(), row(ROW_BYTES_MAX).as_bytes()), 2, 2);
    let report =
        told(row(ROW_BYTES_MAX + 1).as_bytes(), "row-too-long", (1, 2, ""), "Repair the line breaks");
    counted(&report, 2, 1);
    let header = format!("wpNumber,permission,{}\n", "x".repeat(ROW_BYTES_MAX));
    refused(&told(header.as_bytes(), "row-too-long", (0, 1, ""), "Repair the line breaks"));
}

#[test]
fn a_file_that_is_wrong_from_top_to_bottom() {
    let rows = 20_000;
    let file = format!("{HEADER}{}", "nobody,3\n".repeat(rows));
    let report = told(file.as_bytes(), "number-not-digits", (1, 2, "wpNumber"), "exactly one number");
    counted(&report, rows as u64, 0);
    // Every finding is counted; of each code the first few are kept.
    assert_eq!(report.codes["number-not-digits"] + report.codes["permission-unknown"], 2 * rows as u64);
    assert_eq!(report.diagnostics.len(), 2 * DIAGNOSTICS_PER_CODE_MAX);
    assert_eq!(report.diagnostics_omitted, 2 * (rows - DIAGNOSTICS_PER_CODE_MAX) as u64);
}

/// Peak growth of the process while one endless line is judged natively, in bytes.
const NATIVE_GROWTH_MAX: u64 = 4 * MIB;
/// The same in the sandbox, whose memory is the engine's linear memory and wasmtime's own.
const SANDBOX_GROWTH_MAX: u64 = 8 * MIB;

/// What an endless line may be made of: one cell, many cells, a quotation mark that stays open, quotation marks.
const ENDLESS: [(&str, &str); 4] = [("", "x"), ("", "x,"), ("\"", "x\n"), ("\"", "\"\"")];

#[test]
fn a_gigabyte_in_one_line_takes_constant_memory() {
    if !memory::alone("hostile::a_gigabyte_in_one_line_takes_constant_memory") {
        return;
    }
    for ((open, piece), bytes) in ENDLESS.into_iter().zip([1024 * MIB, 32 * MIB, 32 * MIB, 32 * MIB]) {
        let chunk = piece.repeat(MIB as usize / piece.len()).into_bytes();
        let growth = memory::peak_growth_bytes(|| {
            let mut checker = Checker::new(v1::Options::default().build().unwrap(), Emit::default());
            checker.feed(format!("{HEADER}{open}").as_bytes());
            for _ in 0..bytes / MIB {
                checker.feed(&chunk);
            }
            endless_is_told(&v1::Report::from(&checker.finish()), open, bytes);
        });
        assert!(growth <= NATIVE_GROWTH_MAX, "{:?}: grew by {growth} bytes", (open, piece));
        println!("native, {:?}, {} MiB: grew by {} KiB", (open, piece), bytes / MIB, growth / 1024);
    }
}

#[test]
fn an_endless_line_takes_constant_memory_in_the_sandbox() {
    if !memory::alone("hostile::an_endless_line_takes_constant_memory_in_the_sandbox") {
        return;
    }
    let engine = shipped_engine();
    for ((open, piece), bytes) in ENDLESS.into_iter().zip([256 * MIB, 32 * MIB, 32 * MIB, 32 * MIB]) {
        let chunk = piece.repeat(MIB as usize / piece.len()).into_bytes();
        let growth = memory::peak_growth_bytes(|| {
            let mut check = engine.check(&v1::Options::default(), engine::Emit::default()).unwrap();
            check.feed(format!("{HEADER}{open}").as_bytes()).unwrap();
            for _ in 0..bytes / MIB {
                check.feed(&chunk).unwrap();
            }
            endless_is_told(&check.finish().unwrap(), open, bytes);
        });
        assert!(growth <= SANDBOX_GROWTH_MAX, "{:?}: grew by {growth} bytes", (open, piece));
        println!("sandbox, {:?}, {} MiB: grew by {} KiB", (open, piece), bytes / MIB, growth / 1024);
    }
}

fn endless_is_told(report: &v1::Report, open: &str, bytes: u64) {
    let expected = if open.is_empty() { "row-too-long" } else { "quote-unclosed" };
    let found = &report.diagnostics[0];
    assert_eq!((found.code.as_str(), found.row, found.line), (expected, Some(1), Some(2)));
    assert_eq!(report.file.bytes, (HEADER.len() + open.len()) as u64 + bytes);
}
