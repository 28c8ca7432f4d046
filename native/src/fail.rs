//! A failure on its way to the caller: status, the system's number, one line of text.
use std::ffi::{c_char, c_int};

use crate::abi::Error;

#[derive(Debug)]
pub struct Fail {
    pub status: c_int,
    pub code: i32,
    pub text: String,
}

pub fn fail<T>(status: c_int, text: impl Into<String>) -> Result<T, Fail> {
    Err(Fail { status, code: 0, text: text.into() })
}

impl Fail {
    #[cfg_attr(not(feature = "sled"), allow(dead_code))]
    pub fn because(self, before: &str, after: &str) -> Self {
        Fail { text: format!("{before}{}{after}", self.text), ..self }
    }

    /// Fills the caller's struct, cut at a character; control characters become spaces. `engine`:
    /// which library failed, up to 15 bytes.
    pub fn report(&self, engine: &str, err: Option<&mut Error>) -> c_int {
        if let Some(err) = err {
            *err =
                Error { status: self.status, code: self.code, engine: [0; 16], message: [0; 488] };
            put_text(&mut err.engine, engine);
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
