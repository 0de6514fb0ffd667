//! Files for Meta and from there: samples of template headers by resumable upload, which gives a handle, and media to send,
//! which gives an id. What a broken connection left of an upload is not sent again: Meta is asked how far it came. A file of
//! Meta's is fetched from Meta's own hosts only, and is the one that Meta describes or none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::body::Bytes;
use sha2::{Digest as _, Sha256};

use super::{text, unexpected};
use crate::gateway::graph::{Call, Graph, Payload};
use crate::gateway::outcome::Trouble;

/// Largest file that Meta takes, in bytes.
pub const FILE_BYTES_MAX: usize = 100 << 20;
/// How often an upload that broke off is gone on with.
const RESUMES_MAX: u32 = 6;
/// What separates the parts of a form; it has no place in a file's name, and is long enough to be in no file.
const BOUNDARY: &str = "consentry-6f1c2b0a9d8e7f3546-part";

/// A file to upload.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its kind, like `image/jpeg`.
    pub kind: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// What Meta says of media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where it can be read, for five minutes and with the token.
    pub url: String,
    /// Its kind, like `image/jpeg`.
    pub kind: String,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub bytes: usize,
}

impl Graph {
    /// What Meta says of media: of what was uploaded, for thirty days, and of what a person sent, for seven.
    pub async fn media(&self, id: &str) -> Result<Media, Trouble> {
        let body = self.call(Call::get(&[id])).await?.body;
        let read = || {
            Some(Media {
                url: text(&body, "url")?,
                kind: text(&body, "mime_type")?,
                sha256: hash(&text(&body, "sha256")?)?,
                bytes: text(&body, "file_size")?.parse().ok()?,
            })
        };
        read().ok_or_else(|| unexpected("about media", &body))
    }

    /// Fetches media. Its address lasts five minutes: where it has ended, Meta is asked for another, once.
    pub async fn fetch_media(&self, id: &str) -> Result<(Media, Bytes), Trouble> {
        let mut ended = false;
        loop {
            let media = self.media(id).await?;
            if media.bytes > FILE_BYTES_MAX {
                let text = format!("the file has {} bytes, more than {FILE_BYTES_MAX}", media.bytes);
                return Err(Trouble::NotSent(text));
            }
            let bytes = match self.download(&media.url, media.bytes).await {
                Ok(bytes) => bytes,
                Err(Trouble::Refused(said)) if !ended && matches!(said.status, 403 | 404 | 410) => {
                    ended = true;
                    continue;
                }
                Err(other) => return Err(other),
            };
            if bytes.len() != media.bytes || <[u8; 32]>::from(Sha256::digest(&bytes)) != media.sha256 {
                let text = "the file that came is not the one that Meta describes: its length or its SHA-256 differs";
                return Err(Trouble::Unknown(text.to_owned(), None));
            }
            return Ok((media, bytes));
        }
    }

    /// Deletes media.
    pub async fn delete_media(&self, id: &str) -> Result<(), Trouble> {
        self.done(Call::delete(&[id])).await
    }

    /// Uploads the sample of a template's header; the handle that a template names it by.
    pub async fn upload_sample(&self, app_id: &str, file: &File) -> Result<String, Trouble> {
        let begin = Call::post(&[app_id, "uploads"])
            .with("file_name", &file.name)
            .with("file_length", file.bytes.len().to_string())
            .with("file_type", &file.kind);
        // An upload that is begun twice is finished once: the other lapses.
        let body = self.call_harmless(begin).await?.body;
        let session = text(&body, "id").filter(|id| is_session(id));
        let session = session.ok_or_else(|| unexpected("an upload", &body))?;
        let (mut offset, mut retries) = (Some(0), self.retries(RESUMES_MAX));
        loop {
            match self.go_on(&session, file, offset).await {
                Err(trouble) => retries.wait_after(trouble).await?,
                handle => return handle,
            }
            offset = None;
        }
    }

    /// Sends what is left of an upload; how much that is, Meta is asked where nobody knows.
    async fn go_on(&self, session: &str, file: &File, offset: Option<usize>) -> Result<String, Trouble> {
        let offset = match offset {
            Some(offset) => offset,
            None => self.arrived(session, file.bytes.len()).await?,
        };
        let payload = Payload::File(file.bytes.slice(offset..), offset as u64);
        let body = self.call(of_upload(Method::POST, session, payload)).await?.body;
        // Where less has arrived than was sent, Meta answers yes, and how much it is.
        text(&body, "h").ok_or_else(|| unexpected("a handle", &body))
    }

    /// How many bytes of an upload Meta has. All of them may be there: then only the handle is missing, and nothing more is
    /// sent to get it.
    async fn arrived(&self, session: &str, length: usize) -> Result<usize, Trouble> {
        let body = self.call(of_upload(Method::GET, session, Payload::None)).await?.body;
        let offset = text(&body, "file_offset").and_then(|offset| offset.parse().ok());
        offset.filter(|offset| *offset <= length).ok_or_else(|| unexpected("about an upload", &body))
    }

    /// Uploads media to send from a number; the id that messages name it by, for thirty days.
    pub async fn upload_media(&self, number: &str, file: &File) -> Result<String, Trouble> {
        let mut call = Call::post(&[number, "media"]);
        call.payload = Payload::Bytes(form(file), format!("multipart/form-data; boundary={BOUNDARY}"));
        let body = self.call(call).await?.body;
        text(&body, "id").ok_or_else(|| unexpected("about media", &body))
    }
}

/// The id of an upload is a part of an address as it is, question mark included.
fn of_upload(method: Method, session: &str, payload: Payload) -> Call {
    Call { method, path: vec![session.to_owned()], query: Vec::new(), payload, counts_for: None }
}

/// A SHA-256, in hexadecimal digits as media have it or in base64 as webhooks do.
fn hash(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return STANDARD.decode(text).ok()?.try_into().ok();
    }
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}

fn is_session(id: &str) -> bool {
    let expected = |byte: u8| byte.is_ascii_alphanumeric() || b":?=&_-.~%+".contains(&byte);
    id.starts_with("upload:") && id.len() < 2000 && id.bytes().all(expected)
}

fn form(file: &File) -> Bytes {
    let plain = |text: &str| text.replace(['"', '\r', '\n', '\\'], "_");
    let mut body = Vec::with_capacity(file.bytes.len() + 1024);
    for (name, value) in [("messaging_product", "whatsapp"), ("type", &*plain(&file.kind))] {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    let (name, kind) = (plain(&file.name), plain(&file.kind));
    body.extend_from_slice(
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(&file.bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    Bytes::from(body)
}
