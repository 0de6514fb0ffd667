//! The push parser of a consent file: bytes in, verdict out, memory bounded whatever the file.

use crate::csv::encoding::{Encoding, Utf16, fallback};
use crate::diagnostic::{Diagnostic, Place};
use crate::limits::SNIFF_BYTES;
use crate::report::{Counts, Report};
use crate::rows::Rows;
use crate::rule::Code;

use super::desk::Desk;
use super::judge::Judge;
use super::ledger::Ledger;
use super::options::{CheckOptions, Emit};
use super::role::Role;
use super::shard::{Judged, Shard};
use super::sniff::sniff;

/// Rows of a stretch: many are compared faster, and take memory.
const STRETCH_ROWS_MIN: u64 = 256;
const STRETCH_ROWS_MAX: u64 = 32 * 1024;

/// How far a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes fed.
    pub bytes: u64,
    /// Row counts so far.
    pub counts: Counts,
}

/// Judges one consent file.
///
/// ```
/// use consentry_core::consent::{Checker, CheckOptions, Emit};
///
/// let mut checker = Checker::new(CheckOptions::default(), Emit::default());
/// checker.feed(b"wpNumber,permission\n+9053011");
/// checker.feed(b"12233,1\n+442071234567,0\n");
/// let report = checker.finish();
/// assert_eq!((report.counts.accepted, report.counts.opt_in, report.counts.opt_out), (2, 1, 1));
/// ```
pub struct Checker {
    head: Vec<u8>,
    bytes: u64,
    ledger: Ledger,
    stage: Stage,
}

enum Stage {
    /// Collecting the bytes that decide how to read the rest.
    Sniffing(Box<Desk>),
    /// Reading; after a refusal or the end nothing more is judged.
    Reading(Box<Reading>),
}

struct Reading {
    judge: Judge,
    utf16: Utf16,
    /// UTF-8 of the chunk at hand, when the file is UTF-16.
    text: Vec<u8>,
    skip_bytes: usize,
    ended: bool,
}

impl Checker {
    /// A checker for one file.
    pub fn new(options: CheckOptions, emit: Emit) -> Checker {
        let ledger = Ledger::new(emit.diagnostics);
        Checker {
            head: Vec::new(),
            bytes: 0,
            ledger,
            stage: Stage::Sniffing(Box::new(Desk::new(options, emit))),
        }
    }

    /// Remembers at most so many distinct numbers to find repeated ones: 8 bytes each, 24 while the set grows. For shells
    /// with little memory; the report says when there were more.
    pub fn remember_at_most(&mut self, numbers_max: usize) {
        self.ledger.remember_at_most(numbers_max);
    }

    /// Keeps the verdict of every row for [`Checker::take_verdicts`]: for those who show a file as a table.
    pub fn keep_verdicts(&mut self) {
        self.ledger.keep_verdicts();
    }

    /// The verdicts on the rows since the last call, eight bytes each in the order of the file: as a little-endian word the
    /// bits of the row's [`crate::rule::CodeSet`], and in the two highest bits the permission (0 none, 1 opt-in, 2 opt-out).
    pub fn take_verdicts(&mut self) -> Vec<u8> {
        self.ledger.take_verdicts()
    }

