//! What the programs of this crate share.

pub mod archives;
pub mod convert;
mod fields;
pub mod in_place;
pub mod models;
pub mod mutate;
pub mod random;
pub mod record;
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

/// Writes how many bytes there are, as a little-endian u32, and the bytes.
pub fn put_sized(out: &mut impl std::io::Write, bytes: &[u8]) -> Result {
    out.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
    out.write_all(bytes)?;
    Ok(())
}
