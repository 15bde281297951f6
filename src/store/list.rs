//! Pages: one statement reads a page's items as one JSON text, and the row that the next begins
//! behind.

use delegate_core::error::Error;
use delegate_core::page::{self, Position};
use js_sys::JsString;
use wasm_bindgen::JsValue;

use crate::platform::database::{Answer, Parameter, Statement, sql};
use crate::platform::text;

/// In which direction a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Smallest key first.
    Ascending,
    /// Greatest key first.
    Descending,
}

/// What a page is read from.
pub(crate) struct List {
    /// `FROM …`, with joins.
    pub(crate) from: &'static str,
    /// The JSON of one row.
    pub(crate) item: &'static str,
    /// The column of the identifier.
    pub(crate) id: &'static str,
    /// The column that rows are ordered by, before the identifier.
    pub(crate) key: &'static str,
    /// The direction of both.
    pub(crate) direction: Direction,
    from_values: Vec<JsValue>,
    conditions: Vec<&'static str>,
    values: Vec<JsValue>,
}

impl List {
    /// A list whose rows all fulfil `owner = ?` for this person.
    pub(crate) fn of(
        user: &str,
        from: &'static str,
        item: &'static str,
        owner: &'static str,
        id: &'static str,
    ) -> Self {
        Self {
            from,
            item,
            id,
            key: id,
            direction: Direction::Descending,
            from_values: Vec::new(),
            conditions: vec![owner],
            values: vec![user.into_js()],
        }
    }

    /// The list in another order.
    pub(crate) fn ordered(mut self, key: &'static str, direction: Direction) -> Self {
        self.key = key;
        self.direction = direction;
        self
    }

    /// The list with the values of what it is read from, in the order of their `?`.
    pub(crate) fn reading_with<const N: usize>(mut self, values: [&str; N]) -> Self {
        self.from_values = values.into_iter().map(Parameter::into_js).collect();
        self
    }

    /// Only rows that fulfil a condition with one `?`, if there is a value for it.
    pub(crate) fn filter(mut self, condition: &'static str, value: Option<impl Parameter>) -> Self {
        if let Some(value) = value {
            self.conditions.push(condition);
            self.values.push(value.into_js());
        }
        self
    }

    /// The statement for one page, and one row more to know whether there is a next one.
    pub(crate) fn page(self, position: Option<&Position>, limit: u32) -> Statement {
        let Self {
            from,
            item,
            id,
            key,
            direction,
            from_values,
            mut conditions,
            values,
        } = self;
        let (order, beyond) = match direction {
            Direction::Ascending => ("ASC", ">"),
            Direction::Descending => ("DESC", "<"),
        };
        let behind = format!("({key}, {id}) {beyond} (?, ?)");
        if position.is_some() {
            conditions.push(&behind);
        }
        let conditions = conditions.join(" AND ");
        let mut statement = sql(format!(
            "WITH page AS MATERIALIZED (
               SELECT {item} AS item, {key} AS key, {id} AS id FROM {from}
               WHERE {conditions} ORDER BY {key} {order}, {id} {order} LIMIT ?)
             SELECT (SELECT json_group_array(json(item)) FROM (SELECT item FROM page LIMIT ?)) AS items,
                    CAST(last.key AS TEXT) AS key, last.id AS id, (SELECT COUNT(*) FROM page) AS number
             FROM (SELECT 1) LEFT JOIN (SELECT key, id FROM page LIMIT 1 OFFSET ?) AS last"
        ));
        for value in from_values.into_iter().chain(values) {
            statement = statement.bind_js(value);
        }
        if let Some(position) = position {
            statement = statement.bind(&position.key).bind(&position.id);
        }
        statement
            .bind(limit + 1)
            .bind(limit)
            .bind(limit.saturating_sub(1))
    }
}

/// The answer of a list that nothing can be in.
pub(crate) const EMPTY_PAGE: &str = r#"{"items":[],"next_cursor":null}"#;

/// The cursor of the page that follows one, as JSON: a text, or null.
pub(crate) fn next_cursor(answer: &Answer, scope: &str, limit: u32) -> Result<String, Error> {
    let has_next = answer
        .number("number")
        .is_some_and(|number| number > f64::from(limit));
    match (has_next, answer.text("key"), answer.text("id")) {
        (true, Some(key), Some(id)) => Ok(format!(
            "\"{}\"",
            page::encode(&Position { key, id }, scope)
        )),
        (true, ..) => Err(Error::internal("a page without the key of its last row")),
        (false, ..) => Ok("null".to_owned()),
    }
}

/// The answer of a list: its items, and the cursor of the next page if there is one. The items are
/// not copied into the Worker's memory, since nothing here reads them.
pub(crate) fn page_json(answer: &Answer, scope: &str, limit: u32) -> Result<JsString, Error> {
    let items = answer.passing("items").unwrap_or_else(|| text::fixed("[]"));
    let next = next_cursor(answer, scope, limit)?;
    let tail = JsString::from(format!(r#","next_cursor":{next}}}"#));
    Ok(text::fixed(r#"{"items":"#).concat(&items).concat(&tail))
}
