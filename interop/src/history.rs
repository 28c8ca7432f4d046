//! Random histories of a sled database: what `random-sled` lets happen to one.

use crate::Result;
use crate::rng::Rng;
use sled::transaction::{ConflictableTransactionError, TransactionError};
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// How a writer ends, as a word of the command line.
pub const CLOSE: &str = "close";
pub const EXIT: &str = "exit";
pub const NEVER: &str = "never";

pub enum Ending {
    Close,
    Exit,
    Never,
}

impl FromStr for Ending {
    type Err = String;
    fn from_str(word: &str) -> std::result::Result<Self, String> {
        match word {
            CLOSE => Ok(Ending::Close),
            EXIT => Ok(Ending::Exit),
            NEVER => Ok(Ending::Never),
            _ => Err(format!("no ending {word}")),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Keys {
    Counting,
    Few,
    Prefixed,
    Random,
    Long,
}

pub struct History {
    seed: u64,
    pub cycles: usize,
    segment_size: usize,
    use_compression: bool,
    compression_factor: i32,
    flush_every_ms: Option<u64>,
    threads: usize,
    steps: usize,
    keys: Keys,
    largest_value: usize,
}

const SEGMENT_SIZES: &[usize] =
    &[256, 512, 1024, 2048, 4096, 8192, 32_768, 65_536, 262_144, 524_288, 524_288, 1 << 20];

impl History {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let segment_size = SEGMENT_SIZES[rng.below(SEGMENT_SIZES.len())];
        // Where every page is a blob, steps are slow.
        let most = if segment_size < 2048 { 250 } else { 2500 };
        History {
            seed,
            cycles: rng.between(1, 4),
            segment_size,
            use_compression: rng.below(4) == 0,
            compression_factor: rng.between(1, 6) as i32,
            flush_every_ms: [None, Some(1), Some(10), Some(500)][rng.below(4)],
            threads: rng.between(1, 3),
            steps: rng.between(0, most),
            keys: [Keys::Counting, Keys::Few, Keys::Prefixed, Keys::Random, Keys::Long]
                [rng.below(5)],
            largest_value: [20, 200, 200, 2_000, 200_000][rng.below(5)],
        }
    }

    pub fn describe(&self) -> String {
        format!(
            "seed {}: {} cycles, segments of {}, compression {}, flush {:?}, {} threads, {} steps, {:?} keys, \
             values up to {}",
            self.seed,
            self.cycles,
            self.segment_size,
            self.use_compression,
            self.flush_every_ms,
            self.threads,
            self.steps,
            self.keys,
            self.largest_value
        )
    }

    /// Opens the database, says so, and changes it.
    pub fn write(&self, cycle: usize, dir: &Path, ending: Ending) -> Result {
        let db = sled::Config::new()
            .path(dir)
            .segment_size(self.segment_size)
            .use_compression(self.use_compression)
            .compression_factor(self.compression_factor)
            .flush_every_ms(self.flush_every_ms)
            .cache_capacity(1 << 20)
            .open()?;
        println!("open");
        std::io::stdout().flush()?;
        std::thread::scope(|scope| {
            for thread in 0..self.threads {
                let (db, ending) = (&db, &ending);
                let seed = self.seed ^ (cycle as u64 * 16 + thread as u64 + 1).rotate_right(8);
                scope.spawn(move || self.change(db, Rng::new(seed), ending).expect("sled"));
            }
        });
        if matches!(ending, Ending::Exit) {
            std::process::exit(0);
        }
        db.flush()?;
        Ok(())
    }

    fn change(&self, db: &sled::Db, mut rng: Rng, ending: &Ending) -> sled::Result<()> {
        let mut step = 0;
        while matches!(ending, Ending::Never) || step < self.steps {
            match self.step(db, &mut rng) {
                // Another thread has dropped the tree meanwhile.
                Err(sled::Error::CollectionNotFound(_)) => (),
                answer => answer?,
            }
            step += 1;
        }
        Ok(())
    }

    fn step(&self, db: &sled::Db, rng: &mut Rng) -> sled::Result<()> {
        let name = [&b"a"[..], b"", b"b\xff", b"__sled__default", b"tree", b"zz"][rng.below(6)];
        let tree = db.open_tree(name)?;
        match rng.below(1000) {
            0 => drop(db.drop_tree([&b"a"[..], b"tree"][rng.below(2)])?),
            1 => tree.clear()?,
            2..=4 => drop(db.flush()?),
            5..=9 => drop(db.generate_id()?),
            10..=29 => self.remove_range(&tree, rng)?,
            30..=89 => self.batch(&tree, rng)?,
            90..=129 => self.transaction(&tree, rng)?,
            130..=149 => drop(tree.pop_min()?),
            150..=159 => drop(tree.pop_max()?),
            160..=400 => drop(tree.remove(self.key(rng))?),
            _ => drop(tree.insert(self.key(rng), self.value(rng))?),
        }
        Ok(())
    }

    fn batch(&self, tree: &sled::Tree, rng: &mut Rng) -> sled::Result<()> {
        let mut batch = sled::Batch::default();
        for _ in 0..rng.below(30) {
            if rng.below(4) == 0 {
                batch.remove(self.key(rng));
            } else {
                batch.insert(self.key(rng), self.value(rng));
            }
        }
        tree.apply_batch(batch)
    }

    fn transaction(&self, tree: &sled::Tree, rng: &mut Rng) -> sled::Result<()> {
        let pairs: Vec<_> = (0..rng.below(8)).map(|_| (self.key(rng), self.value(rng))).collect();
        let is_aborted = rng.below(4) == 0;
        let answer = tree.transaction(|t| {
            for (key, value) in &pairs {
                t.insert(key.as_slice(), value.as_slice())?;
            }
            if is_aborted { Err(ConflictableTransactionError::Abort(())) } else { Ok(()) }
        });
        match answer {
            Ok(()) | Err(TransactionError::Abort(())) => Ok(()),
            Err(TransactionError::Storage(e)) => Err(e),
        }
    }

    /// A range that goes whole makes leaves merge.
    fn remove_range(&self, tree: &sled::Tree, rng: &mut Rng) -> sled::Result<()> {
        let from = self.key(rng);
        for key in tree.range(from..).keys().take(rng.below(60)) {
            tree.remove(key?)?;
        }
        Ok(())
    }

    fn key(&self, rng: &mut Rng) -> Vec<u8> {
        match self.keys {
            Keys::Counting => (rng.below(4000) as u32).to_be_bytes().to_vec(),
            Keys::Few => {
                let size = rng.below(3);
                rng.bytes(size)
            }
            Keys::Prefixed => {
                let stem = [0, 3, 40, 254, 255, 256, 300][rng.below(7)];
                [vec![b'p'; stem], format!("{:04}", rng.below(600)).into_bytes()].concat()
            }
            Keys::Random => {
                let size = rng.between(0, 40);
                rng.bytes(size)
            }
            Keys::Long => {
                let size = [1, 8, 250, 1_000, 10_000][rng.below(5)];
                let number = rng.below(50) as u8;
                vec![number; size]
            }
        }
    }

    fn value(&self, rng: &mut Rng) -> Vec<u8> {
        let most =
            if rng.below(20) == 0 { self.largest_value } else { self.largest_value.min(100) };
        let size = rng.between(0, most);
        if rng.below(3) == 0 { vec![b'v'; size] } else { rng.bytes(size) }
    }
}
