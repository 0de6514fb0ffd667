//! Business phone numbers: what they tell, and how they are registered.

use serde_json::{Value, json};

use super::accounts::health;
use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::paging::{page, select};
use super::state::{DAY_MS, HOUR_MS, Number, State};

/// What a number tells without being asked for more.
const NUMBER_FIELDS: [&str; 8] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
    "id",
];
/// Registrations of a number within three days.
const REGISTRATIONS_MAX: usize = 10;
const REGISTRATIONS_MS: i64 = 72 * HOUR_MS;
/// Wrong PINs before no more are taken for a while.
const WRONG_PINS_MAX: u32 = 5;

/// `GET /{waba}/phone_numbers`
pub(crate) fn list(state: &State, ask: &Ask, waba: &str) -> Reply {
    let mut items = Vec::new();
    for number in state.numbers.values().filter(|number| number.waba == waba) {
        let item = select(ask, &node(state, number), &NUMBER_FIELDS, "WhatsAppBusinessPhoneNumber")?;
        items.push((number.id.parse().unwrap_or(u64::MAX), item));
    }
    items.sort_by_key(|(key, _)| *key);
    page(ask, &state.base_url, items)
}

/// `GET /{phone}`
pub(crate) fn one(state: &State, ask: &Ask, number: &Number) -> Reply {
    select(ask, &node(state, number), &NUMBER_FIELDS, "WhatsAppBusinessPhoneNumber")
}

fn node(state: &State, number: &Number) -> Value {
    let app = state.wabas.get(&number.waba).and_then(|waba| waba.subscribed.keys().next().cloned());
    let callback = app.and_then(|app| state.apps.get(&app)?.callback.clone());
    json!({
        "id": number.id,
        "display_phone_number": number.display,
        "verified_name": number.name,
        "code_verification_status": if number.verified { "VERIFIED" } else { "NOT_VERIFIED" },
        "quality_rating": number.quality,
        "platform_type": if number.registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "host_platform": if number.registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "throughput": {"level": if number.throughput_per_s > 80 { "HIGH" } else { "STANDARD" }},
        "webhook_configuration": callback.map_or(json!({}), |to| json!({"application": to})),
        "status": if number.registered { "CONNECTED" } else { "PENDING" },
        "name_status": number.name_status,
        "account_mode": if number.allowed.is_empty() { "LIVE" } else { "SANDBOX" },
        "whatsapp_business_manager_messaging_limit": number.tier,
        "messaging_limit_tier": number.tier,
        "is_official_business_account": false,
        "is_pin_enabled": number.pin.is_some(),
        "health_status": health(state, &number.waba, Some(entity(number))),
    })
}

fn entity(number: &Number) -> Value {
    let mut entity = json!({"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"});
    if !number.registered {
        entity["can_send_message"] = json!("BLOCKED");
        entity["errors"] = json!([{
            "error_code": 141_000,
            "error_description": "The phone number is not registered.",
            "possible_solution": "Register it for the Cloud API.",
        }]);
    } else if number.name_status != "APPROVED" {
        entity["can_send_message"] = json!("LIMITED");
        entity["additional_info"] = json!([
            "Your display name has not been approved yet. Your message limit will increase after the display \
             name is approved."
        ]);
    }
    entity
}

/// `POST /{phone}/register`: the first PIN is set by it, a later one must be the same.
pub(crate) fn register(state: &mut State, ask: &Ask, id: &str) -> Reply {
    let now_ms = state.now_ms;
    let Some(number) = state.numbers.get_mut(id) else { return Err(Refusal::no_object("POST", id)) };
    product(ask)?;
    let pin = pin(ask)?;
    number.registrations.retain(|at_ms| now_ms - at_ms < REGISTRATIONS_MS);
    if number.registrations.len() >= REGISTRATIONS_MAX {
        return Err(Refusal::sending(133_016, "Too many attempts to register this number; try again later"));
    }
    number.registrations.push_back(now_ms);
    if !number.verified {
        return Err(Refusal::sending(133_006, "Phone number needs to be verified before registering"));
    }
    if number.wrong_pins >= WRONG_PINS_MAX {
        // Half a day without a guess opens the door again.
        if number.registrations.iter().rev().nth(1).is_some_and(|last| now_ms - last < DAY_MS / 2) {
            return Err(Refusal::sending(133_008, "Try again in 12 hours"));
        }
        number.wrong_pins = 0;
    }
    if number.pin.as_ref().is_some_and(|own| *own != pin) {
        number.wrong_pins += 1;
        return Err(Refusal::sending(133_005, "Two-step verification PIN incorrect"));
    }
    number.wrong_pins = 0;
    number.pin = Some(pin);
    number.registered = true;
    Ok(json!({"success": true}))
}

/// `POST /{phone}/deregister`
pub(crate) fn deregister(state: &mut State, id: &str) -> Reply {
    let Some(number) = state.numbers.get_mut(id) else { return Err(Refusal::no_object("POST", id)) };
    if !std::mem::replace(&mut number.registered, false) {
        let text = "Phone number not registered on the WhatsApp Business Platform.";
        return Err(Refusal::plain(400, 100, text).with_subcode(2_207_051));
    }
    Ok(json!({"success": true}))
}

/// `POST /{phone}`: another PIN.
pub(crate) fn change(state: &mut State, ask: &Ask, id: &str) -> Reply {
    let pin = pin(ask)?;
    let Some(number) = state.numbers.get_mut(id) else { return Err(Refusal::no_object("POST", id)) };
    number.pin = Some(pin);
    Ok(json!({"success": true}))
}

/// Every body about WhatsApp says so.
pub(crate) fn product(ask: &Ask) -> Result<(), Refusal> {
    match ask.required("messaging_product")?.as_str() {
        "whatsapp" => Ok(()),
        _ => Err(Refusal::parameter("Param messaging_product must be one of {WHATSAPP}")),
    }
}

fn pin(ask: &Ask) -> Result<String, Refusal> {
    let pin = ask.required("pin")?;
    match pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(pin),
        false => Err(Refusal::parameter("Param pin must be a 6-digit number")),
    }
}
