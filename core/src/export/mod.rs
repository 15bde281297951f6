//! What a person takes with them: one archive of everything that is kept of them.
//!
//! The archive is made part by part, in steps that may each be the last that runs for a while, so
//! no part needs to know of another: [`archive`] owns that, [`calendar`] the form of tasks that
//! other programs read. What is in an archive is said in its first entry.

pub mod archive;
pub mod calendar;

use chrono::TimeDelta;

use crate::time::Timestamp;

/// How long a finished archive can be fetched.
pub const ARCHIVES_KEPT: TimeDelta = TimeDelta::days(7);

/// The name of an entry that may have to be cut into several: the first is `tasks.json`, those
/// behind it `tasks-0002.json` and so on.
pub fn cut_name(stem: &str, extension: &str, number: u32) -> String {
    if number <= 1 {
        format!("{stem}.{extension}")
    } else {
        format!("{stem}-{number:04}.{extension}")
    }
}

/// The first entry: what the others are.
pub fn read_me(address: &str, made_at: Timestamp) -> String {
    format!(
        "Everything that Delegate keeps of {address}.\r\n\
         Begun at {made_at}. What was changed or came in while it was made may be missing.\r\n\
         \r\n\
         account.json      the account: addresses, connections, sessions, API keys, delegations,\r\n\
         \u{20}                 invitations, calendars, working hours, absences\r\n\
         audit.json        who did what in the account\r\n\
         tasks.json        the tasks, as the API shows them\r\n\
         tasks.ics         the same tasks for other programs (iCalendar, RFC 5545)\r\n\
         events.json       the events of all calendars, as the API shows them; a series once\r\n\
         emails/NNNN.json  the messages, up to 200 a file, with what was made of them\r\n\
         mail/ID.eml       the same messages as they came in (RFC 5322), by their `id`\r\n\
         \r\n\
         What is too long for one file goes on in the next: audit-0002.json, tasks-0002.ics.\r\n\
         A file that has nothing to hold is left out.\r\n\
         \r\n\
         Times are in UTC. In tasks.json a due time stands as it was said, with its zone, and with\r\n\
         the instant that it means; tasks.ics has the day or the instant.\r\n\
         \r\n\
         Not in here, because they are secrets or no use without Delegate: passwords, API keys and\r\n\
         tokens of any kind, the search index, what the live channel last sent.\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_numbered_from_the_second_on() {
        assert_eq!(cut_name("tasks", "json", 1), "tasks.json");
        assert_eq!(cut_name("tasks", "json", 2), "tasks-0002.json");
        assert_eq!(cut_name("audit", "json", 12_345), "audit-12345.json");
    }

    #[test]
    fn the_first_entry_says_whose_it_is_and_when_it_was_made() {
        let text = read_me("ana@example.org", Timestamp::from_milliseconds(0));
        assert!(text.contains("ana@example.org"));
        assert!(text.contains("1970-01-01T00:00:00.000Z"));
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }
}
