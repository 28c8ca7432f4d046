//! Opening sled directories: with the parameters the files were made with, and from a private copy.

use crate::Result;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a database is opened with. sled keeps the first two in its file `conf` and insists on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub segment_size: usize,
    pub use_compression: bool,
    pub compression_factor: i32,
}

impl Parameters {
    pub const DEFAULT: Parameters =
        Parameters { segment_size: 512 * 1024, use_compression: false, compression_factor: 5 };

    /// Reads `DIR/conf`: lines of `name: value`, then a CRC of four bytes. A directory without it is
    /// opened with sled's defaults.
    pub fn read(dir: &Path) -> Result<Parameters> {
        let mut found = Parameters::DEFAULT;
        let conf = match fs::read(dir.join("conf")) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            Err(e) => return Err(e.into()),
        };
        let text = String::from_utf8_lossy(&conf[..conf.len().saturating_sub(4)]).into_owned();
        for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "segment_size" => found.segment_size = value.parse()?,
                "use_compression" => found.use_compression = value.parse()?,
                _ => (),
            }
        }
        Ok(found)
    }
}

/// Opens `dir`. sled gives a database's file lock back some milliseconds after the handle is
/// dropped, so that reopening in the same process may need a few attempts.
pub fn open(dir: &Path, with: Parameters) -> Result<sled::Db> {
    let config = sled::Config::new()
        .path(dir)
        .segment_size(with.segment_size)
        .use_compression(with.use_compression)
        .compression_factor(with.compression_factor);
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match config.open() {
            Err(sled::Error::Io(e))
                if e.to_string().contains("could not acquire lock")
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            other => return Ok(other?),
        }
    }
}

/// A copy of a database that is removed when this is dropped: sled changes every directory it opens.
pub struct PrivateCopy {
    folder: tempfile::TempDir,
}

impl PrivateCopy {
    /// The database must not be open anywhere. `$TMPDIR` says where the copy goes.
    pub fn make(dir: &Path) -> Result<PrivateCopy> {
        if !dir.join("db").is_file() {
            return Err(
                format!("{}: no sled database (there is no file `db`)", dir.display()).into()
            );
        }
        let folder = tempfile::Builder::new().prefix("sled-copy-").tempdir()?;
        copy_tree(dir, &folder.path().join("db"))?;
        Ok(PrivateCopy { folder })
    }

    pub fn open(&self) -> Result<sled::Db> {
        let dir = self.folder.path().join("db");
        open(&dir, Parameters::read(&dir)?)
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
