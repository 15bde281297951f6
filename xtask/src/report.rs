//! What Delegate made of a mailbox, for a person to read on a terminal.
//!
//! [`Report::of`] decides what is worth saying, [`Report::lines`] how it is laid out; neither prints.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use console::{measure_text_width, style, truncate_str};

use crate::api::objects::{Analysis, Due, Email, Mailbox, Reason, Task};

/// More than this is a list to scroll, not a report to read.
const SHOWN_REPLIES: usize = 12;
const SHOWN_TASKS: usize = 16;
const SHOWN_DANGERS: usize = 6;

/// The reasons one message is given; the first ones weigh most.
const SHOWN_REASONS: usize = 2;

/// Reason codes of an attempt to deceive, whatever the category. Hidden text alone is none: honest
/// newsletters hide their preview line.
const DECEITS: [&str; 6] = [
    "doubtful_sender",
    "lookalike_sender",
    "asks_for_credentials",
    "threat_and_demand",
    "dangerous_attachment",
    "instruction_in_text",
];

/// Reasons that say only why a message is in its category, which the report shows anyway.
const PLAIN: [&str; 2] = ["asks_for_something", "person_to_person"];

/// A mailbox, sorted by what it asks of the person.
#[derive(Debug)]
pub(crate) struct Report {
    messages: usize,
    time_zone: String,
    replies: Vec<Email>,
    tasks: Vec<(Task, Option<String>)>,
    waiting: BTreeMap<String, usize>,
    dangers: Vec<Email>,
}

impl Report {
    /// Sorts mail and tasks of a person who lives in this time zone.
    pub(crate) fn of(emails: Vec<Email>, tasks: Vec<Task>, time_zone: &str) -> Self {
        let senders: HashMap<String, String> = emails
            .iter()
            .map(|email| (email.id.clone(), sender(email)))
            .collect();
        let messages = emails.len();
        let (dangers, rest): (Vec<_>, Vec<_>) = emails.into_iter().partition(is_dangerous);
        let (replies, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(wants_reply);

        let mut waiting = BTreeMap::new();
        for email in &others {
            let category = email
                .analysis
                .as_ref()
                .map_or("not read yet", |it| &it.category);
            *waiting.entry(category.to_owned()).or_default() += 1;
        }
        let mut tasks: Vec<_> = tasks
            .into_iter()
            .map(|task| {
                let from = task
                    .source
                    .as_ref()
                    .and_then(|source| senders.get(&source.id));
                let from = from.cloned();
                (task, from)
            })
            .collect();
        // What has no deadline comes last, what is urgent first among equals.
        tasks.sort_by_key(|(task, _)| {
            let due = task.due.as_ref().map(Due::sortable);
            (due.is_none(), due, std::cmp::Reverse(task.priority))
        });
        Self {
            messages,
            time_zone: time_zone.to_owned(),
            replies: one_of_each_thread(replies),
            tasks,
            waiting,
            dangers,
        }
    }

    /// The report in lines of at most this width.
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let mut page = Page {
            lines: Vec::new(),
            width,
        };
        page.line(&format!(
            "{} messages, {} to answer, {} tasks.",
            self.messages,
            self.replies.len(),
            self.tasks.len()
        ));
        self.write_replies(&mut page);
        self.write_tasks(&mut page);
        self.write_waiting(&mut page);
        self.write_dangers(&mut page);
        page.lines
    }

    fn write_replies(&self, page: &mut Page) {
        page.heading("Needs your answer", self.replies.len());
        for email in self.replies.iter().take(SHOWN_REPLIES) {
            page.pair(
                &style(sender(email)).bold().to_string(),
                &day_of(&email.received_at),
            );
            page.indented(&subject(email));
            page.faint(&reasons(email));
            page.gap();
        }
        page.more(
            self.replies.len(),
            SHOWN_REPLIES,
            "/api/v1/emails?needs_reply=true",
        );
    }

