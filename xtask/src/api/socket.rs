//! The person's events as they happen, over the WebSocket.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Error, Message, WebSocket};

use crate::api::Api;
use crate::api::objects::Job;
use crate::interrupt;

/// How long a read waits before the interrupt flag is looked at.
const GLANCE: Duration = Duration::from_millis(200);

/// A silence after which the job is asked for by HTTP: the frame that ends it may have been sent
/// before the socket was there, or the socket may be dead.
const SILENCE: Duration = Duration::from_secs(2);

/// A connection on which the Worker tells what changes.
pub(crate) struct Feed {
    socket: WebSocket<TcpStream>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

impl Feed {
    /// Connects as the person that the client acts for.
    pub(crate) fn connect(api: &Api) -> Result<Self> {
        let host = api.base().trim_start_matches("http://");
        let stream = TcpStream::connect(host)
            .with_context(|| format!("could not connect to {host} for live events"))?;
        stream
            .set_read_timeout(Some(GLANCE))
            .context("could not set a timeout")?;

        let mut request = format!("ws://{host}/ws/connect")
            .into_client_request()
            .context("the address is no WebSocket's")?;
        let headers = request.headers_mut();
        let bearer = HeaderValue::try_from(format!("Bearer {}", api.token()))
            .context("the token is no header value")?;
        headers.insert("authorization", bearer);
        headers.insert(
            "sec-websocket-protocol",
            HeaderValue::from_static("delegate.v1"),
        );

        // The handshake has to wait for the Worker, so it gets the blocking mode's patience.
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .context("could not set a timeout")?;
        let (socket, _) = tungstenite::client(request, stream)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .context("the Worker refused the WebSocket")?;
        socket
            .get_ref()
            .set_read_timeout(Some(GLANCE))
            .context("could not set a timeout")?;
        Ok(Self { socket })
    }

    /// Follows a job to its end, telling every step on the way.
    pub(crate) fn follow(
        &mut self,
        api: &Api,
        job: Job,
        mut tell: impl FnMut(&Job),
    ) -> Result<Job> {
        let mut job = job;
        let mut heard = Instant::now();
        loop {
            tell(&job);
            if job.has_ended() {
                // The frames may carry less than the object does.
                return api.job(&job.id);
            }
            if let Some(news) = self.next_job(&job.id)? {
                job = news;
                heard = Instant::now();
            } else if heard.elapsed() > SILENCE {
                job = api.job(&job.id)?;
                heard = Instant::now();
            }
        }
    }

    /// Waits for an event of this type about this object, and says whether it came in time.
    pub(crate) fn hears(&mut self, kind: &str, id: &str, patience: Duration) -> Result<bool> {
        let began = Instant::now();
        while began.elapsed() < patience {
            let heard = self.next_frame()?.is_some_and(|frame| {
                frame.kind == kind && frame.data.get("id").and_then(Value::as_str) == Some(id)
            });
            if heard {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next news of this job, or `None` after a moment without.
    fn next_job(&mut self, id: &str) -> Result<Option<Job>> {
        let job = self
            .next_frame()?
            .filter(|frame| frame.kind == "job.progressed")
            .and_then(|frame| serde_json::from_value::<Job>(frame.data).ok());
        Ok(job.filter(|job| job.id == id))
    }

    /// The next frame, or `None` after a moment without.
    fn next_frame(&mut self) -> Result<Option<Frame>> {
        interrupt::check()?;
        let message = match self.socket.read() {
            Ok(message) => message,
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                return Ok(None);
            }
            // A socket that is gone leaves the questions by HTTP.
            Err(_) => {
                std::thread::sleep(GLANCE);
                return Ok(None);
            }
        };
        let Message::Text(text) = message else {
            return Ok(None);
        };
        Ok(serde_json::from_str(&text).ok())
    }
}
