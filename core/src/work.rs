//! Work that outlives a request: what the steps are, and how often one is tried.
//!
//! A step is a row of `work_items`; the queue carries only its identifier. The row disappears in
//! the batch that commits the step's effect, so a step is done once however often it is delivered,
//! and a step whose message is lost is found by the sweep.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::calendar::event::EventRef;
use crate::identifier::{AuditId, CalendarId, ConnectionId, EmailId, PlanId, ResetId, TaskId};
use crate::mail::mbox::Span;

/// One step. The tag carries the version of the shape: an old row can always be read, and a new
/// shape is a new variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Find the messages of an upload and make a step for every few of them.
    SplitUploadV1 {
        /// The R2 object.
        key: String,
        /// Whether it is an mbox; otherwise it is one message.
        is_mbox: bool,
    },
    /// Take some messages of an upload apart and store them.
    StoreMessagesV1 {
        /// The R2 object.
        key: String,
        /// Whether lines are escaped as in an mboxrd.
        escaped: bool,
        /// Where the messages are, in their order.
        spans: Vec<Span>,
    },
    /// Analyse stored messages, unless they have an analysis of this engine's version already.
    AnalyzeEmailsV1 {
        /// Which ones.
        email_ids: Vec<EmailId>,
    },
    /// Ask a model about a message that the built-in engine has read, and make its tasks.
    ConsultModelV1 {
        /// Which one.
        email_id: EmailId,
        /// How often it was put off because the provider asked for that.
        postponed: u32,
    },
    /// Take some events of a file into a calendar, and go on.
    ImportCalendarV1 {
        /// The R2 object.
        key: String,
        /// The calendar.
        calendar_id: CalendarId,
        /// Which of its events are taken in.
        pass: ImportPass,
        /// Where in the file it goes on, in bytes.
        offset: u64,
        /// Whether something that replaces an occurrence was seen.
        has_occurrences: bool,
        /// How many events the step takes.
        most: u32,
    },
    /// Resolve the all-day due times of a person's tasks again, after they changed their zone.
    ResolveDuesV1,
    /// Plan again, after something landed on a plan's blocks or one of its tasks changed.
    ReplanV1 {
        /// Which plan.
        plan_id: PlanId,
    },
    /// Fill the search index again, after a restore.
    RebuildSearchV1,
    /// Send the message that lets a person set their password anew.
    SendPasswordResetV1 {
        /// Which one.
        reset_id: ResetId,
    },
    /// Revoke the tokens of a connection at its provider and erase it.
    DisconnectV1 {
        /// Which one.
        connection_id: ConnectionId,
    },
    /// Begin the archive of an export with the account.
    ExportAccountV1,
    /// Go on with the audit trail.
    ExportAuditV1 {
        /// Where it goes on.
        place: ExportPlace<AuditId>,
    },
    /// Go on with the tasks.
    ExportTasksV1 {
        /// Where it goes on.
        place: ExportPlace<TaskId>,
    },
    /// Go on with the events of calendars.
    ExportEventsV1 {
        /// Where it goes on.
        place: ExportPlace<EventRef>,
    },
    /// Go on with the messages.
    ExportMailV1 {
        /// Where it goes on.
        place: ExportPlace<EmailId>,
    },
    /// End the archive.
    FinishExportV1 {
        /// The number of the last part.
        part: u32,
    },
    /// Erase an account, a piece at a time.
    EraseAccountV1 {
        /// What is erased next.
        stage: ErasureStage,
    },
}

/// Which events of a file are taken in: first what stands by itself, so that what replaces occurrences
/// finds its series wherever it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportPass {
    /// Events and series.
    Wholes,
    /// What replaces occurrences of series.
    Occurrences,
}

/// Where an export goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPlace<Id> {
    /// The last one that is in the archive.
    pub after: Option<Id>,
    /// The number of the next file of its kind.
    pub file: u32,
    /// The number of the next part of the archive.
    pub part: u32,
}

