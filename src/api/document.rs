//! The OpenAPI document: generated natively from the handlers by `cargo xtask openapi`, committed,
//! checked, and served as a static asset. Nothing of it is in the Worker.
//!
//! Shapes that SQLite builds are described here; a test on workerd holds what is answered against
//! what is described.

use std::collections::BTreeMap;

use delegate_core::analysis::lesson::Lesson;
use delegate_core::analysis::{Category, Priority, Reason, Sentiment, SourceSpan};
use delegate_core::api_key::ApiKey;
use delegate_core::calendar::booking::BookingLink;
use delegate_core::calendar::collection::Calendar;
use delegate_core::calendar::event::Event;
use delegate_core::calendar::feed::Feed;
use delegate_core::calendar::hold::Hold;
use delegate_core::calendar::hours::absence::Absence;
use delegate_core::calendar::plan::wire::PlanSummary;
use delegate_core::connection::Connection;
use delegate_core::delegation::{Delegation, Person};
use delegate_core::mail::message::{Attachment, Mailbox};
use delegate_core::task::{Link, Task};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema};

use super::{auth, calendar, emails, erasures, jobs, notifications, operations, tasks, users};

/// The document, as JSON.
pub fn json() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json().map(|mut text| {
        text.push('\n');
        text
    })
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Delegate",
        description = "An AI chief of staff. Errors are `application/problem+json` with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    paths(
        auth::register, auth::login, auth::refresh, auth::logout, auth::create_invitation,
        auth::change_password, auth::request_password_reset, auth::confirm_password_reset,
        auth::get_caller, auth::get_key_set, auth::sign_in_at_provider, auth::connect_at_provider,
        auth::come_back_from_provider, auth::exchange,
        users::get_me, users::update_me, users::list_addresses, users::add_address,
        users::remove_address, users::list_sessions, users::end_session, users::end_other_sessions,
        users::list_connections, users::begin_connection, users::complete_connection,
        users::get_connection, users::check_connection, users::disconnect,
        users::list_api_keys, users::create_api_key, users::get_api_key, users::revoke_api_key,
        users::list_delegations, users::create_delegation, users::get_delegation,
        users::update_delegation, users::delete_delegation, users::list_audit_entries,
        users::get_preferences, users::update_preferences, users::list_model_keys,
        users::set_model_key, users::delete_model_key, users::get_usage, users::list_model_calls,
        users::start_export, users::get_export, users::delete_me, erasures::get_erasure,
        tasks::list_tasks, tasks::create_task, tasks::get_task, tasks::update_task,
        tasks::delete_task, tasks::list_links, tasks::add_link, tasks::remove_link,
        emails::list_emails, emails::import_emails, emails::get_thread, emails::get_thread_summary, emails::get_email,
        emails::update_email, emails::get_raw, emails::analyze_email, emails::get_analysis,
        emails::correct_analysis, emails::list_lessons, emails::create_lesson, emails::get_lesson,
        emails::update_lesson, emails::delete_lesson,
        calendar::list_calendars, calendar::create_calendar, calendar::get_calendar,
        calendar::update_calendar, calendar::delete_calendar,
        calendar::list_events, calendar::create_event, calendar::get_event,
        calendar::update_event, calendar::delete_event, calendar::list_occurrences,
        calendar::respond_to_event, calendar::get_availability,
        calendar::find_slots, calendar::interpret_request, calendar::list_booking_links, calendar::create_booking_link,
        calendar::get_booking_link, calendar::update_booking_link, calendar::delete_booking_link,
        calendar::get_booking_page, calendar::list_bookable_times, calendar::create_booking,
        calendar::cancel_booking,
        calendar::list_plans, calendar::create_plan, calendar::get_plan, calendar::replan,
        calendar::delete_plan,
        calendar::list_holds, calendar::create_hold, calendar::get_hold, calendar::release_hold,
        calendar::confirm_hold,
        calendar::import_calendar, calendar::export_calendar, calendar::list_feeds,
        calendar::create_feed, calendar::get_feed, calendar::revoke_feed, calendar::read_feed,
        calendar::get_working_hours, calendar::set_working_hours,
        calendar::update_working_hours, calendar::list_absences, calendar::create_absence,
        calendar::get_absence, calendar::update_absence, calendar::delete_absence,
        jobs::list_jobs, jobs::get_job, jobs::retry_job,
        notifications::create_ticket, notifications::connect,
        operations::get_health, operations::get_readiness,
    ),
    components(schemas(Problem)),
    modifiers(&BearerToken, &OpenParts),
    security(("access_token" = []))
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An access token of `/api/v1/auth/login`, or an API key. What an operation needs is \
                 listed with it: a scope, `session` (a person signed in on a device), or `owner` (a \
                 session of who owns the deployment). With `Acting-For: usr_…` a scope is used for \
                 somebody who delegated it.",
            ))
            .build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
        }
    }
}

