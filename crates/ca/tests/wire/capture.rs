//! Reads the captures.

use std::path::PathBuf;

use beamtwin_ca::header::Header;
use serde_json::Value as Json;

/// One conversation.
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) frames: Vec<Frame>,
}

/// One packet, or the opening or closing of a connection.
pub(crate) struct Frame {
    pub(crate) at: f64,
    pub(crate) udp: bool,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) event: Option<String>,
    pub(crate) messages: Vec<Message>,
}

/// One Channel Access message.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) header: Header,
    /// All of it, header included.
    pub(crate) bytes: Vec<u8>,
    /// How many of `bytes` were captured, not continued.
    pub(crate) captured: usize,
    /// What the annotator read from it.
    pub(crate) meaning: String,
}

impl Message {
    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.bytes.len() - self.header.payload as usize..]
    }

    fn new(json: &Json, from_server: bool) -> Self {
        let mut bytes = unhex(json["hex"].as_str().unwrap());
        let captured = bytes.len();
        let (header, head) = Header::decode(&bytes).unwrap();
        let whole = head + header.payload as usize;
        if from_server {
            bytes.resize(whole, 0);
        } else {
            // A cut request holds equal strings.
            let first = head..head + 40;
            while bytes.len() < whole {
                let element = bytes[first.clone()].to_vec();
                let at = (bytes.len() - head) % 40;
                bytes.extend_from_slice(&element[at..]);
            }
            bytes.truncate(whole);
        }
        let meaning = json["meaning"].as_str().unwrap_or_default().to_owned();
        Self {
            header,
            bytes,
            captured,
            meaning,
        }
    }
}

/// All conversations, by name.
pub(crate) fn all() -> Vec<Capture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/wire");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            Capture {
                name,
                frames: frames(&json),
            }
        })
        .collect()
}

/// The conversation of this name.
pub(crate) fn named(name: &str) -> Capture {
    all()
        .into_iter()
        .find(|capture| capture.name == name)
        .unwrap()
}

fn frames(json: &Json) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for frame in json["frames"].as_array().unwrap() {
        let Some(at) = frame["t"].as_f64() else {
            continue;
        };
        if frames.last().is_some_and(|last| last.at > at) {
            break;
        }
        let text = |key: &str| frame[key].as_str().unwrap_or_default().to_owned();
        let from = text("from");
        let messages = frame["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        frames.push(Frame {
            at,
            udp: frame["proto"] == "udp",
            messages: messages
                .iter()
                .map(|m| Message::new(m, from == "server"))
                .collect(),
            from,
            to: text("to"),
            event: frame["event"].as_str().map(str::to_owned),
        });
    }
    frames
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
