//! Names and their places, in time that grows with their number and not with its square. One kind of map and one of
//! sorting for all who need either: pages download each further one.

use std::collections::{BTreeMap, BinaryHeap};

/// Names, each with the place it was first given.
#[derive(Debug, Default)]
pub(super) struct Names<'n>(BTreeMap<&'n str, usize>);

impl<'n> Names<'n> {
    /// Keeps a name; false where it is known already.
    pub(super) fn add(&mut self, name: &'n str, place: usize) -> bool {
        let is_new = !self.0.contains_key(name);
        if is_new {
            self.0.insert(name, place);
        }
        is_new
    }

    /// Keeps a name at this place, wherever it was.
    pub(super) fn set(&mut self, name: &'n str, place: usize) {
        self.0.insert(name, place);
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Numbers with what belongs to each, by their size.
pub(super) fn sorted(numbers: impl Iterator<Item = (u32, usize)>) -> Vec<(u32, usize)> {
    let mut heap = BinaryHeap::new();
    numbers.for_each(|pair| heap.push(pair));
    heap.into_sorted_vec()
}
