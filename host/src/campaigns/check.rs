//! What can be said about a campaign as it is written, before anybody looks for its people and templates. A draft may lack
//! things; what it has must mean something.

use consentry_core::wire::campaign::compile;
use consentry_core::wire::campaign::v1::{Brake, Campaign, Pace, Value};

use super::calendar::{QuietHours, moment};
use super::{Campaigns, links, segments};
use crate::desk::DeskError;
use crate::store::TenantId;

/// Longest name, in characters.
pub(super) const NAME_CHARS_MAX: usize = 200;
/// Most messages that are tried against each other: their templates are kept with the campaign, and each needs people
/// enough to say anything.
const MESSAGES_MAX: usize = 10;
/// Most people that get nothing, in percent.
const CONTROL_PERCENT_MAX: u8 = 50;
/// What Meta takes as the time after which it gives up, in seconds, of whatever category: a template says it, no message does.
const TTL_S: std::ops::RangeInclusive<u32> = 30..=2_592_000;
/// Longest time that a cap looks back, in days.
const CAP_DAYS_MAX: u32 = 365;

/// Whether it can be kept; what is wrong with it otherwise.
pub(super) fn check(room: &Campaigns, tenant: TenantId, of: &Campaign) -> Result<(), DeskError> {
    links::check(&room.desk, of)?;
    let segments = segments::conditions(room, tenant)?;
    let said = written(of).and_then(|()| {
        let audience = compile(&of.audience, &|name| segments.get(name).cloned());
        audience.map(|_| ()).map_err(|unclear| format!("audience: {unclear}"))
    });
    said.map_err(DeskError::Invalid)
}

/// The same with times of files as everybody reads them, in UTC.
pub(super) fn normal(of: &Campaign) -> Campaign {
    let mut of = of.clone();
    for value in of.messages.iter_mut().flat_map(|message| message.values.values_mut()) {
        if let Value::Media { expires_at: Some(text), .. } = value
            && let Ok(at) = moment(text)
        {
            *text = at.to_string();
        }
    }
    of
}

fn written(of: &Campaign) -> Result<(), String> {
    if of.name.trim().is_empty() || of.name.chars().count() > NAME_CHARS_MAX {
        return Err(format!("`name` has 1 to {NAME_CHARS_MAX} characters"));
    }
    messages(of)?;
    if of.control_percent > CONTROL_PERCENT_MAX {
        return Err(format!(
            "`control_percent` is 0 to {CONTROL_PERCENT_MAX}: the others are to be written to"
        ));
    }
    let starts_at = at("schedule.starts_at", of.schedule.starts_at.as_deref())?;
    let ends_at = at("schedule.ends_at", of.schedule.ends_at.as_deref())?;
    if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at)
        && ends_at <= starts_at
    {
        return Err(
            "`schedule.ends_at` is not after `schedule.starts_at`, so nothing would be sent".to_owned()
        );
    }
    if let Some(quiet) = &of.quiet {
        QuietHours::read(quiet).map_err(|why| format!("`quiet`: {why}"))?;
    }
    if of.ttl_s.is_some_and(|ttl| !TTL_S.contains(&ttl)) {
        return Err(format!(
            "`ttl_s` is {} to {} seconds, as the template has it: Meta takes it from there, never from a message",
            TTL_S.start(),
            TTL_S.end()
        ));
    }
    match of.pace {
        None | Some(Pace { messages_per_s: Some(1..), packages: None }) => {}
        Some(Pace { messages_per_s: None, packages: Some(packages) })
            if packages.messages > 0 && packages.every_minutes > 0 => {}
        Some(
            Pace { messages_per_s: Some(_), packages: Some(_) }
            | Pace { messages_per_s: None, packages: None },
        ) => {
            return Err("`pace` has `messages_per_s` or `packages`: name one, or leave `pace` out".to_owned());
        }
        Some(_) => return Err("`pace` with a 0 in it would never send anything: write at least 1".to_owned()),
    }
    packages(of, of.numbers.len()).map_or(Ok(()), Err)?;
    if let Some(cap) = of.cap
        && (cap.messages == 0 || !(1..=CAP_DAYS_MAX).contains(&cap.days))
    {
        return Err(format!(
            "`cap` has at least 1 message, and 1 to {CAP_DAYS_MAX} days: with none nobody would be written to"
        ));
    }
    let Brake { failed_percent, opted_out_percent, limited_percent, .. } = of.brake;
    for (name, percent) in [
        ("failed_percent", failed_percent),
        ("opted_out_percent", opted_out_percent),
        ("limited_percent", limited_percent),
    ] {
        if !(percent > 0.0 && percent <= 100.0) {
            return Err(format!("`brake.{name}` is more than 0 and up to 100, where it never brakes"));
        }
    }
    Ok(())
}

