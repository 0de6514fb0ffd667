//! Links that are counted: an address among the values is left out of the message, and a short one that leads there by way of
//! the server stands for it. What may stand for what is decided here; whoever sends makes the tokens.

/// Characters of a token: every one has as many, so that the length of a text is known before anything is sent.
pub const TOKEN_CHARS: usize = 24;
/// Longest address that is led to, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 2_000;
/// Most values of a message that can be led to: a token says in one byte which it is.
pub const LINKS_MAX: usize = 256;

/// Whether a value is an address from beginning to end: `http://` or `https://`, a host of letters, digits, dots and hyphens,
/// with or without a port, and whatever follows without white space.
pub fn is_address(value: &str) -> bool {
    // Nearly all values are none, and are asked about here for every person.
    let is_near = value.as_bytes().first().is_some_and(|first| first.eq_ignore_ascii_case(&b'h'));
    is_near && value.len() <= ADDRESS_BYTES_MAX && host(value).is_some_and(is_host) && {
        !value.chars().any(|ch| ch.is_whitespace() || ch.is_control())
    }
}

fn host(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    is_web.then(|| rest.split(['/', '?', '#']).next().unwrap_or_default())
}

/// A name and a password before the host show another address than the one that opens, so they are no host.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+');
    name.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(is_name)
        && port.is_none_or(is_port)
}

/// An address as it may stand in a header: what a URL has no room for is percent-encoded. Nothing that is none is written.
pub fn location(address: &str) -> Option<String> {
    if !is_address(address) {
        return None;
    }
    let mut out = String::with_capacity(address.len());
    for byte in address.bytes() {
        let stays = byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if stays {
            out.push(char::from(byte));
        } else {
            let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_from_beginning_to_end() {
        for yes in [
            "https://example.com",
            "HTTP://EXAMPLE.com/a?b=c#d",
            "https://example.com:8443/ş/\"x\"",
            "http://127.0.0.1:8787/x",
            "https://a.b/?to=https://c.d",
        ] {
            assert!(is_address(yes), "{yes}");
        }
        let long = format!("https://example.com/{}", "a".repeat(ADDRESS_BYTES_MAX));
        for no in [
            "",
            "h",
            "example.com",
            "see https://example.com",
            "https://example.com now",
            " https://example.com",
            "https://",
            "https:///a",
            "https://-.-/",
            "https://you@example.com",
            "https://example.com\\@evil.example",
            "https://example.com:0",
            "https://example.com:+1",
            "https://example.com:99999",
            "https://exämple.com",
            "https://example.com/\r\nset-cookie: a",
            "https://example.com/\u{a0}",
            "javascript://example.com/%0aalert(1)",
            "ftp://example.com",
            &long,
        ] {
            assert!(!is_address(no), "{no}");
            assert_eq!(location(no), None);
        }
    }

    #[test]
    fn a_header_gets_what_it_has_room_for() {
        let location = |address| location(address).unwrap();
        assert_eq!(location("https://a.b/c?d=%C5%9F&e#f"), "https://a.b/c?d=%C5%9F&e#f");
        assert_eq!(location("https://a.b/ş\"\\<"), "https://a.b/%C5%9F%22%5C%3C");
    }
}
