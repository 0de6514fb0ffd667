//! Whether the way to the database is encrypted, and who the server must prove to be. `sslmode=require` and
//! `sslmode=verify-full` mean the same here: TLS, and a certificate that is right. Whoever leaves `sslmode` out has a socket,
//! a private network or a tunnel.

use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use postgres::Config;
use postgres::config::SslMode;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::StoreError;

fn unusable(cause: String) -> StoreError {
    StoreError::Unusable(cause)
}

/// What to connect with: the database, and TLS if it is asked for. Takes libpq's `sslrootcert` as well, a PEM file.
pub(super) fn of_url(url: &str) -> Result<(Config, Option<MakeRustlsConnect>), StoreError> {
    let (url, authority) = without_authority(url);
    let config = Config::from_str(&url).map_err(|error| {
        // Its text names the part that is wrong, never the address: that may hold a password.
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        unusable(format!(
            "its address is neither `postgresql://user@host/database` nor `host=… dbname=…`{}",
            cause.unwrap_or_default()
        ))
    })?;
    let tls = match config.get_ssl_mode() {
        SslMode::Require => Some(connector(authority.as_deref())?),
        _ if authority.is_some() => {
            return Err(unusable(
                "`sslrootcert` says who vouches for the server, and `sslmode=require` is missing".to_owned(),
            ));
        }
        _ => None,
    };
    Ok((config, tls))
}

/// The address without what the client library does not know, in the form of a URL or of words.
fn without_authority(url: &str) -> (String, Option<String>) {
    let (start, parameters, separator) = match url.split_once('?') {
        Some((start, parameters)) if url.contains("://") => (format!("{start}?"), parameters, '&'),
        None if url.contains("://") => return (url.to_owned(), None),
        _ => (String::new(), url, ' '),
    };
    let mut authority = None;
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    for parameter in parameters.split(separator) {
        match parameter.split_once('=') {
            Some(("sslrootcert", path)) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
                authority = Some(path.into_owned());
            }
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require".into()),
            _ => kept.push(parameter.into()),
        }
    }
    (start + &kept.join(&separator.to_string()), authority)
}

fn connector(authority: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    match authority {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let unreadable =
                |cause: String| unusable(format!("`sslrootcert` `{path}` cannot be read: {cause}"));
            let certificates = CertificateDer::pem_file_iter(Path::new(path))
                .map_err(|cause| unreadable(cause.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|cause| unreadable(cause.to_string()))?;
                roots.add(certificate).map_err(|cause| unreadable(cause.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unreadable("there is no certificate in it".to_owned()));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| unusable(format!("TLS cannot be set up: {cause}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_library_does_not_know_is_taken_out() {
        for (url, expected, authority) in [
            ("postgresql://u@h/d", "postgresql://u@h/d", None),
            (
                "postgresql://u@h/d?sslmode=verify-full&connect_timeout=3",
                "postgresql://u@h/d?sslmode=require&connect_timeout=3",
                None,
            ),
            (
                "postgresql://u@h/d?sslmode=require&sslrootcert=%2Fetc%2Fca.pem",
                "postgresql://u@h/d?sslmode=require",
                Some("/etc/ca.pem"),
            ),
            (
                "host=h sslmode=verify-full sslrootcert=/etc/ca.pem dbname=d",
                "host=h sslmode=require dbname=d",
                Some("/etc/ca.pem"),
            ),
        ] {
            assert_eq!(without_authority(url), (expected.to_owned(), authority.map(str::to_owned)), "{url}");
        }
    }
}
