//! Ranges of mobile numbers of forty countries out of which the people of the bench get theirs.
//!
//! libphonenumber calls them valid with metadata from 8.12.57 to 9.0.43, so that no peer is measured on refusing what it
//! should take. Where a version disagrees, the verdicts in the tables differ. Shares lean towards the countries whose
//! businesses message most.

/// One country: numbers are `code`, one of `prefixes`, one of `next`, and `tail` free digits.
pub(super) struct Plan {
    /// Calling code.
    pub(super) code: &'static str,
    /// Of 128 people, how many live here.
    pub(super) share: u64,
    prefixes: &'static [&'static str],
    next: &'static [u8],
    tail: u32,
}

/// People of all plans together: one turn of shares.
pub(super) const TURN: u64 = 128;

const ANY: &[u8] = b"0123456789";

/// The plans, those with the largest shares first.
#[rustfmt::skip]
pub(super) const PLANS: [Plan; 40] = [
    plan("90", 22, &["530", "531", "532", "533", "534", "535", "536", "537", "538", "539", "541", "542", "543", "544", "545", "546", "505", "506", "507", "551", "552", "553", "554", "555"], ANY, 6),
    plan("1", 10, &["202", "212", "213", "214", "310", "312", "323", "404", "408", "415", "512", "602", "617", "713", "718"], b"23456789", 6),
    plan("55", 10, &["119", "219", "319", "419", "519", "619", "719", "819", "859", "199"], b"6789", 7),
    plan("91", 10, &["98", "99", "97", "96"], ANY, 7),
    plan("44", 9, &["740", "741", "742", "743", "746", "747", "748", "749", "753", "754", "756", "758", "785", "786", "787"], ANY, 6),
    plan("49", 9, &["151", "152", "157", "159", "176"], ANY, 7),
    plan("62", 8, &["811", "812", "813", "821", "822", "852", "853", "857", "858", "877", "878", "881", "895"], ANY, 7),
    plan("52", 7, &["55", "33", "81"], b"12345678", 7),
    plan("27", 5, &["82", "83", "84", "72", "73", "74", "76", "78", "79"], ANY, 6),
    plan("33", 2, &["60", "61", "62", "66", "67", "68"], ANY, 6),
    plan("34", 2, &["60", "61", "62", "63", "64", "65", "66", "67", "68", "69"], ANY, 6),
    plan("39", 2, &["320", "328", "329", "333", "338", "339", "340", "347", "348", "349"], ANY, 6),
    plan("7", 2, &["903", "905", "906", "909", "910", "915", "916", "917", "925", "926"], ANY, 6),
    plan("966", 2, &["50", "53", "54", "55", "56", "59"], ANY, 6),
    plan("971", 2, &["50", "52", "54", "55", "56", "58"], ANY, 6),
    plan("20", 2, &["100", "101", "106", "109", "111", "112", "114", "120", "122", "127"], ANY, 6),
    plan("31", 1, &["61", "62", "64", "65"], ANY, 6),
    plan("234", 1, &["803", "805", "806", "807", "813", "816", "703", "706", "810"], ANY, 6),
    plan("92", 1, &["300", "301", "302", "303", "304", "305", "306", "307", "331", "333", "345"], ANY, 6),
    plan("880", 1, &["171", "172", "181", "191", "151", "161"], ANY, 6),
    plan("54", 1, &["911"], b"3456", 7),
    plan("57", 1, &["300", "301", "310", "311", "312", "313", "315", "320"], ANY, 6),
    plan("56", 1, &["9"], b"58", 7),
    plan("51", 1, &["9"], ANY, 7),
    plan("48", 1, &["50", "51", "53", "60", "66", "69", "72", "78", "79", "88"], ANY, 6),
    plan("380", 1, &["50", "63", "66", "67", "68", "93", "95", "96", "97", "98", "99"], ANY, 6),
    plan("40", 1, &["72", "74", "75", "76"], ANY, 6),
    plan("30", 1, &["690", "693", "694", "697", "698"], ANY, 6),
    plan("351", 1, &["91", "93", "96"], ANY, 6),
    plan("46", 1, &["70", "72", "73", "76", "79"], ANY, 6),
    plan("41", 1, &["76", "77", "78", "79"], ANY, 6),
    plan("43", 1, &["650", "660", "664", "676", "699"], ANY, 6),
    plan("972", 1, &["50", "52", "53", "54"], b"2345678", 6),
    plan("212", 1, &["61", "66"], ANY, 6),
    plan("254", 1, &["70", "71", "72", "79"], ANY, 6),
    plan("63", 1, &["917", "918", "905", "906", "915", "927"], ANY, 6),
    plan("60", 1, &["12", "13", "16", "17", "19"], b"23456789", 6),
    plan("66", 1, &["81", "82", "84", "86", "89", "91"], ANY, 6),
    plan("81", 1, &["80", "90", "70"], b"123456789", 7),
    plan("61", 1, &["40", "41", "42", "43"], ANY, 6),
];

const fn plan(
    code: &'static str,
    share: u64,
    prefixes: &'static [&'static str],
    next: &'static [u8],
    tail: u32,
) -> Plan {
    Plan { code, share, prefixes, next, tail }
}

impl Plan {
    /// How many different numbers there are.
    pub(super) fn size(&self) -> u64 {
        self.prefixes.len() as u64 * self.next.len() as u64 * 10_u64.pow(self.tail)
    }

    /// Writes the national digits of number `at`, less than [`Plan::size`]. Different numbers for different `at`.
    pub(super) fn write(&self, at: u64, out: &mut Vec<u8>) {
        let free = 10_u64.pow(self.tail);
        let (place, mut rest) = (at / free, at % free);
        let next = self.next.len() as u64;
        out.extend_from_slice(self.prefixes[(place / next) as usize].as_bytes());
        out.push(self.next[(place % next) as usize]);
        let start = out.len();
        out.resize(start + self.tail as usize, b'0');
        for digit in out[start..].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fill_one_turn_and_ranges_suffice_for_a_hundred_million_people() {
        assert_eq!(PLANS.iter().map(|plan| plan.share).sum::<u64>(), TURN);
        for plan in &PLANS {
            let people = 100_000_000 / TURN * plan.share;
            assert!(plan.size() > people, "{}: {} numbers for {people} people", plan.code, plan.size());
        }
    }
}
