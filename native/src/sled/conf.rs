//! sled's file `conf`: with which segment size and compression a database was made. sled itself
//! only compares them with what it is told, so they must be known beforehand.
use std::io::ErrorKind;
use std::path::Path;

use crate::abi::status;
use crate::fail::{fail, Fail};

pub struct Conf {
    pub segment_size: usize,
    pub is_compressed: bool,
}

/// sled's own defaults.
const NEW: Conf = Conf { segment_size: 512 * 1024, is_compressed: false };
/// sled takes a shorter file for no file.
const LEAST_SIZE: usize = 9;
const CHECKSUM_SIZE: usize = 4;

/// The parameters of the database in `dir`; sled's defaults where there is none yet.
pub fn read(dir: &Path) -> Result<Conf, Fail> {
    let bytes = match std::fs::read(dir.join("conf")) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Fail::from(sled::Error::from(e)).because("its file conf: ", "")),
    };
    if bytes.len() >= LEAST_SIZE {
        return parse(&bytes[..bytes.len() - CHECKSUM_SIZE]);
    }
    if dir.join("db").metadata().is_ok_and(|db| db.len() > 0) {
        return fail(
            status::CORRUPT,
            "its file conf is missing or cut: without it sled guesses the segment size, and a wrong \
             guess destroys the data",
        );
    }
    Ok(NEW)
}

fn parse(text: &[u8]) -> Result<Conf, Fail> {
    let text = String::from_utf8_lossy(text);
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| *n == name));
        found.map(|(_, value)| value).ok_or(())
    };
    let damaged = |()| Fail {
        status: status::CORRUPT,
        code: 0,
        text: "its file conf does not hold the parameters of a sled database".into(),
    };
    let version = value("version").map_err(damaged)?;
    if version != "0.34" {
        return fail(
            status::VERSION,
            format!("made by sled {version}, this is sled 0.34: export it with that version first"),
        );
    }
    let segment_size = value("segment_size").and_then(|v| v.parse().map_err(|_| ()));
    let is_compressed = value("use_compression").and_then(|v| v.parse().map_err(|_| ()));
    Ok(Conf {
        segment_size: segment_size.map_err(damaged)?,
        is_compressed: is_compressed.map_err(damaged)?,
    })
}