impl<Id> ExportPlace<Id> {
    /// The first file of a kind.
    pub fn first(part: u32) -> Self {
        Self {
            after: None,
            file: 1,
            part,
        }
    }
}

/// What of an account is erased, in this order. A stage is repeated until nothing of it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureStage {
    /// What the hubs of others were told of the person.
    Others,
    /// The tokens of providers: revoked there, deleted here.
    Connections,
    /// What lies in R2.
    Objects,
    /// The rows, with what makes them findable.
    Rows,
    /// The words that the search index still holds of rows that are gone: the first of its merges.
    Index,
    /// The merges that follow.
    IndexRest,
    /// The person, and with them whatever came in since.
    Person,
}

impl Work {
    /// The name of the step, for the log and for jobs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SplitUploadV1 { .. } => "split_upload_v1",
            Self::StoreMessagesV1 { .. } => "store_messages_v1",
            Self::AnalyzeEmailsV1 { .. } => "analyze_emails_v1",
            Self::ConsultModelV1 { .. } => "consult_model_v1",
            Self::ImportCalendarV1 { .. } => "import_calendar_v1",
            Self::ResolveDuesV1 => "resolve_dues_v1",
            Self::ReplanV1 { .. } => "replan_v1",
            Self::RebuildSearchV1 => "rebuild_search_v1",
            Self::ExportAccountV1 => "export_account_v1",
            Self::ExportAuditV1 { .. } => "export_audit_v1",
            Self::ExportTasksV1 { .. } => "export_tasks_v1",
            Self::ExportEventsV1 { .. } => "export_events_v1",
            Self::ExportMailV1 { .. } => "export_mail_v1",
            Self::FinishExportV1 { .. } => "finish_export_v1",
            Self::EraseAccountV1 { .. } => "erase_account_v1",
            Self::SendPasswordResetV1 { .. } => "send_password_reset_v1",
            Self::DisconnectV1 { .. } => "disconnect_v1",
        }
    }

    /// The same work in pieces of one item each, for a step that failed as a whole: what one item
    /// breaks must not take the others down. `None` where it can't be divided.
    pub fn divide(&self) -> Option<Vec<Self>> {
        match self {
            Self::StoreMessagesV1 {
                key,
                escaped,
                spans,
            } if spans.len() > 1 => Some(
                spans
                    .iter()
                    .map(|span| Self::StoreMessagesV1 {
                        key: key.clone(),
                        escaped: *escaped,
                        spans: vec![*span],
                    })
                    .collect(),
            ),
            Self::AnalyzeEmailsV1 { email_ids } if email_ids.len() > 1 => Some(
                email_ids
                    .iter()
                    .map(|id| Self::AnalyzeEmailsV1 {
                        email_ids: vec![id.clone()],
                    })
                    .collect(),
            ),
            // The one event that is tried alone may be the one that fails; those behind it follow.
            Self::ImportCalendarV1 { most, .. } if *most > 1 => {
                let mut alone = self.clone();
                if let Self::ImportCalendarV1 { most, .. } = &mut alone {
                    *most = 1;
                }
                Some(vec![alone])
            }
            _ => None,
        }
    }

    /// How a job's errors name what this step was about.
    pub fn item(&self) -> String {
        match self {
            Self::SplitUploadV1 { .. } => "upload".to_owned(),
            Self::StoreMessagesV1 { spans, .. } => spans
                .first()
                .map_or_else(|| "nothing".to_owned(), |span| item_at(*span)),
            Self::AnalyzeEmailsV1 { email_ids } => email_ids
                .first()
                .map_or_else(|| "nothing".to_owned(), ToString::to_string),
            Self::ConsultModelV1 { email_id, .. } => email_id.to_string(),
            Self::ImportCalendarV1 { offset, .. } => format!("byte {offset}"),
            Self::ResolveDuesV1 => "tasks".to_owned(),
            Self::ReplanV1 { plan_id } => plan_id.to_string(),
            Self::RebuildSearchV1 => "search".to_owned(),
            Self::SendPasswordResetV1 { reset_id } => reset_id.to_string(),
            Self::DisconnectV1 { connection_id } => connection_id.to_string(),
            Self::ExportAccountV1 | Self::EraseAccountV1 { .. } => "account".to_owned(),
            Self::ExportAuditV1 { place } => place.item("audit trail"),
            Self::ExportTasksV1 { place } => place.item("tasks"),
            Self::ExportEventsV1 { place } => place.item("events"),
            Self::ExportMailV1 { place } => place.item("messages"),
            Self::FinishExportV1 { .. } => "archive".to_owned(),
        }
    }

    /// Whether the work was promised to somebody who can't ask for it again: it is tried until it
    /// is done, and never given up.
    pub fn must_be_done(&self) -> bool {
        matches!(self, Self::EraseAccountV1 { .. } | Self::ReplanV1 { .. })
    }
}

