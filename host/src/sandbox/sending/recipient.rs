//! Whom a message is for: a phone number or a business-scoped user id.

use super::super::answer::Refusal;
use super::super::ask::Ask;
use super::super::people;
use super::super::state::{Number, State, digits};

/// Digits of a number with its country code.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Country codes, longest first where one begins another.
const DIAL_CODES: [&str; 20] = [
    "971", "966", "90", "49", "44", "39", "34", "33", "31", "20", "27", "52", "54", "55", "57", "62", "81",
    "91", "7", "1",
];

/// A recipient that can be written to.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    /// As it was given.
    pub(crate) input: String,
    /// As WhatsApp knows the number.
    pub(crate) wa_id: String,
    /// Who it is, here.
    pub(crate) person: String,
    pub(crate) by_user_id: bool,
}

/// The recipient of a message. A number wins over a user id.
pub(crate) fn of(state: &mut State, ask: &Ask, number: &Number) -> Result<Recipient, Refusal> {
    if ask.text("recipient_type").is_some_and(|kind| kind != "individual") {
        return Err(Refusal::sending(
            131_009,
            "The sandbox has no groups: recipient_type must be individual",
        ));
    }
    let given = ask.text("to").filter(|text| !text.trim().is_empty());
    let Some(input) = given else {
        let user_id = ask.text("recipient").filter(|text| !text.trim().is_empty());
        let user_id = user_id.ok_or_else(|| Refusal::parameter("The parameter to is required."))?;
        let person = people::by_user_id(state, &user_id).ok_or_else(|| {
            Refusal::sending(131_009, "Recipient is not a business-scoped user id of this portfolio")
        })?;
        return Ok(Recipient { input: user_id, wa_id: String::new(), person, by_user_id: true });
    };
    let strange = |ch: char| !(ch.is_ascii_digit() || matches!(ch, '+' | ' ' | '-' | '(' | ')' | '.'));
    let full = with_country(&input, number);
    if input.contains(strange) || !DIGITS.contains(&full.len()) || full.starts_with('0') {
        return Err(Refusal::sending(131_009, format!("{input} is not a phone number with country code")));
    }
    if full == number.digits() {
        return Err(Refusal::sending(131_021, "Sender and recipient are the same number"));
    }
    let same = |allowed: &String| digits(allowed) == full;
    if !number.allowed.is_empty() && !number.allowed.iter().any(same) {
        let text = "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.";
        return Err(Refusal::sending(131_030, text).with_subcode(2_655_007));
    }
    if number.restricted.iter().any(|country| full.starts_with(&digits(country))) {
        return Err(Refusal::sending(130_497, "Messages to this country are not allowed for this account"));
    }
    let wa_id = known_as(&full);
    Ok(Recipient { input, person: wa_id.clone(), wa_id, by_user_id: false })
}

/// A number without `+` that does not begin with the sender's country code gets it, as Meta does it to everybody who
/// leaves the `+` out. Whether Meta also does so to a number that has it is not documented; here it stays.
fn with_country(input: &str, number: &Number) -> String {
    let own = number.digits();
    let code = DIAL_CODES.iter().find(|code| own.starts_with(**code)).copied().unwrap_or_default();
    let given = digits(input);
    if input.trim_start().starts_with('+') || given.starts_with(code) || given.len() > 10 {
        return given;
    }
    format!("{code}{given}")
}

/// WhatsApp knows some people by older forms: Mexicans with a 1, Argentines with a 9, Brazilians outside of the
/// south-east without their ninth digit.
pub(crate) fn known_as(full: &str) -> String {
    match (full.get(..2), full.len()) {
        (Some("52"), 12) if full.get(2..3) != Some("1") => format!("521{}", &full[2..]),
        (Some("54"), 12) if full.get(2..3) != Some("9") => format!("549{}", &full[2..]),
        (Some("55"), 13)
            if full.get(4..5) == Some("9") && full.get(2..4).is_some_and(|area| area >= "31") =>
        {
            format!("{}{}", &full[..4], &full[5..])
        }
        _ => full.to_owned(),
    }
}
