//! The way out: plain HTTP to this machine, and to nowhere else.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Who posts webhooks.
pub(crate) const META: &str = "facebookexternalua";
/// Who opens an address: a phone.
pub(crate) const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are looked at.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// A request to a receiver.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    /// Who asks.
    pub(crate) agent: &'static str,
    pub(crate) signature: Option<String>,
    pub(crate) body: String,
}

/// Whether a callback is one that the sandbox calls: plain HTTP on a loopback address.
pub(crate) fn is_loopback(url: &str) -> bool {
    place(url).is_some()
}

/// Makes a request. Without an answer there is no status, for whatever reason.
pub(crate) async fn call(call: Call) -> Option<(u16, Bytes)> {
    tokio::time::timeout(PATIENCE, exchange(call)).await.ok().flatten()
}

async fn exchange(call: Call) -> Option<(u16, Bytes)> {
    let (uri, address) = place(&call.url)?;
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(call.method)
        .uri(path)
        .header(header::HOST, uri.authority()?.as_str())
        .header(header::USER_AGENT, call.agent)
        .header(header::CONNECTION, "close");
    if let Some(signature) = call.signature {
        request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Hub-Signature-256", format!("sha256={signature}"));
    }
    let request = request.body(Full::new(Bytes::from(call.body))).ok()?;
    let answered = async {
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.ok()?.to_bytes();
        Some((status, body))
    };
    // The connection has to be driven while its answer is waited for, and is of no use after it.
    tokio::select! {
        answer = answered => answer,
        _ = async { let _ = connection.await; std::future::pending::<()>().await } => None,
    }
}

/// The address behind a callback, if it is on this machine.
fn place(url: &str) -> Option<(Uri, String)> {
    let uri: Uri = url.parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().unwrap_or(80);
    let address = match host.as_str() {
        "localhost" | "127.0.0.1" => format!("127.0.0.1:{port}"),
        "::1" => format!("[::1]:{port}"),
        _ => return None,
    };
    Some((uri, address))
}
