//! What is there when nobody says otherwise: an app, the account "Sandbox Shop" with two numbers, six templates in two
//! languages and several statuses.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::agenda::Agenda;
use super::auth::SCOPES;
use super::chance::Chance;
use super::config::{AppRecord, NumberRecord, Scenario, WabaRecord};
use super::state::{App, Number, State, Tally, Token, Waba};
use super::template::{Template, capitalised};

/// The example app.
pub const APP_ID: &str = "634974688087057";
/// Its secret.
pub const APP_SECRET: &str = "sandbox-app-secret";
/// The token of its system user.
pub const TOKEN: &str = "EAAsandboxtoken";
/// "Sandbox Shop".
pub const WABA_ID: &str = "102290129340398";
/// Its first number.
pub const NUMBER_ID: &str = "106540352242922";
/// Its second number, which is not registered yet.
pub const SECOND_NUMBER_ID: &str = "106540352242923";

/// Everything as it is at the start.
pub(crate) fn state(scenario: Scenario, base_url: &str, now_ms: i64) -> State {
    let chance = Chance::of(scenario.seed);
    let mut state = State {
        now_ms,
        chance,
        base_url: base_url.to_owned(),
        business: chance.id("business", "", 0).to_string(),
        apps: apps(&scenario).into_iter().map(|app| (app.id.clone(), app)).collect(),
        tokens: BTreeMap::new(),
        codes: BTreeMap::new(),
        wabas: BTreeMap::new(),
        numbers: numbers(&scenario).into_iter().map(|number| (number.id.clone(), number)).collect(),
        templates: BTreeMap::new(),
        graves: BTreeMap::new(),
        people: BTreeMap::new(),
        messages: BTreeMap::new(),
        media: BTreeMap::new(),
        uploads: BTreeMap::new(),
        agenda: Agenda::default(),
        deliveries: BTreeMap::new(),
        faults: scenario.fault.clone(),
        calls: 0,
        made: 0,
        tally: Tally::default(),
        scenario,
    };
    accounts(&mut state);
    tokens(&mut state);
    templates(&mut state);
    state
}

fn apps(scenario: &Scenario) -> Vec<App> {
    let example = [AppRecord {
        id: APP_ID.to_owned(),
        name: "Sandbox App".to_owned(),
        secret: APP_SECRET.to_owned(),
        requires_proof: false,
        callback: None,
    }];
    let records = if scenario.app.is_empty() { &example[..] } else { &scenario.app };
    let app = |record: &AppRecord| App {
        id: record.id.clone(),
        name: record.name.clone(),
        secret: record.secret.clone(),
        requires_proof: record.requires_proof,
        callback: record.callback.clone(),
        fields: Vec::new(),
    };
    records.iter().map(app).collect()
}

fn accounts(state: &mut State) {
    let example = [WabaRecord {
        id: WABA_ID.to_owned(),
        name: "Sandbox Shop".to_owned(),
        verified: true,
        marketing_disabled: false,
        pacing: false,
    }];
    let records = if state.scenario.waba.is_empty() { &example[..] } else { &state.scenario.waba };
    // An app whose callback stands in the scenario is subscribed from the start.
    let subscribed: BTreeMap<String, Option<String>> =
        state.apps.values().filter(|app| app.callback.is_some()).map(|app| (app.id.clone(), None)).collect();
    for record in records {
        let waba = Waba {
            id: record.id.clone(),
            name: record.name.clone(),
            verified: record.verified,
            marketing_disabled: record.marketing_disabled,
            pacing: record.pacing,
            subscribed: subscribed.clone(),
            ..Waba::default()
        };
        state.wabas.insert(waba.id.clone(), waba);
    }
}

fn numbers(scenario: &Scenario) -> Vec<Number> {
    let example = |id: &str, display: &str, name: &str, registered: bool| NumberRecord {
        id: id.to_owned(),
        waba: WABA_ID.to_owned(),
        display: display.to_owned(),
        name: name.to_owned(),
        tier: "TIER_2K".to_owned(),
        throughput_per_s: 80,
        quality: "GREEN".to_owned(),
        name_status: "APPROVED".to_owned(),
        registered,
        pin: registered.then(|| "123456".to_owned()),
        verified: true,
        allowed: Vec::new(),
        restricted: Vec::new(),
    };
    let examples = [
        example(NUMBER_ID, "+1 555-078-3881", "Sandbox Shop", true),
        example(SECOND_NUMBER_ID, "+90 530 111 22 33", "Sandbox Shop Türkiye", false),
    ];
    let records = if scenario.number.is_empty() { &examples[..] } else { &scenario.number };
    let number = |record: &NumberRecord| Number {
        id: record.id.clone(),
        waba: record.waba.clone(),
        display: record.display.clone(),
        name: record.name.clone(),
        tier: record.tier.clone(),
        throughput_per_s: record.throughput_per_s,
        quality: record.quality.clone(),
        name_status: record.name_status.clone(),
        registered: record.registered,
        verified: record.verified,
        pin: record.pin.clone(),
        allowed: record.allowed.clone(),
        restricted: record.restricted.clone(),
        registrations: VecDeque::new(),
        wrong_pins: 0,
        bucket: (i64::from(record.throughput_per_s) * 1000, 0),
    };
    records.iter().map(number).collect()
}