/// What answers show of a document with something beside it is described by `allOf`. A part that allows
/// nothing beside itself would contradict that, so there it is described anew without saying so.
struct OpenParts;

impl Modify for OpenParts {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let Some(components) = document.components.as_mut() else {
            return;
        };
        let known = components.schemas.clone();
        let closed = |part: &RefOr<Schema>| {
            let RefOr::Ref(part) = part else { return None };
            let name = part.ref_location.rsplit('/').next()?;
            match known.get(name)? {
                RefOr::T(Schema::Object(object)) if object.additional_properties.is_some() => {
                    Some(object.clone())
                }
                _ => None,
            }
        };
        for schema in components.schemas.values_mut() {
            let RefOr::T(Schema::AllOf(whole)) = schema else {
                continue;
            };
            for part in &mut whole.items {
                if let Some(mut object) = closed(part) {
                    object.additional_properties = None;
                    *part = RefOr::T(Schema::Object(object));
                }
            }
        }
    }
}

/// An error (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `http::problem` writes")]
pub(crate) struct Problem {
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// A stable word for programs.
    code: String,
    /// A sentence for people.
    detail: String,
    /// What the log calls the request.
    request_id: String,
    /// The values that can't be taken.
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
}

/// One value that can't be taken.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `http::problem` writes")]
struct FieldProblem {
    /// A JSON pointer into the body.
    #[schema(required = false)]
    pointer: String,
    /// The name of a parameter or header.
    #[schema(required = false)]
    parameter: String,
    /// A stable word for programs.
    code: String,
    /// The rule that was broken.
    message: String,
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident of $item:ty;)*) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "describes what SQLite builds")]
        pub(crate) struct $name {
            /// The items.
            items: Vec<$item>,
            /// Where the next page begins; null on the last one.
            #[schema(required = true)]
            next_cursor: Option<String>,
        }
    )*};
}

pages! {
    /// A page of tasks.
    TaskPage of Task;
    /// What a task is tied to.
    LinkPage of Link;
    /// A page of messages.
    EmailPage of EmailSummary;
    /// A page of calendars.
    CalendarPage of Calendar;
    /// A page of booking links.
    BookingLinkPage of BookingLink;
    /// A page of plans.
    PlanPage of PlanSummary;
    /// A page of times that are held.
    HoldPage of Hold;
    /// A page of feeds.
    FeedPage of Feed;
    /// A page of absences.
    AbsencePage of Absence;
    /// A page of events.
    EventPage of Event;
    /// A page of jobs.
    JobPage of JobView;
    /// The addresses that are "me".
    AddressPage of AddressView;
    /// A page of sessions.
    SessionPage of SessionView;
    /// A page of provider accounts.
    ConnectionPage of Connection;
    /// A page of API keys.
    ApiKeyPage of ApiKey;
    /// A page of delegations.
    DelegationPage of Delegation;
    /// A page of an audit trail.
    AuditPage of AuditEntry;
    /// A page of lessons.
    LessonPage of Lesson;
    /// The providers that a person has a key at.
    ModelKeyPage of ModelKeyView;
    /// A page of calls of models.
    ModelCallPage of ModelCallView;
}