/// What is wrong with packages where so many numbers send: each sends its part of every package, and less than one message is
/// no part.
pub(super) fn packages(of: &Campaign, numbers: usize) -> Option<String> {
    let packages = of.pace.and_then(|pace| pace.packages)?;
    ((packages.messages as usize) < numbers).then(|| {
        format!(
            "`pace.packages.messages` is {}, and {numbers} numbers send it, each its part of every package: write at least \
             {numbers}, or name fewer `numbers`",
            packages.messages
        )
    })
}

fn messages(of: &Campaign) -> Result<(), String> {
    if of.messages.len() > MESSAGES_MAX {
        return Err(format!(
            "{} messages are too many: {MESSAGES_MAX} can be tried against each other",
            of.messages.len()
        ));
    }
    for (at, message) in of.messages.iter().enumerate() {
        if message.share_percent == 0 {
            return Err(format!("`messages.{at}.share_percent` is 0: give it a share, or leave it out"));
        }
        for (name, value) in &message.values {
            let why = match value {
                Value::Attribute { name, .. } if name.trim().is_empty() => "the attribute has no name",
                Value::Media { id, .. } if id.trim().is_empty() => "the file has no id: upload it first",
                Value::Media { expires_at: Some(expires_at), .. } if moment(expires_at).is_err() => {
                    "`expires_at` is a time like `2026-12-23T10:00:00Z`"
                }
                Value::Link(link) if !link.starts_with("https://") => {
                    "a link begins with `https://`: Meta fetches it from there"
                }
                _ => continue,
            };
            return Err(format!("`messages.{at}.values.{name}`: {why}"));
        }
    }
    let shares: u32 = of.messages.iter().map(|message| u32::from(message.share_percent)).sum();
    if !of.messages.is_empty() && shares != 100 {
        return Err(format!("the messages' `share_percent` come to {shares}: together they are 100"));
    }
    Ok(())
}

fn at(name: &str, text: Option<&str>) -> Result<Option<consentry_core::time::UnixMs>, String> {
    text.map(moment).transpose().map_err(|why| format!("`{name}`: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: &str, value: serde_json::Value) -> String {
        let mut of = serde_json::json!({
            "name": "n", "account": "a1", "messages": [{"template": "t", "language": "en"}],
        });
        of[change] = value;
        written(&serde_json::from_value(of).unwrap()).unwrap_err()
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_place() {
        use serde_json::json;
        for (member, value, says) in [
            ("name", json!(" "), "`name` has"),
            ("control_percent", json!(51), "`control_percent` is 0 to 50"),
            (
                "schedule",
                json!({"starts_at": "2026-11-27T10:00"}),
                "`schedule.starts_at`: `2026-11-27T10:00` does not say where",
            ),
            (
                "schedule",
                json!({"starts_at": "2026-11-27T10:00:00Z", "ends_at": "2026-11-27T09:00:00Z"}),
                "is not after",
            ),
            ("quiet", json!({"from": "21:00", "until": "21:00"}), "`quiet`: quiet hours"),
            ("ttl_s", json!(5), "`ttl_s` is 30 to"),
            ("pace", json!({}), "`pace` has `messages_per_s` or"),
            ("pace", json!({"messages_per_s": 0}), "`pace` with a 0"),
            ("pace", json!({"packages": {"messages": 0, "every_minutes": 1}}), "`pace` with a 0"),
            ("cap", json!({"messages": 0, "days": 7}), "`cap` has"),
            ("brake", json!({"failed_percent": 0.0}), "`brake.failed_percent`"),
            ("messages", json!([{"template": "t", "language": "en", "share_percent": 60}]), "come to 60"),
            (
                "messages",
                json!([{"template": "t", "language": "en", "values": {"header.media": {"link": "http://x"}}}]),
                "`messages.0.values.header.media`: a link",
            ),
        ] {
            let said = refused(member, value);
            assert!(said.contains(says), "{said}");
        }
        let packages = |messages: u32, numbers: &[&str]| {
            let of = serde_json::json!({
                "name": "n", "account": "a1", "messages": [], "numbers": numbers, "pace": {"packages": {"messages": messages, "every_minutes": 5}},
            });
            written(&serde_json::from_value(of).unwrap())
        };
        let said = packages(2, &["1", "2", "3"]).unwrap_err();
        assert!(said.starts_with("`pace.packages.messages` is 2, and 3 numbers send it"), "{said}");
        assert_eq!((packages(3, &["1", "2", "3"]), packages(1, &[])), (Ok(()), Ok(())));
        assert!(written(&Campaign { name: "only a name".to_owned(), ..Campaign::default() }).is_ok());
    }
}
