//! How everything stands, judged: what is good, what somebody should look at, and what they should act on, with what helps.
//! It goes by what the host has stored or measured itself, asks nobody, and changes nothing.

use consentry_core::time::UnixMs;

use crate::wire::health::v1::{FindingDocument, HealthDocument};

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long people's own words may wait: acting on them takes milliseconds.
const CONSENT_WAIT_MS_MAX: i64 = MINUTE_MS;
/// How long anything else may wait.
const REST_WAIT_MS_MAX: i64 = 5 * MINUTE_MS;
/// How long an import may take; a million rows take seconds.
const IMPORT_MS_MAX: i64 = 30 * MINUTE_MS;
/// When it is time to think of another token.
const TOKEN_ENDS_MS: i64 = 14 * DAY_MS;
/// How old the last backup may be.
const BACKUP_MS_MAX: i64 = 7 * DAY_MS;
/// What has to be free on the disk, and what should be.
const FREE_BYTES_MIN: u64 = 1 << 30;
const FREE_BYTES_GOOD: u64 = 5 << 30;
/// From here on the day's limit is nearly used, in percent.
const LIMIT_PERCENT_NEAR: u64 = 80;

/// `look` and `act`, as machines read them.
pub const LOOK: &str = "look";
/// See [`LOOK`].
pub const ACT: &str = "act";
/// Nothing is to be seen to.
pub const GOOD: &str = "good";

/// Everything that is ever found: its code, how bad it is, what it is and what helps. Answers, the description of the API and
/// the panel's words are held to it by tests.
pub const FINDINGS: [(&str, &str, &str, &str); 24] = [
    (
        "opt-outs-wait",
        ACT,
        "people's own words about consent wait to be acted on",
        "Nobody is written to whose word waits. The server's log says what is in the way; restarting it tries again.",
    ),
    (
        "edge-away",
        ACT,
        "the edge worker cannot be read",
        "Campaigns wait until it can. See whether its address and its handover secret are right.",
    ),
    (
        "webhook-off",
        ACT,
        "Meta does not send what happens to this account",
        "Connect the account again: that subscribes to its webhooks.",
    ),
    (
        "token-ended",
        ACT,
        "the account's token has ended",
        "Make a new one in Meta's Business settings and connect the account with it.",
    ),
    (
        "account-trouble",
        ACT,
        "the account needs somebody's care",
        "Connect it again; each step says what is missing.",
    ),
    (
        "account-blocked",
        ACT,
        "Meta lets the account send nothing",
        "Meta's WhatsApp Manager says why, and what lifts it.",
    ),
    (
        "number-blocked",
        ACT,
        "the number cannot send",
        "Register it, or see in Meta's WhatsApp Manager what is in the way.",
    ),
    (
        "quality-low",
        ACT,
        "people block or report this number often",
        "Send less and to fewer people, to those who answer or opted in lately; Meta lowers what it allows otherwise.",
    ),
    (
        "limit-used",
        LOOK,
        "Meta's limit of new people for the day is used up",
        "Campaigns go on by themselves when the day is over. Good quality raises the limit.",
    ),
    (
        "campaign-stopped",
        ACT,
        "a campaign was stopped, and not by a person",
        "See why on its page, mend that, and let it go on.",
    ),
    ("campaign-stuck", ACT, "a campaign runs and cannot send", "Its page says what it waits for."),
    ("disk-full", ACT, "the disk is nearly full", "Make room: nothing more can be taken in when it is full."),
    (
        "edge-behind",
        LOOK,
        "the edge worker still hands over what came while this server was down",
        "Campaigns begin when it is all here.",
    ),
    ("events-wait", LOOK, "what Meta told waits to be acted on", "The server's log says what is in the way."),
    (
        "webhook-silent",
        LOOK,
        "Meta has not told anything yet",
        "Set the address and the verify token in the app's dashboard, and send its test.",
    ),
    (
        "token-ends",
        LOOK,
        "the account's token ends soon",
        "A system user's token can be made without an end; connect the account with one.",
    ),
    (
        "pull-failed",
        LOOK,
        "templates, quality and limits could not be pulled",
        "What is shown may be old. Pull again, or check the token.",
    ),
    ("account-limited", LOOK, "Meta limits what the account sends", "Meta's WhatsApp Manager says why."),
    (
        "quality-medium",
        LOOK,
        "the quality of this number has gone down",
        "Watch how many opt out of what you send next.",
    ),
    ("name-waits", LOOK, "Meta has not approved the number's name", "People see the bare number meanwhile."),
    (
        "limit-near",
        LOOK,
        "most of Meta's limit of new people for the day is used",
        "What is left goes to the campaigns that run; the rest goes on by itself.",
    ),
    ("import-slow", LOOK, "an import has been under way for long", "The list of imports says how far it is."),
    (
        "disk-low",
        LOOK,
        "the disk fills up",
        "Make room before it is full; the folder `uploads` is the largest part, and it is evidence.",
    ),
    (
        "backup-old",
        LOOK,
        "there is no backup of the last seven days",
        "Run `consentry store backup FOLDER`; the server may go on meanwhile.",
    ),
];

