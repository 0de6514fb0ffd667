//! The core linked in, on several threads, says what the sandbox says on one: of every kind of file that can be cut up,
//! and of those that cannot.

use consentry_core::wire::v1::{Engine as About, Options, Report};
use consentry_host::engine::Emit;
use consentry_host::native;

use crate::random::Random;
use crate::vectors::shipped_engine;

const EVERYTHING: Emit = Emit { rows: false, diagnostics: true, rejects: true };

/// Report, diagnostics and rejected rows.
type Said = (Report, Vec<u8>, Vec<u8>);

fn natively(options: &Options, emit: Emit, bytes: &[u8], threads: usize) -> Said {
    let (mut diagnostics, mut rejects, mut seen) = (Vec::new(), Vec::new(), 0);
    let mut input = bytes;
    let report = native::judge(options, emit, &mut input, threads, &mut |given, piece| {
        diagnostics.extend(given.diagnostics);
        rejects.extend(given.rejects);
        assert_eq!((given.bytes, &bytes[seen..seen + piece.len()]), (piece.len(), piece));
        seen += piece.len();
        Ok(())
    })
    .unwrap();
    assert!(report.engine.native);
    assert_eq!(seen, bytes.len());
    (Report { engine: About::default(), ..report }, diagnostics, rejects)
}

fn in_the_sandbox(options: &Options, emit: Emit, bytes: &[u8]) -> Said {
    let mut check = shipped_engine().check(options, emit).unwrap();
    check.feed(bytes).unwrap();
    let report = check.finish().unwrap();
    let said = (check.take_diagnostics().unwrap(), check.take_rejects().unwrap());
    (Report { engine: About::default(), ..report }, said.0, said.1)
}

/// A file of some megabytes with a bit of everything in it.
fn file(random: &mut Random, rows: u64, quoted: bool, line_end: &str) -> Vec<u8> {
    let mut text = String::from("exid,email,msisdn,wpNumber,permission,note\n").into_bytes();
    for row in 0..rows {
        let number = 905_301_000_000 + random.below(rows);
        let wp_number = match random.below(40) {
            0 => "+90530".to_owned(),
            1 => format!("00{number}"),
            2 => String::new(),
            3 => format!("{number}"),
            _ => format!("+{number}"),
        };
        let email = random.pick(&["", "a.b@example.com", "not one", "ayşe@örnek.com.tr"]);
        let permission = random.pick(&["1", "1", "1", "2", "0", "yes"]);
        let note: &[u8] = match random.below(3_000) {
            0 => b"\"two\nlines\"",
            1 => b"stray \" mark",
            2 => b"\xFE\xFD",
            3 => b"\0",
            4 => b",one cell more",
            _ if quoted => b"\"a \"\"b\"\", c\"",
            _ => b"plain",
        };
        text.extend(format!("{row},{email},{number},{wp_number},{permission},").bytes());
        text.extend(note);
        text.extend(line_end.bytes());
    }
    text
}

#[test]
fn threads_say_what_the_sandbox_says() {
    for (seed, quoted, line_end) in [(1, false, "\n"), (2, true, "\r\n"), (3, true, "\n"), (4, false, "\r")] {
        let bytes = file(&mut Random::new(seed), 50_000, quoted, line_end);
        let options = Options { country: (seed == 2).then(|| "TR".to_owned()), ..Options::default() };
        for emit in [EVERYTHING, Emit::default()] {
            let expected = in_the_sandbox(&options, emit, &bytes);
            assert!(expected.0.counts.rows > 40_000 && expected.0.counts.rejected > 1_000, "seed {seed}");
            for threads in [1, 2, 5] {
                let said = natively(&options, emit, &bytes, threads);
                assert!(said == expected, "seed {seed}, {threads} threads, {emit:?}");
            }
        }
    }
}

#[test]
fn files_that_cannot_be_cut_up_are_judged_as_well() {
    let body = file(&mut Random::new(7), 30_000, false, "\n");
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(String::from_utf8_lossy(&body).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let endless = [&body[..], &vec![b'x'; 3 << 20], b"\n", &body[43..]].concat();
    let open = [&body[..], b"1,\"never closed", &body[43..]].concat();
    let refused = [&body[..], b"1,\"closed\nlate\" or early,,,,\n", &body[43..]].concat();
    for (name, bytes) in [
        ("utf-16", utf16),
        ("one line of three megabytes", endless),
        ("a quotation mark never closed", open),
        ("a cell that swallows a line", refused),
        ("no header", b"1,2,3\n".repeat(20_000)),
        ("nothing", Vec::new()),
    ] {
        let expected = in_the_sandbox(&Options::default(), EVERYTHING, &bytes);
        for threads in [1, 3] {
            let said = natively(&Options::default(), EVERYTHING, &bytes, threads);
            assert!(
                said.0 == expected.0,
                "{name}, {threads} threads: {:?}\n{:?}",
                said.0.counts,
                expected.0.counts
            );
            assert!(said == expected, "{name}, {threads} threads");
        }
    }
}

#[test]
fn whoever_takes_what_is_given_can_stop_the_work() {
    let bytes = file(&mut Random::new(9), 60_000, false, "\n");
    let mut input = &bytes[..];
    let mut pieces = 0;
    let stopped = native::judge(&Options::default(), EVERYTHING, &mut input, 2, &mut |_, _| {
        pieces += 1;
        if pieces == 3 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    });
    assert_eq!(
        stopped.unwrap_err().to_string(),
        std::io::Error::from(std::io::ErrorKind::StorageFull).to_string()
    );
    assert!(pieces < 8, "{pieces}");
}
