//! Sixteen bytes at a time, with the instructions that every machine of a kind has: SSE2, NEON, WebAssembly's 128-bit
//! vectors, or none. Wider ones, which only some machines have, are the business of csv/marks.

#![cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    expect(
        unsafe_code,
        reason = "vector instructions are called so, though every machine of this kind has them"
    )
)]

/// Work that is worth compiling for each set of instructions; `run` and what matters below it are inlined always.
pub(crate) trait Work {
    /// What comes of it.
    type Outcome;

    /// Does it.
    fn run(self) -> Self::Outcome;
}

/// Does the work with the widest instructions that this machine has.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn widest<W: Work>(work: W) -> W::Outcome {
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn with_avx2<W: Work>(work: W) -> W::Outcome {
        work.run()
    }
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt")
    {
        // SAFETY: the machine has these instructions.
        unsafe { with_avx2(work) }
    } else {
        work.run()
    }
}

/// Does the work.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn widest<W: Work>(work: W) -> W::Outcome {
    work.run()
}

/// Whether asking does anything.
pub(crate) const PREFETCHES: bool = cfg!(target_arch = "x86_64");

/// Asks for what will soon be looked at, on machines that can be asked.
#[inline(always)]
pub(crate) fn prefetch<T>(soon: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 machine has SSE, and asking changes nothing.
    unsafe {
        arch::_mm_prefetch::<{ arch::_MM_HINT_T0 }>(std::ptr::from_ref(soon).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = soon;
}

/// How many bytes there are.
pub(crate) const LANES: usize = 16;

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64 as arch;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32 as arch;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;

#[cfg(target_arch = "aarch64")]
type Vector = arch::uint8x16_t;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
type Vector = arch::v128;
#[cfg(target_arch = "x86_64")]
type Vector = arch::__m128i;
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
type Vector = [u8; LANES];

/// Sixteen bytes; comparisons give 0xFF for yes and 0 for no.
#[derive(Clone, Copy)]
pub(crate) struct Bytes(Vector);

#[cfg(target_arch = "x86_64")]
// SAFETY of all calls: every x86-64 machine has SSE2, and any 16 bytes are a vector.
impl Bytes {
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; LANES]) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { std::mem::transmute::<[u8; LANES], Vector>(*bytes) })
    }

    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::_mm_cmpeq_epi8(self.0, arch::_mm_set1_epi8(byte as i8)) })
    }

    /// The same bytes less `byte`, wrapping.
    #[inline(always)]
    pub(crate) fn less(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::_mm_sub_epi8(self.0, arch::_mm_set1_epi8(byte as i8)) })
    }

    #[inline(always)]
    pub(crate) fn at_most(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe {
            arch::_mm_cmpeq_epi8(arch::_mm_min_epu8(self.0, arch::_mm_set1_epi8(byte as i8)), self.0)
        })
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Bytes) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::_mm_or_si128(self.0, other.0) })
    }

    /// The upper bit of each byte; bit n is byte n.
    #[inline(always)]
    pub(crate) fn upper_bits(self) -> u64 {
        // SAFETY: see above.
        u64::from(unsafe { arch::_mm_movemask_epi8(self.0) } as u32)
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl Bytes {
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; LANES]) -> Bytes {
        let (words, _) = bytes.as_chunks::<8>();
        Bytes(arch::u64x2(u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])))
    }

    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> Bytes {
        Bytes(arch::u8x16_eq(self.0, arch::u8x16_splat(byte)))
    }

    #[inline(always)]
    pub(crate) fn less(self, byte: u8) -> Bytes {
        Bytes(arch::u8x16_sub(self.0, arch::u8x16_splat(byte)))
    }

    #[inline(always)]
    pub(crate) fn at_most(self, byte: u8) -> Bytes {
        Bytes(arch::u8x16_le(self.0, arch::u8x16_splat(byte)))
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Bytes) -> Bytes {
        Bytes(arch::v128_or(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn upper_bits(self) -> u64 {
        u64::from(arch::u8x16_bitmask(self.0))
    }
}

#[cfg(target_arch = "aarch64")]
// SAFETY of all calls: every AArch64 machine that Rust builds for has NEON, and any 16 bytes are a vector.
impl Bytes {
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; LANES]) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { std::mem::transmute::<[u8; LANES], Vector>(*bytes) })
    }

    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::vceqq_u8(self.0, arch::vdupq_n_u8(byte)) })
    }

    #[inline(always)]
    pub(crate) fn less(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::vsubq_u8(self.0, arch::vdupq_n_u8(byte)) })
    }

    #[inline(always)]
    pub(crate) fn at_most(self, byte: u8) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::vcleq_u8(self.0, arch::vdupq_n_u8(byte)) })
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Bytes) -> Bytes {
        // SAFETY: see above.
        Bytes(unsafe { arch::vorrq_u8(self.0, other.0) })
    }

    #[inline(always)]
    pub(crate) fn upper_bits(self) -> u64 {
        const WEIGHTS: [u8; LANES] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: see above.
        unsafe {
            let upper = arch::vcgeq_u8(self.0, arch::vdupq_n_u8(0x80));
            let weighed = arch::vandq_u8(upper, Bytes::load(&WEIGHTS).0);
            let low = arch::vaddv_u8(arch::vget_low_u8(weighed));
            let high = arch::vaddv_u8(arch::vget_high_u8(weighed));
            u64::from(low) | u64::from(high) << 8
        }
    }
}

#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
impl Bytes {
    pub(crate) fn load(bytes: &[u8; LANES]) -> Bytes {
        Bytes(*bytes)
    }

    pub(crate) fn equal(self, byte: u8) -> Bytes {
        Bytes(self.0.map(|own| if own == byte { 0xFF } else { 0 }))
    }

    pub(crate) fn less(self, byte: u8) -> Bytes {
        Bytes(self.0.map(|own| own.wrapping_sub(byte)))
    }

    pub(crate) fn at_most(self, byte: u8) -> Bytes {
        Bytes(self.0.map(|own| if own <= byte { 0xFF } else { 0 }))
    }

    pub(crate) fn or(self, other: Bytes) -> Bytes {
        Bytes(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(crate) fn upper_bits(self) -> u64 {
        self.0.iter().enumerate().map(|(at, byte)| u64::from(byte >> 7) << at).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(yes: impl Fn(usize) -> bool) -> u64 {
        (0..LANES).map(|at| u64::from(yes(at)) << at).sum()
    }

    proptest! {
        #[test]
        fn vectors_are_bytes(own: [u8; LANES], other: [u8; LANES], byte: u8) {
            let bytes = Bytes::load(&own);
            prop_assert_eq!(bytes.upper_bits(), bits(|at| own[at] >= 0x80));
            prop_assert_eq!(bytes.equal(own[3]).upper_bits(), bits(|at| own[at] == own[3]));
            prop_assert_eq!(bytes.at_most(byte).upper_bits(), bits(|at| own[at] <= byte));
            prop_assert_eq!(bytes.less(byte).upper_bits(), bits(|at| own[at].wrapping_sub(byte) >= 0x80));
            prop_assert_eq!(bytes.or(Bytes::load(&other)).upper_bits(), bits(|at| (own[at] | other[at]) >= 0x80));
        }
    }
}
