//! D1, with what it lacks: typed binding, errors that can be told apart, and a count of round trips.
//!
//! The binding is declared here and not taken from the `worker` crate, which reads every row through
//! serde and hides the texts of errors; both are what this file is about.
//!
//! Everything goes through [`Database::batch`]: one round trip and one transaction. D1 has no
//! interactive transactions, so a rule that spans rows is written into the statements of one batch.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use delegate_core::error::{Error, Kind};
use delegate_core::time::Timestamp;
use js_sys::{Array, JsString, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::{clock, text};

#[wasm_bindgen]
extern "C" {
    type D1;
    #[wasm_bindgen(method, catch)]
    fn prepare(this: &D1, sql: &JsString) -> Result<Prepared, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn batch(this: &D1, statements: &Array) -> Result<Promise, JsValue>;

    type Prepared;
    #[wasm_bindgen(method, catch, variadic)]
    fn bind(this: &Prepared, values: &Array) -> Result<Prepared, JsValue>;
}

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
    #[expect(
        clippy::cast_precision_loss,
        reason = "offsets and counts are far below 2^53"
    )]
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
#[derive(Clone)]
pub(crate) struct Statement {
    sql: Cow<'static, str>,
    parameters: Vec<JsValue>,
}

/// A statement. Values are bound, never written into the text.
pub(crate) fn sql(text: impl Into<Cow<'static, str>>) -> Statement {
    Statement {
        sql: text.into(),
        parameters: Vec::new(),
    }
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
pub(crate) struct Answer(JsValue);

fn member(object: &JsValue, name: &'static str) -> Option<JsValue> {
    Reflect::get(object, &text::fixed(name)).ok()
}

impl Answer {
    /// The rows, read into a type.
    pub(crate) fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let rows = member(&self.0, "results").unwrap_or(JsValue::UNDEFINED);
        serde_wasm_bindgen::from_value(rows)
            .map_err(|error| Error::internal(format!("a row that can't be read: {error}")))
    }

    /// The first row, read into a type.
    pub(crate) fn first<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        Ok(self.rows()?.into_iter().next())
    }

    fn column(&self, name: &'static str) -> Option<JsValue> {
        let rows = member(&self.0, "results")?;
        let row = rows.dyn_ref::<Array>()?.get(0);
        member(&row, name)
    }

    /// A text of the first row.
    pub(crate) fn text(&self, column: &'static str) -> Option<String> {
        self.column(column)?.as_string()
    }

    /// A text of the first row that stays with the platform: how JSON that SQLite built passes
    /// through without being copied in and out.
    pub(crate) fn passing(&self, column: &'static str) -> Option<JsString> {
        self.column(column)?.dyn_into().ok()
    }

    /// A number of the first row.
    pub(crate) fn number(&self, column: &'static str) -> Option<f64> {
        self.column(column)?.as_f64()
    }

    /// The version that the first row carries.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small count"
    )]
    pub(crate) fn version(&self) -> Option<u32> {
        self.number("version").map(|version| version as u32)
    }

    /// How many rows the statement changed.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small count"
    )]
    pub(crate) fn changes(&self) -> u32 {
        let changes = member(&self.0, "meta").and_then(|meta| member(&meta, "changes"));
        changes
            .and_then(|changes| changes.as_f64())
            .map_or(0, |changes| changes as u32)
    }
}

/// What stands at the head of the first batch, whatever that does: how a question that decides
/// over all the rest is asked without a round trip of its own. Its answers are not handed on.
pub(crate) struct Preamble {
    /// The statements; where one fails, the batch does nothing. The first asks, the others note.
    pub(crate) statements: Vec<Statement>,
    /// Reads such a failure: the error it stands for, if it is one.
    pub(crate) refusal: fn(&str) -> Option<Error>,
    /// What happens when they have passed.
    pub(crate) granted: Option<Box<dyn FnOnce()>>,
}

impl Preamble {
    /// The question alone, to be asked once more.
    fn again(&self) -> Self {
        Self {
            statements: self.statements.iter().take(1).cloned().collect(),
            refusal: self.refusal,
            granted: None,
        }
    }
}

/// The database, as one request or one job sees it.
#[derive(Clone)]
pub(crate) struct Database {
    d1: Rc<D1>,
    meter: Rc<Meter>,
    preambles: Rc<RefCell<Vec<Preamble>>>,
    /// What a preamble came to that said no.
    refused: Rc<RefCell<Option<Error>>>,
}

impl Database {
    /// The database of the deployment, with a meter of its own. The one place that decides which
    /// database it is.
    pub(crate) fn of(env: &Env) -> Result<Self, Error> {
        let binding = member(env.as_ref(), "DB").filter(JsValue::is_object);
        let d1 = binding
            .ok_or_else(|| Error::internal("binding DB is missing"))?
            .unchecked_into();
        Ok(Self {
            d1: Rc::new(d1),
            meter: Rc::default(),
            preambles: Rc::default(),
            refused: Rc::default(),
        })
    }

