//! What devices are told: every type of event is declared here, once, with the shape of its data.
//!
//! An event is written in the batch that commits what it tells of (the outbox), so it is neither
//! lost nor early. Its `data` is the JSON of the resource after the change unless the type says
//! otherwise.

/// The types of events: `<resource>.<past participle>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// A task was made; `data` is the task.
    TaskCreated,
    /// A task changed; `data` is the task.
    TaskUpdated,
    /// A task was deleted; `data` is `{"id"}`.
    TaskDeleted,
    /// A message came in; `data` is `{"id", "thread_id", "from", "subject", "snippet",
    /// "received_at"}`.
    EmailReceived,
    /// A message changed; `data` is `{"id", "is_read", "labels"}`.
    EmailUpdated,
    /// A message was analysed; `data` is `{"id", "thread_id", "analysis"}`.
    EmailAnalyzed,
    /// A person taught something about their mail; `data` is the lesson.
    LessonCreated,
    /// A lesson changed; `data` is the lesson.
    LessonUpdated,
    /// A lesson was taken back; `data` is `{"id"}`.
    LessonDeleted,
    /// The preferences changed; `data` is the document.
    PreferencesUpdated,
    /// Most of what models may be used for on a day is used; `data` is the day's use. Once a day.
    UsageWarned,
    /// All of it is used, and the built-in engine carries on; `data` is the day's use. Once a day.
    UsageExhausted,
    /// A session was ended by somebody else than its device; `data` is `{"ids", "reason"}`, with
    /// the reason `revoked`, `password_changed`, `password_reset` or `token_reused`.
    SessionEnded,
    /// An API key was revoked; `data` is `{"id"}`.
    ApiKeyRevoked,
    /// A connection was made, changed, or is being taken away; `data` is the connection.
    ConnectionUpdated,
    /// A connection was taken away; `data` is `{"id", "revoked"}`: whether the provider was told
    /// (`revoked`, `nothing_to_revoke`, `not_offered`, `unknown`).
    ConnectionDeleted,
    /// A delegation was made or changed; `data` is the delegation without its `direction`. Both
    /// sides are told.
    DelegationUpdated,
    /// A delegation was taken back or given up; `data` is `{"id"}`. Both sides are told.
    DelegationDeleted,
    /// A calendar was made; `data` is the calendar.
    CalendarCreated,
    /// A calendar changed; `data` is the calendar.
    CalendarUpdated,
    /// A calendar was deleted with its events; `data` is `{"id"}`.
    CalendarDeleted,
    /// Events of a file came into a calendar, or changed by it; `data` is `{"id", "job_id",
    /// "changed"}`: the calendar, the job, and how many. It stands for all of them.
    CalendarImported,
    /// An event was made; `data` is the event.
    EventCreated,
    /// An event, a series or an occurrence of one changed; `data` is the event.
    EventUpdated,
    /// An event or a series was deleted; `data` is `{"id"}`. An occurrence that was deleted is told
    /// of as a change of its series.
    EventDeleted,
    /// A time is held; `data` is the hold.
    HoldCreated,
    /// A hold ended before its time; `data` is `{"id", "reason"}`, with the reason `released` or
    /// `confirmed`.
    HoldEnded,
    /// The working hours changed; `data` is the document.
    WorkingHoursUpdated,
    /// An absence was made; `data` is the absence.
    AbsenceCreated,
    /// An absence changed; `data` is the absence.
    AbsenceUpdated,
    /// An absence was deleted; `data` is `{"id"}`.
    AbsenceDeleted,
    /// An address was made under which calendars are read; `data` is the feed, without its address.
    FeedCreated,
    /// Such an address was revoked; `data` is `{"id"}`.
    FeedDeleted,
    /// A plan was made; `data` is the plan without its blocks, which are events and told of as such.
    PlanCreated,
    /// A plan was made anew and changed; `data` is as for `plan.created`.
    PlanUpdated,
    /// A plan was taken back; `data` is `{"id"}`.
    PlanDeleted,
    /// A job got further, ended, or failed; `data` is the job without its errors, with their
    /// number as `error_count`.
    JobProgressed,
}

impl EventType {
    /// All of them: docs/LIVE.md lists each.
    pub const ALL: [Self; 37] = [
        Self::TaskCreated,
        Self::TaskUpdated,
        Self::TaskDeleted,
        Self::EmailReceived,
        Self::EmailUpdated,
        Self::EmailAnalyzed,
        Self::LessonCreated,
        Self::LessonUpdated,
        Self::LessonDeleted,
        Self::PreferencesUpdated,
        Self::UsageWarned,
        Self::UsageExhausted,
        Self::SessionEnded,
        Self::ApiKeyRevoked,
        Self::ConnectionUpdated,
        Self::ConnectionDeleted,
        Self::DelegationUpdated,
        Self::DelegationDeleted,
        Self::CalendarCreated,
        Self::CalendarUpdated,
        Self::CalendarDeleted,
        Self::CalendarImported,
        Self::EventCreated,
        Self::EventUpdated,
        Self::EventDeleted,
        Self::HoldCreated,
        Self::HoldEnded,
        Self::WorkingHoursUpdated,
        Self::AbsenceCreated,
        Self::AbsenceUpdated,
        Self::AbsenceDeleted,
        Self::FeedCreated,
        Self::FeedDeleted,
        Self::PlanCreated,
        Self::PlanUpdated,
        Self::PlanDeleted,
        Self::JobProgressed,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TaskCreated => "task.created",
            Self::TaskUpdated => "task.updated",
            Self::TaskDeleted => "task.deleted",
            Self::EmailReceived => "email.received",
            Self::EmailUpdated => "email.updated",
            Self::EmailAnalyzed => "email.analyzed",
            Self::LessonCreated => "lesson.created",
            Self::LessonUpdated => "lesson.updated",
            Self::LessonDeleted => "lesson.deleted",
            Self::PreferencesUpdated => "preferences.updated",
            Self::UsageWarned => "usage.warned",
            Self::UsageExhausted => "usage.exhausted",
            Self::SessionEnded => "session.ended",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::ConnectionUpdated => "connection.updated",
            Self::ConnectionDeleted => "connection.deleted",
            Self::DelegationUpdated => "delegation.updated",
            Self::DelegationDeleted => "delegation.deleted",
            Self::CalendarCreated => "calendar.created",
            Self::CalendarUpdated => "calendar.updated",
            Self::CalendarDeleted => "calendar.deleted",
            Self::CalendarImported => "calendar.imported",
            Self::EventCreated => "event.created",
            Self::EventUpdated => "event.updated",
            Self::EventDeleted => "event.deleted",
            Self::HoldCreated => "hold.created",
            Self::HoldEnded => "hold.ended",
            Self::WorkingHoursUpdated => "working_hours.updated",
            Self::AbsenceCreated => "absence.created",
            Self::AbsenceUpdated => "absence.updated",
            Self::AbsenceDeleted => "absence.deleted",
            Self::FeedCreated => "feed.created",
            Self::FeedDeleted => "feed.deleted",
            Self::PlanCreated => "plan.created",
            Self::PlanUpdated => "plan.updated",
            Self::PlanDeleted => "plan.deleted",
            Self::JobProgressed => "job.progressed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_event_is_in_the_documents() {
        let document = include_str!("../../docs/LIVE.md");
        for event in EventType::ALL {
            assert!(
                document.contains(&format!("`{}`", event.as_str())),
                "docs/LIVE.md does not tell of {}",
                event.as_str()
            );
        }
    }
}
