//! `If-Match` (RFC 9110, 13.1.1): a change that must not overwrite somebody else's.

use axum::extract::FromRequestParts;
use delegate_core::error::{Error, Kind};
use http::request::Parts;

use super::call::Call;
use super::reply::Failure;

/// The versions a change may start from.
pub(crate) struct IfMatch(Option<Vec<u32>>);

impl IfMatch {
    /// Any version will do.
    pub(crate) fn any() -> Self {
        Self(None)
    }

    /// A JSON array of the versions for the statement's condition, or null where any will do.
    pub(crate) fn versions(&self) -> Option<String> {
        let list = self.0.as_ref()?;
        let texts: Vec<_> = list.iter().map(ToString::to_string).collect();
        Some(format!("[{}]", texts.join(",")))
    }

    /// Whether a change may start from this version.
    pub(crate) fn allows(&self, version: u32) -> bool {
        self.0.as_ref().is_none_or(|list| list.contains(&version))
    }

    /// What a change that found nothing to change means: the resource is gone, or has moved on.
    pub(crate) fn failure(exists: bool) -> Error {
        if exists {
            Error::new(
                Kind::PreconditionFailed,
                "precondition_failed",
                "The resource has changed since it was read.",
            )
        } else {
            Error::not_found()
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let header = Call::of(parts).and_then(|call| call.header("if-match"));
        Ok(Self(
            header
                .filter(|value| value.trim() != "*")
                .map(|value| parse(&value)),
        ))
    }
}

/// The versions of a list of validators. What is not one of ours matches nothing.
fn parse(header: &str) -> Vec<u32> {
    header
        .split(',')
        .filter_map(|tag| {
            tag.trim()
                .strip_prefix('"')?
                .strip_suffix('"')?
                .parse()
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_foreign_validators_match_nothing() {
        assert_eq!(parse(r#""3""#), [3]);
        assert_eq!(parse(r#""3", "5""#), [3, 5]);
        assert_eq!(parse(r#"W/"3""#), [] as [u32; 0]);
        assert_eq!(parse("nonsense"), [] as [u32; 0]);
    }
}
