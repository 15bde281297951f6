//! The rules of a file, read and expanded natively, once for every line on the standard input: what
//! `bench/peer/recurrence.py` does in Python, in the same form.
//!
//! The file has a rule a line: zone, start, rule, first and last instant, with tabs in between. Every
//! answer is a line: the microseconds it took, and how many occurrences there were.

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::time::Instant;

use delegate_bench::recurrence::Rule;

#[expect(
    clippy::disallowed_methods,
    reason = "it runs natively, where there is a clock"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let text = std::fs::read_to_string(path)?;
    let rules = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [zone, start, rule, from, until] = fields.as_slice() else {
            return Err(format!("not five fields: {line}").into());
        };
        Ok((*zone, start.parse()?, *rule, from.parse()?, until.parse()?))
    });
    let rules: Vec<(&str, f64, &str, f64, f64)> = rules.collect::<Result<_, Box<dyn Error>>>()?;
    for line in io::stdin().lock().lines() {
        line?;
        let started = Instant::now();
        let mut count = 0;
        for (zone, start, rule, from, until) in &rules {
            count += Rule::read(zone, *start, rule)?.between(*from, *until).len();
        }
        let taken = started.elapsed().as_micros();
        writeln!(io::stdout(), "{taken}\t{count}")?;
    }
    Ok(())
}
