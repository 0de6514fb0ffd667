//! Which door needs which right. [`TABLE`] is the one place that says so: requests are let in by it, docs/access.md is
//! rendered from it, and a test asks every door as every role. A route that does not stand here is closed.
//!
//! Who somebody is, is read from their credential and from nothing else: an API key in `authorization`, or the cookie of
//! a session, which for writes needs a header that no form of another site can send.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;

use crate::access::audit::Deed;
use crate::access::oidc::HANDSHAKE_S_MAX;
use crate::access::session::From;
use crate::access::{Access, Right, Rights, Who};
use crate::store::TenantId;

use super::ending::Ending;
use super::guard::Origins;
use super::problem::{Problem, blocking};
use super::proxy::{self, Network};

const T: TenantId = TenantId::DEFAULT;
/// Before every path of the table.
pub(super) const PREFIX: &str = "/api/v1";
/// What the panel sends with every write: another site's form cannot.
pub(super) const PAGE_HEADER: &str = "x-consentry-page";
/// The cookie of a session where it never leaves TLS, and where it never leaves the machine.
const SECURE_COOKIE: &str = "__Host-consentry";
const LOCAL_COOKIE: &str = "consentry";
/// How often it is looked whether whoever listens to events still may.
const ALLOWED_EVERY: Duration = Duration::from_secs(2);

/// What a door needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: what makes signing in possible.
    Nothing,
    /// Somebody, whoever they are.
    Somebody,
    /// This right.
    Of(Right),
}

/// A door.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// Method.
    pub method: &'static str,
    /// Path below `/api/v1`, as it is routed.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What the audit calls it; empty where the audit does not tell of it.
    pub verb: &'static str,
}

const fn door(method: &'static str, path: &'static str, needs: Needs, verb: &'static str) -> Door {
    Door { method, path, needs, verb }
}

const fn look(path: &'static str) -> Door {
    door("GET", path, Of(Look), "")
}

use Needs::{Nothing, Of, Somebody};
use Right::{
    Access as MayAccess, Accounts, Approve, Audit, Campaigns, Erase, Export, Import, Look, OptOut, Send,
    Stop, Templates,
};

