//! `make-sled SHAPE SEED DIR [--megabytes N] [--segment-size N] [--compress FACTOR]`: a database
//! made by the real sled. `make-sled list` prints the shapes.

use mia_interop::Result;
use mia_interop::shapes::{SHAPES, Settings, make};
use std::path::Path;

const USAGE: &str = "usage: make-sled SHAPE SEED DIR [--megabytes N] [--segment-size N] [--compress FACTOR]\n\
                     or: make-sled list";

fn main() -> Result {
    let mut words = Vec::new();
    let mut settings = Settings::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().ok_or(format!("{argument} needs a number"));
        match argument.as_str() {
            "--megabytes" => settings.megabytes = Some(number()?.parse()?),
            "--segment-size" => settings.segment_size = Some(number()?.parse()?),
            "--compress" => settings.compression_factor = Some(number()?.parse()?),
            _ => words.push(argument),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => SHAPES.iter().for_each(|s| println!("{:<12} {}", s.name, s.text)),
        [name, seed, dir] => {
            let shape = SHAPES.iter().find(|s| s.name == *name);
            let shape = shape.ok_or(format!("no shape {name}; `make-sled list` prints them"))?;
            make(shape, seed.parse()?, Path::new(dir), settings)?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