    /// Puts statements at the head of the first batch, behind those that are there already.
    pub(crate) fn begin_with(&self, preamble: Preamble) {
        self.preambles.borrow_mut().push(preamble);
    }

    /// Asks what is still to be asked, in a round trip of its own: for who does something before
    /// the first batch, or without one.
    pub(crate) async fn confirm(&self) -> Result<(), Error> {
        if !self.preambles.borrow().is_empty() {
            self.batch(Vec::new()).await?;
        }
        Ok(())
    }

    /// The same, and asks once more at the head of the next batch: for who takes long in between.
    pub(crate) async fn confirm_now_and_then(&self) -> Result<(), Error> {
        let again: Vec<Preamble> = self
            .preambles
            .borrow()
            .iter()
            .map(Preamble::again)
            .collect();
        self.confirm().await?;
        *self.preambles.borrow_mut() = again;
        Ok(())
    }

    /// What it has cost so far.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Carries out the statements in one round trip and one transaction: all or none.
    pub(crate) async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Answer>, Error> {
        if let Some(refusal) = &*self.refused.borrow() {
            return Err(refusal.clone());
        }
        let preambles = std::mem::take(&mut *self.preambles.borrow_mut());
        if preambles.is_empty() {
            return self.carry_out(statements).await;
        }
        let mut all = Vec::with_capacity(statements.len() + 4);
        for preamble in &preambles {
            all.extend(preamble.statements.iter().cloned());
        }
        let asked = all.len();
        all.extend(statements);
        match self.carry_out(all).await {
            Ok(mut answers) => {
                for granted in preambles.into_iter().filter_map(|one| one.granted) {
                    granted();
                }
                Ok(answers.split_off(asked.min(answers.len())))
            }
            Err(error) => {
                let mut refusals = preambles.iter().map(|one| one.refusal);
                let refusal = refusals.find_map(|refusal| refusal(error.cause()?));
                match refusal {
                    Some(refusal) => {
                        // Nobody goes on behind a no, whatever they make of the error.
                        *self.refused.borrow_mut() = Some(refusal.clone());
                        Err(refusal)
                    }
                    // Whether it was asked is not known: it is asked by whatever comes next.
                    None if error.is_transient() => {
                        self.preambles.borrow_mut().splice(0..0, preambles);
                        Err(error)
                    }
                    None => Err(error),
                }
            }
        }
    }

    async fn carry_out(&self, statements: Vec<Statement>) -> Result<Vec<Answer>, Error> {
        let prepared = Array::new();
        for Statement { sql, parameters } in statements {
            let values: Array = parameters.into_iter().collect();
            let sql = match sql {
                Cow::Borrowed(sql) => text::fixed(sql),
                Cow::Owned(sql) => JsString::from(sql),
            };
            let statement = self
                .d1
                .prepare(&sql)
                .and_then(|statement| statement.bind(&values));
            let statement = statement.map_err(|error| storage_error(&error))?;
            prepared.push(statement.as_ref());
        }
        let started = clock::now();
        let answers = match self.d1.batch(&prepared) {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        let waited = clock::now().milliseconds() - started.milliseconds();
        self.meter.round_trips.set(self.meter.round_trips.get() + 1);
        self.meter
            .waited_ms
            .set(self.meter.waited_ms.get() + waited);
        let answers = answers.map_err(|error| storage_error(&error))?;
        Ok(Array::from(&answers).iter().map(Answer).collect())
    }

    /// Carries out one statement.
    pub(crate) async fn run(&self, statement: Statement) -> Result<Answer, Error> {
        self.batch(vec![statement])
            .await?
            .pop()
            .ok_or_else(|| Error::internal("D1 answered fewer results than statements"))
    }
}

/// Tells what a failure of D1 means by its text: there is nothing else to tell it by. What was lost
/// on the way to D1, or in a restart of it, is worth another try; a write among it is tried again
/// only by who knows that it is idempotent.
fn storage_error(error: &JsValue) -> Error {
    let text = error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    );
    let transient = [
        "Network connection lost",
        "reset",
        "overloaded",
        "timed out",
        "timeout",
    ];
    if text.contains("FOREIGN KEY constraint failed") {
        // Rows of other kinds are written by `INSERT … SELECT` from what they belong to; the one
        // thing that can be missing is the person, whose token outlived them.
        return Error::new(
            Kind::Unauthenticated,
            "unauthenticated",
            "The account of this token is gone.",
        );
    }
    if transient.iter().any(|sign| text.contains(sign)) {
        Error::unavailable(text)
    } else {
        Error::internal(text)
    }
}

/// Whether an error is the one that this constraint raises.
pub(crate) fn violates(error: &Error, constraint: &str) -> bool {
    error
        .cause()
        .is_some_and(|cause| cause.contains(constraint))
}
