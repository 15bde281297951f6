//! Pages for people whose browser was sent here: where a sign-in could not be completed. Everything
//! else is for programs.

use delegate_core::error::Error;

use super::call::Call;
use super::problem;
use super::reply::Reply;

/// Nothing is loaded or run; only the style below applies.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto;padding:0 1rem;\
     color:#1c1c1e;background:#fff}h1{font-size:1.4rem}small{color:#636366}\
     @media(prefers-color-scheme:dark){body{color:#f2f2f7;background:#1c1c1e}a{color:#6cb4ff}}";

/// A link to go on with.
pub(crate) struct Link {
    /// What it says.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) address: String,
}

/// A page with a headline, a sentence and where to go on.
pub(crate) fn of(status: u16, title: &str, text: &str, links: &[Link], foot: &str) -> Reply {
    let links = links.iter().map(|link| {
        let (address, text) = (escape(&link.address), escape(&link.text));
        format!("<p><a href=\"{address}\" rel=\"noreferrer\">{text}</a></p>")
    });
    let links = links.collect::<Vec<_>>().concat();
    let (title, text, foot) = (escape(title), escape(text), escape(foot));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style>\
         <h1>{title}</h1><p>{text}</p>{links}<p><small>{foot}</small></p></html>"
    );
    Reply::bytes(html.into_bytes())
        .with_status(status)
        .with_header("content-type", "text/html; charset=utf-8")
        .with_header("content-security-policy", POLICY)
}

/// An error, as a page where the client is a browser and as a problem elsewhere.
pub(crate) fn failure(call: &Call, title: &str, error: &Error, links: &[Link]) -> Reply {
    let reply = problem::reply(error);
    let wants_page = call
        .header("accept")
        .is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        return reply;
    }
    let foot = format!("{} · request {}", error.code, call.request_id());
    let page = of(reply.status, title, &error.detail, links, &foot).with_cause(error.cause());
    match error.retry_after_seconds {
        Some(seconds) => page.with_header("retry-after", seconds.to_string()),
        None => page,
    }
}

/// Text in HTML, also between quotation marks.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_a_page_shows_is_text() {
        let shown = escape("<script>\"a\" & 'b'</script>");
        assert_eq!(
            shown,
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
        );
    }
}
