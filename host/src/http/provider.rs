//! Signing in with the business's own provider: the panel asks where to go, people prove there who they are, and the panel
//! comes back with a code, which becomes a session here. What is believed on the way is decided in [`crate::access::oidc`].

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;

use crate::access::oidc::{Handshake, Places, Provider, Vouched, given, vouched};
use crate::secret::Secret;
use crate::store::TenantId;
use crate::transport::{Lost, Transport};
use crate::wire::access::v1::{LeavingDocument, SessionDocument};

use super::App;
use super::accounts::{Fields, invalid};
use super::body::Documented;
use super::doors::{Ascribed, Asker, handshake, set_cookie, set_handshake};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// The panel's page to which people come back; the provider has to know it.
const BACK: &str = "/sign-in/return";
/// How long a connection to the provider, and an answer of it, may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 512 * 1024;
/// How long what it says about itself is believed.
const KNOWN_MAX: Duration = Duration::from_secs(3600);
/// How soon its keys are asked for again, because one is not among them.
const KEYS_MIN: Duration = Duration::from_secs(30);
/// Longest code and state that are taken back, in bytes.
const CODE_BYTES_MAX: usize = 4096;

type By = Extension<Asker>;

/// The provider, and what it has said about itself.
pub(super) struct Asking {
    provider: Provider,
    transport: Transport,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    places: Places,
    keys: Bytes,
    since: Instant,
}

impl Asking {
    pub(super) fn new(provider: Provider) -> Asking {
        Asking { provider, transport: Transport::new(CONNECT_WAIT), known: Mutex::default() }
    }

    /// How people know it.
    pub(super) fn name(&self) -> &str {
        self.provider.name()
    }

    /// What it says about itself, of no longer ago than that.
    async fn known(&self, age_max: Duration) -> Result<Known, Problem> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|known| known.since.elapsed() < age_max) {
            return Ok(kept);
        }
        let said = self.ask(&self.provider.discovery()).await?;
        let places = Places::read(&self.provider, &said).map_err(Problem::provider)?;
        let keys = self.ask(places.keys()).await?;
        let known = Known { places, keys, since: Instant::now() };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// Makes a token of a code.
    async fn token(
        &self,
        known: &Known,
        handshake: &Handshake,
        code: &str,
        back: &str,
    ) -> Result<Secret, Problem> {
        let (form, secret) = handshake.exchange(&self.provider, &known.places, code, back);
        let mut request = Request::post(known.places.token())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(secret) = &secret {
            request = request.header(header::AUTHORIZATION, secret.reveal());
        }
        let (status, answer) = self.sent(request, Bytes::from(form.reveal().to_owned())).await?;
        given(status.is_success(), &answer).map_err(Problem::provider)
    }

    /// Who it is. Keys change: one that is not known yet is asked for, but not all the time.
    async fn vouched(&self, token: &Secret, begun: &Handshake, app: &App) -> Result<Vouched, Problem> {
        for age_max in [KNOWN_MAX, KEYS_MIN] {
            let known = self.known(age_max).await?;
            let found = vouched(&self.provider, &known.keys, token.reveal(), begun, app.desk.clock.now());
            if let Some(found) = found.map_err(Problem::provider)? {
                return Ok(found);
            }
        }
        Err(Problem::provider("the provider's token is signed with a key that it does not publish"))
    }

    async fn ask(&self, address: &str) -> Result<Bytes, Problem> {
        let (status, answer) = self.sent(Request::get(address), Bytes::new()).await?;
        if status.is_success() {
            return Ok(answer);
        }
        let text = format!("the provider answered with status {}: is --oidc-issuer right?", status.as_u16());
        Err(Problem::provider(text))
    }

    async fn sent(
        &self,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Problem> {
        let request = request.header(header::ACCEPT, "application/json").body(Full::new(body));
        let request = request.map_err(|_| Problem::provider("the provider named an address that is none"))?;
        let sent = self.transport.send(request, ANSWER_WAIT, ANSWER_BYTES_MAX).await;
        let raw = sent.map_err(|lost| match lost {
            Lost::NotSent(why) | Lost::Unknown(why) => Problem::provider(why),
        })?;
        Ok((raw.status, raw.body))
    }
}

/// Where to go; what comes back is only taken from the browser that was sent.
pub(super) async fn begin(State(app): State<App>, Extension(asker): By) -> Result<Response, Problem> {
    let asking = asking(&app)?;
    let known = asking.known(KNOWN_MAX).await?;
    let handshake = Handshake::fresh()?;
    let location = handshake.address(&asking.provider, &known.places, &back(&asker));
    let kept = [(header::SET_COOKIE, set_handshake(asker.is_secure, Some(handshake.kept().reveal())))];
    Ok((kept, Json(LeavingDocument { location })).into_response())
}

/// `{"state": "…", "code": "…"}`, as the provider wrote them into the address.
pub(super) async fn arrive(
    State(app): State<App>,
    Extension(asker): By,
    headers: HeaderMap,
    body: Documented,
) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["state", "code"])?;
    let text = |name: &str| {
        let text = fields.secret(name)?.ok_or_else(|| invalid(&format!("`{name}` is missing")))?;
        if text.reveal().len() > CODE_BYTES_MAX {
            return Err(invalid(&format!("`{name}` has more than {CODE_BYTES_MAX} bytes")));
        }
        Ok(text)
    };
    let (state, code) = (text("state")?, text("code")?);
    let asking = asking(&app)?;
    let begun = handshake(&headers, asker.is_secure).and_then(|kept| Handshake::read(kept, state.reveal()));
    let Some(begun) = begun else {
        let text = "this sign-in was not begun in this browser, or more than ten minutes ago: begin again";
        return Err(Problem::conflict_of("not-now", text));
    };
    app.access.knock(state.reveal(), &asker.from)?;
    let token = asking.token(&asking.known(KNOWN_MAX).await?, &begun, code.reveal(), &back(&asker)).await?;
    let vouched = asking.vouched(&token, &begun, &app).await?;
    let (secure, from) = (asker.is_secure, asker.from);
    let came_in = blocking(move || {
        // Whom the provider knows is named in the audit, whether they may come in or not.
        let answer = app.access.come_in(T, &vouched, state.reveal(), &from).map_err(Problem::from);
        let answer = answer.and_then(|token| {
            let who = app.access.who(T, token.reveal())?;
            Ok((token, SessionDocument::of(who.as_ref(), false, None)))
        });
        Ok((vouched.email, answer))
    });
    let (email, answer) = came_in.await?;
    let mut response = match answer {
        Ok((token, document)) => {
            let mut response = Json(document).into_response();
            let cookies = [set_cookie(secure, Some(token.reveal())), set_handshake(secure, None)];
            for cookie in cookies.iter().filter_map(|cookie| cookie.parse().ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(Ascribed(email));
    Ok(response)
}

fn asking(app: &App) -> Result<&Asking, Problem> {
    let none = || Problem::not_found("people sign in here with a password: no provider is set up");
    app.provider.as_deref().ok_or_else(none)
}

fn back(asker: &Asker) -> String {
    format!("{}{BACK}", asker.base)
}
