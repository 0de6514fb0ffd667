//! x86-64 with AVX-512 or AVX2, chosen when the program runs.
#![expect(unsafe_code, reason = "instructions that not every machine has can only be called so")]

use std::arch::x86_64::*;

use super::{Marks, Scan};

/// Walks with the widest instructions that this machine has.
pub(super) fn scan(window: &[u8], delimiter: u8, scan: impl Scan) {
    if has_avx512() {
        // SAFETY: the machine has these instructions.
        unsafe { scan_avx512(window, delimiter, scan) }
    } else if has_avx2() {
        // SAFETY: the machine has these instructions.
        unsafe { scan_avx2(window, delimiter, scan) }
    } else {
        super::scan_narrow(window, delimiter, scan);
    }
}

/// Every instruction that the widest way is compiled for; a virtual machine may hide any of them.
fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
}

/// The same for AVX2.
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt")
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt")]
fn scan_avx512(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| {
        // SAFETY: any 64 bytes are a vector of 64 bytes.
        let bytes: __m512i = unsafe { std::mem::transmute(*block) };
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
        Marks {
            delimiter: equal(delimiter),
            line_feed: equal(b'\n'),
            carriage_return: equal(b'\r'),
            quote: equal(b'"'),
            strange: equal(0) | _mm512_movepi8_mask(bytes),
        }
    });
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
fn scan_avx2(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| {
        // SAFETY: any 64 bytes are two vectors of 32 bytes.
        let halves: [__m256i; 2] = unsafe { std::mem::transmute(*block) };
        let join = |masks: [__m256i; 2]| {
            let [low, high] = masks.map(|mask| u64::from(_mm256_movemask_epi8(mask) as u32));
            low | high << 32
        };
        let equal = |byte: u8| halves.map(|half| _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte as i8)));
        let [low, high] = equal(0);
        Marks {
            delimiter: join(equal(delimiter)),
            line_feed: join(equal(b'\n')),
            carriage_return: join(equal(b'\r')),
            quote: join(equal(b'"')),
            strange: join([_mm256_or_si256(low, halves[0]), _mm256_or_si256(high, halves[1])]),
        }
    });
}

/// Walks with AVX2 if the machine has it.
#[cfg(test)]
pub(super) fn try_avx2(window: &[u8], delimiter: u8, scan: impl Scan) -> bool {
    let can = has_avx2();
    if can {
        // SAFETY: the machine has these instructions.
        unsafe { scan_avx2(window, delimiter, scan) }
    }
    can
}

/// Walks with AVX-512 if the machine has it.
#[cfg(test)]
pub(super) fn try_avx512(window: &[u8], delimiter: u8, scan: impl Scan) -> bool {
    let can = has_avx512();
    if can {
        // SAFETY: the machine has these instructions.
        unsafe { scan_avx512(window, delimiter, scan) }
    }
    can
}
