//! What the programs of this crate share.

pub mod archives;
pub mod convert;
#[cfg(feature = "designs")]
pub mod designs;
mod fields;
pub mod history;
pub mod in_place;
pub mod json_texts;
pub mod mdbx;
pub mod measured;
pub mod models;
pub mod mutate;
pub mod random;
pub mod record;
pub mod rng;
pub mod shapes;
pub mod sled_dir;
pub mod stream;
pub mod typed;
pub mod typical;

/// Lower-case hexadecimal digits of bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for b in bytes {
        text.push(DIGITS[usize::from(b >> 4)] as char);
        text.push(DIGITS[usize::from(b & 15)] as char);
    }
    text
}

/// What a program's `main` returns: an error is printed by the runtime and gives exit code 1.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The arguments of programs that make random things: `--seed S --count N`.
pub fn seed_and_count(program: &str) -> Result<(u64, u64)> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut seed, mut count) = (None, None);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--seed" => seed = Some(value.parse()?),
            [name, value] if name == "--count" => count = Some(value.parse()?),
            _ => (seed, count) = (None, None),
        }
    }
    seed.zip(count).ok_or_else(|| format!("usage: {program} --seed S --count N").into())
}
