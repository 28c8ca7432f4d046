//! Numbers in every spelling, many of them where rounding is decided by the last of many digits.

use super::Texts;

impl Texts {
    /// The text of a number, which may be too large for a double.
    pub(super) fn number(&mut self) -> String {
        let double = self.generator.double();
        let text = match self.below(12) {
            0 | 1 => self.integer(),
            2 | 3 => format!("{double:e}"),
            4 | 5 => format!("{:.*e}", self.generator.rng.between(0, 25), double),
            6 if double.abs() < 1e30 => {
                format!("{:.*}", self.generator.rng.between(0, 40), double)
            }
            7 => self.halfway(double.abs()),
            8 => self.huge_exponent(),
            9 => self.digits(400),
            _ => self.digits(25),
        };
        self.respelled(text)
    }

    /// Around the limits of what an integer can be.
    fn integer(&mut self) -> String {
        const EDGES: [i128; 7] =
            [0, 1 << 31, 1 << 53, 1 << 63, 1 << 64, -(1 << 63), 10_000_000_000_000_000_000];
        if self.below(3) == 0 {
            return self.generator.bits().to_string();
        }
        let edge = self.pick(&EDGES) * self.pick(&[1, 1, 1, -1]);
        (edge + self.below(5) as i128 - 2).to_string()
    }

    fn digits(&mut self, most: usize) -> String {
        let mut whole = String::new();
        let count = self.below(most);
        self.put_digits(count, &mut whole);
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        let mut text = format!("{}{whole}", self.pick(&["", "-"]));
        let count = self.below(most);
        if count > 0 {
            text.push('.');
            self.put_digits(count, &mut text);
        }
        if self.below(3) > 0 {
            text.push_str(&format!("e{}", self.below(700) as i64 - 350));
        }
        text
    }

    /// Seldom all at random: runs of zeros and nines are where carries and cuts go wrong.
    fn put_digits(&mut self, count: usize, to: &mut String) {
        let plain = self.pick(&[None, None, Some('0'), Some('9')]);
        for _ in 0..count {
            let random = char::from(self.pick(b"0123456789"));
            to.push(if self.below(10) == 0 { random } else { plain.unwrap_or(random) });
        }
    }

    /// Exponents that no integer type holds.
    fn huge_exponent(&mut self) -> String {
        const EXPONENTS: [&str; 10] = [
            "308",
            "309",
            "-323",
            "-324",
            "-325",
            "2147483647",
            "2147483648",
            "-2147483649",
            "9223372036854775808",
            "-99999999999999999999",
        ];
        let significand =
            self.pick(&["0", "0.0", "-0", "1", "-1", "1.7976931348623157", "4.9", "2.5"]);
        let zeros = "0".repeat(if self.below(4) == 0 { self.below(400) } else { 0 });
        let point = if significand.contains('.') || zeros.is_empty() { "" } else { ".0" };
        format!("{significand}{point}{zeros}e{}", self.pick(&EXPONENTS))
    }

    /// Exactly between a double and the next one, or a little above or below that.
    fn halfway(&mut self, double: f64) -> String {
        if next_up(double).is_infinite() {
            return "1.797693134862315807e308".to_owned(); // just below the border to infinity
        }
        let mut text = middle(double, next_up(double));
        let count = self.below(20);
        match self.below(3) {
            0 => (),
            1 => {
                text.push_str(if text.contains('.') { "" } else { "." });
                text.push_str(&"0".repeat(count));
                text.push('1');
            }
            _ => {
                let last = text.pop().filter(|c| *c != '0').map_or('0', |c| (c as u8 - 1).into());
                text.push(last);
                text.push_str(if text.contains('.') { "9" } else { ".9" });
                text.push_str(&"9".repeat(count));
            }
        }
        format!("{}{text}", self.pick(&["", "-"]))
    }

    /// The same number with another exponent's spelling.
    fn respelled(&mut self, text: String) -> String {
        let Some((significand, exponent)) = text.split_once('e') else { return text };
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => (self.pick(&["", "+"]), exponent),
        };
        let zeros = self.pick(&["", "", "", "00"]);
        format!("{significand}{}{sign}{zeros}{exponent}", self.pick(&["e", "E"]))
    }
}

/// The next double; of one that is not negative.
fn next_up(double: f64) -> f64 {
    f64::from_bits(double.to_bits() + 1)
}

/// All decimal digits of the number between two finite ones that are not negative.
fn middle(low: f64, high: f64) -> String {
    const FRACTION: usize = 1_080; // more digits than any double has behind the point
    let (low, high) = (format!("{low:.FRACTION$}"), format!("{high:.FRACTION$}"));
    let width = low.len().max(high.len());
    let (low, high) = (format!("{low:0>width$}"), format!("{high:0>width$}"));

    let mut sum = Vec::with_capacity(width); // from the last digit on
    let mut carry = 0;
    for (a, b) in low.bytes().zip(high.bytes()).rev().filter(|(a, _)| *a != b'.') {
        let digit = a - b'0' + (b - b'0') + carry;
        sum.push(digit % 10);
        carry = digit / 10;
    }
    sum.push(carry);

    let mut half = String::with_capacity(width + 2);
    let mut rest = 0;
    for digit in sum.iter().rev() {
        let value = rest * 10 + digit;
        half.push(char::from(b'0' + value / 2));
        rest = value % 2;
    }
    half.push(if rest == 1 { '5' } else { '0' });
    half.insert(half.len() - FRACTION - 1, '.');
    let half = half.trim_start_matches('0').trim_end_matches('0').trim_end_matches('.');
    if half.is_empty() || half.starts_with('.') { format!("0{half}") } else { half.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{middle, next_up};

    #[test]
    fn the_middle_is_exact() {
        assert_eq!(
            middle(1.0, next_up(1.0)),
            "1.00000000000000011102230246251565404236316680908203125"
        );
        assert_eq!(middle(9.5, 10.5), "10");
        assert_eq!(middle(0.25, 0.5), "0.375");
        assert_eq!(middle(1e23, next_up(1e23)), "100000000000000000000000");
        let smallest = middle(0.0, 5e-324);
        let digits = smallest.strip_prefix("0.").map(|d| d.trim_start_matches('0'));
        assert!(digits.is_some_and(|d| d.starts_with("24703282292062327208")), "{smallest}");
        assert_eq!(smallest.len(), 2 + 1_075);
    }
}
