//! Mail that the service itself sends: what it says, and its form (RFC 5322).
//!
//! A message is plain text, says nothing that somebody else could have put there (a name that was
//! given at registration is not in it), and is the same however often it is composed.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as MailAddress;
use mail_builder::mime::MimePart;

use crate::account::Address;
use crate::error::Error;
use crate::identifier::ResetId;
use crate::limit::RESET_LIFE;
use crate::time::Timestamp;

/// Who a message is from: an address, or a name with an address in angle brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: String,
    address: Address,
}

impl Sender {
    /// Reads `delegate@example.com` or `Delegate <delegate@example.com>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<')?,
            None => ("Delegate", text),
        };
        let name = name.trim().trim_matches('"').trim();
        let is_plain = !name.chars().any(char::is_control) && !name.contains(['<', '>', '"']);
        (is_plain && !name.is_empty()).then_some(())?;
        Some(Self {
            name: name.to_owned(),
            address: Address::parse(address)?,
        })
    }

    /// The address alone.
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    fn domain(&self) -> &str {
        let domain = self.address().rsplit_once('@');
        domain.map_or("localhost", |(_, domain)| domain)
    }
}

/// A message, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// The address it is from.
    pub from: String,
    /// The address it goes to.
    pub to: String,
    /// All of it (RFC 5322).
    pub message: String,
}

/// The message that lets a person set their password anew.
pub fn password_reset(
    sender: &Sender,
    to: &str,
    (reset, link): (&ResetId, &str),
    now: Timestamp,
) -> Result<OutgoingMail, Error> {
    let minutes = RESET_LIFE.num_minutes();
    let text = [
        "Somebody asked to set a new password for the Delegate account with this",
        "address. If that was you, open this link:",
        "",
        link,
        "",
        &format!("It is good for {minutes} minutes, once. A newer message makes it void."),
        "",
        "If it was not you, there is nothing to do: your password has not changed.",
        "",
    ];
    compose(sender, to, "Set a new password", &text, reset.as_str(), now)
}

/// A message of lines. Its Message-ID comes from what it is about, so that one that is sent a second
/// time is seen to be the same.
fn compose(
    sender: &Sender,
    to: &str,
    subject: &str,
    lines: &[&str],
    about: &str,
    now: Timestamp,
) -> Result<OutgoingMail, Error> {
    let text = lines.join("\r\n");
    // Links longer than a line of 78 characters stay whole only in lines that are not encoded
    // (RFC 5322, 2.1.1, allows 998); the library would encode them.
    let is_plain = text.is_ascii() && lines.iter().all(|line| line.len() <= 998);
    let part = MimePart::new("text/plain", text);
    let part = if is_plain {
        part.transfer_encoding("7bit")
    } else {
        part
    };
    let from = MailAddress::new_address(Some(sender.name.as_str()), sender.address());
    // The library asks the clock, which is not there, for what is not set here: Date, Message-ID,
    // and boundaries, of which a message of one part has none.
    let message = MessageBuilder::new()
        .from(from)
        .to(to)
        .subject(subject)
        .date(now.milliseconds().div_euclid(1000))
        .message_id(format!("{about}@{}", sender.domain()))
        .header(
            "Auto-Submitted",
            mail_builder::headers::raw::Raw::new("auto-generated"),
        )
        .body(part)
        .write_to_string()
        .map_err(|error| Error::internal(format!("composing a message: {error}")))?;
    Ok(OutgoingMail {
        from: sender.address().to_owned(),
        to: to.to_owned(),
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn sender(text: &str) -> Sender {
        Sender::parse(text).expect("a sender")
    }

    fn composed(link: &str) -> OutgoingMail {
        let now = Timestamp::from_milliseconds(1_774_000_000_000);
        let reset = ResetId::new(now, [3; 10]);
        let from = sender("Delegate <post@delegate.example>");
        password_reset(&from, "maya@northwind.example", (&reset, link), now).expect("composed")
    }

    #[test]
    fn a_message_reads_back_as_it_was_meant() {
        let link = format!(
            "https://delegate.example/reset-password#token={}",
            "x".repeat(43)
        );
        let mail = composed(&link);
        assert!(mail.message.contains(&format!("\r\n{link}\r\n")), "whole");
        let read = MessageParser::default()
            .parse(&mail.message)
            .expect("a message");
        let first = |address: Option<&mail_parser::Address<'_>>| {
            let address = address.and_then(|address| address.first());
            address.and_then(|address| address.address.as_ref().map(ToString::to_string))
        };
        assert_eq!(first(read.from()).as_deref(), Some("post@delegate.example"));
        assert_eq!(first(read.to()).as_deref(), Some("maya@northwind.example"));
        assert_eq!(read.subject(), Some("Set a new password"));
        assert_eq!(
            read.date().map(mail_parser::DateTime::to_timestamp),
            Some(1_774_000_000)
        );
        let id = read.message_id().expect("an id");
        assert!(
            id.starts_with("rst_") && id.ends_with("@delegate.example"),
            "{id}"
        );
        assert!(read.body_text(0).expect("text").contains(&link));
    }

    #[test]
    fn composing_again_gives_the_same_message() {
        assert_eq!(
            composed("https://x.example/"),
            composed("https://x.example/")
        );
        assert!(composed("https://x.example/").message.is_ascii());
    }

    #[test]
    fn a_link_that_is_not_ascii_is_encoded() {
        let mail = composed("https://bücher.example/#token=x");
        let read = MessageParser::default()
            .parse(&mail.message)
            .expect("a message");
        assert!(mail.message.is_ascii(), "{}", mail.message);
        assert!(read.body_text(0).expect("text").contains("bücher.example"));
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert_eq!(sender("a@b.example").address(), "a@b.example");
        assert_eq!(sender("\"Our Team\" <a@b.example>").name, "Our Team");
        for bad in [
            "",
            "x",
            "<a@b.example>",
            "A\r\nBcc: c@d.example <a@b.example>",
            "A <x>",
        ] {
            assert_eq!(Sender::parse(bad), None, "{bad}");
        }
    }
}
