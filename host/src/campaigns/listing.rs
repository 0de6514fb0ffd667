//! The people of a campaign, one by one: whom each message was for, how it stands, and why. Lists are written page by page, so
//! that memory does not grow with them, and no cell of them is a formula to a spreadsheet.

use std::io::Write;

use consentry_core::campaign::errors;
use consentry_core::matching::{E164, ImportId, ProfileId};
use consentry_core::render::csv::excel_safe;
use consentry_core::time::UnixMs;
use serde_json::json;

use super::Campaigns;
use super::record::FrozenMessage;
use crate::desk::DeskError;
use crate::store::ledger::{KeptSend, Reached, SendFilter, SendState};
use crate::store::{Lookup, Store, StoreError, TenantId};

/// People read at a time for a list.
const PEOPLE_TOGETHER: usize = 1_000;

/// How people are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeopleFormat {
    /// With a header, cells safe to open.
    #[default]
    Csv,
    /// A document a line.
    Jsonl,
}

/// Which messages a word and a code mean; what is wrong with the word otherwise.
pub fn filter(status: Option<&str>, code: Option<i64>) -> Result<SendFilter, String> {
    use SendState::{
        Accepted, Capped, Control, Expired, Failed, Gone, Held, Intended, OptedOut, Unknown, Waiting,
    };
    let any = SendFilter { code, ..SendFilter::default() };
    let states = |states: &[SendState]| SendFilter { states: states.to_vec(), ..any.clone() };
    let reached = |reached: Reached| SendFilter { reached: vec![reached], ..any.clone() };
    Ok(match status {
        None => any,
        Some("waiting") => states(&[Waiting]),
        Some("under_way") => states(&[Intended]),
        Some("accepted") => SendFilter { reached: vec![Reached::Nothing], ..states(&[Accepted, Held]) },
        Some("sent") => reached(Reached::Sent),
        Some("delivered") => reached(Reached::Delivered),
        Some("read") => reached(Reached::Read),
        Some("failed") => states(&[Failed]),
        Some("unknown") => states(&[Unknown]),
        Some("opted_out") => states(&[OptedOut]),
        Some("gone") => states(&[Gone]),
        Some("expired") => states(&[Expired]),
        Some("capped") => states(&[Capped]),
        Some("control") => states(&[Control]),
        Some("replied") => SendFilter { replied: Some(true), ..any },
        Some("clicked") => SendFilter { clicked: Some(true), ..any },
        Some("opted_out_after") => SendFilter { opted_out: Some(true), ..any },
        Some(other) => {
            let text = "is none of waiting, under_way, accepted, sent, delivered, read, failed, unknown, opted_out, gone, \
                        expired, capped, control, replied, clicked and opted_out_after";
            return Err(format!("`{}` {text}", consentry_core::diagnostic::clip(other)));
        }
    })
}

/// Writes the people of a plan, by their places in it, page by page; how many.
pub fn people(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    filter: &SendFilter,
    format: PeopleFormat,
    out: &mut dyn Write,
) -> Result<u64, DeskError> {
    let kept = super::find(room, tenant, id)?;
    let messages = kept.record.plan.as_ref().map_or(&[][..], |plan| &plan.messages);
    let mut lines = Lines::new(format, out).map_err(unwritten)?;
    let (mut after, mut people) = (0, 0);
    loop {
        let page = room.ledger.page(tenant, kept.id(), filter, after, PEOPLE_TOGETHER)?;
        let Some(last) = page.last() else { break };
        after = last.id.place;
        for send in &page {
            let cells = cells(&*room.desk.store, tenant, messages, send)?;
            lines.write(&cells).map_err(unwritten)?;
            people += 1;
        }
    }
    lines.flush().map_err(unwritten)?;
    Ok(people)
}

/// Columns of people.
const COLUMNS: [&str; 19] = [
    "place",
    "profile",
    "exid",
    "number",
    "country",
    "import",
    "template",
    "language",
    "status",
    "code",
    "reason",
    "attempts",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
    "replied_at",
    "opted_out_at",
    "clicked_at",
];

/// A person's message, in the order of [`COLUMNS`].
fn cells(
    store: &dyn Store,
    tenant: TenantId,
    messages: &[FrozenMessage],
    send: &KeptSend,
) -> Result<[String; 19], DeskError> {
    let profile = ProfileId(send.planned.profile);
    let known = store.find(tenant, &Lookup::Profile(profile))?;
    let message = messages.get(usize::from(send.planned.message));
    let at = |at: Option<UnixMs>| at.map(|at| at.to_string()).unwrap_or_default();
    let code = (send.code != 0).then_some(send.code);
    let reason = code.and_then(|code| errors::rule(code, None)).map(|rule| rule.title);
    let [sent_at, delivered_at, read_at, failed_at] = send.told_at;
    Ok([
        send.id.place.to_string(),
        profile.to_string(),
        known.and_then(|known| known.profile.exid).unwrap_or_default(),
        E164::from_digits(send.planned.number).map(|number| number.to_string()).unwrap_or_default(),
        String::from_utf8_lossy(&send.planned.country).into_owned(),
        Some(send.planned.import).filter(|id| *id > 0).map(|id| ImportId(id).to_string()).unwrap_or_default(),
        message.map(|message| message.template.clone()).unwrap_or_default(),
        message.map(|message| message.language.clone()).unwrap_or_default(),
        status(send).to_owned(),
        code.map(|code| code.to_string()).unwrap_or_default(),
        reason.unwrap_or_default().to_owned(),
        send.attempts.to_string(),
        at(sent_at),
        at(delivered_at),
        at(read_at),
        at(failed_at),
        at(send.replied_at),
        at(send.opted_out_at),
        at(send.clicked_at),
    ])
}

