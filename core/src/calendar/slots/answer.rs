//! What is answered: slots with their reasons, or what would give one.

use serde::Serialize;
use utoipa::ToSchema;

use crate::identifier::UserId;
use crate::time::Timestamp;

/// Times to meet, the best first; where there is none, what would give one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Slots<'a> {
    /// The slots.
    pub items: Vec<Slot<'a>>,
    /// What to give up to get one, the least first; only where there is none.
    pub relaxations: Vec<Relaxation>,
}

/// A time to meet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Slot<'a> {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// How good it is, above 0 to 100: 10,000 / (100 + points lost), to one decimal.
    pub score: f64,
    /// What speaks for it, and what it costs whom. Their effects sum up to the points lost.
    pub reasons: Vec<Reason>,
    /// Who need not come and can't.
    pub missing_optional: Vec<Missing<'a>>,
}

/// Why a reason stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// Everybody can come.
    EveryoneFree,
    /// It lies within everybody's working hours.
    WithinWorkingHours,
    /// It lies within times that somebody prefers.
    PreferredTimes,
    /// It lies outside the times that somebody prefers.
    NotPreferred,
    /// It lies outside somebody's working hours.
    OutsideHours,
    /// It lies more than two hours outside of them.
    FarOutsideHours,
    /// It breaks somebody's focus time.
    FocusTime,
    /// It leaves somebody no time for lunch.
    Lunch,
    /// Somebody has enough meetings on that day.
    DailyLimit,
    /// Somebody comes from another meeting or has to go to one.
    BackToBack,
    /// Somebody tentatively has something else.
    Tentative,
    /// Somebody who need not come can't.
    MissingOptional,
    /// It is not on the first day of the window.
    Later,
    /// They are not there: out of office.
    OutOfOffice,
    /// Something else is on, or too close.
    Busy,
}

/// One thing that speaks for a slot or against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SlotReason)]
pub struct Reason {
    /// What it is.
    pub code: ReasonCode,
    /// A sentence, with the names of whom it concerns.
    pub text: String,
    /// The points that the slot loses by it, as a number that is not above 0; 0 for what speaks for
    /// it.
    pub effect: i64,
}

/// Somebody who need not come and can't.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing<'a> {
    /// Who, where they are a person here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub user_id: Option<&'a UserId>,
    /// Who, where they are somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// What they are called.
    pub name: &'a str,
    /// Why they can't.
    pub code: ReasonCode,
    /// Why they can't, as a sentence.
    pub text: String,
}

/// A constraint that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelaxedConstraint {
    /// Slots start at more minutes of the hour.
    StepMinutes,
    /// Tentative time counts as free.
    Tentative,
    /// Nobody needs free time around the meeting.
    Buffers,
    /// Focus time does not count.
    FocusTime,
    /// Lunch does not count.
    Lunch,
    /// Daily limits do not count.
    DailyLimit,
    /// The meeting is arranged sooner.
    MinimumNotice,
    /// Other times of day.
    Times,
    /// Other days of the week.
    Days,
    /// Other dates.
    Dates,
    /// Dates that were left out.
    ExceptDates,
    /// Before the earliest time.
    After,
    /// After the latest time.
    Before,
    /// A shorter meeting.
    DurationMinutes,
    /// A window that ends later.
    WindowEnd,
    /// The working hours of one attendee do not count.
    WorkingHours,
    /// One attendee need not come.
    RequiredAttendee,
}

/// What to give up, and the first slot that it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Relaxation {
    /// The constraint to give up.
    pub constraint: RelaxedConstraint,
    /// Whose it is, by their name, where it is somebody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee: Option<String>,
    /// Another that has to be given up as well, where no single one is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<RelaxedConstraint>,
    /// Whose the other is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also_attendee: Option<String>,
    /// The same as a sentence.
    pub text: String,
    /// The first slot that there is then.
    pub gives: Given,
}

/// A slot that there would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Given {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
}
