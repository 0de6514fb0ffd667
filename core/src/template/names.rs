//! Names and their places, in time that grows with their number and not with its square. One kind of map and one of
//! sorting for all who need either: pages download each further one.

use std::collections::{BTreeMap, BinaryHeap};

/// Names below this that are written as plain numbers stand in a table.
const NUMBERS_MAX: usize = 1000;

/// Names, each with the place it was first given.
#[derive(Debug, Default)]
pub(super) struct Names<'n> {
    /// Of the name `7` at 7: its place and one, or 0. Most variables are called by small numbers.
    numbers: Vec<u32>,
    others: BTreeMap<&'n str, usize>,
    count: usize,
}

impl<'n> Names<'n> {
    /// Keeps a name; false where it is known already.
    pub(super) fn add(&mut self, name: &'n str, place: usize) -> bool {
        let is_new = !self.has(name);
        if is_new {
            self.set(name, place);
        }
        is_new
    }

    /// Keeps a name at this place, wherever it was.
    pub(super) fn set(&mut self, name: &'n str, place: usize) {
        let was = match plain(name) {
            Some(number) => {
                if number >= self.numbers.len() {
                    self.numbers.resize(number + 1, 0);
                }
                std::mem::replace(&mut self.numbers[number], place as u32 + 1) != 0
            }
            None => self.others.insert(name, place).is_some(),
        };
        self.count += usize::from(!was);
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        match plain(name) {
            Some(number) => self.place_of_plain(number),
            None => self.others.get(name).copied(),
        }
    }

    /// The place of the name that is this number.
    pub(super) fn place_of(&self, number: usize) -> Option<usize> {
        if (1..NUMBERS_MAX).contains(&number) {
            return self.place_of_plain(number);
        }
        self.others.get(number.to_string().as_str()).copied()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    fn place_of_plain(&self, number: usize) -> Option<usize> {
        self.numbers.get(number).and_then(|place| place.checked_sub(1)).map(|place| place as usize)
    }
}

/// The number from 1 that a name is, if it is written as numbers are and below [`NUMBERS_MAX`].
fn plain(name: &str) -> Option<usize> {
    let (b'1'..=b'9', 1..=3) = (name.bytes().next()?, name.len()) else { return None };
    let digit = |byte: u8| Some(usize::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?));
    name.bytes().try_fold(0, |number, byte| Some(number * 10 + digit(byte)?))
}

/// Numbers with what belongs to each, by their size.
pub(super) fn sorted(numbers: impl Iterator<Item = (u32, usize)>) -> Vec<(u32, usize)> {
    let all: Vec<(u32, usize)> = numbers.collect();
    // As people write them.
    if all.is_sorted() {
        return all;
    }
    BinaryHeap::from(all).into_sorted_vec()
}
