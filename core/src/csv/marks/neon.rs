//! AArch64: NEON, which every such machine has.
#![expect(unsafe_code, reason = "bytes become a vector")]

use std::arch::aarch64::*;

use super::{Marks, Scan};

pub(super) fn scan(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| {
        // SAFETY: any 64 bytes are four vectors of 16 bytes.
        let parts: [uint8x16_t; 4] = unsafe { std::mem::transmute(*block) };
        let equal = |byte: u8| parts.map(|part| vceqq_u8(part, vdupq_n_u8(byte)));
        let zeros = equal(0);
        let beyond = parts.map(|part| vcgeq_u8(part, vdupq_n_u8(0x80)));
        Marks {
            delimiter: join(equal(delimiter)),
            line_feed: join(equal(b'\n')),
            carriage_return: join(equal(b'\r')),
            quote: join(equal(b'"')),
            strange: join(std::array::from_fn(|at| vorrq_u8(zeros[at], beyond[at]))),
        }
    });
}

/// One bit of each byte: a weight for each place in eight, and three times the sums of neighbours.
fn join(masks: [uint8x16_t; 4]) -> u64 {
    const WEIGHTS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
    // SAFETY: any 16 bytes are a vector of 16 bytes.
    let weights: uint8x16_t = unsafe { std::mem::transmute(WEIGHTS) };
    let [a, b, c, d] = masks.map(|mask| vandq_u8(mask, weights));
    let sums = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    let sums = vpaddq_u8(sums, sums);
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(sums))
}
