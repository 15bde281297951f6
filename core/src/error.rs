//! The one error type that crosses from the domain to whoever asked.
//!
//! It has two sides. The public side (`code`, `detail`, `fields`) is written for the client and is
//! the same for everybody. The private side (`cause`) is for the log: it has no `Display`, so it
//! cannot slip into an answer.

use std::borrow::Cow;

/// What kind of answer an error is, without the transport's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request can't be read at all.
    Malformed,
    /// Nobody is signed in, or no longer.
    Unauthenticated,
    /// Signed in, but not allowed.
    Forbidden,
    /// Not there, or somebody else's.
    NotFound,
    /// The resource does not have this method.
    MethodNotAllowed,
    /// It contradicts what is there.
    Conflict,
    /// The length of the body must be told beforehand.
    LengthRequired,
    /// `If-Match` no longer holds.
    PreconditionFailed,
    /// The body is larger than this resource takes.
    TooLarge,
    /// The media type is not one this resource takes.
    UnsupportedMediaType,
    /// The resource speaks another protocol.
    UpgradeRequired,
    /// Readable, but not meaningful.
    Invalid,
    /// Asked too often.
    TooManyRequests,
    /// A part that is needed does not answer; trying again may help.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// Where in the request a value is that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the body.
    Pointer(String),
    /// The name of a query or path parameter, or of a header.
    Parameter(String),
}

/// One value that can't be taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is.
    pub place: Place,
    /// A stable code such as `too_long`.
    pub code: &'static str,
    /// The rule that it breaks, in plain words.
    pub message: String,
}

/// Why a request was not carried out.
#[derive(Debug, Clone)]
pub struct Error {
    /// The kind of answer.
    pub kind: Kind,
    /// A stable code for programs.
    pub code: &'static str,
    /// A sentence for people. Never holds a cause.
    pub detail: Cow<'static, str>,
    /// The values that can't be taken, for [`Kind::Invalid`].
    pub fields: Vec<FieldError>,
    /// After how many seconds to try again.
    pub retry_after_seconds: Option<u32>,
    cause: Option<String>,
}

impl Error {
    /// An error with its public side.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after_seconds: None,
            cause: None,
        }
    }

    /// A fault of ours; `cause` goes to the log and nowhere else.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::new(
            Kind::Internal,
            "internal",
            "Something went wrong on our side.",
        )
        .caused_by(cause)
    }

    /// A part that is needed does not answer.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        let mut error = Self::new(
            Kind::Unavailable,
            "unavailable",
            "A part that is needed does not answer at the moment. Try again shortly.",
        );
        error.retry_after_seconds = Some(2);
        error.caused_by(cause)
    }

    /// Not there, or somebody else's: the two can't be told apart.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "There is no such resource.")
    }

    /// Values that can't be taken.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(
            Kind::Invalid,
            "invalid",
            "Some values of the request can't be taken.",
        );
        error.fields = fields;
        error
    }

    /// One value of the body that can't be taken.
    pub fn invalid_at(
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let place = Place::Pointer(pointer.into());
        Self::invalid(vec![FieldError {
            place,
            code,
            message: message.into(),
        }])
    }

    /// One parameter that can't be taken.
    pub fn invalid_parameter(
        name: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let place = Place::Parameter(name.into());
        Self::invalid(vec![FieldError {
            place,
            code,
            message: message.into(),
        }])
    }

    /// The same error, with what the log should know.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What the log should know. Never shown to a client.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Whether the same request can succeed later without a change.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            Kind::Unavailable | Kind::TooManyRequests | Kind::Internal => true,
            Kind::Malformed
            | Kind::Unauthenticated
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::MethodNotAllowed
            | Kind::Conflict
            | Kind::LengthRequired
            | Kind::PreconditionFailed
            | Kind::TooLarge
            | Kind::UnsupportedMediaType
            | Kind::UpgradeRequired
            | Kind::Invalid => false,
        }
    }
}

/// Collects every value that can't be taken, so that a client is told of all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldError>);

impl Violations {
    /// Notes a value of the body.
    pub fn add(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        let place = Place::Pointer(pointer.to_owned());
        self.0.push(FieldError {
            place,
            code,
            message: message.into(),
        });
    }

    /// The value, or all that was noted.
    pub fn into_result<T>(self, value: T) -> Result<T, Error> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Error::invalid(self.0))
        }
    }
}
