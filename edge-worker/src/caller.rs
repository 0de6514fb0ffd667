//! Who asks: pages of declared origins may, and nobody too often.
//!
//! Only for what anybody may call. Webhooks and the hand-over are signed, come from servers, and are never slowed down.

use worker::{Env, Headers, Request, Response, Result};

use crate::problem::Problem;

/// The binding of Cloudflare's rate limit in wrangler.toml. Without it nobody is slowed down.
const LIMIT: &str = "CHECK_LIMIT";
/// The longest period that such a limit can have.
const LIMIT_PERIOD_S: u32 = 60;
/// Origins whose pages may read answers, parted by commas.
const ORIGINS: &str = "ALLOWED_ORIGINS";
/// How long a browser may remember what it was told about an origin, in seconds.
const PREFLIGHT_S: &str = "86400";

/// What a page of another origin may know.
pub(crate) struct Cors {
    /// True when any origin is declared, so that answers differ by it.
    declared: bool,
    /// The caller's, when it is one of them.
    origin: Option<String>,
}

impl Cors {
    /// Looks the caller's origin up.
    pub(crate) fn of(request: &Request, env: &Env) -> Cors {
        let origins = text(env, ORIGINS).unwrap_or_default();
        let mut declared = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()).peekable();
        let is_declared = declared.peek().is_some();
        let said = request.headers().get("origin").ok().flatten();
        // `*` is nobody's origin, and `null` is everybody's.
        let origin = said.filter(|said| said != "null" && declared.any(|origin| origin == said));
        Cors { declared: is_declared, origin }
    }

    /// The answer to a browser that asks whether it may ask.
    pub(crate) fn preflight(&self) -> Result<Response> {
        let mut response = Response::empty()?.with_status(204);
        if self.origin.is_some() {
            let headers = response.headers_mut();
            headers.set("access-control-allow-methods", "POST")?;
            headers.set("access-control-allow-headers", "content-type")?;
            headers.set("access-control-max-age", PREFLIGHT_S)?;
        }
        self.tell(response)
    }

    /// Adds to an answer who may read it. Nothing here is ever about a signed-in person, so credentials are not allowed.
    pub(crate) fn tell(&self, mut response: Response) -> Result<Response> {
        let headers: &mut Headers = response.headers_mut();
        if self.declared {
            headers.append("vary", "origin")?;
        }
        if let Some(origin) = &self.origin {
            headers.set("access-control-allow-origin", origin)?;
            headers.set("access-control-expose-headers", "retry-after")?;
        }
        Ok(response)
    }
}

/// Refuses whoever asks too often.
pub(crate) async fn limit(request: &Request, env: &Env) -> std::result::Result<(), Problem> {
    let Ok(limiter) = env.rate_limiter(LIMIT) else { return Ok(()) };
    let address = request.headers().get("cf-connecting-ip")?.unwrap_or_default();
    // A limit that cannot be asked must not stop the service.
    match limiter.limit(network(&address)).await {
        Ok(outcome) if !outcome.success => Err(Problem::too_many(LIMIT_PERIOD_S)),
        _ => Ok(()),
    }
}

/// A text among the bindings.
pub(crate) fn text(env: &Env, name: &str) -> Option<String> {
    worker::js_sys::Reflect::get(env, &name.into()).ok()?.as_string()
}

/// An address as one caller: of IPv6 the first 64 bits, of which everybody has all the others.
fn network(address: &str) -> String {
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}
