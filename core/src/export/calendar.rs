//! Tasks as other programs read them: one `VTODO` each (RFC 5545, 3.6.2).
//!
//! Writing needs no clock and no time zones: a due day stays a day, a due time is its instant in
//! UTC, which no reader can take for another.

use serde::Deserialize;

use crate::analysis::Priority;
use crate::calendar::ics::{escaped, instant, write_line as line};
use crate::task::Status;
use crate::time::{ResolvedTime, Timestamp};

/// Who writes (3.7.3).
const PRODUCT: &str = "-//Delegate//Export//EN";

/// A task, read from the JSON that answers carry.
#[derive(Debug, Clone, Deserialize)]
pub struct Todo {
    id: String,
    title: String,
    description: String,
    status: Status,
    priority: Priority,
    due: Option<ResolvedTime>,
    completed_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The calendar that has these tasks.
pub fn calendar(todos: &[Todo]) -> String {
    let mut text = String::new();
    line(&mut text, "BEGIN:VCALENDAR");
    line(&mut text, "VERSION:2.0");
    line(&mut text, &format!("PRODID:{PRODUCT}"));
    for todo in todos {
        write_todo(&mut text, todo);
    }
    line(&mut text, "END:VCALENDAR");
    text
}

fn write_todo(text: &mut String, todo: &Todo) {
    line(text, "BEGIN:VTODO");
    line(text, &format!("UID:{}", escaped(&todo.id)));
    line(text, &format!("DTSTAMP:{}", instant(todo.updated_at)));
    line(text, &format!("CREATED:{}", instant(todo.created_at)));
    line(text, &format!("LAST-MODIFIED:{}", instant(todo.updated_at)));
    line(text, &format!("SUMMARY:{}", escaped(&todo.title)));
    if !todo.description.is_empty() {
        line(text, &format!("DESCRIPTION:{}", escaped(&todo.description)));
    }
    if let Some(due) = &todo.due {
        match &due.date {
            Some(date) => line(text, &format!("DUE;VALUE=DATE:{}", date.replace('-', ""))),
            None => line(text, &format!("DUE:{}", instant(due.instant))),
        }
    }
    line(text, &format!("PRIORITY:{}", rank(todo.priority)));
    line(text, &format!("STATUS:{}", word(todo.status)));
    if let Some(completed) = todo.completed_at {
        line(text, &format!("COMPLETED:{}", instant(completed)));
    }
    line(text, "END:VTODO");
}

/// 3.8.1.9: from 1, the highest, to 9.
fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Urgent => 1,
        Priority::High => 3,
        Priority::Medium => 5,
        Priority::Low => 9,
    }
}

/// 3.8.1.11.
fn word(status: Status) -> &'static str {
    match status {
        Status::Todo => "NEEDS-ACTION",
        Status::InProgress => "IN-PROCESS",
        Status::Completed => "COMPLETED",
        Status::Cancelled => "CANCELLED",
    }
}

#[cfg(test)]
mod tests {
    use icalendar::{Calendar, CalendarComponent, Component as _, DatePerhapsTime, Todo as Read};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// The longest line in bytes, without its end.
    const MAX_LINE: usize = 75;

    fn todo(changes: &Value) -> Todo {
        let mut value = json!({
            "id": "tsk_01kab0s3fpe2s9m8rtkx6hdzqv", "title": "T", "description": "",
            "status": "todo", "priority": "medium", "due": null, "duration_minutes": null,
            "completed_at": null, "source": null, "confidence": null, "links": [],
            "created_at": "2026-03-28T10:00:00.000Z", "updated_at": "2026-03-29T10:00:00.000Z",
        });
        for (name, changed) in changes.as_object().expect("an object") {
            value
                .as_object_mut()
                .expect("an object")
                .insert(name.clone(), changed.clone());
        }
        serde_json::from_value(value).expect("a task")
    }

    /// The tasks of a calendar, as another program reads them.
    fn read(text: &str) -> Vec<Read> {
        let calendar: Calendar = text.parse().expect("a calendar");
        calendar
            .components
            .into_iter()
            .map(|component| match component {
                CalendarComponent::Todo(todo) => todo,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_task_is_what_another_program_makes_of_it() {
        let due = json!({"date_time": "2026-03-29T02:30:00", "time_zone": "Europe/Berlin",
                         "instant": "2026-03-29T01:30:00.000Z"});
        let text = calendar(&[
            todo(
                &json!({"title": "Send; the, \\contract", "description": "a\nb", "due": due,
                         "status": "completed", "priority": "urgent",
                         "completed_at": "2026-03-29T09:00:00.000Z"}),
            ),
            todo(&json!({"due": {"date": "2026-03-29", "instant": "2026-03-29T22:00:00.000Z"}})),
        ]);
        let [first, second] = <[Read; 2]>::try_from(read(&text)).expect("two tasks");
        assert_eq!(first.get_uid(), Some("tsk_01kab0s3fpe2s9m8rtkx6hdzqv"));
        assert_eq!(first.get_summary(), Some("Send; the, \\contract"));
        assert_eq!(first.get_description(), Some("a\nb"));
        assert_eq!(first.property_value("DUE"), Some("20260329T013000Z"));
        assert_eq!(first.property_value("PRIORITY"), Some("1"));
        assert_eq!(first.property_value("STATUS"), Some("COMPLETED"));
        assert_eq!(first.property_value("COMPLETED"), Some("20260329T090000Z"));
        let day = "2026-03-29".parse().expect("a day");
        assert_eq!(second.get_due(), Some(DatePerhapsTime::Date(day)));
        assert_eq!(second.get_description(), None);
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let text = calendar(&[todo(&json!({"title": "Überprüfen 🙂 ".repeat(40)}))]);
        assert!(
            text.split("\r\n").all(|line| line.len() <= MAX_LINE),
            "{text}"
        );
        assert!(text.contains("\r\n "));
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&"Überprüfen 🙂 ".repeat(40)));
    }

    #[test]
    fn no_task_is_an_empty_calendar() {
        assert!(read(&calendar(&[])).is_empty());
    }

    /// What a text is after its line ends are of one kind and what may not stand in it is gone.
    fn plain(text: &str) -> String {
        text.replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|character| !character.is_control() || "\n\t".contains(*character))
            .collect()
    }

    proptest! {
        #[test]
        fn every_text_reads_back(
            title in "[^\\s\\p{Cc}]\\PC{0,100}[^\\s\\p{Cc}]",
            description in "([\\PC\r\n\t;,:\\\\\"\u{0}\u{7f}\u{85}\u{2028}]{0,200}[x;,:\\\\])?",
        ) {
            let text = calendar(&[todo(&json!({"title": title, "description": description}))]);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= MAX_LINE));
            prop_assert!(text.chars().all(|c| !c.is_control() || "\r\n\t".contains(c)));
            let [read] = <[Read; 1]>::try_from(read(&text)).expect("one task");
            prop_assert_eq!(read.get_summary().unwrap_or(""), title);
            prop_assert_eq!(read.get_description().unwrap_or(""), plain(&description));
        }
    }
}
