//! Turns away requests that no page of ours sent: another host name (DNS rebinding) or another origin (cross-site
//! writes). Adds the headers that every answer carries.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::operations;
use super::problem::Problem;
use crate::campaigns::links;

/// Where Meta sends what happens.
pub(super) const WEBHOOKS: &str = "/webhooks/meta";
/// Where links of messages lead on from: `campaigns::links::PATH`, with a token. Nothing else is found there, so that nobody who
/// comes under another name gets anything else.
pub(super) const LINKS: &str = "/l/{*token}";
/// The port that a URL need not name.
const HTTP_PORT: u16 = 80;

/// The host names this server answers to.
#[derive(Clone)]
pub(super) struct Origins {
    hosts: Arc<[String]>,
    /// The name that the world has for this server, where people sign in under it.
    public: Option<Arc<Public>>,
    /// Whether windows that a page opens may tell it something.
    has_windows: bool,
}

/// A name of the world, as browsers send it.
struct Public {
    host: String,
    origin: String,
    is_secure: bool,
}

impl Public {
    fn of(url: &str) -> Option<Public> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let scheme = scheme.to_ascii_lowercase();
        // Browsers leave the usual port out.
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).unwrap_or(&host).to_owned();
        let origin = format!("{scheme}://{host}");
        (!host.is_empty()).then_some(Public { host, origin, is_secure: scheme == "https" })
    }
}

impl Origins {
    pub(super) fn of(address: SocketAddr, public: Option<&str>, has_windows: bool) -> Origins {
        let port = address.port();
        let names = ["127.0.0.1", "localhost"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == HTTP_PORT {
            // Browsers leave the usual port out.
            hosts.extend(names.map(str::to_owned));
        }
        Origins { hosts: hosts.into(), public: public.and_then(Public::of).map(Arc::new), has_windows }
    }

    /// Whether who names this host comes over TLS, to a proxy in front of this.
    pub(super) fn is_secure(&self, host: &str) -> bool {
        self.public.as_ref().is_some_and(|public| public.is_secure && public.host.eq_ignore_ascii_case(host))
    }

    fn knows(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known == host) || self.is_public(host)
    }

    fn is_public(&self, host: &str) -> bool {
        self.public.as_ref().is_some_and(|public| public.host.eq_ignore_ascii_case(host))
    }

    /// Whether pages of this origin are served here.
    fn serves(&self, origin: &str) -> bool {
        let here =
            origin.strip_prefix("http://").is_some_and(|host| self.hosts.iter().any(|known| known == host));
        here || self.public.as_ref().is_some_and(|public| public.origin == origin)
    }
}

const HEADERS: [(header::HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub(super) async fn check(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    // Meta comes under whatever name the world has for this server; what it sends is signed.
    let path = request.uri().path();
    // So do people with their links, which carry a proof that they are ours.
    let from_outside = path == WEBHOOKS
        || path.starts_with(links::PATH)
        // Whoever watches over servers asks by address, and is told nothing of anybody.
        || path == operations::HEALTHZ
        || path == operations::READYZ;
    let refused = if from_outside { None } else { refusal(&origins, request.headers()) };
    let mut response = match refused {
        None => next.run(request).await,
        Some(why) => Problem::forbidden(why).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if origins.has_windows {
        // The window of a sign-up is Meta's, and it tells the page that opened it which account was chosen.
        let value = HeaderValue::from_static("same-origin-allow-popups");
        response.headers_mut().insert("cross-origin-opener-policy", value);
    }
    response
}

fn refusal(origins: &Origins, headers: &HeaderMap) -> Option<&'static str> {
    let is = |value: &HeaderValue, known: &dyn Fn(&str) -> bool| value.to_str().is_ok_and(known);
    if !headers.get(header::HOST).is_some_and(|host| is(host, &|host| origins.knows(host))) {
        return Some(match origins.public {
            None => "this server answers to 127.0.0.1 and localhost only",
            Some(_) => {
                "this server answers to 127.0.0.1, to localhost and to the name in its --public-url only"
            }
        });
    }
    // Browsers leave the origin out on plain navigation, and other programs never send it.
    let foreign =
        headers.get(header::ORIGIN).is_some_and(|origin| !is(origin, &|origin| origins.serves(origin)));
    foreign.then_some("requests from other sites are not answered")
}
