//! The search index: what is in it of a message and of a task, and what is missing from it.

use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use delegate_core::mail::message::Mailbox;
use delegate_core::search::index_text;
use serde::Deserialize;

use crate::platform::database::{Answer, Statement, sql};

/// The text of a message by which it is found.
pub(crate) fn index_email(
    user: &UserId,
    id: &str,
    subject: &str,
    people: &[&Mailbox],
    body: &str,
) -> Statement {
    let people: Vec<String> = people
        .iter()
        .map(|mailbox| {
            format!(
                "{} {}",
                mailbox.name.as_deref().unwrap_or(""),
                mailbox.address
            )
        })
        .collect();
    sql(
        "INSERT INTO email_search (rowid, owner, subject, people, body)
         SELECT row, ?, ?, ?, ? FROM emails WHERE id = ?",
    )
    .bind(user.as_str())
    .bind(index_text(subject))
    .bind(index_text(&people.join(" ")))
    .bind(index_text(body))
    .bind(id)
}

/// The text of a task by which it is found.
pub(crate) fn index_task(user: &UserId, id: &str, title: &str, description: &str) -> Statement {
    sql("INSERT INTO task_search (rowid, owner, title, description)
         SELECT row, ?, ?, ? FROM tasks WHERE id = ?")
    .bind(user.as_str())
    .bind(index_text(title))
    .bind(index_text(description))
    .bind(id)
}

/// What a search of one person looks for: their rows only, by the word that names the owner.
pub(crate) fn owned_expression(user: &UserId, expression: &str) -> String {
    format!("owner : \"{user}\" AND (- owner : ({expression}))")
}

#[derive(Deserialize)]
struct EmailRow {
    id: String,
    subject: String,
    people: String,
    text: String,
}

#[derive(Deserialize)]
struct TaskRow {
    id: String,
    title: String,
    description: String,
}

/// Some messages and some tasks of a person that are not in the index.
pub(crate) fn missing(user: &UserId, most: u32) -> Vec<Statement> {
    vec![
        sql("SELECT id, subject, text,
               (SELECT json_group_array(json(value)) FROM (
                  SELECT sender AS value WHERE sender IS NOT NULL
                  UNION ALL SELECT value FROM json_each(recipients)
                  UNION ALL SELECT value FROM json_each(copied))) AS people
             FROM emails
             WHERE user_id = ? AND row NOT IN (SELECT rowid FROM email_search) LIMIT ?")
        .bind(user.as_str())
        .bind(most),
        sql("SELECT id, title, description FROM tasks
             WHERE user_id = ? AND row NOT IN (SELECT rowid FROM task_search) LIMIT ?")
        .bind(user.as_str())
        .bind(most),
    ]
}

/// The statements that put into the index what was missing.
pub(crate) fn fill(user: &UserId, answers: &[Answer]) -> Result<Vec<Statement>, Error> {
    let [emails, tasks] = answers else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let mut statements = Vec::new();
    for row in emails.rows::<EmailRow>()? {
        let people: Vec<Mailbox> = serde_json::from_str(&row.people)
            .map_err(|error| Error::internal(format!("stored JSON: {error}")))?;
        let people: Vec<&Mailbox> = people.iter().collect();
        statements.push(index_email(user, &row.id, &row.subject, &people, &row.text));
    }
    for row in tasks.rows::<TaskRow>()? {
        statements.push(index_task(user, &row.id, &row.title, &row.description));
    }
    Ok(statements)
}
