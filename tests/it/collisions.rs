//! Random consent files in which everything collides: few people, fewer numbers, the same rows again and again.
//! They come from a seed, so that a failure names the file that caused it.

use std::fmt::Write as _;

use crate::random::Random;

impl Random {
    /// A place in something this long.
    pub(crate) fn index(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    /// True this many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Where the cells of a file come from.
pub(crate) struct Pools {
    exids: Vec<String>,
    emails: Vec<String>,
    msisdns: Vec<String>,
    numbers: Vec<String>,
}

impl Pools {
    /// So few values that nearly every row meets an earlier one. Two of the numbers are one Argentine mobile, two
    /// of the addresses are one person's, and some identifiers are no identifiers at all.
    pub(crate) fn tiny() -> Pools {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Pools {
            exids: owned(&["7", "8", " 7", "7,1", "x7", "X7"]),
            emails: owned(&["a@example.com", "A@Example.COM ", "b@example.com", "ö@örnek.com", "nobody"]),
            msisdns: owned(&["905301112233", "+905301112244", "5491123456789", "541123456789", "12"]),
            numbers: owned(&[
                "+905301112233",
                "+905301112244",
                "+14155552671",
                "+442071234567",
                "+5491123456789",
                "+541123456789",
            ]),
        }
    }

    /// About this many people, known by all four identifiers in all mixtures.
    pub(crate) fn people(count: usize) -> Pools {
        let numbered = |write: &dyn Fn(usize) -> String| (0..count).map(write).collect();
        Pools {
            exids: numbered(&|at| format!("c{at}")),
            emails: numbered(&|at| format!("p{at}@example.com")),
            msisdns: numbered(&|at| format!("90530{:07}", 1_000_000 + at)),
            numbers: numbered(&|at| format!("+90530{:07}", 1_000_000 + at)),
        }
    }

    /// All numbers.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(String::as_str)
    }

    /// One of the numbers.
    pub(crate) fn number(&self, random: &mut Random) -> String {
        self.numbers[random.index(self.numbers.len())].clone()
    }

    /// A file with a header and this many rows.
    pub(crate) fn file(&self, random: &mut Random, rows: usize) -> String {
        let end = if random.percent(20) { "\r\n" } else { "\n" };
        let mut file = format!("exid,email,msisdn,wpNumber,permission{end}");
        for _ in 0..rows {
            let exid = self.maybe(random, &self.exids, 60);
            let email = self.maybe(random, &self.emails, 50);
            let msisdn = self.maybe(random, &self.msisdns, 40);
            let number = match random.index(40) {
                0 => "12",
                1 => "",
                _ => &self.numbers[random.index(self.numbers.len())],
            };
            let number_missing = number.is_empty();
            let permission = if number_missing {
                "1"
            } else {
                random.pick(&["1", "1", "1", "1", "1", "2", "2", "0", " 1", "3", ""])
            };
            let quoted = if exid.contains(',') { format!("\"{exid}\"") } else { exid.to_owned() };
            let _ = write!(file, "{quoted},{email},{msisdn},{number},{permission}{end}");
        }
        file
    }

    fn maybe<'a>(&self, random: &mut Random, from: &'a [String], percent: u64) -> &'a str {
        if random.percent(percent) { &from[random.index(from.len())] } else { "" }
    }
}
