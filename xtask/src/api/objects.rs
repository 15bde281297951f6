//! The objects of the API, as far as the commands read them.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) access_token: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) status: JobStatus,
    #[serde(default)]
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
    #[serde(default)]
    pub(crate) errors: Vec<JobError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct JobError {
    pub(crate) item: String,
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Job {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.status, JobStatus::Succeeded | JobStatus::Failed)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Email {
    pub(crate) id: String,
    pub(crate) thread_id: String,
    pub(crate) from: Option<Mailbox>,
    #[serde(default)]
    pub(crate) subject: String,
    pub(crate) received_at: String,
    pub(crate) analysis: Option<Analysis>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Mailbox {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Analysis {
    pub(crate) category: String,
    pub(crate) priority: Priority,
    pub(crate) needs_reply: bool,
    #[serde(default)]
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Reason {
    pub(crate) code: String,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Task {
    pub(crate) title: String,
    pub(crate) priority: Priority,
    pub(crate) due: Option<Due>,
    pub(crate) source: Option<Source>,
}

/// A calendar time: either a `date` or a `date_time` with its zone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Due {
    pub(crate) date: Option<String>,
    pub(crate) date_time: Option<String>,
    pub(crate) time_zone: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Source {
    pub(crate) id: String,
    pub(crate) quote: Option<String>,
}
