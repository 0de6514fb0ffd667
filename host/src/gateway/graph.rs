//! One request to the Graph API and what became of it. Every request carries the token and the proof that it is the app's;
//! the token goes to the one host it was given for, in a header, and no redirect is followed.

use std::sync::Arc;
use std::time::Duration;

use consentry_core::campaign::errors::Action;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::Sha256;

use super::limits::Limits;
use super::outcome::{Answered, MetaError, Trouble, is_certain};
use super::target::Target;
use crate::secret::Secret;
use crate::transport::{Lost, Raw, Transport};

/// What stays as it is in a value of an address.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What this program calls itself.
pub(super) const AGENT: &str = concat!("consentry/", env!("CARGO_PKG_VERSION"));
/// How requests are made.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a connection may take.
    pub connect_wait: Duration,
    /// How long a whole request may take.
    pub answer_wait: Duration,
    /// How long an upload may take.
    pub upload_wait: Duration,
    /// Longest answer that is read, in bytes.
    pub answer_bytes_max: usize,
    /// How often what only reads is asked again when it failed.
    pub read_retries: u32,
    /// Pause before the first of these; each is twice the one before.
    pub retry_pause: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            connect_wait: Duration::from_secs(10),
            answer_wait: Duration::from_secs(45),
            upload_wait: Duration::from_secs(10 * 60),
            answer_bytes_max: 16 << 20,
            read_retries: 2,
            retry_pause: Duration::from_millis(400),
        }
    }
}

/// What a request is made with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The token.
    pub token: Secret,
    /// The secret of the app the token was made with; with it every request carries a proof.
    pub app_secret: Option<Secret>,
}

/// Connections and limits, shared by everybody who asks Meta.
pub struct Gateway {
    transport: Transport,
    pub(super) limits: Limits,
    settings: Settings,
}

impl Gateway {
    /// Nothing is connected yet.
    pub fn new(settings: Settings) -> Arc<Gateway> {
        let transport = Transport::new(settings.connect_wait);
        Arc::new(Gateway { transport, limits: Limits::default(), settings })
    }

    /// Connections, for whoever does not speak with Meta.
    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// How long a whole request may take.
    pub(super) fn answer_wait(&self) -> Duration {
        self.settings.answer_wait
    }

    /// The API as one token sees it.
    pub fn graph(self: &Arc<Self>, target: &Target, credentials: Credentials) -> Graph {
        let proof = credentials.app_secret.as_ref().map(|secret| proof(secret, &credentials.token));
        Graph {
            gateway: self.clone(),
            target: target.clone(),
            token: credentials.token,
            proof,
            app: None,
            registered: false,
        }
    }
}

/// The Graph API as one token sees it. Its calls are in [`super::meta`].
#[derive(Clone)]
pub struct Graph {
    pub(super) gateway: Arc<Gateway>,
    target: Target,
    token: Secret,
    proof: Option<String>,
    pub(super) app: Option<String>,
    pub(super) registered: bool,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Graph({}, token …)", self.target.base())
    }
}

/// What a request carries.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    None,
    Json(Value),
    /// A file as it is, from this place on.
    File(Bytes, u64),
    /// Bytes of a kind.
    Bytes(Bytes, String),
}

/// Values of a request that nobody is to read.
const SECRET_VALUES: [&str; 3] = ["client_secret", "code", "input_token"];

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Parts of the address behind the version.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) payload: Payload,
    /// The account whose hourly limit it counts in.
    pub(super) counts_for: Option<String>,
}

impl Call {
    pub(super) fn get(path: &[&str]) -> Call {
        Call::new(Method::GET, path)
    }

    pub(super) fn post(path: &[&str]) -> Call {
        Call::new(Method::POST, path)
    }

    pub(super) fn delete(path: &[&str]) -> Call {
        Call::new(Method::DELETE, path)
    }