/// Every door of the API.
pub const TABLE: &[Door] = &[
    door("GET", "/session", Nothing, ""),
    door("POST", "/session", Nothing, "session.sign-in"),
    door("DELETE", "/session", Somebody, "session.sign-out"),
    door("POST", "/session/welcome", Nothing, ""),
    door("POST", "/session/arrive", Nothing, "person.arrive"),
    door("POST", "/session/provider", Nothing, ""),
    door("POST", "/session/provider/arrive", Nothing, "session.sign-in"),
    door("GET", "/account/sessions", Somebody, ""),
    door("DELETE", "/account/sessions/{session}", Somebody, "session.end"),
    door("PUT", "/account/password", Somebody, "person.password"),
    door("POST", "/account/recovery", Somebody, "person.recovery"),
    door("GET", "/people", Of(MayAccess), ""),
    door("POST", "/people", Of(MayAccess), "person.invite"),
    door("PUT", "/people/{person}", Of(MayAccess), "person.change"),
    door("POST", "/people/{person}/link", Of(MayAccess), "person.reset"),
    door("GET", "/keys", Of(MayAccess), ""),
    door("POST", "/keys", Of(MayAccess), "key.create"),
    door("DELETE", "/keys/{key}", Of(MayAccess), "key.revoke"),
    door("GET", "/audit", Of(Audit), ""),
    door("GET", "/audit/verify", Of(Audit), ""),
    door("GET", "/version", Somebody, ""),
    door("GET", "/sample", Nothing, ""),
    door("GET", "/openapi.json", Nothing, ""),
    look("/imports"),
    door("POST", "/imports", Of(Import), "import.upload"),
    look("/imports/{import}"),
    look("/imports/{import}/events"),
    door("POST", "/imports/{import}/undo", Of(Import), "import.undo"),
    look("/profiles"),
    look("/profiles/{profile}"),
    door("PUT", "/profiles/{profile}/attributes", Of(Import), "people.attributes"),
    look("/profiles/{profile}/erasure"),
    door("POST", "/profiles/{profile}/erasure", Of(Erase), "people.erase"),
    look("/explain"),
    door("GET", "/evidence", Of(Export), "people.evidence"),
    door("GET", "/evidence/key", Somebody, ""),
    door("POST", "/evidence/verify", Somebody, ""),
    door("GET", "/export", Of(Export), "people.export"),
    door("POST", "/opt-outs", Of(OptOut), "people.opt-out"),
    look("/health"),
    look("/events"),
    look("/events/live"),
    look("/events/status"),
    look("/deliveries/{message_id}"),
    look("/accounts"),
    door("POST", "/accounts", Of(Accounts), "account.connect"),
    door("POST", "/accounts/check", Of(Accounts), ""),
    door("POST", "/accounts/signup", Of(Accounts), "account.sign-up"),
    door("DELETE", "/accounts/{account}", Of(Accounts), "account.forget"),
    door("POST", "/accounts/{account}/media", Of(Templates), "media.upload"),
    look("/accounts/{account}/media/{media}"),
    door("DELETE", "/accounts/{account}/media/{media}", Of(Templates), "media.delete"),
    look("/templates"),
    door("POST", "/templates/lint", Of(Look), ""),
    door("POST", "/templates/preview", Of(Look), ""),
    door("POST", "/templates/sync", Of(Templates), "template.pull"),
    look("/templates/sync/events"),
    look("/templates/{account}/{name}"),
    door("DELETE", "/templates/{account}/{name}", Of(Templates), "template.delete"),
    door("PUT", "/templates/{account}/{name}/{language}/draft", Of(Templates), "template.draft"),
    door("DELETE", "/templates/{account}/{name}/{language}/draft", Of(Templates), "template.forget"),
    door("POST", "/templates/{account}/{name}/{language}/submit", Of(Templates), "template.submit"),
    look("/campaigns"),
    door("POST", "/campaigns", Of(Campaigns), "campaign.create"),
    door("POST", "/campaigns/stop", Of(Stop), "campaign.stop-all"),
    look("/campaigns/{campaign}"),
    door("PUT", "/campaigns/{campaign}", Of(Campaigns), "campaign.change"),
    door("DELETE", "/campaigns/{campaign}", Of(Campaigns), "campaign.delete"),
    door("POST", "/campaigns/{campaign}/copy", Of(Campaigns), "campaign.copy"),
    look("/campaigns/{campaign}/preflight"),
    door("POST", "/campaigns/{campaign}/preflight", Of(Campaigns), "campaign.plan"),
    door("GET", "/campaigns/{campaign}/preflight/people", Of(Export), "campaign.export-plan"),
    look("/campaigns/{campaign}/events"),
    door("POST", "/campaigns/{campaign}/test", Of(Send), "campaign.test"),
    door("POST", "/campaigns/{campaign}/approve", Of(Approve), "campaign.approve"),
    door("POST", "/campaigns/{campaign}/start", Of(Send), "campaign.start"),
    door("POST", "/campaigns/{campaign}/pause", Of(Stop), "campaign.pause"),
    door("POST", "/campaigns/{campaign}/resume", Of(Send), "campaign.resume"),
    door("POST", "/campaigns/{campaign}/cancel", Of(Stop), "campaign.cancel"),
    look("/campaigns/{campaign}/report"),
    door("GET", "/campaigns/{campaign}/people", Of(Export), "campaign.export-people"),
    door("POST", "/audience/count", Of(Look), ""),
    door("POST", "/audience/people", Of(Look), ""),
    look("/attributes"),
    look("/segments"),
    look("/segments/{segment}"),
    door("PUT", "/segments/{segment}", Of(Campaigns), "segment.keep"),
    door("DELETE", "/segments/{segment}", Of(Campaigns), "segment.forget"),
    look("/prices"),
    door("PUT", "/prices", Of(Accounts), "prices.keep"),
];

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    /// Nobody where the door needs nothing.
    pub(super) who: Option<Who>,
    pub(super) from: From,
    /// Whether they come over TLS.
    pub(super) is_secure: bool,
    /// The address of the pages they see.
    pub(super) base: String,
}

impl Asker {
    /// Somebody who may be here.
    pub(super) fn who(&self) -> Result<&Who, Problem> {
        self.who.as_ref().ok_or_else(Problem::not_signed_in)
    }

    /// How histories name them, if their credential says it.
    pub(super) fn by(&self) -> Option<String> {
        self.who.as_ref().and_then(Who::by)
    }

    /// That they may do this as well.
    pub(super) fn may(&self, right: Right) -> Result<(), Problem> {
        if self.who()?.rights.has(right) { Ok(()) } else { Err(Problem::not_allowed(right)) }
    }
}

