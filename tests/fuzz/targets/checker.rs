//! One file, any options: judged whole, byte by byte, in any pieces and by shards. All must give the same report, rows,
//! diagnostics and rejected rows, and the counts must add up. Byte by byte no record is ever whole, so that every one
//! goes the exact way; whole and by shards they go through the lane.
#![no_main]

use consentry_core::consent::{CheckOptions, Checker, Emit, Judged, whole_records};
use consentry_core::diagnostic::Diagnostic;
use consentry_core::limits::{FIELD_BYTES_MAX, SNIFF_BYTES};
use consentry_core::report::Report;
use consentry_core::rows::Rows;
use consentry_fuzz::{Input, repeated};
use libfuzzer_sys::fuzz_target;

/// Headers put before the text; the first choice is none.
const HEADERS: [&str; 8] = [
    "",
    "exid,email,msisdn,wpNumber,permission,city\n",
    "wpNumber,permission\n",
    "permission,wp number,msisdn\r\n",
    "\u{feff}email,\"wpNumber\",izin,exid\n",
    "city,wpNumber,permission,first_name,exid,email,msisdn\r\n",
    "wpNumber,permission,permission\n",
    "izin,izin,wpNumber,permission,city,city\n",
];
const ENCODINGS: [Option<&str>; 8] =
    [None, None, Some("utf-8"), Some("windows-1254"), Some("windows-1252"), Some("utf-16le"), None, None];
const DELIMITERS: [&str; 4] = [",", ";", "tab", "|"];
const VOCABULARIES: [Option<&str>; 4] =
    [None, Some("0=reject"), Some("yes=in,no=out,0=out"), Some("1=in,2=out,hayır=out,7=reject")];
const COUNTRIES: [Option<&str>; 6] = [None, None, Some("TR"), Some("US"), Some("AR"), Some("IT")];
/// Rows of which one is remarked upon: so many of them that nobody wants to read more.
const REMARKABLE: &str = "7,a@b,90530111,+90 530 111 22 33,0,Muş\n";

/// Pieces fed before what was found is taken: asking for it after each byte would take all the time.
const TAKEN_AFTER: usize = 7;
/// Longest file that is fed byte by byte.
const LETTERS_MAX: usize = 4096;

#[rustfmt::skip]
const WORDS: [&str; 104] = [
    "+905301112233", "905301112233", "00905301112233", "05301112233", "+90 530 111 22 33", "(+90) 530-111-2233",
    "+442071234567", "+14155550123", "+5491123456789", "+541123456789", "+5215512345678", "+551187654321",
    "+390669812345", "+905111112233", "+4915112345678", "+881612345678", "9.05301E+11", "9.05301112233E+11",
    "=\"905301112233\"", "'+905301112233", "tel:+905301112233", "https://wa.me/905301112233", "\u{200e}+905301112233",
    "\u{a0}+905301112233", "٠٩٠٥٣٠١١١٢٢٣٣", "+90530111223", "+9053011122334", "+90530", "+999123456789", "90",
    "+905301112233,1\n", "+905301112234,2\n", "+905301112235,0\r\n", "905301112236,1\n", "+905301112233,\n",
    "1,a@b.co,905301112233,+905301112233,1,x\n", "2,c@d.org,,+442071234567,2,\n", ",,,+14155550123,1,y\r\n",
    "\"1\",\"a@b.co\",\"905301112233\",\"+905301112233\",\"1\",\"x\"\n", "3,a@b,90530111,+90 530 111 22 33,0,Muş\n",
    "1,+905301112233,905301112233\r\n", "a@b.co,+905301112233,1,77\n", "x,+905301112233,2,Ay,9,a@b.co,905301112233\r\n",
    "\"", "\"\"", "\",\"", "\",", ",\"", "\"\n", "\"\r\n", "\n\"", "\" ", "a\"b", ",", ",,", ",,,,", ";", "\t", "|",
    "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "1", "2", "0", " 1 ", "yes", "no", "hayır", "HAYIR", "7", "\u{a0}1",
    "a@b.co", "a@b", "ayşe@ö.tr", "A.B+c@sub.example.com", "a@b.co ", "\u{131}", "İ", "ş", "€", "😀", "\0", "\u{1a}",
    "\u{feff}", "\u{2028}", " ", "  ", "exid", "wpNumber,permission\n", "sep=;\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "Muş", "=1+1", "4,ayşe@ö.tr,9053011122,+905301112233,,Ağrı\n", "5,a..b@c.de,+905301112234,905301112234,yes,\n",
    "6,-a@-b.co, ,+441,3,\n", "7, a.b+c@sub.example.com ,,\"+90 530 111 22 33\",\" 1\", x \n",
    "\"8\",a@b.co,\"+905301112233\",+905301112233,\"0\",\"a\"\"b\"\n", "9,,,,1,\n", "10,,,+905301112233,\n",
    "11,İ@b.co,,+905301112233,hayır,\u{1a}\n",
];

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let options = options(&input);
    let bytes = file(&input);
    let emit = Emit { rows: input.flag(1, 0), diagnostics: input.flag(1, 1), rejects: input.flag(1, 2) };

    let head = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    let (head, body) = bytes.split_at(head);
    let whole = given(&options, emit, head, [body].into_iter());
    adds_up(&whole, emit);
    // What is given out never changes what is said.
    let silent = given(&options, Emit::default(), head, [body].into_iter());
    assert_eq!(silent.report, whole.report);
    // In a long file as short pieces as hold no record do as well.
    let piece_bytes = if body.len() > LETTERS_MAX { 13 } else { 1 };
    assert_eq!(given(&options, emit, head, body.chunks(piece_bytes)), whole);
    let cuts = input.cuts(6, body.len());
    assert_eq!(given(&options, emit, head, cuts.windows(2).map(|cut| &body[cut[0]..cut[1]])), whole);
    // After a refusal the bytes behind it need not be fed.
    if !whole.report.refused {
        // So many pieces that shards take turns, and not so many that cutting takes all the time.
        let piece_bytes = (1 + input.below(7, 256) * (1 + input.below(6, 7))).max(body.len() / 50);
        assert_eq!(given_by_shards(&options, emit, head, body, piece_bytes), whole);
    }
    // Looked at as a whole the file may be told to be something else; else it must be the same.
    let unlooked = given(&options, emit, &[], [bytes.as_slice()].into_iter());
    adds_up(&unlooked, emit);
    let sniffed_alike = input.flag(0, 3) && !whole.report.encoding.starts_with("UTF-16");
    if sniffed_alike && !whole.report.refused && !unlooked.report.refused {
        assert_eq!(unlooked, whole);
    }
});

