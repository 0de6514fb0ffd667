//! Turns away requests that no page of ours sent: another host name (DNS rebinding) or another origin (cross-site
//! writes). Adds the headers that every answer carries.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Where Meta sends what happens.
pub(super) const WEBHOOKS: &str = "/webhooks/meta";
/// The port that a URL need not name.
const HTTP_PORT: u16 = 80;

/// The host names this server answers to.
#[derive(Clone)]
pub(super) struct Origins {
    hosts: Arc<[String]>,
    /// Whether windows that a page opens may tell it something.
    has_windows: bool,
}

impl Origins {
    pub(super) fn of(address: SocketAddr, has_windows: bool) -> Origins {
        let port = address.port();
        let names = ["127.0.0.1", "localhost"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == HTTP_PORT {
            // Browsers leave the usual port out.
            hosts.extend(names.map(str::to_owned));
        }
        Origins { hosts: hosts.into(), has_windows }
    }

    fn knows(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known == host)
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
    let from_meta = request.uri().path() == WEBHOOKS;
    let refused = if from_meta { None } else { refusal(&origins, request.headers()) };
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
    let known = |value: &HeaderValue, prefix: &str| {
        value.to_str().ok().and_then(|text| text.strip_prefix(prefix)).is_some_and(|host| origins.knows(host))
    };
    if !headers.get(header::HOST).is_some_and(|host| known(host, "")) {
        return Some("this server answers to 127.0.0.1 and localhost only");
    }
    // Browsers leave the origin out on plain navigation, and other programs never send it.
    let foreign = headers.get(header::ORIGIN).is_some_and(|origin| !known(origin, "http://"));
    foreign.then_some("requests from other sites are not answered")
}