/// Whom a deed is to be ascribed to that made somebody known: put on an answer.
#[derive(Clone)]
pub(super) struct Ascribed(pub(super) String);

/// What a deed was done to, by its id, where the path does not say it: put on an answer.
#[derive(Clone)]
pub(super) struct About(pub(super) String);

/// Who stands at the doors.
#[derive(Clone)]
pub(super) struct Doors {
    pub(super) access: Arc<Access>,
    /// Whether people sign in; else whoever sits at the machine may do everything.
    pub(super) sign_in: bool,
    pub(super) origins: Origins,
    /// Whether the server ends, and streams of events with it.
    pub(super) ending: Ending,
    /// Proxies that are believed when they say for whom they ask.
    pub(super) proxies: Arc<[Network]>,
}

impl Doors {
    fn asker(&self, request: &Request) -> Asker {
        let headers = request.headers();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_secure = self.origins.is_secure(host);
        let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        // A proxy on this machine that names the public host needs not be named.
        let is_proxy =
            |address: IpAddr| is_secure && address.is_loopback() || proxy::is_among(&self.proxies, address);
        let address = peer.map(|peer| proxy::client(peer, headers, is_proxy).to_string()).unwrap_or_default();
        let agent = text(header::USER_AGENT).unwrap_or_default().to_owned();
        let base = format!("{}://{host}", if is_secure { "https" } else { "http" });
        Asker { who: None, from: From { address, agent }, is_secure, base }
    }

    /// Who shows this credential.
    async fn who(
        &self,
        headers: &HeaderMap,
        method: &Method,
        is_secure: bool,
    ) -> Result<Option<Who>, Problem> {
        if !self.sign_in {
            return Ok(Some(Who::local()));
        }
        let access = self.access.clone();
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let shown = shown.to_str().ok().and_then(|shown| shown.split_once(' '));
            let Some((_, key)) = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
                return Ok(None);
            };
            let key = crate::secret::Secret::new(key);
            return blocking(move || Ok(access.who_of_key(T, key.reveal())?)).await;
        }
        let Some(token) = cookie(headers, is_secure) else { return Ok(None) };
        if !is_read(method) && !headers.contains_key(PAGE_HEADER) {
            let text = format!(
                "a page that changes something sends the header `{PAGE_HEADER}`; programs use an API key"
            );
            return Err(Problem::forbidden(text));
        }
        let token = crate::secret::Secret::new(token);
        blocking(move || Ok(access.who(T, token.reveal())?)).await
    }
}

/// Lets a request in, or says why not; notes what is to be noted.
pub(super) async fn enter(State(doors): State<Doors>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // What is no route says so itself.
    let Some(path) = path.as_deref().and_then(|path| path.strip_prefix(PREFIX)) else {
        return next.run(request).await;
    };
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let Some(door) = TABLE.iter().find(|door| door.path == path && door.method == method.as_str()) else {
        if TABLE.iter().any(|door| door.path == path) {
            return Problem::method().into_response();
        }
        return Problem::forbidden("this door has no right that opens it").into_response();
    };
    let mut asker = doors.asker(&request);
    asker.who = match doors.who(request.headers(), &method, asker.is_secure).await {
        Ok(who) => who,
        // Signing in needs no session, and a stale cookie must not stand in its way.
        Err(_) if door.needs == Nothing => None,
        Err(problem) => return problem.into_response(),
    };
    // Below the prefix: the router has taken that away.
    let subject = request.uri().path().trim_matches('/').to_owned();
    let allowed = match door.needs {
        Nothing => Ok(()),
        Somebody => asker.who().map(drop),
        Of(right) => asker.may(right),
    };
    let allowed = allowed.and_then(|()| no_zero_byte(request.uri()));
    if let Err(problem) = allowed {
        let response = problem.into_response();
        // Who is not known is not noted: everybody can knock.
        if asker.who.is_some() {
            let deed = deed(door, &asker, subject, &response);
            note(&doors, deed).await;
        }
        return response;
    }
    request.extensions_mut().insert(asker.clone());
    if door.verb.is_empty() {
        let response = next.run(request).await;
        return if is_events(&response) { while_allowed(response, doors, door, asker) } else { response };
    }
    // Whoever hangs up early has done it all the same, and that is noted.
    let done = tokio::spawn(async move {
        let response = next.run(request).await;
        let deed = deed(door, &asker, subject, &response);
        note(&doors, deed).await;
        response
    });
    done.await.unwrap_or_else(|error| Problem::fault(&error).into_response())
}

