//! Signing in with the provider that a business has for its people (OpenID Connect: authorization code, with PKCE). What is
//! sent there and what is believed of its answers; nothing here goes out. A provider says who somebody is, never that they
//! may come in: that somebody here has invited them. docs/access.md tells how it is set up.

mod payload;
mod token;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use consentry_core::diagnostic::clip;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

use super::token::fresh;
use super::{AccessError, password};

use payload::{Given, Said};

pub use token::{Vouched, vouched};

/// How long somebody may take at the provider.
pub const HANDSHAKE_S_MAX: i64 = 600;
/// Where a provider says what it has.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A provider, as the server was told about it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its address, exactly as it writes it into its tokens.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// What proves that it is this server; without it only PKCE does.
    pub client_secret: Option<Secret>,
    /// Whether its addresses are right although it does not say that they were verified: those of a business's own directory.
    pub trusts_addresses: bool,
}

impl Provider {
    /// Checks an address; what is wrong with it otherwise.
    pub fn new(
        issuer: &str,
        client_id: &str,
        client_secret: Option<Secret>,
        trusts_addresses: bool,
    ) -> Result<Provider, String> {
        if client_id.is_empty() {
            return Err("--oidc-issuer needs --oidc-client-id: what this server is called there".to_owned());
        }
        safe(issuer, issuer)?;
        if issuer.contains('?') {
            return Err(format!(
                "`{}` is no provider: the address of one has no question in it",
                clip(issuer)
            ));
        }
        let (issuer, client_id) = (issuer.to_owned(), client_id.to_owned());
        Ok(Provider { issuer, client_id, client_secret, trusts_addresses })
    }

    /// How people know it: its host.
    pub fn name(&self) -> &str {
        host(&self.issuer).unwrap_or(&self.issuer)
    }

    /// Where it says what it has.
    pub fn discovery(&self) -> String {
        format!("{}{DISCOVERY}", self.issuer.trim_end_matches('/'))
    }
}

/// Where a provider does what.
#[derive(Clone, Debug)]
pub struct Places {
    authorization: String,
    token: String,
    keys: String,
    /// Whether the secret goes into the form; else into a header.
    in_form: bool,
}

impl Places {
    /// Reads what a provider says it has; nothing of it may be elsewhere than behind TLS.
    pub fn read(provider: &Provider, body: &[u8]) -> Result<Places, String> {
        let said: Said = serde_json::from_slice(body)
            .map_err(|_| format!("`{}` does not say what a provider has to say", provider.discovery()))?;
        if said.issuer != provider.issuer {
            return Err(format!(
                "the provider calls itself `{}`: give --oidc-issuer exactly as it writes itself",
                clip(&said.issuer)
            ));
        }
        for place in [&said.authorization_endpoint, &said.token_endpoint, &said.jwks_uri] {
            safe(place, &provider.issuer)?;
        }
        let has = |name: &str| said.token_endpoint_auth_methods_supported.iter().any(|method| method == name);
        Ok(Places {
            in_form: has("client_secret_post") && !has("client_secret_basic"),
            authorization: said.authorization_endpoint,
            token: said.token_endpoint,
            keys: said.jwks_uri,
        })
    }

    /// Where codes become tokens.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where its keys are.
    pub fn keys(&self) -> &str {
        &self.keys
    }
}

/// What a browser keeps between leaving for the provider and coming back: nobody else can come back in its place.
pub struct Handshake {
    state: Secret,
    nonce: Secret,
    verifier: Secret,
}

impl Handshake {
    /// A new one.
    pub fn fresh() -> Result<Handshake, AccessError> {
        Ok(Handshake { state: fresh("")?, nonce: fresh("")?, verifier: fresh("")? })
    }

    /// As the browser keeps it.
    pub fn kept(&self) -> Secret {
        Secret::new(&[self.state.reveal(), self.nonce.reveal(), self.verifier.reveal()].join("."))
    }

