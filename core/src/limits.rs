//! A limit on everything, named with its unit.

/// Longest cell, in bytes of the file with quoting undone (UTF-16: of its UTF-8).
pub const FIELD_BYTES_MAX: usize = 4 * 1024;
/// Longest record, in bytes of the file, quotes included (UTF-16: of its UTF-8).
pub const ROW_BYTES_MAX: usize = 64 * 1024;
/// Bytes looked at to find delimiter and header; nothing is judged before they are there or the file ends.
pub const SNIFF_BYTES: usize = 64 * 1024;
/// Records looked at to find the delimiter.
pub const SNIFF_ROWS: usize = 20;
/// Most cells a header may have.
pub const COLUMNS_MAX: usize = 256;
/// Most attribute columns a caller may declare.
pub const ATTRIBUTES_MAX: usize = 64;
/// Longest exid, in bytes.
pub const EXID_BYTES_MAX: usize = 256;
/// Longest e-mail address, in bytes (RFC 5321: 64 + `@` + 255, less the brackets of a path).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Longest cell read as a phone number, in characters.
pub const NUMBER_CELL_CHARS_MAX: usize = 250;
/// Diagnostics kept in a report for each code; counting goes on.
pub const DIAGNOSTICS_PER_CODE_MAX: usize = 200;
/// Longest excerpt of a cell in a diagnostic, in characters.
pub const FOUND_CHARS_MAX: usize = 64;
/// Distinct numbers remembered to find repeated ones. Past it repeats are found against those remembered only, and the
/// report says so. At that fill the set takes 8 bytes a number, 256 MiB, and before it doubled for the last time 16. Even
/// where every doubling leaves its memory behind, twice that fits what a sandboxed check may use.
pub const REPEAT_NUMBERS_MAX: usize = 32 * 1024 * 1024;
/// Of them, numbers kept whole because they have more than 14 digits: seven eighths of 2^24 places of 9 bytes, the fill at
/// which that set would double once more.
pub const REPEAT_LONG_NUMBERS_MAX: usize = 14 * 1024 * 1024;
/// Rows under one leaf of the digest.
pub const DIGEST_LEAF_ROWS: u32 = 16 * 1024;
/// Longest chunk a shell may feed at once into the sandboxed engine, in bytes.
pub const CHUNK_BYTES_MAX: usize = 1024 * 1024;
/// Longest options document, in bytes.
pub const OPTIONS_BYTES_MAX: usize = 64 * 1024;
/// Longest template document, in bytes: Meta's longest are a tenth of that.
pub const TEMPLATE_BYTES_MAX: usize = 256 * 1024;
/// Longest body of a webhook, in bytes; Meta sends up to 3 MB.
pub const WEBHOOK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Rows planned and committed together: enough that a search through an index meets most of its pages once, few enough
/// that two such batches and what is known of one fit into memory.
pub const BATCH_ROWS: usize = 384 * 1024;
/// Text of rows planned and committed together, in bytes; a batch ends with the chunk that passes it.
pub const BATCH_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// Statuses kept of one message: the known ones, and so many of those that nobody has heard of that there are sixteen.
pub const DELIVERY_STATUSES_MAX: usize = 16;
/// Problems kept of one message under one status.
pub const DELIVERY_PROBLEMS_MAX: usize = 16;
/// Longest text kept of what Meta tells of a message, in bytes: its own limit for what it repeats is half of that.
pub const DELIVERY_TEXT_BYTES_MAX: usize = 1024;
/// Most conditions of an audience, those of its segments included.
pub const CONDITIONS_MAX: usize = 1_000;
/// Most conditions within each other, those of segments included.
pub const CONDITION_DEPTH_MAX: usize = 16;
/// Most texts that one condition names.
pub const CONDITION_TEXTS_MAX: usize = 10_000;

const _: () = assert!(FIELD_BYTES_MAX < ROW_BYTES_MAX);
const _: () = assert!(ROW_BYTES_MAX <= SNIFF_BYTES, "a header that fits a record must fit the sniffed bytes");
const _: () = assert!(EXID_BYTES_MAX < FIELD_BYTES_MAX && EMAIL_BYTES_MAX < FIELD_BYTES_MAX);
const _: () = assert!(SNIFF_BYTES <= CHUNK_BYTES_MAX);
const _: () =
    assert!(REPEAT_LONG_NUMBERS_MAX <= (1 << 24) / 8 * 7 && REPEAT_LONG_NUMBERS_MAX < REPEAT_NUMBERS_MAX);