/// No name and no question holds a zero byte, and not every database can be asked for one.
fn no_zero_byte(uri: &axum::http::Uri) -> Result<(), Problem> {
    let has = |text: &str| percent_encoding::percent_decode_str(text).any(|byte| byte == 0);
    if has(uri.path()) {
        return Err(Problem::not_found("nothing has a name with a zero byte in it"));
    }
    if uri.query().is_some_and(has) {
        return Err(Problem::bad_request("query-invalid", "no value may hold a zero byte"));
    }
    Ok(())
}

fn is_events(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// A stream of events goes on for hours; it ends when whoever opened it may not have it any more.
fn while_allowed(response: Response, doors: Doors, door: &'static Door, asker: Asker) -> Response {
    let Some(who) = asker.who else { return response };
    let shut = async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(ALLOWED_EVERY) => {}
                () = doors.ending.begun() => return,
            }
            let (access, asked) = (doors.access.clone(), who.clone());
            let rights = blocking(move || Ok(access.still(&asked)?)).await;
            let may = |rights: Rights| !matches!(door.needs, Of(right) if !rights.has(right));
            // What cannot be looked up now may be in a moment; requests of others say the same.
            if rights.is_ok_and(|rights| !rights.is_some_and(may)) {
                return;
            }
        }
    };
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from_stream(body.into_data_stream().take_until(Box::pin(shut))))
}

/// What there is to be noted of an answer.
fn deed(door: &'static Door, asker: &Asker, subject: String, response: &Response) -> Option<Deed> {
    let status = response.status();
    // Who waits for their next attempt has done nothing.
    if door.verb.is_empty() || status == StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let made = response.headers().get(header::LOCATION).and_then(|made| made.to_str().ok());
    let made = made.and_then(|made| made.strip_prefix(PREFIX)).map(|made| made.trim_matches('/').to_owned());
    let about = response.extensions().get::<About>().map(|about| about.0.clone());
    let subject = made.or(about).unwrap_or(subject);
    let ascribed = response.extensions().get::<Ascribed>().map(|who| who.0.clone());
    let is_known = asker.who.is_some() || ascribed.is_some();
    // Everybody can knock, and what is noted stays for ever: of strangers only attempts that were made, which are counted.
    let is_attempt =
        status.is_success() || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if !is_known && !is_attempt {
        return None;
    }
    let unnamed = if asker.who.is_some() { "local" } else { "nobody" };
    Some(Deed {
        who: ascribed.or_else(|| asker.by()).unwrap_or_else(|| unnamed.to_owned()),
        verb: door.verb.to_owned(),
        subject: percent_encoding::percent_decode_str(&subject).decode_utf8_lossy().into_owned(),
        from: asker.from.address.clone(),
        result: match status.as_u16() {
            500.. => "failed",
            400.. => "refused",
            _ => "done",
        },
        detail: status.as_u16().to_string(),
    })
}

async fn note(doors: &Doors, deed: Option<Deed>) {
    let Some(deed) = deed else { return };
    let (access, verb) = (doors.access.clone(), deed.verb.clone());
    if let Err(problem) = blocking(move || Ok(access.note(T, &deed)?)).await {
        let why = problem.detail();
        crate::log::log(&format!("fault: `{verb}` could not be noted in the audit: {why}"));
    }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

fn cookie(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    cookie_of(headers, cookie_name(is_secure))
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { LOCAL_COOKIE }
}

/// The header that keeps a session in the browser, or takes it away.
pub(super) fn set_cookie(is_secure: bool, token: Option<&str>) -> String {
    let (name, secure) = (cookie_name(is_secure), if is_secure { "; Secure" } else { "" });
    let age_s = token.map_or(0, |_| crate::access::session::AGE_MS_MAX / 1000);
    let token = token.unwrap_or_default();
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{secure}")
}

/// The header that keeps what was begun at the provider, or takes it away.
pub(super) fn set_handshake(is_secure: bool, kept: Option<&str>) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let age_s = kept.map_or(0, |_| HANDSHAKE_S_MAX);
    let (name, kept) = (handshake_name(is_secure), kept.unwrap_or_default());
    format!("{name}={kept}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{secure}")
}

/// What was begun at the provider.
pub(super) fn handshake(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    cookie_of(headers, &handshake_name(is_secure))
}

fn handshake_name(is_secure: bool) -> String {
    format!("{}-provider", cookie_name(is_secure))
}