    fn write_tasks(&self, page: &mut Page) {
        page.heading("Tasks", self.tasks.len());
        for (task, from) in self.tasks.iter().take(SHOWN_TASKS) {
            let due = task.due.as_ref().map_or_else(
                || "no deadline".to_owned(),
                |due| format!("due {}", due.readable(&self.time_zone)),
            );
            page.titled(&printable(&task.title), &due);
            if let Some(quote) = task
                .source
                .as_ref()
                .and_then(|source| source.quote.as_ref())
            {
                let said_by = from
                    .as_ref()
                    .map_or_else(String::new, |from| format!(" {from}"));
                page.quote(quote, &said_by);
            }
            page.gap();
        }
        page.more(self.tasks.len(), SHOWN_TASKS, "/api/v1/tasks?sort=due");
    }

    fn write_waiting(&self, page: &mut Page) {
        page.heading("Can wait", self.waiting.values().sum());
        let mut counts: Vec<_> = self.waiting.iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let counts: Vec<String> = counts
            .into_iter()
            .map(|(category, count)| format!("{category} {count}"))
            .collect();
        page.wrapped(&counts.join(" · "));
        page.gap();
    }

    fn write_dangers(&self, page: &mut Page) {
        if self.dangers.is_empty() {
            return;
        }
        page.heading("Looked dangerous, left alone", self.dangers.len());
        for email in self.dangers.iter().take(SHOWN_DANGERS) {
            page.pair(
                &style(address(email)).red().to_string(),
                &day_of(&email.received_at),
            );
            page.indented(&subject(email));
            page.faint(&reasons(email));
            page.gap();
        }
        page.more(
            self.dangers.len(),
            SHOWN_DANGERS,
            "/api/v1/emails?category=spam",
        );
    }
}

/// Lines being laid out.
struct Page {
    lines: Vec<String>,
    width: usize,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.lines.push(text.to_owned());
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn heading(&mut self, text: &str, count: usize) {
        self.gap();
        let rule = "─".repeat(self.width.saturating_sub(text.chars().count() + 6).min(60));
        let count = if count == 0 {
            "none".to_owned()
        } else {
            count.to_string()
        };
        self.line(&format!(
            "{} {} {}",
            style(text).cyan().bold(),
            count,
            style(rule).dim()
        ));
        self.gap();
    }

    /// One text on the left, one on the right edge; the left one gives way, and a right one that
    /// would leave it no room gets a line of its own.
    fn pair(&mut self, left: &str, right: &str) {
        if measure_text_width(right) > self.width / 2 {
            self.indented(left);
            self.faint(right);
            return;
        }
        let room = self.width.saturating_sub(measure_text_width(right) + 4);
        let left = truncate_str(left, room, "…");
        let space = " ".repeat(room.saturating_sub(measure_text_width(&left)) + 2);
        self.line(&format!("  {left}{space}{}", style(right).dim()));
    }

    /// A title that is shown whole, with a text on the right edge of its first line.
    fn titled(&mut self, title: &str, right: &str) {
        let room = self.width.saturating_sub(measure_text_width(right) + 4);
        let mut lines = wrap(title, room.max(self.width / 2)).into_iter();
        self.pair(
            &style(lines.next().unwrap_or_default()).bold().to_string(),
            right,
        );
        for line in lines {
            self.line(&format!("  {}", style(line).bold()));
        }
    }

    fn indented(&mut self, text: &str) {
        let text = truncate_str(text, self.width.saturating_sub(2), "…").into_owned();
        self.line(&format!("  {text}"));
    }

    fn faint(&mut self, text: &str) {
        for line in wrap(text, self.width.saturating_sub(2)) {
            self.line(&format!("  {}", style(line).dim()));
        }
    }

    fn quote(&mut self, quote: &str, said_by: &str) {
        let quote: Vec<&str> = quote.split_whitespace().collect();
        let text = printable(&format!("“{}”{said_by}", quote.join(" ")));
        for line in wrap(&text, self.width.saturating_sub(4)) {
            self.line(&format!("    {}", style(line).italic().dim()));
        }
    }

