//! Query parameters: each is known, given once, and of its form; anything else is said so.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use delegate_core::error::{Error, FieldError, Place};
use delegate_core::identifier::UserId;
use delegate_core::page;
use delegate_core::search::match_expression;
use delegate_core::time::Timestamp;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::reply::Failure;
use crate::store::search_index::owned_expression;

/// The most characters of a search.
const MAX_SEARCH: usize = 1_000;

/// What a list is searched for.
pub(crate) enum Search {
    /// Not at all.
    All,
    /// Something that nothing can match.
    Nothing,
    /// A full-text expression.
    Expression(String),
}

impl Search {
    /// The full-text expression, if there is one.
    pub(crate) fn expression(&self) -> Option<&str> {
        match self {
            Self::Expression(expression) => Some(expression),
            Self::All | Self::Nothing => None,
        }
    }

    /// Whether nothing can be found.
    pub(crate) fn is_for_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// The parameters of a list, before a handler says which ones it knows.
pub(crate) struct Query {
    given: BTreeMap<String, String>,
    repeated: Option<String>,
    raw: String,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let raw = parts.uri.query().unwrap_or_default();
        let mut query = Self {
            given: BTreeMap::new(),
            repeated: None,
            raw: String::new(),
        };
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            if query
                .given
                .insert(name.clone().into_owned(), value.into_owned())
                .is_some()
            {
                query.repeated = Some(name.into_owned());
            }
        }
        Ok(query)
    }
}

impl Query {
    /// Refuses parameters that are repeated or not among these, and remembers the filters (all
    /// but `cursor` and `limit`), which cursors are bound to.
    pub(crate) fn known(mut self, names: &[&str]) -> Result<Self, Error> {
        if let Some(name) = self.repeated {
            return Err(Error::invalid_parameter(
                name,
                "repeated",
                "must be given once",
            ));
        }
        let unknown: Vec<_> = self
            .given
            .keys()
            .filter(|name| !names.contains(&name.as_str()))
            .map(|name| FieldError {
                place: Place::Parameter(name.clone()),
                code: "unknown_parameter",
                message: "is not a parameter of this list".to_owned(),
            })
            .collect();
        if !unknown.is_empty() {
            return Err(Error::invalid(unknown));
        }
        self.raw = self
            .given
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit"))
            .flat_map(|(name, value)| [name.as_str(), "=", value.as_str(), "&"])
            .collect();
        Ok(self)
    }

    /// A parameter's text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// One of the words of an enumeration.
    pub(crate) fn word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let deserializer: StrDeserializer<'_, ValueError> = text.into_deserializer();
        T::deserialize(deserializer)
            .map(Some)
            .map_err(|error| Error::invalid_parameter(name, "invalid_value", error.to_string()))
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Error::invalid_parameter(
                name,
                "invalid_value",
                "must be true or false",
            )),
        }
    }

    /// An instant of RFC 3339.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        Timestamp::parse(text).map(Some).ok_or_else(|| {
            Error::invalid_parameter(name, "invalid_value", "must be an instant of RFC 3339")
        })
    }

    /// What a search looks for among one person's rows: no search, or an expression that may be
    /// empty (nothing to look for finds nothing).
    pub(crate) fn search(&self, user: &UserId) -> Result<Search, Error> {
        let Some(words) = self.text("q") else {
            return Ok(Search::All);
        };
        if words.chars().count() > MAX_SEARCH {
            let rule = format!("must have at most {MAX_SEARCH} characters");
            return Err(Error::invalid_parameter("q", "too_long", rule));
        }
        Ok(
            match_expression(words).map_or(Search::Nothing, |expression| {
                Search::Expression(owned_expression(user, &expression))
            }),
        )
    }

    /// The size of a page.
    pub(crate) fn limit(&self) -> Result<u32, Error> {
        page::limit(self.text("limit"))
    }

    /// What cursors of this list are bound to.
    pub(crate) fn scope(&self, user: &str, list: &str) -> String {
        page::scope(&[user, list, &self.raw])
    }

    /// The row behind which the page begins.
    pub(crate) fn position(&self, scope: &str) -> Result<Option<page::Position>, Error> {
        self.text("cursor")
            .map(|cursor| page::decode(cursor, scope))
            .transpose()
    }
}