/// An address that is "me".
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct AddressView {
    /// In lower case.
    address: String,
    /// Whether it is the one to sign in with.
    is_login: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A key of a person's own at a provider of models.
#[derive(ToSchema)]
#[schema(as = KeptModelKey)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct ModelKeyView {
    provider: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// What a day has used of models, and what it may.
#[derive(ToSchema)]
#[schema(as = Usage)]
#[expect(dead_code, reason = "describes what SQLite builds")]
pub(crate) struct UsageView {
    /// The day, in the person's zone.
    #[schema(format = Date)]
    day: String,
    /// Tokens, read and written; what is under way counts with the most that it can use.
    tokens: u64,
    /// Cost, in `currency`.
    cost: f64,
    /// The most tokens of the day.
    daily_tokens: u64,
    /// The most cost of the day.
    daily_cost: f64,
    /// ISO 4217; empty where the deployment has no models.
    currency: String,
    /// When the next day begins.
    #[schema(format = DateTime)]
    resets_at: String,
    /// When the person was told that most of it is used.
    #[schema(required = true, format = DateTime)]
    warned_at: Option<String>,
    /// When a model was first not asked because all of it is used.
    #[schema(required = true, format = DateTime)]
    exhausted_at: Option<String>,
    /// What each model took of it.
    models: Vec<ModelUsageView>,
}

/// What one model took of a day.
#[derive(ToSchema)]
#[schema(as = ModelUsage)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct ModelUsageView {
    /// `provider/model`.
    model: String,
    calls: u32,
    /// How many of them gave no answer.
    failed: u32,
    tokens: u64,
    cost: f64,
}

/// How a call of a model stands.
#[derive(ToSchema)]
#[schema(as = ModelCallStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what SQLite builds")]
enum ModelCallStatus {
    /// It is under way.
    Started,
    /// It gave an answer.
    Answered,
    /// It gave none.
    Failed,
    /// Nobody saw its end; it is charged the most that it can have cost.
    Unknown,
}

/// A call of a model.
#[derive(ToSchema)]
#[schema(as = ModelCall)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct ModelCallView {
    id: String,
    #[schema(format = Date)]
    day: String,
    /// The message that it was about, which may be gone.
    email_id: String,
    /// What for: the name of the prompt.
    purpose: String,
    prompt_version: u32,
    /// `provider/model`.
    model: String,
    status: ModelCallStatus,
    /// Why there is no answer, such as `rate_limited`, `timed_out`, `misshapen`.
    #[schema(required = true)]
    outcome: Option<String>,
    /// What the day is charged.
    tokens: u64,
    cost: f64,
    /// As the provider counts; null where it does not say.
    #[schema(required = true)]
    input_tokens: Option<u32>,
    #[schema(required = true)]
    output_tokens: Option<u32>,
    #[schema(required = true)]
    latency_ms: Option<u32>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A device that is signed in.
#[derive(ToSchema)]
#[schema(as = Session)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct SessionView {
    id: String,
    /// What signed in: its `User-Agent`.
    user_agent: String,
    /// The network address that it signed in from; may be empty on a machine of one's own.
    address: String,
    /// Whether it is the one that asks.
    is_current: bool,
    /// When it last got new tokens.
    #[schema(format = DateTime)]
    last_used_at: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Something that was done in an account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct AuditEntry {
    id: String,
    /// What was done, such as `api_key.created`; a scope, such as `tasks:write`, where somebody
    /// acted for the person.
    action: String,
    /// What it was done to: an identifier, or the request that somebody made for the person.
    #[schema(required = true)]
    object: Option<String>,
    /// More to know, by the kind of action.
    detail: BTreeMap<String, serde_json::Value>,
    /// By what: `session`, `api_key`, `delegation` or `service`.
    via: String,
    /// Which session or key; null for the service.
    #[schema(required = true)]
    via_id: Option<String>,
    /// Who; null where it was the service, or somebody whose account is gone.
    #[schema(required = true)]
    actor: Option<Person>,
    /// For whom, where somebody acted for somebody else.
    #[schema(required = true)]
    on_behalf_of: Option<Person>,
    /// The network address.
    address: String,
    /// What it was done with.
    user_agent: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// How an erasure stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what SQLite builds")]
enum ErasureStatus {
    Running,
    Finished,
}

/// How much was erased.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct Erased {
    emails: u32,
    tasks: u32,
    /// Events and series of calendars.
    events: u32,
    /// Files of uploads and archives.
    objects: u32,
    sessions: u32,
    api_keys: u32,
    delegations: u32,
    /// Entries of the account's own trail.
    audit_entries: u32,
    connections: Vec<ErasedConnection>,
}

