//! Requests for a meeting in words: "45 minutes with Ana and Raj next week, afternoons, not Friday,
//! before the board meeting".
//!
//! [`interpret`] is a pure function of the words and of what they can name. It never guesses: what
//! has two readings, or names nobody who is known, comes back as a question whose choices are words;
//! put in the place of those that were asked about, they answer it. What was not said (the length,
//! the window) is taken as usual and listed as such. Whatever the words are, it ends: it reads at most
//! [`interpretation::MAX_TEXT`] characters, each word a bounded number of times.
//!
//! The words of time are those of [`crate::dates`], as mail has them: a month, a weekday, an hour
//! without `am` or `pm`, the parts of a day mean the same here and there. Three things differ, since
//! a deadline is one moment and a window is not, and since here somebody can be asked:
//!
//! - Where mail takes nothing (`3/4`, `at 6`, a date that is over), the person is asked. They are
//!   also asked where mail has a rule that people follow in half of the cases only: `next Friday` said
//!   on a Wednesday, a weekday said on that very day.
//! - `this week` and `in December` are all their days here, and their last one as a deadline.
//! - `before Friday` ends with Thursday here. As a deadline it names Friday.
//!
//! [`reader`] goes through the text; `days`, `hours`, `length`, `people`, `events` and `zones` know
//! one kind of phrase each; `compose` puts together what they found.

mod compose;
mod counted;
mod dates;
mod days;
mod events;
mod exclusions;
mod facts;
mod hours;
pub mod interpretation;
pub mod known;
mod length;
mod limits;
mod offsets;
mod people;
mod plain;
pub mod reader;
mod remarks;
mod vocabulary;
mod weekdays;
mod zones;

use self::interpretation::{Interpretation, MAX_TEXT};
use self::reader::{Context, Reader};

/// What a request in words means, for who says it. Characters beyond [`MAX_TEXT`] are not read.
pub fn interpret(text: &str, context: &Context<'_>) -> Interpretation {
    let end = text
        .char_indices()
        .nth(MAX_TEXT)
        .map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or_default();
    Reader::read(text, context).compose()
}
