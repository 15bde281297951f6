//! Which handler answers which path. Built once an isolate.

use std::cell::OnceCell;

use axum::Router;
use axum::routing::{delete, get, post, put};
use delegate_core::error::{Error, Kind};

use super::reply::{Failure, Outcome};
use crate::api::{auth, calendar, emails, erasures, jobs, notifications, operations, tasks, users};

thread_local! {
    static ROUTER: OnceCell<Router> = const { OnceCell::new() };
}

/// The router of this isolate.
pub(crate) fn shared() -> Router {
    ROUTER.with(|cell| cell.get_or_init(build).clone())
}

fn build() -> Router {
    Router::new()
        .route("/health", get(operations::get_health))
        .route("/health/ready", get(operations::get_readiness))
        .route("/.well-known/jwks.json", get(auth::get_key_set))
        .route("/ws/connect", get(notifications::connect))
        .route("/feeds/{secret}", get(calendar::read_feed))
        .nest("/api/v1", resources())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

fn resources() -> Router {
    Router::new()
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route("/auth/refresh", post(auth::refresh))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/password", post(auth::change_password))
        .route("/auth/password/reset", post(auth::request_password_reset))
        .route(
            "/auth/password/reset/confirm",
            post(auth::confirm_password_reset),
        )
        .route("/auth/caller", get(auth::get_caller))
        .route("/auth/exchange", post(auth::exchange))
        .route("/auth/{provider}/login", get(auth::sign_in_at_provider))
        .route("/auth/{provider}/connect", get(auth::connect_at_provider))
        .route(
            "/auth/{provider}/callback",
            get(auth::come_back_from_provider),
        )
        .route("/auth/invitations", post(auth::create_invitation))
        .route(
            "/users/me",
            get(users::get_me)
                .patch(users::update_me)
                .delete(users::delete_me),
        )
        .route(
            "/users/me/addresses",
            get(users::list_addresses).post(users::add_address),
        )
        .route(
            "/users/me/addresses/{address}",
            delete(users::remove_address),
        )
        .route(
            "/users/me/sessions",
            get(users::list_sessions).delete(users::end_other_sessions),
        )
        .route("/users/me/sessions/{id}", delete(users::end_session))
        .route(
            "/users/me/connections",
            get(users::list_connections).post(users::begin_connection),
        )
        .route(
            "/users/me/connections/complete",
            post(users::complete_connection),
        )
        .route(
            "/users/me/connections/{id}",
            get(users::get_connection).delete(users::disconnect),
        )
        .route(
            "/users/me/connections/{id}/check",
            post(users::check_connection),
        )
        .route(
            "/users/me/api-keys",
            get(users::list_api_keys).post(users::create_api_key),
        )
        .route(
            "/users/me/api-keys/{id}",
            get(users::get_api_key).delete(users::revoke_api_key),
        )
        .route(
            "/users/me/delegations",
            get(users::list_delegations).post(users::create_delegation),
        )
        .route(
            "/users/me/delegations/{id}",
            get(users::get_delegation)
                .patch(users::update_delegation)
                .delete(users::delete_delegation),
        )
        .route(
            "/users/me/export",
            get(users::get_export).post(users::start_export),
        )
        .route("/users/me/audit", get(users::list_audit_entries))
        .route(
            "/users/me/preferences",
            get(users::get_preferences).patch(users::update_preferences),
        )
        .route("/users/me/model-keys", get(users::list_model_keys))
        .route(
            "/users/me/model-keys/{provider}",
            put(users::set_model_key).delete(users::delete_model_key),
        )
        .route("/users/me/usage", get(users::get_usage))
        .route("/users/me/usage/calls", get(users::list_model_calls))
        .route("/erasures/{receipt}", get(erasures::get_erasure))
        .merge(belongings())
        .merge(calendars())
}

/// Calendars, and what people outside reach of them.
fn calendars() -> Router {
    Router::new()
        .route(
            "/calendar/calendars",
            get(calendar::list_calendars).post(calendar::create_calendar),
        )
        .route(
            "/calendar/calendars/{id}",
            get(calendar::get_calendar)
                .patch(calendar::update_calendar)
                .delete(calendar::delete_calendar),
        )
        .route(
            "/calendar/events",
            get(calendar::list_events).post(calendar::create_event),
        )
        .route(
            "/calendar/events/{id}",
            get(calendar::get_event)
                .patch(calendar::update_event)
                .delete(calendar::delete_event),
        )
        .route(
            "/calendar/events/{id}/occurrences",
            get(calendar::list_occurrences),
        )
        .route(
            "/calendar/events/{id}/response",
            post(calendar::respond_to_event),
        )
        .route("/calendar/availability", post(calendar::get_availability))
        .route("/calendar/slots", post(calendar::find_slots))
        .route(
            "/calendar/slots/interpretation",
            post(calendar::interpret_request),
        )
        .route(
            "/calendar/holds",
            get(calendar::list_holds).post(calendar::create_hold),
        )
        .route(
            "/calendar/holds/{id}",
            get(calendar::get_hold).delete(calendar::release_hold),
        )
        .route("/calendar/holds/{id}/confirm", post(calendar::confirm_hold))
        .route("/calendar/import", post(calendar::import_calendar))
        .route("/calendar/export.ics", get(calendar::export_calendar))
        .route(
            "/calendar/feeds",
            get(calendar::list_feeds).post(calendar::create_feed),
        )
        .route(
            "/calendar/feeds/{id}",
            get(calendar::get_feed).delete(calendar::revoke_feed),
        )
        .route(
            "/calendar/working-hours",
            get(calendar::get_working_hours)
                .put(calendar::set_working_hours)
                .patch(calendar::update_working_hours),
        )
        .route(
            "/calendar/absences",
            get(calendar::list_absences).post(calendar::create_absence),
        )
        .route(
            "/calendar/absences/{id}",
            get(calendar::get_absence)
                .patch(calendar::update_absence)
                .delete(calendar::delete_absence),
        )
        .route(
            "/calendar/plans",
            get(calendar::list_plans).post(calendar::create_plan),
        )
        .route(
            "/calendar/plans/{id}",
            get(calendar::get_plan).delete(calendar::delete_plan),
        )
        .route("/calendar/plans/{id}/replan", post(calendar::replan))
        .route(
            "/calendar/booking-links",
            get(calendar::list_booking_links).post(calendar::create_booking_link),
        )
        .route(
            "/calendar/booking-links/{id}",
            get(calendar::get_booking_link)
                .patch(calendar::update_booking_link)
                .delete(calendar::delete_booking_link),
        )
        .route("/booking/{slug}", get(calendar::get_booking_page))
        .route("/booking/{slug}/slots", get(calendar::list_bookable_times))
        .route("/booking/{slug}/bookings", post(calendar::create_booking))
        .route(
            "/booking/{slug}/bookings/{booking}",
            delete(calendar::cancel_booking),
        )
}

/// What people have besides their account.
fn belongings() -> Router {
    Router::new()
        .route("/tasks", get(tasks::list_tasks).post(tasks::create_task))
        .route(
            "/tasks/{id}",
            get(tasks::get_task)
                .patch(tasks::update_task)
                .delete(tasks::delete_task),
        )
        .route(
            "/tasks/{id}/links",
            get(tasks::list_links).post(tasks::add_link),
        )
        .route(
            "/tasks/{id}/links/{kind}/{target}",
            delete(tasks::remove_link),
        )
        .route("/emails", get(emails::list_emails))
        .route("/emails/import", post(emails::import_emails))
        .route(
            "/emails/lessons",
            get(emails::list_lessons).post(emails::create_lesson),
        )
        .route(
            "/emails/lessons/{id}",
            get(emails::get_lesson)
                .patch(emails::update_lesson)
                .delete(emails::delete_lesson),
        )
        .route("/emails/threads/{id}", get(emails::get_thread))
        .route(
            "/emails/threads/{id}/summary",
            get(emails::get_thread_summary),
        )
        .route(
            "/emails/{id}",
            get(emails::get_email).patch(emails::update_email),
        )
        .route("/emails/{id}/raw", get(emails::get_raw))
        .route("/emails/{id}/analyze", post(emails::analyze_email))
        .route(
            "/emails/{id}/analysis",
            get(emails::get_analysis).patch(emails::correct_analysis),
        )
        .route("/jobs", get(jobs::list_jobs))
        .route("/jobs/{id}", get(jobs::get_job))
        .route("/jobs/{id}/retry", post(jobs::retry_job))
        .route("/ws/tickets", post(notifications::create_ticket))
}

async fn not_found() -> Outcome {
    Err(Failure(Error::not_found()))
}

async fn method_not_allowed() -> Outcome {
    Err(Failure(Error::new(
        Kind::MethodNotAllowed,
        "method_not_allowed",
        "The resource does not have this method.",
    )))
}