/// A connection that was erased.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct ErasedConnection {
    provider: String,
    /// What became of its tokens there: `revoked`; `nothing_to_revoke` where it had none;
    /// `not_offered` where the provider has no way to be told; `unknown` where it did not answer.
    /// Here they are deleted in any case.
    revoked: String,
}

/// What became of an account that left.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
pub(crate) struct Erasure {
    status: ErasureStatus,
    #[schema(format = DateTime)]
    requested_at: String,
    #[schema(format = DateTime, required = true)]
    finished_at: Option<String>,
    /// How much was erased so far.
    erased: Erased,
    /// What is kept elsewhere, for how long and why.
    kept: Vec<erasures::Kept>,
}

/// How a job stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what SQLite builds")]
enum JobStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// A long piece of work.
#[derive(ToSchema)]
#[schema(as = Job)]
#[expect(dead_code, reason = "describes what SQLite builds")]
pub(crate) struct JobView {
    id: String,
    /// What it does, such as `email_import`.
    kind: String,
    status: JobStatus,
    /// How many items are finished.
    done: u32,
    /// How many there are; null until that is known.
    #[schema(required = true)]
    total: Option<u32>,
    /// What could not be done; at most a hundred.
    errors: Vec<JobError>,
    /// How many could not be done.
    error_count: u32,
    #[schema(format = DateTime, required = true)]
    finished_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// An item that could not be done.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct JobError {
    /// Which one: `byte 1024` of an upload, an identifier, or `upload`.
    item: String,
    code: String,
    detail: String,
}

