//! `random-sled SEED DIR`: a database with a random history, made by the real sled, which may be
//! killed in the midst of it several times; prints what the real sled recovers from a copy, as
//! `sled-digest` does. Exit 3: sled itself cannot open what it left behind.
//!
//! The parameters and the history follow from the seed; where a SIGKILL falls does not.

use mia_interop::rng::Rng;
use mia_interop::{Result, history};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", seed, cycle, dir, ending] => {
            let history = history::History::new(seed.parse()?);
            history.write(cycle.parse()?, Path::new(dir), ending.parse()?)?;
            Ok(ExitCode::SUCCESS)
        }
        [seed, dir] => make(seed.parse()?, Path::new(dir)),
        _ => Err("usage: random-sled SEED DIR".into()),
    }
}

fn make(seed: u64, dir: &Path) -> Result<ExitCode> {
    if dir.exists() {
        return Err(format!("{}: exists already; name a new directory", dir.display()).into());
    }
    let history = history::History::new(seed);
    eprintln!("{}", history.describe());
    let mut rng = Rng::new(seed ^ 0x6b69_6c6c);
    for cycle in 0..history.cycles {
        if rng.below(2) == 0 {
            kill_in_midst(seed, cycle, dir, &mut rng)?;
        } else {
            // Some end without closing the database, which leaves more to recover.
            let ending = if rng.below(3) == 0 { history::EXIT } else { history::CLOSE };
            if !ends_well(&mut writer(seed, cycle, dir, ending)?)? {
                eprintln!("sled gave up in cycle {cycle}"); // a crash as good as any other
                break;
            }
        }
    }
    digest(dir)
}

fn writer(seed: u64, cycle: usize, dir: &Path, ending: &str) -> Result<Child> {
    Ok(Command::new(std::env::current_exe()?)
        .args(["write", &seed.to_string(), &cycle.to_string()])
        .arg(dir)
        .arg(ending)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?)
}

/// The writer says when the database is open; now and then it is killed before that.
fn kill_in_midst(seed: u64, cycle: usize, dir: &Path, rng: &mut Rng) -> Result {
    let mut child = writer(seed, cycle, dir, history::NEVER)?;
    let while_opening = cycle > 0 && rng.below(6) == 0;
    if !while_opening && let Some(out) = child.stdout.take() {
        wait_for_line(out);
    }
    let most = if while_opening { 8_000 } else { 120_000 };
    std::thread::sleep(Duration::from_micros(rng.between(100, most) as u64));
    child.kill()?;
    child.wait()?;
    // A database killed while it was made may have no conf yet; that is no database.
    if !dir.join("conf").exists() || !dir.join("db").exists() {
        if !ends_well(&mut writer(seed, cycle, dir, history::CLOSE)?)? {
            return Err(format!("seed {seed}: the writer of cycle {cycle} failed").into());
        }
    }
    Ok(())
}

/// At most ten seconds: now and then sled waits for ever while it opens what a killed one left.
fn wait_for_line(out: std::process::ChildStdout) {
    let (say, hear) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let read = BufReader::new(out).read_line(&mut String::new());
        say.send(read.is_ok()).ok();
    });
    hear.recv_timeout(Duration::from_secs(10)).ok();
}

/// sled never again opens a directory in which it was killed while it wrote a snapshot.
fn generating(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.filter(|path| path.extension().is_some_and(|e| e == "generating")).collect()
}

/// What sled-digest says, which opens a copy. In a process of its own, because sled can panic or
/// wait for ever. Half-written snapshots are put aside meanwhile.
fn digest(dir: &Path) -> Result<ExitCode> {
    let aside = tempfile::tempdir()?;
    let mut moved = Vec::new();
    for path in generating(dir) {
        let to = aside.path().join(path.file_name().unwrap_or_default());
        std::fs::copy(&path, &to)?;
        std::fs::remove_file(&path)?;
        moved.push((to, path));
    }
    let out = aside.path().join("digest");
    let program = std::env::current_exe()?.with_file_name("sled-digest");
    let mut child = Command::new(program)
        .arg(dir)
        .stdout(std::fs::File::create(&out)?)
        .stderr(Stdio::null())
        .spawn()?;
    let is_read = ends_well(&mut child)?;
    for (from, to) in moved {
        std::fs::copy(from, to)?;
    }
    if !is_read {
        eprintln!("sled cannot open {}", dir.display());
        return Ok(ExitCode::from(3));
    }
    std::io::stdout().write_all(&std::fs::read(&out)?)?;
    Ok(ExitCode::SUCCESS)
}

fn ends_well(child: &mut Child) -> Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
