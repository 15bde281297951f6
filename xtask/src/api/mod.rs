//! Delegate's HTTP API as a client sees it, as far as the commands use it.
//!
//! The types name only the fields that are read; the full contract is `openapi.json`.

pub(crate) mod objects;
mod socket;

use std::fmt;
use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Body, SendBody};

pub(crate) use crate::api::socket::Feed;

use crate::api::objects::{Job, List, Session};

/// The most a list endpoint gives at once.
const PAGE: usize = 100;

/// Who signs up or in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) email: &'a str,
    pub(crate) password: &'a str,
    pub(crate) name: &'a str,
    pub(crate) time_zone: &'a str,
}

/// A client, which acts for somebody once it has a token.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

/// An answer outside 2xx.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    title: String,
    detail: Option<String>,
    request_id: Option<String>,
}

/// A problem as RFC 9457 writes it.
#[derive(Debug, Default, Deserialize)]
struct ProblemBody {
    title: Option<String>,
    detail: Option<String>,
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Api {
    /// A client of the deployment at this address.
    pub(crate) fn at(base: &str) -> Result<Self> {
        if !base.starts_with("http://") {
            bail!(
                "{base} is not a plain http:// address; this client speaks to a Worker on this \
                 machine, a deployed one is best fed with curl (see `POST /api/v1/emails/import`)"
            );
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_recv_response(Some(Duration::from_mins(2)))
            .build()
            .into();
        Ok(Self {
            agent,
            base: base.trim_end_matches('/').to_owned(),
            token: None,
        })
    }

    /// The same client with a token that was obtained elsewhere.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Registers the person, or signs in somebody who is known already, and acts for them.
    pub(crate) fn enter(&mut self, person: &Person<'_>) -> Result<Session> {
        let registration = json!({
            "email": person.email,
            "password": person.password,
            "name": person.name,
            "time_zone": person.time_zone,
        });
        match self.post("/api/v1/auth/register", &registration) {
            Err(error) if status_of(&error) == Some(409) => {
                self.log_in(person.email, person.password)
            }
            registered => Ok(self.adopt(registered?)),
        }
    }

    /// Signs in and acts for the person.
    pub(crate) fn log_in(&mut self, email: &str, password: &str) -> Result<Session> {
        let session = self.post(
            "/api/v1/auth/login",
            &json!({"email": email, "password": password}),
        )?;
        Ok(self.adopt(session))
    }

    fn adopt(&mut self, session: Session) -> Session {
        self.token = Some(session.access_token.clone());
        session
    }

    /// Adds an address that is "me" in the person's mail; one that is there already is fine.
    pub(crate) fn add_address(&self, address: &str) -> Result<()> {
        match self.post::<Value>("/api/v1/users/me/addresses", &json!({"address": address})) {
            Err(error) if status_of(&error) == Some(409) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }

    /// Sends mail up as a stream and returns the job that reads it.
    pub(crate) fn import(
        &self,
        mail: &mut dyn Read,
        length: u64,
        media_type: &str,
        key: Option<&str>,
    ) -> Result<Job> {
        let mut request = self
            .agent
            .post(format!("{}/api/v1/emails/import", self.base))
            .header("authorization", format!("Bearer {}", self.token()))
            .header("content-type", media_type)
            .header("content-length", length.to_string());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request
            .send(SendBody::from_reader(mail))
            .with_context(|| format!("the upload to {} broke off", self.base))?;
        read(response)
    }

    pub(crate) fn job(&self, id: &str) -> Result<Job> {
        self.get(&format!("/api/v1/jobs/{id}"))
    }

    /// Every item of a list, page after page.
    pub(crate) fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        let join = if path.contains('?') { '&' } else { '?' };
        loop {
            let List {
                items: page,
                next_cursor,
            } = self.get::<List<T>>(&format!("{path}{join}limit={PAGE}{cursor}"))?;
            items.extend(page);
            match next_cursor {
                // A cursor is base64url or an id: nothing in it needs escaping.
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = request
            .call()
            .with_context(|| format!("GET {path} got no answer"))?;
        read(response).with_context(|| format!("GET {path}"))
    }

    /// The bytes of an answer that is not JSON.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token()))
            .call()
            .with_context(|| format!("GET {path} got no answer"))?;
        if !response.status().is_success() {
            return read(response).with_context(|| format!("GET {path}"));
        }
        response
            .body_mut()
            .read_to_vec()
            .with_context(|| format!("the answer to GET {path} broke off"))
    }

    /// Changes an object (RFC 7396).
    pub(crate) fn patch<T: DeserializeOwned>(&self, path: &str, change: &Value) -> Result<T> {
        let response = self
            .agent
            .patch(format!("{}{path}", self.base))
            .header("content-type", "application/merge-patch+json")
            .header("authorization", format!("Bearer {}", self.token()))
            .send(change.to_string())
            .with_context(|| format!("PATCH {path} got no answer from {}", self.base))?;
        read(response).with_context(|| format!("PATCH {path}"))
    }

    /// Deletes an object.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        let response = self
            .agent
            .delete(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token()))
            .call()
            .with_context(|| format!("DELETE {path} got no answer"))?;
        if response.status().is_success() {
            return Ok(());
        }
        read(response).with_context(|| format!("DELETE {path}"))
    }

    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = request
            .send(body.to_string())
            .with_context(|| format!("POST {path} got no answer from {}", self.base))?;
        read(response).with_context(|| format!("POST {path}"))
    }
}

/// The status of the answer that an error stands for, if it stands for one.
pub(crate) fn status_of(error: &anyhow::Error) -> Option<u16> {
    error
        .downcast_ref::<Problem>()
        .map(|problem| problem.status)
}

fn read<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T> {
    let status = response.status();
    let text = response
        .body_mut()
        .read_to_string()
        .context("the answer broke off")?;
    if status.is_success() {
        return serde_json::from_str(&text)
            .with_context(|| format!("the answer {status} is not of the expected shape: {text}"));
    }
    let body: ProblemBody = serde_json::from_str(&text).unwrap_or_default();
    let mut detail = body.detail.unwrap_or_default();
    for error in body.errors {
        detail.push_str("; ");
        detail.push_str(&error.to_string());
    }
    Err(Problem {
        status: status.as_u16(),
        title: body
            .title
            .unwrap_or_else(|| text.chars().take(200).collect()),
        detail: (!detail.is_empty()).then_some(detail),
        request_id: body.request_id,
    }
    .into())
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.status, self.title)?;
        if let Some(detail) = &self.detail {
            write!(formatter, ": {detail}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(formatter, " (request {request_id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
