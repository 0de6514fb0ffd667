//! What was decided, as changes: slice by slice, each a plan that follows upon the one before it.

use crate::permission::Permission;
use crate::time::UnixMs;

use super::super::changes::{Consent, Custody, Plan};
use super::super::event::Rule;
use super::super::keys::identity;
use super::super::known::LogEnd;
use super::super::log::{Change, Origin, Writer};
use super::touch::{CREATED, PASSED_ON, Touch, WORD};
use super::{PLANNED, Undo};

/// On what the next changes follow.
#[derive(Clone, Copy, Debug)]
pub struct Follows<'a> {
    /// When it was asked for.
    pub at: UnixMs,
    /// Who asked for it, and why if they said so.
    pub by: &'a str,
    /// Where the log ends.
    pub log_end: LogEnd,
    /// The id the next new profile gets.
    pub next_profile: u64,
}

impl Undo {
    /// The next changes; none when all were handed over. Either all of them are committed or none.
    pub fn next_plan(&mut self, follows: &Follows<'_>) -> Option<Plan> {
        let Follows { at, by, log_end, next_profile } = *follows;
        let mut plan = Plan { based_on: log_end.seq, at, next_profile, ..Plan::default() };
        plan.created.first = next_profile;
        let mut log = Writer::new(log_end, at, Origin::Undo { import: self.import, by });
        let (mut place, first_word) = self.written;
        let planned = self.together.saturating_mul(PLANNED);
        while let Some(touch) = self.touches.all.get(place).filter(|_| plan.consents.len() < planned) {
            place += 1;
            if touch.reversed() {
                self.reverse(touch, &mut log, &mut plan);
            }
        }
        plan.custody.sort_unstable_by_key(|custody| (custody.number, custody.held));
        let words = &self.words.all[first_word..];
        let words = &words[..words.len().min(planned)];
        let back = words.iter().filter(|word| word.comes_back);
        plan.own_opt_outs = back.map(|word| (word.number, Some(word.restored()))).collect();
        let before = std::mem::replace(&mut self.written, (place, first_word + words.len()));
        (plan.log, plan.log_end) = log.finish();
        (self.written != before).then_some(plan)
    }

    fn reverse(&self, touch: &Touch, log: &mut Writer<'_>, plan: &mut Plan) {
        let (profile, number) = (touch.profile, touch.number_before);
        let (left, gained) = (identity(touch.number_after), identity(number));
        let word = touch.is(WORD) || gained.is_some_and(|number| self.words.comes_back(number));
        let opt_in = Permission::OptIn as u8;
        let permission = match touch.permission_before() {
            before if before == opt_in && word => Permission::OptOut as u8,
            before => before,
        };
        let mut taken_from = 0;
        if left != gained {
            // Who gains a number comes after who leaves it, in whatever slice.
            let left = left.filter(|_| !touch.is(PASSED_ON));
            plan.custody.extend(left.map(|number| Custody { number, profile, held: false }));
            plan.custody.extend(gained.map(|number| Custody { number, profile, held: true }));
            taken_from = Some(touch.taken_from()).filter(|from| *from != profile).unwrap_or_default();
        }
        let created = touch.is(CREATED);
        let last_event = log.event(&Change {
            profile,
            previous: touch.last_event,
            number_before: touch.number_after,
            permission_before: touch.permission_after(),
            number,
            permission,
            taken_from,
            lifted: None,
            rule: if created { Rule::ProfileUndone } else { Rule::Undone },
            row: 0,
            line: 0,
            number_cell: "",
            permission_cell: "",
        });
        plan.consents.push(Consent { profile, number, permission, last_event, removed: created });
    }
}