    /// Takes the next bytes of the file; chunks may be cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        match &mut self.stage {
            Stage::Sniffing(_) => {
                self.head.extend_from_slice(bytes);
                if self.head.len() >= SNIFF_BYTES {
                    self.start();
                }
            }
            Stage::Reading(reading) => reading.feed(bytes, &mut self.ledger),
        }
    }

    /// How far the check is.
    pub fn progress(&self) -> Progress {
        Progress { bytes: self.bytes, counts: self.ledger.counts() }
    }

    /// The diagnostics kept so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.ledger.findings().kept()
    }

    /// The rows accepted since the last call.
    pub fn take_rows(&mut self) -> Rows {
        self.desk().take_rows()
    }

    /// Every diagnostic since the last call, kept or not.
    pub fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        self.ledger.take_diagnostics()
    }

    /// The rejected rows since the last call as CSV: the cells as they stood, `code` and `message`. The first
    /// piece starts with a header.
    pub fn take_rejects(&mut self) -> Vec<u8> {
        self.desk().take_rejects()
    }

    /// Looks at what was fed so far even if it is less than one likes to see, so that the header is known.
    pub fn look(&mut self) {
        self.start();
    }

    /// A judge for pieces of this file that are fed to it instead. `None` until the header is known, in the middle of a
    /// record, after a refusal, and where pieces cannot be cut out: in UTF-16.
    pub fn shard(&self) -> Option<Shard> {
        let Stage::Reading(reading) = &self.stage else { return None };
        let Judge { desk, reader, .. } = &reading.judge;
        let can_be_cut = !matches!(desk.encoding, Encoding::Utf16 { .. }) && reader.is_between_records();
        (can_be_cut && desk.columns.is_some() && !self.ledger.is_refused()).then(|| Shard::new(desk.fork()))
    }

    /// Codes of which nobody wants another diagnostic, as bits; shards save themselves the work.
    pub fn full(&self) -> u64 {
        self.ledger.full()
    }

    /// Whether the file as a whole cannot be used, so that nothing more needs to be fed.
    pub fn is_refused(&self) -> bool {
        self.ledger.is_refused()
    }

    /// Takes the next piece of the file as a shard of this checker judged it.
    pub fn absorb(&mut self, judged: &mut Judged, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        let Stage::Reading(reading) = &mut self.stage else { return };
        let lines_before = reading.judge.reader.line() - 1;
        reading.name_number_column(&mut self.ledger);
        self.ledger.absorb(&mut judged.stretch, piece, lines_before);
        reading.judge.reader.skip_lines(judged.lines);
        reading.judge.desk.stretch.refused |= judged.stretch.refused;
    }

    /// Ends the file. Rows, diagnostics and rejects of the last record can still be taken afterwards.
    pub fn finish(&mut self) -> Report {
        self.start();
        if let Stage::Reading(reading) = &mut self.stage {
            reading.finish(&mut self.ledger);
        }
        let bytes = self.bytes;
        let (encoding, delimiter) = (self.desk().encoding, self.desk().delimiter);
        let columns = self.desk().columns.take().unwrap_or_default();
        let named = |at: usize| (columns.headers[at].clone(), columns.meaning(at));
        Report {
            bytes,
            encoding: if self.ledger.fallback_used() { fallback().label } else { encoding.label() },
            delimiter: char::from(delimiter),
            columns: (0..columns.headers.len()).map(named).collect(),
            refused: self.ledger.is_refused(),
            counts: self.ledger.counts(),
            regions: self.ledger.regions(),
            findings: self.ledger.take_findings(),
            digest: self.ledger.digest(),
        }
    }

    fn desk(&mut self) -> &mut Desk {
        match &mut self.stage {
            Stage::Sniffing(desk) => desk,
            Stage::Reading(reading) => &mut reading.judge.desk,
        }
    }

    /// Looks at the head, unless that was done, and reads it.
    fn start(&mut self) {
        let Stage::Sniffing(desk) = &mut self.stage else { return };
        let head = std::mem::take(&mut self.head);
        let (options, emit) = (desk.options.clone(), desk.emit);
        let mut desk = std::mem::replace(&mut **desk, Desk::new(options, emit));
        let mut first_line = 1;
        let (mut mark_bytes, mut skip_bytes) = (0, 0);
        match sniff(&head, &desk.options) {
            Err(why) => {
                desk.refuse(
                    Diagnostic::new(Code::EncodingUnreadable, Place::default(), "").saying(why.into()),
                );
            }
            Ok(sniffed) => {
                desk.encoding = sniffed.encoding;
                desk.delimiter = sniffed.delimiter;
                mark_bytes = sniffed.mark_bytes;
                skip_bytes = sniffed.sep_bytes;
                first_line += u64::from(skip_bytes > 0);
            }
        }
        let judge = Judge::new(desk, first_line);
        let mut reading =
            Box::new(Reading { judge, utf16: Utf16::default(), text: Vec::new(), skip_bytes, ended: false });
        reading.feed(&head[mark_bytes..], &mut self.ledger);
        self.stage = Stage::Reading(reading);
    }
}