/// What a finding is about.
#[derive(Default)]
struct About<'a> {
    account: Option<&'a str>,
    number: Option<&'a str>,
    campaign: Option<&'a str>,
    said: Option<String>,
}

/// Judges a document: puts its findings and its state in.
///
/// `paused` says of each campaign that was stopped, and not by a person, in which words; `troubles` the same of accounts.
pub fn judge(of: &mut HealthDocument, now: UnixMs, told: &Told) {
    let mut found = Vec::new();
    inbox(of, now, &mut found);
    accounts(of, now, told, &mut found);
    campaigns(of, told, &mut found);
    let import = of.imports.oldest_at.as_deref();
    if age(import, now).is_some_and(|age| age > IMPORT_MS_MAX) {
        found.push(finding("import-slow", About::default()));
    }
    let store = &of.store;
    match store.free_bytes {
        Some(free) if free < FREE_BYTES_MIN => found.push(finding("disk-full", About::default())),
        Some(free) if free < FREE_BYTES_GOOD => found.push(finding("disk-low", About::default())),
        _ => {}
    }
    // What is in the sandbox is an example, and what nobody is in needs no copy.
    let is_real = store.kind == "folder" && store.people > 0 && !of.accounts.iter().any(|of| of.sandbox);
    if is_real && age(store.backed_up_at.as_deref(), now).is_none_or(|age| age > BACKUP_MS_MAX) {
        found.push(finding("backup-old", About::default()));
    }
    found.sort_by_key(|finding: &FindingDocument| finding.state != ACT);
    of.state = found.first().map_or(GOOD, |worst| worst.state);
    of.findings = found;
}

/// What is known of accounts and campaigns beside what is shown of them.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Accounts that need somebody's care, and why.
    pub troubles: Vec<(String, String)>,
    /// Accounts whose last pull failed, and why.
    pub not_pulled: Vec<(String, String)>,
    /// Campaigns that were stopped, and not by a person, and why.
    pub stopped: Vec<(String, String)>,
}

fn said<'a>(of: &'a [(String, String)], id: &str) -> Option<&'a str> {
    of.iter().find(|(own, _)| own == id).map(|(_, why)| why.as_str())
}

fn inbox(of: &HealthDocument, now: UnixMs, found: &mut Vec<FindingDocument>) {
    let inbox = &of.inbox;
    let late = |oldest: &Option<String>, most| age(oldest.as_deref(), now).is_some_and(|age| age > most);
    if late(&inbox.consent.oldest_at, CONSENT_WAIT_MS_MAX) {
        found.push(finding("opt-outs-wait", About::default()));
    }
    if late(&inbox.rest.oldest_at, REST_WAIT_MS_MAX) {
        found.push(finding("events-wait", About::default()));
    }
    match &inbox.edge {
        Some(edge) if edge.trouble.is_some() => {
            found.push(finding("edge-away", About { said: edge.trouble.clone(), ..About::default() }));
        }
        Some(edge) if !edge.drained => found.push(finding("edge-behind", About::default())),
        _ => {}
    }
}