impl<Id: std::fmt::Display> ExportPlace<Id> {
    fn item(&self, kind: &str) -> String {
        match &self.after {
            Some(after) => format!("{kind} after {after}"),
            None => kind.to_owned(),
        }
    }
}

/// How a job's errors name a message of an upload that has no identifier yet.
pub fn item_at(span: Span) -> String {
    format!("byte {}", span.offset)
}

/// After how many attempts a step that can be divided is divided.
pub const DIVIDE_AFTER_ATTEMPTS: u32 = 2;

/// After how many attempts a step is given up.
pub const MAX_ATTEMPTS: u32 = 5;

/// How long a claimed step is left to the one who claimed it. A step takes a second or two; one that
/// takes longer is at worst done twice, and the second effect finds the row gone and changes nothing.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);

/// How long to wait after a failed attempt: 2, 8, 32, 128 seconds, each with up to half as much
/// again so that steps that failed together do not come back together. `jitter` is 0 to 255.
pub fn backoff(attempts: u32, jitter: u8) -> TimeDelta {
    let base_ms = 2_000_i64 << (2 * attempts.saturating_sub(1).min(6));
    TimeDelta::milliseconds(base_ms + base_ms * i64::from(jitter) / 512)
}

/// What becomes of a step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Try again after this long.
    Retry(TimeDelta),
    /// Try its items one by one.
    Divide(Vec<Work>),
    /// Keep it with its reason until somebody tries it again.
    Bury,
}

/// Decides about a step that failed for the `attempts`-th time.
pub fn fate(work: &Work, attempts: u32, is_transient: bool, jitter: u8) -> Fate {
    if (attempts >= DIVIDE_AFTER_ATTEMPTS || !is_transient)
        && let Some(pieces) = work.divide()
    {
        return Fate::Divide(pieces);
    }
    if (attempts >= MAX_ATTEMPTS || !is_transient) && !work.must_be_done() {
        return Fate::Bury;
    }
    Fate::Retry(backoff(attempts, jitter))
}

/// Decides about a step that was overtaken by something else and has to read again. That is no fault of
/// its own, so it is not given up, and is tried again soon.
pub fn overtaken(attempts: u32, jitter: u8) -> Fate {
    Fate::Retry(backoff(attempts.min(2), jitter))
}