impl Reading {
    fn feed(&mut self, bytes: &[u8], ledger: &mut Ledger) {
        let mut text = std::mem::take(&mut self.text);
        let bytes = match self.judge.desk.encoding {
            Encoding::Utf16 { big_endian } => {
                text.clear();
                self.utf16.feed(big_endian, bytes, &mut text);
                &text
            }
            _ => bytes,
        };
        // The first feed holds all the bytes that were sniffed, the `sep=` line among them.
        let skip = std::mem::take(&mut self.skip_bytes);
        self.judge(&bytes[skip..], ledger);
        self.text = text;
    }

    fn judge(&mut self, bytes: &[u8], ledger: &mut Ledger) {
        let mut at = 0;
        while at < bytes.len() && !self.judge.desk.stretch.refused {
            self.judge.desk.set_full(ledger.full());
            at = self.judge.window(bytes, at);
            // The first stretches are short, so that soon no more diagnostics are built than are kept.
            let rows_wanted = ledger.counts().rows.clamp(STRETCH_ROWS_MIN, STRETCH_ROWS_MAX);
            if self.judge.desk.stretch.len() as u64 >= rows_wanted {
                self.settle(bytes, ledger);
            }
        }
        self.settle(bytes, ledger);
    }

    fn settle(&mut self, bytes: &[u8], ledger: &mut Ledger) {
        self.name_number_column(ledger);
        let desk = &mut self.judge.desk;
        ledger.absorb(&mut desk.stretch, bytes, 0);
        desk.stretch.clear_records();
    }

    fn name_number_column(&self, ledger: &mut Ledger) {
        if let (0, Some(columns)) = (ledger.counts().rows, &self.judge.desk.columns) {
            ledger.name_number_column(columns.at(Role::WpNumber).map_or("", |at| columns.header(at)));
        }
    }

    fn finish(&mut self, ledger: &mut Ledger) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let mut rest = Vec::new();
        self.utf16.finish(&mut rest);
        self.judge(&rest, ledger);
        self.judge.desk.set_full(ledger.full());
        self.judge.finish(ledger.counts().rows > 0);
        self.settle(&[], ledger);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that a check gives.
    #[derive(Debug, PartialEq)]
    struct Given {
        report: Report,
        rows: Rows,
        diagnostics: Vec<Diagnostic>,
        rejects: Vec<u8>,
        verdicts: Vec<u8>,
    }