fn tokens(state: &mut State) {
    let now_ms = state.now_ms;
    let first = state.apps.keys().next().cloned().unwrap_or_default();
    let all = || SCOPES.map(str::to_owned).to_vec();
    let example =
        Token { app: first.clone(), scopes: all(), wabas: Vec::new(), issued_ms: now_ms, expires_ms: None };
    state.tokens.insert(TOKEN.to_owned(), example);
    for record in &state.scenario.token {
        let token = Token {
            app: record.app.clone().unwrap_or_else(|| first.clone()),
            scopes: record.scopes.clone().unwrap_or_else(all),
            wabas: record.wabas.clone(),
            issued_ms: now_ms,
            expires_ms: record.expires_ms.map(|after_ms| now_ms.saturating_add(after_ms)),
        };
        state.tokens.insert(record.value.clone(), token);
    }
}

/// Those of the scenario, or the six examples in the first account.
fn templates(state: &mut State) {
    let documents =
        if state.scenario.template.is_empty() { examples() } else { state.scenario.template.clone() };
    let first = state.wabas.keys().next().cloned().unwrap_or_default();
    for document in documents {
        let text = |name: &str, or: &str| document[name].as_str().unwrap_or(or).to_owned();
        let components = document["components"].as_array().into_iter().flatten().map(capitalised).collect();
        let template = Template {
            id: state.new_id("template"),
            waba: text("waba", &first),
            name: text("name", "unnamed"),
            language: text("language", "en_US"),
            category: text("category", "UTILITY"),
            status: text("status", "APPROVED"),
            components,
            named: text("parameter_format", "").eq_ignore_ascii_case("named"),
            quality: text("quality", "GREEN"),
            quality_ms: state.now_ms,
            rejected_reason: document["rejected_reason"].as_str().map(str::to_owned),
            previous_category: document["previous_category"].as_str().map(str::to_owned),
            correct_category: None,
            extra: serde_json::Map::new(),
            edits: VecDeque::new(),
            revision: 0,
            pauses: u32::from(document["status"] == "PAUSED"),
            sent: 0,
            before_archive: None,
        };
        state.templates.insert(template.id, template);
    }
}

fn examples() -> Vec<Value> {
    vec![
        json!({"name": "order_confirmation", "language": "en_US", "category": "UTILITY", "components": [
            {"type": "BODY", "text": "Hi {{1}}! Your order {{2}} is confirmed and on its way to you. Thank you for shopping with us.",
             "example": {"body_text": [["Sarah", "A-1042"]]}},
            {"type": "FOOTER", "text": "Sandbox Shop"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Track order", "url": "https://shop.example.com/t/{{1}}", "example": ["https://shop.example.com/t/A-1042"]},
            ]},
        ]}),
        json!({"name": "spring_sale", "language": "en_US", "category": "MARKETING", "parameter_format": "NAMED", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Our spring sale is on"},
            {"type": "BODY", "text": "Hello {{first_name}}, everything in our garden department is 20% off until {{last_day}}. Come and have a look!",
             "example": {"body_text_named_params": [
                {"param_name": "first_name", "example": "Sarah"}, {"param_name": "last_day", "example": "Sunday"}]}},
            {"type": "FOOTER", "text": "Tap the button to stop promotions"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop promotions"}]},
        ]}),
        json!({"name": "spring_sale", "language": "ar", "category": "MARKETING", "parameter_format": "NAMED", "status": "PENDING", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "تخفيضات الربيع بدأت"},
            {"type": "BODY", "text": "مرحبا {{first_name}}، كل نباتات الحديقة لدينا بخصم ٢٠٪ حتى يوم {{last_day}}. أهلا وسهلا بك في متجرنا!",
             "example": {"body_text_named_params": [
                {"param_name": "first_name", "example": "سارة"}, {"param_name": "last_day", "example": "الأحد"}]}},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "إيقاف العروض"}]},
        ]}),
        json!({"name": "delivery_update", "language": "ar", "category": "UTILITY", "components": [
            {"type": "BODY", "text": "مرحبا {{1}}، طلبك رقم {{2}} في الطريق إليك وسيصل اليوم. شكرا لتسوقك معنا.",
             "example": {"body_text": [["سارة", "A-1042"]]}},
        ]}),
        json!({"name": "login_code", "language": "en_US", "category": "AUTHENTICATION", "components": [
            {"type": "BODY", "add_security_recommendation": true},
            {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]},
        ]}),
        json!({"name": "win_back", "language": "en_US", "category": "MARKETING", "status": "REJECTED", "rejected_reason": "INVALID_FORMAT", "quality": "UNKNOWN", "components": [
            {"type": "BODY", "text": "We miss you, {{1}}! Come back to our shop\n\n\n\nand find something new this week.",
             "example": {"body_text": [["Sarah"]]}},
        ]}),
    ]
}
