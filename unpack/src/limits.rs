//! A limit on everything that comes out of a packed file, named with its unit. What is packed may be a bomb, so each
//! limit holds before there is memory for what it limits.

/// Bytes at the beginning of a file that tell its form.
pub const HEAD_BYTES: usize = 256;
/// No workbook is smaller than this: it holds at least four parts and their directory.
pub const WORKBOOK_BYTES_MIN: usize = 256;
/// No header with a row packs into fewer bytes with gzip or zstd; what is shorter was cut off.
pub const STREAM_BYTES_MIN: usize = 32;

/// Most text that gzip or zstd may hold, in bytes: as much as may come without them over HTTP.
pub const STREAM_TEXT_BYTES_MAX: u64 = 16 << 30;
/// Largest window zstd may ask for, in bytes; it is kept in memory. Every level short of `--ultra` and `--long` asks
/// for at most a quarter of it.
pub const ZSTD_WINDOW_BYTES_MAX: u64 = 32 << 20;
/// How many times its packed size a file may have. People's numbers and addresses never pack that tightly.
pub const RATIO_MAX: u64 = 100;
/// Text up to this size is not held against [`RATIO_MAX`], in bytes.
pub const RATIO_FREE_BYTES: u64 = 64 << 20;

/// Most files in a workbook's archive.
pub const ENTRIES_MAX: usize = 1_000;
/// Longest name of a file in a workbook's archive, in bytes.
pub const ENTRY_NAME_BYTES_MAX: usize = 1_024;
/// Most bytes that the sheet may have unpacked. A sheet of full height with nine columns has about as many.
pub const SHEET_BYTES_MAX: u64 = 512 << 20;
/// Most bytes that the table of shared texts may have unpacked.
pub const STRINGS_BYTES_MAX: u64 = 256 << 20;
/// Most bytes that each of the parts which only lead to the sheet may have unpacked.
pub const INDEX_BYTES_MAX: u64 = 4 << 20;
/// Most shared text kept in memory, in bytes.
pub const STRINGS_TEXT_BYTES_MAX: usize = 128 << 20;
/// Most shared texts; four bytes of memory each besides their text.
pub const STRINGS_MAX: usize = 8 << 20;
/// Most sheets a workbook may name.
pub const SHEETS_MAX: usize = 1_024;
/// Most rows, which is the height of a sheet in Excel.
pub const ROWS_MAX: u32 = 1_048_576;
/// Most columns with something in them. The same as the core's limit; the host asserts that.
pub const COLUMNS_MAX: usize = 256;
/// Most cells.
pub const CELLS_MAX: u64 = 50_000_000;
/// Longest text of one cell, in bytes: 32,767 characters, the most that Excel takes, of the longest kind.
pub const CELL_BYTES_MAX: usize = 128 << 10;
/// Most CSV that a workbook may come to, in bytes. Shared texts may stand in many cells, so that it can be more than
/// the sheet.
pub const WORKBOOK_TEXT_BYTES_MAX: u64 = 4 << 30;
/// Deepest nesting of XML elements.
pub const XML_DEPTH_MAX: usize = 64;
/// Longest tag, text or comment of XML, in bytes.
pub const XML_TOKEN_BYTES_MAX: usize = 1 << 20;
/// Size of the pieces in which text is given out, in bytes; one row may come on top.
pub const PIECE_BYTES: usize = 64 << 10;

const _: () =
    assert!(CELL_BYTES_MAX < XML_TOKEN_BYTES_MAX, "the longest cell must fit a token, markup included");
const _: () =
    assert!(STRINGS_TEXT_BYTES_MAX <= u32::MAX as usize, "where a shared text ends is kept in 32 bits");
const _: () = assert!(STREAM_BYTES_MIN <= HEAD_BYTES && WORKBOOK_BYTES_MIN <= HEAD_BYTES);
