//! Writes the single-byte code pages as tables, so that the product reads them without a decoder library.

use encoding_rs::Encoding;
use std::fmt::Write;

/// Canonical label and further names, in the spelling of the WHATWG encoding standard.
const PAGES: &[(&str, &[&str])] = &[
    ("windows-1250", &["cp1250"]),
    ("windows-1251", &["cp1251"]),
    ("windows-1252", &["cp1252", "iso-8859-1", "latin1", "l1"]),
    ("windows-1253", &["cp1253"]),
    ("windows-1254", &["cp1254", "iso-8859-9", "latin5", "l5"]),
    ("windows-1255", &["cp1255"]),
    ("windows-1256", &["cp1256"]),
    ("windows-1257", &["cp1257"]),
    ("windows-1258", &["cp1258"]),
    ("windows-874", &["cp874", "iso-8859-11", "tis-620"]),
    ("iso-8859-2", &["latin2", "l2"]),
    ("iso-8859-3", &["latin3", "l3"]),
    ("iso-8859-4", &["latin4", "l4"]),
    ("iso-8859-5", &["cyrillic"]),
    ("iso-8859-6", &["arabic"]),
    ("iso-8859-7", &["greek"]),
    ("iso-8859-8", &["hebrew"]),
    ("iso-8859-10", &["latin6", "l6"]),
    ("iso-8859-13", &[]),
    ("iso-8859-14", &[]),
    ("iso-8859-15", &["latin9", "l9"]),
    ("iso-8859-16", &[]),
    ("koi8-r", &["koi"]),
    ("koi8-u", &[]),
    ("macintosh", &["mac"]),
    ("ibm866", &["cp866", "866"]),
];

/// The tables as Rust source.
pub(crate) fn table() -> String {
    let mut source = String::from("static CODE_PAGES: &[(&str, &[&str], [char; 128])] = &[\n");
    for (label, aliases) in PAGES {
        let encoding = Encoding::for_label(label.as_bytes()).expect("the label is in the standard");
        assert!(encoding.is_single_byte(), "{label} is a code page");
        let upper: Vec<char> = (0x80..=0xff).map(|byte| decode(encoding, byte)).collect();
        writeln!(source, "({label:?}, &{aliases:?}, {upper:?}),").expect("a string takes everything");
    }
    source + "];\n"
}

/// The character of one byte; NUL where the page leaves the byte undefined. The WHATWG standard fills such
/// holes with C1 control codes, which no text file means.
fn decode(encoding: &'static Encoding, byte: u8) -> char {
    let bytes = [byte];
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    match text.chars().next().expect("every byte decodes to something") {
        '\u{80}'..='\u{9f}' | char::REPLACEMENT_CHARACTER => '\0',
        defined => defined,
    }
}