fn accounts(of: &HealthDocument, now: UnixMs, told: &Told, found: &mut Vec<FindingDocument>) {
    for account in &of.accounts {
        let id = account.account.as_str();
        let about = |said: Option<&str>| About {
            account: Some(id),
            said: Some(said.unwrap_or(&account.name).to_owned()),
            ..About::default()
        };
        let mut say = |code, said| found.push(finding(code, about(said)));
        if let Some(why) = said(&told.troubles, id) {
            say("account-trouble", Some(why));
        }
        if !account.subscribed {
            say("webhook-off", None);
        } else if of.inbox.last.is_none() && !account.sandbox {
            say("webhook-silent", None);
        }
        match account.token_ends_at.as_deref().and_then(moment) {
            Some(end) if end <= now.0 => say("token-ended", None),
            Some(end) if end - now.0 < TOKEN_ENDS_MS => say("token-ends", None),
            _ => {}
        }
        match account.can_send.as_deref() {
            Some("BLOCKED") => say("account-blocked", None),
            Some("LIMITED") => say("account-limited", None),
            _ => {}
        }
        if let Some(why) = said(&told.not_pulled, id) {
            say("pull-failed", Some(why));
        }
        let sends = account.numbers.iter().any(|number| number.status.as_deref() == Some("CONNECTED"));
        for number in &account.numbers {
            let about = || About {
                account: Some(id),
                number: Some(&number.id),
                said: Some(number.display.clone()),
                ..About::default()
            };
            let mut say = |code| found.push(finding(code, about()));
            // `FLAGGED` sends on; its quality tells. One that was never registered is in nobody's way beside one that sends.
            let is_spare = |status: &str| sends && matches!(status, "PENDING" | "UNVERIFIED");
            let blocked = |status: &str| !matches!(status, "CONNECTED" | "FLAGGED") && !is_spare(status);
            if number.status.as_deref().is_some_and(blocked) {
                say("number-blocked");
            }
            match number.quality.as_deref() {
                Some("RED") => say("quality-low"),
                Some("YELLOW") => say("quality-medium"),
                _ => {}
            }
            let named = ["APPROVED", "AVAILABLE_WITHOUT_REVIEW", "NON_EXISTS", "NONE"];
            if number.name_status.as_deref().is_some_and(|status| !named.contains(&status)) {
                say("name-waits");
            }
            match number.people_per_day {
                Some(most) if of.reached_today >= most => say("limit-used"),
                Some(most) if of.reached_today * 100 >= most * LIMIT_PERCENT_NEAR => say("limit-near"),
                _ => {}
            }
        }
    }
}

fn campaigns(of: &HealthDocument, told: &Told, found: &mut Vec<FindingDocument>) {
    for campaign in &of.campaigns {
        let id = campaign.campaign.as_str();
        let mut say = |code, said: &str| {
            let said = Some(said.to_owned());
            found.push(finding(code, About { campaign: Some(id), said, ..About::default() }));
        };
        if let Some(why) = said(&told.stopped, id) {
            say("campaign-stopped", &format!("{}: {why}", campaign.name));
        }
        // The other things it may wait for pass by themselves.
        let waits =
            campaign.waits.as_ref().filter(|waits| matches!(waits.what, "number" | "account" | "edge"));
        if let Some(waits) = waits {
            say("campaign-stuck", &format!("{}: {}", campaign.name, waits.text));
        }
    }
}

fn finding(code: &'static str, about: About<'_>) -> FindingDocument {
    let row = FINDINGS.iter().find(|(known, ..)| *known == code);
    let (_, state, text, cure) = *row.expect("every code that is said stands in the table");
    let owned = |text: Option<&str>| text.map(str::to_owned);
    FindingDocument {
        state,
        code,
        text: text.to_owned(),
        cure,
        account: owned(about.account),
        number: owned(about.number),
        campaign: owned(about.campaign),
        said: about.said,
    }
}

/// How long ago, in milliseconds.
fn age(at: Option<&str>, now: UnixMs) -> Option<i64> {
    Some(now.0 - moment(at?)?)
}

fn moment(at: &str) -> Option<i64> {
    UnixMs::parse(at).map(|at| at.0)
}