fn options(input: &Input<'_>) -> CheckOptions {
    let mut options = CheckOptions::default();
    if input.flag(0, 2) {
        options = options.numbers("valid").expect("a word of the options");
    }
    if input.flag(0, 3) {
        let delimiter = DELIMITERS[input.below(3, DELIMITERS.len())];
        options = options.delimiter(delimiter).expect("a delimiter");
    }
    if let Some(label) = ENCODINGS[usize::from(input.flag(1, 3)) + 2 * input.below(4, 4)] {
        options = options.encoding(label).expect("an encoding");
    }
    if let Some(words) = VOCABULARIES[input.below(3, 16) / 4] {
        options = options.permission(words).expect("a vocabulary");
    }
    if let Some(iso) = COUNTRIES[input.below(2, 64) / 8 % COUNTRIES.len()] {
        options = options.country(iso).expect("a country");
    }
    if input.flag(0, 4) {
        options = options.attribute("city").expect("a name");
    }
    if input.flag(4, 7) {
        options = options.attribute("First Name").expect("a name");
    }
    if input.flag(0, 5) {
        options = options.map("msisdn", "izin").expect("a column");
    }
    options
}

fn file(input: &Input<'_>) -> Vec<u8> {
    let text = if input.flag(0, 0) { input.with_words(&WORDS) } else { input.text.to_vec() };
    let mut bytes = HEADERS[input.below(2, HEADERS.len())].as_bytes().to_vec();
    match input.below(5, 256) {
        // More than one window, and nearly as much as is looked at before anything is judged.
        255 => bytes.extend(repeated(&text, SNIFF_BYTES / 2 + 100)),
        // As much as the lane takes for one cell, and a little more.
        250.. => {
            bytes.extend(repeated(b"x", FIELD_BYTES_MAX - 2 + input.below(6, 5)));
            bytes.extend(text);
        }
        // As many remarks as are kept.
        240.. => {
            bytes.extend(REMARKABLE.repeat(180 + input.below(6, 50)).into_bytes());
            bytes.extend(text);
        }
        230.. => bytes.extend(repeated(&text, 300)),
        _ => bytes.extend(text),
    }
    let delimiter = *b",;\t|".get(input.below(3, 4)).unwrap_or(&b',');
    if input.flag(0, 1) {
        bytes.iter_mut().filter(|byte| **byte == b',').for_each(|byte| *byte = delimiter);
    }
    if input.flag(0, 6) {
        // As an old spreadsheet would have written it.
        bytes.iter_mut().filter(|byte| **byte == 0xC5).for_each(|byte| *byte = 0xFD);
    }
    if input.flag(0, 7) {
        let text = String::from_utf8_lossy(&bytes);
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        return wide;
    }
    bytes
}

