//! A pack of evidence as a file: JSON, one part on a line. The signature stands in the last line and covers every byte
//! before it, so nobody has to agree with us on how JSON is written; the line itself can be written in one way only. The
//! line before it has the SHA-256 of each part, by which it is found what was changed. Pure: it knows neither store nor
//! clock, and whoever has the file and the public key can do the same with any Ed25519 and SHA-256.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::key::{KEY_BYTES, SIGNATURE_BYTES, SigningKey, is_signed, unhex};
use crate::engine::hex;
use crate::wire::person::v1::EvidenceVerdictDocument;

/// How a pack begins; the number is that of the form.
const HEAD: &str = "{\"consentry_evidence\":1,\n";
const PARTS: &str = "\"parts\":";
const ALGORITHM: &str = "Ed25519";
/// Parts that are named when they were changed; there is no use in reading more.
const CHANGED_MAX: usize = 50;

/// What a pack is made of.
#[derive(Default)]
pub struct Parts(Vec<(&'static str, Content)>);

enum Content {
    One(Value),
    Many(Vec<Value>),
}

impl Parts {
    /// A part that is one document.
    pub fn one(&mut self, name: &'static str, document: Value) {
        self.0.push((name, Content::One(document)));
    }

    /// A part that is a list: each of its documents can be told from the others when one was changed.
    pub fn many(&mut self, name: &'static str, documents: Vec<Value>) {
        self.0.push((name, Content::Many(documents)));
    }

    /// The file.
    pub fn signed(&self, key: &SigningKey) -> Vec<u8> {
        let (mut out, mut digests) = (HEAD.to_owned(), Map::new());
        for (name, content) in &self.0 {
            match content {
                Content::One(document) => {
                    let text = document.to_string();
                    out += &format!("\"{name}\":{text},\n");
                    digests.insert((*name).to_owned(), digest(&text));
                }
                Content::Many(documents) => {
                    out += &format!("\"{name}\":[\n");
                    for (at, document) in documents.iter().enumerate() {
                        let text = document.to_string();
                        let comma = if at + 1 < documents.len() { "," } else { "" };
                        out += &format!("{text}{comma}\n");
                        digests.insert(format!("{name}/{at}"), digest(&text));
                    }
                    out += "],\n";
                }
            }
        }
        out += &format!("{PARTS}{},\n", Value::Object(digests));
        let signature = key.sign(out.as_bytes());
        let line = last_line(&hex(&key.public()), &hex(&signature));
        (out + &line).into_bytes()
    }
}

/// Looks whether every byte of a file is as it was signed, and by whom. Without a key that is expected nothing is verified:
/// everybody can sign with a key of their own.
pub fn verify(file: &[u8], expected: Option<&[u8; KEY_BYTES]>) -> EvidenceVerdictDocument {
    let Some(split) = file.strip_suffix(b"\n").and_then(|file| file.iter().rposition(|byte| *byte == b'\n'))
    else {
        return wrong(None, "it is no pack of evidence: its last line, with the signature, is missing");
    };
    let (body, line) = file.split_at(split + 1);
    let Some((public_text, signature)) = read_last_line(line) else {
        return wrong(None, "the last line, with the signature, was changed or is missing");
    };
    let public = unhex::<KEY_BYTES>(&public_text);
    let is_intact = public.is_some_and(|public| is_signed(&public, body, &signature));
    let key_is_expected = expected.map(|expected| Some(*expected) == public);
    if !is_intact {
        let changed = changed_parts(body);
        let why = if changed.is_empty() {
            "it is not what was signed: the list of digests, the order of the parts, the key or the signature was changed"
        } else {
            "it is not what was signed: these parts were changed, or added, or are missing"
        };
        return EvidenceVerdictDocument { key_is_expected, changed, ..wrong(Some(public_text), why) };
    }
    let about = std::str::from_utf8(file).ok().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let said = |name: &str| about.as_ref().and_then(|all| Some(all["about"][name].as_str()?.to_owned()));
    let why = match key_is_expected {
        Some(true) => None,
        Some(false) => {
            Some("every byte is as it was signed, but by another key than the one that was expected")
        }
        None => Some(
            "every byte is as it was signed, but nobody has said whose key that is: name the one that is expected",
        ),
    };
    EvidenceVerdictDocument {
        verified: key_is_expected == Some(true),
        intact: true,
        public_key: Some(public_text),
        key_is_expected,
        of: said("of"),
        made_at: said("made_at"),
        changed: Vec::new(),
        why: why.map(str::to_owned),
    }
}

fn wrong(public_key: Option<String>, why: &str) -> EvidenceVerdictDocument {
    EvidenceVerdictDocument {
        verified: false,
        intact: false,
        public_key,
        key_is_expected: None,
        of: None,
        made_at: None,
        changed: Vec::new(),
        why: Some(why.to_owned()),
    }
}

/// The one way in which the last line is written.
fn last_line(public: &str, signature: &str) -> String {
    let signature = json!({ "algorithm": ALGORITHM, "public_key": public, "value": signature });
    format!("\"signature\":{signature}}}\n")
}

fn read_last_line(line: &[u8]) -> Option<(String, [u8; SIGNATURE_BYTES])> {
    let text = std::str::from_utf8(line).ok()?;
    let inner = text.strip_prefix("\"signature\":")?.strip_suffix("}\n")?;
    let document: Value = serde_json::from_str(inner).ok()?;
    let (public, value) = (document["public_key"].as_str()?, document["value"].as_str()?);
    let signature = unhex(value)?;
    (last_line(public, value) == text).then(|| (public.to_owned(), signature))
}

/// Which parts are not as the list of digests says, by names like `events/3`.
fn changed_parts(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let Some(listed) = text.lines().rev().find_map(|line| line.strip_prefix(PARTS)) else {
        return vec!["parts".to_owned()];
    };
    let Ok(listed) = serde_json::from_str::<BTreeMap<String, String>>(listed.trim_end_matches(',')) else {
        return vec!["parts".to_owned()];
    };
    let (mut changed, mut seen) = (Vec::new(), BTreeSet::new());
    let mut look = |name: String, text: &str| {
        let is = digest(text);
        if listed.get(&name).is_none_or(|was| is != *was.as_str()) {
            changed.push(name.clone());
        }
        seen.insert(name);
    };
    let mut list: Option<(String, usize)> = None;
    for line in text.lines().skip(1).take_while(|line| !line.starts_with(PARTS)) {
        match &mut list {
            Some(_) if line == "]," => list = None,
            Some((name, at)) => {
                look(format!("{name}/{at}"), line.strip_suffix(',').unwrap_or(line));
                *at += 1;
            }
            None => {
                let named = line.strip_prefix('"').and_then(|rest| rest.split_once("\":"));
                match named {
                    Some((name, "[")) => list = Some((name.to_owned(), 0)),
                    Some((name, text)) => look(name.to_owned(), text.strip_suffix(',').unwrap_or(text)),
                    None => look(line.chars().take(20).collect(), line),
                }
            }
        }
    }
    changed.extend(listed.into_keys().filter(|name| !seen.contains(name)));
    changed.truncate(CHANGED_MAX);
    changed
}

fn digest(text: &str) -> Value {
    Value::String(hex(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_seed(&[7; KEY_BYTES]).unwrap()
    }

    fn file() -> Vec<u8> {
        let mut parts = Parts::default();
        parts.one("about", json!({ "of": "+905301112233", "made_at": "2026-11-24T00:00:00.000Z" }));
        parts.many("events", vec![json!({ "seq": 1 }), json!({ "seq": 2, "number_cell": "0530…\n" })]);
        parts.many("heard", Vec::new());
        parts.signed(&key())
    }

    #[test]
    fn a_pack_is_json_and_verifies_with_the_key_that_was_expected() {
        let read: Value = serde_json::from_slice(&file()).unwrap();
        assert_eq!(read["events"][1]["seq"], 2);
        let verdict = verify(&file(), Some(&key().public()));
        assert!(verdict.verified && verdict.intact, "{verdict:?}");
        assert_eq!(verdict.of.as_deref(), Some("+905301112233"));
        let other = SigningKey::from_seed(&[8; KEY_BYTES]).unwrap().public();
        for (expected, is) in [(None, None), (Some(&other), Some(false))] {
            let verdict = verify(&file(), expected);
            assert!(verdict.intact && !verdict.verified && verdict.why.is_some());
            assert_eq!(verdict.key_is_expected, is);
        }
    }

    #[test]
    fn no_bit_of_it_can_be_changed_and_no_byte_left_out_or_added() {
        let (file, public) = (file(), key().public());
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut other = file.clone();
                other[at] ^= 1 << bit;
                assert!(!verify(&other, Some(&public)).intact, "bit {bit} of byte {at}");
            }
            let mut shorter = file.clone();
            shorter.remove(at);
            assert!(!verify(&shorter, Some(&public)).intact, "without byte {at}");
            let mut longer = file.clone();
            longer.insert(at, b' ');
            assert!(!verify(&longer, Some(&public)).intact, "a space before byte {at}");
        }
        for end in 0..file.len() {
            assert!(!verify(&file[..end], Some(&public)).intact, "cut at {end}");
        }
        assert!(!verify(&[&file[..], b"\n"].concat(), Some(&public)).intact);
    }

    #[test]
    fn it_is_said_which_part_was_changed() {
        let text = String::from_utf8(file()).unwrap();
        let changed = |text: &str| verify(text.as_bytes(), Some(&key().public())).changed;
        assert_eq!(changed(&text.replace("{\"seq\":1}", "{\"seq\":9}")), ["events/0"]);
        assert_eq!(changed(&text.replace("+905301112233", "+905301112234")), ["about"]);
        assert_eq!(changed(&text.replace("{\"seq\":1},\n", "")), ["events/0", "events/1"]);
        assert_eq!(changed(&text.replace("\"parts\":", "\"other\":")), ["parts"]);
    }
}
