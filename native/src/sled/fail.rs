//! A failure on its way to the caller: status, the system's number, one line of text.
use std::ffi::{c_char, c_int};
use std::io::ErrorKind;

use super::abi::{status, Error};

#[derive(Debug)]
pub struct Fail {
    pub status: c_int,
    pub code: i32,
    pub text: String,
}

pub fn fail<T>(status: c_int, text: impl Into<String>) -> Result<T, Fail> {
    Err(Fail { status, code: 0, text: text.into() })
}

impl From<sled::Error> for Fail {
    fn from(error: sled::Error) -> Self {
        let text = match &error {
            sled::Error::Corruption { at: Some(at), .. } => {
                format!("damaged data at byte {} of its file db", at.lid())
            }
            sled::Error::Corruption { at: None, .. } => "damaged data".into(),
            other => other.to_string(),
        };
        let (status, code) = match &error {
            sled::Error::Io(io) => (status_of(io, &text), errno_of(io, &text)),
            sled::Error::Corruption { .. } => (status::CORRUPT, 0),
            sled::Error::Unsupported(_) => (status::UNSUPPORTED, 0),
            sled::Error::CollectionNotFound(_) => (status::INVALID, 0),
            sled::Error::ReportableBug(_) => (status::INTERNAL, 0),
        };
        Fail { status, code, text }
    }
}

/// Kinds survive where sled copies an error of one of its threads; numbers do not.
fn status_of(io: &std::io::Error, text: &str) -> c_int {
    match io.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => status::FULL,
        ErrorKind::OutOfMemory => status::NOMEM,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => status::READONLY,
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => status::CORRUPT,
        _ if text.contains("could not acquire lock") && text.contains("WouldBlock") => status::BUSY,
        _ => status::IO,
    }
}

/// sled keeps the number of a copied error in its text only: `Os { code: 28, kind: ...`.
fn errno_of(io: &std::io::Error, text: &str) -> i32 {
    let in_text = || {
        let digits = text.split_once("code: ")?.1;
        digits[..digits.find(|c: char| !c.is_ascii_digit())?].parse().ok()
    };
    io.raw_os_error().or_else(in_text).unwrap_or(0)
}

impl Fail {
    pub fn because(self, before: &str, after: &str) -> Self {
        Fail { text: format!("{before}{}{after}", self.text), ..self }
    }

    /// Fills the caller's struct, cut at a character; control characters become spaces.
    pub fn report(&self, err: Option<&mut Error>) -> c_int {
        if let Some(err) = err {
            *err =
                Error { status: self.status, code: self.code, engine: [0; 16], message: [0; 488] };
            put_text(&mut err.engine, "sled");
            put_text(&mut err.message, &self.text);
        }
        self.status
    }
}

/// Shortens text to at most `most` bytes, at a character.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `to` is all zeros and keeps its last one.
fn put_text(to: &mut [c_char], text: &str) {
    let text = cut(text, to.len() - 1);
    for (to, from) in to.iter_mut().zip(text.bytes()) {
        *to = if from < b' ' { b' ' } else { from } as c_char;
    }
}