/// Everything that a check gives.
#[derive(Debug, PartialEq)]
struct Given {
    report: Report,
    rows: Rows,
    diagnostics: Vec<Diagnostic>,
    rejects: Vec<u8>,
}

impl Given {
    fn nothing(options: &CheckOptions) -> (Rows, Vec<Diagnostic>, Vec<u8>) {
        (Rows::with_attributes(options.attribute_names().len()), Vec::new(), Vec::new())
    }
}

/// Feeds a head, has the checker look at it unless there is none, and feeds the pieces.
fn given<'a>(
    options: &CheckOptions,
    emit: Emit,
    head: &[u8],
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Given {
    let mut checker = Checker::new(options.clone(), emit);
    let (mut rows, mut diagnostics, mut rejects) = Given::nothing(options);
    let mut take = |checker: &mut Checker| {
        rows.extend(&checker.take_rows(), 0);
        diagnostics.extend(checker.take_diagnostics());
        rejects.extend(checker.take_rejects());
    };
    if !head.is_empty() {
        checker.feed(head);
        checker.look();
    }
    for (at, piece) in pieces.enumerate() {
        checker.feed(piece);
        if at % TAKEN_AFTER == 0 {
            take(&mut checker);
        }
    }
    let report = checker.finish();
    take(&mut checker);
    Given { report, rows, diagnostics, rejects }
}

/// The same from shards that judge pieces out of order.
fn given_by_shards(
    options: &CheckOptions,
    emit: Emit,
    head: &[u8],
    body: &[u8],
    piece_bytes: usize,
) -> Given {
    let mut checker = Checker::new(options.clone(), emit);
    checker.feed(head);
    checker.look();
    let (mut rows, mut diagnostics, mut rejects) = Given::nothing(options);
    let mut body = body;
    if let (Some(mut one), Some(mut other)) = (checker.shard(), checker.shard()) {
        rows.extend(&checker.take_rows(), 0);
        diagnostics.extend(checker.take_diagnostics());
        rejects.extend(checker.take_rejects());
        let mut pieces = Vec::new();
        while !body.is_empty() {
            let room = body.len().min(piece_bytes);
            let piece = match whole_records(&body[..room], one.delimiter()) {
                0 => whole_records(body, one.delimiter()),
                piece => piece,
            };
            if piece == 0 {
                break;
            }
            pieces.push(&body[..piece]);
            body = &body[piece..];
        }
        let last_first = pieces.iter().rev().enumerate();
        let mut judged: Vec<Judged> = last_first
            .map(|(at, piece)| if at % 2 == 0 { &mut one } else { &mut other }.judge(piece, checker.full()))
            .collect();
        for (piece, judged) in pieces.iter().zip(judged.iter_mut().rev()) {
            checker.absorb(judged, piece);
            rows.extend(&judged.take_rows(), 0);
            diagnostics.extend(checker.take_diagnostics());
            rejects.extend(judged.take_rejects());
        }
    }
    checker.feed(body);
    let report = checker.finish();
    rows.extend(&checker.take_rows(), 0);
    diagnostics.extend(checker.take_diagnostics());
    rejects.extend(checker.take_rejects());
    Given { report, rows, diagnostics, rejects }
}

fn adds_up(given: &Given, emit: Emit) {
    let Given { report, rows, diagnostics, rejects } = given;
    let counts = report.counts;
    assert_eq!(counts.accepted + counts.rejected, counts.rows);
    assert_eq!(counts.opt_in + counts.opt_out, counts.accepted);
    assert!(counts.warned <= counts.accepted && counts.repeated_numbers <= counts.accepted);
    assert_eq!(report.regions.values().sum::<u64>(), counts.accepted);
    assert_eq!(report.digest.len(), 64);
    let found: u64 = report.findings.counts().map(|(_, count)| count).sum();
    assert_eq!(report.findings.kept().len() as u64 + report.findings.omitted(), found);

    assert_eq!(rows.len() as u64, if emit.rows { counts.accepted } else { 0 });
    assert!(rows.row.is_sorted_by(|one, next| one < next) && rows.line.is_sorted_by(|one, next| one < next));
    assert!(rows.texts().all(|texts| texts.len() == rows.len()));
    assert_eq!(
        rows.permission.iter().filter(|permission| **permission == 1).count() as u64,
        if emit.rows { counts.opt_in } else { 0 }
    );

    assert_eq!(diagnostics.len() as u64, if emit.diagnostics { found } else { 0 });
    if emit.rejects {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(report.delimiter as u8)
            .has_headers(true)
            .flexible(true)
            .from_reader(rejects.as_slice());
        assert_eq!(reader.records().filter(|record| record.is_ok()).count() as u64, counts.rejected);
    } else {
        assert!(rejects.is_empty());
    }
}
