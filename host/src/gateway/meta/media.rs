//! Files for Meta: samples of template headers by resumable upload, which gives a handle, and media to send, which gives an
//! id.

use hyper::Method;
use hyper::body::Bytes;

use super::{text, unexpected};
use crate::gateway::graph::{Call, Graph, Payload};
use crate::gateway::outcome::Trouble;

/// Largest file that Meta takes, in bytes.
pub const FILE_BYTES_MAX: usize = 100 << 20;
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

impl Graph {
    /// Uploads the sample of a template's header; the handle that a template names it by.
    pub async fn upload_sample(&self, app_id: &str, file: &File) -> Result<String, Trouble> {
        let begin = Call::post(&[app_id, "uploads"])
            .with("file_name", &file.name)
            .with("file_length", file.bytes.len().to_string())
            .with("file_type", &file.kind);
        let body = self.call(begin).await?.body;
        let session = text(&body, "id").filter(|id| is_session(id));
        let session = session.ok_or_else(|| unexpected("an upload", &body))?;
        // The id of an upload is a part of an address as it is, question mark included.
        let send = Call {
            method: Method::POST,
            path: vec![session],
            query: Vec::new(),
            payload: Payload::File(file.bytes.clone(), 0),
            counts_for: None,
        };
        let body = self.call(send).await?.body;
        text(&body, "h").ok_or_else(|| unexpected("a handle", &body))
    }

    /// Uploads media to send from a number; the id that messages name it by, for thirty days.
    pub async fn upload_media(&self, number: &str, file: &File) -> Result<String, Trouble> {
        let mut call = Call::post(&[number, "media"]);
        call.payload = Payload::Bytes(form(file), format!("multipart/form-data; boundary={BOUNDARY}"));
        let body = self.call(call).await?.body;
        text(&body, "id").ok_or_else(|| unexpected("about media", &body))
    }
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
