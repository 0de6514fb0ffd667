//! `GET /l/{token}`: where links of messages lead on from. People come from outside and under any host name, so it answers
//! nothing but redirects to what stands in the ledger, sets no cookie, and keeps no address and no number of anybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

use super::App;
use crate::campaigns::clicks::Clicks;
pub(super) use crate::campaigns::links::PATH;
use crate::campaigns::links::{Lead, Link, lead};
use crate::store::TenantId;

const T: TenantId = TenantId::DEFAULT;
/// Links that are looked up at once; more wait their turn.
const ROOM: usize = 32;
/// How long somebody waits for a turn.
const TURN: Duration = Duration::from_secs(3);
/// How long somebody waits until the tap is durable. It is counted all the same.
const DURABLE: Duration = Duration::from_millis(250);
/// Links that are remembered: who taps again asks the ledger for nothing, also where it cannot be asked just now.
const KNOWN_MAX: usize = 20_000;
/// Who is led on and not counted.
static FETCHERS: &str = include_str!("../campaigns/fetchers.tsv");

/// What answers links.
pub(super) struct Links {
    clicks: Arc<Clicks>,
    room: Semaphore,
    /// Where links lead, and whether their tap is durable: those of late, and those before them.
    known: Mutex<[HashMap<Link, (String, bool)>; 2]>,
}

impl Links {
    pub(super) fn new(clicks: Arc<Clicks>) -> Arc<Links> {
        Arc::new(Links { clicks, room: Semaphore::new(ROOM), known: Mutex::default() })
    }

    fn known(&self, link: Link) -> Option<(String, bool)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find_map(|known| known.get(&link).cloned())
    }

    fn remember(&self, link: Link, location: &str, is_counted: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known[0].len() >= KNOWN_MAX / 2 {
            known[1] = std::mem::take(&mut known[0]);
        }
        known[0].insert(link, (location.to_owned(), is_counted));
    }
}

/// Leads on. Any other method than GET and HEAD is refused by the router.
pub(super) async fn follow(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Response {
    let Ok(Path(token)) = token else { return nowhere() };
    let (room, vault) = (app.campaigns.clone(), app.desk.vault.clone());
    let key = match room.links.known(T) {
        Some(key) => key,
        // The first since the start, or there is none: who asks for anything by chance makes no key.
        None => {
            let Ok(Ok(_turn)) = tokio::time::timeout(TURN, app.links.room.acquire()).await else {
                return later();
            };
            let keys = room.links.clone();
            match tokio::task::spawn_blocking(move || keys.find(&vault, T)).await {
                Ok(Ok(Some(key))) => key,
                Ok(Ok(None)) => return nowhere(),
                _ => return later(),
            }
        }
    };
    let Some(link) = key.read(T, &token) else { return nowhere() };
    let is_person = method == Method::GET && !is_fetched(&headers);
    let known = app.links.known(link);
    if let Some((location, is_counted)) = &known
        && (*is_counted || !is_person)
    {
        return to(location);
    }
    let found = {
        let Ok(Ok(_turn)) = tokio::time::timeout(TURN, app.links.room.acquire()).await else {
            return later();
        };
        let at = room.clone();
        tokio::task::spawn_blocking(move || lead(&at, T, link)).await
    };
    let found = match (found, known) {
        (Ok(Ok(found)), _) => found,
        (_, Some((location, _))) => Some(Lead { location, is_news: true }),
        _ => return later(),
    };
    let Some(Lead { location, is_news }) = found else { return nowhere() };
    let mut is_counted = !is_news;
    if let (true, true, Link::Sent { send, .. }) = (is_person, is_news, link) {
        let durable = app.links.clicks.count(send, app.desk.clock.now());
        is_counted = matches!(tokio::time::timeout(DURABLE, durable).await, Ok(Ok(())));
    }
    app.links.remember(link, &location, is_counted);
    to(&location)
}

/// A link without its token.
pub(super) async fn nothing() -> Response {
    nowhere()
}

/// Whether it is a program that fetches: a preview, a scanner, a browser that loads ahead.
fn is_fetched(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ahead = ["purpose", "sec-purpose", "x-purpose", "x-moz"];
    let loads_ahead =
        ahead.iter().any(|name| said(name).contains("prefetch") || said(name).contains("preview"));
    let agent = said("user-agent").to_ascii_lowercase();
    let lines = FETCHERS.lines().filter(|line| !line.starts_with('#'));
    let mut marks = lines.filter_map(|line| line.split('\t').next());
    let is_fetcher = |mark: &str| match mark.strip_prefix('^') {
        Some(mark) => agent.starts_with(mark),
        None => agent.contains(mark),
    };
    loads_ahead || agent.trim().is_empty() || marks.any(is_fetcher)
}

fn to(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else { return nowhere() };
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    quiet(response)
}

fn nowhere() -> Response {
    let text = "This link leads nowhere. Perhaps a part of it is missing.\nBu bağlantı bir yere çıkmıyor. Belki bir parçası eksik.\n";
    quiet((StatusCode::NOT_FOUND, text).into_response())
}

fn later() -> Response {
    let text = "This link cannot be opened just now. Please try again in a moment.\nBu bağlantı şu anda açılamıyor. Lütfen birazdan yeniden deneyin.\n";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    quiet(response)
}

/// Nobody keeps the answer; where it came from is nobody's business either, and every answer says so.
fn quiet(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        let is_fetched = |agent: &str| {
            let agent = HeaderValue::from_str(agent).unwrap();
            is_fetched(&HeaderMap::from_iter([(header::USER_AGENT, agent)]))
        };
        for person in [
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0]",
            "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 WhatsApp/2.24.20",
        ] {
            assert!(!is_fetched(person), "{person}");
        }
        for program in [
            "",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "WhatsApp/2.23.20.0 A",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "TelegramBot (like TwitterBot)",
            "curl/8.5.0",
        ] {
            assert!(is_fetched(program), "{program}");
        }
        let ahead = HeaderMap::from_iter([
            (header::USER_AGENT, HeaderValue::from_static("Mozilla/5.0")),
            (header::HeaderName::from_static("sec-purpose"), HeaderValue::from_static("prefetch;prerender")),
        ]);
        assert!(super::is_fetched(&ahead));
    }
}
