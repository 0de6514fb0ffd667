//! WebAssembly with 128-bit vectors.

use std::arch::wasm32::*;

use super::{Marks, Scan};

pub(super) fn scan(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| {
        let (words, _) = block.as_chunks::<8>();
        let word = |at: usize| u64::from_le_bytes(words[at]);
        let parts: [v128; 4] = std::array::from_fn(|at| u64x2(word(2 * at), word(2 * at + 1)));
        let join = |masks: [v128; 4]| {
            let bits = masks.map(|mask| u64::from(i8x16_bitmask(mask)));
            bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48
        };
        let equal = |byte: u8| parts.map(|part| u8x16_eq(part, u8x16_splat(byte)));
        let zeros = equal(0);
        Marks {
            delimiter: join(equal(delimiter)),
            line_feed: join(equal(b'\n')),
            carriage_return: join(equal(b'\r')),
            quote: join(equal(b'"')),
            strange: join(std::array::from_fn(|at| v128_or(zeros[at], parts[at]))),
        }
    });
}
