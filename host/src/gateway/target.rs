//! Where Meta's Graph API is, and which version of it. Tokens travel there, so only TLS will do, unless it is this very
//! machine: the stand-in of tests and first steps.

use std::net::IpAddr;

use hyper::Uri;

/// The version that is asked for when nobody names one.
pub const VERSION: &str = "v26.0";
/// Meta's own address.
pub const META: &str = "https://graph.facebook.com";

/// Where Meta's dialogs are.
const DIALOG: &str = "https://www.facebook.com";
/// Where their windows tell from.
const DIALOG_ORIGINS: [&str; 2] = [DIALOG, "https://web.facebook.com"];
/// Where Meta keeps files, whatever stands before it.
const FILE_DOMAINS: [&str; 3] = [".fbsbx.com", ".fbcdn.net", ".whatsapp.net"];
const HTTPS_PORT: u16 = 443;

/// An address and a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    base: String,
    version: String,
}

impl Target {
    /// Meta itself.
    pub fn meta() -> Target {
        Target { base: META.to_owned(), version: VERSION.to_owned() }
    }

    /// Another address, for example `http://127.0.0.1:9000`, and a version like `v26.0`; what is wrong with them otherwise.
    pub fn new(base: &str, version: &str) -> Result<Target, String> {
        let base = base.trim().trim_end_matches('/');
        let shown = consentry_core::diagnostic::clip(base);
        let uri: Uri =
            base.parse().map_err(|_| format!("`{shown}` is no address; write for example `{META}`"))?;
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let plain = !matches!(uri.path(), "" | "/") || uri.query().is_some() || base.contains(['@', '#']);
        match uri.scheme_str() {
            _ if host.is_empty() || plain => {
                Err(format!("`{shown}` is no address of a server alone; write for example `{META}`"))
            }
            Some("https") => Ok(()),
            Some("http") if is_this_machine(host) => Ok(()),
            Some("http") => Err(format!(
                "`{shown}` is not encrypted, and tokens travel there: use https, or a stand-in on 127.0.0.1"
            )),
            _ => Err(format!("`{shown}` is neither https nor http")),
        }?;
        let number = version.strip_prefix('v').and_then(|number| number.split_once('.'));
        let digits = |text: &str| {
            !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !number.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            let version = consentry_core::diagnostic::clip(version);
            return Err(format!("`{version}` is no version of the Graph API; write for example `{VERSION}`"));
        }
        Ok(Target { base: base.to_owned(), version: version.to_owned() })
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The version, like `v26.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The dialog in which people sign up, and the origins of which its window may tell what was chosen. Meta has it on a host
    /// of its own; a stand-in on this machine stands in for that as well.
    pub fn dialog(&self) -> (String, Vec<String>) {
        let (host, origins) = if self.base.starts_with("http://") {
            (self.base.as_str(), vec![self.base.clone()])
        } else {
            (DIALOG, DIALOG_ORIGINS.map(str::to_owned).to_vec())
        };
        (format!("{host}/{}/dialog/oauth", self.version), origins)
    }

    /// The address of a file, as Meta named it; only Meta's own will do, or the server that was asked itself: the token goes
    /// there. What is wrong with it otherwise.
    pub(super) fn of_file(&self, address: &str) -> Result<Uri, String> {
        let uri: Uri = address.parse().map_err(|_| "the file's address is none".to_owned())?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let base: Option<Uri> = self.base.parse().ok();
        let is_base = base.is_some_and(|base| {
            base.scheme() == uri.scheme() && base.authority().is_some_and(|own| Some(own) == uri.authority())
        });
        let is_meta = uri.scheme_str() == Some("https")
            && uri.port_u16().is_none_or(|port| port == HTTPS_PORT)
            && !uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
            && FILE_DOMAINS.iter().any(|domain| host.ends_with(domain));
        if is_base || is_meta {
            return Ok(uri);
        }
        let host = consentry_core::diagnostic::clip(&host);
        Err(format!(
            "the file is said to be at `{host}`, which is none of Meta's places: the token does not go there"
        ))
    }

    /// Whether it is a stand-in and not Meta.
    pub fn is_sandbox(&self) -> bool {
        self.base != META
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_encrypted_or_not_at_all() {
        for base in [
            META,
            "https://graph.example:8443/",
            "http://127.0.0.1:9",
            "http://[::1]:9",
            "http://localhost:1/",
        ] {
            let target = Target::new(base, VERSION).unwrap();
            assert_eq!(target.base(), base.trim_end_matches('/'));
        }
        for (base, expected) in [
            ("http://graph.facebook.com", "not encrypted"),
            ("http://10.0.0.1:80", "not encrypted"),
            ("http://127.0.0.1.example.com", "not encrypted"),
            ("http://localhost.example.com", "not encrypted"),
            ("ftp://127.0.0.1", "neither https nor http"),
            ("https://graph.facebook.com/v26.0", "server alone"),
            ("https://me@graph.facebook.com", "server alone"),
            ("https://graph.facebook.com?x=1", "server alone"),
            ("graph.facebook.com", "neither"),
            ("", "no address"),
        ] {
            let refused = Target::new(base, VERSION).unwrap_err();
            assert!(refused.contains(expected), "{base}: {refused}");
        }
    }

    #[test]
    fn a_token_goes_for_files_to_meta_alone() {
        let meta = Target::meta();
        let stand_in = Target::new("http://127.0.0.1:9", VERSION).unwrap();
        for address in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=x",
            "https://scontent.xx.fbcdn.net:443/v/1.jpg",
            "https://MMG.whatsapp.net/d",
            "https://graph.facebook.com/file",
        ] {
            meta.of_file(address).unwrap();
        }
        stand_in.of_file("http://127.0.0.1:9/_sandbox/media/1").unwrap();
        for address in [
            "http://lookaside.fbsbx.com/1",
            "https://lookaside.fbsbx.com:8443/1",
            "https://lookaside.fbsbx.com@evil.example/1",
            "https://me@lookaside.fbsbx.com/1",
            "https://lookaside.fbsbx.com.evil.example/1",
            "https://evilfbsbx.com/1",
            "https://fbsbx.com./1",
            "https://evil.example/#.fbsbx.com",
            "https://169.254.169.254/latest/meta-data",
            "https://www.facebook.com/1",
            "http://127.0.0.1:9/1",
            "http://graph.facebook.com/1",
            "ftp://lookaside.fbsbx.com/1",
            "/1",
            "",
        ] {
            assert!(meta.of_file(address).is_err(), "{address}");
        }
        for address in ["http://127.0.0.1:10/1", "https://127.0.0.1:9/1", "http://localhost:9/1"] {
            assert!(stand_in.of_file(address).is_err(), "{address}");
        }
    }

    #[test]
    fn a_version_is_a_version() {
        assert!(Target::new(META, "v1.0").is_ok());
        for version in ["26.0", "v26", "v26.", "v26.0/../x", "vv.0", ""] {
            assert!(Target::new(META, version).unwrap_err().contains("no version"), "{version}");
        }
    }
}
