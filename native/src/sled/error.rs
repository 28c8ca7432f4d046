//! What sled answers with, as a failure for the caller.
use std::ffi::c_int;
use std::io::ErrorKind;

use crate::abi::status;
use crate::fail::Fail;

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
