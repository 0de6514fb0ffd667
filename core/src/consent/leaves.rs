//! SHA-256 of four leaves of a digest at once, one in each lane of a vector. For machines whose vectors are there and whose
//! instructions for SHA-256 are not: WebAssembly. Elsewhere the crate `sha2` is faster, and what this gives must be what
//! it gives.

use std::array::from_fn;

use sha2::block_api::compress256;

use four::Four;

/// How many are hashed at once.
pub(super) const LEAVES: usize = 4;

const BLOCK_BYTES: usize = 64;
/// Bytes of a last block that the message may take; its length in bits takes the others.
const LAST_BYTES_MAX: usize = BLOCK_BYTES - 8;

/// Their hashes, in their order.
pub(super) fn hash(leaves: [&[u8]; LEAVES]) -> [[u8; 32]; LEAVES] {
    let blocks = leaves.map(|leaf| leaf.as_chunks::<BLOCK_BYTES>().0);
    let together = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or_default();
    let mut state: [Four; 8] = from_fn(|at| four::splat(START[at]));
    let [a, b, c, d] = blocks.map(|blocks| &blocks[..together]);
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        compress(&mut state, [a, b, c, d]);
    }
    let state = state.map(four::each);
    from_fn(|lane| {
        let mut state: [u32; 8] = from_fn(|at| state[at][lane]);
        compress256(&mut state, &blocks[lane][together..]);
        end(&mut state, leaves[lane]);
        let mut hash = [0; 32];
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        hash
    })
}

/// What is behind the last whole block, and the padding.
fn end(state: &mut [u32; 8], leaf: &[u8]) {
    let rest = leaf.as_chunks::<BLOCK_BYTES>().1;
    let mut last = [[0; BLOCK_BYTES]; 2];
    let last = &mut last[..1 + usize::from(rest.len() >= LAST_BYTES_MAX)];
    let bytes = last.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let length = bytes.len() - 8;
    bytes[length..].copy_from_slice(&(leaf.len() as u64 * 8).to_be_bytes());
    compress256(state, last);
}

/// One block of each. Written for lanes, so that one source serves vectors and the tests.
#[inline]
fn compress(state: &mut [Four; 8], blocks: [&[u8; BLOCK_BYTES]; LEAVES]) {
    use four::{add, and, rotated, shifted, xor};
    let blocks = blocks.map(|block| block.as_chunks::<4>().0);
    let mut words: [Four; 16] = from_fn(|at| four::of_big_endian(blocks.map(|block| block[at])));
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for rounds in ROUNDS.as_chunks::<16>().0 {
        for (at, round) in rounds.iter().enumerate() {
            let big = xor(xor(rotated::<6>(e), rotated::<11>(e)), rotated::<25>(e));
            let chosen = xor(g, and(e, xor(f, g)));
            let sum = add(add(add(h, big), add(chosen, four::splat(*round))), words[at]);
            let big = xor(xor(rotated::<2>(a), rotated::<13>(a)), rotated::<22>(a));
            let most = xor(and(a, b), and(c, xor(a, b)));
            (h, g, f, e, d, c, b, a) = (g, f, e, add(d, sum), c, b, a, add(sum, add(big, most)));
            // The word of sixteen rounds later; after the last round nobody asks for it.
            let (next, last) = (words[(at + 1) % 16], words[(at + 14) % 16]);
            let early = xor(xor(rotated::<7>(next), rotated::<18>(next)), shifted::<3>(next));
            let late = xor(xor(rotated::<17>(last), rotated::<19>(last)), shifted::<10>(last));
            words[at] = add(add(words[at], early), add(words[(at + 9) % 16], late));
        }
    }
    for (state, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *state = add(*state, word);
    }
}

/// Four words, one of each leaf.
#[cfg(target_family = "wasm")]
mod four {
    use std::arch::wasm32 as arch;

    pub(super) type Four = arch::v128;

    #[inline(always)]
    pub(super) fn splat(word: u32) -> Four {
        arch::u32x4_splat(word)
    }

    #[inline(always)]
    pub(super) fn of_big_endian(words: [[u8; 4]; 4]) -> Four {
        let [a, b, c, d] = words.map(u32::from_le_bytes);
        let four = arch::u32x4(a, b, c, d);
        arch::u8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(four, four)
    }

    pub(super) fn each(four: Four) -> [u32; 4] {
        [
            arch::u32x4_extract_lane::<0>(four),
            arch::u32x4_extract_lane::<1>(four),
            arch::u32x4_extract_lane::<2>(four),
            arch::u32x4_extract_lane::<3>(four),
        ]
    }

    #[inline(always)]
    pub(super) fn add(a: Four, b: Four) -> Four {
        arch::u32x4_add(a, b)
    }

    #[inline(always)]
    pub(super) fn xor(a: Four, b: Four) -> Four {
        arch::v128_xor(a, b)
    }

    #[inline(always)]
    pub(super) fn and(a: Four, b: Four) -> Four {
        arch::v128_and(a, b)
    }

    #[inline(always)]
    pub(super) fn shifted<const BITS: u32>(a: Four) -> Four {
        arch::u32x4_shr(a, BITS)
    }

    #[inline(always)]
    pub(super) fn rotated<const BITS: u32>(a: Four) -> Four {
        arch::v128_or(arch::u32x4_shr(a, BITS), arch::u32x4_shl(a, 32 - BITS))
    }
}

/// The same without vectors, for the tests.
#[cfg(not(target_family = "wasm"))]
mod four {
    use std::array::from_fn;

    pub(super) type Four = [u32; 4];

    pub(super) fn splat(word: u32) -> Four {
        [word; 4]
    }

    pub(super) fn of_big_endian(words: [[u8; 4]; 4]) -> Four {
        words.map(u32::from_be_bytes)
    }

    pub(super) fn each(four: Four) -> [u32; 4] {
        four
    }

    pub(super) fn add(a: Four, b: Four) -> Four {
        from_fn(|at| a[at].wrapping_add(b[at]))
    }

    pub(super) fn xor(a: Four, b: Four) -> Four {
        from_fn(|at| a[at] ^ b[at])
    }

    pub(super) fn and(a: Four, b: Four) -> Four {
        from_fn(|at| a[at] & b[at])
    }

    pub(super) fn shifted<const BITS: u32>(a: Four) -> Four {
        a.map(|word| word >> BITS)
    }

    pub(super) fn rotated<const BITS: u32>(a: Four) -> Four {
        a.map(|word| word.rotate_right(BITS))
    }
}

/// Where SHA-256 starts: the square roots of the first primes behind the point.
const START: [u32; 8] =
    [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

/// What each round adds: the cube roots of the first primes behind the point.
const ROUNDS: [u32; 64] = [
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    proptest! {
        #[test]
        fn the_hashes_are_those_of_sha2(lengths in proptest::array::uniform4(0usize..400), seed: u8) {
            let leaves = lengths.map(|length| -> Vec<u8> { (0..length).map(|at| (at * 31) as u8 ^ seed).collect() });
            let expected = leaves.each_ref().map(|leaf| <[u8; 32]>::from(Sha256::digest(leaf)));
            prop_assert_eq!(hash(leaves.each_ref().map(Vec::as_slice)), expected);
        }
    }
}
