//! Finds the bytes that matter to a reader of delimited text, 64 at a time, with the widest instructions the machine
//! has. Every way gives the same bits.

#[cfg(target_arch = "x86_64")]
mod x86;

use crate::simd::{Bytes, LANES};

/// Bytes looked at together.
pub(super) const BLOCK_BYTES: usize = 64;

/// What stands in a block; bit n is byte n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) delimiter: u64,
    pub(super) line_feed: u64,
    pub(super) carriage_return: u64,
    pub(super) quote: u64,
    /// NUL, and every byte beyond ASCII.
    pub(super) strange: u64,
}

/// A walk over a window, compiled once for each set of instructions.
pub(super) trait Scan {
    /// Walks over the window; `masks` looks at one block.
    fn run(self, window: &[u8], masks: impl FnMut(&[u8; BLOCK_BYTES]) -> Marks);
}

/// Walks with the widest instructions there are.
pub(super) fn scan(window: &[u8], delimiter: u8, scan: impl Scan) {
    #[cfg(target_arch = "x86_64")]
    x86::scan(window, delimiter, scan);
    #[cfg(not(target_arch = "x86_64"))]
    scan_narrow(window, delimiter, scan);
}

/// Walks with instructions that every machine of this kind has.
fn scan_narrow(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| {
        let (parts, _) = block.as_chunks::<LANES>();
        let parts: [Bytes; BLOCK_BYTES / LANES] = std::array::from_fn(|at| Bytes::load(&parts[at]));
        let join = |mask: &dyn Fn(Bytes) -> Bytes| {
            let bits = parts.map(|part| mask(part).upper_bits());
            bits[0] | bits[1] << LANES | bits[2] << (2 * LANES) | bits[3] << (3 * LANES)
        };
        Marks {
            delimiter: join(&|part| part.equal(delimiter)),
            line_feed: join(&|part| part.equal(b'\n')),
            carriage_return: join(&|part| part.equal(b'\r')),
            quote: join(&|part| part.equal(b'"')),
            strange: join(&|part| part.equal(0).or(part)),
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte: what every way must agree with.
    fn plain(block: &[u8; BLOCK_BYTES], delimiter: u8) -> Marks {
        let bits = |yes: &dyn Fn(u8) -> bool| {
            block.iter().enumerate().map(|(at, byte)| u64::from(yes(*byte)) << at).sum()
        };
        Marks {
            delimiter: bits(&|byte| byte == delimiter),
            line_feed: bits(&|byte| byte == b'\n'),
            carriage_return: bits(&|byte| byte == b'\r'),
            quote: bits(&|byte| byte == b'"'),
            strange: bits(&|byte| byte == 0 || byte >= 0x80),
        }
    }

    /// Collects what is found in each block.
    struct Collect<'a>(&'a mut Vec<Marks>);

    impl Scan for Collect<'_> {
        fn run(self, window: &[u8], masks: impl FnMut(&[u8; BLOCK_BYTES]) -> Marks) {
            self.0.extend(window.as_chunks().0.iter().map(masks));
        }
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let telling = prop::sample::select(b",;\t|\n\r\"\0\x80\x7f".to_vec());
        prop::collection::vec(prop_oneof![any::<u8>(), telling], 2 * BLOCK_BYTES)
    }

    proptest! {
        #[test]
        fn every_way_finds_the_same(window in text(), delimiter in prop::sample::select(b",;\t|".to_vec())) {
            let expected: Vec<Marks> = window.as_chunks().0.iter().map(|block| plain(block, delimiter)).collect();
            let mut found = Vec::new();
            scan_narrow(&window, delimiter, Collect(&mut found));
            prop_assert_eq!(&found, &expected);
            #[cfg(target_arch = "x86_64")]
            {
                let mut found = Vec::new();
                prop_assert!(!x86::try_avx2(&window, delimiter, Collect(&mut found)) || found == expected);
                let mut found = Vec::new();
                prop_assert!(!x86::try_avx512(&window, delimiter, Collect(&mut found)) || found == expected);
            }
        }
    }
}