    fn wrapped(&mut self, text: &str) {
        for line in wrap(text, self.width.saturating_sub(2)) {
            self.line(&format!("  {line}"));
        }
    }

    fn more(&mut self, there: usize, shown: usize, path: &str) {
        if there > shown {
            self.line(&format!("  and {} more: GET {path}", there - shown));
            self.gap();
        }
    }
}

/// Breaks a text at spaces into lines of at most this width. A word without spaces that is wider
/// (Japanese, an address) is broken where it must be.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let length = measure_text_width(word.trim_end());
        if used > 0 && used + length > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        for character in word.chars() {
            let columns = measure_text_width(character.encode_utf8(&mut [0; 4]));
            if used + columns > width && character != ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += columns;
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

fn is_dangerous(email: &Email) -> bool {
    email.analysis.as_ref().is_some_and(|analysis| {
        analysis.category == "spam" || analysis.reasons.iter().any(is_deceit)
    })
}

fn is_deceit(reason: &Reason) -> bool {
    DECEITS.contains(&reason.code.as_str())
}

fn wants_reply(email: &Email) -> bool {
    email
        .analysis
        .as_ref()
        .is_some_and(|analysis| analysis.needs_reply)
}

/// The most pressing first; of a conversation only its newest message, which the reply goes to.
fn one_of_each_thread(mut emails: Vec<Email>) -> Vec<Email> {
    emails.sort_by(|one, other| other.received_at.cmp(&one.received_at));
    let mut seen = HashSet::new();
    emails.retain(|email| seen.insert(email.thread_id.clone()));
    emails.sort_by_key(|email| {
        std::cmp::Reverse(
            email
                .analysis
                .as_ref()
                .map(|analysis: &Analysis| analysis.priority),
        )
    });
    emails
}

fn sender(email: &Email) -> String {
    match &email.from {
        Some(Mailbox {
            name: Some(name), ..
        }) if !name.trim().is_empty() => printable(name),
        _ => address(email),
    }
}

/// The address, which a deceiver finds harder to choose than the name.
fn address(email: &Email) -> String {
    let address = email.from.as_ref().and_then(|from| from.address.as_deref());
    address.map_or_else(|| "an unknown sender".to_owned(), printable)
}

fn subject(email: &Email) -> String {
    if email.subject.trim().is_empty() {
        "(no subject)".to_owned()
    } else {
        printable(&email.subject)
    }
}

/// The reasons that tell most: first of deceit, then of what waits for an answer.
fn reasons(email: &Email) -> String {
    let mut reasons: Vec<&Reason> = email
        .analysis
        .iter()
        .flat_map(|analysis| &analysis.reasons)
        .filter(|reason| !PLAIN.contains(&reason.code.as_str()))
        .collect();
    reasons.sort_by_key(|reason| (!is_deceit(reason), !reason.code.ends_with("_open")));
    let texts = reasons.iter().take(SHOWN_REASONS);
    let texts: Vec<String> = texts
        .map(|reason| printable(reason.text.trim_end_matches('.')))
        .collect();
    texts.join(" · ")
}

/// Text from a stranger's mail, without what would steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}

impl Due {
    /// The civil time as it stands, which sorts; a day without a time is due at its end.
    fn sortable(&self) -> String {
        match (&self.date_time, &self.date) {
            (Some(date_time), _) => date_time.clone(),
            (None, Some(date)) => format!("{date}T24"),
            (None, None) => String::new(),
        }
    }

    /// For a reader in this zone, who need not be told their own.
    fn readable(&self, home: &str) -> String {
        let Some(date_time) = &self.date_time else {
            return day_of(self.date.as_deref().unwrap_or_default());
        };
        let time = date_time.get(11..16).unwrap_or_default();
        match &self.time_zone {
            Some(zone) if zone != home => format!("{}, {time} {zone}", day_of(date_time)),
            _ => format!("{}, {time}", day_of(date_time)),
        }
    }
}

/// `Thu 26 Mar` of a date or time in ISO 8601; what is neither stays as it is.
fn day_of(text: &str) -> String {
    text.get(..10)
        .and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok())
        .map_or_else(
            || text.to_owned(),
            |day| day.format("%a %-d %b").to_string(),
        )
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;
    use serde_json::{Value, json};

    use super::{Report, day_of, wrap};

    fn email(id: &str, category: &str, needs_reply: bool, reason: &str) -> Value {
        json!({
            "id": id, "thread_id": id, "subject": "Signature\u{1b}[31m needed",
            "from": {"name": "中村 健一", "address": "nakamura@aozora.example"},
            "received_at": "2026-03-26T08:00:00.000Z",
            "analysis": {"category": category, "priority": "high", "needs_reply": needs_reply,
                         "reasons": [{"code": reason, "text": "asks for a signature"}]},
        })
    }

    fn report() -> anyhow::Result<Report> {
        let emails = serde_json::from_value(json!([
            email("eml_1", "task", true, "question_open"),
            email("eml_2", "newsletter", false, "hidden_text"),
            email("eml_3", "security", true, "lookalike_sender"),
        ]))?;
        let tasks = serde_json::from_value(json!([
            {"title": "Read the draft", "priority": "low", "due": null, "source": null},
            {"title": "Sign the amended contract with Ferrand", "priority": "high",
             "due": {"date_time": "2026-03-27T12:00:00", "time_zone": "America/New_York"},
             "source": {"id": "eml_1", "quote": "Please sign\nit by Friday noon."}},
            {"title": "Send the list", "priority": "high", "due": {"date": "2026-03-26"},
             "source": null},
        ]))?;
        Ok(Report::of(emails, tasks, "Europe/Berlin"))
    }

    #[test]
    fn mail_is_sorted_and_deceit_is_never_something_to_answer() -> anyhow::Result<()> {
        let text = report()?.lines(80).join("\n");
        let text = console::strip_ansi_codes(&text);
        assert!(text.contains("3 messages, 1 to answer, 3 tasks."), "{text}");
        assert!(text.contains("Needs your answer 1"), "{text}");
        assert!(text.contains("newsletter 1"), "{text}");
        assert!(text.contains("Looked dangerous, left alone 1"), "{text}");
        Ok(())
    }

    #[test]
    fn tasks_are_in_order_of_their_deadlines_with_the_sentence_they_come_from() -> anyhow::Result<()>
    {
        let text = report()?.lines(100).join("\n");
        let positions = ["Send the list", "Sign the amended", "Read the draft"]
            .map(|title| text.find(title).unwrap_or_default());
        assert!(positions.is_sorted(), "{text}");
        assert!(
            text.contains("due Fri 27 Mar, 12:00 America/New_York"),
            "{text}"
        );
        assert!(
            text.contains("“Please sign it by Friday noon.” 中村 健一"),
            "{text}"
        );
        Ok(())
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_mail_does_not_steer_it() -> anyhow::Result<()> {
        for width in [40, 60, 80] {
            for line in report()?.lines(width) {
                assert!(measure_text_width(&line) <= width, "{width}: {line}");
                assert!(!line.contains("\u{1b}[31m needed"), "{line}");
            }
        }
        Ok(())
    }

    #[test]
    fn days_are_named() {
        assert_eq!(day_of("2026-03-26"), "Thu 26 Mar");
        assert_eq!(day_of("2024-02-29T23:59:00Z"), "Thu 29 Feb");
        assert_eq!(day_of("2000-01-01"), "Sat 1 Jan");
        assert_eq!(day_of("soon"), "soon");
    }

    #[test]
    fn text_without_spaces_is_broken_where_it_must_be() {
        assert_eq!(
            wrap("お見積書をお送りください", 8),
            ["お見積書", "をお送り", "ください"]
        );
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
    }
}
