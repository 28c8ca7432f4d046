//! The odd texts are odd enough, and the judge of numbers is right.

use mia_interop::json_texts::{Texts, reprint};

const TEXTS: usize = 20_000;

fn is_number(text: &[u8]) -> bool {
    text.iter().all(|c| c.is_ascii_digit() || b"+-.eE".contains(c))
}

#[test]
fn what_is_printed_prints_again() {
    let mut texts = Texts::new(1);
    let (mut accepted, mut changed, mut not_utf8) = (0, 0, 0);
    for _ in 0..TEXTS {
        let text = texts.next_text();
        not_utf8 += usize::from(std::str::from_utf8(&text).is_err());
        if let Some(printed) = reprint(&text) {
            accepted += 1;
            changed += usize::from(printed.as_bytes() != text);
            assert_eq!(reprint(printed.as_bytes()), Some(printed));
        }
    }
    assert!(accepted > TEXTS / 3 && accepted < TEXTS * 3 / 4, "{accepted}");
    assert!(changed > TEXTS / 3, "{changed}");
    assert!(not_utf8 > TEXTS / 200, "{not_utf8}");
}

/// serde_json rounds with other code than the standard library.
#[test]
fn numbers_are_rounded_right() {
    let mut texts = Texts::new(2);
    let (mut numbers, mut long) = (0, 0);
    for _ in 0..TEXTS {
        let text = texts.next_text();
        if !is_number(&text) {
            continue;
        }
        let Some(printed) = reprint(&text) else { continue };
        let text = std::str::from_utf8(&text).unwrap();
        let [expected, found]: [f64; 2] = [text, &printed].map(|t| t.parse().unwrap());
        assert_eq!(expected.to_bits(), found.to_bits(), "{text} {printed}");
        numbers += 1;
        long += usize::from(text.len() > 300);
    }
    assert!(numbers > TEXTS / 6 && long > TEXTS / 100, "{numbers}, {long} of them long");
}

#[test]
fn depth_is_limited() {
    let nested = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(reprint(nested(127).as_bytes()).is_some());
    assert_eq!(reprint(nested(128).as_bytes()), None);
}
