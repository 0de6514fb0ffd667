//! Files: samples of template headers by resumable upload, and media that messages name by id.

use axum::body::Bytes;
use serde_json::json;

use super::answer::{Refusal, Reply};
use super::ask::Ask;

use super::state::{DAY_MS, Media, State, Upload};

/// What a sample of a header may be, and the bytes it may have.
const SAMPLES: [(&str, usize); 5] = [
    ("image/jpeg", 5 << 20),
    ("image/png", 5 << 20),
    ("video/mp4", 16 << 20),
    ("video/3gpp", 16 << 20),
    ("application/pdf", 100 << 20),
];
/// How long media can be named that was uploaded.
const MEDIA_MS: i64 = 30 * DAY_MS;
/// How long the address of media works.
const ADDRESS_MS: i64 = 5 * 60_000;

/// `POST /{app}/uploads`: begins the upload of a sample.
pub(crate) fn begin(state: &mut State, ask: &Ask) -> Reply {
    let kind = ask.required("file_type")?;
    let length: usize = ask
        .required("file_length")?
        .parse()
        .map_err(|_| Refusal::parameter("Param file_length must be an integer"))?;
    let max = SAMPLES.iter().find(|(known, _)| *known == kind).map(|(_, max)| *max);
    let Some(max) = max else {
        return Err(Refusal::parameter(format!("Param file_type {kind} is not supported")));
    };
    if length == 0 || length > max {
        return Err(Refusal::parameter(format!("Param file_length must be from 1 to {max}")));
    }
    let id = format!("upload:MTphdHRhY2htZW50O{}", state.new_id("upload"));
    state.uploads.insert(id.clone(), Upload { kind, length, bytes: Vec::new() });
    Ok(json!({"id": id}))
}

/// `GET /upload:…`: how far it came. `POST`: the next bytes, and the handle when all are there.
pub(crate) fn proceed(state: &mut State, ask: &Ask) -> Reply {
    let id = ask.part(0).to_owned();
    let now_ms = state.now_ms;
    let Some(upload) = state.uploads.get_mut(&id) else {
        return Err(Refusal::no_object(ask.method.as_str(), &id));
    };
    if ask.method == axum::http::Method::GET {
        return Ok(json!({"id": id, "file_offset": upload.bytes.len()}));
    }
    if ask.offset.unwrap_or(0) != upload.bytes.len() {
        return Err(Refusal::parameter("The file offset is not where the upload stands."));
    }
    upload.bytes.extend_from_slice(&ask.raw);
    if upload.bytes.len() < upload.length {
        return Ok(json!({"id": id, "file_offset": upload.bytes.len()}));
    }
    if upload.bytes.len() > upload.length {
        return Err(Refusal::parameter("The file is longer than was said."));
    }
    let kind = upload.kind.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let word = state.chance.word(40, "handle", &id, 0);
    Ok(json!({"h": format!("4::{kind}:{word}:e:{}:1:1:AR{}", now_ms / 1000, &word[..20])}))
}

/// `POST /{phone}/media`: a file in a form.
pub(crate) fn upload(state: &mut State, ask: &Ask, number: &str) -> Reply {
    let parts = parts(&ask.content_type, &ask.raw)
        .ok_or_else(|| Refusal::parameter("The body is not multipart/form-data."))?;
    let field = |name: &str| {
        let found = parts.iter().find(|part| part.name == name)?;
        Some(String::from_utf8_lossy(&found.content).into_owned())
    };
    if field("messaging_product").as_deref() != Some("whatsapp") {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    let Some(file) = parts.iter().find(|part| part.name == "file") else {
        return Err(Refusal::parameter("The parameter file is required."));
    };
    let kind = field("type").filter(|kind| kind.contains('/')).or_else(|| file.kind.clone());
    let kind = kind.ok_or_else(|| Refusal::parameter("The parameter type is required."))?;
    let max = match kind.split('/').next() {
        Some("image") => 5 << 20,
        Some("video" | "audio") => 16 << 20,
        _ => 100 << 20,
    };
    if file.content.is_empty() || file.content.len() > max {
        return Err(Refusal::sending(131_053, format!("The file must have from 1 to {max} bytes")));
    }
    let id = state.new_id("media").to_string();
    let until_ms = state.now_ms + MEDIA_MS;
    let media = Media { number: number.to_owned(), kind, bytes: file.content.clone(), until_ms };
    state.media.insert(id.clone(), media);
    Ok(json!({"id": id}))
}

/// `GET` and `DELETE /{media}`
pub(crate) fn node(state: &mut State, ask: &Ask, id: &str) -> Reply {
    let now_ms = state.now_ms;
    if let Some(number) = ask.text("phone_number_id")
        && state.media.get(id).is_some_and(|media| media.number != number)
    {
        return Err(Refusal::no_object(ask.method.as_str(), id));
    }
    match (ask.method.as_str(), state.media.get(id)) {
        ("GET", Some(media)) if media.until_ms > now_ms => {
            let sha256 = sha256(&media.bytes);
            let until_s = (now_ms + ADDRESS_MS) / 1000;
            Ok(json!({
                "url": format!("{}/_sandbox/media/{id}?ext={until_s}", state.base_url),
                "mime_type": media.kind,
                "sha256": sha256,
                "file_size": media.bytes.len(),
                "id": id,
                "messaging_product": "whatsapp",
            }))
        }
        ("DELETE", Some(_)) => {
            state.media.remove(id);
            Ok(json!({"success": true}))
        }
        (method, _) => Err(Refusal::no_object(method, id)),
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A part of a form.
struct Part {
    name: String,
    kind: Option<String>,
    content: Vec<u8>,
}

/// The parts of a form; none when it is none.
fn parts(content_type: &str, raw: &Bytes) -> Option<Vec<Part>> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.trim().strip_prefix("boundary=")?.trim_matches('"');
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    for piece in split(raw, delimiter.as_bytes()).into_iter().skip(1) {
        let Some(piece) = piece.strip_prefix(b"\r\n") else { continue };
        let end = piece.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&piece[..end]).ok()?;
        let content = &piece[end + 4..];
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        let header = |wanted: &str| {
            head.split("\r\n").find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
            })
        };
        let disposition = header("content-disposition")?;
        let name = disposition.split(';').find_map(|item| item.trim().strip_prefix("name="))?;
        parts.push(Part {
            name: name.trim_matches('"').to_owned(),
            kind: header("content-type"),
            content: content.to_vec(),
        });
    }
    Some(parts)
}

/// What stands between the delimiters.
fn split<'a>(bytes: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    while at + delimiter.len() <= bytes.len() {
        if &bytes[at..at + delimiter.len()] == delimiter {
            pieces.push(&bytes[start..at]);
            at += delimiter.len();
            start = at;
        } else {
            at += 1;
        }
    }
    pieces.push(&bytes[start..]);
    pieces
}