/// Decides about a step before it is tried for the `attempts`-th time. A step that can be divided
/// is, at its second failure; one that comes back whole a third time was never seen to fail, so
/// what it was tried by crashed. The same holds for a step past the last attempt.
pub fn fate_after_crash(work: &Work, attempts: u32) -> Option<Fate> {
    match work.divide() {
        Some(pieces) if attempts > DIVIDE_AFTER_ATTEMPTS => Some(Fate::Divide(pieces)),
        _ if attempts > MAX_ATTEMPTS && !work.must_be_done() => Some(Fate::Bury),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(count: u64) -> Work {
        let spans = (0..count)
            .map(|n| Span {
                offset: n * 10,
                length: 10,
            })
            .collect();
        Work::StoreMessagesV1 {
            key: "k".into(),
            escaped: true,
            spans,
        }
    }

    #[test]
    fn waiting_times_grow_and_stay_within_their_jitter() {
        let seconds = |attempts, jitter| backoff(attempts, jitter).num_milliseconds() / 1000;
        assert_eq!([1, 2, 3, 4].map(|n| seconds(n, 0)), [2, 8, 32, 128]);
        assert!(seconds(4, 255) < 192);
        assert!(backoff(u32::MAX, 255) < TimeDelta::hours(5));
    }

    #[test]
    fn a_step_that_keeps_failing_is_divided_then_buried() {
        assert!(matches!(fate(&spans(3), 1, true, 0), Fate::Retry(_)));
        assert!(matches!(fate(&spans(3), 2, true, 0), Fate::Divide(pieces) if pieces.len() == 3));
        assert!(matches!(fate(&spans(1), 2, true, 0), Fate::Retry(_)));
        assert_eq!(fate(&spans(1), MAX_ATTEMPTS, true, 0), Fate::Bury);
    }

    #[test]
    fn a_fault_that_will_not_go_away_is_not_tried_again() {
        assert_eq!(fate(&spans(1), 1, false, 0), Fate::Bury);
        assert!(matches!(fate(&spans(2), 1, false, 0), Fate::Divide(_)));
    }

    #[test]
    fn a_step_that_crashes_whoever_tries_it_is_divided_then_buried() {
        assert_eq!(fate_after_crash(&spans(2), 2), None);
        assert!(matches!(
            fate_after_crash(&spans(2), 3),
            Some(Fate::Divide(_))
        ));
        assert_eq!(fate_after_crash(&spans(1), MAX_ATTEMPTS), None);
        assert_eq!(
            fate_after_crash(&spans(1), MAX_ATTEMPTS + 1),
            Some(Fate::Bury)
        );
    }

    #[test]
    fn work_that_nobody_can_ask_for_again_is_never_given_up() {
        let erase = Work::EraseAccountV1 {
            stage: ErasureStage::Objects,
        };
        for attempts in [1, MAX_ATTEMPTS, 1_000] {
            assert!(matches!(fate(&erase, attempts, true, 0), Fate::Retry(_)));
            assert!(matches!(fate(&erase, attempts, false, 0), Fate::Retry(_)));
            assert_eq!(fate_after_crash(&erase, attempts), None);
        }
    }

    #[test]
    fn work_reads_back_from_its_json() {
        let id = EmailId::parse("eml_01m81q693dfvparr9432s4tb40").expect("an identifier");
        let going_on = ExportPlace {
            after: Some(id),
            file: 2,
            part: 7,
        };
        let reset_id = ResetId::new(crate::time::Timestamp::from_milliseconds(1), [1; 10]);
        for work in [
            spans(2),
            Work::ImportCalendarV1 {
                key: "k".to_owned(),
                calendar_id: CalendarId::new(crate::time::Timestamp::from_milliseconds(1), [1; 10]),
                pass: ImportPass::Occurrences,
                offset: 7,
                has_occurrences: true,
                most: 500,
            },
            Work::ResolveDuesV1,
            Work::RebuildSearchV1,
            Work::ExportAccountV1,
            Work::ExportAuditV1 {
                place: ExportPlace::first(2),
            },
            Work::ExportTasksV1 {
                place: ExportPlace::first(3),
            },
            Work::ExportEventsV1 {
                place: ExportPlace::first(4),
            },
            Work::ExportMailV1 { place: going_on },
            Work::FinishExportV1 { part: 9 },
            Work::EraseAccountV1 {
                stage: ErasureStage::IndexRest,
            },
            Work::SendPasswordResetV1 { reset_id },
        ] {
            let json = serde_json::to_string(&work).expect("JSON");
            assert_eq!(serde_json::from_str::<Work>(&json).expect("work"), work);
            assert!(json.contains(work.kind()), "{json}");
        }
    }
}
