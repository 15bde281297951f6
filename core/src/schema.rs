//! Shapes that exist only to be documented: how the wire looks where a type reads itself by hand.

use utoipa::ToSchema;

/// A time as a person means it: either `date`, or `date_time` with `time_zone`. `instant` is
/// what answers add; in a request it is allowed and not believed.
#[derive(ToSchema)]
pub struct CalendarTime {
    /// A day, such as 2026-03-29.
    #[schema(format = Date)]
    pub date: Option<String>,
    /// A civil time, such as 2026-03-29T02:30:00.
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$")]
    pub date_time: Option<String>,
    /// The IANA zone of the civil time.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// The resolved moment.
    #[schema(format = DateTime)]
    pub instant: Option<String>,
}

/// When a task must be done: `date`; or `date_time` with `time_zone`; or, in a request, `words`.
#[derive(ToSchema)]
pub struct DueTime {
    /// A day, such as 2026-03-29.
    #[schema(format = Date)]
    pub date: Option<String>,
    /// A civil time, such as 2026-03-29T02:30:00.
    #[schema(pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$")]
    pub date_time: Option<String>,
    /// The IANA zone of the civil time.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// The resolved moment; in a request it is allowed and not believed.
    #[schema(format = DateTime)]
    pub instant: Option<String>,
    /// The time in words, such as `in two weeks` or `Friday 5pm`, on the person's clock. What has several
    /// readings is refused with them.
    #[schema(max_length = 100)]
    pub words: Option<String>,
}
