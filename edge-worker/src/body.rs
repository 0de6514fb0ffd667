//! Reads a request's body up to a limit, whatever length its header claims.

use futures_util::TryStreamExt;
use worker::{Request, Result};

/// A body, or the news that there was too much of it.
pub(crate) enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// More than the limit; reading stopped there, or never began.
    TooLarge,
}

/// Reads at most `bytes_max` bytes. A request without a body has an empty one.
pub(crate) async fn read(request: &mut Request, bytes_max: usize) -> Result<Body> {
    if request.inner().body().is_none() {
        return Ok(Body::Whole(Vec::new()));
    }
    match announced(request)? {
        Some(bytes) if bytes > bytes_max => return Ok(Body::TooLarge),
        // The runtime gives no more than was announced, so that nothing needs to be counted.
        Some(_) => return Ok(Body::Whole(request.bytes().await?)),
        None => {}
    }
    let mut stream = request.stream()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(Body::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body::Whole(bytes))
}

/// The length that the header claims.
fn announced(request: &Request) -> Result<Option<usize>> {
    Ok(request.headers().get("content-length")?.map(|text| text.trim().parse().unwrap_or(usize::MAX)))
}