/// What was made of a message.
#[derive(ToSchema)]
#[schema(as = Analysis)]
#[expect(dead_code, reason = "describes what SQLite builds")]
pub(crate) struct AnalysisView {
    email_id: String,
    category: Category,
    priority: Priority,
    sentiment: Sentiment,
    /// At most three sentences.
    summary: String,
    /// Where the sentences stand that the summary is taken from; none where it is the subject.
    summary_sources: Vec<SourceSpan>,
    /// Whether the sender waits for an answer.
    needs_reply: bool,
    /// ISO 639-1, or `und`.
    language: String,
    /// Why.
    reasons: Vec<Reason>,
    /// Which engine read it.
    engine: String,
    /// The version of that engine.
    version: u32,
    /// From 0 to 1.
    confidence: f64,
    /// What the person set; an engine does not overwrite it.
    corrections: BTreeMap<String, serde_json::Value>,
    /// What the engine says by itself, whatever the person corrected or taught.
    judged: JudgedView,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// What an engine says by itself; null where that was not kept.
#[derive(ToSchema)]
#[schema(as = Judged)]
#[expect(dead_code, reason = "describes what SQLite builds")]
struct JudgedView {
    #[schema(required = true)]
    category: Option<Category>,
    #[schema(required = true)]
    priority: Option<Priority>,
    #[schema(required = true)]
    needs_reply: Option<bool>,
}

macro_rules! emails {
    ($($(#[$doc:meta])* $name:ident as $public:ident { $($more:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[schema(as = $public)]
        #[expect(dead_code, reason = "describes what SQLite builds")]
        pub(crate) struct $name {
            id: String,
            #[schema(required = true)]
            message_id: Option<String>,
            thread_id: String,
            #[schema(required = true)]
            from: Option<Mailbox>,
            to: Vec<Mailbox>,
            cc: Vec<Mailbox>,
            reply_to: Vec<Mailbox>,
            subject: String,
            #[schema(format = DateTime, required = true)]
            sent_at: Option<String>,
            #[schema(format = DateTime)]
            received_at: String,
            snippet: String,
            has_attachments: bool,
            attachments: Vec<Attachment>,
            labels: Vec<String>,
            is_read: bool,
            /// Null until there is one.
            #[schema(required = true)]
            analysis: Option<AnalysisView>,
            #[schema(format = DateTime)]
            created_at: String,
            #[schema(format = DateTime)]
            updated_at: String,
            $($more)*
        }
    )*};
}

emails! {
    /// A message in a list.
    EmailSummary as EmailSummary {}
    /// A message with its text.
    EmailView as Email {
        /// LF line ends, quoted parts included.
        text: String,
        /// Whether the text was too long to keep whole; the source has all of it.
        text_truncated: bool,
    }
}

/// A conversation.
#[derive(ToSchema)]
#[schema(as = Thread)]
#[expect(dead_code, reason = "describes what SQLite builds")]
pub(crate) struct ThreadView {
    id: String,
    /// The subject of its first message.
    subject: String,
    /// Its messages, oldest first.
    items: Vec<EmailSummary>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

type Responses = BTreeMap<String, RefOr<Response>>;

fn problems(statuses: &[(u16, &str)]) -> Responses {
    let always = [
        (500, "A fault of ours"),
        (503, "A part does not answer; try again"),
    ];
    statuses
        .iter()
        .chain(&always)
        .map(|(status, description)| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            let response = ResponseBuilder::new()
                .description(*description)
                .content("application/problem+json", content)
                .build();
            (status.to_string(), response.into())
        })
        .collect()
}

const UNAUTHENTICATED: (u16, &str) = (401, "No valid access token");
const FORBIDDEN: (u16, &str) = (
    403,
    "The key, the delegation or the role does not cover this",
);
const NOT_FOUND: (u16, &str) = (404, "Not there, or somebody else's");
const CONFLICT: (u16, &str) = (409, "It contradicts what is there");
const CHANGED: (u16, &str) = (412, "The resource has changed since it was read");
const INVALID: (u16, &str) = (422, "Some values can't be taken");

/// What can go wrong with reading.
pub(crate) struct ReadProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> Responses {
        problems(&[UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, INVALID])
    }
}

/// What can go wrong with a change that has no body.
pub(crate) struct DeleteProblems;

impl IntoResponses for DeleteProblems {
    fn responses() -> Responses {
        problems(&[
            UNAUTHENTICATED,
            FORBIDDEN,
            NOT_FOUND,
            CONFLICT,
            CHANGED,
            INVALID,
        ])
    }
}

const BODY: [(u16, &str); 3] = [
    (400, "The body can't be read"),
    (413, "The body is too large"),
    (415, "Not a media type that is taken"),
];

/// What can go wrong with making something.
pub(crate) struct WriteProblems;

impl IntoResponses for WriteProblems {
    fn responses() -> Responses {
        let [first, second, third] = BODY;
        problems(&[
            UNAUTHENTICATED,
            FORBIDDEN,
            NOT_FOUND,
            CONFLICT,
            INVALID,
            first,
            second,
            third,
        ])
    }
}

/// What can go wrong with what is limited.
pub(crate) struct AttemptProblems;

impl IntoResponses for AttemptProblems {
    fn responses() -> Responses {
        let mut responses = WriteProblems::responses();
        responses.extend(problems(&[(
            429,
            "Too many attempts; `Retry-After` says how long to wait",
        )]));
        responses
    }
}

/// What can go wrong with changing something.
pub(crate) struct ChangeProblems;

impl IntoResponses for ChangeProblems {
    fn responses() -> Responses {
        let [first, second, third] = BODY;
        problems(&[
            UNAUTHENTICATED,
            FORBIDDEN,
            NOT_FOUND,
            CONFLICT,
            CHANGED,
            INVALID,
            first,
            second,
            third,
        ])
    }
}