    /// What a browser has kept, when it came back with that state.
    pub fn read(kept: &str, state: &str) -> Option<Handshake> {
        let mut parts = kept.split('.').map(Secret::new);
        let found = Handshake { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
        let has_all = [&found.state, &found.nonce, &found.verifier].iter().all(|part| !part.is_empty());
        let is_whole = parts.next().is_none() && has_all;
        let is_it = password::same(found.state.reveal().as_bytes(), state.as_bytes());
        (is_whole && is_it).then_some(found)
    }

    /// Where the browser goes.
    pub fn address(&self, provider: &Provider, places: &Places, back: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.reveal().as_bytes()));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &provider.client_id),
            ("redirect_uri", back),
            ("scope", "openid email profile"),
            ("state", self.state.reveal()),
            ("nonce", self.nonce.reveal()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let sign = if places.authorization.contains('?') { '&' } else { '?' };
        format!("{}{sign}{}", places.authorization, query.reveal())
    }

    /// The form that makes a token of a code, and the header that goes with it.
    pub fn exchange(
        &self,
        provider: &Provider,
        places: &Places,
        code: &str,
        back: &str,
    ) -> (Secret, Option<Secret>) {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("client_id", &provider.client_id),
            ("code_verifier", self.verifier.reveal()),
        ];
        let mut header = None;
        match &provider.client_secret {
            Some(secret) if places.in_form => fields.push(("client_secret", secret.reveal())),
            Some(secret) => {
                let pair = Secret::new(&format!("{}:{}", coded(&provider.client_id), coded(secret.reveal())));
                header = Some(Secret::new(&format!("Basic {}", STANDARD.encode(pair.reveal()))));
            }
            None => {}
        }
        (form(&fields), header)
    }
}

/// The token that the provider has given for a code, or why it gave none.
pub fn given(is_success: bool, answer: &[u8]) -> Result<Secret, String> {
    let given = serde_json::from_slice::<Given>(answer).unwrap_or(Given { id_token: None, error: None });
    match given.id_token.filter(|_| is_success) {
        Some(token) => Ok(Secret::new(&token)),
        None => {
            let why = given.error.unwrap_or_else(|| "it does not say why".to_owned());
            Err(format!("the provider gave no token for the code: {}", clip(&why)))
        }
    }
}

/// Whether people and secrets may be sent there: behind TLS, or where the provider itself stands on this very machine.
fn safe(place: &str, issuer: &str) -> Result<(), String> {
    let shown = clip(place);
    let here = ["127.0.0.1", "localhost", "[::1]"];
    let of = |address: &str| host(address).map(str::to_owned);
    let is_here = |address: &str| {
        let host = of(address).unwrap_or_default();
        address.starts_with("http://") && here.iter().any(|one| host_alone(&host) == *one)
    };
    let is_plain = of(place).is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && !place.contains(|char: char| char.is_whitespace() || char.is_control() || char == '#');
    if is_plain && (place.starts_with("https://") || (is_here(place) && is_here(issuer))) {
        return Ok(());
    }
    Err(format!("`{shown}` is no address that people may be sent to: it has to begin with https://"))
}

fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

fn host_alone(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => &host[..end + 2],
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn coded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn form(fields: &[(&str, &str)]) -> Secret {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
    Secret::new(&pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> Provider {
        Provider::new("https://id.example", "consentry", None, false).unwrap()
    }

    fn handshake() -> Handshake {
        Handshake::read("state.nonce.verifier", "state").unwrap()
    }

    #[test]
    fn nobody_comes_back_in_place_of_another() {
        let one = Handshake::fresh().unwrap();
        let kept = one.kept();
        assert!(Handshake::read(kept.reveal(), one.state.reveal()).is_some());
        let other = Handshake::fresh().unwrap();
        assert!(Handshake::read(kept.reveal(), other.state.reveal()).is_none());
        for kept in ["", "..", "state", "state.nonce", "state..verifier", "state.nonce.verifier.more"] {
            assert!(Handshake::read(kept, "state").is_none(), "{kept}");
        }
        assert!(Handshake::read("..", "").is_none());
    }

    #[test]
    fn people_are_sent_behind_tls_or_to_this_machine() {
        for issuer in ["https://id.example", "https://id.example/a/b", "http://127.0.0.1:9", "http://[::1]:9"]
        {
            Provider::new(issuer, "c", None, false).unwrap();
        }
        for issuer in [
            "http://id.example",
            "http://127.0.0.1.example",
            "https://me@id.example",
            "https://id.example?x",
            "https://id.example#x",
            "https://",
            "id.example",
        ] {
            assert!(Provider::new(issuer, "c", None, false).is_err(), "{issuer}");
        }
        let said = |token: &str| {
            serde_json::json!({
                "issuer": "https://id.example", "authorization_endpoint": "https://id.example/a?b=c",
                "token_endpoint": token, "jwks_uri": "https://id.example/k",
            })
            .to_string()
        };
        let places = Places::read(&provider(), said("https://id.example/t").as_bytes()).unwrap();
        let address = handshake().address(&provider(), &places, "https://me.example/sign-in/return");
        assert!(address.starts_with("https://id.example/a?b=c&response_type=code&"), "{address}");
        for token in ["http://id.example/t", "http://127.0.0.1/t", "file:///t"] {
            assert!(Places::read(&provider(), said(token).as_bytes()).is_err(), "{token}");
        }
    }
}
