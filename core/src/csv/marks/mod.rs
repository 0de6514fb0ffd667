//! Finds the bytes that matter to a reader of delimited text, 64 at a time, with the widest instructions the machine
//! has. Every way gives the same bits; the plain one is what the others are tested against.

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(any(
    test,
    not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        all(target_arch = "wasm32", target_feature = "simd128")
    ))
))]
mod plain;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(target_arch = "x86_64")]
mod x86;

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
    #[cfg(target_arch = "aarch64")]
    neon::scan(window, delimiter, scan);
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::scan(window, delimiter, scan);
    #[cfg(not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        all(target_arch = "wasm32", target_feature = "simd128")
    )))]
    plain::scan(window, delimiter, scan);
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::*;

    /// The marks of each block, by every way there is on this machine.
    fn every_way(window: &[u8], delimiter: u8) -> Vec<Vec<Marks>> {
        let ways: Rc<RefCell<Vec<Vec<Marks>>>> = Rc::default();
        let next = || {
            ways.borrow_mut().push(Vec::new());
            let ways = Rc::clone(&ways);
            Box::new(move |marks| ways.borrow_mut().last_mut().unwrap().push(marks)) as Box<dyn FnMut(Marks)>
        };
        #[cfg(target_arch = "x86_64")]
        x86::scan_all(window, delimiter, next);
        #[cfg(not(target_arch = "x86_64"))]
        {
            struct Each(Box<dyn FnMut(Marks)>);
            impl Scan for Each {
                fn run(mut self, window: &[u8], mut masks: impl FnMut(&[u8; BLOCK_BYTES]) -> Marks) {
                    window.as_chunks().0.iter().for_each(|block| (self.0)(masks(block)));
                }
            }
            let mut next = next;
            scan(window, delimiter, Each(next()));
        }
        ways.take()
    }

    proptest! {
        #[test]
        fn every_way_finds_the_same(
            window in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b",;\t|\n\r\"\0\x80".to_vec())], 128),
            delimiter in prop::sample::select(b",;\t|".to_vec()),
        ) {
            let plain: Vec<Marks> =
                window.as_chunks().0.iter().map(|block| plain::marks(block, delimiter)).collect();
            let ways = every_way(&window, delimiter);
            prop_assert!(!ways.is_empty());
            for way in ways {
                prop_assert_eq!(&way, &plain);
            }
        }
    }
}
