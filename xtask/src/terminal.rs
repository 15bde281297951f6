//! What the person sees while something is going on: steps with the time they take, and complaints.
//!
//! Progress goes to standard error, results to standard output. Where standard error is no terminal
//! (CI, a pipe) every step is two plain lines and nothing moves.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use console::{Term, style};
use indicatif::{ProgressBar, ProgressStyle};

/// The width of a report where nobody says otherwise.
const DEFAULT_WIDTH: usize = 80;

/// Longer lines are hard to read, however wide the window.
const MAXIMUM_WIDTH: usize = 100;

/// The width that reports are written for.
pub(crate) fn width() -> usize {
    Term::stdout()
        .size_checked()
        .map_or(DEFAULT_WIDTH, |(_, columns)| usize::from(columns))
        .clamp(40, MAXIMUM_WIDTH)
}

/// Whether progress may move.
fn is_lively() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
}

/// Reports why a command failed: the outermost reason first, each cause on a line of its own.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut reasons = error.chain();
    if let Some(first) = reasons.next() {
        eprintln!("{} {first}", style("error:").for_stderr().red().bold());
    }
    for reason in reasons {
        eprintln!("  because {reason}");
    }
}

/// Says something that does not stop the work.
pub(crate) fn warn(text: &str) {
    eprintln!("{} {text}", style("warning:").for_stderr().yellow().bold());
}

/// Says something in passing.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// A step of a longer piece of work, with the time it takes. Dropped unfinished, it failed.
#[derive(Debug)]
pub(crate) struct Step {
    label: String,
    started: Instant,
    bar: Option<ProgressBar>,
    finished: bool,
}

impl Step {
    /// Begins a step whose length is not known.
    pub(crate) fn begin(label: impl Into<String>) -> Self {
        Self::new(label.into(), |label| {
            let bar = ProgressBar::new_spinner().with_message(label.to_owned());
            set_template(&bar, "{spinner:.cyan} {msg} {elapsed:.dim}  {prefix:.dim}");
            bar
        })
    }

    /// Begins a step that counts to `total`.
    pub(crate) fn count(label: impl Into<String>, total: u64) -> Self {
        Self::new(label.into(), |label| {
            let bar = ProgressBar::new(total).with_message(label.to_owned());
            set_template(
                &bar,
                "{spinner:.cyan} {msg} {bar:30.cyan/dim} {pos}/{len} {elapsed:.dim} {prefix:.dim}",
            );
            bar
        })
    }

    fn new(label: String, bar: impl FnOnce(&str) -> ProgressBar) -> Self {
        let bar = is_lively().then(|| bar(&label));
        match &bar {
            Some(bar) => bar.enable_steady_tick(Duration::from_millis(100)),
            None => eprintln!("… {label}"),
        }
        Self {
            label,
            started: Instant::now(),
            bar,
            finished: false,
        }
    }

    /// Shows what is being done right now; a plain log leaves it out.
    pub(crate) fn detail(&self, text: &str) {
        if let Some(bar) = &self.bar {
            let room = width().saturating_sub(self.label.chars().count() + 14);
            bar.set_prefix(text.trim().chars().take(room).collect::<String>());
        }
    }

    /// Moves the count.
    pub(crate) fn advance(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    /// Ends the step well.
    pub(crate) fn done(mut self) {
        self.finish(&style("✓").for_stderr().green().to_string());
    }

    fn finish(&mut self, mark: &str) {
        self.finished = true;
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let time = style(elapsed(self.started.elapsed())).for_stderr().dim();
        eprintln!("{mark} {} {time}", self.label);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.finished {
            self.finish(&style("✗").for_stderr().red().to_string());
        }
    }
}

fn set_template(bar: &ProgressBar, template: &str) {
    // A template that does not parse leaves the library's own look: worse, and no reason to stop.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

/// A duration as a person would say it.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 10 {
        format!("{:.1} s", duration.as_secs_f64())
    } else if seconds < 120 {
        format!("{seconds} s")
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::elapsed;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(elapsed(Duration::from_millis(340)), "0.3 s");
        assert_eq!(elapsed(Duration::from_secs(80)), "80 s");
        assert_eq!(elapsed(Duration::from_secs(170)), "2 min 50 s");
    }
}