    fn new(method: Method, path: &[&str]) -> Call {
        let path = path.iter().map(|part| utf8_percent_encode(part, UNRESERVED).to_string()).collect();
        Call { method, path, query: Vec::new(), payload: Payload::None, counts_for: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Call {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn json(mut self, body: Value) -> Call {
        self.payload = Payload::Json(body);
        self
    }

    pub(super) fn counting_for(mut self, account: &str) -> Call {
        self.counts_for = Some(account.to_owned());
        self
    }
}

impl Graph {
    /// The account has a registered number: Meta allows it more.
    #[must_use]
    pub fn registered(mut self, registered: bool) -> Graph {
        self.registered = registered;
        self
    }

    /// The app the token was made with, where it is known: what Meta says is too much for one is too much for all its tokens.
    #[must_use]
    pub fn of_app(mut self, app_id: Option<&str>) -> Graph {
        self.app = app_id.map(|id| format!("{} {id}", self.target.base()));
        self
    }

    /// Where it asks.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The same API without a token, or with that of the app itself.
    pub(super) fn as_app(&self, app_id: &str, app_secret: &Secret) -> Graph {
        let token = Secret::new(&format!("{app_id}|{}", app_secret.reveal()));
        let proof = Some(proof(app_secret, &token));
        Graph { token, proof, ..self.clone() }.of_app(Some(app_id))
    }

    pub(super) fn token(&self) -> &Secret {
        &self.token
    }

    /// Makes a request once, whatever it is.
    pub(super) async fn call_unrepeated(&self, call: Call) -> Result<Answered, Trouble> {
        self.call_once(&call).await
    }

    /// Makes a request. One that only reads is made again when its failure passes.
    pub(super) async fn call(&self, call: Call) -> Result<Answered, Trouble> {
        if call.method == Method::GET { self.call_harmless(call).await } else { self.call_once(&call).await }
    }

    /// Makes a request that harms nobody when it is made twice; it is made again when its failure passes.
    pub(super) async fn call_harmless(&self, call: Call) -> Result<Answered, Trouble> {
        let mut retries = self.retries(self.gateway.settings.read_retries);
        loop {
            match self.call_once(&call).await {
                Err(trouble) => retries.wait_after(trouble).await?,
                answered => return answered,
            }
        }
    }

    /// So many tries more, with growing pauses.
    pub(super) fn retries(&self, left: u32) -> Retries {
        Retries { left, pause: self.gateway.settings.retry_pause }
    }

    async fn call_once(&self, call: &Call) -> Result<Answered, Trouble> {
        self.wait_for_turn(call.counts_for.as_deref()).await?;
        let request = self.request(call)?;
        let within = match call.payload {
            Payload::File(..) | Payload::Bytes(..) => self.gateway.settings.upload_wait,
            _ => self.gateway.settings.answer_wait,
        };
        let raw = self.exchange(request, within, self.gateway.settings.answer_bytes_max).await?;
        // Meta quotes what it refuses, a token among it; its texts are shown and kept.
        let outcome = read(&raw).map_err(|trouble| trouble.cleaned(&|text| self.clean_of(call, text)));
        self.take_note(call.counts_for.as_deref(), &raw, &outcome);
        outcome
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
        bytes_max: usize,
    ) -> Result<Raw, Trouble> {
        self.gateway.transport.send(request, within, bytes_max).await.map_err(|lost| match lost {
            Lost::NotSent(why) => Trouble::NotSent(self.clean(&why)),
            Lost::Unknown(why) => Trouble::Unknown(self.clean(&why), None),
        })
    }

    /// Reads a file from an address that Meta named. The token goes along, so the address has to be Meta's own; a redirect
    /// from there is not followed.
    pub(super) async fn download(&self, address: &str, bytes_max: usize) -> Result<Bytes, Trouble> {
        let uri = self.target.of_file(address).map_err(Trouble::NotSent)?;
        let mut retries = self.retries(self.gateway.settings.read_retries);
        loop {
            self.wait_for_turn(None).await?;
            let request = Request::get(uri.clone())
                .header(AUTHORIZATION, self.authorization("Bearer")?)
                .header(USER_AGENT, AGENT)
                .body(Full::new(Bytes::new()))
                .map_err(|_| unusable("the file's address is none"))?;
            let raw = self.exchange(request, self.gateway.settings.upload_wait, bytes_max).await;
            let trouble = match raw {
                Ok(raw) if raw.status.is_success() => return Ok(raw.body),
                Ok(raw) => read(&raw).map_or_else(
                    |trouble| trouble.cleaned(&|text| self.clean(text)),
                    |_| Trouble::Unknown("Meta did not answer with the file".to_owned(), None),
                ),
                Err(trouble) => trouble,
            };
            retries.wait_after(trouble).await?;
        }
    }

    pub(super) fn request(&self, call: &Call) -> Result<Request<Full<Bytes>>, Trouble> {
        let mut address = format!("{}/{}/{}", self.target.base(), self.target.version(), call.path.join("/"));
        let proof = self.proof.iter().map(|proof| ("appsecret_proof", proof));
        let pairs = call.query.iter().map(|(name, value)| (*name, value)).chain(proof);
        for (name, value) in pairs {
            // The address of an upload has a question mark of its own.
            address.push(if address.contains('?') { '&' } else { '?' });
            address += &format!("{name}={}", utf8_percent_encode(value, UNRESERVED));
        }
        // Uploads in pieces want another word before the token than everything else.
        let is_upload = call.path.first().is_some_and(|first| first.starts_with("upload:"));
        let token = self.authorization(if is_upload { "OAuth" } else { "Bearer" })?;
        let mut request = Request::builder()
            .method(&call.method)
            .uri(address)
            .header(AUTHORIZATION, token)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, AGENT);
        let body = match &call.payload {
            Payload::None => Bytes::new(),
            Payload::Json(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            Payload::File(bytes, from) => {
                request =
                    request.header("file_offset", *from).header(CONTENT_TYPE, "application/octet-stream");
                bytes.clone()
            }
            Payload::Bytes(bytes, kind) => {
                request = request.header(CONTENT_TYPE, kind);
                bytes.clone()
            }
        };
        request.body(Full::new(body)).map_err(|_| unusable("a value has characters that no address has"))
    }

    fn authorization(&self, scheme: &str) -> Result<HeaderValue, Trouble> {
        let mut token = HeaderValue::try_from(format!("{scheme} {}", self.token.reveal()))
            .map_err(|_| unusable("the token has characters that no token has"))?;
        token.set_sensitive(true);
        Ok(token)
    }

    /// The same of what was asked: an app's secret, a code, another token.
    fn clean_of(&self, call: &Call, text: &str) -> String {
        let mut clean = self.clean(text);
        let proof = self.proof.iter().map(String::as_str);
        let asked = call.query.iter().filter(|(name, _)| SECRET_VALUES.contains(name));
        for secret in proof.chain(asked.map(|(_, value)| value.as_str())).filter(|secret| !secret.is_empty())
        {
            clean = clean.replace(secret, "…");
        }
        clean
    }

    /// A text from below, without the token should it be in it.
    pub(super) fn clean(&self, text: &str) -> String {
        if self.token.is_empty() { text.to_owned() } else { text.replace(self.token.reveal(), "…") }
    }
}

/// What is left of trying again.
pub(super) struct Retries {
    left: u32,
    pause: Duration,
}

impl Retries {
    /// Waits before the next try; gives the trouble back when it does not pass by itself, or was met too often.
    pub(super) async fn wait_after(&mut self, trouble: Trouble) -> Result<(), Trouble> {
        if trouble.action() != Action::Retry || self.left == 0 {
            return Err(trouble);
        }
        self.left -= 1;
        tokio::time::sleep(self.pause).await;
        self.pause *= 2;
        Ok(())
    }
}

/// `appsecret_proof`: shows that whoever has the token has the app's secret as well.
pub fn proof(app_secret: &Secret, token: &Secret) -> String {
    crate::engine::hex(&mac(app_secret.reveal().as_bytes(), token.reveal().as_bytes()))
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn unusable(what: &str) -> Trouble {
    Trouble::NotSent(format!("the request cannot be made: {what}"))
}

/// What an answer means.
pub(super) fn read(raw: &Raw) -> Result<Answered, Trouble> {
    let status = raw.status.as_u16();
    let body: Option<Value> = serde_json::from_slice(&raw.body).ok();
    let error = body.as_ref().and_then(|body| MetaError::read(status, body));
    match (status, body, error) {
        (200..=299, Some(body), None) => Ok(Answered { status, body }),
        // Meta has answered 200 with an error in it; it says that it refused.
        (200..=299, Some(_), Some(error)) => Err(Trouble::Refused(Box::new(error))),
        (200..=299, None, _) => {
            let why = "Meta answered yes with something that cannot be read".to_owned();
            Err(Trouble::Unknown(why, Some(Box::new(MetaError::foreign(status, raw.content_type())))))
        }
        (408 | 500.., _, error) => {
            let error = error.unwrap_or_else(|| MetaError::foreign(status, raw.content_type()));
            if is_certain(&error) || status == 503 && raw.headers.contains_key(RETRY_AFTER) {
                return Err(Trouble::Refused(Box::new(error)));
            }
            Err(Trouble::Unknown(format!("Meta's server failed with status {status}"), Some(Box::new(error))))
        }
        (_, _, error) => {
            let error = error.unwrap_or_else(|| MetaError::foreign(status, raw.content_type()));
            Err(Trouble::Refused(Box::new(error)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_token() {
        let credentials =
            Credentials { token: Secret::new("EAAtoken"), app_secret: Some(Secret::new("hush")) };
        let graph = Gateway::new(Settings::default()).graph(&Target::meta(), credentials.clone());
        let call = Call::get(&["me"]);
        let request = graph.request(&call).unwrap();
        for shown in [format!("{credentials:?}"), format!("{graph:?}"), format!("{request:?}")] {
            assert!(!shown.contains("EAAtoken") && !shown.contains("hush"), "{shown}");
        }
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer EAAtoken");
    }

    #[test]
    fn addresses_are_made_of_parts_that_stay_parts() {
        let credentials = Credentials { token: Secret::new("t"), app_secret: Some(Secret::new("s")) };
        let graph = Gateway::new(Settings::default()).graph(&Target::meta(), credentials);
        let call = Call::get(&["1/../2?x", "message_templates"]).with("name", "a&b=c é");
        let address = graph.request(&call).unwrap().uri().to_string();
        let proof = proof(&Secret::new("s"), &Secret::new("t"));
        assert_eq!(
            address,
            format!(
                "https://graph.facebook.com/v26.0/1%2F..%2F2%3Fx/message_templates?name=a%26b%3Dc%20%C3%A9&appsecret_proof={proof}"
            )
        );
    }
}
