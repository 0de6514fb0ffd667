//! The wire to other servers, Meta first of all: connections with time-outs of their own, so that a request that never left
//! is known as one. It keeps connections for reuse, follows no redirect and reads no answer beyond a limit.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower_service::Service;

/// How long an unused connection is kept: shorter than servers keep theirs, or requests would meet closed ones.
const IDLE: Duration = Duration::from_secs(20);
/// Unused connections that are kept for each host.
const IDLE_MAX: usize = 32;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Nothing left this machine.
    NotSent(String),
    /// It may have arrived.
    Unknown(String),
}

/// An answer as it came.
pub(crate) struct Raw {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Raw {
    /// What the answer says it is.
    pub(crate) fn content_type(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Connections to wherever they are asked to go.
pub(crate) struct Transport {
    client: Client<Connector, Full<Bytes>>,
    connector: Connector,
}

impl Transport {
    pub(crate) fn new(connect_wait: Duration) -> Transport {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        let inner = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let connector = Connector { inner, wait: connect_wait };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_MAX)
            .build(connector.clone());
        Transport { client, connector }
    }

    /// Connects, for whoever keeps connections of their own.
    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Sends a request and reads the whole answer, within a time and up to a length.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
        bytes_max: usize,
    ) -> Result<Raw, Lost> {
        // Connecting has a time-out of its own, so what runs out of this one was connected.
        tokio::time::timeout(within, self.exchange(request, bytes_max)).await.unwrap_or_else(|_| {
            Err(Lost::Unknown(format!("no answer came within {} s", within.as_secs_f32())))
        })
    }

    async fn exchange(&self, request: Request<Full<Bytes>>, bytes_max: usize) -> Result<Raw, Lost> {
        let response = self.client.request(request).await.map_err(|error| {
            let why = innermost(&error);
            if error.is_connect() { Lost::NotSent(why) } else { never_left(&error, why) }
        })?;
        let (parts, body) = response.into_parts();
        let body = read_body(body, bytes_max).await.map_err(Lost::Unknown)?;
        Ok(Raw { status: parts.status, headers: parts.headers, body })
    }
}

/// Reads an answer up to a length.
pub(crate) async fn read_body(body: Incoming, bytes_max: usize) -> Result<Bytes, String> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(format!("the answer has more than {bytes_max} bytes"))
        }
        Err(error) => Err(format!("the answer broke off: {}", innermost(&*error))),
    }
}

/// A connection may have ended before it took the request; the client says so.
fn never_left(error: &hyper_util::client::legacy::Error, why: String) -> Lost {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.downcast_ref::<hyper::Error>().is_some_and(|error| error.is_canceled()) {
            return Lost::NotSent(why);
        }
        cause = one.source();
    }
    Lost::Unknown(why)
}

/// What happened at the bottom of it; the layers above only say that something did.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Connects to a host.
pub(crate) async fn connect(
    connector: &Connector,
    to: Uri,
) -> Result<MaybeHttpsStream<TokioIo<TcpStream>>, String> {
    let mut connector = connector.clone();
    std::future::poll_fn(|context| connector.poll_ready(context)).await.map_err(|error| error.to_string())?;
    connector.call(to).await.map_err(|error| error.to_string())
}

/// TCP and TLS, both within one time-out.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: HttpsConnector<HttpConnector>,
    wait: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let host = to.authority().map(ToString::to_string).unwrap_or_default();
        let (connecting, wait) = (self.inner.call(to), self.wait);
        Box::pin(async move {
            match tokio::time::timeout(wait, connecting).await {
                Ok(Ok(connected)) => Ok(connected),
                Ok(Err(cause)) => {
                    Err(BoxError::from(format!("`{host}` cannot be reached: {}", innermost(&*cause))))
                }
                Err(_) => Err(BoxError::from(format!(
                    "`{host}` cannot be reached: no connection within {} s",
                    wait.as_secs_f32()
                ))),
            }
        })
    }
}
