//! Answers in pieces: server-sent events (WHATWG HTML, 9.2.6), put together again.
//!
//! An answer is whole only where its end was seen. One that stops in the middle is a failure, however
//! much of it looks like JSON.

use super::catalog::Protocol;
use super::protocol::{self, MAX_ANSWER};
use super::{Failed, Failure, Reply, Usage};

/// What one event adds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// More text.
    pub text: String,
    /// Counts so far: what is 0 in them says nothing.
    pub usage: Option<Usage>,
    /// Whether the model is done.
    pub is_whole: bool,
    /// Whether nothing follows.
    pub is_last: bool,
    /// Why what ended is no answer.
    pub failure: Option<Failure>,
}

/// An answer that is coming in.
#[derive(Debug)]
pub struct Incoming {
    protocol: Protocol,
    /// Bytes of a line that is not at its end.
    line: Vec<u8>,
    /// The lines of data of an event that is not at its end.
    data: String,
    read: usize,
    reply: Reply,
    is_whole: bool,
    is_last: bool,
    failure: Option<Failure>,
}

impl Incoming {
    /// Nothing of it yet.
    pub fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            line: Vec::new(),
            data: String::new(),
            read: 0,
            reply: Reply {
                text: String::new(),
                usage: None,
            },
            is_whole: false,
            is_last: false,
            failure: None,
        }
    }

    /// Takes some bytes. Answers whether more can come.
    pub fn take(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        self.read += bytes.len();
        if self.read > MAX_ANSWER {
            return Err(Failure::TooLong);
        }
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.line_ended(line.strip_suffix(b"\r").unwrap_or(&line))?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(!self.is_last)
    }

    fn line_ended(&mut self, line: &[u8]) -> Result<(), Failure> {
        if line.is_empty() {
            if self.data.is_empty() {
                return Ok(());
            }
            let data = std::mem::take(&mut self.data);
            self.add(protocol::piece(self.protocol, &data)?);
            return Ok(());
        }
        let text = std::str::from_utf8(line).map_err(|_| Failure::Unreadable)?;
        if let Some(data) = text.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        Ok(())
    }

    fn add(&mut self, piece: Piece) {
        self.reply.text.push_str(&piece.text);
        self.is_whole |= piece.is_whole;
        self.is_last |= piece.is_last;
        self.failure = self.failure.take().or(piece.failure);
        if let Some(more) = piece.usage {
            let known = self.reply.usage.get_or_insert_default();
            known.input_tokens = known.input_tokens.max(more.input_tokens);
            known.output_tokens = known.output_tokens.max(more.output_tokens);
        }
    }

    /// The answer, if it is whole. Servers that close without a last event are believed where the model
    /// had said that it is done.
    pub fn end(mut self) -> Result<Reply, Failed> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.line_ended(&line)?;
        }
        self.line_ended(b"")?;
        let usage = self.reply.usage;
        match self.failure {
            Some(failure) => Err(Failed { failure, usage }),
            None if self.is_whole => Ok(self.reply),
            None => Err(Failure::Cut.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPENAI: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]}\n\n\
        : keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"ä\\\"\"}}]}\r\n\r\n\
        data: {\"choices\":[{\"delta\":{\"content\":\":1}\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n\
        data: [DONE]\n\n";

    const ANTHROPIC: &str = "event: message_start\n\
        data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        event: content_block_delta\n\
        data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"{\\\"ä\\\":1}\"}}\n\n\
        event: message_delta\n\
        data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    fn read(protocol: Protocol, text: &[u8], at_a_time: usize) -> Result<Reply, Failure> {
        reply(protocol, text, at_a_time).map_err(|failed| failed.failure)
    }

    fn reply(protocol: Protocol, text: &[u8], at_a_time: usize) -> Result<Reply, Failed> {
        let mut incoming = Incoming::new(protocol);
        for bytes in text.chunks(at_a_time) {
            if !incoming.take(bytes)? {
                break;
            }
        }
        incoming.end()
    }

    proptest! {
        #[test]
        fn a_stream_reads_the_same_however_it_is_cut_into_packets(at_a_time in 1_usize..200) {
            let whole = Reply {
                text: "{\"ä\":1}".to_owned(),
                usage: Some(Usage { input_tokens: 9, output_tokens: 4 }),
            };
            for (protocol, text) in [(Protocol::Openai, OPENAI), (Protocol::Anthropic, ANTHROPIC)] {
                prop_assert_eq!(read(protocol, text.as_bytes(), at_a_time), Ok(whole.clone()));
            }
        }

        #[test]
        fn a_stream_that_ends_before_the_model_was_done_is_no_answer(share in 0.0_f64..1.0) {
            for (protocol, text, done) in [
                (Protocol::Openai, OPENAI, "\"stop\"}]}"),
                (Protocol::Anthropic, ANTHROPIC, "\"usage\":{\"output_tokens\":4}}"),
            ] {
                let until = text.find(done).expect("its end") + done.len() - 1;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
                let cut = (until as f64 * share) as usize;
                let outcome = read(protocol, &text.as_bytes()[..cut], 7);
                prop_assert!(matches!(outcome, Err(Failure::Cut | Failure::Unreadable)), "{outcome:?}");
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for protocol in [Protocol::Openai, Protocol::Anthropic, Protocol::WorkersAi] {
                let _ = read(protocol, &bytes, 13);
            }
        }
    }

    #[test]
    fn an_error_in_the_middle_of_a_stream_is_the_failure() {
        let text = "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";
        assert_eq!(
            read(Protocol::Anthropic, text.as_bytes(), 99),
            Err(Failure::Cut)
        );
        let text = "data: {\"error\":{\"message\":\"no\"}}\n\n";
        assert_eq!(
            read(Protocol::Openai, text.as_bytes(), 99),
            Err(Failure::Faulty(500))
        );
    }

    #[test]
    fn an_answer_that_was_too_long_is_none_and_costs_what_the_provider_says() {
        let text = OPENAI.replace("\"stop\"", "\"length\"");
        let failed = reply(Protocol::Openai, text.as_bytes(), 99).expect_err("too long");
        let usage = Usage {
            input_tokens: 9,
            output_tokens: 4,
        };
        assert_eq!(
            failed,
            Failed {
                failure: Failure::TooLong,
                usage: Some(usage)
            }
        );
        let text = ANTHROPIC.replace("end_turn", "refusal");
        let failed = reply(Protocol::Anthropic, text.as_bytes(), 99).expect_err("refused");
        assert_eq!(
            failed,
            Failed {
                failure: Failure::Declined,
                usage: Some(usage)
            }
        );
    }

    #[test]
    fn an_endless_stream_ends() {
        let mut incoming = Incoming::new(Protocol::Openai);
        let bytes = [b'x'; 4096];
        let outcome = (0..1000).try_for_each(|_| incoming.take(&bytes).map(|_| ()));
        assert_eq!(outcome, Err(Failure::TooLong));
    }
}
