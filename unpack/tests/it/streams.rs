//! gzip and zstd, as they come and as they should not.

use std::io::{self, Read, Write as _};

use consentry_unpack::limits::RATIO_FREE_BYTES;
use consentry_unpack::{Form, Gunzip, Trouble, Unzstd};
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

const TEXT: &str = "exid,wpNumber,permission\n12345,+905301112233,1\n34328,+442071234567,2\n";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    match packed {
        [0x1F, ..] => Gunzip::new(packed).read_to_end(&mut text)?,
        _ => Unzstd::new(packed).read_to_end(&mut text)?,
    };
    Ok(text)
}

#[track_caller]
fn trouble(packed: &[u8]) -> String {
    let error = unpacked(packed).expect_err("this must not be readable");
    Trouble::of(&error).unwrap_or_else(|| panic!("not the fault of the data: {error}")).to_string()
}

#[test]
fn members_and_frames_are_joined() {
    let (one, two) = TEXT.as_bytes().split_at(30);
    assert_eq!(unpacked(&gzip(TEXT.as_bytes())).unwrap(), TEXT.as_bytes());
    assert_eq!(unpacked(&[gzip(one), gzip(b""), gzip(two)].concat()).unwrap(), TEXT.as_bytes());
    assert_eq!(unpacked(&zstd(TEXT.as_bytes())).unwrap(), TEXT.as_bytes());
    let skipped = b"\x5F\x2A\x4D\x18\x03\0\0\0abc".to_vec();
    let frames = [skipped.clone(), zstd(one), skipped.clone(), zstd(two), skipped].concat();
    assert_eq!(Form::of(&frames), Form::Zstd);
    assert_eq!(unpacked(&frames).unwrap(), TEXT.as_bytes());
}

#[test]
fn what_another_program_packed_is_read() {
    for (packed, form) in [
        (include_bytes!("../../../tests/fixtures/published-sample.csv.gz").as_slice(), Form::Gzip),
        (include_bytes!("../../../tests/fixtures/published-sample.csv.zst").as_slice(), Form::Zstd),
    ] {
        assert_eq!(Form::of(packed), form);
        let text = include_bytes!("../../../tests/vectors/check/permission-zero/published-sample/input.csv");
        assert_eq!(unpacked(packed).unwrap(), text);
    }
}

#[test]
fn what_is_cut_off_or_changed_is_never_taken_for_whole() {
    for packed in
        [gzip(TEXT.as_bytes()), include_bytes!("../../../tests/fixtures/published-sample.csv.zst").to_vec()]
    {
        for end in 1..packed.len() {
            assert!(trouble(&packed[..end]).contains("cut off"), "cut off at {end}");
        }
        let whole = unpacked(&packed).unwrap();
        for at in 0..packed.len() {
            let mut changed = packed.clone();
            changed[at] ^= 0x10;
            // Some bytes are about the file, a name or a time, and say nothing about the text.
            if let Ok(text) = unpacked(&changed) {
                assert_eq!(text, whole, "byte {at} changed the text and nobody saw it");
            }
        }
        assert!(trouble(&[&packed[..], b"and more text"].concat()).contains("damaged"));
    }
}

#[test]
fn bombs_stop_early() {
    let zeros = vec![b'0'; 2 * RATIO_FREE_BYTES as usize];
    assert!(trouble(&gzip(&zeros)).contains("100 times its packed size"));
    let mut bomb = zstd(&zeros[..1 << 20]);
    bomb = bomb.repeat(2 * (RATIO_FREE_BYTES >> 20) as usize);
    assert!(trouble(&bomb).contains("100 times its packed size"));
    let greedy = b"\x28\xB5\x2F\xFD\x00\x88\0\0\0\0\0\0\0\0\0\0";
    assert!(trouble(greedy).contains("without `--long`"));
}

#[test]
fn errors_of_the_source_stay_what_they_are() {
    struct Breaking<'a>(&'a [u8]);
    impl Read for Breaking<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(io::Error::new(io::ErrorKind::ConnectionReset, "the cable was pulled")),
                bytes => Ok(bytes),
            }
        }
    }
    for packed in [gzip(TEXT.as_bytes()), zstd(TEXT.as_bytes())] {
        for end in 0..packed.len() {
            let source = Breaking(&packed[..end]);
            let result = match packed[0] {
                0x1F => Gunzip::new(source).read_to_end(&mut Vec::new()),
                _ => Unzstd::new(source).read_to_end(&mut Vec::new()),
            };
            let error = result.unwrap_err();
            assert!(Trouble::of(&error).is_none() && error.to_string() == "the cable was pulled", "{error}");
        }
    }
}