/// How a message stands, in the word of [`filter`].
pub(super) fn status(send: &KeptSend) -> &'static str {
    match (send.state, send.reached) {
        (_, Reached::Read) => "read",
        (_, Reached::Delivered) => "delivered",
        (SendState::Failed, _) | (_, Reached::Failed) => "failed",
        (_, Reached::Sent) => "sent",
        (SendState::Waiting, _) => "waiting",
        (SendState::Intended, _) => "under_way",
        (SendState::Accepted | SendState::Held, _) => "accepted",
        (SendState::Unknown, _) => "unknown",
        (SendState::OptedOut, _) => "opted_out",
        (SendState::Gone, _) => "gone",
        (SendState::Expired, _) => "expired",
        (SendState::Capped, _) => "capped",
        (SendState::Control, _) => "control",
    }
}

/// Where people are written.
enum Lines<'a> {
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    Jsonl(&'a mut dyn Write),
}

impl<'a> Lines<'a> {
    fn new(format: PeopleFormat, out: &'a mut dyn Write) -> std::io::Result<Lines<'a>> {
        if format == PeopleFormat::Jsonl {
            return Ok(Lines::Jsonl(out));
        }
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        Ok(Lines::Csv(Box::new(writer)))
    }

    fn write(&mut self, cells: &[String; 19]) -> std::io::Result<()> {
        match self {
            Lines::Csv(writer) => {
                writer.write_record(cells.iter().map(|cell| excel_safe(cell).into_owned()))?;
            }
            Lines::Jsonl(out) => {
                let there = COLUMNS.into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
                let value = |name: &str, cell: &String| match name {
                    "place" | "code" | "attempts" => json!(cell.parse::<i64>().unwrap_or_default()),
                    _ => json!(cell),
                };
                let document: serde_json::Map<String, serde_json::Value> =
                    there.map(|(name, cell)| (name.to_owned(), value(name, cell))).collect();
                serde_json::to_writer(&mut *out, &document)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Lines::Csv(writer) => writer.flush(),
            Lines::Jsonl(out) => out.flush(),
        }
    }
}

fn unwritten(cause: std::io::Error) -> DeskError {
    DeskError::Store(StoreError::File(cause))
}

#[cfg(test)]
mod tests {
    use consentry_core::campaign::{CampaignId, SendId};

    use super::*;
    use crate::store::ledger::NewSend;
    use crate::store::memory::MemoryStore;

    fn failed() -> KeptSend {
        KeptSend {
            id: SendId { campaign: CampaignId(7), place: 2 },
            planned: NewSend {
                place: 2,
                profile: 12,
                number: 905_301_112_233,
                person: 905_301_112_233,
                country: *b"TR",
                import: 3,
                line: 0,
                message: 0,
                state: SendState::Failed,
                values: Vec::new(),
            },
            state: SendState::Failed,
            due: UnixMs(0),
            attempts: 1,
            code: 131_026,
            wamid: None,
            intended_at: Some(UnixMs(1_000)),
            changed_at: UnixMs(2_000),
            reached: Reached::Failed,
            told_at: [None, None, None, Some(UnixMs(2_000))],
            replied_at: None,
            opted_out_at: None,
            clicked_at: None,
        }
    }

    fn written(format: PeopleFormat) -> String {
        let message = FrozenMessage {
            template: "=sale".to_owned(),
            language: "tr".to_owned(),
            ..FrozenMessage::default()
        };
        let (mut out, store) = (Vec::new(), MemoryStore::new());
        let mut lines = Lines::new(format, &mut out).unwrap();
        let cells = cells(&store, TenantId::DEFAULT, &[message], &failed()).unwrap();
        lines.write(&cells).unwrap();
        lines.flush().unwrap();
        drop(lines);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula() {
        let expected = "place,profile,exid,number,country,import,template,language,status,code,reason,attempts,sent_at,\
            delivered_at,read_at,failed_at,replied_at,opted_out_at,clicked_at\n\
            2,p12,,'+905301112233,TR,i3,'=sale,tr,failed,131026,it cannot be delivered,1,,,,1970-01-01T00:00:02.000Z,,,\n";
        assert_eq!(written(PeopleFormat::Csv), expected);
    }

    #[test]
    fn a_document_has_what_there_is() {
        let document: serde_json::Value = serde_json::from_str(&written(PeopleFormat::Jsonl)).unwrap();
        let expected = json!({
            "place": 2, "profile": "p12", "number": "+905301112233", "country": "TR", "import": "i3",
            "template": "=sale", "language": "tr", "status": "failed", "code": 131_026,
            "reason": "it cannot be delivered", "attempts": 1, "failed_at": "1970-01-01T00:00:02.000Z",
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn every_way_to_stand_can_be_asked_for_by_its_word() {
        use SendState::{
            Accepted, Capped, Control, Expired, Failed, Gone, Held, Intended, OptedOut, Unknown, Waiting,
        };
        let states =
            [Waiting, Intended, Accepted, Held, Failed, Unknown, OptedOut, Gone, Expired, Control, Capped];
        let sent = [Reached::Sent, Reached::Delivered, Reached::Read].map(|reached| (Accepted, reached));
        for (state, reached) in states.map(|state| (state, Reached::Nothing)).into_iter().chain(sent) {
            let send = KeptSend { state, reached, ..failed() };
            let filter = filter(Some(status(&send)), Some(131_026)).unwrap();
            let asked = filter.states.is_empty() || filter.states.contains(&state);
            assert!(asked && (filter.reached.is_empty() || filter.reached.contains(&reached)), "{filter:?}");
        }
        assert!(filter(Some("sent?"), None).unwrap_err().starts_with("`sent?` is none of waiting, "));
    }
}