    /// The header comes first, and is looked at, so that the pieces behind it are judged as they come.
    fn given<'a>(
        options: &CheckOptions,
        emit: Emit,
        header: &[u8],
        pieces: impl Iterator<Item = &'a [u8]>,
    ) -> Given {
        let mut checker = Checker::new(options.clone(), emit);
        checker.keep_verdicts();
        checker.feed(header);
        checker.look();
        let mut rows = Rows::with_attributes(options.attributes.len());
        let (mut diagnostics, mut rejects) = (Vec::new(), Vec::new());
        let mut take = |checker: &mut Checker| {
            rows.extend(&checker.take_rows(), 0);
            diagnostics.extend(checker.take_diagnostics());
            rejects.extend(checker.take_rejects());
        };
        for piece in pieces {
            checker.feed(piece);
            take(&mut checker);
        }
        let report = checker.finish();
        take(&mut checker);
        let verdicts = checker.take_verdicts();
        assert_eq!(verdicts.len() as u64, report.counts.rows * 8);
        Given { report, rows, diagnostics, rejects, verdicts }
    }

    /// The same from shards that judge pieces out of order.
    fn given_by_shards(options: &CheckOptions, emit: Emit, bytes: &[u8], piece_bytes: usize) -> Given {
        let mut checker = Checker::new(options.clone(), emit);
        checker.keep_verdicts();
        let head = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        checker.feed(&bytes[..head]);
        checker.look();
        let mut rows = checker.take_rows();
        let (mut diagnostics, mut rejects) = (checker.take_diagnostics(), checker.take_rejects());
        let mut body = &bytes[head..];
        if let (Some(mut one), Some(mut other)) = (checker.shard(), checker.shard()) {
            let mut pieces = Vec::new();
            while !body.is_empty() {
                let room = body.len().min(piece_bytes);
                let piece = match crate::consent::whole_records(&body[..room], one.delimiter()) {
                    0 => crate::consent::whole_records(body, one.delimiter()),
                    piece => piece,
                };
                if piece == 0 {
                    break;
                }
                pieces.push(&body[..piece]);
                body = &body[piece..];
            }
            let mut judged: Vec<Judged> = pieces
                .iter()
                .rev()
                .enumerate()
                .map(|(at, piece)| {
                    let shard = if at % 2 == 0 { &mut one } else { &mut other };
                    // What was taken back leaves nothing behind.
                    let before = shard.judge(piece, checker.full());
                    shard.reuse(before);
                    shard.judge(piece, checker.full())
                })
                .collect();
            for (piece, judged) in pieces.iter().zip(judged.iter_mut().rev()) {
                checker.absorb(judged, piece);
                if checker.is_refused() {
                    break;
                }
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
        let verdicts = checker.take_verdicts();
        Given { report, rows, diagnostics, rejects, verdicts }
    }

    /// Cells that tell the lane and the desk apart, if anything does.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "\\+90530111[0-9]{4}",
            2 => "\\+?(90|44|1|49)[0-9 ()-]{6,12}",
            1 => prop::sample::select(vec!["", " ", "1", "2", "0", " 1 ", "yes", "a@b.co", "a@b", "ayşe@ö.tr", "9.05E+11",
                "\u{a0}1", "İ", "\0", "x y", "+90 530 111 22 33 ", "0090530 1112233", "+52 1 55 1234 5678"]).prop_map(str::to_owned),
            1 => "[ -~]{0,8}".prop_map(|text| text.replace([','], "")),
        ]
    }

    fn record() -> impl Strategy<Value = String> {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let cells = prop::collection::vec((cell(), 0..8_u8), 6);
        (cells, 0..40_u8).prop_map(move |(cells, shape)| {
            let mut cells: Vec<String> = cells
                .iter()
                .map(|(cell, kind)| match kind {
                    0 => quoted(cell),
                    1 if shape == 0 => quoted(&format!("{cell}\",\n")),
                    2 => quoted(&format!("{cell} \"x\", y")),
                    _ if cell.contains('"') => quoted(cell),
                    _ => cell.clone(),
                })
                .collect();
            match shape {
                1 => cells.truncate(3),
                2 => cells.push(String::new()),
                3 => cells[0] = "x".repeat(300),
                4 => cells[2] = "a\"b".to_owned(),
                5 => cells[1] = "\"a\" b".to_owned(),
                _ => {}
            }
            let end = ["\n", "\r\n", "\r", "\n\n"][usize::from(shape / 13)];
            format!("{}{end}", cells.join(","))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_pieces_give_the_same_verdict(
            records in prop::collection::vec(record(), 0..60),
            from in 0..1200_usize,
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
            (rows, diagnostics, rejects) in any::<(bool, bool, bool)>(),
            (latin, country) in any::<(bool, bool)>(),
        ) {
            // Enough of what is remarked on that nobody wants more of its diagnostics.
            let many = "7,a@b,90530111,+90 530 111 22 33,0,Muş\n8,,,+90530,1,\"a \"\"b\"\"\"\n9,,,905301112233,yes,\n".repeat(from / 3);
            let text = format!("exid,email,msisdn,wpNumber,permission,city\n{many}{}", records.concat());
            let mut bytes = text.into_bytes();
            let mut options = CheckOptions::default().attribute("city").unwrap();
            if country {
                options = options.country("TR").unwrap();
            }
            if latin {
                bytes.iter_mut().filter(|byte| **byte == 0xC5).for_each(|byte| *byte = 0xFD);
            }
            let emit = Emit { rows, diagnostics, rejects };
            let (header, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1);
            let whole = given(&options, emit, header, std::iter::once(body));
            // One byte at a time no record is ever whole, so every one goes the exact way.
            prop_assert_eq!(&given(&options, emit, header, body.chunks(1)), &whole);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|cut| &body[cut[0]..cut[1]]);
            prop_assert_eq!(&given(&options, emit, header, pieces), &whole);
            // After a refusal the bytes behind it need not be fed.
            if !whole.report.refused {
                prop_assert_eq!(&given_by_shards(&options, emit, &bytes, 1 + from), &whole);
            }
        }
    }
}
