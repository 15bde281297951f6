//! D1, with what it lacks: typed binding, errors that can be told apart, and a count of round trips.
//!
//! Everything goes through [`Database::batch`]: one round trip and one transaction. D1 has no
//! interactive transactions, so a rule that spans rows is written into the statements of one batch.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use delegate_core::error::Error;
use delegate_core::time::Timestamp;
use js_sys::Reflect;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::clock;

/// What the database has cost so far: shown in `Server-Timing` and in the log.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    round_trips: Cell<u32>,
    waited_ms: Cell<i64>,
}

impl Meter {
    /// How often the database was asked.
    pub(crate) fn round_trips(&self) -> u32 {
        self.round_trips.get()
    }

    /// How long it was waited for.
    pub(crate) fn waited_ms(&self) -> i64 {
        self.waited_ms.get()
    }
}

/// A value that a statement takes.
pub(crate) trait Parameter {
    /// In the form that D1 takes: no `undefined`, no `BigInt`.
    fn into_js(self) -> JsValue;
}

impl Parameter for &str {
    fn into_js(self) -> JsValue {
        JsValue::from_str(self)
    }
}

impl Parameter for String {
    fn into_js(self) -> JsValue {
        JsValue::from_str(&self)
    }
}

impl Parameter for &String {
    fn into_js(self) -> JsValue {
        JsValue::from_str(self)
    }
}

impl Parameter for Timestamp {
    fn into_js(self) -> JsValue {
        JsValue::from_str(&self.to_string())
    }
}

impl Parameter for bool {
    fn into_js(self) -> JsValue {
        JsValue::from_f64(if self { 1.0 } else { 0.0 })
    }
}

impl Parameter for u32 {
    fn into_js(self) -> JsValue {
        JsValue::from_f64(f64::from(self))
    }
}

impl Parameter for i32 {
    fn into_js(self) -> JsValue {
        JsValue::from_f64(f64::from(self))
    }
}

impl Parameter for u16 {
    fn into_js(self) -> JsValue {
        JsValue::from_f64(f64::from(self))
    }
}

impl Parameter for f64 {
    fn into_js(self) -> JsValue {
        JsValue::from_f64(self)
    }
}

impl Parameter for u64 {
    #[expect(clippy::cast_precision_loss, reason = "offsets and counts are far below 2^53")]
    fn into_js(self) -> JsValue {
        JsValue::from_f64(self as f64)
    }
}

impl Parameter for i64 {
    #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^53")]
    fn into_js(self) -> JsValue {
        JsValue::from_f64(self as f64)
    }
}

impl Parameter for usize {
    fn into_js(self) -> JsValue {
        (self as u64).into_js()
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn into_js(self) -> JsValue {
        self.map_or(JsValue::NULL, Parameter::into_js)
    }
}

/// A statement and its values.
pub(crate) struct Statement {
    sql: Cow<'static, str>,
    parameters: Vec<JsValue>,
}

/// A statement. Values are bound, never written into the text.
pub(crate) fn sql(text: impl Into<Cow<'static, str>>) -> Statement {
    Statement { sql: text.into(), parameters: Vec::new() }
}

impl Statement {
    /// The statement with its next value.
    pub(crate) fn bind(self, value: impl Parameter) -> Self {
        self.bind_js(value.into_js())
    }

    /// The statement with its next value, in the form that D1 takes.
    pub(crate) fn bind_js(mut self, value: JsValue) -> Self {
        self.parameters.push(value);
        self
    }
}

/// What one statement of a batch answered.
pub(crate) struct Answer(worker::D1Result);

impl Answer {
    /// The rows, read into a type.
    pub(crate) fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.0.results::<T>().map_err(storage_error)
    }

    /// The first row, read into a type.
    pub(crate) fn first<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        Ok(self.rows()?.into_iter().next())
    }

    /// A text of the first row: how JSON that SQLite built passes through without being parsed.
    pub(crate) fn text(&self, column: &str) -> Option<String> {
        let rows = Reflect::get(self.as_js(), &JsValue::from_str("results")).ok()?;
        let row = rows.dyn_ref::<js_sys::Array>()?.get(0);
        Reflect::get(&row, &JsValue::from_str(column)).ok()?.as_string()
    }

    /// A number of the first row.
    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        let rows = Reflect::get(self.as_js(), &JsValue::from_str("results")).ok()?;
        let row = rows.dyn_ref::<js_sys::Array>()?.get(0);
        Reflect::get(&row, &JsValue::from_str(column)).ok()?.as_f64()
    }

    /// How many rows the statement changed.
    pub(crate) fn changes(&self) -> u32 {
        self.0
            .meta()
            .ok()
            .flatten()
            .and_then(|meta| meta.changes)
            .and_then(|changes| u32::try_from(changes).ok())
            .unwrap_or(0)
    }
}

/// The database, as one request or one job sees it.
#[derive(Clone)]
pub(crate) struct Database {
    d1: Rc<worker::D1Database>,
    meter: Rc<Meter>,
}

impl Database {
    /// The database behind a binding, with a meter of its own.
    pub(crate) fn new(d1: worker::D1Database) -> Self {
        Self { d1: Rc::new(d1), meter: Rc::default() }
    }

    /// What it has cost so far.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Carries out the statements in one round trip and one transaction: all or none.
    pub(crate) async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Answer>, Error> {
        let prepared = statements
            .into_iter()
            .map(|statement| self.d1.prepare(statement.sql).bind(&statement.parameters))
            .collect::<Result<Vec<_>, _>>()
            .map_err(storage_error)?;
        let started = clock::now();
        let answers = self.d1.batch(prepared).await;
        let waited = clock::now().milliseconds() - started.milliseconds();
        self.meter.round_trips.set(self.meter.round_trips.get() + 1);
        self.meter.waited_ms.set(self.meter.waited_ms.get() + waited);
        Ok(answers.map_err(storage_error)?.into_iter().map(Answer).collect())
    }

    /// Carries out one statement.
    pub(crate) async fn run(&self, statement: Statement) -> Result<Answer, Error> {
        self.batch(vec![statement])
            .await?
            .pop()
            .ok_or_else(|| Error::internal("D1 answered fewer results than statements"))
    }
}

/// Tells what a failure of D1 means by its text: there is nothing else to tell it by.
fn storage_error(error: worker::Error) -> Error {
    let text = match &error {
        worker::Error::D1(error) => String::from(AsRef::<js_sys::Error>::as_ref(error).message()),
        other => format!("{other:?}"),
    };
    let transient = ["Network connection lost", "reset", "overloaded", "timed out", "timeout"];
    if transient.iter().any(|sign| text.contains(sign)) {
        Error::unavailable(text)
    } else {
        Error::internal(text)
    }
}

/// Whether an error is the one that this constraint raises.
pub(crate) fn violates(error: &Error, constraint: &str) -> bool {
    error.cause().is_some_and(|cause| cause.contains(constraint))
}
