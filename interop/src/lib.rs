//! What the programs of this crate share.

pub mod history;
pub mod models;
pub mod rng;
pub mod shapes;
pub mod sled_dir;

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
