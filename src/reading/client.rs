//! The way to a model: `fetch` for providers with an address, the binding `AI` for Workers AI.
//!
//! Both are given a time and no second chance. A provider's redirect is not followed: it would take the
//! key and the letter to somewhere that nobody configured.

use std::pin::pin;
use std::time::Duration;

use delegate_core::model::catalog::{Offer, Protocol};
use delegate_core::model::protocol::{self, MAX_ANSWER, workers_ai};
use delegate_core::model::stream::Incoming;
use delegate_core::model::{Ask, Failed, Failure, ModelClient, Reply};
use delegate_core::oauth::{HttpResponse, Sensitive};
use delegate_durable_objects::provider::begin;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use js_sys::{JSON, JsString, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{AbortController, Delay, Env, Response};

use crate::platform::clock;

/// The binding of Workers AI.
const BINDING: &str = "AI";

#[wasm_bindgen]
extern "C" {
    /// Declared here and not taken from the `worker` crate, which sends inputs through serde: maps would
    /// arrive as `Map`s.
    type Ai;
    #[wasm_bindgen(method, catch)]
    fn run(this: &Ai, model: &str, inputs: &JsValue) -> Result<Promise, JsValue>;
}

/// A provider that is asked with a key.
pub(super) struct Client<'a> {
    pub(super) env: &'a Env,
    pub(super) offer: Offer<'a>,
    pub(super) key: &'a Sensitive,
    /// How long a whole answer may take, and how long the next piece of one.
    pub(super) patience: Duration,
}

impl ModelClient for Client<'_> {
    async fn ask(&self, ask: &Ask<'_>) -> Result<Reply, Failed> {
        let protocol = self.offer.provider.protocol;
        let abort = AbortController::default();
        let signal = abort.signal();
        let answer = async {
            if protocol == Protocol::WorkersAi {
                return self.run_binding(ask).await;
            }
            let request = protocol::request(self.offer.provider, self.key.expose(), ask)
                .ok_or(Failure::Refused(400))?;
            let response = begin(&request, &signal)
                .await
                .map_err(|_| Failure::Unreachable)?;
            if ask.is_streamed {
                streamed(protocol, response).await
            } else {
                protocol::read(protocol, &whole(response, MAX_ANSWER).await?)
            }
        };
        match select(pin!(answer), Delay::from(self.patience)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                abort.abort();
                Err(Failure::TimedOut.into())
            }
        }
    }

    fn now_ms(&self) -> i64 {
        clock::now().milliseconds()
    }
}

impl Client<'_> {
    /// Asks the binding. What it answers and what it throws goes through JSON and text.
    async fn run_binding(&self, ask: &Ask<'_>) -> Result<Reply, Failed> {
        let ai = Reflect::get(self.env.as_ref(), &JsValue::from_str(BINDING))
            .ok()
            .filter(JsValue::is_object)
            .ok_or(Failure::Refused(400))?;
        let inputs = workers_ai::inputs(ask).ok_or(Failure::Refused(400))?;
        let inputs = JSON::parse(&inputs).map_err(|_| Failure::Refused(400))?;
        let failed = |error: JsValue| {
            let message = Reflect::get(&error, &JsValue::from_str("message")).ok();
            let text = message.and_then(|message| message.as_string());
            workers_ai::failure(&text.unwrap_or_default())
        };
        let promise = ai
            .unchecked_into::<Ai>()
            .run(&ask.model.name, &inputs)
            .map_err(failed)?;
        let answer = JsFuture::from(promise).await.map_err(failed)?;
        let text: JsString = JSON::stringify(&answer).map_err(|_| Failure::Unreadable)?;
        workers_ai::read(String::from(text).as_bytes())
    }
}

/// An answer with all of its body, or as much as is looked at.
async fn whole(mut incoming: Response, most: usize) -> Result<HttpResponse, Failure> {
    let mut response = http::Response::builder().status(incoming.status_code());
    if let Ok(Some(value)) = incoming.headers().get("retry-after") {
        response = response.header("retry-after", value);
    }
    let mut body = Vec::new();
    let mut stream = incoming.stream().map_err(|_| Failure::Cut)?;
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk.map_err(|_| Failure::Cut)?);
        if body.len() > most {
            return Err(Failure::TooLong);
        }
    }
    response.body(body).map_err(|_| Failure::Unreadable)
}

/// An answer that comes in pieces.
async fn streamed(protocol: Protocol, mut incoming: Response) -> Result<Reply, Failed> {
    if !(200..300).contains(&incoming.status_code()) {
        return protocol::read(protocol, &whole(incoming, MAX_ANSWER).await?);
    }
    // A server that does not know how to stream answers whole.
    let kind = incoming.headers().get("content-type").ok().flatten();
    if kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return protocol::read(protocol, &whole(incoming, MAX_ANSWER).await?);
    }
    let mut answer = Incoming::new(protocol);
    let mut stream = incoming.stream().map_err(|_| Failure::Cut)?;
    loop {
        let next = pin!(stream.next());
        let chunk = match select(next, Delay::from(LONGEST_SILENCE)).await {
            Either::Left((chunk, _)) => chunk,
            Either::Right(_) => return Err(Failure::TimedOut.into()),
        };
        let Some(chunk) = chunk else { break };
        if !answer.take(&chunk.map_err(|_| Failure::Cut)?)? {
            break;
        }
    }
    answer.end()
}

/// How long a streamed answer may be silent.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);
